// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FeedReaderTest {
  private static final Terms TERMS =
      new Terms("CC0", URI.create("https://list.example/terms"), true, true, null);

  private static FeedInfo feed(ContentContract contract) {
    return FeedInfo.builder("example-list")
        .provider("Example")
        .reference(URI.create("https://list.example/"))
        .role(FeedInfo.Role.C2)
        .coverage(FeedInfo.Coverage.SNAPSHOT)
        .terms(TERMS)
        .types(CyberObservable.Type.IPV4_ADDR)
        .contract(contract)
        .build();
  }

  private static FeedReader reader(ContentContract contract, FeedEntry... entries) {
    return FeedReader.of(feed(contract), List.of(entries).iterator(), () -> {});
  }

  private static FeedEntry good(long position, String ip) {
    Indicator indicator =
        Indicator.builder(CyberObservable.ip(ip), feed(ContentContract.DEFAULT)).build();
    return new FeedEntry.Accepted(position, indicator);
  }

  private static FeedEntry bad(long position) {
    return new FeedEntry.Rejected(position, "x", "not-an-address");
  }

  private static FeedEntry records(String number) {
    return new FeedEntry.Declared(FeedEntry.Declared.RECORDS, number);
  }

  private static void readAll(FeedReader reader) {
    for (FeedEntry entry : reader) {
      assertThat(entry).isNotNull();
    }
  }

  private static void assertBroken(FeedReader reader, String clause) {
    assertThatThrownBy(() -> readAll(reader))
        .isInstanceOf(UncheckedIOException.class)
        .cause()
        .isInstanceOfSatisfying(
            FeedException.class,
            e -> {
              assertThat(e.outcome()).isEqualTo(FeedOutcome.CONTRACT_BROKEN);
              assertThat(e.clause()).contains(clause);
              assertThat(e).hasMessageStartingWith("example-list: ");
            });
  }

  @Test
  void oneRecordWithTwoStatementsIsOneRecord() {
    FeedReader reader =
        reader(
            ContentContract.DEFAULT,
            good(1, "192.0.2.1"),
            good(1, "192.0.2.2"),
            good(2, "192.0.2.3"));
    readAll(reader);
    assertThat(reader.counts()).isEqualTo(new FeedReader.Counts(2, 0, 0, 2, 3));
  }

  @Test
  void positionsStartAgainInTheNextMemberOfAnArchive() {
    FeedReader reader =
        reader(
            ContentContract.DEFAULT,
            new FeedEntry.Declared(FeedEntry.Declared.MEMBER, "a"),
            good(1, "192.0.2.1"),
            new FeedEntry.Declared(FeedEntry.Declared.MEMBER, "b"),
            good(1, "192.0.2.2"));
    readAll(reader);
    assertThat(reader.counts().records()).isEqualTo(2);
  }

  @Test
  void everyRecordIsRejectedRevokedOrParsed() {
    ContentContract lenient = ContentContract.builder().maxRejectedShare(0.5).build();
    FeedReader reader =
        reader(
            lenient,
            good(1, "192.0.2.1"),
            bad(2),
            new FeedEntry.Revoked(3, CyberObservable.ip("192.0.2.9"), "false-positive"));
    readAll(reader);
    assertThat(reader.counts()).isEqualTo(new FeedReader.Counts(3, 1, 1, 1, 1));
  }

  @Test
  void listWithoutItsTrailerIsCut() {
    assertBroken(
        reader(ContentContract.builder().declaresRecords().build(), good(1, "192.0.2.1")),
        "trailer");
  }

  @Test
  void listShorterThanItStatesIsCut() {
    assertBroken(
        reader(ContentContract.DEFAULT, good(1, "192.0.2.1"), records("2")), "declared-count");
  }

  @Test
  void statedNumberIsHeldAgainstRejectedRecordsToo() {
    ContentContract lenient = ContentContract.builder().maxRejectedShare(0.5).build();
    readAll(reader(lenient, good(1, "192.0.2.1"), bad(2), records("2")));
  }

  @Test
  void listWithoutRecordIsBrokenUnlessTheFeedMayBeEmpty() {
    assertBroken(reader(ContentContract.DEFAULT), "empty");
    readAll(reader(ContentContract.builder().mayBeEmpty().build()));
  }

  @Test
  void moreRejectedThanTheShareIsAnotherFormat() {
    ContentContract half = ContentContract.builder().maxRejectedShare(0.5).build();
    readAll(reader(half, good(1, "192.0.2.1"), bad(2)));
    assertBroken(reader(half, good(1, "192.0.2.1"), bad(2), bad(3)), "rejected-share");
  }

  @Test
  void parserThatFallsOverBreaksTheContractAndSaysWhere() {
    IllegalStateException bug = new IllegalStateException("text of the list");
    Iterator<FeedEntry> entries =
        Stream.of(1, 2, 3)
            .map(
                i -> {
                  if (i == 3) {
                    throw bug;
                  }
                  return good(i, "192.0.2." + i);
                })
            .iterator();
    FeedReader reader = FeedReader.of(feed(ContentContract.DEFAULT), entries, () -> {});

    assertThatThrownBy(() -> readAll(reader))
        .cause()
        .isInstanceOfSatisfying(FeedException.class, e -> assertThat(e.clause()).contains("parser"))
        .hasMessageContaining("behind the record at position 2")
        .hasMessageContaining("example-list")
        .hasMessageNotContaining("text of the list")
        .hasCause(bug);
  }

  @Test
  void entryThatIsNoneIsABugOfTheParser() {
    Iterator<FeedEntry> entries = Arrays.asList(good(1, "192.0.2.1"), null).iterator();

    assertBroken(FeedReader.of(feed(ContentContract.DEFAULT), entries, () -> {}), "parser");
  }

  @Test
  void statementOfAnotherFeedIsABugOfTheParser() {
    FeedInfo other =
        FeedInfo.builder("other-list")
            .provider("Example")
            .reference(URI.create("https://list.example/"))
            .role(FeedInfo.Role.C2)
            .coverage(FeedInfo.Coverage.SNAPSHOT)
            .terms(TERMS)
            .types(CyberObservable.Type.IPV4_ADDR)
            .build();
    Indicator foreign = Indicator.builder(CyberObservable.ip("192.0.2.1"), other).build();

    assertBroken(reader(ContentContract.DEFAULT, new FeedEntry.Accepted(1, foreign)), "parser");
  }

  @Test
  void parserThatFellOverStaysThatWay() {
    Iterator<FeedEntry> entries =
        new Iterator<>() {
          private boolean asked;

          @Override
          public boolean hasNext() {
            if (!asked) {
              asked = true;
              throw new IllegalStateException("a bug");
            }
            return false;
          }

          @Override
          public FeedEntry next() {
            throw new NoSuchElementException();
          }
        };
    Iterator<FeedEntry> read =
        FeedReader.of(feed(ContentContract.DEFAULT), entries, () -> {}).iterator();

    assertThatThrownBy(read::hasNext).hasMessageContaining("before the first record");
    assertThatThrownBy(read::hasNext).hasMessageContaining("before the first record");
  }

  @Test
  void exceptionIsOfNoGoodEndAndLacksNothingOfABadOne() {
    for (FeedOutcome outcome : FeedOutcome.values()) {
      switch (outcome) {
        case PUBLISHED, UNCHANGED, HELD, NOT_DUE, RATE_LIMITED, CONTRACT_BROKEN ->
            assertThatThrownBy(() -> FeedException.of("example-list", outcome, "why", null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(outcome.name());
        case AUTH_MISSING,
            AUTH_REJECTED,
            GONE,
            RETIRED,
            UNREACHABLE,
            TERMS_NOT_ACCEPTED,
            SINK_FAILED,
            INCOMPLETE,
            LOCKED,
            CANCELLED ->
            assertThat(FeedException.of("example-list", outcome, "why", null).outcome())
                .isEqualTo(outcome);
      }
    }
  }

  @Test
  void costIsAskedWhenItIsWanted() {
    AtomicInteger bytes = new AtomicInteger();
    FeedReader reader =
        FeedReader.of(
            feed(ContentContract.DEFAULT),
            List.of(good(1, "192.0.2.1")).iterator(),
            () -> {},
            () -> new Transfer(1, bytes.get(), bytes.get()));
    FetchResult result = new FetchResult.Modified(reader, FetchState.of(Map.of()));

    assertThat(result.transfer()).isEqualTo(new Transfer(1, 0, 0));
    bytes.set(7);
    assertThat(result.transfer()).isEqualTo(new Transfer(1, 7, 7));
  }

  @Test
  void entriesAreReadOnce() {
    FeedReader reader = reader(ContentContract.DEFAULT, good(1, "192.0.2.1"));
    readAll(reader);
    assertThatThrownBy(reader::iterator).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void closingTheStreamClosesTheResourceOnce() throws Exception {
    AtomicInteger closed = new AtomicInteger();
    FeedReader reader =
        FeedReader.of(
            feed(ContentContract.DEFAULT),
            List.of(good(1, "192.0.2.1")).iterator(),
            closed::incrementAndGet);
    List<FeedEntry.Rejected> quarantine = new ArrayList<>();
    try (var indicators = reader.indicators(quarantine::add)) {
      assertThat(indicators).hasSize(1);
    }
    reader.close();
    assertThat(closed).hasValue(1);
    assertThat(quarantine).isEmpty();
  }

  @Test
  void rejectedRecordsGoToTheQuarantine() {
    ContentContract lenient = ContentContract.builder().maxRejectedShare(1).build();
    List<FeedEntry.Rejected> quarantine = new ArrayList<>();
    try (var indicators =
        reader(lenient, bad(1), good(2, "192.0.2.1")).indicators(quarantine::add)) {
      assertThat(indicators.map(i -> i.observable().value())).containsExactly("192.0.2.1");
    }
    assertThat(quarantine).extracting(FeedEntry.Rejected::reason).containsExactly("not-an-address");
  }
}
