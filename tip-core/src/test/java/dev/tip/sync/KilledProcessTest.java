// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.ecs.JsonText;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.feed.Usage;
import dev.tip.sink.NdjsonSink;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes, killed while they sync: the next run makes the file say what it says beside it,
 * where nobody was killed.
 */
class KilledProcessTest {
  private static final FeedInfo INFO = Samples.feed("list-one").build();
  private static final int KILLS = Integer.getInteger("tip.kills", 12);

  /** What a child says when it gets there: nothing read, the list read, changes written. */
  private static final List<String> POINTS = List.of("begun", "read", "settled");

  @TempDir Path folder;

  /** A list of most of some numbers, another for every seed. */
  private static List<FeedEntry> list(long seed) {
    Random random = new Random(seed);
    List<FeedEntry> entries = new ArrayList<>();
    for (int number = 0; number < 3000; number++) {
      if (random.nextInt(4) > 0) {
        entries.add(
            new FeedEntry.Accepted(
                number + 1,
                Samples.builder(INFO, number).tag("version-" + random.nextInt(2)).build()));
      }
    }
    return entries;
  }

  /** Syncs a list into a file, an hour later for every seed. */
  private static FeedReport sync(Path folder, long seed, SyncListener listener) throws Exception {
    Clock clock = Clock.fixed(Fakes.NOW.plus(Duration.ofHours(seed)), ZoneOffset.UTC);
    try (NdjsonSink sink = NdjsonSink.builder(folder.resolve("out.ndjson")).build()) {
      return FeedSync.builder()
          .sink(sink)
          .context(FetchContext.builder(Usage.NON_COMMERCIAL).clock(clock).build())
          .state(folder.resolve("state"))
          .listener(listener)
          .build()
          .run(List.of(Fakes.feed(INFO, list(seed))))
          .feeds()
          .get(0);
    }
  }

  /** Syncs; says how far it is. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws Exception {
      System.out.println("begun");
      FeedReport report =
          sync(
              Path.of(args[0]),
              Long.parseLong(args[1]),
              new SyncListener() {
                @Override
                public void progress(String feedId, long records) {
                  System.out.println("read");
                }

                @Override
                public void settled(String feedId, long changes) {
                  System.out.println("settled");
                }
              });
      System.out.println(report);
    }
  }

  private static Process start(Path folder, long seed) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            Child.class.getName(),
            folder.toString(),
            Long.toString(seed))
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Kills a process a little after it has come to a point; returns the last that it said. */
  private static String kill(Process child, String point, int millis) throws Exception {
    try (BufferedReader said = child.inputReader(StandardCharsets.UTF_8)) {
      String line = said.readLine();
      while (line != null && !line.equals(point)) {
        line = said.readLine();
      }
      assertThat(line).isEqualTo(point);
      child.waitFor(millis, TimeUnit.MILLISECONDS);
      // Not the process itself, which would throw away what is still to be read.
      child.toHandle().destroyForcibly();
      String last = said.lines().reduce(point, (before, next) -> next);
      child.waitFor();
      return last;
    }
  }

  /** What a file says, read on from where it was read to. */
  private static final class Told {
    private final Path file;
    private final Map<String, Map<String, Object>> documents = new TreeMap<>();
    private long to;

    Told(Path folder) {
      this.file = folder.resolve("out.ndjson");
    }

    /** Returns all documents by id, without the numbers of the runs that wrote them. */
    Map<String, Map<String, Object>> documents() throws Exception {
      try (BufferedReader lines = Files.newBufferedReader(file)) {
        lines.skip(to);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          // The documents are ASCII, and lines end with one byte.
          to += line.length() + 1;
          Map<String, Object> document = JsonText.flat(line.getBytes(StandardCharsets.UTF_8));
          assertThat(document.remove("tip.generation")).isNotNull();
          documents.put(String.valueOf(document.get("tip.indicator.id")), document);
        }
      }
      return documents;
    }
  }

  @Test
  void whateverIsLeftTheNextRunMakesTheFileThatOfAnUndisturbedOne() throws Exception {
    Path disturbed = Files.createDirectory(folder.resolve("disturbed"));
    Path quiet = Files.createDirectory(folder.resolve("quiet"));
    Told told = new Told(disturbed);
    Told expected = new Told(quiet);
    Random random = new Random(20261124);
    Map<String, Integer> ends = new TreeMap<>();
    for (int seed = 0; seed < KILLS; seed++) {
      String point = POINTS.get(random.nextInt(POINTS.size()));
      String last = kill(start(disturbed, seed), point, random.nextInt(120));
      ends.merge(POINTS.contains(last) ? last : "ended", 1, Integer::sum);

      for (Path next : List.of(disturbed, quiet)) {
        FeedReport report = sync(next, seed, new SyncListener() {});
        assertThat(report.outcome()).as("%s", report).isEqualTo(FeedOutcome.PUBLISHED);
      }
      assertThat(told.documents()).as("after kill %s", seed).isEqualTo(expected.documents());
      assertThat(active(expected)).hasSameElementsAs(ids(list(seed)));
    }
    assertThat(ends).as("where the processes were").hasSizeGreaterThan(1);
    System.out.println("processes killed with a file, by the last that they said: " + ends);
  }

  private static List<String> active(Told told) {
    return told.documents.values().stream()
        .filter(document -> "active".equals(document.get("tip.status")))
        .map(document -> String.valueOf(document.get("tip.indicator.id")))
        .toList();
  }

  private static List<String> ids(List<FeedEntry> list) {
    return list.stream().map(entry -> ((FeedEntry.Accepted) entry).indicator().id()).toList();
  }
}
