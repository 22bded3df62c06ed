// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.InstanceOfAssertFactories.THROWABLE;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tip.SmallDisk;
import dev.tip.feed.ContentContract;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FeedReader;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.Transfer;
import dev.tip.sink.Change;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.SinkException;
import dev.tip.sink.SinkInfo;
import dev.tip.sink.WriteResult;
import dev.tip.sink.WriteResult.Outcome;
import dev.tip.sink.WriteResult.Status;
import dev.tip.sync.Fakes.RecordingSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FeedSyncTest {
  private static final FeedInfo INFO = Samples.feed("list-one").build();
  private static final FeedInfo OTHER = Samples.feed("list-two").build();

  @TempDir Path folder;

  @AfterEach
  void nothingIsLeftBehind() {
    assertThat(folder).isEmptyDirectory();
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void everyIndicatorIsWrittenOnceAndInOrder() throws Exception {
    RecordingSink sink = new RecordingSink();
    List<FeedEntry> entries = new ArrayList<>(Fakes.urls(INFO, 0, 5000));
    entries.addAll(Fakes.urls(INFO, 4000, 5000));

    FeedReport report = runOne(sink, Fakes.feed(INFO, entries));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(report.indicators()).isEqualTo(6000);
    assertThat(report.repeated()).isEqualTo(1000);
    assertThat(report.kept()).isEqualTo(5000);
    assertThat(report.added()).isEqualTo(5000);
    assertThat(report.sinkOperations()).isEqualTo(5000);
    assertThat(sink.changes).extracting(Change::id).doesNotHaveDuplicates().hasSize(5000);
    assertThat(sink.changes)
        .allSatisfy(
            change -> {
              assertThat(change.generation()).isEqualTo(Fakes.NOW.toEpochMilli());
              assertThat(((Change.Upsert) change).cause()).isEqualTo(Change.Cause.NEW);
              assertThat(((Change.Upsert) change).added()).isEqualTo(Fakes.NOW);
              assertThat(((Change.Upsert) change).at()).isEqualTo(Fakes.NOW);
            });
  }

  @Test
  void nothingOfABrokenListReachesTheSink() throws Exception {
    RecordingSink sink = new RecordingSink();
    Feed feed =
        Fakes.breaking(
            INFO,
            Fakes.urls(INFO, 0, 3000),
            FeedException.contractBroken("list-one", "marker", "no marker", null));

    FeedReport report = runOne(sink, feed);

    assertThat(report.outcome()).isEqualTo(FeedOutcome.CONTRACT_BROKEN);
    assertThat(report.clause()).contains("marker");
    assertThat(report.message()).hasValueSatisfying(m -> assertThat(m).contains("no marker"));
    assertThat(report.failedByReason()).isEqualTo(Map.of("contract-broken", 3000L));
    assertThat(sink.changes).isEmpty();
  }

  @Test
  void declaredCountThatIsNotReachedBreaksTheContract() throws Exception {
    RecordingSink sink = new RecordingSink();
    List<FeedEntry> entries = new ArrayList<>(Fakes.urls(INFO, 0, 10));
    entries.add(new FeedEntry.Declared(FeedEntry.Declared.RECORDS, "11"));

    FeedReport report = runOne(sink, Fakes.feed(INFO, entries));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.CONTRACT_BROKEN);
    assertThat(report.clause()).contains("declared-count");
    assertThat(sink.changes).isEmpty();
  }

  @Test
  void oneFeedThatFailsDoesNotStopTheOthers() throws Exception {
    RecordingSink sink = new RecordingSink();
    Feed unreachable =
        Fakes.fetching(
            INFO,
            () -> {
              throw FeedException.of("list-one", FeedOutcome.UNREACHABLE, "no answer", null);
            });
    Feed buggy =
        Fakes.fetching(
            Samples.feed("list-bug").build(),
            () -> {
              throw new IllegalStateException("bug");
            });

    SyncReport report =
        sync(sink)
            .build()
            .run(List.of(unreachable, buggy, Fakes.feed(OTHER, Fakes.urls(OTHER, 0, 5))));

    assertThat(report.feeds())
        .extracting(FeedReport::outcome)
        .containsExactly(FeedOutcome.UNREACHABLE, FeedOutcome.INCOMPLETE, FeedOutcome.PUBLISHED);
    assertThat(report.anyFailed()).isTrue();
    assertThat(report.isHealthy()).isFalse();
    assertThat(report.nothingStored()).isFalse();
    assertThat(sink.changes).hasSize(5);
  }

  @Test
  void fetchThatFallsOverEndsItsFeed() throws Exception {
    IllegalStateException bug = new IllegalStateException("https://feed.example/?key=secret");
    FeedReport report =
        runOne(
            new RecordingSink(),
            Fakes.fetching(
                INFO,
                () -> {
                  throw bug;
                }));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.INCOMPLETE);
    assertThat(report.cause()).containsSame(bug);
    assertThat(report.message())
        .hasValueSatisfying(
            m ->
                assertThat(m)
                    .contains("feed", "java.lang.IllegalStateException")
                    .doesNotContain("secret"));
    assertThat(report.kept()).isZero();
  }

  @Test
  void parserThatFallsOverBreaksTheContract() throws Exception {
    RecordingSink sink = new RecordingSink();
    IllegalStateException bug = new IllegalStateException("bug");
    Iterator<FeedEntry> entries =
        IntStream.range(0, 20)
            .mapToObj(
                i -> {
                  if (i == 10) {
                    throw bug;
                  }
                  return Fakes.accepted(INFO, i);
                })
            .iterator();

    FeedReport report = runOne(sink, Fakes.feed(INFO, entries));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.CONTRACT_BROKEN);
    assertThat(report.clause()).contains("parser");
    assertThat(report.cause()).get(THROWABLE).hasCause(bug);
    assertThat(report.failedByReason()).isEqualTo(Map.of("contract-broken", 10L));
    assertThat(sink.changes).isEmpty();
  }

  @Test
  void screenThatFallsOverEndsTheFeedBeforeAnythingIsWritten() throws Exception {
    RecordingSink sink = new RecordingSink();
    for (RuntimeException bug :
        List.of(
            new IllegalStateException("bug"), new UncheckedIOException(new IOException("disk")))) {
      AtomicInteger checked = new AtomicInteger();

      FeedReport report =
          sync(sink)
              .screen(
                  i -> {
                    if (checked.incrementAndGet() == 8) {
                      throw bug;
                    }
                    return null;
                  })
              .build()
              .run(List.of(Fakes.feed(INFO, Fakes.urls(INFO, 0, 20))))
              .feeds()
              .get(0);

      assertThat(report.outcome()).isEqualTo(FeedOutcome.INCOMPLETE);
      assertThat(report.cause()).containsSame(bug);
      assertThat(report.message()).hasValueSatisfying(m -> assertThat(m).contains("the screen"));
      assertThat(report.indicators()).isEqualTo(8);
      assertThat(report.failedByReason()).isEqualTo(Map.of("screen-error", 8L));
    }
    assertThat(sink.changes).isEmpty();
  }

  @Test
  void sinkThatFallsOverHasFailed() throws Exception {
    IllegalStateException closed = new IllegalStateException("the sink is closed");
    RecordingSink sink =
        new RecordingSink(
            batch -> {
              throw closed;
            });

    FeedReport report = runOne(sink, Fakes.feed(INFO, Fakes.urls(INFO, 0, 10)));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.SINK_FAILED);
    assertThat(report.cause()).containsSame(closed);
    assertThat(report.failedByReason()).isEqualTo(Map.of("sink-error", 10L));
  }

  @Test
  void sinkThatCannotSayWhatItIsHasFailed() throws Exception {
    IndicatorSink sink =
        new IndicatorSink() {
          @Override
          public SinkInfo info() {
            throw new IllegalStateException("bug");
          }

          @Override
          public WriteResult write(List<Change> batch) {
            throw new AssertionError("written");
          }

          @Override
          public void close() {}
        };

    FeedReport report =
        FeedSync.builder()
            .sink(sink)
            .context(Fakes.CONTEXT)
            .temporaryFolder(folder)
            .build()
            .run(List.of(Fakes.feed(INFO, Fakes.urls(INFO, 0, 10))))
            .feeds()
            .get(0);

    assertThat(report.outcome()).isEqualTo(FeedOutcome.SINK_FAILED);
    assertThat(report.indicators()).isZero();
  }

  @Test
  void sinkThatGivesUpUnaskedHasFailed() throws Exception {
    RecordingSink sink =
        new RecordingSink(
            batch -> {
              throw new InterruptedException("a timer of the sink's own");
            });

    FeedReport report = runOne(sink, Fakes.feed(INFO, Fakes.urls(INFO, 0, 10)));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.SINK_FAILED);
    assertThat(report.failedByReason()).isEqualTo(Map.of("sink-error", 10L));
  }

  @Test
  void sinkThatGivesNoResultHasFailed() throws Exception {
    FeedReport report =
        runOne(new RecordingSink(batch -> null), Fakes.feed(INFO, Fakes.urls(INFO, 0, 10)));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.SINK_FAILED);
    assertThat(report.failedByReason()).isEqualTo(Map.of("sink-error", 10L));
  }

  @Test
  void errorOfTheSinkIsThrownOn() {
    RecordingSink sink =
        new RecordingSink(
            batch -> {
              throw new NoClassDefFoundError("gone");
            });

    assertThatExceptionOfType(NoClassDefFoundError.class)
        .isThrownBy(
            () -> sync(sink).build().run(List.of(Fakes.feed(INFO, Fakes.urls(INFO, 0, 5)))));
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      assertThatExceptionOfType(NoClassDefFoundError.class)
          .isThrownBy(
              () ->
                  sync(sink)
                      .executor(executor)
                      .build()
                      .run(List.of(Fakes.feed(INFO, Fakes.urls(INFO, 0, 5)))));
    } finally {
      executor.shutdownNow();
    }
    assertThat(sink.writing).hasValue(0);
  }

  @Test
  void listenerThatFallsOverIsToldNothingMoreAndChangesNothing() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    SyncListener broken =
        new SyncListener() {
          @Override
          public void feedStarted(String feedId) {
            calls.incrementAndGet();
          }

          @Override
          public void settled(String feedId, long changes) {
            calls.incrementAndGet();
            throw new IllegalStateException("bug");
          }

          @Override
          public void feedFinished(FeedReport report) {
            calls.incrementAndGet();
          }
        };
    FeedSync sync = sync(new RecordingSink()).listener(broken).build();
    List<Feed> feeds =
        List.of(
            Fakes.feed(INFO, Fakes.urls(INFO, 0, 5)), Fakes.feed(OTHER, Fakes.urls(OTHER, 0, 5)));

    SyncReport report = sync.run(feeds);

    assertThat(report.isHealthy()).isTrue();
    assertThat(report.feeds()).extracting(FeedReport::added).containsExactly(5L, 5L);
    assertThat(calls).hasValue(2);

    sync.run(
        List.of(Fakes.fetching(INFO, () -> new FetchResult.NotModified(FetchState.of(Map.of())))));
    assertThat(calls).as("the next run tells it again").hasValue(4);
  }

  @Test
  void listenerHearsOfProgressAndOfWhatIsSettled() throws Exception {
    List<Long> progress = new ArrayList<>();
    List<Long> settled = new ArrayList<>();
    SyncListener listener =
        new SyncListener() {
          @Override
          public void progress(String feedId, long records) {
            progress.add(records);
          }

          @Override
          public void settled(String feedId, long changes) {
            settled.add(changes);
          }
        };

    sync(new RecordingSink())
        .listener(listener)
        .build()
        .run(List.of(Fakes.feed(INFO, Fakes.urls(INFO, 0, 10_000))));

    assertThat(progress).isSorted().hasSize(3).endsWith(10_000L);
    assertThat(settled).isSorted().hasSize(5).endsWith(10_000L);
  }

  @Test
  void unchangedFeedWritesNothing() throws Exception {
    RecordingSink sink = new RecordingSink();
    FeedReport report =
        runOne(
            sink, Fakes.fetching(INFO, () -> new FetchResult.NotModified(FetchState.of(Map.of()))));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.UNCHANGED);
    assertThat(report.isHealthy()).isTrue();
    assertThat(sink.changes).isEmpty();
  }

  @Test
  void costOfTheFetchIsReportedAlsoWhenTheListIsBroken() throws Exception {
    Transfer spent = new Transfer(2, 300, 900);
    Feed unchanged =
        Fakes.fetching(INFO, () -> new FetchResult.NotModified(FetchState.of(Map.of()), spent));
    Feed empty =
        Fakes.fetching(
            OTHER,
            () ->
                new FetchResult.Modified(
                    FeedReader.of(OTHER, Collections.emptyIterator(), () -> {}, () -> spent),
                    FetchState.of(Map.of())));

    SyncReport report = sync(new RecordingSink()).build().run(List.of(unchanged, empty));

    assertThat(report.feeds())
        .extracting(FeedReport::outcome)
        .containsExactly(FeedOutcome.UNCHANGED, FeedOutcome.CONTRACT_BROKEN);
    assertThat(report.feeds())
        .allSatisfy(
            feed -> {
              assertThat(feed.requests()).isEqualTo(2);
              assertThat(feed.bytes()).isEqualTo(300);
            });
  }

  @Test
  void recordsAreCountedByReason() throws Exception {
    RecordingSink sink = new RecordingSink();
    FeedInfo info =
        Samples.feed("list-one")
            .contract(ContentContract.builder().maxRejectedShare(1).build())
            .build();
    List<FeedEntry> entries =
        List.of(
            new FeedEntry.Rejected(1, "x", "bad-a"),
            new FeedEntry.Rejected(1, "x", "bad-b"),
            new FeedEntry.Rejected(2, "x", "bad-a"),
            new FeedEntry.Accepted(2, Samples.builder(info, 2).build()),
            new FeedEntry.Accepted(3, Samples.builder(info, 3).build()),
            new FeedEntry.Rejected(3, "x", "bad-a"),
            new FeedEntry.Accepted(3, Samples.builder(info, 4).build()),
            new FeedEntry.Revoked(4, Samples.url(9).observable(), "gone"),
            new FeedEntry.Declared(FeedEntry.Declared.MEMBER, "second"),
            new FeedEntry.Rejected(1, "x", "bad-b"),
            new FeedEntry.Declared(FeedEntry.Declared.MEMBER, "third"),
            new FeedEntry.Rejected(1, "x", "bad-b"));
    List<String> heard = new ArrayList<>();
    SyncListener listener =
        new SyncListener() {
          @Override
          public void feedStarted(String feedId) {
            heard.add("started");
          }

          @Override
          public void rejected(String feedId, FeedEntry.Rejected entry) {
            heard.add(entry.reason());
          }

          @Override
          public void feedFinished(FeedReport report) {
            heard.add("finished");
          }
        };

    SyncReport report =
        sync(sink)
            .listener(listener)
            .screen(i -> i.externalIds().contains("4") ? "not-this" : null)
            .build()
            .run(List.of(Fakes.feed(info, entries)));

    FeedReport one = report.feeds().get(0);
    assertThat(one.outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(one.records()).isEqualTo(6);
    assertThat(one.rejectedByReason()).isEqualTo(Map.of("bad-a", 1L, "bad-b", 2L));
    assertThat(one.revoked()).isEqualTo(1);
    assertThat(one.parsed()).isEqualTo(2);
    assertThat(one.indicators()).isEqualTo(3);
    assertThat(one.screenedByReason()).isEqualTo(Map.of("not-this", 1L));
    assertThat(one.added()).isEqualTo(2);
    assertThat(heard)
        .containsExactly(
            "started", "bad-a", "bad-b", "bad-a", "bad-a", "bad-b", "bad-b", "finished");
  }

  @Test
  void termsThatForbidTheUseAreNotFetched() throws Exception {
    FeedInfo info = Samples.feed("list-one").terms(Samples.terms(true, false)).build();
    Feed feed =
        Fakes.fetching(
            info,
            () -> {
              throw new AssertionError("fetched");
            });

    FeedReport report = runOne(new RecordingSink(b -> Fakes.all(b, Outcome.WRITTEN), true), feed);

    assertThat(report.outcome()).isEqualTo(FeedOutcome.TERMS_NOT_ACCEPTED);
  }

  @Test
  void sinkThatFailsIsAnOutcomeAndTheCountsAddUp() throws Exception {
    AtomicInteger batches = new AtomicInteger();
    RecordingSink sink =
        new RecordingSink(
            batch -> {
              if (batches.incrementAndGet() > 2) {
                throw new SinkException(SinkException.Kind.AUTH, "the key was revoked", null);
              }
              return Fakes.all(batch, Outcome.WRITTEN);
            });

    FeedReport report = runOne(sink, Fakes.feed(INFO, Fakes.urls(INFO, 0, 20_000)));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.SINK_FAILED);
    assertThat(report.message()).contains("the key was revoked");
    assertThat(report.added()).isEqualTo(4000);
    assertThat(report.failedByReason()).isEqualTo(Map.of("sink-auth", 16_000L));
    assertThat(batches).hasValueLessThanOrEqualTo(4);
  }

  @Test
  void sinkThatTakesNothingMeansNothingStored() throws Exception {
    RecordingSink sink =
        new RecordingSink(
            batch -> {
              throw new IOException("down");
            });

    SyncReport report = sync(sink).build().run(List.of(Fakes.feed(INFO, Fakes.urls(INFO, 0, 10))));

    assertThat(report.feeds().get(0).outcome()).isEqualTo(FeedOutcome.SINK_FAILED);
    assertThat(report.nothingStored()).isTrue();
  }

  @Test
  void conflictsAndUnsettledChangesAreIncomplete() throws Exception {
    RecordingSink sink =
        new RecordingSink(
            batch -> {
              List<Outcome> outcomes =
                  new ArrayList<>(Fakes.all(batch, Outcome.WRITTEN).outcomes());
              outcomes.set(0, new Outcome(Status.CONFLICT, "version_conflict", null));
              outcomes.set(1, new Outcome(Status.UNSETTLED, "deadline", null));
              return new WriteResult(outcomes);
            });

    FeedReport report = runOne(sink, Fakes.feed(INFO, Fakes.urls(INFO, 0, 100)));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.INCOMPLETE);
    assertThat(report.added()).isEqualTo(98);
    assertThat(report.conflicts()).isEqualTo(1);
    assertThat(report.failedByReason()).isEqualTo(Map.of("version_conflict", 1L, "deadline", 1L));
  }

  @Test
  void fewRefusalsAreCountedAndTheRestIsStored() throws Exception {
    FeedReport report = runOne(refusing(1), Fakes.feed(INFO, Fakes.urls(INFO, 0, 100)));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.INCOMPLETE);
    assertThat(report.added()).isEqualTo(99);
    assertThat(report.failedByReason()).isEqualTo(Map.of("mapper_parsing_exception", 1L));
    assertThat(report.message()).hasValueSatisfying(m -> assertThat(m).contains("too long"));
  }

  @Test
  void floodOfRefusalsStopsTheFeed() throws Exception {
    RecordingSink sink = refusing(500);

    FeedReport report = runOne(sink, Fakes.feed(INFO, Fakes.urls(INFO, 0, 50_000)));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.INCOMPLETE);
    assertThat(sink.changes).hasSizeLessThanOrEqualTo(8000);
    assertThat(report.kept()).isEqualTo(50_000);
  }

  @Test
  void nextRunThatFitsDoesAllThatAFloodOfRefusalsLeft(@TempDir Path state) throws Exception {
    Map<String, Change> held = new ConcurrentHashMap<>();
    AtomicBoolean fits = new AtomicBoolean(true);
    RecordingSink sink =
        new RecordingSink(
            batch -> {
              if (!fits.get()) {
                return Fakes.all(
                    batch,
                    new WriteResult.Outcome(WriteResult.Status.REFUSED, "mapper_exception", null));
              }
              batch.forEach(change -> held.put(change.id(), change));
              return Fakes.all(batch, WriteResult.Outcome.WRITTEN);
            });
    FeedSync sync = FeedSync.builder().sink(sink).context(Fakes.CONTEXT).state(state).build();
    sync.run(List.of(Fakes.feed(INFO, Fakes.urls(INFO, 0, 20_000))));
    fits.set(false);
    FeedReport stopped =
        sync.run(List.of(Fakes.feed(INFO, Fakes.urls(INFO, 2_000, 30_000)))).feeds().get(0);
    assertThat(stopped.outcome()).isEqualTo(FeedOutcome.INCOMPLETE);
    assertThat(stopped.sinkOperations()).isLessThan(10_000);
    fits.set(true);

    FeedReport next =
        sync.run(
                List.of(
                    Fakes.fetching(
                        INFO, () -> new FetchResult.NotModified(FetchState.of(Map.of())))))
            .feeds()
            .get(0);

    assertThat(next.outcome()).isEqualTo(FeedOutcome.UNCHANGED);
    assertThat(next.added()).isEqualTo(10_000);
    assertThat(next.withdrawn()).isEqualTo(2_000);
    assertThat(
            held.values().stream()
                .filter(Change.Upsert.class::isInstance)
                .map(Change::id)
                .collect(Collectors.toSet()))
        .isEqualTo(
            IntStream.range(2_000, 30_000)
                .mapToObj(number -> Samples.builder(INFO, number).build().id())
                .collect(Collectors.toSet()));
  }

  @Test
  void allRefusedIsIncomplete() throws Exception {
    FeedReport report = runOne(refusing(10), Fakes.feed(INFO, Fakes.urls(INFO, 0, 10)));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.INCOMPLETE);
  }

  @Test
  void sinkThatMiscountsHasFailed() throws Exception {
    FeedReport report =
        runOne(
            new RecordingSink(batch -> new WriteResult(List.of())),
            Fakes.feed(INFO, Fakes.urls(INFO, 0, 10)));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.SINK_FAILED);
    assertThat(report.failedByReason()).isEqualTo(Map.of("sink-miscount", 10L));
  }

  @Test
  void atMostTwoBatchesAreWrittenAtOnceAndTwoAre() throws Exception {
    CyclicBarrier both = new CyclicBarrier(2);
    RecordingSink sink =
        new RecordingSink(
            batch -> {
              try {
                both.await(30, TimeUnit.SECONDS);
              } catch (java.util.concurrent.BrokenBarrierException
                  | java.util.concurrent.TimeoutException e) {
                throw new IOException(e);
              }
              return Fakes.all(batch, Outcome.WRITTEN);
            });

    FeedReport report = runOne(sink, Fakes.feed(INFO, Fakes.urls(INFO, 0, 8000)));

    assertThat(report.added()).isEqualTo(8000);
    assertThat(sink.mostWriting).hasValue(2);
  }

  @Test
  void dryRunCountsAndWritesNothing() throws Exception {
    RecordingSink sink = new RecordingSink();

    SyncReport report =
        sync(sink).dryRun(true).build().run(List.of(Fakes.feed(INFO, Fakes.urls(INFO, 0, 3000))));

    assertThat(report.isDryRun()).isTrue();
    assertThat(report.feeds().get(0).added()).isEqualTo(3000);
    assertThat(report.feeds().get(0).sinkOperations()).isZero();
    assertThat(sink.changes).isEmpty();
  }

  @Test
  void interruptDuringAWriteCancelsAndKeepsWhatIsKnown() throws Exception {
    Thread runner = Thread.currentThread();
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger batches = new AtomicInteger();
    RecordingSink sink =
        new RecordingSink(
            batch -> {
              if (batches.incrementAndGet() == 1) {
                return Fakes.all(batch, Outcome.WRITTEN);
              }
              runner.interrupt();
              try {
                never.await();
              } catch (InterruptedException e) {
                return Fakes.all(batch, new Outcome(Status.UNSETTLED, "interrupted", null));
              }
              throw new AssertionError();
            });

    SyncReport report =
        sync(sink)
            .build()
            .run(
                List.of(
                    Fakes.feed(INFO, Fakes.urls(INFO, 0, 20_000)),
                    Fakes.feed(OTHER, Fakes.urls(OTHER, 0, 10))));

    assertThat(Thread.interrupted()).isTrue();
    assertThat(report.feeds())
        .extracting(FeedReport::outcome)
        .containsExactly(FeedOutcome.CANCELLED, FeedOutcome.CANCELLED);
    FeedReport first = report.feeds().get(0);
    assertThat(first.added()).isEqualTo(2000);
    assertThat(first.added() + first.failed()).isEqualTo(first.kept());
    assertThat(sink.writing).hasValue(0);
  }

  @Test
  void interruptWhileReadingWritesNothing() throws Exception {
    RecordingSink sink = new RecordingSink();
    Iterator<FeedEntry> endless =
        IntStream.iterate(0, i -> i + 1)
            .mapToObj(
                i -> {
                  if (i == 50_000) {
                    Thread.currentThread().interrupt();
                  }
                  return Fakes.accepted(INFO, i);
                })
            .iterator();

    FeedReport report = runOne(sink, Fakes.feed(INFO, endless));

    assertThat(Thread.interrupted()).isTrue();
    assertThat(report.outcome()).isEqualTo(FeedOutcome.CANCELLED);
    assertThat(sink.changes).isEmpty();
  }

  @Test
  void recordAtWhichTheRunIsCancelledIsCounted() throws Exception {
    List<FeedEntry> entries = new ArrayList<>();
    for (int i = 1; i <= 10_000; i++) {
      entries.add(new FeedEntry.Rejected(i, "x", "bad"));
    }
    SyncListener cancelling =
        new SyncListener() {
          @Override
          public void progress(String feedId, long records) {
            Thread.currentThread().interrupt();
          }
        };

    FeedReport report =
        sync(new RecordingSink())
            .listener(cancelling)
            .build()
            .run(List.of(Fakes.feed(INFO, entries)))
            .feeds()
            .get(0);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(report.outcome()).isEqualTo(FeedOutcome.CANCELLED);
    assertThat(report.records()).isLessThan(10_000).isEqualTo(report.rejected());
  }

  @Test
  void dryRunCanBeCancelled() throws Exception {
    SyncListener cancelling =
        new SyncListener() {
          @Override
          public void progress(String feedId, long records) {
            if (records == 3000) {
              Thread.currentThread().interrupt();
            }
          }
        };

    FeedReport report =
        sync(new RecordingSink())
            .listener(cancelling)
            .dryRun(true)
            .build()
            .run(List.of(Fakes.feed(INFO, Fakes.urls(INFO, 0, 3000))))
            .feeds()
            .get(0);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(report.outcome()).isEqualTo(FeedOutcome.CANCELLED);
    assertThat(report.added()).isZero();
  }

  @Test
  void interruptedBeforeTheFirstFeedThrows() {
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() -> sync(new RecordingSink()).build().run(List.of()));
  }

  @Test
  void feedsRunOnTheExecutorAndReportsKeepTheirOrder() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(4);
    try {
      RecordingSink sink = new RecordingSink();
      List<Feed> feeds = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        FeedInfo info = Samples.feed("list-" + (char) ('a' + i)).build();
        feeds.add(Fakes.feed(info, Fakes.urls(info, 0, 2500)));
      }

      SyncReport report = sync(sink).executor(executor).build().run(feeds);

      assertThat(report.feeds())
          .extracting(FeedReport::feedId)
          .containsExactlyElementsOf(feeds.stream().map(f -> f.info().id()).toList());
      assertThat(report.isHealthy()).isTrue();
      assertThat(sink.changes).extracting(Change::id).doesNotHaveDuplicates().hasSize(20_000);
      assertThat(sink.mostWriting).hasValueLessThanOrEqualTo(2);
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void interruptCancelsFeedsOnTheExecutor() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    Thread runner = Thread.currentThread();
    try {
      Feed waiting =
          Fakes.fetching(
              INFO,
              () -> {
                runner.interrupt();
                new CountDownLatch(1).await();
                throw new AssertionError();
              });

      SyncReport report =
          sync(new RecordingSink())
              .executor(executor)
              .build()
              .run(List.of(waiting, Fakes.feed(OTHER, Fakes.urls(OTHER, 0, 10))));

      assertThat(Thread.interrupted()).isTrue();
      assertThat(report.feeds())
          .extracting(FeedReport::outcome)
          .containsExactly(FeedOutcome.CANCELLED, FeedOutcome.CANCELLED);
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void executorThatRefusesIsAnOutcome() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    executor.shutdown();

    SyncReport report =
        sync(new RecordingSink())
            .executor(executor)
            .build()
            .run(List.of(Fakes.feed(INFO, Fakes.urls(INFO, 0, 10))));

    assertThat(report.feeds().get(0).outcome()).isEqualTo(FeedOutcome.INCOMPLETE);
    assertThat(report.feeds().get(0).cause())
        .get(THROWABLE)
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void feedsThatTheCallersThreadRunsKeepItsInterrupt() throws Exception {
    Feed interrupting =
        Fakes.fetching(
            INFO,
            () -> {
              Thread.currentThread().interrupt();
              throw new InterruptedException();
            });
    RecordingSink sink = new RecordingSink();

    SyncReport report =
        sync(sink)
            .executor(Runnable::run)
            .build()
            .run(List.of(interrupting, Fakes.feed(OTHER, Fakes.urls(OTHER, 0, 10))));

    assertThat(Thread.interrupted()).isTrue();
    assertThat(report.feeds())
        .extracting(FeedReport::outcome)
        .containsExactly(FeedOutcome.CANCELLED, FeedOutcome.CANCELLED);
    assertThat(sink.changes).isEmpty();
  }

  @Test
  void folderThatCannotBeWrittenIsAnOutcome() throws Exception {
    RecordingSink sink = new RecordingSink();
    FeedReport report =
        sync(sink)
            .sortBuffer(1 << 16)
            .temporaryFolder(folder.resolve("absent"))
            .build()
            .run(List.of(Fakes.feed(INFO, Fakes.urls(INFO, 0, 10_000))))
            .feeds()
            .get(0);

    assertThat(report.outcome()).isEqualTo(FeedOutcome.INCOMPLETE);
    assertThat(report.message())
        .hasValueSatisfying(m -> assertThat(m).contains("temporary", "absent", "space"));
    assertThat(report.cause()).get(THROWABLE).isInstanceOf(NoSuchFileException.class);
    assertThat(report.failedByReason()).containsOnlyKeys("temporary-files");
    assertThat(report.failed())
        .isEqualTo(report.kept())
        .isEqualTo(report.indicators())
        .isPositive();
    assertThat(sink.changes).isEmpty();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void diskThatIsFullIsAnOutcome() throws Exception {
    String printed = SmallDisk.run(256, FillTemporaryFolder.class, folder.toString());

    assertThat(printed)
        .contains("INCOMPLETE nothing written {temporary-files=", "make space there");
  }

  /** Syncs a list that does not fit on the disk, and prints what became of it. */
  static final class FillTemporaryFolder {
    private FillTemporaryFolder() {}

    public static void main(String[] args) throws Exception {
      RecordingSink sink = new RecordingSink();
      FeedReport report =
          FeedSync.builder()
              .sink(sink)
              .context(Fakes.CONTEXT)
              .sortBuffer(1 << 16)
              .temporaryFolder(Path.of(args[0]))
              .build()
              .run(List.of(Fakes.feed(INFO, Fakes.urls(INFO, 0, 20_000))))
              .feeds()
              .get(0);
      System.out.println(
          report.outcome()
              + (sink.changes.isEmpty() ? " nothing written " : " written ")
              + report.failedByReason()
              + report.message());
    }
  }

  @Test
  void twoFeedsOfOneIdAreRefused() {
    Feed feed = Fakes.feed(INFO, List.of());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sync(new RecordingSink()).build().run(List.of(feed, feed)))
        .withMessageContaining("list-one");
  }

  @Test
  void tableShowsEveryFeedAndWhatWentWrong() throws Exception {
    SyncReport report =
        sync(new RecordingSink())
            .build()
            .run(
                List.of(
                    Fakes.feed(INFO, Fakes.urls(INFO, 0, 12)),
                    Fakes.breaking(
                        OTHER,
                        List.of(),
                        FeedException.contractBroken("list-two", "html", "a page came", null))));

    List<String> lines = report.toTable().lines().toList();
    assertThat(lines.get(0)).startsWith("feed      outcome").endsWith("seconds");
    assertThat(lines.get(1)).startsWith("list-one  PUBLISHED").contains(" 12 ");
    assertThat(lines.get(2)).startsWith("list-two  CONTRACT_BROKEN(html)");
    assertThat(lines.get(3)).startsWith("all");
    assertThat(lines.get(4)).contains("a page came");
    assertThat(lines.subList(0, 4)).extracting(String::length).containsOnly(lines.get(0).length());
  }

  @Test
  void jsonHasTheFieldsOfTheReport() throws Exception {
    SyncReport report =
        sync(new RecordingSink()).build().run(List.of(Fakes.feed(INFO, Fakes.urls(INFO, 0, 12))));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    report.toJson(out);

    List<String> names = new ArrayList<>();
    try (JsonParser json = new JsonFactory().createParser(out.toByteArray())) {
      while (json.nextToken() != null) {
        if (json.currentToken() == JsonToken.FIELD_NAME) {
          names.add(json.currentName());
        }
      }
    }
    assertThat(names)
        .containsSubsequence(
            Arrays.asList(
                ("feeds feed outcome records rejected revoked indicators repeated screened added"
                        + " changed refreshed unchanged failed conflicts withdrawn expired"
                        + " sinkOperations requests bytes seconds")
                    .split(" ")));
  }

  private FeedSync.Builder sync(RecordingSink sink) {
    return FeedSync.builder().sink(sink).context(Fakes.CONTEXT).temporaryFolder(folder);
  }

  private FeedReport runOne(RecordingSink sink, Feed feed) throws InterruptedException {
    return sync(sink).build().run(List.of(feed)).feeds().get(0);
  }

  private static RecordingSink refusing(int perBatch) {
    return new RecordingSink(
        batch -> {
          List<Outcome> outcomes = new ArrayList<>(Fakes.all(batch, Outcome.WRITTEN).outcomes());
          for (int i = 0; i < perBatch; i++) {
            outcomes.set(i, new Outcome(Status.REFUSED, "mapper_parsing_exception", "too long"));
          }
          return new WriteResult(outcomes);
        });
  }
}
