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
import dev.tip.sink.Holdings;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.SinkException;
import dev.tip.sink.SinkInfo;
import dev.tip.sink.StoredIndicator;
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
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import org.jspecify.annotations.Nullable;

/** Random sequences of fetches and writes that go well or not, and of processes that are killed. */
class LifecycleProperties {
  private Path folder = Path.of("");

  @BeforeTry
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("lifecycle");
  }

  @AfterTry
  void deleteFolder() throws IOException {
    delete(folder);
  }

  /**
   * Nothing is withdrawn but by a whole list that lacks it; counts add up; and as soon as feed and
   * sink are well, the sink holds exactly the list, whatever happened before.
   */
  @Property(tries = 150)
  void sinkConvergesToTheLastWholeListAndLosesNothingOnTheWay(@ForAll long seed) throws Exception {
    Random random = new Random(seed);
    FeedInfo info =
        Samples.feed("list-one")
            .contract(ContentContract.builder().mayBeEmpty().maxRejectedShare(1).build())
            .build();
    Store store = new Store(random);
    Origin origin = new Origin(info);
    Instant now = Instant.parse("2026-01-02T03:04:05Z");
    Set<String> everWhole = new HashSet<>();
    Path older = folder.resolve("older");
    // One or the other: a sink that lost what is newest cannot show that the state is old.
    boolean sinkLoses = random.nextBoolean();
    for (int run = 0; run < 12; run++) {
      // No less than a feed that failed is left alone for.
      now = now.plus(Duration.ofHours(1 + random.nextInt(60)));
      boolean last = run == 11;
      origin.change(random);
      origin.mood = last ? Mood.WELL : Mood.values()[random.nextInt(Mood.values().length)];
      store.trouble = last ? 0 : random.nextInt(3) * 0.3;
      store.dies = !last && random.nextInt(5) == 0;
      store.killed = random.nextInt(4) == 0 && !last ? folder.resolve("killed") : null;
      Set<String> before = store.active();

      FeedReport report = run(origin, store, now);

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
      if (origin.mood == Mood.WELL) {
        everWhole.clear();
        everWhole.addAll(origin.ids());
      }
      Set<String> lost = new HashSet<>(before);
      lost.removeAll(store.active());
      lost.retainAll(everWhole);
      assertThat(lost).as("withdrawn although the last whole list has them").isEmpty();
      if (report.outcome() == FeedOutcome.PUBLISHED) {
        assertThat(store.active()).isEqualTo(origin.ids());
        assertThat(store.statements()).isEqualTo(origin.statements());
      }
      restoreAfterKill(store);
      if (!last && random.nextInt(8) == 0) {
        lose(random);
      }
      if (sinkLoses) {
        if (random.nextInt(6) == 0) {
          store.lose(random);
        }
      } else if (Files.exists(older) && random.nextInt(4) == 0) {
        delete(folder.resolve("state"));
        Files.move(older, folder.resolve("state"));
      } else if (!Files.exists(older) && random.nextInt(4) == 0) {
        copyFiles(folder.resolve("state"), older);
      }
    }
    // What was found at the end of a run is put right by the next, and so is what was lost after.
    run(origin, store, now);
    run(origin, store, now);
    assertThat(store.statements()).isEqualTo(origin.statements());

    FeedReport again = run(origin, store, now);
    assertThat(again.sinkOperations()).isZero();
    assertThat(again.unchanged()).isEqualTo(origin.list.size());
  }

  /** What an indicator was last written with is never older than twenty days if a run is daily. */
  @Property(tries = 20)
  void listedIndicatorsAreWrittenAgainInTime(@ForAll long seed) throws Exception {
    Random random = new Random(seed);
    FeedInfo info = Samples.feed("list-one").build();
    Store store = new Store(random);
    Origin origin = new Origin(info);
    for (int i = 0; i < 400; i++) {
      origin.list.put(i, 0);
    }
    Instant start = Instant.parse("2026-01-02T03:04:05Z");
    List<Long> writes = new ArrayList<>();
    for (int day = 0; day < 60; day++) {
      Instant now = start.plus(Duration.ofDays(day)).plusSeconds(random.nextInt(3600));
      origin.mood = day == 0 ? Mood.WELL : Mood.UNCHANGED;
      FeedReport report = run(origin, store, now);
      writes.add(report.refreshed());
      Instant oldest = now.minus(Duration.ofDays(20));
      assertThat(store.held.values()).allSatisfy(w -> assertThat(w.at()).isAfterOrEqualTo(oldest));
    }
    assertThat(writes.subList(1, 20).stream().mapToLong(n -> n).sum()).isBetween(380L, 400L);
    // 400 / 19 = 21 a day; a day's share of 400 spreads by chance.
    assertThat(writes.subList(20, 58)).allSatisfy(n -> assertThat(n).isBetween(4L, 45L));
  }

  private FeedReport run(Origin origin, Store store, Instant now) throws Exception {
    FetchContext context =
        FetchContext.builder(Usage.NON_COMMERCIAL).clock(Clock.fixed(now, ZoneOffset.UTC)).build();
    store.state = folder.resolve("state");
    return FeedSync.builder()
        .sink(store)
        .context(context)
        .state(folder.resolve("state"))
        .build()
        .run(List.of(origin))
        .feeds()
        .get(0);
  }

  private void restoreAfterKill(Store store) throws IOException {
    Path killed = store.killed;
    if (killed != null && Files.exists(killed)) {
      delete(folder.resolve("state"));
      Files.move(killed, folder.resolve("state"));
    }
  }

  private static void copyFiles(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  /** Loses all that is remembered, or a part. */
  private void lose(Random random) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.list(folder.resolve("state"))) {
      files = found.filter(file -> Files.isRegularFile(file) && !file.endsWith("lock")).toList();
    }
    for (Path file : files) {
      if (random.nextInt(3) > 0) {
        Files.delete(file);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
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

  /** A feed of which the test decides what it does. */
  private static final class Origin implements Feed {
    private final FeedInfo info;
    private final Map<Integer, Integer> list = new TreeMap<>();
    private Mood mood = Mood.WELL;

    Origin(FeedInfo info) {
      this.info = info;
    }

    void change(Random random) {
      for (int i = random.nextInt(12); i > 0; i--) {
        int number = random.nextInt(40);
        if (random.nextInt(3) == 0) {
          list.remove(number);
        } else {
          list.put(number, random.nextInt(3));
        }
      }
    }

    private Indicator indicator(int number, int version) {
      return Samples.builder(info, number).tag("version-" + version).build();
    }

    Set<String> ids() {
      Set<String> ids = new HashSet<>();
      list.forEach((number, version) -> ids.add(indicator(number, version).id()));
      return ids;
    }

    Map<String, Indicator> statements() {
      Map<String, Indicator> statements = new TreeMap<>();
      list.forEach(
          (number, version) -> {
            Indicator indicator = indicator(number, version);
            statements.put(indicator.id(), indicator);
          });
      return statements;
    }

    @Override
    public FeedInfo info() {
      return info;
    }

    @Override
    public FetchResult fetch(FetchContext context, @Nullable FetchState last) throws IOException {
      FetchState state = FetchState.of(Map.of("etag", "x"));
      if (mood == Mood.UNREACHABLE) {
        throw FeedException.of(info.id(), FeedOutcome.UNREACHABLE, "no route", null);
      }
      if (mood == Mood.UNCHANGED && last != null) {
        return new FetchResult.NotModified(state);
      }
      boolean cut = mood == Mood.CUT || mood == Mood.UNCHANGED;
      List<FeedEntry> entries = new ArrayList<>();
      list.forEach(
          (number, version) ->
              entries.add(new FeedEntry.Accepted(entries.size() + 1, indicator(number, version))));
      Iterator<FeedEntry> all = (cut ? entries.subList(0, entries.size() / 2) : entries).iterator();
      Iterator<FeedEntry> given =
          new Iterator<>() {
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
      return new FetchResult.Modified(FeedReader.of(info, given, () -> {}), state);
    }
  }

  /** What is stored of an indicator. */
  private record Written(
      @Nullable Indicator indicator, boolean withdrawn, long generation, Instant at) {}

  /** A sink that keeps what it is given, and now and then does not. */
  private static final class Store implements IndicatorSink {
    private final Random random;
    private final Map<String, Written> held = new TreeMap<>();
    private double trouble;
    private boolean dies;
    private @Nullable Path killed;
    private Path state = Path.of("");

    Store(Random random) {
      this.random = new Random(random.nextLong());
    }

    synchronized Set<String> active() {
      Set<String> active = new HashSet<>();
      held.forEach(
          (id, written) -> {
            if (!written.withdrawn) {
              active.add(id);
            }
          });
      return active;
    }

    synchronized Map<String, Indicator> statements() {
      Map<String, Indicator> statements = new TreeMap<>();
      active().forEach(id -> statements.put(id, held.get(id).indicator));
      return statements;
    }

    @Override
    public SinkInfo info() {
      return new SinkInfo("store", false, false);
    }

    @Override
    public Optional<Stream<StoredIndicator>> active(String feedId) throws IOException {
      if (dies && random.nextBoolean()) {
        throw new IOException("no answer");
      }
      List<StoredIndicator> stored = new ArrayList<>();
      for (String id : active()) {
        stored.add(new StoredIndicator(id, held.get(id).generation, null));
      }
      return Optional.of(stored.stream());
    }

    @Override
    public synchronized Optional<Holdings> holdings(String feedId) throws IOException {
      if (dies) {
        throw new IOException("no answer");
      }
      long generation = 0;
      for (Written written : held.values()) {
        generation = Math.max(generation, written.generation);
      }
      return Optional.of(new Holdings(active().size(), generation));
    }

    /** Loses some documents, as if somebody deleted them. */
    synchronized void lose(Random random) {
      held.values().removeIf(written -> random.nextInt(4) == 0);
    }

    @Override
    public synchronized WriteResult write(List<Change> batch) throws IOException {
      Path copy = killed;
      if (copy != null && !Files.exists(copy)) {
        // What a process leaves that is killed now.
        copyFiles(state, copy);
      }
      if (dies) {
        throw new SinkException(SinkException.Kind.UNREACHABLE, "no answer", null);
      }
      List<Outcome> outcomes = new ArrayList<>();
      for (Change change : batch) {
        if (random.nextDouble() < trouble) {
          boolean applied = random.nextBoolean();
          if (applied) {
            apply(change);
          }
          outcomes.add(new Outcome(applied ? Status.UNSETTLED : Status.REFUSED, "trouble", null));
        } else {
          outcomes.add(
              apply(change) ? Outcome.WRITTEN : new Outcome(Status.CONFLICT, "newer", null));
        }
      }
      return new WriteResult(outcomes);
    }

    private boolean apply(Change change) {
      Written before = held.get(change.id());
      if (before != null && before.generation > change.generation()) {
        return false;
      }
      Written now =
          change instanceof Change.Upsert upsert
              ? new Written(upsert.indicator(), false, change.generation(), upsert.at())
              : new Written(null, true, change.generation(), ((Change.Withdraw) change).at());
      held.put(change.id(), now);
      return true;
    }

    @Override
    public void close() {}
  }
}
