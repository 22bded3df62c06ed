// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.benchmarks;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.rest_client.RestClientTransport;
import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.elastic.ElasticsearchAdmin;
import dev.tip.elastic.ElasticsearchSink;
import dev.tip.elastic.RulePreview;
import dev.tip.elastic.RulePreview.Direction;
import dev.tip.elastic.RulePreviewResult;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.Terms;
import dev.tip.rules.EventSource;
import dev.tip.rules.ThreatMatchRule;
import dev.tip.rules.ThreatMatchRules;
import dev.tip.sink.Change;
import dev.tip.testkit.ElasticsearchNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.http.HttpHost;
import org.apache.http.entity.ByteArrayEntity;
import org.apache.http.entity.ContentType;
import org.elasticsearch.client.Request;
import org.elasticsearch.client.RestClient;

/**
 * How long the preview of a rule for addresses takes over as many indicators as events, of which
 * each two-hundredth meets one. The server has the same processors.
 */
final class PreviewBudget {
  private static final int ROWS = Integer.getInteger("tip.benchmarks.rows", 100_000);
  private static final int HITS_EVERY = 200;
  private static final int BATCH = 2000;
  private static final int RUNS = 3;
  private static final String EVENTS = "packetbeat-benchmark";
  private static final String RULE = "threat_list_ip_packets_high";
  private static final String MAPPING =
      """
      {"mappings": {"properties": {
        "@timestamp": {"type": "date"},
        "event": {"properties": {"ingested": {"type": "date"}, "action": {"type": "keyword"},
          "type": {"type": "keyword"}, "outcome": {"type": "keyword"}, "duration": {"type": "long"}}},
        "flow": {"properties": {"final": {"type": "boolean"}}},
        "destination": {"properties": {"ip": {"type": "ip"}}}}}}
      """;

  private PreviewBudget() {}

  static void run() throws IOException, InterruptedException {
    Path zip = ServerBudgets.zip();
    try (ElasticsearchNode node =
            ElasticsearchNode.builder(zip)
                .kql(kql(zip))
                .heapMegabytes(2048)
                .jvmOption("-XX:TieredStopAtLevel=4")
                .start();
        RestClient rest = RestClient.builder(HttpHost.create(node.url())).build()) {
      ElasticsearchClient client =
          new ElasticsearchClient(new RestClientTransport(rest, new JacksonJsonpMapper()));
      Budgets.print(String.format(Locale.ROOT, "preview: %,d indicators and as many events", ROWS));
      Instant now = Instant.now();
      storeIndicators(client, now);
      storeEvents(rest, now);
      ThreatMatchRule rule =
          ThreatMatchRules.standard(
                  ThreatMatchRules.Options.builder().index(EventSource.PACKETS, EVENTS).build())
              .stream()
              .filter(r -> r.key().equals(RULE))
              .findFirst()
              .orElseThrow();
      for (Direction direction : Direction.values()) {
        for (int i = 0; i < RUNS; i++) {
          print(RulePreview.builder(client).direction(direction).build().run(rule));
        }
      }
    }
  }

  private static void print(RulePreviewResult result) throws IOException {
    if (result.alerts().size() != ROWS / HITS_EVERY || result.isTruncated()) {
      throw new IOException("the preview found something else than was planted: " + result);
    }
    Budgets.print(
        String.format(
            Locale.ROOT,
            "  %s: %d alerts, %d searches, %.1f s %s",
            result.direction(),
            result.alerts().size(),
            result.searches(),
            result.took().toMillis() / 1000.0,
            result.warnings()));
  }

  /** The jars of the server's KQL module lie beside its archive. */
  private static List<Path> kql(Path zip) throws IOException {
    try (Stream<Path> files = Files.list(zip.toAbsolutePath().getParent())) {
      return files.filter(file -> file.toString().endsWith(".jar")).toList();
    }
  }

  private static void storeIndicators(ElasticsearchClient client, Instant now)
      throws IOException, InterruptedException {
    FeedInfo feed =
        FeedInfo.builder("benchmark")
            .provider("Benchmark")
            .reference(URI.create("https://feed.example/"))
            .confidence(Confidence.HIGH)
            .role(FeedInfo.Role.C2)
            .coverage(FeedInfo.Coverage.SNAPSHOT)
            .terms(new Terms("free", URI.create("https://feed.example/terms"), true, true, null))
            .types(CyberObservable.Type.IPV4_ADDR)
            .build();
    ElasticsearchAdmin.of(client).install();
    try (ElasticsearchSink sink = ElasticsearchSink.builder(client).build()) {
      for (int from = 0; from < ROWS; from += BATCH) {
        List<Change> batch = new ArrayList<>();
        for (int i = from; i < Math.min(ROWS, from + BATCH); i++) {
          Indicator indicator = Indicator.builder(CyberObservable.ip(listed(i)), feed).build();
          batch.add(new Change.Upsert(indicator, 1, Change.Cause.NEW, now, now));
        }
        sink.write(batch);
      }
    }
  }

  /** RFC 2544 reserves the network for benchmarks; it has 131,072 addresses. */
  private static String listed(int i) {
    return "198." + (18 + (i >> 16)) + '.' + (i >> 8 & 255) + '.' + (i & 255);
  }

  private static void storeEvents(RestClient rest, Instant now) throws IOException {
    Request create = new Request("PUT", '/' + EVENTS);
    create.setJsonEntity(MAPPING);
    rest.performRequest(create);
    for (int from = 0; from < ROWS; from += BATCH) {
      StringBuilder body = new StringBuilder();
      for (int i = from; i < Math.min(ROWS, from + BATCH); i++) {
        String to =
            i % HITS_EVERY == 0
                ? listed(i)
                : "10." + (i >> 16) + '.' + (i >> 8 & 255) + '.' + (i & 255);
        body.append("{\"index\":{}}\n{\"@timestamp\":\"").append(now.minusMillis(i));
        body.append("\",\"event\":{\"ingested\":\"").append(now.minusMillis(i));
        body.append("\",\"action\":\"network_flow\",\"type\":[\"connection\",\"end\"]},");
        body.append("\"flow\":{\"final\":true},\"destination\":{\"ip\":\"").append(to);
        body.append("\"}}\n");
      }
      Request bulk = new Request("POST", '/' + EVENTS + "/_bulk");
      bulk.addParameter("filter_path", "errors");
      bulk.setEntity(
          new ByteArrayEntity(
              body.toString().getBytes(StandardCharsets.UTF_8),
              ContentType.create("application/x-ndjson")));
      rest.performRequest(bulk);
    }
    rest.performRequest(new Request("POST", "/_refresh"));
  }
}
