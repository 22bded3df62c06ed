// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.rest_client.RestClientTransport;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.elastic.ByteProxy.Weather;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.feed.Usage;
import dev.tip.sync.FeedReport;
import dev.tip.sync.FeedSync;
import dev.tip.sync.SyncListener;
import dev.tip.testkit.ElasticsearchNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.http.HttpHost;
import org.elasticsearch.client.RestClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole syncs into a real server that is small, slow, full, blocked, cut off or killed: what the
 * report says is what the index holds.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
class ServerFaultIT {
  private static final FeedInfo INFO = Samples.feed("server-fault", FeedInfo.Role.C2);
  private static final int ROWS = 5000;

  /** So many that a fault still comes in the middle on a busy machine. */
  private static final int MANY = 20_000;

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final String ALL = "{\"match_all\":{}}";
  private static final String ACTIVE = "{\"term\":{\"tip.status\":\"active\"}}";

  private Server server;
  private String alias = "";
  private int tests;

  @TempDir Path folder;

  @BeforeAll
  void start() throws Exception {
    server =
        new Server(
            ElasticsearchNode.builder(Server.ZIP)
                .setting("http.max_content_length", "100kb")
                .setting("thread_pool.write.size", "1")
                .setting("thread_pool.write.queue_size", "1"));
  }

  @AfterAll
  void stop() throws IOException {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void install() throws IOException {
    alias = "logs-ti_fault." + ++tests;
    ElasticsearchAdmin.builder(server.client())
        .indexBase(alias)
        .readerAlias("reader-" + tests)
        .build()
        .install();
  }

  @AfterEach
  void remove() throws Exception {
    server.call("DELETE", '/' + alias + ".v1", "");
  }

  private ElasticsearchSink.Builder sink(ElasticsearchClient client) {
    return ElasticsearchSink.builder(client)
        .indexBase(alias)
        .requestLimits(100, 1 << 20)
        .deadline(Duration.ofMinutes(4));
  }

  private FeedReport sync(Feed feed) throws Exception {
    return sync(server.client(), feed, new SyncListener() {});
  }

  private FeedReport sync(ElasticsearchClient client, Feed feed, SyncListener listener)
      throws Exception {
    try (ElasticsearchSink sink = sink(client).build()) {
      return sync(sink, feed, listener);
    }
  }

  private FeedReport sync(ElasticsearchSink sink, Feed feed, SyncListener listener)
      throws Exception {
    FeedReport report =
        FeedSync.builder()
            .sink(sink)
            .context(
                FetchContext.builder(Usage.NON_COMMERCIAL)
                    .clock(Clock.fixed(NOW, ZoneOffset.UTC))
                    .build())
            .state(folder.resolve(alias))
            .listener(listener)
            .build()
            .run(List.of(feed))
            .feeds()
            .get(0);
    assertThat(report.kept())
        .isEqualTo(
            report.unchanged()
                + report.added()
                + report.changed()
                + report.refreshed()
                + report.failed());
    return report;
  }

  private void isPublished(FeedReport report, int rows) throws Exception {
    assertThat(report.outcome()).as("%s", report).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(report.added()).isEqualTo(rows);
    assertThat(count(ALL)).isEqualTo(rows);
    assertThat(count(ACTIVE)).isEqualTo(rows);
  }

  private long count(String query) throws Exception {
    server.ok("POST", '/' + alias + "/_refresh", "");
    return server
        .ok("POST", '/' + alias + "/_count", "{\"query\":" + query + '}')
        .path("count")
        .asLong();
  }

  /** Says so once when something of a feed is settled. */
  private static final class Midway implements SyncListener {
    private final CountDownLatch reached = new CountDownLatch(1);

    @Override
    public void settled(String feedId, long changes) {
      reached.countDown();
    }

    void await() throws InterruptedException {
      assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private FutureTask<FeedReport> begin(Midway midway) {
    FutureTask<FeedReport> run =
        new FutureTask<>(() -> sync(server.client(), Samples.list(INFO, 0, MANY), midway));
    new Thread(run, "sync").start();
    return run;
  }

  @Test
  void serverKilledInTheMiddleOfAWriteAndStartedAgainHasAllOfIt() throws Exception {
    Midway midway = new Midway();
    FutureTask<FeedReport> run = begin(midway);
    midway.await();
    server.node().kill();
    server.node().restart();

    isPublished(run.get(280, TimeUnit.SECONDS), MANY);
  }

  @Test
  @Tag("faults")
  void serverStoppedInGoodOrderInTheMiddleOfAWriteAndStartedAgainHasAllOfIt() throws Exception {
    Midway midway = new Midway();
    FutureTask<FeedReport> run = begin(midway);
    midway.await();
    server.node().stop();
    server.node().restart();

    isPublished(run.get(280, TimeUnit.SECONDS), MANY);
  }

  @Test
  void serverWithoutRoomForMoreWritesGetsAllOfThemInTheEnd() throws Exception {
    int writers = 8;
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    try (ElasticsearchSink sink = sink(server.client()).requestLimits(50, 1 << 20).build()) {
      List<Future<FeedReport>> runs = new ArrayList<>();
      for (int i = 0; i < writers; i++) {
        FeedInfo info = Samples.feed("server-fault-" + i, FeedInfo.Role.C2);
        runs.add(
            threads.submit(
                () ->
                    FeedSync.builder()
                        .sink(sink)
                        .context(FetchContext.builder(Usage.NON_COMMERCIAL).build())
                        .build()
                        .run(List.of(Samples.list(info, 0, 1000)))
                        .feeds()
                        .get(0)));
      }
      for (var run : runs) {
        assertThat(run.get().outcome()).isEqualTo(FeedOutcome.PUBLISHED);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(count(ALL)).isEqualTo(1000L * writers);
    JsonNode nodes = server.ok("GET", "/_nodes/stats/thread_pool", "").path("nodes");
    assertThat(nodes.iterator().next().path("thread_pool").path("write").path("rejected").asLong())
        .as("writes that the server rejected")
        .isPositive();
  }

  @Test
  void requestLargerThanTheServerTakesIsSplitAndADocumentThatIsIsNamed() throws Exception {
    Indicator.Builder large = Indicator.builder(CyberObservable.domainName("large.example"), INFO);
    for (int i = 0; i < 64; i++) {
      large.reference("https://feed.example/" + i + "/" + "x".repeat(2000));
    }
    List<FeedEntry> entries = new ArrayList<>();
    IntStream.range(0, ROWS).forEach(number -> entries.add(Samples.entry(number, INFO)));
    entries.add(new FeedEntry.Accepted(ROWS + 1, large.build()));

    FeedReport report;
    try (ElasticsearchSink sink =
        ElasticsearchSink.builder(server.client()).indexBase(alias).build()) {
      report = sync(sink, Samples.list(INFO, entries), new SyncListener() {});
    }

    assertThat(report.outcome()).as("%s", report).isEqualTo(FeedOutcome.INCOMPLETE);
    assertThat(report.added()).isEqualTo(ROWS);
    assertThat(report.failedByReason()).isEqualTo(Map.of("request-too-large", 1L));
    try (Stream<Path> files = Files.list(folder.resolve(alias).resolve("quarantine"))) {
      assertThat(files)
          .singleElement()
          .satisfies(
              file -> assertThat(file).content().contains("large.example", "request-too-large"));
    }
    assertThat(count(ALL)).isEqualTo(ROWS);
  }

  @Test
  void diskThatRunsFullStopsWritesUntilThereIsRoom() throws Exception {
    Midway midway = new Midway();
    FutureTask<FeedReport> run = begin(midway);
    midway.await();
    // What the server itself sets at the flood stage.
    block("index.blocks.read_only_allow_delete", true);
    assertThat(server.call("PUT", '/' + alias + "/_doc/1", "{}").status()).isEqualTo(429);
    assertThatThrownBy(() -> run.get(500, TimeUnit.MILLISECONDS))
        .as("waits for room")
        .isInstanceOf(TimeoutException.class);
    block("index.blocks.read_only_allow_delete", null);

    isPublished(run.get(280, TimeUnit.SECONDS), MANY);
  }

  private void block(String setting, Boolean on) throws Exception {
    server.ok("PUT", '/' + alias + ".v1/_settings", "{\"" + setting + "\":" + on + '}');
  }

  @Test
  @Tag("faults")
  void floodStageOfTheServersDiskStopsWritesUntilItIsOver() throws Exception {
    try {
      watermark("true", "1%");
      awaitBlock(true);
      Midway midway = new Midway();
      FutureTask<FeedReport> run = begin(midway);
      assertThat(midway.reached.await(3, TimeUnit.SECONDS)).as("anything is written").isFalse();
      watermark("false", null);
      awaitBlock(false);

      isPublished(run.get(280, TimeUnit.SECONDS), MANY);
    } finally {
      watermark("false", null);
    }
  }

  private void watermark(String enabled, String percent) throws Exception {
    String value = percent == null ? "null" : '"' + percent + '"';
    server.ok(
        "PUT",
        "/_cluster/settings",
        ("{\"persistent\":{\"cluster.routing.allocation.disk.threshold_enabled\":%s,"
                + "\"cluster.info.update.interval\":\"10s\","
                + "\"cluster.routing.allocation.disk.watermark.low\":%2$s,"
                + "\"cluster.routing.allocation.disk.watermark.high\":%2$s,"
                + "\"cluster.routing.allocation.disk.watermark.flood_stage\":%2$s}}")
            .formatted(enabled, value));
  }

  private void awaitBlock(boolean on) throws Exception {
    for (int i = 0; i < 600; i++) {
      JsonNode settings = server.ok("GET", '/' + alias + ".v1/_settings?flat_settings=true", "");
      if (settings.toString().contains("read_only_allow_delete\":\"true") == on) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new AssertionError("the server did not " + (on ? "set" : "lift") + " its block");
  }

  @Test
  void blockAndClosedIndexInTheMiddleEndTheRunAndTheNextDoesTheRest() throws Exception {
    Midway midway = new Midway();
    FutureTask<FeedReport> run = begin(midway);
    midway.await();
    block("index.blocks.write", true);
    FeedReport blocked = run.get(60, TimeUnit.SECONDS);
    assertThat(blocked.outcome()).isEqualTo(FeedOutcome.SINK_FAILED);
    assertThat(blocked.failedByReason()).containsOnlyKeys("sink-blocked");
    block("index.blocks.write", null);

    server.ok("POST", '/' + alias + ".v1/_close", "");
    FeedReport closed = sync(Samples.list(INFO, 0, MANY));
    assertThat(closed.outcome()).isEqualTo(FeedOutcome.SINK_FAILED);
    assertThat(closed.message()).hasValueSatisfying(m -> assertThat(m).contains("closed"));
    assertThat(folder.resolve(alias).resolve("quarantine")).doesNotExist();
    server.ok("POST", '/' + alias + ".v1/_open", "");
    server.ok("GET", "/_cluster/health/" + alias + "?wait_for_status=yellow", "");

    FeedReport last = sync(Samples.list(INFO, 0, MANY));
    assertThat(last.outcome()).as("%s", last).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(count(ACTIVE)).isEqualTo(MANY);
  }

  @Test
  void indexWithAMappingOfSomethingElseStopsTheRunAndLosesNothingOfWhatIsListed() throws Exception {
    server.ok("DELETE", '/' + alias + ".v1", "");
    server.ok("DELETE", "/_index_template/tip-indicators-" + alias, "");
    server.ok(
        "PUT",
        '/' + alias + ".v1",
        "{\"aliases\":{\""
            + alias
            + "\":{\"is_write_index\":true}},"
            + "\"mappings\":{\"properties\":{\"@timestamp\":{\"type\":\"ip\"}}}}");

    FeedReport report = sync(Samples.list(INFO, 0, ROWS * 4));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.INCOMPLETE);
    assertThat(report.message()).hasValueSatisfying(m -> assertThat(m).contains("check how"));
    assertThat(report.added()).isZero();
    assertThat(report.sinkOperations()).as("sent before it stopped").isLessThan(ROWS * 2);
    assertThat(report.failed()).isEqualTo(ROWS * 4);
  }

  @Test
  void connectionsThatAreCutBeforeOrAfterTheServerActedOrAreSlowLoseNothing() throws Exception {
    Map<Weather, Integer> weathers = new TreeMap<>();
    weathers.put(Weather.CUTS_REQUESTS, 3);
    weathers.put(Weather.CUTS_ANSWERS, 3);
    weathers.put(Weather.SLOW, 0);
    for (Map.Entry<Weather, Integer> weather : weathers.entrySet()) {
      try (ByteProxy proxy = new ByteProxy(server.url());
          RestClientTransport transport =
              new RestClientTransport(
                  RestClient.builder(HttpHost.create(proxy.url())).build(),
                  new JacksonJsonpMapper());
          ElasticsearchSink sink = sink(new ElasticsearchClient(transport)).build()) {
        proxy.weather(weather.getKey(), weather.getValue());

        FeedReport report = sync(sink, Samples.list(INFO, 0, ROWS), new SyncListener() {});

        isPublished(report, ROWS);
        assertThat(proxy.cuts()).isEqualTo(weather.getValue());
      }
      remove();
      install();
    }
  }
}
