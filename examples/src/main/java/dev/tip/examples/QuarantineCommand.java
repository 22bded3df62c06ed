// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows what could not be used of the lists, and what was not stored. */
@Command(
    name = "quarantine",
    description = {
      "Shows records that could not be used and changes that were not stored.",
      "Every run tries again to store the changes."
    },
    mixinStandardHelpOptions = true)
final class QuarantineCommand implements Callable<Integer> {
  private static final String ENDING = ".ndjson";

  @Spec private CommandSpec spec;

  @Mixin private StateFolder state = new StateFolder();

  @Option(
      names = "--feeds",
      split = ",",
      paramLabel = "ID",
      description = "Feeds to show. Default: all.")
  private List<String> feeds = List.of();

  @Override
  public Integer call() throws IOException {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("FEED", "REASON", "WHERE", "WHAT"));
    Path folder = state.path().resolve("quarantine");
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.sorted().toList()) {
          add(file, rows);
        }
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    if (rows.size() == 1) {
      out.println("nothing: every record was used, and every change was stored");
    } else {
      out.print(TextTable.of(rows));
      out.println(
          "Every run tries again to store the changes, also while the feed is as it was; records"
              + " wait for the publisher to mend them.");
    }
    out.flush();
    return Tip.OK;
  }

  private void add(Path file, List<List<String>> rows) throws IOException {
    String name = file.getFileName().toString();
    String feed = name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : "";
    if (feed.isEmpty() || !feeds.isEmpty() && !feeds.contains(feed)) {
      return;
    }
    for (String line : Files.readAllLines(file)) {
      JsonNode letter = TextTable.JSON.readTree(line);
      boolean isRecord = letter.has("position");
      String what = letter.path(isRecord ? "text" : "value").asText();
      rows.add(
          List.of(
              feed,
              letter.path("reason").asText(),
              isRecord ? "record " + letter.path("position") : letter.path("id").asText(),
              letter.has("count")
                  ? letter.path("count") + " more"
                  : TextTable.JSON.writeValueAsString(what)));
    }
  }
}
