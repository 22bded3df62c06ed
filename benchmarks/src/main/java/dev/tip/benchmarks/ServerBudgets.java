// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.benchmarks;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.rest_client.RestClientTransport;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tip.Indicator;
import dev.tip.benchmarks.Lists.Kind;
import dev.tip.ecs.EcsEncoder;
import dev.tip.ecs.EcsWriter;
import dev.tip.elastic.ElasticsearchAdmin;
import dev.tip.elastic.ElasticsearchSink;
import dev.tip.sink.Change;
import dev.tip.sync.FeedSync;
import dev.tip.sync.SyncReport;
import dev.tip.testkit.ElasticsearchNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.http.HttpHost;
import org.apache.http.entity.ByteArrayEntity;
import org.apache.http.entity.ContentType;
import org.elasticsearch.client.Request;
import org.elasticsearch.client.RestClient;

/** The budgets that need a server: one real node on this machine, with the same processors. */
final class ServerBudgets implements AutoCloseable {
  private static final int PAIRS = 9;
  private static final int ROWS = Integer.getInteger("tip.benchmarks.rows", 60_000);
  private static final int CONNECTIONS = 2;
  private static final int OPERATIONS = 2000;
  private static final ContentType NDJSON = ContentType.create("application/x-ndjson");
  private static final Instant NOW = Instant.parse("2026-11-24T08:00:00Z");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ElasticsearchNode node;
  private final RestClient rest;
  private final ElasticsearchClient client;
  private final ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS);
  private final Lists list;

  /** Bodies that are ready; the indicators they were made of are garbage by then. */
  private final List<byte[]> bodies;

  private final int documents;
  private int indices;

  private ServerBudgets(ElasticsearchNode node, Lists list)
      throws IOException, InterruptedException {
    this.node = node;
    this.rest =
        RestClient.builder(HttpHost.create(node.url()))
            .setHttpClientConfigCallback(
                http -> http.setMaxConnPerRoute(CONNECTIONS).setMaxConnTotal(CONNECTIONS))
            .build();
    this.client = new ElasticsearchClient(new RestClientTransport(rest, new JacksonJsonpMapper()));
    this.list = list;
    List<Indicator> indicators = list.indicators();
    this.bodies = render(indicators);
    this.documents = indicators.size();
  }

  static ServerBudgets start() throws IOException, InterruptedException {
    Path zip = zip();
    ElasticsearchNode node =
        ElasticsearchNode.builder(zip)
            .heapMegabytes(2048)
            .jvmOption("-XX:TieredStopAtLevel=4")
            // Its serial collector lets garbage lie, which counted as use turns bodies away.
            .setting("indices.breaker.total.use_real_memory", "false")
            .start();
    return new ServerBudgets(node, Lists.of(Kind.URLHAUS, ROWS));
  }

  static Path zip() throws IOException {
    String given = System.getProperty("tip.elasticsearch.zip");
    if (given != null) {
      return Path.of(given);
    }
    try (Stream<Path> files = Files.list(Path.of("target", "elasticsearch"))) {
      return files
          .filter(file -> file.getFileName().toString().matches("elasticsearch-[0-9.]+\\.zip"))
          .findFirst()
          .orElseThrow(() -> new IOException("no server; run the build's verify phase first"));
    }
  }

  /** Own mapping against dynamic mapping, and the size of a document. */
  void index() throws Exception {
    Budgets.print("index: " + list);
    Budgets.print(
        "  "
            + Pairs.compare(
                PAIRS,
                () -> dropped(installed(), this::load),
                () -> dropped(dynamic(), this::load)));
    for (String target : List.of(installed(), dynamic())) {
      load(target);
      Budgets.print(
          String.format(Locale.ROOT, "  %s: %.0f bytes a document", target, size(target)));
    }
  }

  /** A whole sync against bodies that are ready. */
  void feed() throws Exception {
    Budgets.print("feed: " + list);
    Budgets.print(
        "  "
            + Pairs.compare(
                PAIRS,
                () -> dropped(installed(), this::sync),
                () -> dropped(installed(), this::load)));
  }

  /** What id and encoding cost against what the server needs. */
  void encode() throws Exception {
    Budgets.print("encode: " + list);
    List<Indicator> indicators = list.indicators();
    double[] nanos = new double[PAIRS];
    ThreadMXBean thread = ManagementFactory.getThreadMXBean();
    for (int i = -PAIRS; i < PAIRS; i++) {
      long start = thread.getCurrentThreadCpuTime();
      EcsEncoder encoder = EcsEncoder.builder().ids(false).build();
      try (EcsWriter documents = encoder.writer(OutputStream.nullOutputStream())) {
        for (Indicator indicator : indicators) {
          documents.writeBulk(change(indicator), null);
        }
      }
      if (i >= 0) {
        nanos[i] = (thread.getCurrentThreadCpuTime() - start) / (double) indicators.size();
      }
    }
    double own = Pairs.median(nanos);
    double[] server = new double[PAIRS];
    double[] serverCpu = new double[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
      String target = installed();
      long cpu = cpuNanos();
      load(target);
      serverCpu[i] = (cpuNanos() - cpu) / (double) indicators.size();
      JsonNode indexing =
          call("GET", '/' + target + "/_stats/indexing")
              .path("_all")
              .path("total")
              .path("indexing");
      server[i] =
          indexing.path("index_time_in_millis").asLong()
              * 1e6
              / indexing.path("index_total").asLong();
      drop(target);
    }
    Budgets.print(
        String.format(
            Locale.ROOT,
            "  id and encoding %.0f ns a document; server: indexing %.0f ns, share %.3f;"
                + " all of its CPU time %.0f ns, share %.3f",
            own,
            Pairs.median(server),
            own / Pairs.median(server),
            Pairs.median(serverCpu),
            own / Pairs.median(serverCpu)));
  }

  /** Returns the server's CPU time; its process may have been started by another. */
  private long cpuNanos() {
    ProcessHandle server = ProcessHandle.of(node.pid()).orElseThrow();
    return Stream.concat(Stream.of(server), server.descendants())
        .flatMap(process -> process.info().totalCpuDuration().stream())
        .mapToLong(Duration::toNanos)
        .sum();
  }

  private static Change change(Indicator indicator) {
    return new Change.Upsert(indicator, 1, Change.Cause.NEW, NOW, NOW);
  }

  private static List<byte[]> render(List<Indicator> indicators) throws IOException {
    EcsEncoder encoder = EcsEncoder.builder().ids(false).build();
    List<byte[]> bodies = new ArrayList<>();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (EcsWriter documents = encoder.writer(body)) {
      for (int i = 0; i < indicators.size(); i++) {
        documents.writeBulk(change(indicators.get(i)), null);
        if ((i + 1) % OPERATIONS == 0 || i + 1 == indicators.size()) {
          documents.flush();
          bodies.add(body.toByteArray());
          body.reset();
        }
      }
    }
    return bodies;
  }

  private String installed() throws IOException {
    String target = "bench.own" + ++indices;
    ElasticsearchAdmin.builder(client).indexBase(target).build().install();
    return target;
  }

  private String dynamic() throws IOException {
    String target = "bench.dynamic" + ++indices;
    call("PUT", '/' + target);
    return target;
  }

  private interface Load {
    long into(String target) throws Exception;
  }

  private long dropped(String target, Load load) throws Exception {
    long count = load.into(target);
    drop(target);
    return count;
  }

  /** Sends the bodies over two connections, until all of it can be found. */
  private long load(String target) throws Exception {
    AtomicInteger next = new AtomicInteger();
    List<Future<?>> done = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      done.add(
          threads.submit(
              () -> {
                for (int at = next.getAndIncrement();
                    at < bodies.size();
                    at = next.getAndIncrement()) {
                  Request request = new Request("POST", '/' + target + "/_bulk");
                  request.addParameter("filter_path", "errors");
                  request.setEntity(new ByteArrayEntity(bodies.get(at), NDJSON));
                  try (InputStream answer = rest.performRequest(request).getEntity().getContent()) {
                    if (JSON.readTree(answer).path("errors").asBoolean(true)) {
                      throw new IOException("the server refused documents");
                    }
                  }
                }
                return null;
              }));
    }
    for (Future<?> one : done) {
      one.get();
    }
    return count(target);
  }

  private long sync(String target) throws IOException, InterruptedException {
    SyncReport report;
    try (ElasticsearchSink sink = ElasticsearchSink.builder(client).indexBase(target).build()) {
      report =
          FeedSync.builder().sink(sink).context(list.context()).build().run(List.of(list.feed()));
    }
    if (report.anyFailed()) {
      throw new IOException(report.toTable());
    }
    return count(target);
  }

  private long count(String target) throws IOException {
    call("POST", '/' + target + "/_refresh");
    long count = call("GET", '/' + target + "/_count").path("count").asLong();
    if (count != documents) {
      throw new IOException(count + " documents in " + target);
    }
    return count;
  }

  private double size(String target) throws IOException {
    call("POST", '/' + target + "/_forcemerge?max_num_segments=1");
    call("POST", '/' + target + "/_flush");
    JsonNode total = call("GET", '/' + target + "/_stats/store,docs").path("_all").path("total");
    return total.path("store").path("size_in_bytes").asDouble()
        / total.path("docs").path("count").asLong();
  }

  private void drop(String target) throws IOException {
    call("DELETE", '/' + (target.startsWith("bench.own") ? target + ".v1" : target));
  }

  private JsonNode call(String method, String path) throws IOException {
    try (InputStream answer =
        rest.performRequest(new Request(method, path)).getEntity().getContent()) {
      return JSON.readTree(answer);
    }
  }

  @Override
  public void close() throws IOException {
    threads.shutdownNow();
    rest.close();
    node.close();
  }
}
