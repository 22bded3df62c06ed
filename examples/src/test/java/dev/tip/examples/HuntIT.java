// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tip.testkit.ElasticsearchNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code tip sync --hunt} and {@code tip hunt} on a real server. */
class HuntIT {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Instant OLD = Instant.now().minus(Duration.ofDays(21));
  private static ElasticsearchNode node;

  private StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    node =
        ElasticsearchNode.builder(Path.of(System.getProperty("tip.elasticsearch.zip", "absent")))
            .kql(
                Stream.of(System.getProperty("tip.elasticsearch.kql", "absent").split(":", -1))
                    .map(Path::of)
                    .toList())
            .start();
    send(
        "PUT",
        "/packetbeat-hunt",
        "{\"mappings\":{\"properties\":{\"@timestamp\":{\"type\":\"date\"},\"event\":{\"properties\":"
            + "{\"action\":{\"type\":\"keyword\"},\"type\":{\"type\":\"keyword\"}}},\"flow\":{"
            + "\"properties\":{\"final\":{\"type\":\"boolean\"}}},\"destination\":{\"properties\":{"
            + "\"ip\":{\"type\":\"ip\"}}},\"host\":{\"properties\":{\"name\":{\"type\":\"keyword\"}}}}}}");
    for (int i = 1; i <= 4; i++) {
      send(
          "PUT",
          "/packetbeat-hunt/_doc/e" + i + "?refresh=true",
          ("{\"@timestamp\":\"%s\",\"event\":{\"action\":\"network_flow\"},\"flow\":{\"final\":true},"
                  + "\"host\":{\"name\":\"ws-04%d\"},\"destination\":{\"ip\":\"198.51.100.%2$d\"}}")
              .formatted(OLD, i));
    }
  }

  private static JsonNode send(String method, String path, String body) throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(node.url() + path))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isLessThan(300);
    return new ObjectMapper().readTree(answer.body());
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private int tip(String... args) {
    out = new StringWriter();
    CommandLine line = Tip.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return line.execute(args);
  }

  private String[] with(String base, String... more) throws IOException {
    Files.writeString(
        folder.resolve("mirror.tsv"),
        "https://www.botvrij.eu/data/ioclist.ip-dst.raw\tip-dst.raw\n");
    List<String> args =
        new ArrayList<>(
            List.of(
                "sync",
                "--elasticsearch",
                node.url(),
                "--index-base",
                base,
                "--feeds",
                "botvrij-ip-dst",
                "--mirror",
                folder.toString(),
                "--state",
                folder.resolve("state").toString()));
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }

  private void list(String text) throws IOException {
    Files.writeString(folder.resolve("ip-dst.raw"), text);
  }

  @Test
  void aSyncFindsTheOldEventOfWhatIsNewAndOnlyOnce() throws Exception {
    String[] sync = with("logs-ti_hunt.indicator", "--install", "--hunt", "30d");
    list("198.51.100.1\n");
    assertThat(tip(sync)).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(out.toString()).contains("hunt: 0 findings").doesNotContain("ws-041");

    list("198.51.100.1\n198.51.100.2\n");
    assertThat(tip(sync)).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(out.toString())
        .contains(
            "hunt: 1 new indicators in 4 events, at least ", "hunt: 1 findings, 1 of them new,")
        .containsPattern(
            OLD.toString().substring(0, 10) + "\\S+ +ws-042 +destination.ip +198.51.100.2 ")
        .doesNotContain("ws-041", "ws-043");
    send("POST", "/logs-tip.hunt/_refresh", "");
    assertThat(send("GET", "/logs-tip.hunt/_count", "").path("count").asInt()).isEqualTo(1);

    assertThat(tip(sync)).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(out.toString()).contains("hunt: 0 findings, 0 of them new, for 0 indicators");
  }

  @Test
  void aHuntByHandReadsStateOrIndexAndStoresNothingTwice() throws Exception {
    String base = "logs-ti_byhand.indicator";
    list("198.51.100.3\n198.51.100.4\n");
    assertThat(tip(with(base, "--install"))).as("%s%s", out, err).isEqualTo(Tip.OK);
    send("POST", '/' + base + "/_refresh", "");
    Path file = folder.resolve("findings.ndjson");
    String state = folder.resolve("state").toString();
    String[] server = {"hunt", "--elasticsearch", node.url(), "--index-base", base};

    assertThat(tip(and(server, "--estimate"))).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(out.toString())
        .contains("2 indicators, 2 of which the rules compare")
        .doesNotContain("findings");

    assertThat(tip(and(server, "--ndjson", file.toString())))
        .as("%s%s", out, err)
        .isEqualTo(Tip.OK);
    assertThat(Files.readAllLines(file)).hasSize(2).allMatch(line -> line.contains("tip.hunt"));

    String[] stored = and(server, "--state", state, "--write", "--install");
    assertThat(tip(stored)).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(out.toString()).contains("hunt: 2 findings, 2 of them new,", "ws-043", "ws-044");
    assertThat(tip(stored)).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(out.toString()).contains("hunt: 2 findings, 0 of them new,");

    String[] limited = and(server, "--state", state, "--max-findings", "1");
    assertThat(tip(limited)).as("%s%s", out, err).isEqualTo(Tip.SOME_FAILED);
    assertThat(out.toString()).contains("the limit of 1 findings is reached").contains("are left");
    assertThat(tip(limited)).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(out.toString())
        .contains("goes on with the hunt", "hunt: 1 findings for 2 indicators");

    assertThat(tip(and(server, "--from", "now-1d"))).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(out.toString()).contains("hunt: 0 findings");
    assertThat(tip(and(server, "--added", "1h", "--ndjson", "-"))).isEqualTo(Tip.OK);
    assertThat(out.toString().lines()).hasSize(2).allMatch(line -> line.startsWith("{"));
  }

  private static String[] and(String[] args, String... more) {
    return Stream.concat(Stream.of(args), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void findingsWithoutIndexAreMissedWithAdvice() throws Exception {
    String base = "logs-ti_missing.indicator";
    list("198.51.100.3\n");
    assertThat(tip(with(base, "--install"))).as("%s%s", out, err).isEqualTo(Tip.OK);
    assertThat(tip("hunt", "--elasticsearch", node.url(), "--index-base", "logs-ti_absent.x"))
        .isEqualTo(Tip.NOTHING_STORED);
    assertThat(err.toString()).contains("install").doesNotContain("\tat ");
  }
}
