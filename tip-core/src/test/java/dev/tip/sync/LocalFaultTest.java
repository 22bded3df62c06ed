// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tip.SmallDisk;
import dev.tip.feed.ContentContract;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.feed.Usage;
import dev.tip.sink.Change;
import dev.tip.sync.Fakes.RecordingSink;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What this machine does wrong: its disk, its clock, its memory, a second process. */
@Timeout(120)
class LocalFaultTest {
  private static final FeedInfo INFO =
      Samples.feed("list-one")
          .contract(ContentContract.builder().maxRejectedShare(1).build())
          .build();
  private static final int ROWS = 200;

  @TempDir Path folder;

  private static FeedReport run(RecordingSink sink, Path state, Feed feed, Instant now)
      throws InterruptedException {
    return FeedSync.builder()
        .sink(sink)
        .context(
            FetchContext.builder(Usage.NON_COMMERCIAL)
                .clock(Clock.fixed(now, ZoneOffset.UTC))
                .build())
        .state(state)
        .build()
        .run(List.of(feed))
        .feeds()
        .get(0);
  }

  private static Feed list(int from, int to) {
    return Fakes.feed(INFO, Fakes.urls(INFO, from, to));
  }

  // --- Disk ------------------------------------------------------------------------------------

  /** Syncs a short list, then what does not fit on the disk, then a short list again. */
  static final class FillState {
    private FillState() {}

    public static void main(String[] args) throws Exception {
      RecordingSink sink = new RecordingSink();
      Path state = Path.of(args[0]);
      System.out.println(run(sink, state, list(0, ROWS), Fakes.NOW).outcome());
      sink.changes.clear();
      FeedReport full = run(sink, state, tooMuch(args[1]), Fakes.NOW.plusSeconds(1));
      System.out.println(full.outcome() + ", " + sink.changes.size() + " written");
      System.out.println(full.message().orElse(""));
      FeedReport last = run(sink, state, list(1, ROWS + 1), Fakes.NOW.plusSeconds(2));
      System.out.println(
          last.outcome() + ", " + last.added() + " added, " + last.withdrawn() + " withdrawn");
    }

    /** As it is read, because the process is small. */
    private static Feed tooMuch(String what) {
      String text = "x".repeat(1000);
      return Fakes.feed(
          INFO,
          IntStream.range(0, 60_000)
              .<FeedEntry>mapToObj(
                  i ->
                      i < ROWS || what.equals("ledger")
                          ? Fakes.accepted(INFO, i)
                          : new FeedEntry.Rejected(i + 1, text, "bad"))
              .iterator());
    }
  }

  private static void isLeftAsItWas(String printed) {
    assertThat(withoutLog(printed))
        .startsWith("PUBLISHED\nINCOMPLETE, 0 written\n")
        .contains("make space there")
        .endsWith("PUBLISHED, 1 added, 1 withdrawn");
  }

  private static String withoutLog(String printed) {
    return printed.lines().filter(line -> !line.startsWith("[")).collect(Collectors.joining("\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ledger", "quarantine"})
  @EnabledOnOs(OS.LINUX)
  void whatDoesNotFitOnTheDiskIsAnOutcomeAndTheLastStateStays(String what) throws Exception {
    isLeftAsItWas(SmallDisk.run(256, FillState.class, folder.toString(), what));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ledger", "quarantine"})
  @EnabledOnOs(OS.LINUX)
  void diskThatIsFullIsAnOutcomeAndTheLastStateStays(String what) throws Exception {
    assumeTrue(SmallDisk.canMount(), "only for who may mount a small disk");

    isLeftAsItWas(
        SmallDisk.runMounted(
            folder, "size=256k", FillState.class, folder.resolve("state").toString(), what));
  }

  /** Syncs a list with a state that cannot be written. */
  static final class Sync {
    private Sync() {}

    public static void main(String[] args) throws Exception {
      RecordingSink sink = new RecordingSink();
      FeedReport report = run(sink, Path.of(args[0]), list(0, ROWS), Fakes.NOW);
      System.out.println(report.outcome() + ", " + sink.changes.size() + " written");
      System.out.println(report.message().orElse(""));
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void stateThatIsReadOnlyIsRefusedBeforeAnythingIsFetchedOrWritten() throws Exception {
    assumeTrue(SmallDisk.canMount(), "only for who may mount a read-only disk");

    assertThat(withoutLog(SmallDisk.runMounted(folder, "ro", Sync.class, folder.toString())))
        .startsWith("INCOMPLETE, 0 written\n")
        .contains("make it writable or set another folder");
  }

  @Test
  void otherProcessIsLockedOut() throws Exception {
    List<String> said = new ArrayList<>();
    Feed feed =
        Fakes.fetching(
            INFO,
            () -> {
              Process other =
                  new ProcessBuilder(
                          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                          "-cp",
                          System.getProperty(
                              "surefire.test.class.path", System.getProperty("java.class.path")),
                          Sync.class.getName(),
                          folder.toString())
                      .redirectError(ProcessBuilder.Redirect.DISCARD)
                      .start();
              said.add(new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
              throw FeedException.of(INFO.id(), FeedOutcome.UNREACHABLE, "no route", null);
            });

    run(new RecordingSink(), folder, feed, Fakes.NOW);

    assertThat(said).singleElement().asString().startsWith("LOCKED, 0 written");
  }

  // --- Clock -----------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {-400, -1, 1, 400})
  void clockThatJumpsWithdrawsNothingAndGoesOnCounting(int days) throws Exception {
    RecordingSink sink = new RecordingSink();
    Instant jumped = Fakes.NOW.plus(Duration.ofDays(days));
    List<Instant> times =
        List.of(Fakes.NOW, jumped, jumped.plusSeconds(60), Fakes.NOW.plusSeconds(120));
    long generation = 0;
    for (int run = 0; run < times.size(); run++) {
      sink.changes.clear();

      FeedReport report = run(sink, folder, list(0, ROWS + run), times.get(run));

      assertThat(report.outcome()).as("%s", report).isEqualTo(FeedOutcome.PUBLISHED);
      assertThat(report.withdrawn() + report.expired()).isZero();
      assertThat(report.added()).isEqualTo(run == 0 ? ROWS : 1);
      assertThat(sink.changes).isNotEmpty();
      for (Change change : sink.changes) {
        assertThat(change.generation()).isGreaterThan(generation);
      }
      generation = sink.changes.get(0).generation();
    }
  }

  @Test
  void clockThatJumpsWhileAFeedIsDownExpiresNothingThatHasNoTimeToLive() throws Exception {
    RecordingSink sink = new RecordingSink();
    run(sink, folder, list(0, ROWS), Fakes.NOW);
    Feed down =
        Fakes.fetching(
            INFO,
            () -> {
              throw FeedException.of(INFO.id(), FeedOutcome.UNREACHABLE, "no route", null);
            });

    FeedReport report = run(sink, folder, down, Fakes.NOW.plus(Duration.ofDays(400)));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
    assertThat(report.withdrawn() + report.expired()).isZero();
    assertThat(report.refreshed()).isEqualTo(ROWS);
  }

  // --- Memory ----------------------------------------------------------------------------------

  private static Feed exhausting() {
    Iterator<FeedEntry> some = Fakes.urls(INFO, 0, ROWS / 2).iterator();
    return Fakes.feed(
        INFO,
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public FeedEntry next() {
            if (some.hasNext()) {
              return some.next();
            }
            throw new OutOfMemoryError("of the test");
          }
        });
  }

  @Test
  void parserWithoutMemoryIsThrownOnAndTheNextRunIsWhole() throws Exception {
    RecordingSink sink = new RecordingSink();
    run(sink, folder, list(0, ROWS), Fakes.NOW);
    sink.changes.clear();

    assertThatThrownBy(() -> run(sink, folder, exhausting(), Fakes.NOW.plusSeconds(1)))
        .isInstanceOf(OutOfMemoryError.class);

    assertThat(sink.changes).isEmpty();
    FeedReport next = run(sink, folder, list(1, ROWS + 1), Fakes.NOW.plusSeconds(2));
    assertThat(next.outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(next.added()).isEqualTo(1);
    assertThat(next.withdrawn()).isEqualTo(1);
    assertThat(next.unchanged()).isEqualTo(ROWS - 1);
  }

  @Test
  void parserWithoutMemoryOnAnExecutorIsThrownOnWhenTheOthersAreThrough() throws Exception {
    RecordingSink sink = new RecordingSink();
    FeedInfo other = Samples.feed("list-two").build();
    ExecutorService executor = Executors.newFixedThreadPool(2);
    try {
      FeedSync sync =
          FeedSync.builder()
              .sink(sink)
              .context(Fakes.CONTEXT)
              .state(folder)
              .executor(executor)
              .build();

      assertThatThrownBy(
              () -> sync.run(List.of(exhausting(), Fakes.feed(other, Fakes.urls(other, 0, ROWS)))))
          .isInstanceOf(OutOfMemoryError.class);
    } finally {
      executor.shutdownNow();
    }
    assertThat(sink.changes).hasSize(ROWS);
    assertThat(run(sink, folder, list(0, ROWS), Fakes.NOW).outcome())
        .isEqualTo(FeedOutcome.PUBLISHED);
  }
}
