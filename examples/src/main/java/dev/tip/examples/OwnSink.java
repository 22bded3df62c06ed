// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.feed.FeedSettings;
import dev.tip.feed.Feeds;
import dev.tip.feed.FetchContext;
import dev.tip.feed.Usage;
import dev.tip.sink.Change;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.SinkInfo;
import dev.tip.sink.WriteResult;
import dev.tip.sink.WriteResult.Outcome;
import dev.tip.sync.FeedSync;
import dev.tip.sync.SyncReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** A sink that keeps the values of active indicators in memory. */
public final class OwnSink implements IndicatorSink {
  private final Map<String, Change> held = new ConcurrentHashMap<>();

  /** Another for every sink: what one holds is gone with it. */
  private final String identity = "own-sink:" + UUID.randomUUID();

  private volatile boolean closed;

  /** Brings the Spamhaus DROP lists into a sink and prints what it holds then. */
  public static void main(String[] args) throws InterruptedException {
    print(FeedSettings.defaults());
  }

  static void print(FeedSettings settings) throws InterruptedException {
    try (OwnSink sink = new OwnSink()) {
      FeedSync sync =
          FeedSync.builder()
              .sink(sink)
              .context(FetchContext.builder(Usage.COMMERCIAL).build())
              .build();
      SyncReport report =
          sync.run(Feeds.installed(settings).subMap("spamhaus", "spamhaut").values());
      System.err.print(report.toTable());
      sink.values().forEach(System.out::println);
    }
  }

  /** Returns the values of the indicators that hold now. */
  public List<String> values() {
    return held.values().stream()
        .filter(Change.Upsert.class::isInstance)
        .map(change -> ((Change.Upsert) change).indicator().observable().value())
        .toList();
  }

  @Override
  public SinkInfo info() {
    return new SinkInfo(identity, false, false);
  }

  // own sink
  @Override
  public WriteResult write(List<Change> batch) {
    if (closed) {
      throw new IllegalStateException("the sink is closed");
    }
    List<Outcome> outcomes = new ArrayList<>(batch.size());
    for (Change change : batch) {
      // A withdrawal is kept too: it stops an older generation from coming back.
      Change winner =
          held.merge(change.id(), change, (a, b) -> b.generation() >= a.generation() ? b : a);
      outcomes.add(
          winner == change
              ? Outcome.WRITTEN
              : new Outcome(WriteResult.Status.CONFLICT, "newer-generation", null));
    }
    return new WriteResult(outcomes);
  }

  // end of own sink

  @Override
  public void close() {
    closed = true;
  }
}
