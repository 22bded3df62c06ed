// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.Indicator;
import dev.tip.feed.ContentContract;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FeedReader;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.Usage;
import dev.tip.screen.Screen;
import dev.tip.sink.Change;
import dev.tip.sink.SinkInfo;
import dev.tip.sink.StoredIndicator;
import dev.tip.sink.WriteResult;
import dev.tip.sync.Fakes.RecordingSink;
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
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What one run leaves for the next. */
@Timeout(60)
class StateTest {
  private static final FeedInfo SNAPSHOT = Samples.feed("list-one").build();
  private static final FeedInfo WINDOW =
      Samples.feed("list-two")
          .coverage(FeedInfo.Coverage.WINDOW)
          .timeToLive(Duration.ofDays(10))
          .build();

  @TempDir Path folder;
  private final RecordingSink sink = new RecordingSink();
  private Instant now = Fakes.NOW;
  private Screen screen = Screen.none();
  private String accepted = "none";

  @BeforeEach
  void setTime() {
    now = Fakes.NOW;
  }

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
        .screen(screen)
        .state(folder)
        .accept(accepted)
        .build()
        .run(List.of(feed))
        .feeds()
        .get(0);
  }

  private List<Change.Reason> reasons() {
    return sink.changes.stream()
        .filter(Change.Withdraw.class::isInstance)
        .map(change -> ((Change.Withdraw) change).reason())
        .toList();
  }

  private static Feed list(FeedInfo info, int from, int to) {
    return Fakes.feed(info, Fakes.urls(info, from, to));
  }

  @Test
  void sameListAgainSendsNothing() throws Exception {
    assertThat(run(list(SNAPSHOT, 0, 100)).added()).isEqualTo(100);

    FeedReport again = run(list(SNAPSHOT, 0, 100));

    assertThat(again.outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(again.unchanged()).isEqualTo(100);
    assertThat(again.sinkOperations()).isZero();
  }

  @Test
  void onlyWhatIsNewOrSaysSomethingElseIsSent() throws Exception {
    run(list(SNAPSHOT, 0, 100));
    List<FeedEntry> entries = new ArrayList<>(Fakes.urls(SNAPSHOT, 1, 101));
    Indicator other = Samples.builder(SNAPSHOT, 0).tag("other").build();
    entries.add(new FeedEntry.Accepted(200, other));

    FeedReport report = run(Fakes.feed(SNAPSHOT, entries));

    assertThat(report.added()).isEqualTo(1);
    assertThat(report.changed()).isEqualTo(1);
    assertThat(report.unchanged()).isEqualTo(99);
    assertThat(sink.changes)
        .extracting(change -> ((Change.Upsert) change).cause())
        .containsExactlyInAnyOrder(Change.Cause.NEW, Change.Cause.CHANGED);
    assertThat(sink.changes)
        .filteredOn(change -> ((Change.Upsert) change).indicator().equals(other))
        .singleElement()
        .satisfies(c -> assertThat(((Change.Upsert) c).added()).isEqualTo(Fakes.NOW));
  }

  @Test
  void whatMovesWithEveryFetchIsNoChange() throws Exception {
    run(
        Fakes.feed(
            SNAPSHOT,
            List.of(
                new FeedEntry.Accepted(
                    1, Samples.builder(SNAPSHOT, 0).lastSeen(Fakes.NOW).sightings(3).build()))));

    FeedReport report =
        run(
            Fakes.feed(
                SNAPSHOT,
                List.of(
                    new FeedEntry.Accepted(
                        1,
                        Samples.builder(SNAPSHOT, 0)
                            .lastSeen(Fakes.NOW.plusSeconds(60))
                            .modifiedAt(Fakes.NOW)
                            .original("x")
                            .sightings(4)
                            .build()))));

    assertThat(report.unchanged()).isEqualTo(1);
    assertThat(report.sinkOperations()).isZero();
  }

  @Test
  void whatLeftAListOfEverythingIsWithdrawnAfterWhatIsNew() throws Exception {
    run(list(SNAPSHOT, 0, 100));

    FeedReport report = run(list(SNAPSHOT, 10, 110));

    assertThat(report.added()).isEqualTo(10);
    assertThat(report.withdrawn()).isEqualTo(10);
    assertThat(reasons()).hasSize(10).containsOnly(Change.Reason.DELISTED);
    assertThat(sink.changes.subList(0, 10)).allMatch(Change.Upsert.class::isInstance);
    assertThat(run(list(SNAPSHOT, 10, 110)).sinkOperations()).isZero();
  }

  @Test
  void whatLeftAWindowStaysUntilItsTimeIsOver() throws Exception {
    run(list(WINDOW, 0, 30));
    now = now.plus(Duration.ofDays(5));
    assertThat(run(list(WINDOW, 10, 40)).withdrawn()).isZero();
    now = Fakes.NOW.plus(Duration.ofDays(10)).plusSeconds(1);

    FeedReport report = run(list(WINDOW, 20, 40));

    assertThat(report.expired()).isEqualTo(10);
    assertThat(reasons()).hasSize(10).containsOnly(Change.Reason.EXPIRED);
  }

  @Test
  void unchangedFeedConfirmsItsLastListSoItDoesNotExpire() throws Exception {
    run(list(WINDOW, 0, 30));
    for (int day = 1; day <= 40; day++) {
      now = Fakes.NOW.plus(Duration.ofDays(day));
      FeedReport report =
          run(
              Fakes.fetching(
                  WINDOW, () -> new FetchResult.NotModified(FetchState.of(Map.of("a", "b")))));
      assertThat(report.outcome()).isEqualTo(FeedOutcome.UNCHANGED);
      assertThat(report.expired()).isZero();
    }
  }

  @Test
  void timeGoesOnWhileAFeedIsDown() throws Exception {
    run(list(WINDOW, 0, 30));
    now = Fakes.NOW.plus(Duration.ofDays(11));

    FeedReport report = run(down(WINDOW));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
    assertThat(report.expired()).isEqualTo(30);
  }

  private static Feed down(FeedInfo info) {
    return Fakes.fetching(
        info,
        () -> {
          throw FeedException.of(info.id(), FeedOutcome.UNREACHABLE, "no route", null);
        });
  }

  @Test
  void statementsWithAnEndAreWithdrawnAtIt() throws Exception {
    Instant end = Fakes.NOW.plus(Duration.ofDays(2));
    Indicator indicator = Samples.builder(WINDOW, 0).validUntil(end).build();
    List<FeedEntry> entries = List.of(new FeedEntry.Accepted(1, indicator));
    run(Fakes.feed(WINDOW, entries));
    now = end;

    FeedReport report = run(Fakes.feed(WINDOW, entries));

    assertThat(report.expired()).isEqualTo(1);
    assertThat(report.screenedByReason()).isEqualTo(Map.of("expired", 1L));
    assertThat(run(Fakes.feed(WINDOW, entries)).sinkOperations()).isZero();
  }

  @Test
  void revokedAndScreenedIndicatorsAreWithdrawn() throws Exception {
    run(list(WINDOW, 0, 30));
    Indicator revoked = Samples.builder(WINDOW, 0).build();
    Indicator screened = Samples.builder(WINDOW, 1).build();
    screen = i -> i.observable().equals(screened.observable()) ? "benign" : null;
    List<FeedEntry> entries = new ArrayList<>(Fakes.urls(WINDOW, 1, 30));
    entries.add(new FeedEntry.Revoked(50, revoked.observable(), "false-positive"));

    FeedReport report = run(Fakes.feed(WINDOW, entries));

    assertThat(report.withdrawn()).isEqualTo(2);
    assertThat(report.unchanged()).isEqualTo(28);
    assertThat(reasons()).containsExactly(Change.Reason.REVOKED, Change.Reason.SCREENED);
  }

  @Test
  void listThatLostMostOfItsRowsIsHeldUntilTheThirdInARow() throws Exception {
    run(list(SNAPSHOT, 0, 100));

    FeedReport first = run(list(SNAPSHOT, 60, 105));
    assertThat(first.outcome()).isEqualTo(FeedOutcome.HELD);
    assertThat(first.clause()).contains("band");
    assertThat(first.added()).isEqualTo(5);
    assertThat(first.withdrawn()).isZero();
    assertThat(run(list(SNAPSHOT, 60, 105)).outcome()).isEqualTo(FeedOutcome.HELD);

    FeedReport third = run(list(SNAPSHOT, 60, 105));
    assertThat(third.outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(third.withdrawn()).isEqualTo(60);
  }

  @Test
  void shortListThatIsAcceptedIsBelieved() throws Exception {
    run(list(SNAPSHOT, 0, 100));
    accepted = "list-one";

    assertThat(run(list(SNAPSHOT, 0, 10)).withdrawn()).isEqualTo(90);
  }

  @Test
  void listThatGrowsBackIsNoLongerHeld() throws Exception {
    run(list(SNAPSHOT, 0, 100));
    run(list(SNAPSHOT, 0, 10));
    run(list(SNAPSHOT, 0, 100));

    assertThat(run(list(SNAPSHOT, 0, 10)).outcome()).isEqualTo(FeedOutcome.HELD);
    assertThat(run(list(SNAPSHOT, 0, 10)).outcome()).isEqualTo(FeedOutcome.HELD);
  }

  @Test
  void publisherWhoAsksToComeBackLaterIsNotAskedBefore() throws Exception {
    Instant later = Fakes.NOW.plus(Duration.ofHours(5));
    List<Instant> asked = new ArrayList<>();
    Feed limited =
        Fakes.fetching(
            SNAPSHOT,
            () -> {
              asked.add(now);
              throw FeedException.rateLimited("list-one", later, "busy");
            });
    run(limited);

    FeedReport report = run(limited);

    assertThat(asked).hasSize(1);
    assertThat(report.outcome()).isEqualTo(FeedOutcome.RATE_LIMITED);
    assertThat(report.retryAt()).contains(later);
    now = later;
    run(limited);
    assertThat(asked).hasSize(2);
  }

  @Test
  void fetchStateIsGivenBackUnlessTheLedgerIsGone() throws Exception {
    List<FetchState> given = new ArrayList<>();
    FetchState state = FetchState.of(Map.of("etag", "\"x\" = \u00e9\n"));
    Feed feed =
        new Feed() {
          @Override
          public FeedInfo info() {
            return SNAPSHOT;
          }

          @Override
          public FetchResult fetch(FetchContext context, FetchState last) {
            given.add(last);
            return new FetchResult.Modified(
                FeedReader.of(SNAPSHOT, Fakes.urls(SNAPSHOT, 0, 5).iterator(), () -> {}), state);
          }
        };
    run(feed);
    run(feed);
    delete(".ledger");
    FeedReport report = run(feed);

    assertThat(given).containsExactly(null, state, null);
    assertThat(report.added()).isEqualTo(5);
  }

  private void delete(String ending) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file :
          files.filter(f -> Files.isRegularFile(f) && f.toString().endsWith(ending)).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void damagedLedgerIsPutAsideAndTheNextRunStoresAll() throws Exception {
    run(list(SNAPSHOT, 0, 3000));
    try (Stream<Path> files = Files.list(folder)) {
      Path ledger = files.filter(f -> f.toString().endsWith(".ledger")).findFirst().orElseThrow();
      byte[] bytes = Files.readAllBytes(ledger);
      bytes[bytes.length / 2] ^= 1;
      Files.write(ledger, bytes);
    }

    FeedReport damaged = run(list(SNAPSHOT, 0, 3000));
    assertThat(damaged.outcome()).isEqualTo(FeedOutcome.INCOMPLETE);
    assertThat(damaged.sinkOperations()).isZero();
    assertThat(damaged.message()).hasValueSatisfying(m -> assertThat(m).contains("put aside"));
    assertThat(corrupt()).isEqualTo(1);

    FeedReport next = run(list(SNAPSHOT, 0, 3000));
    assertThat(next.outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(next.added()).isEqualTo(3000);
    assertThat(corrupt()).as("kept until all is stored").isZero();
  }

  private long corrupt() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".corrupt")).count();
    }
  }

  @Test
  void ledgerOfAnotherVersionIsPutAsideAndTheListStoredAnew() throws Exception {
    run(list(SNAPSHOT, 0, 30));
    try (Stream<Path> files = Files.list(folder)) {
      Path ledger = files.filter(f -> f.toString().endsWith(".ledger")).findFirst().orElseThrow();
      byte[] bytes = Files.readAllBytes(ledger);
      bytes[11]++;
      Files.write(ledger, bytes);
    }

    FeedReport report = run(list(SNAPSHOT, 0, 30));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(report.added()).isEqualTo(30);
    assertThat(report.message()).hasValueSatisfying(m -> assertThat(m).contains("stored anew"));
  }

  @Test
  void changedRowOfTheCatalogueWritesItsDocumentsAnew() throws Exception {
    run(list(SNAPSHOT, 0, 30));
    FeedInfo renamed = SNAPSHOT.toBuilder().provider("Renamed").build();

    assertThat(run(list(renamed, 0, 30)).changed()).isEqualTo(30);
  }

  @Test
  void twoRunsCannotHaveOneFolder() throws Exception {
    List<FeedReport> inner = new ArrayList<>();
    Feed feed =
        Fakes.fetching(
            SNAPSHOT,
            () -> {
              inner.add(run(list(SNAPSHOT, 0, 3)));
              return new FetchResult.NotModified(FetchState.of(Map.of()));
            });

    run(feed);

    assertThat(inner)
        .singleElement()
        .satisfies(r -> assertThat(r.outcome()).isEqualTo(FeedOutcome.LOCKED));
    assertThat(run(list(SNAPSHOT, 0, 3)).added()).isEqualTo(3);
  }

  @Test
  void folderThatCannotBeMadeIsAnOutcome() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    FeedReport report =
        FeedSync.builder()
            .sink(sink)
            .context(Fakes.CONTEXT)
            .state(file)
            .build()
            .run(List.of(list(SNAPSHOT, 0, 3)))
            .feeds()
            .get(0);

    assertThat(report.outcome()).isEqualTo(FeedOutcome.INCOMPLETE);
    assertThat(report.message()).hasValueSatisfying(m -> assertThat(m).contains("the state in"));
    assertThat(sink.changes).isEmpty();
  }

  @Test
  void lostStateIsMadeAnewFromTheSinkAndWhatIsGoneIsWithdrawn() throws Exception {
    AtomicReference<List<String>> held = new AtomicReference<>(List.of());
    run(list(SNAPSHOT, 0, 30));
    held.set(sink.changes.stream().map(Change::id).toList());
    delete("");
    RecordingSink told =
        new RecordingSink() {
          @Override
          public Optional<Stream<StoredIndicator>> active(String feedId) {
            return Optional.of(
                Stream.concat(held.get().stream(), Stream.of("somebody else's"))
                    .map(id -> new StoredIndicator(id, 0, null)));
          }
        };

    FeedReport report =
        FeedSync.builder()
            .sink(told)
            .context(Fakes.CONTEXT)
            .state(folder)
            .build()
            .run(List.of(list(SNAPSHOT, 10, 35)))
            .feeds()
            .get(0);

    assertThat(report.outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(report.added()).isEqualTo(25);
    assertThat(report.withdrawn()).isEqualTo(10);
    assertThat(told.changes)
        .filteredOn(Change.Upsert.class::isInstance)
        .extracting(change -> ((Change.Upsert) change).cause())
        .containsOnly(Change.Cause.RESTORED, Change.Cause.NEW)
        .filteredOn(cause -> cause == Change.Cause.NEW)
        .hasSize(5);
    assertThat(told.changes)
        .filteredOn(Change.Withdraw.class::isInstance)
        .extracting(Change::id)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 10)
                .mapToObj(i -> Samples.builder(SNAPSHOT, i).build().id())
                .toList());
  }

  private List<String> records() throws IOException {
    return lines(DeadLetters.recordsFile(folder, "list-one"));
  }

  private List<String> changes() throws IOException {
    return changes("recording");
  }

  private List<String> changes(String sink) throws IOException {
    return lines(DeadLetters.changesFile(folder, "list-one-" + FeedMemory.sinkKey(sink)));
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private static Feed withBadRecord(FeedInfo info, int from, int to) {
    List<FeedEntry> entries = new ArrayList<>(Fakes.urls(info, from, to));
    entries.add(new FeedEntry.Rejected(to + 1, "\u001b[31m\n\"x", "url-syntax"));
    return Fakes.feed(info, entries);
  }

  private static Feed unchanged(FeedInfo info) {
    return Fakes.fetching(info, () -> new FetchResult.NotModified(FetchState.of(Map.of("a", "b"))));
  }

  @Test
  void whatCouldNotBeUsedIsInQuarantineUntilAListWithoutFault() throws Exception {
    run(withBadRecord(SNAPSHOT, 0, 30));

    assertThat(records())
        .singleElement()
        .satisfies(
            letter ->
                assertThat(letter)
                    .contains("\"reason\":\"url-syntax\"", "\"position\":31", "\\u001B[31m\\n")
                    .isPrintable());
    run(down(SNAPSHOT));
    assertThat(records()).hasSize(1);
    run(list(SNAPSHOT, 0, 30));
    assertThat(records()).isEmpty();
    assertThat(folder.resolve("quarantine")).isEmptyDirectory();
  }

  @Test
  void recordsOfTheLastListStayInQuarantineWhileRefreshesAreWritten() throws Exception {
    run(withBadRecord(SNAPSHOT, 0, 30));
    now = now.plus(Duration.ofDays(25));

    FeedReport report = run(unchanged(SNAPSHOT));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.UNCHANGED);
    assertThat(report.refreshed()).isEqualTo(30);
    assertThat(records()).hasSize(1);
  }

  @Test
  void listThatIsCutTakesNothingOutOfQuarantineAndPutsNothingIn() throws Exception {
    run(withBadRecord(SNAPSHOT, 0, 30));
    List<String> last = records();
    List<FeedEntry> begin = new ArrayList<>(Fakes.urls(SNAPSHOT, 0, 100));

    run(Fakes.breaking(SNAPSHOT, begin, new IOException("reset")));
    assertThat(records()).isEqualTo(last);

    begin.add(new FeedEntry.Rejected(101, "y", "url-syntax"));
    run(Fakes.breaking(SNAPSHOT, begin, new IOException("reset")));
    assertThat(records()).isEqualTo(last);
    assertThat(folder.resolve("quarantine").toFile().list()).hasSize(1);
  }

  @Test
  void listWithTooManyBadRecordsShowsThem() throws Exception {
    List<FeedEntry> entries = new ArrayList<>(Fakes.urls(SNAPSHOT, 0, 1));
    for (int i = 2; i < 10; i++) {
      entries.add(new FeedEntry.Rejected(i, "x", "bad"));
    }

    assertThat(run(Fakes.feed(SNAPSHOT, entries)).clause()).contains("rejected-share");

    assertThat(records()).hasSize(8);
  }

  @Test
  void sinksOfOneFolderLeaveEachOthersChangesInQuarantine() throws Exception {
    run(list(SNAPSHOT, 0, 30), refusing("one"));
    run(list(SNAPSHOT, 0, 30), refusing("two"));
    assertThat(changes("one")).hasSize(30);
    assertThat(changes("two")).hasSize(30);

    run(list(SNAPSHOT, 0, 30), taking("two"));

    assertThat(changes("one")).hasSize(30);
    assertThat(changes("two")).isEmpty();
  }

  @Test
  void changesStayInQuarantineUntilTheSinkIsHandedSomethingAgain() throws Exception {
    run(list(SNAPSHOT, 0, 30), refusing("one"));
    FeedReport report =
        run(
            list(SNAPSHOT, 0, 30),
            named(
                "one",
                batch -> {
                  throw new AssertionError("a dry run hands it nothing");
                }),
            true);
    assertThat(report.sinkOperations()).isZero();
    assertThat(changes("one")).hasSize(30);

    run(unchanged(SNAPSHOT), taking("one"));

    assertThat(changes("one")).isEmpty();
  }

  private void run(Feed feed, RecordingSink to) throws InterruptedException {
    run(feed, to, false);
  }

  private FeedReport run(Feed feed, RecordingSink to, boolean dryRun) throws InterruptedException {
    return FeedSync.builder()
        .sink(to)
        .context(Fakes.CONTEXT)
        .state(folder)
        .dryRun(dryRun)
        .build()
        .run(List.of(feed))
        .feeds()
        .get(0);
  }

  private static RecordingSink refusing(String identity) {
    WriteResult.Outcome refused =
        new WriteResult.Outcome(WriteResult.Status.REFUSED, "mapper_exception", null);
    return named(identity, batch -> Fakes.all(batch, refused));
  }

  private static RecordingSink taking(String identity) {
    return named(identity, batch -> Fakes.all(batch, WriteResult.Outcome.WRITTEN));
  }

  private static RecordingSink named(String identity, Fakes.Writer writer) {
    return new RecordingSink(writer) {
      @Override
      public SinkInfo info() {
        return new SinkInfo(identity, false, false);
      }
    };
  }

  @Test
  void whatTheSinkRefusedIsInQuarantineAndTriedAgain() throws Exception {
    AtomicReference<String> refused = new AtomicReference<>("");
    RecordingSink picky =
        new RecordingSink(
            batch -> {
              List<WriteResult.Outcome> outcomes = new ArrayList<>();
              for (Change change : batch) {
                outcomes.add(
                    change.id().equals(refused.get())
                        ? new WriteResult.Outcome(
                            WriteResult.Status.REFUSED, "mapper_exception", "too long")
                        : WriteResult.Outcome.WRITTEN);
              }
              return new WriteResult(outcomes);
            });
    refused.set(Samples.builder(SNAPSHOT, 3).build().id());
    FeedSync sync = FeedSync.builder().sink(picky).context(Fakes.CONTEXT).state(folder).build();

    FeedReport first = sync.run(List.of(list(SNAPSHOT, 0, 30))).feeds().get(0);
    assertThat(first.outcome()).isEqualTo(FeedOutcome.INCOMPLETE);
    assertThat(changes())
        .singleElement()
        .satisfies(
            letter ->
                assertThat(letter)
                    .contains("mapper_exception", "REFUSED", refused.get(), "/bin/3", "too long"));
    refused.set("");
    FeedReport second =
        sync.run(
                List.of(
                    Fakes.fetching(
                        SNAPSHOT,
                        () -> new FetchResult.NotModified(FetchState.of(Map.of("a", "b"))))))
            .feeds()
            .get(0);
    assertThat(second.sinkOperations()).isEqualTo(1);
    assertThat(second.added()).isEqualTo(1);
    assertThat(changes()).isEmpty();
  }

  @Test
  void quarantineIsBounded() throws Exception {
    FeedInfo lenient =
        SNAPSHOT.toBuilder()
            .contract(ContentContract.builder().maxRejectedShare(1).build())
            .build();
    List<FeedEntry> entries = new ArrayList<>(Fakes.urls(SNAPSHOT, 0, 1));
    for (int i = 2; i < 5000; i++) {
      entries.add(new FeedEntry.Rejected(i, "x".repeat(5000), "bad"));
    }
    run(Fakes.feed(lenient, entries));

    assertThat(records()).hasSize(DeadLetters.MAX_LETTERS + 1);
    assertThat(records().get(DeadLetters.MAX_LETTERS)).contains("\"count\":3998");
    assertThat(records()).allSatisfy(letter -> assertThat(letter).hasSizeLessThan(1200));
  }

  @Test
  void untilTheSinkToldWhatItHoldsTheWholeListIsAskedFor() throws Exception {
    List<FetchState> given = new ArrayList<>();
    AtomicReference<IOException> silence = new AtomicReference<>(new IOException("no answer"));
    FetchState state = FetchState.of(Map.of("etag", "x"));
    RecordingSink asked =
        new RecordingSink() {
          @Override
          public Optional<Stream<StoredIndicator>> active(String feedId) throws IOException {
            IOException failure = silence.getAndSet(null);
            if (failure != null) {
              throw failure;
            }
            return Optional.of(
                Stream.concat(Stream.of("A".repeat(27)), changes.stream().map(Change::id))
                    .map(id -> new StoredIndicator(id, 0, null)));
          }
        };
    Feed feed =
        new Feed() {
          @Override
          public FeedInfo info() {
            return SNAPSHOT;
          }

          @Override
          public FetchResult fetch(FetchContext context, FetchState last) {
            given.add(last);
            return new FetchResult.Modified(
                FeedReader.of(SNAPSHOT, Fakes.urls(SNAPSHOT, 0, 5).iterator(), () -> {}), state);
          }
        };
    FeedSync sync = FeedSync.builder().sink(asked).context(Fakes.CONTEXT).state(folder).build();

    FeedReport first = sync.run(List.of(feed)).feeds().get(0);
    FeedReport second = sync.run(List.of(feed)).feeds().get(0);
    sync.run(List.of(feed));

    assertThat(first.outcome()).isEqualTo(FeedOutcome.SINK_FAILED);
    assertThat(first.sinkOperations()).isZero();
    assertThat(given).containsExactly(null, null, state);
    assertThat(second.withdrawn()).isEqualTo(1);
    assertThat(second.added()).isEqualTo(5);
  }

  @Test
  void whatIsNotDoneIsKnownAlthoughItCannotBeWrittenDown() throws Exception {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("quarantine"), "a file where the folder should be");
    AtomicBoolean refuses = new AtomicBoolean(true);
    RecordingSink picky =
        new RecordingSink(
            batch ->
                Fakes.all(
                    batch,
                    refuses.get()
                        ? new WriteResult.Outcome(WriteResult.Status.REFUSED, "refused", null)
                        : WriteResult.Outcome.WRITTEN));
    FeedSync sync = FeedSync.builder().sink(picky).context(Fakes.CONTEXT).state(folder).build();

    FeedReport first = sync.run(List.of(list(SNAPSHOT, 0, 30))).feeds().get(0);
    refuses.set(false);
    FeedReport second = sync.run(List.of(list(SNAPSHOT, 0, 30))).feeds().get(0);

    assertThat(first.outcome()).isEqualTo(FeedOutcome.INCOMPLETE);
    assertThat(first.failed()).isEqualTo(30);
    assertThat(second.added()).isEqualTo(30);
  }
}
