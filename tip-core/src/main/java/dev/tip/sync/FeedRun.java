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
  private @Nullable String restReason;
  private @Nullable String detail;

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
  static FeedReport skipped(Feed feed, FeedOutcome outcome, String message) {
    Tally tally = new Tally();
    tally.end(outcome, message);
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
      if (e.getCause() instanceof FeedException cause) {
        end(cause);
      } else {
        end(e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      tally.end(FeedOutcome.CANCELLED, CANCELLED);
    } catch (IOException e) {
      end(e);
    } catch (RuntimeException e) {
      // A bug in one parser, screen or listener must not take the other feeds along.
      LOG.error("{}: unexpected failure", info.id(), e);
      tally.end(FeedOutcome.INCOMPLETE, "unexpected failure, please report it: " + e);
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
    if (parts.sink().info().redistributes() && !info.terms().redistribution()) {
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
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
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
    tally.indicators++;
    String reason = parts.screen().check(indicator);
    if (reason != null) {
      Tally.count(tally.screened, reason, 1);
    } else {
      tally.kept++;
      spool.add(indicator);
    }
  }

  private void write(Merge merge) throws IOException, InterruptedException {
    SinkLanes.InFlight inFlight = lanes.open();
    try {
      List<Change> batch = new ArrayList<>(BATCH_CHANGES);
      long bytes = 0;
      while (isGoing() && merge.next()) {
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
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
    } finally {
      tally.repeated += merge.repeated();
      tally.kept -= merge.repeated();
      await(inFlight);
    }
    judge();
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
      sinkFailed(e.getCause());
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
              + " changes; please report it to its author");
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
      sinkFailed("sink-unsettled", "the sink settled nothing; run again when it answers");
    } else if (tally.unsettled > 0 || tally.conflicts > 0) {
      tally.end(
          FeedOutcome.INCOMPLETE,
          tally.unsettled
              + " indicators are not known to be stored (run again), "
              + tally.conflicts
              + " have a newer version in the sink (does another run write there?)");
    } else if (tally.refused > 0) {
      tally.end(
          tally.refused == tally.kept ? FeedOutcome.INCOMPLETE : FeedOutcome.PUBLISHED,
          "the sink refused " + tally.refused + " indicators" + because());
    }
  }

  private void end(FeedException e) {
    tally.end(e.outcome(), e.getMessage());
    tally.clause = e.clause().orElse(null);
    tally.retryAt = e.retryAt().orElse(null);
    e.transfer().ifPresent(tally::transferred);
    LOG.debug("{}: ended by this", info.id(), e);
  }

  private void end(IOException e) {
    if (e instanceof ClosedByInterruptException || Thread.currentThread().isInterrupted()) {
      Thread.currentThread().interrupt();
      tally.end(FeedOutcome.CANCELLED, CANCELLED);
    } else {
      tally.end(
          FeedOutcome.INCOMPLETE,
          "failed on this machine, not at the publisher or the sink; is there space in the folder"
              + " for temporary files? "
              + e);
    }
  }

  private void sinkFailed(Throwable cause) {
    if (cause instanceof InterruptedException) {
      // Nothing of the batch was sent; the run is being cancelled, and says so itself.
      restReason = "cancelled";
    } else if (cause instanceof SinkException e) {
      sinkFailed(
          "sink-" + e.kind().name().toLowerCase(Locale.ROOT), String.valueOf(e.getMessage()));
    } else if (cause instanceof Error e) {
      throw e;
    } else {
      LOG.error("{}: unexpected failure of the sink", info.id(), cause);
      sinkFailed("sink-error", "unexpected failure of the sink: " + cause);
    }
  }

  private void sinkFailed(String reason, String message) {
    if (isGoing()) {
      tally.end(FeedOutcome.SINK_FAILED, message);
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
