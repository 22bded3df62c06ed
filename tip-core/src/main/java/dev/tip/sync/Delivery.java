// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.Indicator;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.sink.Change;
import dev.tip.sink.SinkException;
import dev.tip.sink.WriteResult;
import java.io.IOException;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the changes of one feed to the sink in batches, and counts what became of each. Stops for
 * good when the sink fails. Used by one thread.
 */
final class Delivery {
  private static final Logger LOG = LoggerFactory.getLogger(FeedSync.class);
  private static final int BATCH_CHANGES = 2000;
  private static final int BATCH_BYTES = 2 << 20;

  /**
   * More refusals than this, and than a twentieth of what was sent, mean that the sink does not
   * fit.
   */
  private static final int FLOOD = 100;

  private final FeedInfo info;
  private final Instant now;
  private final SyncListener listener;
  private final SinkLanes lanes;
  private final Tally tally;
  private final DeadLetters letters;

  /** Whether the sink gets nothing more. */
  private boolean stopped;

  /** Whether writes are interrupted because the feed is over. */
  private boolean abandoned;

  private @Nullable String reason;
  private @Nullable String detail;
  private long settled;

  Delivery(
      FeedInfo info,
      Instant now,
      SyncListener listener,
      SinkLanes lanes,
      Tally tally,
      DeadLetters letters) {
    this.info = info;
    this.now = now;
    this.listener = listener;
    this.lanes = lanes;
    this.tally = tally;
    this.letters = letters;
  }

  /** Gives the sink nothing more. */
  void stop() {
    stopped = true;
  }

  boolean isStopped() {
    return stopped;
  }

  /** Returns the code of why the sink failed, or null. */
  @Nullable String reason() {
    return reason;
  }

  /** Sends what is to be done, as long as the sink takes it. */
  void send(Ledger.Reader from, Todo todo, long generation)
      throws IOException, InterruptedException {
    SinkLanes.InFlight inFlight = lanes.open();
    IndicatorCodec codec = new IndicatorCodec(info);
    try (from) {
      SinkLanes.Batch batch = new SinkLanes.Batch(BATCH_CHANGES);
      while (!stopped && from.advance()) {
        checkInterrupts();
        batch.add(change(from, codec, generation), from.task(), from.ordinal());
        batch.bytes += from.end() - from.keyStart();
        if (batch.size() == BATCH_CHANGES || batch.bytes >= BATCH_BYTES) {
          submit(batch, inFlight, todo);
          batch = new SinkLanes.Batch(BATCH_CHANGES);
        }
      }
      finish(batch, inFlight, todo);
      if (!stopped) {
        todo.allSent();
      }
    } finally {
      await(inFlight, todo);
    }
  }

  /**
   * An indicator of which nothing is known but its id, and why it is withdrawn.
   *
   * @param task a withdrawal
   */
  record Orphan(String id, Ledger.Task task) {}

  /**
   * Withdraws ids of which nothing else is known.
   *
   * @return whether all of it is done
   */
  boolean withdraw(Iterator<Orphan> orphans, long generation)
      throws IOException, InterruptedException {
    Todo todo = new Todo(0);
    SinkLanes.InFlight inFlight = lanes.open();
    try {
      SinkLanes.Batch batch = new SinkLanes.Batch(BATCH_CHANGES);
      while (!stopped && orphans.hasNext()) {
        checkInterrupts();
        Orphan orphan = orphans.next();
        Change.Reason why = Objects.requireNonNull(orphan.task().reason);
        batch.add(new Change.Withdraw(orphan.id(), info, generation, why, now), orphan.task(), 0);
        if (batch.size() == BATCH_CHANGES) {
          submit(batch, inFlight, todo);
          batch = new SinkLanes.Batch(BATCH_CHANGES);
        }
      }
      finish(batch, inFlight, todo);
    } finally {
      await(inFlight, todo);
    }
    return !stopped && todo.isDone();
  }

  /** Submits the last batch, and waits for all of them. */
  private void finish(SinkLanes.Batch last, SinkLanes.InFlight inFlight, Todo todo)
      throws IOException, InterruptedException {
    if (last.size() > 0) {
      submit(last, inFlight, todo);
    }
    while (!inFlight.isEmpty()) {
      settle(inFlight, todo);
    }
  }

  static void checkInterrupts() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  private Change change(Ledger.Reader of, IndicatorCodec codec, long generation)
      throws IOException {
    Indicator indicator =
        codec.decode(of.data(), of.keyStart(), of.keyEnd(), of.propertiesStart(), of.end());
    Ledger.Task task = of.task();
    return task.cause != null
        ? new Change.Upsert(
            indicator, generation, task.cause, Instant.ofEpochMilli(of.added()), now)
        : new Change.Withdraw(indicator, generation, Objects.requireNonNull(task.reason), now);
  }

  private void submit(SinkLanes.Batch batch, SinkLanes.InFlight inFlight, Todo todo)
      throws IOException, InterruptedException {
    if (inFlight.isFull()) {
      settle(inFlight, todo);
    }
    if (!stopped) {
      tally.sinkOperations += batch.size();
      todo.sent(batch);
      inFlight.submit(batch);
    }
  }

  /** Waits for what is in flight although the feed is over: no write outlives its run. */
  private void await(SinkLanes.InFlight inFlight, Todo todo) {
    abandoned = true;
    boolean interrupted = false;
    while (!inFlight.isEmpty()) {
      inFlight.interrupt();
      try {
        settle(inFlight, todo);
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (IOException e) {
        // Something else ended the feed, and says so.
        LOG.warn("{}: what the sink did not take could not be written down", info.id(), e);
      }
    }
    abandoned = false;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void settle(SinkLanes.InFlight inFlight, Todo todo)
      throws IOException, InterruptedException {
    SinkLanes.Ended ended = inFlight.take();
    SinkLanes.Batch batch = ended.batch();
    try {
      count(batch, ended.result().get().outcomes(), todo);
    } catch (ExecutionException e) {
      todo.open(batch);
      sinkFailed(Objects.requireNonNull(e.getCause()));
    }
    settled += batch.size();
    listener.settled(info.id(), settled);
  }

  private void count(SinkLanes.Batch batch, List<WriteResult.Outcome> outcomes, Todo todo)
      throws IOException {
    if (outcomes.size() != batch.size()) {
      todo.open(batch);
      sinkFailed(
          "sink-miscount",
          "the sink gave "
              + outcomes.size()
              + " outcomes for "
              + batch.size()
              + " changes; please report it to its author",
          null);
      return;
    }
    for (int i = 0; i < outcomes.size(); i++) {
      WriteResult.Outcome outcome = outcomes.get(i);
      Ledger.Task task = batch.task(i);
      if (outcome.status() == WriteResult.Status.WRITTEN) {
        tally.done(task);
        continue;
      }
      todo.open(batch.ordinal(i));
      switch (outcome.status()) {
        case WRITTEN -> throw new AssertionError();
        case CONFLICT -> tally.conflicts++;
        case REFUSED -> {
          tally.refused++;
          detail = detail != null ? detail : outcome.detail();
        }
        case UNSETTLED -> tally.unsettled++;
      }
      if (task.cause != null) {
        String reason = Objects.requireNonNullElse(outcome.reason(), "unknown");
        Tally.count(tally.failed, reason, 1);
      }
    }
    // Last, as the disk may be full: what is not done has to be known before.
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i).status() != WriteResult.Status.WRITTEN) {
        letters.add(batch.change(i), outcomes.get(i));
      }
    }
    if (!stopped && tally.refused > Math.max(FLOOD, tally.sinkOperations / 20)) {
      stopped = true;
      tally.end(
          FeedOutcome.INCOMPLETE,
          "the sink refused "
              + tally.refused
              + " of "
              + tally.sinkOperations
              + " changes, so the run stopped; check how the sink is set up"
              + because());
    }
  }

  private String because() {
    return detail == null ? "" : ": " + detail;
  }

  /** Says how a feed ended of which everything was tried. */
  void judge() {
    if (stopped) {
      return;
    }
    if (tally.unsettled > 0 && tally.unsettled == tally.sinkOperations) {
      sinkFailed("sink-unsettled", "the sink settled nothing; run again when it answers", null);
    } else if (!tally.outcome.isHealthy()) {
      // What is wrong with the feed says so itself; what the sink did not take is in the counts.
      LOG.debug("{}: {} unsettled, {} conflicts", info.id(), tally.unsettled, tally.conflicts);
    } else if (tally.unsettled > 0 || tally.conflicts > 0) {
      tally.end(
          FeedOutcome.INCOMPLETE,
          tally.unsettled
              + " changes are not known to be stored (run again), "
              + tally.conflicts
              + " have a newer version in the sink (does another run write there?)");
    } else if (tally.refused > 0) {
      tally.end(
          FeedOutcome.INCOMPLETE, "the sink refused " + tally.refused + " changes" + because());
    }
  }

  /** Ends the feed because of what the sink threw. */
  void sinkFailed(Throwable cause) {
    if (cause instanceof InterruptedException && abandoned) {
      // Asked for: nothing of the batch was sent, and what ended the feed says so itself.
      LOG.debug("{}: a write was interrupted", info.id());
    } else if (cause instanceof Error e) {
      throw e;
    } else if (stopped) {
      // Two lanes fail for one reason; the first has said it.
      LOG.debug("{}: the sink failed again", info.id(), cause);
    } else if (cause instanceof SinkException e) {
      sinkFailed(
          "sink-" + e.kind().name().toLowerCase(Locale.ROOT), String.valueOf(e.getMessage()), e);
    } else if (cause instanceof IOException e) {
      sinkFailed("sink-io", "the sink failed: " + e, e);
    } else {
      LOG.error("{}: the sink failed unexpectedly", info.id(), cause);
      sinkFailed(
          "sink-error",
          "the sink failed unexpectedly with "
              + cause.getClass().getName()
              + ", see the log; report it to its author",
          cause);
    }
  }

  private void sinkFailed(String reason, String message, @Nullable Throwable cause) {
    if (!stopped) {
      stopped = true;
      tally.end(FeedOutcome.SINK_FAILED, message, cause);
      this.reason = reason;
    }
  }
}
