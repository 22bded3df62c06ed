// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.CyberObservable;
import dev.tip.File;
import dev.tip.HashAlgorithm;
import dev.tip.Indicator;
import dev.tip.X509Certificate;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.Usage;
import dev.tip.sink.Change;
import dev.tip.sink.SinkInfo;
import dev.tip.sink.WriteResult;
import dev.tip.sync.Fakes.RecordingSink;
import dev.tip.sync.SyncState.Answer;
import dev.tip.sync.SyncState.Condition;
import dev.tip.sync.SyncState.FeedState;
import dev.tip.sync.SyncState.Finding;
import dev.tip.sync.SyncState.Match;
import dev.tip.sync.SyncState.Status;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SyncStateTest {
  private static final FeedInfo ONE = Samples.feed("list-one").build();
  private static final FeedInfo TWO =
      Samples.feed("list-two")
          .coverage(FeedInfo.Coverage.WINDOW)
          .timeToLive(Duration.ofDays(10))
          .build();

  @TempDir Path folder;
  private final Set<String> refused = new HashSet<>();
  private Instant now = Fakes.NOW;
  private boolean dryRun;

  private FeedReport run(String sink, Feed feed) throws InterruptedException {
    RecordingSink to =
        new RecordingSink(
            batch ->
                new WriteResult(
                    batch.stream()
                        .map(
                            change ->
                                refused.contains(change.id())
                                    ? new WriteResult.Outcome(
                                        WriteResult.Status.REFUSED, "too_long", null)
                                    : WriteResult.Outcome.WRITTEN)
                        .toList())) {
          @Override
          public SinkInfo info() {
            return new SinkInfo(sink, false, false);
          }
        };
    FetchContext context =
        FetchContext.builder(Usage.NON_COMMERCIAL).clock(Clock.fixed(now, ZoneOffset.UTC)).build();
    return FeedSync.builder()
        .sink(to)
        .context(context)
        .state(folder)
        .dryRun(dryRun)
        .build()
        .run(List.of(feed))
        .feeds()
        .get(0);
  }

  private static Feed list(FeedInfo info, int from, int to) {
    return Fakes.feed(info, Fakes.urls(info, from, to));
  }

  private static Feed list(FeedInfo info, CyberObservable... observables) {
    List<FeedEntry> entries = new ArrayList<>();
    for (CyberObservable observable : observables) {
      entries.add(
          new FeedEntry.Accepted(entries.size() + 1, Indicator.builder(observable, info).build()));
    }
    return Fakes.feed(info, entries);
  }

  private static Feed unchanged(FeedInfo info) {
    return Fakes.fetching(info, () -> new FetchResult.NotModified(FetchState.of(Map.of("a", "b"))));
  }

  private static CyberObservable observable(int number) {
    return Samples.url(number).observable();
  }

  private FeedState only() throws IOException {
    List<FeedState> feeds = SyncState.of(folder).feeds();
    assertThat(feeds).hasSize(1);
    return feeds.get(0);
  }

  private Answer find(CyberObservable... observables) throws IOException {
    return SyncState.of(folder).find(List.of(observables), List.of(ONE, TWO));
  }

  private Finding found(CyberObservable observable) throws IOException {
    Answer answer = find(observable);
    assertThat(answer.unreadable()).isEmpty();
    assertThat(answer.findings()).hasSize(1);
    return answer.findings().get(0);
  }

  private Path ledger() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".ledger")).findFirst().orElseThrow();
    }
  }

  @Test
  void feedsAreShownWithWhatTheSinkIsToHoldAndWhenTheyWereListed() throws Exception {
    run("sink-a", list(ONE, 0, 40));
    now = now.plus(Duration.ofHours(3));
    run("sink-a", unchanged(ONE));
    run("sink-b", list(TWO, 0, 7));

    List<FeedState> feeds = SyncState.of(folder).feeds();

    assertThat(feeds).extracting(FeedState::feedId).containsExactly("list-one", "list-two");
    FeedState one = feeds.get(0);
    assertThat(one.condition()).isEqualTo(Condition.READABLE);
    assertThat(one.sinkIdentity()).contains("sink-a");
    assertThat(one.sink()).matches("[0-9a-f]{16}").isNotEqualTo(feeds.get(1).sink());
    assertThat(one.indicators()).isEqualTo(40);
    assertThat(one.toWrite()).isZero();
    assertThat(one.isComplete()).isTrue();
    assertThat(one.saved()).contains(Fakes.NOW);
    assertThat(one.listed()).contains(now);
    assertThat(one.due().orElseThrow()).isBetween(Fakes.NOW, Fakes.NOW.plus(Duration.ofDays(19)));
    assertThat(one.bytes()).isEqualTo(Files.size(ledger())).isPositive();
    assertThat(one.heldLists()).isZero();
    assertThat(one.notBefore()).isEmpty();
  }

  @Test
  void identityThatDoesNotFitTheNameIsNotShown() throws Exception {
    run("sink-a", list(ONE, 0, 3));
    Path settled = files(".settled").iterator().next();
    Files.writeString(settled, Files.readString(settled).replace("sink-a", "sink-b"));

    assertThat(only().sinkIdentity()).isEmpty();
    assertThat(only().condition()).isEqualTo(Condition.READABLE);
  }

  @Test
  void whatTheSinkDidNotTakeIsOpenUntilItDoes() throws Exception {
    refused.add(Samples.builder(ONE, 3).build().id());
    run("sink", list(ONE, 0, 40));
    assertThat(only().toWrite()).isEqualTo(1);
    Finding finding = found(observable(3));
    assertThat(finding.status()).isEqualTo(Status.TO_BE_WRITTEN);
    assertThat(finding.cause()).contains(Change.Cause.NEW);
    assertThat(finding.written()).isEmpty();

    refused.clear();
    refused.add(Samples.builder(ONE, 39).build().id());
    run("sink", list(ONE, 0, 39));
    assertThat(only().toWrite()).isZero();
    assertThat(only().toWithdraw()).isEqualTo(1);
    assertThat(only().indicators()).isEqualTo(39);
    assertThat(found(observable(3)).status()).isEqualTo(Status.STORED);
    assertThat(found(observable(39)).status()).isEqualTo(Status.TO_BE_WITHDRAWN);
    assertThat(found(observable(39)).reason()).contains(Change.Reason.DELISTED);
    assertThat(find(observable(39)).isListed()).isTrue();

    refused.clear();
    run("sink", unchanged(ONE));
    assertThat(only().toWithdraw()).isZero();
    assertThat(found(observable(39)).status()).isEqualTo(Status.WITHDRAWN);
    assertThat(find(observable(39)).isListed()).isFalse();
  }

  @Test
  void whatAPublisherIsWaitedForAndHeldListsAreShown() throws Exception {
    Instant later = Fakes.NOW.plus(Duration.ofHours(5));
    run(
        "sink",
        Fakes.fetching(
            TWO,
            () -> {
              throw FeedException.rateLimited("list-two", later, "busy");
            }));
    run("sink", list(ONE, 0, 100));
    run("sink", list(ONE, 0, 10));

    List<FeedState> feeds = SyncState.of(folder).feeds();

    assertThat(feeds.get(0).heldLists()).isEqualTo(1);
    assertThat(feeds.get(0).heldRows()).isEqualTo(10);
    assertThat(feeds.get(0).indicators()).isEqualTo(100);
    assertThat(feeds.get(1).condition()).isEqualTo(Condition.ABSENT);
    assertThat(feeds.get(1).notBefore()).contains(later);
    assertThat(feeds.get(1).listed()).isEmpty();
  }

  @Test
  void findingSaysSinceWhenUntilWhenAndByWhom() throws Exception {
    run("sink", list(TWO, 0, 30));
    now = Fakes.NOW.plus(Duration.ofDays(2));
    run("sink", list(TWO, 10, 30));
    Instant confirmed = now.plus(Duration.ofDays(1));
    now = confirmed;
    run("sink", unchanged(TWO));

    Finding old = found(observable(0));
    assertThat(old.match()).isEqualTo(Match.EXACT);
    assertThat(old.feedId()).isEqualTo("list-two");
    assertThat(old.added()).isEqualTo(Fakes.NOW);
    assertThat(old.written()).contains(Fakes.NOW);
    assertThat(old.listed()).isEqualTo(Fakes.NOW);
    assertThat(old.ends()).contains(Fakes.NOW.plus(Duration.ofDays(10)));
    assertThat(old.indicator()).contains(Samples.builder(TWO, 0).build());
    Finding listed = found(observable(20));
    assertThat(listed.listed()).isEqualTo(confirmed);
    assertThat(listed.ends()).contains(confirmed.plus(Duration.ofDays(10)));
    assertThat(find(observable(31)).findings()).isEmpty();
  }

  @Test
  void feedThatIsNotKnownIsStillAnAnswer() throws Exception {
    run("sink", list(TWO, 0, 3));

    Finding finding =
        SyncState.of(folder).find(List.of(observable(1)), List.of()).findings().get(0);

    assertThat(finding.observable()).isEqualTo(observable(1));
    assertThat(finding.indicator()).isEmpty();
    assertThat(finding.ends()).isEmpty();
  }

  @Test
  void feedIsCompleteAfterAWholeListAndForTheSinkThatHasIt() throws Exception {
    SinkInfo sink = new SinkInfo("sink", false, false);
    assertThat(SyncState.of(folder.resolve("absent")).completeFeeds(sink)).isEmpty();
    run("sink", list(ONE, 0, 3));
    run("other", list(TWO, 0, 3));
    assertThat(SyncState.of(folder).completeFeeds(sink)).containsExactly("list-one");

    for (Path file : files(".ledger")) {
      Files.write(file, new byte[10]);
    }
    assertThat(SyncState.of(folder).completeFeeds(sink)).isEmpty();
  }

  @Test
  void indicatorsAreHandedOutOnceAndSinceWhenTheyWereAdded() throws Exception {
    run("old", list(ONE, 0, 9));
    now = now.plus(Duration.ofHours(1));
    run("sink", list(ONE, 0, 3));
    now = now.plus(Duration.ofHours(1));
    run("sink", list(ONE, 1, 5));
    run("sink", list(TWO, 7, 8));
    List<CyberObservable> all = new ArrayList<>();
    List<CyberObservable> late = new ArrayList<>();

    SyncState state = SyncState.of(folder);
    assertThat(state.indicators(List.of(ONE, TWO), Instant.EPOCH, i -> all.add(i.observable())))
        .isEmpty();
    state.indicators(List.of(ONE), now, i -> late.add(i.observable()));

    assertThat(all)
        .containsExactlyInAnyOrder(
            observable(1), observable(2), observable(3), observable(4), observable(7));
    assertThat(late).containsExactlyInAnyOrder(observable(3), observable(4));
  }

  @Test
  void damageEndsWhatIsHandedOutOfOneLedgerOnlyAndARefusalAll() throws Exception {
    run("sink", list(ONE, 0, 3000));
    run("sink", list(TWO, 0, 3));
    assertThatThrownBy(
            () ->
                SyncState.of(folder)
                    .indicators(
                        List.of(ONE, TWO),
                        Instant.EPOCH,
                        i -> {
                          throw new IOException("full");
                        }))
        .hasMessage("full");
    for (Path file : files(".ledger")) {
      if (file.getFileName().toString().startsWith("list-one")) {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
      }
    }
    Set<String> feeds = new HashSet<>();

    List<FeedState> unreadable =
        SyncState.of(folder)
            .indicators(List.of(ONE, TWO), Instant.EPOCH, i -> feeds.add(i.feed().id()));

    assertThat(unreadable).extracting(FeedState::feedId).containsExactly("list-one");
    assertThat(feeds).contains("list-two");
  }

  @Test
  void addressIsFoundInTheNetworksAroundIt() throws Exception {
    run(
        "sink",
        list(
            ONE,
            CyberObservable.ip("198.51.100.7"),
            CyberObservable.ip("198.51.100.8"),
            CyberObservable.ip("198.51.100.0/24"),
            CyberObservable.ip("198.51.0.0/16"),
            CyberObservable.ip("198.51.101.0/24"),
            CyberObservable.ip("2001:db8::/32")));

    assertThat(find(CyberObservable.ip("198.51.100.7")).findings())
        .extracting(f -> f.observable().value() + ' ' + f.match())
        .containsExactlyInAnyOrder(
            "198.51.100.7 EXACT", "198.51.100.0/24 NETWORK", "198.51.0.0/16 NETWORK");
    assertThat(find(CyberObservable.ip("198.51.100.0/25")).findings()).hasSize(2);
    assertThat(find(CyberObservable.ip("2001:db8:1::1")).findings())
        .extracting(Finding::match)
        .containsExactly(Match.NETWORK);
    assertThat(find(CyberObservable.ip("203.0.113.1")).findings()).isEmpty();
  }

  @Test
  void fileAndCertificateAreFoundByEveryHash() throws Exception {
    String sha256 = "ab".repeat(32);
    String md5 = "cd".repeat(16);
    String fingerprint = "12".repeat(20);
    run(
        "sink",
        list(
            ONE,
            File.builder().hash(HashAlgorithm.SHA256, sha256).hash(HashAlgorithm.MD5, md5).build(),
            File.builder().hash(HashAlgorithm.SHA256, "ef".repeat(32)).name(md5).build(),
            X509Certificate.of(
                Map.of(HashAlgorithm.SHA256, sha256, HashAlgorithm.SHA1, fingerprint))));

    assertThat(found(CyberObservable.file(sha256)).match()).isEqualTo(Match.EXACT);
    Finding weaker = found(CyberObservable.file(md5));
    assertThat(weaker.match()).isEqualTo(Match.HASH);
    assertThat(weaker.observable().value()).isEqualTo(sha256);
    assertThat(found(CyberObservable.x509Certificate(fingerprint)).match()).isEqualTo(Match.HASH);
    assertThat(find(CyberObservable.file(fingerprint)).findings()).isEmpty();
  }

  @Test
  void damageIsAnAnswerAndOnlyOfTheLedgerThatHasIt() throws Exception {
    run("sink", list(ONE, 0, 3000));
    run("sink", list(TWO, 0, 3));
    byte[] bytes = Files.readAllBytes(ledger());
    for (Path file : files(".ledger")) {
      if (file.getFileName().toString().startsWith("list-one")) {
        bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
      }
    }

    List<FeedState> feeds = SyncState.of(folder).feeds();
    assertThat(feeds)
        .extracting(FeedState::condition)
        .containsExactly(Condition.UNREADABLE, Condition.READABLE);
    assertThat(feeds.get(0).problem().orElseThrow()).contains("checksum");
    assertThat(feeds.get(0).bytes()).isEqualTo(bytes.length);
    Answer answer = find(CyberObservable.mutex("behind everything"), observable(1));
    assertThat(answer.unreadable()).extracting(FeedState::feedId).containsExactly("list-one");
    assertThat(answer.findings()).extracting(Finding::feedId).contains("list-two");
  }

  private Collection<Path> files(String ending) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(ending)).toList();
    }
  }

  @Test
  void nothingIsReadBehindTheKey() throws Exception {
    List<CyberObservable> observables = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      observables.add(CyberObservable.ip("198.51." + i / 256 + "." + i % 256));
    }
    run("sink", list(ONE, observables.toArray(CyberObservable[]::new)));
    byte[] bytes = Files.readAllBytes(ledger());
    bytes[bytes.length - 30] ^= 1;
    Files.write(ledger(), bytes);

    assertThat(only().condition()).isEqualTo(Condition.UNREADABLE);
    assertThat(found(CyberObservable.ip("198.51.0.7")).status()).isEqualTo(Status.STORED);
    assertThat(find(CyberObservable.ip("203.0.113.1")).unreadable()).hasSize(1);
  }

  @Test
  void filesThatAreNotOursOrNoFilesDoNoHarm() throws Exception {
    run("sink", list(ONE, 0, 3));
    Path ledger = ledger();
    Files.delete(ledger);
    Files.createDirectory(ledger);
    Files.writeString(folder.resolve("x.ledger"), "");
    Files.writeString(folder.resolve("a".repeat(65) + "-0123456789abcdef.ledger"), "");
    Files.writeString(folder.resolve("..-0123456789abcdef.ledger"), "");
    Files.writeString(folder.resolve("short-0123456789abcdef.ledger"), "tip");
    Files.writeString(folder.resolve("list-0123456789abcdef.settled"), "held=\\u00zz");

    assertThat(SyncState.of(folder).feeds())
        .extracting(feed -> feed.feedId() + ' ' + feed.condition())
        .containsExactly("list ABSENT", "list-one UNREADABLE", "short UNREADABLE");
    assertThat(find(observable(1)).unreadable()).hasSize(2);
  }

  @Test
  void folderThatIsNotThereIsAnError() {
    SyncState absent = SyncState.of(folder.resolve("absent"));
    assertThatThrownBy(absent::feeds).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> absent.find(List.of(), List.of()))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> absent.forget("0123456789abcdef")).isInstanceOf(IOException.class);
    assertThat(folder.resolve("absent")).doesNotExist();
  }

  @Test
  void interruptIsNotTakenForDamage() throws Exception {
    run("sink", list(ONE, 0, 3));
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> SyncState.of(folder).feeds())
          .isInstanceOf(ClosedByInterruptException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void sinkIsForgottenWholeAndTheOthersStay() throws Exception {
    run("gone", list(ONE, 0, 3));
    run("gone", list(TWO, 0, 3));
    run("kept", list(ONE, 0, 3));
    String gone =
        SyncState.of(folder).feeds().stream()
            .filter(feed -> feed.sinkIdentity().orElseThrow().equals("gone"))
            .findFirst()
            .orElseThrow()
            .sink();

    assertThat(SyncState.of(folder).forget("0123456789abcdef")).isZero();
    assertThat(SyncState.of(folder).forget(gone)).isEqualTo(2);

    assertThat(only().sinkIdentity()).contains("kept");
    assertThat(files("")).noneMatch(file -> file.toString().contains(gone));
    assertThat(run("kept", list(ONE, 0, 3)).sinkOperations()).isZero();
    assertThat(run("gone", list(ONE, 0, 3)).added()).isEqualTo(3);
  }

  @Test
  void feedIsForgottenOfOneSinkAndTheOthersStay() throws Exception {
    refused.add(Samples.builder(ONE, 1).build().id());
    refused.add(Samples.builder(TWO, 1).build().id());
    List<FeedEntry> entries = new ArrayList<>(Fakes.urls(ONE, 0, 20));
    entries.add(new FeedEntry.Rejected(21, "x", "bad"));
    run("first", Fakes.feed(ONE, entries));
    run("first", list(TWO, 0, 3));
    run("second", Fakes.feed(ONE, entries));
    String first = FeedMemory.sinkKey("first");
    String second = FeedMemory.sinkKey("second");
    SyncState state = SyncState.of(folder);
    assertThat(letters()).hasSize(4);

    assertThat(state.forget(first, "list-on")).isFalse();
    assertThat(state.forget(first, "list-one")).isTrue();

    assertThat(state.feeds())
        .extracting(feed -> feed.feedId() + ' ' + feed.sink())
        .containsExactly("list-one " + second, "list-two " + first);
    assertThat(letters())
        .containsExactlyInAnyOrder(
            "list-one.records.ndjson",
            "list-one-" + second + ".changes.ndjson",
            "list-two-" + first + ".changes.ndjson");
    assertThat(state.forget(second)).isEqualTo(1);
    assertThat(letters()).containsExactly("list-two-" + first + ".changes.ndjson");
    refused.clear();
    assertThat(run("first", list(TWO, 0, 3)).added()).isEqualTo(1);
  }

  private List<String> letters() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("quarantine"))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void nothingIsForgottenWhileARunGoesOnButLookedAtItMayBe() throws Exception {
    run("sink", list(ONE, 0, 3));
    String sink = only().sink();
    List<Throwable> failures = new ArrayList<>();
    Feed feed =
        Fakes.fetching(
            TWO,
            () -> {
              try {
                assertThat(find(observable(1)).findings()).hasSize(1);
                SyncState.of(folder).forget(sink);
              } catch (IOException e) {
                failures.add(e);
              }
              return new FetchResult.NotModified(FetchState.of(Map.of()));
            });

    assertThat(run("sink", feed).outcome()).isEqualTo(FeedOutcome.UNCHANGED);

    assertThat(failures).hasSize(1);
    assertThat(failures.get(0)).isInstanceOf(SyncState.LockedException.class);
    assertThat(only().indicators()).isEqualTo(3);
  }

  /** All files with content and time. */
  private Map<String, String> contents() throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        FileTime time = Files.getLastModifiedTime(file);
        contents.put(
            file.toString(),
            time
                + (Files.isRegularFile(file)
                    ? " " + List.of(Files.readString(file, StandardCharsets.ISO_8859_1))
                    : ""));
      }
    }
    return contents;
  }

  @Test
  void dryRunCountsWhatWouldBeDoneAndChangesNothing() throws Exception {
    List<FeedEntry> entries = new ArrayList<>(Fakes.urls(TWO, 0, 30));
    entries.add(
        new FeedEntry.Accepted(
            99, Samples.builder(TWO, 90).validUntil(now.plus(Duration.ofDays(1))).build()));
    run("sink", Fakes.feed(TWO, entries));
    run("sink", list(ONE, 0, 100));
    // A run that was killed left this.
    Files.writeString(
        folder.resolve(ledger().getFileName().toString().replace(".ledger", ".draft")), "x");
    Map<String, String> before = contents();
    now = now.plus(Duration.ofDays(2));
    dryRun = true;
    List<FeedEntry> next = new ArrayList<>(Fakes.urls(TWO, 1, 35));
    next.add(new FeedEntry.Accepted(100, Samples.builder(TWO, 0).tag("something-else").build()));

    FeedReport two = run("sink", Fakes.feed(TWO, next));
    FeedReport one = run("sink", list(ONE, 10, 101));
    FeedReport held = run("sink", list(ONE, 0, 10));
    FeedReport other = run("other sink", list(ONE, 0, 10));
    run("sink", Fakes.feed(ONE, List.of(new FeedEntry.Rejected(1, "x", "bad"))));

    assertThat(contents()).isEqualTo(before);
    assertThat(two.added()).isEqualTo(5);
    assertThat(two.changed()).isEqualTo(1);
    assertThat(two.expired()).isEqualTo(1);
    assertThat(two.unchanged() + two.refreshed()).isEqualTo(29);
    assertThat(two.refreshed()).isPositive();
    assertThat(one.added()).isEqualTo(1);
    assertThat(one.withdrawn()).isEqualTo(10);
    assertThat(one.outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(held.outcome()).isEqualTo(FeedOutcome.HELD);
    assertThat(held.withdrawn()).isZero();
    assertThat(other.added()).isEqualTo(10);
    assertThat(other.message().orElseThrow()).contains("not counted");
    assertThat(List.of(two, one, held, other)).allMatch(r -> r.sinkOperations() == 0);
    dryRun = false;
    FeedReport real = run("sink", Fakes.feed(TWO, next));
    assertThat(real.added()).isEqualTo(two.added());
    assertThat(real.changed()).isEqualTo(two.changed());
    assertThat(real.refreshed()).isEqualTo(two.refreshed());
    assertThat(real.expired()).isEqualTo(two.expired());
  }

  @Test
  void dryRunMakesNoFolderAndSaysWhatIsDamaged() throws Exception {
    dryRun = true;
    Path absent = folder.resolve("absent");
    FeedSync.builder()
        .sink(new RecordingSink())
        .context(Fakes.CONTEXT)
        .state(absent)
        .dryRun(true)
        .build()
        .run(List.of(list(ONE, 0, 3)));
    assertThat(absent).doesNotExist();
    dryRun = false;
    run("sink", list(ONE, 0, 3000));
    byte[] bytes = Files.readAllBytes(ledger());
    bytes[bytes.length / 2] ^= 1;
    Files.write(ledger(), bytes);
    Map<String, String> before = contents();
    dryRun = true;

    FeedReport report = run("sink", list(ONE, 0, 3000));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.INCOMPLETE);
    assertThat(report.message().orElseThrow()).contains("a run would put it aside");
    assertThat(contents()).isEqualTo(before);
  }
}
