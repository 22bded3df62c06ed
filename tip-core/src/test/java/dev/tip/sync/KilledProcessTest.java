// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.ecs.JsonText;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedInfo;
import dev.tip.sink.NdjsonSink;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, killed while they sync: what the next ones make of what is left on the disk. */
class KilledProcessTest {
  private static final FeedInfo INFO = Samples.feed("list-one").build();
  private static final int KILLS = 12;

  @TempDir Path folder;

  /** A list of most of some numbers, another for every seed. */
  private static List<FeedEntry> list(long seed) {
    Random random = new Random(seed);
    List<FeedEntry> entries = new ArrayList<>();
    for (int number = 0; number < 6000; number++) {
      if (random.nextInt(4) > 0) {
        entries.add(
            new FeedEntry.Accepted(
                number + 1,
                Samples.builder(INFO, number).tag("version-" + random.nextInt(2)).build()));
      }
    }
    return entries;
  }

  /** Syncs a list into a file; prints when it begins to, and how it ended. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws Exception {
      Path folder = Path.of(args[0]);
      try (NdjsonSink sink = NdjsonSink.builder(folder.resolve("out.ndjson")).build()) {
        FeedSync sync =
            FeedSync.builder()
                .sink(sink)
                .context(Fakes.CONTEXT)
                .state(folder.resolve("state"))
                .build();
        System.out.println("begun");
        SyncReport report = sync.run(List.of(Fakes.feed(INFO, list(Long.parseLong(args[1])))));
        System.out.println(report.feeds().get(0));
      }
    }
  }

  private Process start(long seed) throws Exception {
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

  @Test
  @Timeout(180)
  void whateverIsLeftTheNextRunMakesTheTargetRight() throws Exception {
    Random random = new Random(20261124);
    for (int seed = 0; seed < KILLS; seed++) {
      Process child = start(seed);
      try (var said = child.inputReader(StandardCharsets.UTF_8)) {
        assertThat(said.readLine()).isEqualTo("begun");
        child.waitFor(random.nextInt(350), TimeUnit.MILLISECONDS);
        child.destroyForcibly().waitFor();
      }
    }

    Process last = start(KILLS);
    String said = new String(last.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(last.waitFor()).isZero();
    assertThat(said).contains("PUBLISHED");
    Map<String, Boolean> active = new TreeMap<>();
    for (String line : Files.readAllLines(folder.resolve("out.ndjson"))) {
      Map<String, Object> document = JsonText.flat(line.getBytes(StandardCharsets.UTF_8));
      active.put(
          String.valueOf(document.get("tip.indicator.id")),
          "active".equals(document.get("tip.status")));
    }
    active.values().removeIf(isActive -> !isActive);
    Set<String> listed = new HashSet<>();
    for (FeedEntry entry : list(KILLS)) {
      listed.add(((FeedEntry.Accepted) entry).indicator().id());
    }
    assertThat(active.keySet()).isEqualTo(listed);
  }
}
