// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.elastic.ElasticsearchAdmin;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Removes what withdrawn indicators left in the index. */
@Command(
    name = "purge",
    description = {
      "Counts what indicators that were withdrawn long ago left in the index, and removes it on"
          + " request. Active indicators are never removed.",
      "Needs a key of its own: docs/elasticsearch.md."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all counted, or removed",
      "2:the command line cannot be used",
      "3:the server cannot be reached or refuses it"
    })
final class PurgeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ServerOptions server = new ServerOptions();

  @Option(
      names = "--older-than",
      paramLabel = "TIME",
      converter = TimeSpan.class,
      description =
          "How long ago they were withdrawn, at least 30d; until then they keep a late run from"
              + " bringing one back. Default: 90d.")
  private Duration olderThan = Duration.ofDays(90);

  @Option(names = "--yes", description = "Remove them; without it they are counted only.")
  private boolean yes;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (ServerConnection connection = server.connect()) {
      ElasticsearchAdmin admin =
          ElasticsearchAdmin.builder(connection.client()).indexBase(server.indexBase()).build();
      out.println(
          yes
              ? admin.purge(olderThan) + " withdrawn indicators removed"
              : admin.purgeable(olderThan) + " withdrawn indicators to remove; --yes removes them");
    }
    out.flush();
    return Tip.OK;
  }
}
