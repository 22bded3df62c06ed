// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.rest_client.RestClientTransport;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.feed.Usage;
import dev.tip.sync.FeedReport;
import dev.tip.sync.FeedSync;
import dev.tip.sync.SyncListener;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.http.HttpHost;
import org.elasticsearch.client.RestClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes that write to a real server and are killed or told to end in the middle; the next
 * run makes the index what it is beside it, where nobody was killed.
 */
@ExtendWith(Server.Shared.class)
class KilledProcessIT {
  private static final FeedInfo INFO = Samples.feed("killed-it", FeedInfo.Role.C2);
  private static final int KILLS = Integer.getInteger("tip.kills", 12);
  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

  /** The seed of a list so long that a busy machine does not come to its end either. */
  private static final int LONG = 1000;

  /** What a child says when it gets there: nothing read, the list read, changes written. */
  private static final List<String> POINTS = List.of("begun", "read", "settled");

  private final Server server;
  private final String disturbed = "logs-ti_killed." + UUID.randomUUID();
  private final String quiet = "logs-ti_quiet." + UUID.randomUUID();

  @TempDir Path folder;

  KilledProcessIT(Server server) {
    this.server = server;
  }

  @AfterEach
  void remove() throws Exception {
    for (String alias : List.of(disturbed, quiet)) {
      server.call("DELETE", '/' + alias + ".v1", "");
      server.call("DELETE", "/_index_template/tip-indicators-" + alias, "");
    }
  }

  /** A list of most of some names, another for every seed. */
  private static List<FeedEntry> entries(int seed) {
    Random random = new Random(seed);
    List<FeedEntry> entries = new ArrayList<>();
    int numbers = seed == LONG ? 12_000 : 4000;
    for (int number = 0; number < numbers; number++) {
      if (random.nextInt(4) > 0) {
        entries.add(Samples.entry(number, INFO, "version-" + random.nextInt(2)));
      }
    }
    return entries;
  }

  /** Syncs a list into an index, an hour later for every seed. */
  private static FeedReport sync(
      ElasticsearchClient client, String alias, Path state, int seed, SyncListener listener)
      throws IOException, InterruptedException {
    Clock clock = Clock.fixed(START.plus(Duration.ofHours(seed)), ZoneOffset.UTC);
    try (ElasticsearchSink sink =
        // Small requests, so that many end before and after the kill.
        ElasticsearchSink.builder(client).indexBase(alias).requestLimits(100, 1 << 20).build()) {
      return FeedSync.builder()
          .sink(sink)
          .context(FetchContext.builder(Usage.NON_COMMERCIAL).clock(clock).build())
          .state(state)
          .listener(listener)
          .build()
          .run(List.of(Samples.list(INFO, entries(seed))))
          .feeds()
          .get(0);
    }
  }

  /** Syncs; says how far it is. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws Exception {
      try (RestClientTransport transport =
          new RestClientTransport(
              RestClient.builder(HttpHost.create(args[0])).build(), new JacksonJsonpMapper())) {
        System.out.println("begun");
        FeedReport report =
            sync(
                new ElasticsearchClient(transport),
                args[1],
                Path.of(args[2]),
                Integer.parseInt(args[3]),
                new SyncListener() {
                  @Override
                  public void progress(String feedId, long records) {
                    System.out.println("read");
                  }

                  @Override
                  public void settled(String feedId, long changes) {
                    System.out.println("settled");
                  }
                });
        System.out.println(report);
      }
    }
  }

  private Process start(int seed) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            Child.class.getName(),
            server.url(),
            disturbed,
            folder.resolve("disturbed").toString(),
            Integer.toString(seed))
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Waits until the child has come to a point, and then some. */
  private static void await(BufferedReader said, String point, int millis, Process child)
      throws IOException, InterruptedException {
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      if (line.equals(point)) {
        child.waitFor(millis, TimeUnit.MILLISECONDS);
        return;
      }
    }
    throw new AssertionError("the child ended before it came to: " + point);
  }

  private void install() throws IOException {
    for (String alias : List.of(disturbed, quiet)) {
      ElasticsearchAdmin.builder(server.client())
          .indexBase(alias)
          .readerAlias("reader-" + alias)
          .build()
          .install();
    }
  }

  @Test
  void whateverIsLeftTheNextRunMakesTheIndexThatOfAnUndisturbedOne() throws Exception {
    install();
    Random random = new Random(20261124);
    Map<String, Integer> ends = new TreeMap<>();
    for (int seed = 0; seed < KILLS; seed++) {
      Process child = start(seed);
      String last;
      try (BufferedReader said = child.inputReader(StandardCharsets.UTF_8)) {
        String point = POINTS.get(random.nextInt(POINTS.size()));
        await(said, point, random.nextInt(120), child);
        // Not the process itself, which would throw away what is still to be read.
        child.toHandle().destroyForcibly();
        last = said.lines().reduce(point, (before, line) -> line);
        child.waitFor();
      }
      ends.merge(POINTS.contains(last) ? last : "ended", 1, Integer::sum);

      againAndCompare(seed);
    }
    assertThat(ends).as("where the processes were").hasSizeGreaterThan(1);
    System.out.println("processes killed with a server, by the last that they said: " + ends);
  }

  @Test
  void processThatIsToldToEndInTheMiddleLeavesNothingThatTheNextCannotMend() throws Exception {
    install();
    Process child = start(LONG);
    try (BufferedReader said = child.inputReader(StandardCharsets.UTF_8)) {
      await(said, "settled", 0, child);
      child.destroy();
      assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
      // What a shell says of a process that SIGTERM ended.
      assertThat(child.exitValue()).isEqualTo(143);
    }
    againAndCompare(LONG);
  }

  private void againAndCompare(int seed) throws Exception {
    for (String alias : List.of(disturbed, quiet)) {
      Path state = folder.resolve(alias.equals(quiet) ? "quiet" : "disturbed");
      FeedReport report = sync(server.client(), alias, state, seed, new SyncListener() {});
      assertThat(report.outcome()).as("%s", report).isEqualTo(FeedOutcome.PUBLISHED);
    }
    Map<String, JsonNode> documents = documents(disturbed);
    assertThat(documents).as("after kill %s", seed).isEqualTo(documents(quiet));
    Set<String> active = new TreeSet<>();
    documents.forEach(
        (id, source) -> {
          if (source.at("/tip/status").asText().equals("active")) {
            active.add(id);
          }
        });
    // Both could be wrong in the same way.
    Set<String> listed = new TreeSet<>();
    for (FeedEntry entry : entries(seed)) {
      listed.add(((FeedEntry.Accepted) entry).indicator().id());
    }
    assertThat(active).as("what is active after kill %s", seed).isEqualTo(listed);
  }

  /** Returns all documents by id, without the numbers of the runs that wrote them. */
  private Map<String, JsonNode> documents(String alias) throws Exception {
    server.ok("POST", '/' + alias + "/_refresh", "");
    JsonNode hits =
        server.ok(
            "POST",
            '/' + alias + "/_search?filter_path=hits.hits._id,hits.hits._source",
            "{\"size\":10000}");
    Map<String, JsonNode> documents = new TreeMap<>();
    for (JsonNode hit : hits.path("hits").path("hits")) {
      assertThat(((ObjectNode) hit.path("_source").path("tip")).remove("generation")).isNotNull();
      assertThat(documents.put(hit.path("_id").asText(), hit.path("_source"))).isNull();
    }
    assertThat(documents).hasSizeGreaterThan(2000);
    return documents;
  }
}
