// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tip.rules.ThreatMatchRule;
import dev.tip.rules.ThreatMatchRules;
import dev.tip.rules.ThreatMatchRules.Options;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the upload does is tested where it is done; here a Kibana says just enough. */
class RulesUploadCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<ThreatMatchRule> RULES = ThreatMatchRules.standard(Options.defaults());

  /** With the rule for the findings of hunts. */
  private static final int ALL = RULES.size() + 1;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final List<String> installed = new ArrayList<>();
  private final List<String> posts = new ArrayList<>();
  private String importAnswer = "{\"success\":true,\"errors\":[]}";
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String answer;
    if (exchange.getRequestMethod().equals("POST")) {
      posts.add(path + " " + body);
      if (path.endsWith("_import")) {
        body.lines().filter(line -> line.startsWith("{")).forEach(this::install);
        answer = importAnswer;
      } else {
        String ids =
            String.valueOf(JSON.readTree(body).path("ids"))
                .replace("[", "[{\"id\":")
                .replace(",", "},{\"id\":")
                .replace("]", "}]");
        answer = "{\"attributes\":{\"results\":{\"updated\":" + ids + "}}}";
      }
    } else if (path.endsWith("_find")) {
      String page = exchange.getRequestURI().getQuery().contains("page=1") ? "1" : "2";
      answer =
          "{\"total\":%d,\"data\":[%s]}"
              .formatted(
                  installed.size(),
                  page.equals("1") ? installed.stream().collect(Collectors.joining(",")) : "");
    } else {
      answer = "{}";
    }
    byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private void install(String rule) {
    try {
      ObjectNode node = (ObjectNode) JSON.readTree(rule);
      installed.add(node.put("id", "id-" + installed.size()).toString());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private int upload(String... more) {
    CommandLine line = Tip.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    List<String> args = new ArrayList<>(List.of("rules", "upload", "--kibana"));
    args.add("http://127.0.0.1:" + server.getAddress().getPort());
    args.addAll(List.of(more));
    return line.execute(args.toArray(String[]::new));
  }

  @Test
  void aDryRunShowsThePlanAndChangesNothing() {
    assertThat(upload("--dry-run")).isEqualTo(Tip.OK);
    assertThat(posts).isEmpty();
    assertThat(out.toString())
        .contains("PLAN    RULE")
        .contains(ALL + " create")
        .containsPattern("create +cidr_packets_high +- +-\n");
  }

  @Test
  void rulesAreCreatedAndTheNamedOnesEnabled() {
    assertThat(upload("--enable", "cidr_packets_high,threat_list_ip_packets_high"))
        .isEqualTo(Tip.OK);
    assertThat(out.toString())
        .contains(ALL + " created, 0 updated, 2 enabled, 0 removed, 0 failed");
    assertThat(posts).hasSize(2);

    assertThat(upload()).isEqualTo(Tip.OK);
    assertThat(out.toString()).contains(ALL + " unchanged");
  }

  /** The same as of the files that tip rules --out writes. */
  @Test
  void optionsAreInTheRules() throws IOException {
    List<String> options = new ArrayList<>(List.of("--index-base", "logs-ti_tip.other"));
    options.addAll(List.of("--namespace", "prod", "--name-prefix", "ACME", "--suppress", "6h"));
    assertThat(upload(options.toArray(String[]::new))).isEqualTo(Tip.OK);
    List<ThreatMatchRule> wanted =
        ThreatMatchRules.standard(
            Options.builder()
                .threatIndex("logs-ti_tip.other")
                .namespace("prod")
                .namePrefix("ACME")
                .alertSuppression(Duration.ofHours(6))
                .build());
    List<JsonNode> ours = new ArrayList<>();
    for (String rule : installed) {
      ObjectNode node = (ObjectNode) JSON.readTree(rule);
      if (node.path("type").asText().equals("threat_match")) {
        // Created disabled, and with an id of the server's.
        node.remove(List.of("id", "enabled"));
        ours.add(node);
      }
    }
    assertThat(ours).hasSameSizeAs(wanted);
    for (ThreatMatchRule rule : wanted) {
      ObjectNode node = (ObjectNode) JSON.readTree(rule.toJson());
      node.remove("enabled");
      assertThat(ours).contains(node);
    }
  }

  /** No prebuilt rule is installed, so there is nothing to leave out. */
  @Test
  void aComplementIsOfWhatKibanaHas() {
    assertThat(upload("--profile", "complement", "--dry-run")).isEqualTo(Tip.OK);
    assertThat(out.toString()).contains(ALL + " create");
  }

  @Test
  void allAreEnabledButThoseOfLowSeverity() {
    long high = RULES.stream().filter(ThreatMatchRule::enabled).count() + 1;
    assertThat(upload("--enable-all")).isEqualTo(Tip.OK);
    assertThat(out.toString()).contains(high + " enabled");
    assertThat(high).isPositive().isLessThan(RULES.size());
  }

  @Test
  void whatIsLeftIsSaidWithTheOptionThatChangesIt() {
    install(RULES.get(0).toJson().replace("\"max_signals\":999", "\"max_signals\":10"));
    install(
        RULES
            .get(1)
            .toJson()
            .replace(RULES.get(1).ruleId(), "11111111-1111-4111-8111-111111111111")
            .replace(RULES.get(1).name(), "Old one \\u001b[2J"));
    assertThat(upload("--dry-run")).isEqualTo(Tip.OK);
    assertThat(out.toString())
        .containsPattern("update +hash_auditbeat_high +yes +max_signals\n")
        .containsPattern("orphan +\"Old one \\\\u001B\\[2J\" +yes +-\n")
        .contains("--overwrite updates", "--remove-orphans removes")
        .doesNotContain("\u001b");
  }

  @Test
  void rulesThatKibanaDoesNotTakeAreNamedAndFailTheCommand() {
    String id = RULES.get(0).ruleId();
    importAnswer =
        "{\"success\":false,\"errors\":[{\"rule_id\":\""
            + id
            + "\",\"error\":{\"status_code\":400,\"message\":\"threat_mapping: Required\"}}]}";
    assertThat(upload()).isEqualTo(Tip.SOME_FAILED);
    assertThat(err.toString())
        .contains("tip: hash_auditbeat_high " + id + ": threat_mapping: Required (status 400)");
  }

  @Test
  void aKibanaThatIsNotThereIsASentence() {
    server.stop(0);
    assertThat(upload()).isEqualTo(Tip.NOTHING_STORED);
    assertThat(err.toString()).startsWith("tip: no connection to Kibana").hasLineCount(1);
  }

  @Test
  void commandLinesThatCannotBeUsedAreRefused() {
    assertThat(upload("--enable", "no_such_rule")).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("--enable: no rule no_such_rule");
    assertThat(upload("--space", "No Space")).isEqualTo(Tip.USAGE);
    assertThat(upload("--profile", "half")).isEqualTo(Tip.USAGE);
    assertThat(upload("--api-key-env", "TIP_NO_SUCH_VARIABLE")).isEqualTo(Tip.USAGE);
    assertThat(posts).isEmpty();
  }
}
