// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class HuntCommandTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hunt | say which server: --elasticsearch URL",
        "hunt --elasticsearch http://localhost:9 --install | --install goes with --write",
        "hunt --elasticsearch http://localhost:9 --restart | --restart goes with --state",
        "hunt --elasticsearch http://localhost:9 --from yesterday | --from is like now-30d or",
        "hunt --elasticsearch http://localhost:9 --from 9999-01-01T00:00:00Z | not in the past",
        "hunt --elasticsearch http://localhost:9 --from now-0d | --from is like now-30d or",
        "hunt --elasticsearch http://localhost:9 --state /nowhere/at/all | is no folder",
        "hunt --elasticsearch http://localhost:9 --max-findings 0 | are positive",
        "hunt --elasticsearch http://localhost:9 --added soon | a time is a number and s, m, h or d",
        "sync --ndjson - --hunt 30d | --hunt goes with --elasticsearch and --state",
        "sync --elasticsearch http://localhost:9 --hunt 30d | --hunt goes with --elasticsearch and",
        "sync --dry-run --hunt-api-key-env X | --hunt-api-key-env goes with --hunt",
      })
  void whatDoesNotGoTogetherIsSaid(String arguments, String message) {
    StringWriter err = new StringWriter();
    CommandLine line = Tip.commandLine();
    line.setErr(new PrintWriter(err));

    assertThat(line.execute(arguments.strip().split(" "))).as(err.toString()).isEqualTo(Tip.USAGE);

    assertThat(err.toString()).contains(message.strip());
  }
}
