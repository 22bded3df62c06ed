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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
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

/** The commands that work on a real server. */
class SyncIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static ElasticsearchNode node;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    List<Path> kql =
        Stream.of(System.getProperty(EmbeddedServer.KQL, "absent").split(":", -1))
            .map(Path::of)
            .toList();
    node =
        ElasticsearchNode.builder(Path.of(System.getProperty("tip.elasticsearch.zip", "absent")))
            .kql(kql)
            .start();
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
    assertThat(err.toString()).contains("tip install").doesNotContain("\tat ");
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

  @Test
  void installSaysWhatItMadeAndWhatWasThere() throws Exception {
    String base = "logs-ti_made.indicator";
    String[] install = {
      "install", "--elasticsearch", node.url(), "--index-base", base, "--reader-alias", "made"
    };
    post("made/_doc", "{}", 201);
    assertThat(tip(install)).isEqualTo(Tip.NOTHING_STORED);
    assertThat(err.toString()).contains("tip install --replace-legacy").doesNotContain("\tat ");
    String[] replace = Arrays.copyOf(install, install.length + 1);
    replace[install.length] = "--replace-legacy";

    assertThat(tip(replace)).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(out.toString())
        .isEqualTo(
            "index made was deleted to make room for the alias\n"
                + "index logs-ti_made.indicator.v1 was created, written through alias "
                + base
                + ", read through alias made\n");
    out.getBuffer().setLength(0);
    assertThat(tip(replace)).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(out.toString()).startsWith("index logs-ti_made.indicator.v1 was there, ");
    assertThat(count("made", "{\"match_all\":{}}")).isZero();
  }

  private String[] tenant(String name, String command, String... more) {
    List<String> all = new ArrayList<>(List.of(command, "--elasticsearch", node.url()));
    all.addAll(List.of("--index-base", "logs-ti_" + name + ".indicator"));
    if (!command.equals("install") && !command.equals("purge")) {
      all.addAll(List.of("--state", folder.resolve("state-" + name).toString()));
    }
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private String syncTenant(String name, String list) throws IOException {
    String mirror = mirror().toString();
    Files.writeString(folder.resolve("ip-dst.raw"), list);
    Path report = folder.resolve("report-" + name + ".json");
    String[] sync =
        tenant(name, "sync", "--feeds", "botvrij-ip-dst", "--mirror", mirror, "--report");
    sync = Arrays.copyOf(sync, sync.length + 1);
    sync[sync.length - 1] = report.toString();
    assertThat(tip(sync)).as("%s%s", out, err).isEqualTo(Tip.OK);
    return counts(report);
  }

  private JsonNode verify(String name, int code) throws IOException {
    out.getBuffer().setLength(0);
    assertThat(tip(tenant(name, "verify", "--json"))).as("%s%s", out, err).isEqualTo(code);
    return JSON.readTree(out.toString());
  }

  @Test
  void tenantsDoNotSeeEachOther() throws Exception {
    String all = "{\"match_all\":{}}";
    for (String name : List.of("acme", "other")) {
      assertThat(tip(tenant(name, "install", "--reader-alias", "reader-" + name)))
          .as("%s%s", out, err)
          .isEqualTo(Tip.OK);
    }
    assertThat(syncTenant("acme", "198.51.100.1\n198.51.100.2\n"))
        .isEqualTo("added 2, unchanged 0, withdrawn 0, operations 2");
    assertThat(syncTenant("other", "198.51.100.2\n198.51.100.3\n198.51.100.4\n"))
        .isEqualTo("added 3, unchanged 0, withdrawn 0, operations 3");
    assertThat(count("reader-acme", all)).isEqualTo(2);
    assertThat(count("reader-other", all)).isEqualTo(3);

    // What one withdraws, the other still has.
    assertThat(syncTenant("acme", "198.51.100.1\n"))
        .isEqualTo("added 0, unchanged 1, withdrawn 1, operations 1");
    assertThat(count("reader-acme", all)).isEqualTo(1);
    assertThat(count("reader-other", all)).isEqualTo(3);
    assertThat(syncTenant("other", "198.51.100.2\n198.51.100.3\n198.51.100.4\n"))
        .isEqualTo("added 0, unchanged 3, withdrawn 0, operations 0");
    assertThat(verify("acme", Tip.OK).at("/feeds/0/stored").asInt()).isEqualTo(1);
    assertThat(verify("other", Tip.OK).at("/feeds/0/stored").asInt()).isEqualTo(3);
    assertThat(tip("show", "198.51.100.4", "--state", folder.resolve("state-acme").toString()))
        .isEqualTo(Tip.SOME_FAILED);
    assertThat(tip("show", "198.51.100.4", "--state", folder.resolve("state-other").toString()))
        .isEqualTo(Tip.OK);

    // The state of one says nothing of the index of the other.
    Files.move(folder.resolve("state-acme"), folder.resolve("aside"));
    Files.move(folder.resolve("state-other"), folder.resolve("state-acme"));
    JsonNode swapped = verify("acme", Tip.SOME_FAILED);
    assertThat(swapped.at("/feeds/0/condition").asText()).isEqualTo("ABSENT");
    assertThat(swapped.at("/feeds/0/difference").asText()).contains("nothing is remembered");
  }

  @Test
  void verifyFindsWhatSomebodyDeletedAndTheNextRunMendsIt() throws Exception {
    assertThat(tip(tenant("checked", "install"))).as("%s%s", out, err).isEqualTo(Tip.OK);
    String list = "198.51.100.1\n198.51.100.2\n";
    syncTenant("checked", list);
    out.getBuffer().setLength(0);
    assertThat(tip(tenant("checked", "verify"))).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(out.toString().lines().skip(1))
        .containsExactly("botvrij-ip-dst  2           0     2       agrees");
    String base = "logs-ti_checked.indicator";
    JsonNode hits =
        post(
            base + "/_search", "{\"query\":{\"term\":{\"threat.indicator.ip\":\"198.51.100.1\"}}}");
    String id = hits.at("/hits/hits/0/_id").asText();
    post(base + "/_bulk?refresh=true", "{\"delete\":{\"_id\":\"" + id + "\"}}\n");

    JsonNode found = verify("checked", Tip.SOME_FAILED);

    assertThat(found.path("agrees").asBoolean()).isFalse();
    assertThat(found.at("/feeds/0/remembered").asInt()).isEqualTo(2);
    assertThat(found.at("/feeds/0/stored").asInt()).isEqualTo(1);
    assertThat(found.at("/feeds/0/difference").asText()).contains("holds 1 active");
    syncTenant("checked", list);
    assertThat(verify("checked", Tip.OK).path("agrees").asBoolean()).isTrue();
  }

  @Test
  void purgeCountsUnlessItIsTold() throws Exception {
    String base = "logs-ti_purged.indicator";
    assertThat(tip(tenant("purged", "install"))).as("%s%s", out, err).isEqualTo(Tip.OK);
    String old =
        "{\"tip\":{\"status\":\"withdrawn\",\"indicator\":{\"withdrawn_at\":\"2020-01-02T03:04:05Z\"}}}";
    post(base + "/_doc?refresh=true", old, 201);
    post(base + "/_doc?refresh=true", "{\"tip\":{\"status\":\"active\"}}", 201);
    out.getBuffer().setLength(0);

    assertThat(tip(tenant("purged", "purge"))).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(count(base, "{\"match_all\":{}}")).isEqualTo(2);
    assertThat(tip(tenant("purged", "purge", "--older-than", "40d", "--yes")))
        .as("%s%s", out, err)
        .isEqualTo(Tip.OK);

    assertThat(out.toString())
        .isEqualTo(
            "1 withdrawn indicators to remove; --yes removes them\n"
                + "1 withdrawn indicators removed\n");
    assertThat(count(base, "{\"match_all\":{}}")).isEqualTo(1);
    assertThat(tip(tenant("purged", "purge", "--older-than", "29d"))).isEqualTo(Tip.USAGE);
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

    // One of the files is only the begin of its list, whose banner says how long it is.
    assertThat(code).as("%s%s", out, err).isEqualTo(Tip.SOME_FAILED);
    long added = 0;
    Map<String, Long> byFeed = new TreeMap<>();
    for (JsonNode feed : JSON.readTree(report.toFile()).path("feeds")) {
      String id = feed.path("feed").asText();
      if (id.equals("abusech-threatfox-urls")) {
        assertThat(feed.path("clause").asText()).isEqualTo("declared-count");
        continue;
      }
      if (id.equals("abusech-sslbl-ips")) {
        assertThat(feed.path("outcome").asText()).isEqualTo("RETIRED");
        continue;
      }
      assertThat(feed.path("outcome").asText()).as(id).isEqualTo("PUBLISHED");
      assertThat(n(feed, "records"))
          .isEqualTo(n(feed, "rejected") + n(feed, "revoked") + n(feed, "parsed"));
      assertThat(n(feed, "indicators"))
          .isEqualTo(n(feed, "repeated") + n(feed, "screened") + n(feed, "kept"));
      assertThat(n(feed, "kept")).isPositive().isEqualTo(n(feed, "added"));
      byFeed.put(id, n(feed, "kept"));
      added += n(feed, "added");
    }
    expected.removeAll(List.of("abusech-threatfox-urls", "abusech-sslbl-ips"));
    // Another provider's feed of the archive that eset-malware-ioc reads as well.
    expected.add("eset-misp");
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
                "abusech-urlhaus-online", "marker",
                "abusech-malwarebazaar", "declared-count",
                "abusech-sslbl", "declared-count"));
    assertThat(count(base, "{\"match_all\":{}}")).isZero();
    assertThat(out.toString()).contains("CONTRACT_BROKEN(marker)");
  }

  @Test
  void previewShowsWhatTheRulesWouldAlertOn() throws Exception {
    String base = "logs-ti_preview.indicator";
    assertThat(
            tip(
                "sync",
                "--elasticsearch",
                node.url(),
                "--index-base",
                base,
                "--install",
                "--feeds",
                "botvrij-ip-dst",
                "--mirror",
                mirror().toString()))
        .as("%s%s", out, err)
        .isEqualTo(Tip.OK);
    post(base + "/_refresh", "");
    String event =
        "{\"@timestamp\":\"%s\",\"event\":{\"ingested\":\"%1$s\",\"kind\":\"event\"},\"destination\":{\"ip\":\"%s\"}}";
    put(
        "packetbeat-preview",
        "{\"mappings\":{\"properties\":{\"destination\":{\"properties\":{\"ip\":{\"type\":\"ip\"}}}}}}");
    Instant old = Instant.now().minus(Duration.ofDays(20));
    post("packetbeat-preview/_doc?refresh=true", event.formatted(old, "198.51.100.77"), 201);
    post("packetbeat-preview/_doc?refresh=true", event.formatted(old, "198.51.100.78"), 201);
    String[] preview = {
      "rules",
      "preview",
      "--elasticsearch",
      node.url(),
      "--threat-index",
      base,
      "--from",
      "now-30d",
      "--rule",
      "ip_packets_high,ip_packets_medium"
    };
    out.getBuffer().setLength(0);
    assertThat(tip(preview)).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(out.toString())
        .contains("threat_list_ip_packets_medium  1  ", "terms", "packetbeat-preview/")
        .contains("destination.ip  198.51.100.77")
        .doesNotContain("198.51.100.78");

    String[] json = Arrays.copyOf(preview, preview.length + 1);
    json[preview.length] = "--json";
    out.getBuffer().setLength(0);
    assertThat(tip(json)).isEqualTo(Tip.OK);
    List<String> lines = out.toString().lines().toList();
    assertThat(lines).hasSize(2);
    JsonNode medium = JSON.readTree(lines.get(1));
    assertThat(medium.path("alerts")).hasSize(1);
    assertThat(medium.at("/alerts/0/threat.enrichments/0/matched/atomic").asText())
        .isEqualTo("198.51.100.77");

    // One run of the rule looks at the last 65 minutes.
    List<String> oneRun = new ArrayList<>(List.of(preview));
    oneRun.remove("--from");
    oneRun.remove("now-30d");
    out.getBuffer().setLength(0);
    assertThat(tip(oneRun.toArray(String[]::new))).isEqualTo(Tip.OK);
    assertThat(out.toString()).doesNotContain("198.51.100.77");
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
    return post(path, body, 200);
  }

  private static JsonNode post(String path, String body, int status)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(node.url() + "/" + path.replace("*", "%2A")))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
    return send(request, status);
  }

  private static void put(String path, String body) throws IOException, InterruptedException {
    send(
        HttpRequest.newBuilder(URI.create(node.url() + "/" + path))
            .header("Content-Type", "application/json")
            .PUT(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8)),
        200);
  }

  private static JsonNode get(String url) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(url)), 200);
  }

  private static JsonNode send(HttpRequest.Builder request, int status)
      throws IOException, InterruptedException {
    var answer = HTTP.send(request.build(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return JSON.readTree(answer.body());
  }
}
