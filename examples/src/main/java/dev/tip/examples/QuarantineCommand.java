// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.Feeds;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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
  private static final String RECORDS = ".records.ndjson";
  private static final String CHANGES = ".changes.ndjson";

  /** Behind the id of the feed: a hyphen and what stands for the sink. */
  private static final int SINK_LENGTH = 17;

  @Spec private CommandSpec spec;

  @Mixin private StateFolder state = new StateFolder();

  @Mixin private FeedChoice feeds = new FeedChoice();

  /**
   * What is in a file.
   *
   * @param sink what stands for the sink that did not take it, or a hyphen for records
   */
  private record Letters(Path file, String feed, String sink) {
    static Optional<Letters> of(Path file) {
      String name = file.getFileName().toString();
      if (name.endsWith(RECORDS)) {
        String feed = name.substring(0, name.length() - RECORDS.length());
        return Optional.of(new Letters(file, feed, "-"));
      }
      int end = name.length() - CHANGES.length() - SINK_LENGTH;
      return name.endsWith(CHANGES) && end > 0
          ? Optional.of(
              new Letters(
                  file,
                  name.substring(0, end),
                  name.substring(end + 1, name.length() - CHANGES.length())))
          : Optional.empty();
    }
  }

  @Override
  public Integer call() throws IOException {
    List<Letters> found = letters();
    Set<String> known = new HashSet<>(Feeds.installed(FeedSettings.defaults()).keySet());
    // A feed that was taken out may have left letters.
    found.forEach(letters -> known.add(letters.feed));
    feeds.check(known);
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("FEED", "SINK", "REASON", "WHERE", "WHAT"));
    for (Letters letters : found) {
      if (feeds.includes(letters.feed)) {
        add(letters, rows);
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

  private List<Letters> letters() throws IOException {
    Path folder = state.path().resolve("quarantine");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().map(Letters::of).flatMap(Optional::stream).toList();
    }
  }

  private static void add(Letters letters, List<List<String>> rows) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(letters.file);
    } catch (NoSuchFileException e) {
      // A run found nothing wrong meanwhile.
      return;
    }
    for (String line : lines) {
      JsonNode letter = TextTable.JSON.readTree(line);
      boolean isRecord = letter.has("position");
      String what = letter.path(isRecord ? "text" : "value").asText();
      rows.add(
          List.of(
              TextTable.shown(letters.feed),
              TextTable.shown(letters.sink),
              TextTable.shown(letter.path("reason").asText()),
              isRecord ? "record " + letter.path("position") : letter.path("id").asText(),
              letter.has("count")
                  ? letter.path("count") + " more"
                  : TextTable.JSON.writeValueAsString(what)));
    }
  }
}
