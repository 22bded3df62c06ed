// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.Indicator;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FeedReader;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.screen.Screen;
import dev.tip.sink.Change;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.SinkException;
import dev.tip.sink.WriteResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of one feed into the sink, once. Whatever goes wrong on it becomes the outcome of its
 * report.
 *
 * <p>All of it happens on the calling thread but {@link IndicatorSink#write}.
 */
final class FeedRun {
  private static final Logger LOG = LoggerFactory.getLogger(FeedSync.class);
  private static final int PROGRESS_EVERY = 4096;
  private static final int BATCH_CHANGES = 1000;
  private static final int BATCH_BYTES = 1 << 20;

  /**
   * More refusals than this, and than a twentieth of what was sent, mean that the sink does not
   * fit.
   */
  private static final int FLOOD = 100;

  private static final String CANCELLED = "the run was cancelled";

  private final Feed feed;
  private final FeedInfo info;
  private final Parts parts;
  private final SinkLanes lanes;
  private final Tally tally = new Tally();
  private Actor actor = Actor.SYNC;

  /** Whether writes are interrupted because the feed is over. */
  private boolean abandoned;

  private @Nullable String restReason;
  private @Nullable String detail;

  /** Whose code runs, so that a failure which nobody expects is put down to the right one. */
  private enum Actor {
    FEED("feed-error", "the feed's own code"),
    SCREEN("screen-error", "the screen"),
    SINK("sink-error", "the sink"),
    SYNC("sync-error", "tip itself");

    private final String reason;
    private final String who;

    Actor(String reason, String who) {
      this.reason = reason;
      this.who = who;
    }
  }

  /** What is the same for all feeds of a run. */
  record Parts(
      IndicatorSink sink,
      FetchContext context,
      Screen screen,
      SyncListener listener,
      Path directory,
      int bufferBytes,
      boolean dryRun,
      Instant now,
      long generation) {}

  FeedRun(Feed feed, Parts parts, SinkLanes lanes) {
    this.feed = feed;
    this.info = feed.info();
    this.parts = parts;
    this.lanes = lanes;
  }

  /** Returns the report of a feed whose turn did not come. */
  static FeedReport skipped(
      Feed feed, FeedOutcome outcome, String message, @Nullable Throwable cause) {
    Tally tally = new Tally();
    tally.end(outcome, message, cause);
    return new FeedReport(feed.info().id(), tally, Duration.ZERO);
  }

  /** Runs it. The thread's interrupt status is kept: set means that the run was cancelled. */
  FeedReport run() {
    long start = System.nanoTime();
    try {
      parts.listener().feedStarted(info.id());
      if (mayRun()) {
        fetch();
      }
    } catch (FeedException e) {
      end(e);
    } catch (UncheckedIOException e) {
      if (actor != Actor.FEED) {
        fellOver(e);
      } else if (e.getCause() instanceof FeedException cause) {
        end(cause);
      } else {
        end(Objects.requireNonNull(e.getCause()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      tally.end(FeedOutcome.CANCELLED, CANCELLED);
    } catch (IOException e) {
      end(e);
    } catch (RuntimeException e) {
      fellOver(e);
    }
    settleRest();
    FeedReport report =
        new FeedReport(info.id(), tally, Duration.ofNanos(System.nanoTime() - start));
    log(report);
    return report;
  }

  private boolean mayRun() {
    if (!info.terms().allows(parts.context().usage())) {
      tally.end(
          FeedOutcome.TERMS_NOT_ACCEPTED,
          "its terms forbid this use ("
              + info.terms().summary()
              + ", "
              + info.terms().reference()
              + "); leave the feed out, or make a contract with the publisher");
      return false;
    }
    actor = Actor.SINK;
    boolean redistributes = parts.sink().info().redistributes();
    actor = Actor.SYNC;
    if (redistributes && !info.terms().redistribution()) {
      tally.end(
          FeedOutcome.TERMS_NOT_ACCEPTED,
          "the sink passes indicators on, which its terms forbid ("
              + info.terms().summary()
              + ", "
              + info.terms().reference()
              + "); leave the feed out, or use a sink of your own");
      return false;
    }
    return true;
  }

  private void fetch() throws IOException, InterruptedException {
    try (Spool spool = new Spool(info, parts.directory(), parts.bufferBytes())) {
      actor = Actor.FEED;
      try (FetchResult result = feed.fetch(parts.context(), null)) {
        if (!(result instanceof FetchResult.Modified modified)) {
          tally.outcome = FeedOutcome.UNCHANGED;
          tally.transferred(result.transfer());
          return;
        }
        try {
          read(modified.reader(), spool);
        } finally {
          tally.transferred(modified.transfer());
        }
      }
      actor = Actor.SYNC;
      Merge merge = spool.sorted();
      tally.repeated = spool.repeated();
      tally.kept -= spool.repeated();
      write(merge);
    }
  }

  /** Reads to the end: only there it is known whether the list is whole. */
  private void read(FeedReader reader, Spool spool) throws IOException, InterruptedException {
    long entries = 0;
    try {
      for (FeedEntry entry : reader) {
        if (++entries % PROGRESS_EVERY == 0) {
          parts.listener().progress(info.id(), reader.counts().records());
        }
        if (entry instanceof FeedEntry.Accepted accepted) {
          tally.used(accepted.position());
          accept(accepted.indicator(), spool);
        } else if (entry instanceof FeedEntry.Rejected rejected) {
          tally.rejected(rejected.position(), rejected.reason());
          parts.listener().rejected(info.id(), rejected);
        } else if (entry instanceof FeedEntry.Revoked revoked) {
          tally.used(revoked.position());
        } else if (entry instanceof FeedEntry.Declared declared
            && declared.key().equals(FeedEntry.Declared.MEMBER)) {
          tally.memberStarts();
        }
        // Not before: the reader has counted the entry.
        if (entries % PROGRESS_EVERY == 0) {
          stopIfInterrupted();
        }
      }
      parts.listener().progress(info.id(), reader.counts().records());
    } finally {
      FeedReader.Counts counts = reader.counts();
      tally.records = counts.records();
      tally.revoked = counts.revoked();
      tally.parsed = counts.parsed();
    }
  }

  private void accept(Indicator indicator, Spool spool) throws IOException {
    // Counted before anything can fail: the reader has handed it out, so it has to end somewhere.
    tally.indicators++;
    tally.kept++;
    actor = Actor.SCREEN;
    String reason = parts.screen().check(indicator);
    actor = Actor.SYNC;
    if (reason != null) {
      tally.kept--;
      Tally.count(tally.screened, reason, 1);
    } else {
      spool.add(indicator);
    }
    actor = Actor.FEED;
  }

  private void write(Merge merge) throws IOException, InterruptedException {
    SinkLanes.InFlight inFlight = lanes.open();
    try {
      List<Change> batch = new ArrayList<>(BATCH_CHANGES);
      long bytes = 0;
      while (isGoing() && merge.next()) {
        stopIfInterrupted();
        if (parts.dryRun()) {
          tally.added++;
          continue;
        }
        batch.add(upsert(merge.indicator()));
        bytes += merge.frameLength();
        if (batch.size() == BATCH_CHANGES || bytes >= BATCH_BYTES) {
          send(batch, inFlight);
          batch = new ArrayList<>(BATCH_CHANGES);
          bytes = 0;
        }
      }
      if (!batch.isEmpty()) {
        send(batch, inFlight);
      }
      while (!inFlight.isEmpty()) {
        settle(inFlight);
      }
      // After a failure the rest is read but not sent: the report still says how much of the list
      // is repeats.
      while (merge.next()) {
        stopIfInterrupted();
      }
    } finally {
      tally.repeated += merge.repeated();
      tally.kept -= merge.repeated();
      await(inFlight);
    }
    judge();
  }

  private static void stopIfInterrupted() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  private boolean isGoing() {
    return tally.outcome == FeedOutcome.PUBLISHED;
  }

  private Change upsert(Indicator indicator) {
    return new Change.Upsert(
        indicator, parts.generation(), Change.Cause.NEW, parts.now(), parts.now());
  }

  private void send(List<Change> batch, SinkLanes.InFlight inFlight) throws InterruptedException {
    if (inFlight.isFull()) {
      settle(inFlight);
    }
    if (isGoing()) {
      tally.sinkOperations += batch.size();
      inFlight.submit(Collections.unmodifiableList(batch));
    }
  }

  /** Waits for what is in flight although the feed is over: no write outlives its run. */
  private void await(SinkLanes.InFlight inFlight) {
    abandoned = true;
    boolean interrupted = false;
    while (!inFlight.isEmpty()) {
      inFlight.interrupt();
      try {
        settle(inFlight);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void settle(SinkLanes.InFlight inFlight) throws InterruptedException {
    try {
      SinkLanes.Written written = inFlight.take().get();
      count(written.batch(), written.result().outcomes());
    } catch (ExecutionException e) {
      sinkFailed(Objects.requireNonNull(e.getCause()));
    }
    parts
        .listener()
        .settled(info.id(), tally.added + tally.conflicts + tally.refused + tally.unsettled);
  }

  private void count(List<Change> batch, List<WriteResult.Outcome> outcomes) {
    if (outcomes.size() != batch.size()) {
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
    for (WriteResult.Outcome outcome : outcomes) {
      String reason = Objects.requireNonNullElse(outcome.reason(), "unknown");
      switch (outcome.status()) {
        case WRITTEN -> tally.added++;
        case CONFLICT -> {
          tally.conflicts++;
          Tally.count(tally.failed, reason, 1);
        }
        case REFUSED -> {
          tally.refused++;
          detail = detail != null ? detail : outcome.detail();
          Tally.count(tally.failed, reason, 1);
        }
        case UNSETTLED -> {
          tally.unsettled++;
          Tally.count(tally.failed, reason, 1);
        }
      }
    }
    if (isGoing() && tally.refused > Math.max(FLOOD, tally.sinkOperations / 20)) {
      tally.end(
          FeedOutcome.INCOMPLETE,
          "the sink refused "
              + tally.refused
              + " of "
              + tally.sinkOperations
              + " indicators, so the run stopped; check how the sink is set up"
              + because());
    }
  }

  private String because() {
    return detail == null ? "" : ": " + detail;
  }

  /** Says how a list ended that was written to its end. */
  private void judge() {
    if (!isGoing()) {
      return;
    }
    if (tally.unsettled > 0 && tally.unsettled == tally.kept) {
      sinkFailed("sink-unsettled", "the sink settled nothing; run again when it answers", null);
    } else if (tally.unsettled > 0 || tally.conflicts > 0) {
      tally.end(
          FeedOutcome.INCOMPLETE,
          tally.unsettled
              + " indicators are not known to be stored (run again), "
              + tally.conflicts
              + " have a newer version in the sink (does another run write there?)");
    } else if (tally.refused > 0) {
      tally.end(
          FeedOutcome.INCOMPLETE, "the sink refused " + tally.refused + " indicators" + because());
    }
  }

  private void end(FeedException e) {
    tally.end(e.outcome(), e.getMessage(), e);
    tally.clause = e.clause().orElse(null);
    tally.retryAt = e.retryAt().orElse(null);
    e.transfer().ifPresent(tally::transferred);
    if (e.getCause() instanceof RuntimeException) {
      LOG.error("{}: ended by this", info.id(), e);
    } else {
      LOG.debug("{}: ended by this", info.id(), e);
    }
  }

  private void end(IOException e) {
    if (e instanceof ClosedByInterruptException || Thread.currentThread().isInterrupted()) {
      Thread.currentThread().interrupt();
      tally.end(FeedOutcome.CANCELLED, CANCELLED);
      return;
    }
    if (actor == Actor.SYNC) {
      restReason = "temporary-files";
      tally.end(
          FeedOutcome.INCOMPLETE,
          "temporary files in "
              + parts.directory()
              + " cannot be written or read back; make space there or set another folder: "
              + e,
          e);
    } else {
      restReason = "local-failure";
      tally.end(FeedOutcome.INCOMPLETE, "fetching failed on this machine: " + e, e);
    }
  }

  /**
   * Ends the feed because some code threw what it should not: the other feeds go on. The message
   * names only the kind of exception, whose own words may be anything.
   */
  private void fellOver(RuntimeException e) {
    LOG.error("{}: {} failed unexpectedly", info.id(), actor.who, e);
    restReason = actor.reason;
    tally.end(
        actor == Actor.SINK ? FeedOutcome.SINK_FAILED : FeedOutcome.INCOMPLETE,
        actor.who
            + " failed unexpectedly with "
            + e.getClass().getName()
            + ", see the log; report it to its author",
        e);
  }

  private void sinkFailed(Throwable cause) {
    if (cause instanceof InterruptedException && abandoned) {
      // Asked for: nothing of the batch was sent, and what ended the feed says so itself.
      LOG.debug("{}: a write was interrupted", info.id());
    } else if (cause instanceof Error e) {
      throw e;
    } else if (!isGoing()) {
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
          Actor.SINK.reason,
          "the sink failed unexpectedly with "
              + cause.getClass().getName()
              + ", see the log; report it to its author",
          cause);
    }
  }

  private void sinkFailed(String reason, String message, @Nullable Throwable cause) {
    if (isGoing()) {
      tally.end(FeedOutcome.SINK_FAILED, message, cause);
      restReason = reason;
    }
  }

  /** Counts what was kept and never settled, and holds the sums against each other. */
  private void settleRest() {
    tally.failRest(
        restReason != null
            ? restReason
            : tally.outcome.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    String discrepancy = tally.discrepancy();
    if (discrepancy != null) {
      LOG.error("{}: counts do not add up: {}", info.id(), discrepancy);
      if (tally.outcome.isHealthy()) {
        tally.end(FeedOutcome.INCOMPLETE, "counts do not add up, please report it: " + discrepancy);
      }
    }
  }

  private void log(FeedReport r) {
    LOG.info(
        "{}: {} records={} rejected={} indicators={} repeated={} screened={} added={} failed={}"
            + " requests={} bytes={} in {} ms",
        r.feedId(),
        r.status(),
        r.records(),
        r.rejected(),
        r.indicators(),
        r.repeated(),
        r.screened(),
        r.added(),
        r.failed(),
        r.requests(),
        r.bytes(),
        r.duration().toMillis());
  }
}
