// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.feed.Feed;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.screen.Screen;
import dev.tip.sink.IndicatorSink;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Brings feeds into a sink.
 *
 * <p>Each feed is first read to its end, screened, sorted and freed of repeats, with what does not
 * fit into a small buffer in a temporary file; only a list that was whole and kept its contract
 * reaches the sink. With a {@link Builder#state state folder} only what changed is written, what
 * left a list that is whole is withdrawn, and what is listed still is written again before rules no
 * longer look at it. One feed that fails does not stop the others. Immutable; runs may follow each
 * other or overlap, as far as the sink allows it.
 */
public final class FeedSync {
  private final IndicatorSink sink;
  private final FetchContext context;
  private final Screen screen;
  private final SyncListener listener;
  private final @Nullable Executor executor;
  private final Path temporaryFolder;
  private final @Nullable Path state;
  private final int bufferBytes;
  private final boolean dryRun;
  private final Set<String> accepted;

  private FeedSync(Builder b) {
    this.sink = Objects.requireNonNull(b.sink, "sink");
    this.context = Objects.requireNonNull(b.context, "context");
    this.screen = b.screen;
    this.listener = b.listener;
    this.executor = b.executor;
    this.temporaryFolder =
        b.temporaryFolder != null
            ? b.temporaryFolder
            : Path.of(System.getProperty("java.io.tmpdir"));
    this.state = b.state;
    this.bufferBytes = b.bufferBytes;
    this.dryRun = b.dryRun;
    this.accepted = Set.copyOf(b.accepted);
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Runs the feeds and reports; does not throw for what a feed, the screen, the listener or the
   * sink does wrong.
   *
   * <p>An exception that one of them is not meant to throw ends the feed, not the run, and is
   * logged once with its stack: {@link FeedOutcome#INCOMPLETE} if it comes from {@link Feed#fetch}
   * or the screen, {@link FeedOutcome#CONTRACT_BROKEN} with the clause {@code parser} if from the
   * entries, {@link FeedOutcome#SINK_FAILED} if from the sink. {@link FeedReport#cause()} has it. A
   * listener that throws is told nothing more. An {@link Error} is thrown on.
   *
   * <p>Interrupting the thread cancels the run: it ends as soon as the sink returns from what it is
   * writing, the feeds that are not through end as {@link FeedOutcome#CANCELLED}, and the thread is
   * still interrupted on return. No thread of the run outlives it, and the sink stays open.
   *
   * @param feeds each id at most once
   * @return a report a feed, in the order of the collection
   * @throws IllegalArgumentException if two feeds have the same id
   * @throws InterruptedException if the thread is interrupted before anything was begun
   */
  public SyncReport run(Collection<? extends Feed> feeds) throws InterruptedException {
    List<Feed> list = List.copyOf(feeds);
    Set<String> ids = new HashSet<>();
    for (Feed feed : list) {
      if (!ids.add(feed.info().id())) {
        throw new IllegalArgumentException("two feeds have the id " + feed.info().id());
      }
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    long start = System.nanoTime();
    Instant now = context.clock().instant();
    SyncListener guarded = new GuardedListener(listener);
    FeedRun.Parts parts =
        new FeedRun.Parts(
            sink,
            context,
            screen,
            guarded,
            temporaryFolder,
            state,
            bufferBytes,
            dryRun,
            accepted,
            now,
            Math.max(1, now.toEpochMilli()),
            new AtomicReference<>());
    List<FeedReport> reports = runLocked(list, parts);
    return new SyncReport(now, Duration.ofNanos(System.nanoTime() - start), dryRun, reports);
  }

  private List<FeedReport> runLocked(List<Feed> list, FeedRun.Parts parts) {
    // Whoever only looks keeps no run from its work.
    if (state == null || dryRun) {
      return runAll(list, parts);
    }
    StateLock lock;
    try {
      lock = StateLock.take(state);
    } catch (IOException e) {
      return skipAll(
          list,
          parts,
          FeedOutcome.INCOMPLETE,
          "the state in " + state + " cannot be used; make it writable or set another folder: " + e,
          e);
    }
    if (lock == null) {
      return skipAll(
          list,
          parts,
          FeedOutcome.LOCKED,
          "another run has the state in " + state + "; wait until it is through",
          null);
    }
    try {
      return runAll(list, parts);
    } finally {
      lock.release();
    }
  }

  private static List<FeedReport> skipAll(
      List<Feed> feeds,
      FeedRun.Parts parts,
      FeedOutcome outcome,
      String message,
      @Nullable IOException cause) {
    List<FeedReport> reports = new ArrayList<>();
    for (Feed feed : feeds) {
      FeedReport report = FeedRun.skipped(feed, outcome, message, cause);
      parts.listener().feedFinished(report);
      reports.add(report);
    }
    return reports;
  }

  private List<FeedReport> runAll(List<Feed> list, FeedRun.Parts parts) {
    try (SinkLanes lanes = new SinkLanes(sink)) {
      return executor == null ? runHere(list, parts, lanes) : runOn(executor, list, parts, lanes);
    }
  }

  private List<FeedReport> runHere(List<Feed> feeds, FeedRun.Parts parts, SinkLanes lanes) {
    List<FeedReport> reports = new ArrayList<>();
    for (Feed feed : feeds) {
      FeedReport report =
          Thread.currentThread().isInterrupted()
              ? FeedRun.skipped(
                  feed, FeedOutcome.CANCELLED, "the run was cancelled before it", null)
              : new FeedRun(feed, parts, lanes).run();
      parts.listener().feedFinished(report);
      reports.add(report);
    }
    return reports;
  }

  private List<FeedReport> runOn(
      Executor executor, List<Feed> feeds, FeedRun.Parts parts, SinkLanes lanes) {
    List<Turn> turns = new ArrayList<>();
    for (Feed feed : feeds) {
      Turn turn = new Turn(feed, parts, lanes);
      turns.add(turn);
      if (Thread.currentThread().isInterrupted()) {
        turn.cancel();
        continue;
      }
      try {
        executor.execute(turn);
      } catch (RejectedExecutionException e) {
        turn.skip(FeedOutcome.INCOMPLETE, "the executor took no more feeds; is it shut down?", e);
      }
    }
    boolean interrupted = false;
    for (Turn turn : turns) {
      while (true) {
        try {
          turn.done.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
          turns.forEach(Turn::cancel);
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    List<FeedReport> reports = new ArrayList<>();
    for (Turn turn : turns) {
      reports.add(turn.report());
    }
    return reports;
  }

  /**
   * One feed on the caller's executor. It ends exactly once: by running, or by being skipped before
   * it ran.
   */
  private static final class Turn implements Runnable {
    private final Feed feed;
    private final FeedRun.Parts parts;
    private final SinkLanes lanes;
    private final Thread caller = Thread.currentThread();
    private final CountDownLatch done = new CountDownLatch(1);
    private boolean begun;
    private @Nullable Thread runner;
    private @Nullable FeedReport report;
    private @Nullable Throwable failure;

    Turn(Feed feed, FeedRun.Parts parts, SinkLanes lanes) {
      this.feed = feed;
      this.parts = parts;
      this.lanes = lanes;
    }

    @Override
    public void run() {
      synchronized (this) {
        if (begun) {
          return;
        }
        begun = true;
        runner = Thread.currentThread();
      }
      try {
        FeedReport r = new FeedRun(feed, parts, lanes).run();
        parts.listener().feedFinished(r);
        end(r, null);
      } catch (RuntimeException | Error e) {
        // Not expected, as a run ends with a report; but whoever waits for it must not wait on.
        end(null, e);
      }
    }

    synchronized void cancel() {
      if (runner != null) {
        runner.interrupt();
      } else {
        skip(FeedOutcome.CANCELLED, "the run was cancelled before it", null);
      }
    }

    synchronized void skip(FeedOutcome outcome, String message, @Nullable Throwable cause) {
      if (!begun) {
        begun = true;
        FeedReport r = FeedRun.skipped(feed, outcome, message, cause);
        end(r, null);
        parts.listener().feedFinished(r);
      }
    }

    private synchronized void end(@Nullable FeedReport r, @Nullable Throwable t) {
      if (runner != null && runner != caller) {
        // The interrupt was meant for this feed, not for what the executor's thread does next.
        Thread.interrupted();
      }
      runner = null;
      report = r;
      failure = t;
      done.countDown();
    }

    synchronized FeedReport report() {
      if (failure instanceof Error e) {
        throw e;
      }
      if (failure instanceof RuntimeException e) {
        throw e;
      }
      return Objects.requireNonNull(report);
    }
  }

  /** Collects the parts of a sync. Not thread-safe. */
  public static final class Builder {
    private @Nullable IndicatorSink sink;
    private @Nullable FetchContext context;
    private Screen screen = Screen.none();
    private SyncListener listener = new SyncListener() {};
    private @Nullable Executor executor;
    private @Nullable Path temporaryFolder;
    private @Nullable Path state;
    private int bufferBytes = Spool.DEFAULT_BUFFER;
    private boolean dryRun;
    private final Set<String> accepted = new HashSet<>();

    private Builder() {}

    /**
     * Sets the sink, which the caller closes; required. At most two writes go to it at the same
     * time.
     */
    public Builder sink(IndicatorSink sink) {
      this.sink = Objects.requireNonNull(sink, "sink");
      return this;
    }

    /** Sets what fetches may use, among it the clock of the run; required. */
    public Builder context(FetchContext context) {
      this.context = Objects.requireNonNull(context, "context");
      return this;
    }

    /** Sets the screen; default: {@link Screen#none()}. */
    public Builder screen(Screen screen) {
      this.screen = Objects.requireNonNull(screen, "screen");
      return this;
    }

    /** Sets who is told how it goes on; default: no one. */
    public Builder listener(SyncListener listener) {
      this.listener = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /**
     * Sets what runs the feeds, as many at once as it has threads; default: the thread that calls
     * {@link FeedSync#run}, one feed after the other. It must run what it takes, and the caller
     * ends it after the run; its only thread must not be the one that calls {@code run}. Feeds that
     * it refuses end as {@link FeedOutcome#INCOMPLETE}.
     */
    public Builder executor(Executor executor) {
      this.executor = Objects.requireNonNull(executor, "executor");
      return this;
    }

    /**
     * Sets where a list goes that does not fit into the sort buffer; default: the system's folder
     * for temporary files. About as much space as the list itself is needed, twice that for very
     * long ones.
     */
    public Builder temporaryFolder(Path folder) {
      this.temporaryFolder = Objects.requireNonNull(folder, "folder");
      return this;
    }

    /**
     * Sets the folder where a run leaves for the next one what the sink holds and what the feeds
     * want to remember; it is made if it is absent. Without it, each run stores the whole of every
     * list and withdraws nothing. One folder is for one run at a time, and can serve several sinks.
     *
     * <p>In its folder {@code quarantine}, a file {@code <feed id>.records.ndjson} says which
     * records of the feed's last list that was read to its end could not be used, and a file {@code
     * <feed id>-<sink>.changes.ndjson}, where {@code <sink>} is {@link SyncState.FeedState#sink},
     * which changes the sink did not take in the last run that handed it any. Each has at most 1000
     * lines of ASCII JSON with {@code time}, {@code reason}, and {@code position} and {@code text}
     * or {@code outcome}, {@code id}, {@code type}, {@code value} and {@code detail}; one more says
     * the {@code count} of those left out. A file without a line is not there. A change that was
     * not taken is tried again by every run.
     */
    public Builder state(Path folder) {
      this.state = Objects.requireNonNull(folder, "folder");
      return this;
    }

    /**
     * Sets how much of a list is sorted in memory, for each feed that runs at the same time;
     * default: 8 MiB.
     *
     * @throws IllegalArgumentException if it is less than 64 KiB
     */
    public Builder sortBuffer(int bytes) {
      if (bytes < 1 << 16) {
        throw new IllegalArgumentException("the sort buffer needs at least 65536 bytes: " + bytes);
      }
      this.bufferBytes = bytes;
      return this;
    }

    /**
     * Believes a feed's list however short or old it is; default: one that has lost more than its
     * {@link dev.tip.feed.ContentContract#minShareOfLast contract} allows, or was made more than
     * five minutes before the last one, is {@link FeedOutcome#HELD} until three in a row are.
     */
    public Builder accept(String feedId) {
      accepted.add(Objects.requireNonNull(feedId, "feedId"));
      return this;
    }

    /**
     * Reads, sorts and counts what would be done, held against the {@linkplain #state state} if
     * there is one, but gives the sink nothing and changes nothing in the state; default: false.
     * The sink is only asked what it is. It takes no lock: beside a run, the counts may be of what
     * was remembered before it or after.
     */
    public Builder dryRun(boolean dryRun) {
      this.dryRun = dryRun;
      return this;
    }

    /**
     * Builds it.
     *
     * @throws NullPointerException if a required part is missing
     */
    public FeedSync build() {
      return new FeedSync(this);
    }
  }
}
