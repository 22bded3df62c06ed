// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows what could not be used of the lists, and what was not stored. */
@Command(
    name = "quarantine",
    description = "Shows records that could not be used and changes that were not stored.",
    mixinStandardHelpOptions = true)
final class QuarantineCommand implements Callable<Integer> {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
  private static final String ENDING = ".ndjson";

  @Spec private CommandSpec spec;

  @Option(
      names = "--state",
      required = true,
      paramLabel = "DIR",
      description = "Folder that sync remembers in.")
  private Path state;

  @Option(
      names = "--feeds",
      split = ",",
      paramLabel = "ID",
      description = "Feeds to show. Default: all.")
  private List<String> feeds = List.of();

  @Override
  public Integer call() throws IOException {
    if (!Files.isDirectory(state)) {
      throw new ParameterException(spec.commandLine(), "--state: " + state + " is no folder");
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("FEED", "REASON", "WHERE", "WHAT"));
    Path folder = state.resolve("quarantine");
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
      JsonNode letter = JSON.readTree(line);
      boolean isRecord = letter.has("position");
      String what = letter.path(isRecord ? "text" : "value").asText();
      rows.add(
          List.of(
              feed,
              letter.path("reason").asText(),
              isRecord ? "record " + letter.path("position") : letter.path("id").asText(),
              letter.has("count")
                  ? letter.path("count") + " more"
                  // As JSON: what a publisher wrote must not drive a terminal.
                  : JSON.writeValueAsString(what)));
    }
  }
}
