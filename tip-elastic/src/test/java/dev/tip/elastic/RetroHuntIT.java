// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static dev.tip.elastic.RulePreviewDocuments.json;
import static dev.tip.elastic.RulePreviewDocuments.merged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.HashAlgorithm;
import dev.tip.Indicator;
import dev.tip.Software;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedInfo.Role;
import dev.tip.feed.FetchContext;
import dev.tip.feed.Usage;
import dev.tip.rules.EventSource;
import dev.tip.rules.HuntRule;
import dev.tip.rules.QueryLanguage;
import dev.tip.rules.Severity;
import dev.tip.rules.ThreatMapping;
import dev.tip.rules.ThreatMatchRule;
import dev.tip.rules.ThreatMatchRules;
import dev.tip.sink.IndicatorSink;
import dev.tip.sync.FeedSync;
import dev.tip.sync.SyncReport;
import dev.tip.sync.SyncState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Old events, indicators that come later, and the real server between them. */
@ExtendWith(Server.Shared.class)
class RetroHuntIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private static final String INDICATORS = "logs-ti_retro.indicator";
  private static final String FINDINGS = "logs-tip-retro.hunt";
  private static final String EVENTS = "retro-events";
  private static final FeedInfo C2 = Samples.feed("retro-c2", Role.C2);
  private static final FeedInfo SCANNERS = Samples.feed("retro-scanners", Role.SCANNER);

  private final Server server;
  private final ObjectNode samples = RulePreviewDocuments.resource("sample-events.json");
  private final StringBuilder bulk = new StringBuilder();
  private final List<HuntFinding> findings = new ArrayList<>();

  @TempDir Path state;

  RetroHuntIT(Server server) {
    this.server = server;
  }

  @BeforeEach
  void index() throws Exception {
    server.ok("PUT", '/' + EVENTS, RulePreviewDocuments.index("event-mapping.json"));
  }

  @AfterEach
  void noIndices() throws Exception {
    server.ok(
        "DELETE",
        '/' + EVENTS + ',' + INDICATORS + ".v1," + FINDINGS + ".v1?ignore_unavailable=true",
        "");
  }

  private void event(String sample, String id, Duration age, String fields) {
    ObjectNode document =
        merged(
            (ObjectNode) samples.path(sample),
            json(
                "{'@timestamp':'%s','event':{'ingested':'%1$s'},'host':{'name':'ws-042'}}"
                    .formatted(NOW.minus(age))),
            json(fields));
    bulk.append("{\"index\":{\"_id\":\"").append(id).append("\"}}\n");
    bulk.append(document).append('\n');
  }

  private void store() throws Exception {
    JsonNode answer = server.ok("POST", '/' + EVENTS + "/_bulk?refresh=true", bulk.toString());
    assertThat(answer.path("errors").asBoolean()).as(answer.toString()).isFalse();
    bulk.setLength(0);
  }

  private static List<ThreatMatchRule> rules() {
    ThreatMatchRules.Options.Builder options =
        ThreatMatchRules.Options.builder().threatIndex(INDICATORS);
    Arrays.stream(EventSource.values()).forEach(source -> options.index(source, EVENTS));
    // In one index with them, its rules would find the events of the other sensors once more.
    options.index(EventSource.NETFLOW);
    return ThreatMatchRules.standard(options.build()).stream()
        .filter(ThreatMatchRule::enabled)
        .toList();
  }

  private RetroHunt.Builder hunt() {
    return RetroHunt.builder(server.client()).rules(rules()).indicatorIndex(INDICATORS);
  }

  private HuntReport run(RetroHunt hunt) throws IOException {
    findings.clear();
    return hunt.run(findings::addAll);
  }

  private Set<String> found() {
    Set<String> ids = new TreeSet<>();
    findings.forEach(finding -> ids.add(finding.eventId()));
    return ids;
  }

  private static Indicator indicator(CyberObservable observable) {
    return Indicator.builder(observable, C2).build();
  }

  private static CyberObservable ip(String text) {
    return CyberObservable.ip(text);
  }

  @Test
  void anEventThreeWeeksOldIsFoundByTheSyncThatFirstListsItsAddress() throws Exception {
    event("packets", "old", Duration.ofDays(21), "{'destination':{'ip':'203.0.113.50'}}");
    event("packets", "older", Duration.ofDays(40), "{'destination':{'ip':'203.0.113.50'}}");
    event("packets", "other", Duration.ofDays(21), "{'destination':{'ip':'203.0.113.51'}}");
    event("packets", "listed", Duration.ofDays(21), "{'destination':{'ip':'203.0.113.1'}}");
    store();
    ElasticsearchAdmin.builder(server.client()).indexBase(INDICATORS).build().install();
    HuntIndex index = HuntIndex.of(server.client(), FINDINGS);
    index.install();

    // The first list is no news.
    assertThat(sync(index, "203.0.113.1")).isZero();
    assertThat(findings).isEmpty();

    assertThat(sync(index, "203.0.113.1", "203.0.113.50")).isEqualTo(1);
    assertThat(findings)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.eventId()).isEqualTo("old");
              assertThat(finding.eventIndex()).isEqualTo(EVENTS);
              assertThat(finding.eventTime()).isEqualTo(NOW.minus(Duration.ofDays(21)));
              assertThat(finding.host()).contains("ws-042");
              assertThat(finding.field()).isEqualTo("destination.ip");
              assertThat(finding.value()).isEqualTo("203.0.113.50");
              assertThat(finding.lists()).containsExactly("retro-c2");
              assertThat(finding.indicatorIds())
                  .containsExactly(indicator(ip("203.0.113.50")).id());
              assertThat(finding.rule().key()).isEqualTo("threat_list_ip_packets_high");
            });

    assertThat(sync(index, "203.0.113.1", "203.0.113.50")).isZero();
    assertThat(findings).isEmpty();
  }

  /** Returns how many findings were new. */
  private long sync(HuntIndex index, String... addresses) throws Exception {
    findings.clear();
    List<FeedEntry> entries =
        Stream.of(addresses)
            .<FeedEntry>map(address -> new FeedEntry.Accepted(1, indicator(ip(address))))
            .toList();
    long[] stored = new long[1];
    try (RetroHunt hunt = hunt().folder(state.resolve("hunt")).build();
        ElasticsearchSink sink =
            ElasticsearchSink.builder(server.client()).indexBase(INDICATORS).build();
        IndicatorSink collecting =
            hunt.collecting(sink, SyncState.of(state).completeFeeds(sink.info()))) {
      SyncReport report =
          FeedSync.builder()
              .sink(collecting)
              .state(state)
              .context(FetchContext.builder(Usage.NON_COMMERCIAL).build())
              .build()
              .run(List.of(Samples.list(C2, entries)));
      assertThat(report.isHealthy()).as(report.toTable()).isTrue();
      HuntReport hunted =
          hunt.run(
              page -> {
                findings.addAll(page);
                stored[0] += index.write(page);
              });
      assertThat(hunted.isComplete()).isTrue();
      assertThat(hunted.warnings()).isEmpty();
    }
    return stored[0];
  }

  @Test
  void everyDetectableKindIsFoundAndNearMissesAreNot() throws Exception {
    String sha256 = "ab".repeat(32);
    String sha1 = "cd".repeat(20);
    String ja3 = "ef".repeat(16);
    Duration age = Duration.ofDays(20);
    event("auditbeat", "hit-file", age, "{'file':{'hash':{'sha256':'" + sha256 + "'}}}");
    event(
        "auditbeat",
        "miss-case",
        age,
        "{'file':{'hash':{'sha256':'" + sha256.toUpperCase(Locale.ROOT) + "'}}}");
    event("packets", "hit-ip", age, "{'destination':{'ip':'203.0.113.1'}}");
    event("packets", "hit-ip-6", age, "{'destination':{'ip':'2001:DB8:0::1'}}");
    event("packets", "hit-tunnel", age, "{'destination':{'ip':['198.51.100.200','203.0.113.1']}}");
    event("packets", "hit-block", age, "{'destination':{'ip':'198.51.100.127'}}");
    event("packets", "miss-block", age, "{'destination':{'ip':'198.51.100.128'}}");
    event("packets", "miss-private", age, "{'destination':{'ip':'10.0.0.5'}}");
    event(
        "packets",
        "miss-denied",
        age,
        "{'destination':{'ip':'203.0.113.1'},'event':{'type':['connection','denied']}}");
    event(
        "packets",
        "miss-inbound",
        age,
        "{'source':{'ip':'203.0.113.1'},'destination':{'ip':'192.0.2.42'}}");
    event("packets", "miss-scanner", age, "{'destination':{'ip':'203.0.113.6'}}");
    event("dns", "hit-domain", age, "{'dns':{'question':{'name':'bad.example'}}}");
    event("dns", "miss-domain", age, "{'dns':{'question':{'name':'www.bad.example'}}}");
    event("dns", "miss-host-of-url", age, "{'dns':{'question':{'name':'shared.example'}}}");
    event("http", "hit-url", age, "{'url':{'full':'http://shared.example/a'}}");
    event("http", "miss-url", age, "{'url':{'full':'http://shared.example/b'}}");
    event(
        "tls",
        "hit-certificate",
        age,
        "{'tls':{'server':{'hash':{'sha1':'" + sha1.toUpperCase(Locale.ROOT) + "'}}}}");
    event("tls", "miss-certificate", age, "{'tls':{'server':{'hash':{'sha1':'" + sha1 + "'}}}}");
    event("tls", "hit-ja3", age, "{'tls':{'client':{'ja3':'" + ja3 + "'}}}");
    store();
    List<Indicator> indicators =
        List.of(
            indicator(CyberObservable.file(HashAlgorithm.SHA256, sha256)),
            indicator(ip("203.0.113.1")),
            indicator(ip("2001:db8::1")),
            indicator(ip("198.51.100.64/26")),
            indicator(CyberObservable.domainName("bad.example")),
            indicator(CyberObservable.url("http://shared.example/a")),
            indicator(CyberObservable.x509Certificate(sha1)),
            indicator(CyberObservable.software(Software.Fingerprint.JA3, ja3)),
            Indicator.builder(ip("203.0.113.6"), SCANNERS).build(),
            Indicator.builder(ip("198.51.100.128"), C2).confidence(Confidence.LOW).build());
    try (RetroHunt hunt = hunt().build()) {
      hunt.add(indicators.stream());

      HuntEstimate estimate = hunt.estimate();
      assertThat(estimate.indicators()).isEqualTo(10);
      assertThat(estimate.compared()).isEqualTo(8);
      assertThat(estimate.searches()).isPositive();
      assertThat(estimate.documents()).isPositive();

      HuntReport report = run(hunt);
      assertThat(report.indicators()).isEqualTo(10);
      assertThat(report.searches()).isEqualTo((int) estimate.searches());
      assertThat(report.findings()).isEqualTo(findings.size());
      assertThat(report.warnings()).isEmpty();
    }
    assertThat(found())
        .containsExactly(
            "hit-block",
            "hit-certificate",
            "hit-domain",
            "hit-file",
            "hit-ip",
            "hit-ip-6",
            "hit-ja3",
            "hit-tunnel",
            "hit-url");
  }

  @Test
  void aHuntGoesOnWhereItWasInterrupted() throws Exception {
    for (int i = 0; i < 30; i++) {
      event(
          "packets",
          "e" + i,
          Duration.ofHours(100 + i),
          "{'destination':{'ip':'203.0.113." + (i + 1) + "'}}");
    }
    event("dns", "dns", Duration.ofDays(2), "{'dns':{'question':{'name':'bad.example'}}}");
    store();
    Collection<String> all = new TreeSet<>();
    try (RetroHunt hunt = hunt().folder(state.resolve("hunt")).build()) {
      hunt.add(
          Stream.concat(
              IntStream.rangeClosed(1, 30).mapToObj(i -> indicator(ip("203.0.113." + i))),
              Stream.of(indicator(CyberObservable.domainName("bad.example")))));
      assertThatThrownBy(
              () ->
                  hunt.run(
                      page -> {
                        throw new IOException("the disk of the findings is full");
                      }))
          .hasMessage("the disk of the findings is full");
      assertThat(hunt.pending()).isEqualTo(31);
    }
    // Ten at a time: each run goes on behind the last.
    for (int i = 1; i <= 4; i++) {
      try (RetroHunt hunt = hunt().folder(state.resolve("hunt")).limits(10, 100).build()) {
        assertThat(hunt.pending()).isEqualTo(31);
        HuntReport report = run(hunt);
        assertThat(findings).hasSize(i < 4 ? 10 : 1);
        assertThat(all).doesNotContainAnyElementsOf(found());
        all.addAll(found());
        assertThat(report.isComplete()).isEqualTo(i == 4);
        assertThat(report.warnings()).hasSize(i < 4 ? 1 : 0);
      }
    }
    assertThat(all).hasSize(31);
    try (RetroHunt hunt = hunt().folder(state.resolve("hunt")).build()) {
      assertThat(hunt.pending()).isZero();
      assertThat(run(hunt).searches()).isZero();
    }
  }

  @Test
  void whatAKilledProcessLeftIsHuntedForAndItsTornLineIsTold() throws Exception {
    event("packets", "old", Duration.ofDays(3), "{'destination':{'ip':'203.0.113.50'}}");
    store();
    try (RetroHunt hunt = hunt().folder(state.resolve("hunt")).build()) {
      hunt.add(Stream.of(indicator(ip("203.0.113.50"))));
    }
    Path folder = state.resolve("hunt");
    Files.writeString(
        folder.resolve("000000000001.todo"), "{\"event\":{\"kind", StandardOpenOption.APPEND);
    Files.writeString(folder.resolve("cursor.json"), "{\"file\":");

    try (RetroHunt hunt = hunt().folder(state.resolve("hunt")).build()) {
      HuntReport report = run(hunt);
      assertThat(found()).containsExactly("old");
      assertThat(report.isComplete()).isTrue();
      assertThat(report.warnings())
          .containsExactly("1 lines of what was to be hunted for could not be read");
    }
  }

  @Test
  void aFolderIsForOneHuntAtATime() throws Exception {
    try (RetroHunt hunt = hunt().folder(state.resolve("hunt")).build()) {
      assertThatThrownBy(() -> hunt().folder(state.resolve("hunt")).build())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another hunt has the folder");
      assertThat(hunt.pending()).isZero();
    }
  }

  @Test
  void oneBusyValueDoesNotHideTheOthers() throws Exception {
    for (int i = 0; i < 1200; i++) {
      event(
          "packets",
          "busy" + i,
          Duration.ofMinutes(20_000 - i),
          "{'destination':{'ip':'203.0.113.1'}}");
    }
    event("packets", "rare", Duration.ofDays(1), "{'destination':{'ip':'203.0.113.2'}}");
    store();
    try (RetroHunt hunt = hunt().eventsPerValue(5).build()) {
      hunt.add(Stream.of(indicator(ip("203.0.113.1")), indicator(ip("203.0.113.2"))));
      HuntReport report = run(hunt);
      // The oldest ones: that is when it began.
      assertThat(found()).containsExactly("busy0", "busy1", "busy2", "busy3", "busy4", "rare");
      // Two by the rule for packets, one by that for Elastic Defend.
      assertThat(report.searches()).isEqualTo(3);
      assertThat(report.warnings())
          .containsExactly(
              "1 values have more than the first 5 events, which stand for the others");
    }
  }

  @Test
  void aLimitOfSearchesEndsARunAndTheNextGoesOn() throws Exception {
    event("packets", "ip", Duration.ofDays(2), "{'destination':{'ip':'203.0.113.50'}}");
    event("dns", "dns", Duration.ofDays(2), "{'dns':{'question':{'name':'bad.example'}}}");
    store();
    try (RetroHunt hunt = hunt().limits(1000, 1).build()) {
      hunt.add(
          Stream.of(
              indicator(ip("203.0.113.50")), indicator(CyberObservable.domainName("bad.example"))));
      Set<String> all = new TreeSet<>();
      int runs = 0;
      HuntReport report;
      do {
        report = run(hunt);
        all.addAll(found());
        runs++;
        assertThat(report.searches()).isEqualTo(1);
      } while (!report.isComplete() && runs < 20);
      assertThat(all).containsExactly("dns", "ip");
      assertThat(runs).isGreaterThan(1);
    }
  }

  @Test
  void hostileValuesAreOnlyValues() throws Exception {
    String url = "http://bad.example/%22%7D,%7B%22match_all%22:%7B%7D%7D?q=*&a=\\u0000'\"";
    CyberObservable hostile = CyberObservable.url(url);
    Indicator indicator =
        Indicator.builder(hostile, C2)
            .description("\u001b[31m\"}} or *:* {{{ <script>alert(1)</script>\n")
            .tag("*")
            .build();
    event("http", "other", Duration.ofDays(1), "{'url':{'full':'http://good.example/'}}");
    ObjectNode event = JSON.createObjectNode();
    event.put("@timestamp", NOW.minus(Duration.ofDays(1)).toString());
    event.putObject("url").put("full", hostile.value());
    bulk.append("{\"index\":{\"_id\":\"hostile\"}}\n").append(event).append('\n');
    store();
    HuntIndex index = HuntIndex.of(server.client(), FINDINGS);
    index.install();
    try (RetroHunt hunt = hunt().build()) {
      hunt.add(Stream.of(indicator, indicator(CyberObservable.url("http://bad.example/*"))));
      run(hunt);
    }
    assertThat(found()).containsExactly("hostile");
    assertThat(findings.get(0).toJson()).doesNotContain("\n", "\u001b");
    assertThat(index.write(findings)).isEqualTo(1);
    assertThat(index.write(findings)).isZero();
  }

  @Test
  void aFindingIsRaisedByItsRuleAndFoundByNoOther() throws Exception {
    event("packets", "old", Duration.ofDays(21), "{'destination':{'ip':'203.0.113.50'}}");
    String sha256 = "ab".repeat(32);
    event("auditbeat", "file", Duration.ofDays(9), "{'file':{'hash':{'sha256':'" + sha256 + "'}}}");
    store();
    HuntIndex index = HuntIndex.of(server.client(), FINDINGS);
    index.install();
    index.install();
    ElasticsearchAdmin.builder(server.client()).indexBase(INDICATORS).build().install();
    List<Indicator> indicators =
        List.of(
            indicator(ip("203.0.113.50")),
            indicator(CyberObservable.file(HashAlgorithm.SHA256, sha256)));
    try (RetroHunt hunt = hunt().build();
        ElasticsearchSink sink =
            ElasticsearchSink.builder(server.client()).indexBase(INDICATORS).build()) {
      hunt.add(indicators.stream());
      run(hunt);
      sink.write(List.copyOf(indicators.stream().map(i -> upsert(i)).toList()));
    }
    assertThat(index.write(findings)).isEqualTo(2);
    server.ok("POST", '/' + FINDINGS + ',' + INDICATORS + "/_refresh", "");

    HuntRule rule = HuntRule.builder().index(FINDINGS).build();
    String kql = "{\"kql\":{\"query\":%s}}".formatted(JSON.writeValueAsString(rule.query()));
    List<JsonNode> raised = server.find(rule.index(), kql);
    assertThat(raised).hasSize(2);
    JsonNode finding = raised.get(0).path("_source");
    assertThat(finding.path("event").path("kind").asText()).isEqualTo("event");
    assertThat(finding.path("event").path("severity").asInt()).isEqualTo(73);
    assertThat(finding.at("/threat/enrichments/0/indicator/type").asText()).isNotEmpty();
    assertThat(finding.at("/threat/enrichments/0/feed/name").asText()).isEqualTo("retro-c2");
    assertThat(finding.at("/threat/enrichments/0/matched/field").asText()).isNotEmpty();
    for (String field : List.of("source", "destination", "file", "url", "dns", "related")) {
      assertThat(finding.has(field)).as(field).isFalse();
    }
    // The rule of Elastic's kind: everything that can be compared, over everything.
    ThreatMatchRule all =
        ThreatMatchRule.builder("everything")
            .ruleId("0b3b1f6e-6a0e-4d2c-9f1a-000000000002")
            .name("Everything")
            .description("Everything.")
            .severity(Severity.HIGH)
            .author("a")
            .license("Apache-2.0")
            .index(FINDINGS)
            .query(QueryLanguage.KUERY, "event.kind:*")
            .threatIndex(INDICATORS)
            .threatQuery(QueryLanguage.KUERY, "threat.indicator.type:*")
            .threatMapping(
                ThreatMapping.of("source.ip", "threat.indicator.ip"),
                ThreatMapping.of("destination.ip", "threat.indicator.ip"),
                ThreatMapping.of("file.hash.sha256", "threat.indicator.file.hash.sha256"))
            .timestampOverride("event.ingested")
            .dates(LocalDate.of(2026, 11, 24), LocalDate.of(2026, 11, 24))
            .build();
    assertThat(RulePreview.of(server.client()).run(all).alerts()).isEmpty();
    assertThat(server.find(FINDINGS, "{\"term\":{\"event.type\":\"indicator\"}}")).isEmpty();
  }

  private static dev.tip.sink.Change upsert(Indicator indicator) {
    return new dev.tip.sink.Change.Upsert(indicator, 1, dev.tip.sink.Change.Cause.NEW, NOW, NOW);
  }

  @Test
  void indicatorsComeFromTheIndexAsWell() throws Exception {
    event("packets", "new", Duration.ofDays(21), "{'destination':{'ip':'203.0.113.50'}}");
    event("packets", "before", Duration.ofDays(21), "{'destination':{'ip':'203.0.113.51'}}");
    store();
    ElasticsearchAdmin.builder(server.client()).indexBase(INDICATORS).build().install();
    try (ElasticsearchSink sink =
        ElasticsearchSink.builder(server.client()).indexBase(INDICATORS).build()) {
      sink.write(
          List.of(
              upsert(indicator(ip("203.0.113.50"))),
              Samples.upsert(ip("203.0.113.51"), C2),
              Samples.upsert(ip("203.0.113.52"), C2)));
    }
    server.ok("POST", '/' + INDICATORS + "/_refresh", "");
    try (RetroHunt hunt = hunt().build()) {
      hunt.addActive(INDICATORS, NOW.minus(Duration.ofHours(1)));
      assertThat(hunt.pending()).isEqualTo(1);
      run(hunt);
      assertThat(found()).containsExactly("new");
      assertThat(findings.get(0).indicatorIds())
          .containsExactly(indicator(ip("203.0.113.50")).id());
    }
  }

  @Test
  void whatTheServerTakesInNoSingleQueryIsAskedInParts() throws Exception {
    event("packets", "old", Duration.ofDays(21), "{'destination':{'ip':'198.18.5.9'}}");
    store();
    try (RetroHunt hunt = hunt().build()) {
      hunt.add(
          IntStream.range(0, 10_000)
              .mapToObj(i -> indicator(ip("198.18." + i / 50 + '.' + i % 50 * 4 + "/30"))));
      HuntReport report = run(hunt);
      assertThat(found()).containsExactly("old");
      assertThat(report.isComplete()).isTrue();
      assertThat(report.indicators()).isEqualTo(10_000);
    }
  }
}
