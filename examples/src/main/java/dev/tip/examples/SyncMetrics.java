// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.feed.FeedOutcome;
import dev.tip.sync.FeedReport;
import dev.tip.sync.SyncListener;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Tells a Micrometer registry how feeds do: {@code FeedSync.builder().listener(new
 * SyncMetrics(registry))}. One listener serves all runs. It is not for dry runs: what they count
 * was not done.
 *
 * <p>Every meter has the tag {@code feed}: the gauges {@code tip.feed.last.success} (when the feed
 * last gave a list or said that it is as it was, and the sink had it; seconds since 1970, 0 if
 * never in this process) and {@code tip.feed.indicators} (what the sink says that it holds, or if
 * it cannot tell, how many were in the last whole list; not a number until either is known); the
 * counters {@code tip.feed.rejected}, {@code .written}, {@code .withdrawn} and {@code .failed}; the
 * timer {@code tip.feed.duration}; and {@code tip.feed.runs}, which counts by {@code outcome}.
 */
public final class SyncMetrics implements SyncListener {
  private final MeterRegistry registry;
  private final Map<String, Last> last = new ConcurrentHashMap<>();

  /** What gauges show of a feed. */
  private static final class Last {
    private volatile double success;
    private volatile double indicators = Double.NaN;
  }

  /** Creates a listener that registers a feed's meters when it first ends. */
  public SyncMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void feedFinished(FeedReport report) {
    String feed = report.feedId();
    Last known = last.computeIfAbsent(feed, this::gauges);
    FeedOutcome outcome = report.outcome();
    // Not where the feed was not asked, however well that is.
    if (outcome == FeedOutcome.PUBLISHED || outcome == FeedOutcome.UNCHANGED) {
      known.success = registry.config().clock().wallTime() / 1000.0;
    }
    if (report.holdings().isPresent()) {
      known.indicators = (double) report.holdings().get().active();
    } else if (outcome == FeedOutcome.PUBLISHED) {
      known.indicators = (double) report.kept();
    }
    count(feed, "tip.feed.rejected", report.rejected());
    count(feed, "tip.feed.written", report.added() + report.changed() + report.refreshed());
    count(feed, "tip.feed.withdrawn", report.withdrawn() + report.expired());
    count(feed, "tip.feed.failed", report.failed());
    registry.counter("tip.feed.runs", "feed", feed, "outcome", outcome.name()).increment();
    registry
        .timer("tip.feed.duration", "feed", feed)
        .record(report.duration().toNanos(), TimeUnit.NANOSECONDS);
  }

  private Last gauges(String feed) {
    Last fresh = new Last();
    Gauge.builder("tip.feed.last.success", fresh, l -> l.success)
        .baseUnit("seconds")
        .tag("feed", feed)
        .strongReference(true)
        .register(registry);
    Gauge.builder("tip.feed.indicators", fresh, l -> l.indicators)
        .tag("feed", feed)
        .strongReference(true)
        .register(registry);
    return fresh;
  }

  private void count(String feed, String name, long amount) {
    registry.counter(name, "feed", feed).increment((double) amount);
  }
}
