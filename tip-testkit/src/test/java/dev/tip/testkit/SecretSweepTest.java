// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything that a process with failing feeds writes, with all logging on, has no secret in it.
 */
@Timeout(180)
class SecretSweepTest {
  @TempDir Path folder;

  @Test
  void noFailureShowsTheSecret() throws Exception {
    Path output = folder.resolve("output.txt");
    Process sweep =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=trace",
                "-cp",
                System.getProperty("java.class.path"),
                SecretSweep.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(sweep.waitFor(150, TimeUnit.SECONDS)).isTrue();
    } finally {
      sweep.destroyForcibly();
    }
    String text = Files.readString(output, StandardCharsets.UTF_8);

    for (String shown :
        List.of(SecretSweep.END, "DEBUG dev.tip.feed.HttpFeed", "\"outcome\"", "FeedException")) {
      assertThat(text.contains(shown)).as(() -> shown + " in " + output).isTrue();
    }
    String folded = text.toLowerCase(Locale.ROOT);
    for (String form : SecretSweep.FORMS) {
      int at = folded.indexOf(form.toLowerCase(Locale.ROOT));
      assertThat(at)
          .as(() -> "shown as " + text.substring(Math.max(0, at - 200), at) + "<here>")
          .isNegative();
    }
    assertThat(sweep.exitValue()).isZero();
  }
}
