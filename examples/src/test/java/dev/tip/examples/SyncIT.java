// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tip.catalog.PublicFeeds;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.HttpFeed;
import dev.tip.feed.Mirror;
import dev.tip.testkit.ElasticsearchNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code tip sync} into a real server. */
class SyncIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static ElasticsearchNode node;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    node = ElasticsearchNode.start(Path.of(System.getProperty("tip.elasticsearch.zip", "absent")));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private int tip(String... args) {
    CommandLine line = Tip.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return line.execute(args);
  }

  private Path mirror() throws IOException {
    Files.writeString(
        folder.resolve("drop.json"),
        DemoFeeds.text("feeds/spamhaus-drop-v6.json").replace("{epoch}", "1795500000"));
    Files.writeString(folder.resolve("ip-dst.raw"), "198.51.100.77\n198.51.100.77\n");
    Files.writeString(
        folder.resolve("mirror.tsv"),
        "https://www.spamhaus.org/drop/drop_v6.json\tdrop.json\n"
            + "https://www.botvrij.eu/data/ioclist.ip-dst.raw\tip-dst.raw\n");
    return folder;
  }

  @Test
  void indexThatIsNotThereIsMissedWithAdviceAndInstalledOnRequest() throws Exception {
    String base = "logs-ti_later.indicator";
    String[] plain = {
      "sync", "--elasticsearch", node.url(), "--index-base", base, "--mirror", mirror().toString()
    };
    assertThat(tip(plain)).isEqualTo(Tip.NOTHING_STORED);
    assertThat(err.toString()).contains("--install").doesNotContain("\tat ");
    String[] install = new String[plain.length + 1];
    System.arraycopy(plain, 0, install, 0, plain.length);
    install[plain.length] = "--install";
    assertThat(tip(install)).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(tip(plain)).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(count(base, "{\"match_all\":{}}")).isEqualTo(2);
  }

  @Test
  void laterRunSendsOnlyWhatChangedAndWithdrawsWhatIsGone() throws Exception {
    String base = "logs-ti_stateful.indicator";
    Path report = folder.resolve("report.json");
    String[] sync = {
      "sync",
      "--elasticsearch",
      node.url(),
      "--index-base",
      base,
      "--install",
      "--feeds",
      "botvrij-ip-dst",
      "--mirror",
      mirror().toString(),
      "--state",
      folder.resolve("state").toString(),
      "--report",
      report.toString()
    };
    Files.writeString(folder.resolve("ip-dst.raw"), "198.51.100.1\n198.51.100.2\n");
    assertThat(tip(sync)).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(counts(report)).isEqualTo("added 2, unchanged 0, withdrawn 0, operations 2");

    assertThat(tip(sync)).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(counts(report)).isEqualTo("added 0, unchanged 2, withdrawn 0, operations 0");

    Files.writeString(folder.resolve("ip-dst.raw"), "198.51.100.2\n198.51.100.3\n");
    String[] dry = sync.clone();
    dry[List.of(sync).indexOf("--install")] = "--dry-run";
    assertThat(tip(dry)).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(counts(report)).isEqualTo("added 1, unchanged 1, withdrawn 1, operations 0");
    assertThat(count(base, "{\"term\":{\"threat.indicator.ip\":\"198.51.100.1\"}}")).isEqualTo(1);
    assertThat(tip(sync)).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(counts(report)).isEqualTo("added 1, unchanged 1, withdrawn 1, operations 2");
    assertThat(count(base, "{\"term\":{\"tip.status\":\"active\"}}")).isEqualTo(2);
    assertThat(count(base, "{\"term\":{\"threat.indicator.ip\":\"198.51.100.1\"}}")).isZero();

    // What is remembered is lost, and the list has one row less.
    try (Stream<Path> files = Files.walk(folder.resolve("state"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    post(base + "/_refresh", "");
    Files.writeString(folder.resolve("ip-dst.raw"), "198.51.100.3\n");
    assertThat(tip(sync)).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(counts(report)).isEqualTo("added 1, unchanged 0, withdrawn 1, operations 2");
    assertThat(count(base, "{\"term\":{\"tip.status\":\"active\"}}")).isEqualTo(1);

    // Another index is another sink, whatever is remembered of the one before.
    sync[4] = "logs-ti_stateful2.indicator";
    assertThat(tip(sync)).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(counts(report)).isEqualTo("added 1, unchanged 0, withdrawn 0, operations 1");
  }

  private static String counts(Path report) throws IOException {
    JsonNode feed = JSON.readTree(report.toFile()).path("feeds").path(0);
    return "added "
        + feed.path("added")
        + ", unchanged "
        + feed.path("unchanged")
        + ", withdrawn "
        + feed.path("withdrawn")
        + ", operations "
        + feed.path("sinkOperations");
  }

  @Test
  void embeddedServerTakesTheListsAndIsKeptUntilInterrupted() throws Exception {
    Path report = folder.resolve("report.json");
    String[] arguments = {
      "sync", "--embedded", "--keep", "--mirror", mirror().toString(), "--report", report.toString()
    };
    int[] code = {-1};
    Thread command = new Thread(() -> code[0] = tip(arguments));
    command.start();
    String url = "";
    while (command.isAlive() && url.isEmpty()) {
      command.join(50);
      String text = out.toString();
      int from = text.indexOf("http://127.0.0.1:");
      int to = text.indexOf(" until Ctrl-C");
      url = from >= 0 && to > from ? text.substring(from, to) : "";
    }
    assertThat(url).as("%s%s", out, err).isNotEmpty();
    JsonNode feeds = JSON.readTree(report.toFile()).path("feeds");
    assertThat(feeds).extracting(f -> f.path("outcome").asText()).containsOnly("PUBLISHED");
    assertThat(feeds).extracting(f -> f.path("repeated").asInt()).containsExactly(1, 0);
    assertThat(get(url + "/elastic-tip/_count").path("count").asInt()).isEqualTo(2);
    command.interrupt();
    command.join();
    assertThat(code[0]).isEqualTo(Tip.OK);
    String gone = url;
    assertThatThrownBy(() -> get(gone + "/")).isInstanceOf(IOException.class);
  }

  @Test
  void publishedListsAreStoredWhole() throws Exception {
    Path lists = publishedLists().resolve("mirror.tsv");
    List<String> expected = mirrored(lists);
    Path report = folder.resolve("report.json");

    int code =
        tip(
            "sync",
            "--elasticsearch",
            node.url(),
            "--install",
            "--mirror",
            lists.toString(),
            "--report",
            report.toString());

    assertThat(code).as("%s%s", out, err).isEqualTo(Tip.OK);
    long added = 0;
    Map<String, Long> byFeed = new TreeMap<>();
    for (JsonNode feed : JSON.readTree(report.toFile()).path("feeds")) {
      assertThat(feed.path("outcome").asText()).isEqualTo("PUBLISHED");
      assertThat(n(feed, "records"))
          .isEqualTo(n(feed, "rejected") + n(feed, "revoked") + n(feed, "parsed"));
      assertThat(n(feed, "indicators"))
          .isEqualTo(n(feed, "repeated") + n(feed, "screened") + n(feed, "kept"));
      assertThat(n(feed, "kept")).isPositive().isEqualTo(n(feed, "added"));
      byFeed.put(feed.path("feed").asText(), n(feed, "kept"));
      added += n(feed, "added");
    }
    assertThat(byFeed.keySet()).containsExactlyInAnyOrderElementsOf(expected);
    String all = "{\"match_all\":{}}";
    assertThat(count("logs-ti_tip.indicator", all)).isEqualTo(added);
    assertThat(count("elastic-tip", all)).isEqualTo(added);
    for (Map.Entry<String, Long> feed : byFeed.entrySet()) {
      String ofFeed = "{\"wildcard\":{\"event.dataset\":\"*." + feed.getKey() + "\"}}";
      assertThat(count("logs-ti_*", ofFeed))
          .as(feed.getKey())
          .isGreaterThanOrEqualTo(feed.getValue());
      assertThat(count("elastic-tip", ofFeed)).as(feed.getKey()).isEqualTo(feed.getValue());
    }
    assertThat(count("elastic-tip", "{\"exists\":{\"field\":\"tip.indicator.cidr\"}}"))
        .isPositive();
    assertThat(
            count(
                "elastic-tip",
                "{\"bool\":{\"filter\":[{\"exists\":{\"field\":\"tip.indicator.cidr\"}},"
                    + "{\"exists\":{\"field\":\"threat.indicator.ip\"}}]}}"))
        .isZero();
    JsonNode addresses =
        post(
            "elastic-tip/_search?size=10000&_source=threat.indicator.ip",
            "{\"query\":{\"exists\":{\"field\":\"threat.indicator.ip\"}}}");
    assertThat(addresses.at("/hits/hits"))
        .isNotEmpty()
        .noneMatch(hit -> hit.at("/_source/threat/indicator/ip").toString().contains("/"));
  }

  @Test
  void cutListsBreakTheirContractAndLeaveNothing() throws Exception {
    String base = "logs-ti_cut.indicator";
    Path lists = publishedLists().resolve("mirror-cut.tsv");
    Path report = folder.resolve("report.json");

    int code =
        tip(
            "sync",
            "--elasticsearch",
            node.url(),
            "--index-base",
            base,
            "--install",
            "--mirror",
            lists.toString(),
            "--report",
            report.toString());

    assertThat(code).as("%s%s", out, err).isEqualTo(Tip.SOME_FAILED);
    Map<String, String> clauses = new TreeMap<>();
    for (JsonNode feed : JSON.readTree(report.toFile()).path("feeds")) {
      assertThat(feed.path("outcome").asText()).isEqualTo("CONTRACT_BROKEN");
      clauses.put(feed.path("feed").asText(), feed.path("clause").asText());
    }
    assertThat(clauses)
        .isEqualTo(
            Map.of(
                "abusech-urlhaus", "marker",
                "abusech-malwarebazaar", "declared-count",
                "abusech-sslbl", "declared-count"));
    assertThat(count(base, "{\"match_all\":{}}")).isZero();
    assertThat(out.toString()).contains("CONTRACT_BROKEN(marker)");
  }

  /** Lists as their publishers wrote them; not part of the project, because their terms differ. */
  private static Path publishedLists() {
    List<Path> candidates = new ArrayList<>();
    for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
      candidates.add(p.resolve("shared/data/feeds"));
    }
    Path found =
        candidates.stream()
            .filter(p -> Files.isRegularFile(p.resolve("mirror.tsv")))
            .findFirst()
            .orElse(null);
    assumeTrue(found != null, "no published lists beside the project");
    return found;
  }

  private static List<String> mirrored(Path table) throws IOException {
    Mirror mirror = Mirror.open(table);
    List<String> ids = new ArrayList<>();
    for (Feed feed : new PublicFeeds().feeds(FeedSettings.defaults())) {
      if (mirror.file(URI.create(((HttpFeed) feed).location())).isPresent()) {
        ids.add(feed.info().id());
      }
    }
    assertThat(ids).isNotEmpty();
    return ids;
  }

  private static long n(JsonNode feed, String name) {
    return feed.path(name).asLong();
  }

  private static long count(String index, String query) throws IOException, InterruptedException {
    post(index + "/_refresh", "");
    return post(index + "/_count", "{\"query\":" + query + "}").path("count").asLong();
  }

  private static JsonNode post(String path, String body) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(node.url() + "/" + path.replace("*", "%2A")))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
    return send(request);
  }

  private static JsonNode get(String url) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(url)));
  }

  private static JsonNode send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    var answer = HTTP.send(request.build(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }
}
