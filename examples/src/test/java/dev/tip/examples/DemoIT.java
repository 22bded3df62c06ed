// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The first command of the README, on a real server. */
class DemoIT {
  @TempDir Path folder;

  @Test
  void everyPlantedEventIsFoundAndNoNearMissIs() throws Exception {
    Path rules = folder.resolve("rules");
    StringWriter out = new StringWriter();
    CommandLine line = Tip.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(new StringWriter()));

    int code = line.execute("demo", "--rules", rules.toString());

    assertThat(code).as(out.toString()).isEqualTo(Tip.OK);
    assertThat(out.toString())
        .contains("hash_auditbeat_high", "cidr_packets_medium", "near-misses", "time:")
        .containsPattern("srv-web-3: destination.ip 198.51.100.88, listed today by ")
        .contains("knocked at a web server of ours three weeks ago")
        .doesNotContain("FAILED");
    assertThat(Files.readAllLines(rules.resolve(RulesCommand.IMPORT))).isNotEmpty();
  }
}
