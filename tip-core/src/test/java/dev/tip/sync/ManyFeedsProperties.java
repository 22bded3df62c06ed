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
import dev.tip.sink.Change;
import dev.tip.sink.SinkException;
import dev.tip.sink.WriteResult;
import dev.tip.sink.WriteResult.Outcome;
import dev.tip.sink.WriteResult.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import org.jspecify.annotations.Nullable;

/**
 * Random sequences of runs of several feeds at once, one of each coverage and another list of
 * everything, on two threads: fetches that fail or are cut, sinks that fail or take a part, runs
 * that are cancelled, states that are lost.
 */
class ManyFeedsProperties {
  private static final int RUNS = 10;

  private Path folder = Path.of("");

  @BeforeTry
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("many-feeds");
  }

  @AfterTry
  void deleteFolder() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /**
   * Nothing that the last whole fetch holds true is ever withdrawn; counts add up, feed by feed;
   * and what is published is what the feed holds true, whatever happened before.
   */
  @Property(tries = 60)
  void everyFeedConvergesAndLosesNothingWhateverHappensToTheOthers(@ForAll long seed)
      throws Exception {
    Random random = new Random(seed);
    List<Origin> origins =
        List.of(
            new Origin("list-one", FeedInfo.Coverage.SNAPSHOT),
            new Origin("list-two", FeedInfo.Coverage.WINDOW),
            new Origin("list-three", FeedInfo.Coverage.INCREMENTAL),
            new Origin("list-four", FeedInfo.Coverage.SNAPSHOT));
    Store store = new Store(random.nextLong());
    Instant now = Instant.parse("2026-01-02T03:04:05Z");
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int run = 0; run < RUNS; run++) {
        now = now.plus(Duration.ofHours(1 + random.nextInt(60)));
        for (Origin origin : origins) {
          origin.change(random);
          origin.mood = Mood.values()[random.nextInt(Mood.values().length)];
        }
        store.trouble = random.nextInt(3) * 0.3;
        store.dies = random.nextInt(6) == 0;
        store.cancelled = random.nextInt(4) == 0 ? Thread.currentThread() : null;
        check(origins, store, now, threads);
        if (random.nextInt(5) == 0) {
          lose(random);
        }
      }
      store.trouble = 0;
      store.dies = false;
      store.cancelled = null;
      origins.forEach(origin -> origin.mood = Mood.WELL);
      // What is found at the end of a run is put right by the next.
      for (int calm = 0; calm < 3; calm++) {
        now = now.plus(Duration.ofHours(1));
        check(origins, store, now, threads);
      }
      for (FeedReport report : run(origins, store, now, threads)) {
        assertThat(report.isHealthy()).as("%s", report).isTrue();
        assertThat(report.sinkOperations()).as("%s", report).isZero();
      }
      for (Origin origin : origins) {
        assertThat(origin.isHeld(store.activeIds(origin.info.id()))).as(origin.info.id()).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void check(List<Origin> origins, Store store, Instant now, ExecutorService threads)
      throws InterruptedException {
    List<Set<String>> before = new ArrayList<>();
    origins.forEach(origin -> before.add(store.activeIds(origin.info.id())));

    List<FeedReport> reports = run(origins, store, now, threads);

    for (int i = 0; i < origins.size(); i++) {
      Origin origin = origins.get(i);
      FeedReport report = reports.get(i);
      assertThat(report.feedId()).isEqualTo(origin.info.id());
      assertThat(report.records())
          .isEqualTo(report.rejected() + report.revoked() + report.parsed());
      assertThat(report.indicators())
          .isEqualTo(report.repeated() + report.screened() + report.kept());
      assertThat(report.kept())
          .isEqualTo(
              report.unchanged()
                  + report.added()
                  + report.changed()
                  + report.refreshed()
                  + report.failed());
      Set<String> active = store.activeIds(origin.info.id());
      Set<String> withdrawn = new HashSet<>(before.get(i));
      withdrawn.removeAll(active);
      Set<String> whole = origin.wholeAfter(report);
      if (!origin.isWindow()) {
        withdrawn.retainAll(whole);
      }
      assertThat(withdrawn).as("%s: withdrawn although it holds", report).isEmpty();
      if (report.outcome() == FeedOutcome.PUBLISHED) {
        assertThat(origin.isHeld(active)).as("%s", report).isTrue();
      }
    }
  }

  private List<FeedReport> run(
      List<Origin> origins, Store store, Instant now, ExecutorService threads)
      throws InterruptedException {
    List<FeedReport> reports =
        FeedSync.builder()
            .sink(store)
            .context(
                FetchContext.builder(Usage.NON_COMMERCIAL)
                    .clock(Clock.fixed(now, ZoneOffset.UTC))
                    .build())
            .state(folder)
            .executor(threads)
            .build()
            .run(origins)
            .feeds();
    // A run that was cancelled leaves its thread interrupted.
    Thread.interrupted();
    return reports;
  }

  /** Loses all that is remembered, or a part. */
  private void lose(Random random) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.list(folder)) {
      files = found.filter(file -> Files.isRegularFile(file) && !file.endsWith("lock")).toList();
    }
    for (Path file : files) {
      if (random.nextInt(3) > 0) {
        Files.delete(file);
      }
    }
  }

  private enum Mood {
    WELL,
    UNCHANGED,
    UNREACHABLE,
    CUT
  }

  /** A publisher: what it holds true, and all that it ever said. */
  private static final class Origin implements Feed {
    private static final String CURSOR = "cursor";

    private final FeedInfo info;
    private final List<Integer> log = new ArrayList<>();
    private final Map<Integer, Integer> list = new TreeMap<>();
    private Mood mood = Mood.WELL;
    private Set<String> whole = Set.of();
    private @Nullable Set<String> heard;

    Origin(String id, FeedInfo.Coverage coverage) {
      this.info =
          Samples.feed(id)
              .coverage(coverage)
              .contract(ContentContract.builder().mayBeEmpty().maxRejectedShare(1).build())
              .build();
    }

    void change(Random random) {
      for (int i = random.nextInt(10); i > 0; i--) {
        int number = random.nextInt(40);
        log.add(number);
        if (random.nextInt(3) == 0) {
          list.remove(number);
        } else {
          list.put(number, random.nextInt(3));
        }
      }
    }

    private Indicator indicator(int number) {
      return Samples.builder(info, number).tag("version-" + list.get(number)).build();
    }

    /** What has to be active once a list was stored. */
    Set<String> heldTrue() {
      Set<String> ids = new HashSet<>();
      listed().forEach(number -> ids.add(indicator(number).id()));
      return ids;
    }

    private boolean isWindow() {
      return info.coverage() == FeedInfo.Coverage.WINDOW;
    }

    private Set<Integer> listed() {
      Set<Integer> listed = new TreeSet<>(list.keySet());
      if (isWindow()) {
        listed.retainAll(log.subList(Math.max(0, log.size() - 15), log.size()));
      }
      return listed;
    }

    /** Returns whether that is active, and nothing else unless it left a window. */
    boolean isHeld(Set<String> active) {
      return isWindow() ? active.containsAll(heldTrue()) : active.equals(heldTrue());
    }

    /** What the last fetch that came through held true, as far as it was surely kept. */
    Set<String> wholeAfter(FeedReport report) {
      Set<String> now = heard;
      heard = null;
      if (now != null) {
        Set<String> both = new HashSet<>(now);
        if (report.outcome() != FeedOutcome.PUBLISHED) {
          both.retainAll(whole);
        }
        whole = both;
      }
      return whole;
    }

    @Override
    public FeedInfo info() {
      return info;
    }

    @Override
    public FetchResult fetch(FetchContext context, @Nullable FetchState last) throws IOException {
      if (mood == Mood.UNREACHABLE) {
        throw FeedException.of(info.id(), FeedOutcome.UNREACHABLE, "no route", null);
      }
      FetchState state = FetchState.of(Map.of(CURSOR, Integer.toString(log.size())));
      int from = last == null ? 0 : Integer.parseInt(last.asMap().getOrDefault(CURSOR, "0"));
      if (from == log.size() && last != null) {
        return new FetchResult.NotModified(last);
      }
      List<FeedEntry> entries = new ArrayList<>();
      for (int number : numbers(from)) {
        entries.add(
            list.containsKey(number)
                ? new FeedEntry.Accepted(entries.size() + 1, indicator(number))
                : new FeedEntry.Revoked(
                    entries.size() + 1,
                    Samples.builder(info, number).build().observable(),
                    "revoked"));
      }
      boolean cut = mood != Mood.WELL;
      if (!cut) {
        heard = new HashSet<>(heldTrue());
        entries.add(new FeedEntry.Checkpoint(state));
      }
      FetchState first = last == null ? FetchState.of(Map.of(CURSOR, "0")) : last;
      return new FetchResult.Modified(
          FeedReader.of(
              info, given(cut ? entries.subList(0, entries.size() / 2) : entries, cut), () -> {}),
          first);
    }

    private Set<Integer> numbers(int from) {
      return info.coverage() == FeedInfo.Coverage.INCREMENTAL
          ? new TreeSet<>(log.subList(from, log.size()))
          : listed();
    }

    private Iterator<FeedEntry> given(List<FeedEntry> entries, boolean cut) {
      Iterator<FeedEntry> all = entries.iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return all.hasNext() || cut;
        }

        @Override
        public FeedEntry next() {
          if (!all.hasNext()) {
            throw new UncheckedIOException(
                FeedException.of(info.id(), FeedOutcome.UNREACHABLE, "cut", null));
          }
          return all.next();
        }
      };
    }
  }

  /** A sink that now and then fails, takes a part, or sees the run cancelled. */
  private static final class Store extends TellingSink {
    private final Random random;
    private double trouble;
    private boolean dies;
    private @Nullable Thread cancelled;

    Store(long seed) {
      this.random = new Random(seed);
    }

    @Override
    public synchronized WriteResult write(List<Change> batch)
        throws IOException, InterruptedException {
      Thread caller = cancelled;
      if (caller != null && random.nextInt(3) == 0) {
        cancelled = null;
        caller.interrupt();
      }
      if (dies && random.nextInt(2) == 0) {
        throw new SinkException(SinkException.Kind.UNREACHABLE, "no answer", null);
      }
      return super.write(batch);
    }

    @Override
    Outcome take(Change change) {
      if (random.nextDouble() >= trouble) {
        return super.take(change);
      }
      if (random.nextBoolean()) {
        return new Outcome(Status.REFUSED, "trouble", null);
      }
      super.take(change);
      return new Outcome(Status.UNSETTLED, "trouble", null);
    }
  }
}
