// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.Indicator;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FeedReader;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.Usage;
import dev.tip.sink.Change;
import dev.tip.sink.SinkException;
import dev.tip.sink.StoredIndicator;
import dev.tip.sync.SyncState.FeedState;
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
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is remembered, held against what the sink says. */
@Timeout(60)
class InventoryTest {
  private static final FeedInfo SNAPSHOT = Samples.feed("list-one").build();
  private static final FeedInfo WINDOW =
      SNAPSHOT.toBuilder().coverage(FeedInfo.Coverage.WINDOW).build();

  @TempDir Path folder;
  private Instant now = Fakes.NOW;

  private static Feed list(FeedInfo info, int from, int to) {
    return Fakes.feed(info, Fakes.urls(info, from, to));
  }

  private FeedReport run(TellingSink into, Feed feed) throws InterruptedException {
    into.changes.clear();
    FetchContext context =
        FetchContext.builder(Usage.NON_COMMERCIAL).clock(Clock.fixed(now, ZoneOffset.UTC)).build();
    now = now.plus(Duration.ofHours(1));
    return FeedSync.builder()
        .sink(into)
        .context(context)
        .state(folder)
        .build()
        .run(List.of(feed))
        .feeds()
        .get(0);
  }

  @Test
  void lostStateKeepsTheTimesAtWhichIndicatorsWereFirstStored() throws Exception {
    TellingSink told = new TellingSink();
    Instant first = now;
    run(told, list(SNAPSHOT, 0, 30));
    delete("");

    FeedReport report = run(told, list(SNAPSHOT, 0, 31));

    assertThat(report.added()).isEqualTo(31);
    assertThat(told.changes)
        .filteredOn(c -> ((Change.Upsert) c).cause() == Change.Cause.RESTORED)
        .hasSize(30)
        .allSatisfy(c -> assertThat(((Change.Upsert) c).added()).isEqualTo(first));
    assertThat(run(told, list(SNAPSHOT, 0, 31)).sinkOperations()).isZero();
  }

  @Test
  void whatSomebodyDeletedInTheSinkIsStoredAgainByTheNextRun() throws Exception {
    TellingSink told = new TellingSink();
    Instant first = now;
    run(told, list(SNAPSHOT, 0, 30));
    List<String> deleted = List.copyOf(told.held.keySet()).subList(3, 8);
    told.held.keySet().removeAll(deleted);

    FeedReport report = run(told, list(SNAPSHOT, 0, 30));

    assertThat(report.message())
        .hasValueSatisfying(
            m -> assertThat(m).contains("holds 25 active indicators where it should 30"));
    assertThat(told.changes.stream().map(Change::id)).containsExactlyInAnyOrderElementsOf(deleted);
    assertThat(told.changes)
        .allSatisfy(c -> assertThat(((Change.Upsert) c).added()).isEqualTo(first));
    assertThat(report.holdings()).hasValueSatisfying(h -> assertThat(h.active()).isEqualTo(30));
    assertThat(run(told, list(SNAPSHOT, 0, 30)).sinkOperations()).isZero();
  }

  @Test
  void olderCopyOfTheStateIsSeenAndWhatWasDoneSinceIsPutRight() throws Exception {
    TellingSink told = new TellingSink();
    Path copy = folder.resolveSibling(folder.getFileName() + "-copy");
    run(told, list(SNAPSHOT, 0, 30));
    copy(folder, copy);
    run(told, list(SNAPSHOT, 10, 40));
    delete("");
    copy(copy, folder);

    FeedReport report = run(told, list(SNAPSHOT, 0, 35));

    assertThat(report.message())
        .hasValueSatisfying(m -> assertThat(m).contains("newer changes than are remembered"));
    assertThat(told.active(SNAPSHOT.id()).orElseThrow().map(StoredIndicator::id))
        .containsExactlyInAnyOrderElementsOf(
            Fakes.urls(SNAPSHOT, 0, 35).stream()
                .map(e -> ((FeedEntry.Accepted) e).indicator().id())
                .toList());
    assertThat(report.withdrawn()).as("stored by the run that is forgotten").isEqualTo(5);
    assertThat(run(told, list(SNAPSHOT, 0, 35)).sinkOperations()).isZero();
  }

  private void delete(String ending) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file :
          files.filter(f -> Files.isRegularFile(f) && f.toString().endsWith(ending)).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  @Test
  void sinkThatDoesNotHoldWhatItTookIsFoundOutAtTheEnd() throws Exception {
    TellingSink forgetful = new TellingSink();
    forgetful.forgets = true;

    FeedReport first = run(forgetful, list(SNAPSHOT, 0, 30));
    FeedReport second = run(forgetful, list(SNAPSHOT, 0, 30));

    assertThat(first.outcome()).isEqualTo(FeedOutcome.INCOMPLETE);
    assertThat(first.message())
        .hasValueSatisfying(
            m -> assertThat(m).contains("holds 29 active indicators where it should 30"));
    assertThat(second.isHealthy()).isTrue();
    assertThat(second.sinkOperations()).isEqualTo(1);
    assertThat(forgetful.held).hasSize(30);
  }

  @Test
  void whatAWindowNoLongerListsStaysAfterALossAndIsNoNews() throws Exception {
    TellingSink told = new TellingSink();
    run(told, list(WINDOW, 0, 30));
    delete("");

    FeedReport second = run(told, list(WINDOW, 20, 40));
    FeedReport third = run(told, list(WINDOW, 20, 40));

    assertThat(second.isHealthy()).isTrue();
    assertThat(second.withdrawn()).as("of a list of the newest only").isZero();
    assertThat(third.message()).isEmpty();
    assertThat(third.sinkOperations()).isZero();
  }

  @Test
  void anotherProgramsDocumentIsNoNewsAfterTheFirstTime() throws Exception {
    TellingSink told = new TellingSink();
    run(told, list(SNAPSHOT, 0, 30));
    told.foreign.add("somebody else's");

    FeedReport second = run(told, list(SNAPSHOT, 0, 30));
    FeedReport third = run(told, list(SNAPSHOT, 0, 30));

    assertThat(second.message())
        .hasValueSatisfying(
            m -> assertThat(m).contains("holds 31 active indicators where it should 30"));
    assertThat(second.sinkOperations()).isZero();
    assertThat(third.message()).isEmpty();
  }

  @Test
  void documentOfNobodyMayBecomeThatOfAListedIndicator() throws Exception {
    TellingSink told = new TellingSink();
    run(told, list(WINDOW, 0, 30));
    delete("");
    run(told, list(WINDOW, 20, 40));

    FeedReport listedAgain = run(told, list(WINDOW, 10, 40));
    FeedReport after = run(told, list(WINDOW, 10, 40));

    assertThat(listedAgain.added()).isEqualTo(10);
    assertThat(listedAgain.isHealthy()).isTrue();
    assertThat(after.message()).isEmpty();
    assertThat(after.sinkOperations()).isZero();
  }

  @Test
  void sinkThatDoesNotSayWhatItHoldsEndsTheFeedBeforeItIsFetched() throws Exception {
    TellingSink told = new TellingSink();
    run(told, list(SNAPSHOT, 0, 30));
    Map<String, byte[]> before = contents();
    told.silence = new SinkException(SinkException.Kind.UNREACHABLE, "no answer", null);
    AtomicInteger fetches = new AtomicInteger();
    Feed counted =
        Fakes.fetching(
            SNAPSHOT,
            () -> {
              fetches.incrementAndGet();
              throw new IOException("not to be asked");
            });

    FeedReport report = run(told, counted);

    assertThat(report.outcome()).isEqualTo(FeedOutcome.SINK_FAILED);
    assertThat(report.message()).contains("no answer");
    assertThat(fetches).hasValue(0);
    assertThat(report.sinkOperations()).isZero();
    assertThat(contents()).usingRecursiveComparison().isEqualTo(before);
    told.silence = null;
    assertThat(run(told, list(SNAPSHOT, 0, 30)).sinkOperations()).isZero();
  }

  private Map<String, byte[]> contents() throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return contents;
  }

  @Test
  void shortListIsNotBelievedBecauseTheStateWasLost() throws Exception {
    TellingSink told = new TellingSink();
    run(told, list(SNAPSHOT, 0, 100));
    delete("");

    FeedReport report = run(told, list(SNAPSHOT, 0, 10));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.HELD);
    assertThat(report.withdrawn()).isZero();
    assertThat(told.holdings(SNAPSHOT.id()).orElseThrow().active()).isEqualTo(100);
    assertThat(run(told, list(SNAPSHOT, 0, 99)).withdrawn()).isEqualTo(1);
  }

  @Test
  void clockThatWasSetBackBesideALostStateMakesNoConflict() throws Exception {
    TellingSink told = new TellingSink();
    run(told, list(SNAPSHOT, 0, 30));
    long before = told.holdings(SNAPSHOT.id()).orElseThrow().generation();
    delete("");
    now = now.minus(Duration.ofDays(300));

    run(told, list(SNAPSHOT, 0, 30));

    assertThat(told.changes).allSatisfy(c -> assertThat(c.generation()).isGreaterThan(before));
  }

  @Test
  void olderStateIsNotPutRightUnlessTheSinkSaysWhatItHas() throws Exception {
    TellingSink told = new TellingSink();
    Path copy = folder.resolveSibling(folder.getFileName() + "-copy");
    run(told, list(SNAPSHOT, 0, 30));
    copy(folder, copy);
    run(told, list(SNAPSHOT, 10, 40));
    delete("");
    copy(copy, folder);
    told.hidesIds = true;

    FeedReport silent = run(told, list(SNAPSHOT, 0, 30));
    told.hidesIds = false;
    FeedReport report = run(told, list(SNAPSHOT, 0, 30));

    assertThat(silent.outcome()).isEqualTo(FeedOutcome.SINK_FAILED);
    assertThat(silent.sinkOperations()).isZero();
    assertThat(report.isHealthy()).isTrue();
    assertThat(told.active(SNAPSHOT.id()).orElseThrow().map(StoredIndicator::id))
        .containsExactlyInAnyOrderElementsOf(
            Fakes.urls(SNAPSHOT, 0, 30).stream()
                .map(e -> ((FeedEntry.Accepted) e).indicator().id())
                .toList());
  }

  @Test
  void sinkThatKeepsTheOldDocumentIsFoundOut() throws Exception {
    TellingSink stubborn = new TellingSink();
    run(stubborn, list(SNAPSHOT, 0, 30));
    stubborn.keepsOld = true;
    List<FeedEntry> changed =
        Fakes.urls(SNAPSHOT, 0, 30).stream()
            .map(e -> ((FeedEntry.Accepted) e))
            .<FeedEntry>map(
                e ->
                    new FeedEntry.Accepted(
                        e.position(),
                        Indicator.builder(e.indicator().observable(), SNAPSHOT)
                            .tag("other")
                            .build()))
            .toList();

    FeedReport report = run(stubborn, Fakes.feed(SNAPSHOT, changed));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.INCOMPLETE);
    assertThat(report.message())
        .hasValueSatisfying(m -> assertThat(m).contains("does not have what it took last"));
  }

  @Test
  void oneChangeThatIsNeverTakenDoesNotBlindTheCheck() throws Exception {
    TellingSink picky = new TellingSink();
    picky.refused = ((FeedEntry.Accepted) Fakes.urls(SNAPSHOT, 3, 4).get(0)).indicator().id();
    run(picky, list(SNAPSHOT, 0, 30));
    List<String> deleted = List.copyOf(picky.held.keySet()).subList(5, 9);
    picky.held.keySet().removeAll(deleted);

    FeedReport report = run(picky, list(SNAPSHOT, 0, 30));

    assertThat(picky.held).hasSize(29);
    assertThat(report.added()).isEqualTo(4);
  }

  @Test
  void wholeListIsAskedForWhereTheSinkLacksSomething() throws Exception {
    TellingSink told = new TellingSink();
    List<@Nullable FetchState> given = new ArrayList<>();
    FetchState state = FetchState.of(Map.of("etag", "x"));
    Feed feed =
        new Feed() {
          @Override
          public FeedInfo info() {
            return SNAPSHOT;
          }

          @Override
          public FetchResult fetch(FetchContext context, @Nullable FetchState last) {
            given.add(last);
            return last != null
                ? new FetchResult.NotModified(state)
                : new FetchResult.Modified(
                    FeedReader.of(SNAPSHOT, Fakes.urls(SNAPSHOT, 0, 9).iterator(), () -> {}),
                    state);
          }
        };
    run(told, feed);
    run(told, feed);
    told.held.remove(told.held.keySet().iterator().next());

    run(told, feed);
    run(told, feed);

    assertThat(given).containsExactly(null, state, null, state);
    assertThat(told.held).hasSize(9);
  }

  private Verification verified(TellingSink sink, String... others) throws Exception {
    List<Verification> all = SyncState.of(folder).verify(sink, List.of(others));
    assertThat(all).hasSize(1);
    return all.get(0);
  }

  @Test
  void verifyingComparesWithoutChangingAnything() throws Exception {
    TellingSink told = new TellingSink();
    run(told, list(SNAPSHOT, 0, 30));
    Map<String, byte[]> before = contents();

    Verification good = verified(told, SNAPSHOT.id(), "list-that-nobody-has");
    told.held.keySet().removeAll(List.copyOf(told.held.keySet()).subList(3, 8));
    Verification bad = verified(told);

    assertThat(good.difference()).isNull();
    assertThat(good.state().indicators()).isEqualTo(30);
    assertThat(good.holdings()).isNotNull();
    assertThat(bad.difference())
        .isEqualTo("the sink holds 25 active indicators where it should 30");
    assertThat(contents()).usingRecursiveComparison().isEqualTo(before);
    assertThat(told.changes).hasSize(30);
  }

  @Test
  void verifyingKnowsAnOlderCopyAndALostStateAndADamagedOne() throws Exception {
    TellingSink told = new TellingSink();
    run(told, list(SNAPSHOT, 0, 30));
    Path copy = folder.resolveSibling(folder.getFileName() + "-copy");
    copy(folder, copy);
    run(told, list(SNAPSHOT, 10, 40));
    delete("");
    copy(copy, folder);
    Verification older = verified(told);
    delete("");
    Verification lost = verified(told, SNAPSHOT.id());
    FeedState of = lost.state();
    Files.writeString(folder.resolve(of.feedId() + '-' + of.sink() + ".ledger"), "no ledger");
    Verification damaged = verified(told);

    assertThat(older.difference()).isEqualTo("the sink has newer changes than are remembered");
    assertThat(lost.difference())
        .isEqualTo("the sink holds 30 active indicators of which nothing is remembered");
    assertThat(damaged.difference()).startsWith("what is remembered cannot be read: ");
  }

  @Test
  void verifyingAllowsForWhatIsOpenAndForDocumentsOfNobody() throws Exception {
    TellingSink told = new TellingSink();
    told.refused = ((FeedEntry.Accepted) Fakes.urls(SNAPSHOT, 3, 4).get(0)).indicator().id();
    run(told, list(SNAPSHOT, 0, 30));
    assertThat(verified(told).difference()).isNull();
    told.refused = "";
    run(told, list(SNAPSHOT, 0, 30));
    told.foreign.add("somebody else's");
    assertThat(verified(told).difference()).contains("holds 31 active indicators");
    run(told, list(SNAPSHOT, 0, 30));

    assertThat(verified(told).difference()).isNull();
  }

  @Test
  void verifyingLooksAgainIfARunWroteMeanwhile() throws Exception {
    TellingSink told = new TellingSink();
    run(told, list(SNAPSHOT, 0, 30));
    told.beforeHoldings =
        () -> {
          told.beforeHoldings = () -> {};
          run(told, list(SNAPSHOT, 10, 50));
        };

    Verification after = verified(told);

    assertThat(after.difference()).isNull();
    assertThat(after.state().indicators()).isEqualTo(40);
  }

  @Test
  void sinkThatDoesNotAnswerIsAskedOnceARunAndTheOthersSayWhy() throws Exception {
    TellingSink told = new TellingSink();
    told.silence = new SinkException(SinkException.Kind.UNREACHABLE, "no answer", null);
    AtomicInteger questions = new AtomicInteger();
    told.beforeHoldings = questions::incrementAndGet;
    FeedInfo other = Samples.feed("list-two").build();
    FeedSync sync = FeedSync.builder().sink(told).context(Fakes.CONTEXT).state(folder).build();

    List<FeedReport> silent = sync.run(List.of(list(SNAPSHOT, 0, 9), list(other, 0, 9))).feeds();
    told.silence = null;
    List<FeedReport> later = sync.run(List.of(list(SNAPSHOT, 0, 9), list(other, 0, 9))).feeds();

    assertThat(silent)
        .allSatisfy(r -> assertThat(r.outcome()).isEqualTo(FeedOutcome.SINK_FAILED))
        .allSatisfy(r -> assertThat(r.message().orElseThrow()).contains("no answer"));
    assertThat(silent.get(1).message().orElseThrow()).contains("for another feed of this run");
    assertThat(questions).as("one, and two for each feed").hasValue(5);
    assertThat(later).allSatisfy(r -> assertThat(r.added()).isEqualTo(9));
  }
}
