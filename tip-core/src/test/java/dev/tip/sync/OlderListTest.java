// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FeedReader;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.Usage;
import dev.tip.sync.Fakes.RecordingSink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A list that was made before the last one, as from a cache that has gone back. */
@Timeout(60)
class OlderListTest {
  private static final FeedInfo SNAPSHOT = Samples.feed("list-one").build();
  private static final Instant MADE = Fakes.NOW.minus(Duration.ofHours(5));

  @TempDir Path folder;
  private final RecordingSink sink = new RecordingSink();
  private final List<FetchState> given = new ArrayList<>();
  private Instant now = Fakes.NOW;
  private String accepted = "none";
  private boolean dryRun;

  private FeedReport run(Feed feed) throws InterruptedException {
    synchronized (sink.changes) {
      sink.changes.clear();
    }
    FetchContext context =
        FetchContext.builder(Usage.NON_COMMERCIAL).clock(Clock.fixed(now, ZoneOffset.UTC)).build();
    now = now.plus(Duration.ofHours(1));
    return FeedSync.builder()
        .sink(sink)
        .context(context)
        .state(folder)
        .accept(accepted)
        .dryRun(dryRun)
        .build()
        .run(List.of(feed))
        .feeds()
        .get(0);
  }

  private Feed list(FeedInfo info, int from, int to, String key, String value) {
    List<FeedEntry> entries = new ArrayList<>(Fakes.urls(info, from, to));
    entries.add(new FeedEntry.Declared(key, value));
    return new Feed() {
      @Override
      public FeedInfo info() {
        return info;
      }

      @Override
      public FetchResult fetch(FetchContext context, FetchState last) {
        given.add(last);
        return new FetchResult.Modified(
            FeedReader.of(info, entries.iterator(), () -> {}),
            FetchState.of(Map.of("etag", value)));
      }
    };
  }

  private Feed updated(int from, int to, Instant at) {
    return list(SNAPSHOT, from, to, FeedEntry.Declared.UPDATED, at.toString());
  }

  private static Instant hoursBefore(int hours) {
    return MADE.minus(Duration.ofHours(hours));
  }

  private void isHeld(FeedReport report) {
    assertThat(report.outcome()).as("%s", report).isEqualTo(FeedOutcome.HELD);
    assertThat(report.clause()).contains("older");
    assertThat(report.sinkOperations()).isZero();
    assertThat(sink.changes).isEmpty();
  }

  @Test
  void nothingOfItIsUsedAndTheNextOneIsStoredExactly() throws Exception {
    run(updated(10, 110, MADE));

    FeedReport older = run(updated(0, 100, hoursBefore(1)));

    isHeld(older);
    assertThat(older.failedByReason()).isEqualTo(Map.of("older", 100L));
    assertThat(older.message().orElseThrow())
        .contains(MADE.toString())
        .contains(hoursBefore(1).toString());
    FeedReport next = run(updated(20, 120, MADE.plusSeconds(1)));
    assertThat(next.outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(next.added()).isEqualTo(10);
    assertThat(next.withdrawn()).isEqualTo(10);
    FetchState good = FetchState.of(Map.of("etag", MADE.toString()));
    assertThat(given)
        .as("asks for what is newer than the good one")
        .containsExactly(null, good, good);
  }

  @Test
  void itIsBelievedTheThirdTimeInARow() throws Exception {
    run(updated(10, 110, MADE));
    isHeld(run(updated(0, 100, hoursBefore(3))));
    isHeld(run(updated(0, 100, hoursBefore(3))));
    assertThat(SyncState.of(folder).feeds().get(0).olderLists()).isEqualTo(2);

    FeedReport third = run(updated(0, 100, hoursBefore(2)));

    assertThat(third.outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(third.added()).isEqualTo(10);
    assertThat(third.withdrawn()).isEqualTo(10);
    assertThat(SyncState.of(folder).feeds().get(0).olderLists()).isZero();
    assertThat(run(updated(0, 100, hoursBefore(2))).outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    isHeld(run(updated(0, 100, hoursBefore(3))));
  }

  @Test
  void oneThatIsOlderStillOrAGoodOneInBetweenStartsTheCountAnew() throws Exception {
    run(updated(0, 100, MADE));
    isHeld(run(updated(0, 100, hoursBefore(2))));
    isHeld(run(updated(0, 100, hoursBefore(2))));
    isHeld(run(updated(0, 100, hoursBefore(3))));
    isHeld(run(updated(0, 100, hoursBefore(3))));
    assertThat(run(updated(0, 100, MADE)).outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    isHeld(run(updated(0, 100, hoursBefore(3))));
    isHeld(run(updated(0, 100, hoursBefore(3))));
  }

  @Test
  void itIsBelievedIfItIsAccepted() throws Exception {
    run(updated(10, 110, MADE));
    accepted = "list-one";

    assertThat(run(updated(0, 100, hoursBefore(1))).withdrawn()).isEqualTo(10);
  }

  @Test
  void theWordOfTheServerCountsWhereTheListHasNone() throws Exception {
    run(list(SNAPSHOT, 0, 50, FeedEntry.Declared.MODIFIED, MADE.toString()));

    isHeld(run(list(SNAPSHOT, 0, 60, FeedEntry.Declared.MODIFIED, hoursBefore(1).toString())));
  }

  @Test
  void changesSinceACursorAreNoOlderList() throws Exception {
    FeedInfo changes =
        SNAPSHOT.toBuilder()
            .coverage(FeedInfo.Coverage.INCREMENTAL)
            .timeToLive(Duration.ofDays(10))
            .build();
    run(list(changes, 0, 50, FeedEntry.Declared.UPDATED, MADE.toString()));

    assertThat(
            run(list(changes, 50, 60, FeedEntry.Declared.UPDATED, hoursBefore(1).toString()))
                .outcome())
        .isEqualTo(FeedOutcome.PUBLISHED);
  }

  @Test
  void dryRunSaysItAndCountsNothingTowardsBelief() throws Exception {
    run(updated(0, 100, MADE));
    dryRun = true;
    for (int i = 0; i < 4; i++) {
      isHeld(run(updated(0, 100, hoursBefore(1))));
    }
  }

  @Test
  void stateOfAVersionThatDidNotKnowTheTimeIsReadAsBefore() throws Exception {
    run(updated(0, 100, MADE));
    try (Stream<Path> files = Files.list(folder)) {
      Path settled = files.filter(f -> f.toString().endsWith(".settled")).findFirst().orElseThrow();
      List<String> lines = Files.readAllLines(settled);
      assertThat(lines).anyMatch(line -> line.startsWith("stated="));
      Files.write(settled, lines.stream().filter(line -> !line.startsWith("stated=")).toList());
    }

    FeedReport report = run(updated(0, 100, hoursBefore(1)));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(report.unchanged()).isEqualTo(100);
  }
}
