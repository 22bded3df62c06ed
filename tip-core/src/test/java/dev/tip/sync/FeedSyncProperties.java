// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.ContentContract;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.sink.Change;
import dev.tip.sink.SinkException;
import dev.tip.sink.WriteResult;
import dev.tip.sink.WriteResult.Outcome;
import dev.tip.sink.WriteResult.Status;
import dev.tip.sync.Fakes.RecordingSink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class FeedSyncProperties {

  /**
   * Whatever feeds and sink do: the counts of every feed add up, a broken feed writes nothing, and
   * a whole one hands each indicator that is kept to the sink exactly once.
   */
  @Property(tries = 200)
  void countsAddUpWhateverHappens(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int feedCount,
      @ForAll @DoubleRange(max = 0.3) double trouble,
      @ForAll boolean sinkDies)
      throws Exception {
    Random random = new Random(seed);
    List<Feed> feeds = new ArrayList<>();
    Map<String, Map<String, Indicator>> expected = new TreeMap<>();
    for (int i = 0; i < feedCount; i++) {
      FeedInfo info =
          Samples.feed("list-" + i)
              .contract(ContentContract.builder().mayBeEmpty().maxRejectedShare(1).build())
              .build();
      Map<String, Indicator> kept = new HashMap<>();
      List<FeedEntry> entries = entries(info, random, kept);
      if (random.nextDouble() < 0.3) {
        feeds.add(
            Fakes.breaking(
                info, entries, FeedException.of(info.id(), FeedOutcome.UNREACHABLE, "cut", null)));
      } else {
        feeds.add(Fakes.feed(info, entries));
        expected.put(info.id(), kept);
      }
    }
    RecordingSink sink = sink(random.nextLong(), trouble, sinkDies);

    SyncReport report =
        FeedSync.builder()
            .sink(sink)
            .context(Fakes.CONTEXT)
            .screen(i -> isScreened(i) ? "screened-out" : null)
            .sortBuffer(1 << 16)
            .build()
            .run(feeds);

    for (FeedReport r : report.feeds()) {
      assertThat(r.records()).isEqualTo(r.rejected() + r.revoked() + r.parsed());
      assertThat(r.indicators()).isEqualTo(r.repeated() + r.screened() + r.kept());
      assertThat(r.kept())
          .isEqualTo(r.unchanged() + r.added() + r.changed() + r.refreshed() + r.failed());
      Map<String, Indicator> kept = expected.get(r.feedId());
      List<Indicator> written =
          sink.changes.stream()
              .map(c -> ((Change.Upsert) c).indicator())
              .filter(i -> i.feed().id().equals(r.feedId()))
              .toList();
      if (kept == null) {
        assertThat(written).isEmpty();
        assertThat(r.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
      } else {
        assertThat(r.kept()).isEqualTo(kept.size());
        assertThat(written).extracting(Indicator::id).doesNotHaveDuplicates();
        assertThat(kept.values()).containsAll(written);
        if (r.outcome() == FeedOutcome.PUBLISHED) {
          assertThat(written).hasSameSizeAs(kept.values());
        }
      }
    }
  }

  private static List<FeedEntry> entries(
      FeedInfo info, Random random, Map<String, Indicator> kept) {
    List<FeedEntry> entries = new ArrayList<>();
    List<CyberObservable> revoked = new ArrayList<>();
    int records = random.nextInt(4) == 0 ? 3000 : random.nextInt(100);
    for (int position = 1; position <= records; position++) {
      int parts = random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 1;
      for (int part = 0; part < parts; part++) {
        Indicator indicator =
            Samples.builder(info, random.nextInt(records)).tag("seen-" + random.nextInt(3)).build();
        switch (random.nextInt(10)) {
          case 0 -> entries.add(new FeedEntry.Rejected(position, "x", "bad-" + part));
          case 1 -> {
            entries.add(new FeedEntry.Revoked(position, indicator.observable(), "gone"));
            revoked.add(indicator.observable());
          }
          default -> {
            entries.add(new FeedEntry.Accepted(position, indicator));
            if (!isScreened(indicator)) {
              kept.merge(indicator.id(), indicator, Indicator::merge);
            }
          }
        }
      }
    }
    kept.values().removeIf(indicator -> revoked.contains(indicator.observable()));
    return entries;
  }

  private static boolean isScreened(Indicator indicator) {
    return indicator.observable().value().endsWith("7");
  }

  private static RecordingSink sink(long seed, double trouble, boolean dies) {
    Random random = new Random(seed);
    return new RecordingSink(
        batch -> {
          synchronized (random) {
            if (dies && random.nextInt(3) == 0) {
              throw new SinkException(SinkException.Kind.UNREACHABLE, "no answer", null);
            }
            List<Outcome> outcomes = new ArrayList<>();
            for (int i = 0; i < batch.size(); i++) {
              outcomes.add(
                  random.nextDouble() >= trouble
                      ? Outcome.WRITTEN
                      : new Outcome(
                          Status.values()[1 + random.nextInt(3)], "r" + random.nextInt(3), null));
            }
            return new WriteResult(outcomes);
          }
        });
  }
}
