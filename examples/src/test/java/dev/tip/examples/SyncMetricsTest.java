// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FeedReader;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.Terms;
import dev.tip.feed.Usage;
import dev.tip.sink.Change;
import dev.tip.sink.Holdings;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.SinkInfo;
import dev.tip.sink.WriteResult;
import dev.tip.sync.FeedSync;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyncMetricsTest {
  private static final FeedInfo INFO =
      FeedInfo.builder("example-list")
          .provider("Example")
          .reference(URI.create("https://feed.example/"))
          .role(FeedInfo.Role.C2)
          .coverage(FeedInfo.Coverage.SNAPSHOT)
          .types(CyberObservable.Type.IPV4_ADDR)
          .terms(new Terms("free", URI.create("https://feed.example/terms"), true, true, null))
          .build();

  @TempDir Path folder;
  private final MockClock clock = new MockClock();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
  private final SyncMetrics metrics = new SyncMetrics(registry);
  private final OwnSink sink = new OwnSink();
  private List<FeedEntry> entries = List.of();
  private @Nullable FeedOutcome failure;
  private boolean isUnchanged;

  private final Feed feed =
      new Feed() {
        @Override
        public FeedInfo info() {
          return INFO;
        }

        @Override
        public FetchResult fetch(FetchContext context, FetchState last) throws IOException {
          if (failure != null) {
            throw FeedException.of(INFO.id(), failure, "not asked", null);
          }
          if (isUnchanged) {
            return new FetchResult.NotModified(FetchState.of(Map.of()));
          }
          if (entries.isEmpty()) {
            throw FeedException.of(INFO.id(), FeedOutcome.UNREACHABLE, "no route", null);
          }
          return new FetchResult.Modified(
              FeedReader.of(INFO, entries.iterator(), () -> {}), FetchState.of(Map.of()));
        }
      };

  private void run() throws InterruptedException {
    run(metrics, sink);
  }

  private void run(SyncMetrics listener, IndicatorSink to) throws InterruptedException {
    FeedSync.builder()
        .sink(to)
        .context(FetchContext.builder(Usage.NON_COMMERCIAL).build())
        .state(folder)
        .listener(listener)
        .build()
        .run(List.of(feed));
  }

  private double gauge(String name) {
    return registry.get(name).tag("feed", "example-list").gauge().value();
  }

  private double count(String name) {
    return registry.get(name).tag("feed", "example-list").counter().count();
  }

  @Test
  void feedsAreCountedAndSuccessIsRemembered() throws Exception {
    entries = new ArrayList<>();
    for (int i = 1; i <= 15; i++) {
      Indicator indicator = Indicator.builder(CyberObservable.ip("198.51.100." + i), INFO).build();
      entries.add(new FeedEntry.Accepted(i, indicator));
    }
    entries.add(new FeedEntry.Rejected(16, "x", "bad"));
    clock.add(Duration.ofSeconds(1000));
    double then = clock.wallTime() / 1000.0;

    run();
    entries = entries.subList(3, 15);
    run();

    assertThat(gauge("tip.feed.last.success")).isEqualTo(then);
    assertThat(gauge("tip.feed.indicators")).isEqualTo(12);
    assertThat(count("tip.feed.rejected")).isEqualTo(1);
    assertThat(count("tip.feed.written")).isEqualTo(15);
    assertThat(count("tip.feed.withdrawn")).isEqualTo(3);
    assertThat(count("tip.feed.failed")).isZero();
    assertThat(registry.get("tip.feed.duration").timer().count()).isEqualTo(2);
    assertThat(registry.get("tip.feed.runs").tag("outcome", "PUBLISHED").counter().count())
        .isEqualTo(2);

    entries = List.of();
    clock.add(Duration.ofSeconds(1000));
    run();

    assertThat(gauge("tip.feed.last.success")).isEqualTo(then);
    assertThat(gauge("tip.feed.indicators")).isEqualTo(12);
    assertThat(registry.get("tip.feed.runs").tag("outcome", "UNREACHABLE").counter().count())
        .isEqualTo(1);
  }

  @Test
  void afterARestartItIsNotKnownHowManyThereAreUntilTheSinkOrAListTells() throws Exception {
    entries = List.of();
    run();
    assertThat(gauge("tip.feed.indicators")).isNaN();

    entries = List.of(accepted(1), accepted(2));
    run();
    SimpleMeterRegistry restarted = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
    SyncMetrics afterwards = new SyncMetrics(restarted);
    isUnchanged = true;
    run(afterwards, sink);
    assertThat(restarted.get("tip.feed.indicators").gauge().value()).isNaN();
    assertThat(restarted.get("tip.feed.last.success").gauge().value()).isPositive();

    run(afterwards, new TellingSink(sink, 2));
    assertThat(restarted.get("tip.feed.indicators").gauge().value()).isEqualTo(2);
  }

  @Test
  void feedThatWasNotAskedIsNoSuccess() throws Exception {
    failure = FeedOutcome.RETIRED;
    run();

    assertThat(gauge("tip.feed.last.success")).isZero();
    assertThat(registry.get("tip.feed.runs").tag("outcome", "RETIRED").counter().count())
        .isEqualTo(1);
  }

  private static FeedEntry accepted(int number) {
    return new FeedEntry.Accepted(
        number, Indicator.builder(CyberObservable.ip("198.51.100." + number), INFO).build());
  }

  /** A sink that says how much it holds. */
  private record TellingSink(IndicatorSink inner, long active) implements IndicatorSink {
    @Override
    public SinkInfo info() {
      return inner.info();
    }

    @Override
    public WriteResult write(List<Change> batch) throws IOException, InterruptedException {
      return inner.write(batch);
    }

    @Override
    public Optional<Holdings> holdings(String feedId) {
      return Optional.of(new Holdings(active, 1));
    }

    @Override
    public void close() {}
  }
}
