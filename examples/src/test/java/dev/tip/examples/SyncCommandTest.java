// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SyncCommandTest {
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  private int tip(String... args) {
    CommandLine line = Tip.commandLine();
    line.setOut(new PrintWriter(new StringWriter()));
    line.setErr(new PrintWriter(err));
    return line.execute(args);
  }

  @Test
  void syncWithoutTargetIsAUsageError() {
    assertThat(tip("sync")).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("--ndjson");
  }

  @Test
  void twoTargetsAreAUsageError() {
    assertThat(tip("sync", "--dry-run", "--ndjson", "-")).isEqualTo(Tip.USAGE);
  }

  @Test
  void missingMirrorIsExplainedWithoutStackTrace() {
    assertThat(tip("sync", "--dry-run", "--mirror", folder.toString()))
        .isEqualTo(Tip.NOTHING_STORED);
    assertThat(err.toString()).contains("mirror.tsv").doesNotContain("\tat ");
  }

  @Test
  void optionsThatDoNotGoTogetherAreUsageErrors() {
    assertThat(tip("sync", "--dry-run", "--keep")).isEqualTo(Tip.USAGE);
    assertThat(tip("sync", "--dry-run", "--install")).isEqualTo(Tip.USAGE);
    assertThat(tip("sync", "--embedded", "--api-key-env", "KEY")).isEqualTo(Tip.USAGE);
  }

  @Test
  void serverThatIsNotThereIsExplained() {
    assertThat(tip("sync", "--elasticsearch", "http://127.0.0.1:1", "--feeds", "spamhaus-*"))
        .isEqualTo(Tip.NOTHING_STORED);
    assertThat(err.toString()).contains("cannot be reached").doesNotContain("\tat ");
  }

  @Test
  void missingServerZipIsAUsageErrorThatSaysWhatToDo() {
    assertThat(tip("sync", "--embedded", "--feeds", "spamhaus-*")).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("./tip");
  }
}
