// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.Usage;
import dev.tip.screen.Screen;
import dev.tip.sink.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the sink holds of a feed that does not list everything, and a lost state knew. */
@Timeout(60)
class OrphansTest {
  private static final FeedInfo WINDOW =
      Samples.feed("list-one")
          .coverage(FeedInfo.Coverage.WINDOW)
          .timeToLive(Duration.ofDays(10))
          .build();
  private static final FeedInfo INCREMENTAL =
      WINDOW.toBuilder().coverage(FeedInfo.Coverage.INCREMENTAL).timeToLive(null).build();

  @TempDir Path folder;
  private final TellingSink sink = new TellingSink();
  private Screen screen = Screen.none();
  private Instant now = Fakes.NOW;

  private FeedReport run(Feed feed) throws InterruptedException {
    sink.changes.clear();
    return FeedSync.builder()
        .sink(sink)
        .screen(screen)
        .context(
            FetchContext.builder(Usage.NON_COMMERCIAL)
                .clock(Clock.fixed(now, ZoneOffset.UTC))
                .build())
        .state(folder)
        .build()
        .run(List.of(feed))
        .feeds()
        .get(0);
  }

  private static Feed list(FeedInfo info, int from, int to) {
    return Fakes.feed(info, Fakes.urls(info, from, to));
  }

  private static Feed unchanged() {
    return Fakes.fetching(
        WINDOW, () -> new FetchResult.NotModified(FetchState.of(Map.of("a", "b"))));
  }

  private static Feed down(FeedInfo info) {
    return Fakes.fetching(
        info,
        () -> {
          throw FeedException.of(info.id(), FeedOutcome.UNREACHABLE, "no route", null);
        });
  }

  private static Set<String> ids(FeedInfo info, int from, int to) {
    return Fakes.urls(info, from, to).stream()
        .map(e -> ((FeedEntry.Accepted) e).indicator().id())
        .collect(Collectors.toSet());
  }

  private void passDays(int days) {
    now = now.plus(Duration.ofDays(days));
  }

  private void loseState() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
  }

  private List<Change.Reason> reasons() {
    return sink.changes.stream()
        .filter(Change.Withdraw.class::isInstance)
        .map(change -> ((Change.Withdraw) change).reason())
        .toList();
  }

  /** Thirty are stored, the state is lost a day later, and the list has the last ten. */
  private void loseThirtyAndHearOfTen(FeedInfo info) throws Exception {
    run(list(info, 0, 30));
    loseState();
    passDays(1);
    assertThat(run(list(info, 20, 30)).withdrawn()).isZero();
    assertThat(sink.activeIds(info.id())).isEqualTo(ids(info, 0, 30));
  }

  @Test
  void endWhenTheirTimeToLiveSinceTheyWereWrittenIsOverAlsoWhileTheFeedIsDown() throws Exception {
    loseThirtyAndHearOfTen(WINDOW);
    passDays(8);
    assertThat(run(unchanged()).expired()).isZero();
    passDays(1);

    FeedReport report = run(down(WINDOW));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
    assertThat(report.expired()).isEqualTo(20);
    assertThat(reasons()).containsOnly(Change.Reason.EXPIRED);
    assertThat(sink.activeIds("list-one")).isEqualTo(ids(WINDOW, 20, 30));
    assertThat(run(unchanged()).sinkOperations()).isZero();
    assertThat(run(unchanged()).message()).isEmpty();
  }

  @Test
  void endThirtyDaysAfterTheyWereWrittenIfThereIsNoTimeToLive() throws Exception {
    loseThirtyAndHearOfTen(INCREMENTAL);
    passDays(28);
    assertThat(run(list(INCREMENTAL, 20, 30)).expired()).isZero();
    passDays(1);

    assertThat(run(list(INCREMENTAL, 20, 30)).expired()).isEqualTo(20);
    assertThat(sink.activeIds("list-one")).isEqualTo(ids(INCREMENTAL, 20, 30));
  }

  @Test
  void endWhenTheFeedTakesThemBackOrTheScreenRefusesThem() throws Exception {
    loseThirtyAndHearOfTen(INCREMENTAL);
    screen = indicator -> ids(INCREMENTAL, 5, 7).contains(indicator.id()) ? "benign" : null;
    List<FeedEntry> news = new ArrayList<>(Fakes.urls(INCREMENTAL, 5, 8));
    for (int i = 10; i < 14; i++) {
      news.add(
          new FeedEntry.Revoked(
              100 + i, Samples.builder(INCREMENTAL, i).build().observable(), "x"));
    }

    FeedReport report = run(Fakes.feed(INCREMENTAL, news));

    assertThat(report.isHealthy()).isTrue();
    assertThat(report.withdrawn()).isEqualTo(6);
    assertThat(reasons())
        .containsOnly(Change.Reason.REVOKED, Change.Reason.SCREENED)
        .filteredOn(Change.Reason.REVOKED::equals)
        .hasSize(4);
    Set<String> left = ids(INCREMENTAL, 0, 30);
    left.removeAll(ids(INCREMENTAL, 5, 7));
    left.removeAll(ids(INCREMENTAL, 10, 14));
    assertThat(sink.activeIds("list-one")).isEqualTo(left);
  }

  @Test
  void thatAreListedAgainAreKnownAgainWithTheirFirstDates() throws Exception {
    Instant first = now;
    loseThirtyAndHearOfTen(WINDOW);

    FeedReport report = run(list(WINDOW, 10, 30));

    assertThat(report.added()).isEqualTo(10);
    assertThat(sink.changes)
        .allSatisfy(c -> assertThat(((Change.Upsert) c).cause()).isEqualTo(Change.Cause.RESTORED))
        .allSatisfy(c -> assertThat(((Change.Upsert) c).added()).isEqualTo(first));
    passDays(9);
    assertThat(run(down(WINDOW)).expired()).as("those that nobody listed again").isEqualTo(10);
  }

  @Test
  void whoseWithdrawalIsNotTakenEndWithTheNextRun() throws Exception {
    loseThirtyAndHearOfTen(WINDOW);
    passDays(10);
    sink.refused = ids(WINDOW, 3, 4).iterator().next();
    run(unchanged());
    assertThat(sink.activeIds("list-one")).hasSize(11);
    sink.refused = "";

    FeedReport report = run(down(WINDOW));

    assertThat(report.expired()).isEqualTo(1);
    assertThat(sink.activeIds("list-one")).hasSize(10);
  }

  @Test
  void ofASinkThatCannotTellWhenItWroteEndOnlyIfTheyAreEnded() throws Exception {
    sink.foreign.addAll(ids(WINDOW, 0, 3));
    run(list(WINDOW, 20, 30));
    passDays(100);

    FeedReport report = run(list(WINDOW, 20, 30));

    assertThat(report.expired() + report.withdrawn()).isZero();
  }
}
