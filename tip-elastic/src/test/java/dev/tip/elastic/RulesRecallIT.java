// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static dev.tip.elastic.RulePreviewDocuments.json;
import static dev.tip.elastic.RulePreviewDocuments.merged;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.CyberObservable;
import dev.tip.HashAlgorithm;
import dev.tip.Indicator;
import dev.tip.Software;
import dev.tip.elastic.RulePreview.Direction;
import dev.tip.feed.FeedInfo;
import dev.tip.rules.EventSource;
import dev.tip.rules.ThreatMatchRule;
import dev.tip.rules.ThreatMatchRules;
import dev.tip.sink.Change;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Fifty thousand events of all sources, of which one in a hundred is one to be found and five in a
 * hundred are near misses: every rule finds all of its own and nothing else.
 */
@Tag("faults")
@ExtendWith(Server.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RulesRecallIT {
  private static final int EVENTS = 50_000;
  private static final int BATCH = 5_000;
  private static final int LISTED = 2_000;
  private static final List<String> SAMPLES =
      List.of("auditbeat", "defend_process", "packets", "defend_network", "dns", "tls", "http");
  private static final Map<EventSource, List<String>> SOURCES =
      Map.of(
          EventSource.AUDITBEAT, List.of("auditbeat"),
          EventSource.DEFEND_PROCESS, List.of("defend_process"),
          EventSource.PACKETS, List.of("packets", "dns", "tls", "http"),
          EventSource.DEFEND_NETWORK, List.of("defend_network"),
          EventSource.DNS, List.of("dns", "packets"),
          EventSource.TLS, List.of("tls", "packets"),
          EventSource.HTTP, List.of("http", "packets"));
  private static final String INDICATORS = "logs-ti_recall.indicator";
  private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private static final FeedInfo C2 = Samples.feed("recall", FeedInfo.Role.C2);

  private final Server server;
  private final ObjectNode samples = RulePreviewDocuments.resource("sample-events.json");
  private final Map<String, Set<String>> expected = new TreeMap<>();

  RulesRecallIT(Server server) {
    this.server = server;
  }

  /** What an event has, made of a number; a sample, the fields, and the rule for a listed one. */
  private enum Kind {
    FILE("auditbeat", "{'file':{'hash':{'sha256':'%s'}}}", "hash_auditbeat"),
    PROCESS("defend_process", "{'process':{'hash':{'sha256':'%s'}}}", "hash_defend_process"),
    FLOW("packets", "{'destination':{'ip':'%s'}}", "ip_packets"),
    CONNECTION("defend_network", "{'destination':{'ip':'%s'}}", "ip_defend_network"),
    BLOCK("packets", "{'destination':{'ip':'%s'}}", "cidr_packets"),
    DNS("dns", "{'dns':{'question':{'name':'%s'}}}", "domain_dns"),
    SERVER_NAME("tls", "{'tls':{'client':{'server_name':'%s'}}}", "domain_tls"),
    URL("http", "{'url':{'full':'%s'}}", "url_http"),
    CERTIFICATE("tls", "{'tls':{'server':{'hash':{'sha1':'%s'}}}}", "certificate_tls"),
    JA3("tls", "{'tls':{'client':{'ja3':'%s'}}}", "ja3_tls");

    private final String sample;
    private final String fields;
    private final String rule;

    Kind(String sample, String fields, String rule) {
      this.sample = sample;
      this.fields = fields;
      this.rule = "threat_list_" + rule + "_high";
    }

    /** The value that a list has. */
    private CyberObservable listed(int i) {
      return switch (this) {
        case FILE, PROCESS -> CyberObservable.file(HashAlgorithm.SHA256, hex(64, i));
        case FLOW, CONNECTION -> CyberObservable.ip("198.18." + i / 250 + '.' + i % 250);
        case BLOCK -> CyberObservable.ip("198.19." + i / 64 + '.' + i % 64 * 4 + "/30");
        case DNS, SERVER_NAME -> CyberObservable.domainName("c2-" + i + ".example");
        case URL -> CyberObservable.url("http://shared-" + i + ".example/a");
        case CERTIFICATE -> CyberObservable.x509Certificate(hex(40, i));
        case JA3 -> CyberObservable.software(Software.Fingerprint.JA3, hex(32, i));
      };
    }

    /** The same as an event has it. */
    private String seen(int i) {
      return switch (this) {
        case BLOCK -> "198.19." + i / 64 + '.' + (i % 64 * 4 + 3);
        case CERTIFICATE -> hex(40, i).toUpperCase(Locale.ROOT);
        case JA3 -> hex(32, i);
        case FILE, PROCESS, FLOW, CONNECTION, DNS, SERVER_NAME, URL -> listed(i).value();
      };
    }

    private String nearMiss(int i) {
      return switch (this) {
        case FILE, PROCESS -> hex(64, i).toUpperCase(Locale.ROOT);
        case FLOW, CONNECTION -> "198.17." + i / 250 + '.' + i % 250;
        case BLOCK -> "198.20." + i / 64 + '.' + i % 64 * 4;
        case DNS, SERVER_NAME ->
            i % 2 == 0 ? "www.c2-" + i + ".example" : "shared-" + i + ".example";
        case URL -> "http://shared-" + i + ".example/b";
        case CERTIFICATE -> hex(40, i);
        case JA3 -> hex(32, i).toUpperCase(Locale.ROOT);
      };
    }

    private String benign(int i) {
      return switch (this) {
        case FILE, PROCESS -> hex(64, i + 1_000_000);
        case FLOW, CONNECTION, BLOCK ->
            "10." + (i >> 16 & 255) + '.' + (i >> 8 & 255) + '.' + (i & 255);
        case DNS, SERVER_NAME -> "host-" + i + ".good.example";
        case URL -> "http://good.example/" + i;
        case CERTIFICATE -> hex(40, i + 1_000_000).toUpperCase(Locale.ROOT);
        case JA3 -> hex(32, i + 1_000_000);
      };
    }

    private static String hex(int digits, int number) {
      return ("%0" + digits + "x").formatted(0xabcdefL << 24 | number);
    }
  }

  @BeforeAll
  void plant() throws Exception {
    for (String sample : SAMPLES) {
      server.ok("PUT", index(sample), RulePreviewDocuments.index("event-mapping.json"));
    }
    ElasticsearchAdmin.builder(server.client()).indexBase(INDICATORS).build().install();
    try (ElasticsearchSink sink =
        ElasticsearchSink.builder(server.client()).indexBase(INDICATORS).build()) {
      for (Kind kind : Kind.values()) {
        boolean shared =
            kind == Kind.PROCESS || kind == Kind.CONNECTION || kind == Kind.SERVER_NAME;
        List<Change> changes = new ArrayList<>();
        for (int i = 0; !shared && i < LISTED; i++) {
          Indicator indicator = Indicator.builder(kind.listed(i), C2).build();
          changes.add(new Change.Upsert(indicator, 1, Change.Cause.NEW, NOW, NOW));
        }
        sink.write(changes);
      }
    }
    server.ok("POST", '/' + INDICATORS + "/_refresh", "");
    for (int from = 0; from < EVENTS; from += BATCH) {
      StringBuilder bulk = new StringBuilder();
      for (int i = from; i < from + BATCH; i++) {
        event(i, bulk);
      }
      JsonNode answer = server.ok("POST", "/_bulk?refresh=true", bulk.toString());
      assertThat(answer.path("errors").asBoolean()).as(answer.toString()).isFalse();
    }
  }

  private void event(int i, StringBuilder bulk) {
    Kind kind = Kind.values()[i % Kind.values().length];
    int number = i / Kind.values().length;
    int share = number % 100;
    String value =
        share == 0
            ? kind.seen(number % LISTED)
            : share < 6 ? kind.nearMiss(number % LISTED) : kind.benign(i);
    if (share == 0) {
      expected.computeIfAbsent(kind.rule, rule -> new TreeSet<>()).add("e" + i);
    }
    ObjectNode document =
        merged(
            (ObjectNode) samples.path(kind.sample),
            json(
                "{'@timestamp':'%s','event':{'ingested':'%1$s'}}"
                    .formatted(NOW.minus(Duration.ofMillis(i * 60L)))),
            json(kind.fields.formatted(value)));
    bulk.append("{\"index\":{\"_index\":\"").append(index(kind.sample).substring(1));
    bulk.append("\",\"_id\":\"e").append(i).append("\"}}\n");
    bulk.append(document).append('\n');
  }

  @AfterAll
  void clear() throws Exception {
    for (String sample : SAMPLES) {
      server.ok("DELETE", index(sample), "");
    }
    server.ok("DELETE", '/' + INDICATORS + ".v1", "");
  }

  private static String index(String sample) {
    return "/recall-" + sample;
  }

  @ParameterizedTest
  @EnumSource
  void everyRuleFindsAllOfItsOwnAndNothingElse(Direction direction) throws Exception {
    ThreatMatchRules.Options.Builder options =
        ThreatMatchRules.Options.builder().threatIndex(INDICATORS);
    for (EventSource source : EventSource.values()) {
      options.index(
          source,
          SOURCES.getOrDefault(source, List.of()).stream()
              .map(sample -> index(sample).substring(1))
              .toArray(String[]::new));
    }
    Map<String, Set<String>> alerts = new TreeMap<>();
    for (ThreatMatchRule rule : ThreatMatchRules.standard(options.build())) {
      RulePreviewResult result =
          RulePreview.builder(server.client())
              .direction(direction)
              .clock(Clock.fixed(NOW, ZoneOffset.UTC))
              .build()
              .run(rule);
      assertThat(result.isTruncated()).isFalse();
      for (RulePreviewResult.Alert alert : result.alerts()) {
        alerts.computeIfAbsent(rule.key(), key -> new TreeSet<>()).add(alert.id());
      }
    }
    assertThat(alerts).isEqualTo(expected);
  }
}
