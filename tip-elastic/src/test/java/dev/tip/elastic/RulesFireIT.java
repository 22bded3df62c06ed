// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static dev.tip.elastic.RulePreviewDocuments.json;
import static dev.tip.elastic.RulePreviewDocuments.merged;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.HashAlgorithm;
import dev.tip.Indicator;
import dev.tip.Software;
import dev.tip.elastic.RulePreview.Direction;
import dev.tip.elastic.RulePreview.Path;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedInfo.Role;
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
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each shipped rule finds each event it is for, in both directions, among near misses and the
 * events of all other rules: the real rules, the real index and sink, the real server.
 *
 * <p>The events are as the ingest pipelines leave them.
 */
@ExtendWith(Server.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RulesFireIT {
  private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private static final String INDICATORS = "logs-ti_fire.indicator";
  private static final ThreatMatchRules.Options OPTIONS =
      ThreatMatchRules.Options.builder().threatIndex(INDICATORS).build();
  private static final Map<Confidence, String> BANDS =
      Map.of(Confidence.HIGH, "high", Confidence.MEDIUM, "medium");
  private static final Map<String, String> INDICES =
      Map.ofEntries(
          Map.entry("auditbeat", "auditbeat-9.5.0-fire"),
          Map.entry("fim", "logs-fim.event-fire"),
          Map.entry("defend_process", "logs-endpoint.events.process-fire"),
          Map.entry("defend_library", "logs-endpoint.events.library-fire"),
          Map.entry("defend_file", "logs-endpoint.events.file-fire"),
          Map.entry("packets", "packetbeat-9.5.0-fire"),
          Map.entry("network_traffic_flow", "logs-network_traffic.flow-fire"),
          Map.entry("network_traffic_tls", "logs-network_traffic.tls-fire"),
          Map.entry("defend_network", "logs-endpoint.events.network-fire"),
          Map.entry("netflow", "logs-netflow.log-fire"),
          Map.entry("defend_registry", "logs-endpoint.events.registry-fire"),
          Map.entry("email", "filebeat-9.5.0-fire"),
          Map.entry("dns", "logs-network_traffic.dns-fire"),
          Map.entry("tls", "packetbeat-9.5.0-fire"),
          Map.entry("http", "logs-network_traffic.http-fire"));

  private final Server server;
  private final Map<Role, FeedInfo> feeds = new EnumMap<>(Role.class);
  private final List<Change> changes = new ArrayList<>();
  private final StringBuilder bulk = new StringBuilder();
  private final Map<String, Set<String>> expected = new TreeMap<>();
  private final ObjectNode samples = RulePreviewDocuments.resource("sample-events.json");
  private int hashes;

  RulesFireIT(Server server) {
    this.server = server;
  }

  @BeforeAll
  void plant() throws Exception {
    for (String index : Set.copyOf(INDICES.values())) {
      server.ok("PUT", '/' + index, RulePreviewDocuments.index("event-mapping.json"));
    }
    for (Role role : Role.values()) {
      feeds.put(role, Samples.feed("fire-" + role.value(), role));
    }
    plantFiles();
    plantAddresses();
    plantConnections("packets", "packets");
    plantConnections("packets", "network_traffic_flow");
    plantConnections("packets", "network_traffic_tls");
    plantConnections("defend_network", "defend_network");
    plantConnections("netflow", "netflow");
    plantEnds();
    plantMails();
    plantRegistry();
    plantNames();
    plantUrls();
    plantHandshakes();
    plantLongConnection();
    ElasticsearchAdmin.builder(server.client()).indexBase(INDICATORS).build().install();
    try (ElasticsearchSink sink =
        ElasticsearchSink.builder(server.client()).indexBase(INDICATORS).build()) {
      sink.write(changes);
    }
    server.ok("POST", '/' + INDICATORS + "/_refresh", "");
    JsonNode answer = server.ok("POST", "/_bulk?refresh=true", bulk.toString());
    assertThat(answer.path("errors").asBoolean()).as(answer.toString()).isFalse();
  }

  @AfterAll
  void clear() throws Exception {
    server.ok(
        "DELETE",
        '/' + String.join(",", Set.copyOf(INDICES.values())) + ',' + INDICATORS + ".v1",
        "");
  }

  private void plantFiles() {
    for (HashAlgorithm algorithm :
        List.of(
            HashAlgorithm.MD5, HashAlgorithm.SHA1, HashAlgorithm.SHA256, HashAlgorithm.SHA512)) {
      for (Confidence confidence : BANDS.keySet()) {
        plantFile(algorithm, confidence);
      }
      String low = hash(algorithm);
      list(CyberObservable.file(algorithm, low), Role.MALWARE_DISTRIBUTION, Confidence.LOW);
      String withdrawn = hash(algorithm);
      withdraw(CyberObservable.file(algorithm, withdrawn), Role.MALWARE_DISTRIBUTION);
      String old = hash(algorithm);
      list(
          CyberObservable.file(algorithm, old),
          Role.MALWARE_DISTRIBUTION,
          Confidence.HIGH,
          NOW.minus(Duration.ofDays(32)));
      for (Fingerprinted source : Fingerprinted.values()) {
        if (source.has(algorithm)) {
          String id = algorithm.ecsName();
          source.plant(this, "miss-unlisted-" + id, algorithm, hash(algorithm));
          source.plant(this, "miss-low-" + id, algorithm, low);
          source.plant(this, "miss-withdrawn-" + id, algorithm, withdrawn);
          source.plant(this, "miss-not-renewed-" + id, algorithm, old);
        }
      }
    }
    event("auditbeat", "miss-deleted", "{'event':{'type':['deletion'],'action':['deleted']}}");
    event("fim", "miss-deleted", "{'event':{'type':['deletion'],'action':['deleted']}}");
    event("defend_file", "miss-deleted", "{'event':{'type':['deletion'],'action':'deletion'}}");
  }

  private void plantFile(HashAlgorithm algorithm, Confidence confidence) {
    String band = BANDS.get(confidence);
    String listed = hash(algorithm);
    list(CyberObservable.file(algorithm, listed), Role.MALWARE_DISTRIBUTION, confidence);
    for (Fingerprinted source : Fingerprinted.values()) {
      if (!source.has(algorithm)) {
        continue;
      }
      String id = algorithm.ecsName() + '-' + band;
      String rule =
          "threat_list_hash_"
              + source.key()
              + (source == Fingerprinted.FIM ? "_" + algorithm.ecsName() : "")
              + '_'
              + band;
      source.plant(this, "hit-" + id, algorithm, listed, rule);
      String upper = listed.toUpperCase(Locale.ROOT);
      source.plant(this, "miss-upper-case-" + id, algorithm, upper);
      if (source == Fingerprinted.DEFEND_PROCESS) {
        event(
            source.key(),
            "miss-end-" + id,
            merged(
                source.fields(algorithm, listed),
                json("{'event':{'type':['end'],'action':'end'}}")));
      }
      // It arrives now and happened long before: a laptop was off the net.
      ObjectNode hashed = source.fields(algorithm, listed);
      event(source.key(), "hit-late-" + id, merged(hashed, times(180, 5)), rule);
      event(source.key(), "miss-an-hour-before-" + id, merged(hashed, times(180, 70)));
      if (source == Fingerprinted.AUDITBEAT || source == Fingerprinted.FIM) {
        event(
            source.key(),
            "miss-other-module-" + id,
            merged(hashed, json("{'event':{'module':'system','dataset':'process'}}")));
      }
    }
  }

  /** The event sources with hashes. */
  private enum Fingerprinted {
    AUDITBEAT("file"),
    FIM("file"),
    DEFEND_PROCESS("process"),
    DEFEND_LIBRARY("dll"),
    DEFEND_FILE("file");

    private final String field;

    Fingerprinted(String field) {
      this.field = field;
    }

    private String key() {
      return EventSource.valueOf(name()).name().toLowerCase(Locale.ROOT);
    }

    private boolean has(HashAlgorithm algorithm) {
      return algorithm != HashAlgorithm.SHA512 || this == AUDITBEAT || this == FIM;
    }

    private ObjectNode fields(HashAlgorithm algorithm, String hash) {
      return json("{'%s':{'hash':{'%s':'%s'}}}".formatted(field, algorithm.ecsName(), hash));
    }

    private void plant(
        RulesFireIT world, String id, HashAlgorithm algorithm, String hash, String... rules) {
      world.event(key(), id, fields(algorithm, hash), rules);
    }
  }

  private void plantAddresses() {
    list(ip("203.0.113.1"), Role.C2, Confidence.HIGH);
    list(ip("203.0.113.2"), Role.PHISHING, Confidence.MEDIUM);
    list(ip("203.0.113.3"), Role.C2, Confidence.LOW);
    withdraw(ip("203.0.113.4"), Role.C2);
    list(ip("203.0.113.5"), Role.C2, Confidence.HIGH, NOW.minus(Duration.ofDays(32)));
    list(ip("203.0.113.6"), Role.SCANNER, Confidence.HIGH);
    list(ip("203.0.113.7"), Role.ANONYMISER, Confidence.MEDIUM);
    list(ip("203.0.113.8"), Role.REPUTATION, Confidence.HIGH);
    list(ip("203.0.113.9"), Role.SCANNER, Confidence.LOW);
    list(ip("2001:db8::a:1"), Role.MALWARE_DISTRIBUTION, Confidence.HIGH);
    list(ip("2001:db8::a:2"), Role.C2, Confidence.MEDIUM);
    list(ip("198.51.100.64/26"), Role.C2, Confidence.HIGH);
    list(ip("198.51.100.128/26"), Role.REPUTATION, Confidence.MEDIUM);
    list(ip("2001:db8:bad::/48"), Role.REPUTATION, Confidence.HIGH);
    list(ip("192.0.2.64/27"), Role.SCANNER, Confidence.HIGH);
    list(ip("192.0.2.96/27"), Role.C2, Confidence.LOW);
    withdraw(ip("192.0.2.128/27"), Role.REPUTATION);
    // Neither an address that a URL names nor the host of one is an indicator by itself.
    list(CyberObservable.url("http://203.0.113.20/x"), Role.MALWARE_DISTRIBUTION, Confidence.HIGH);
  }

  private void plantConnections(String source, String sample) {
    String ip = "threat_list_ip_" + source;
    String block = "threat_list_cidr_" + source;
    connection(sample, "hit-high", "203.0.113.1", ip + "_high");
    connection(sample, "hit-medium", "203.0.113.2", ip + "_medium");
    connection(sample, "hit-high-v6", "2001:db8::a:1", ip + "_high");
    connection(sample, "hit-medium-v6", "2001:0DB8:0::A:2", ip + "_medium");
    connection(sample, "hit-scanner", "203.0.113.6", ip + "_scanner");
    connection(sample, "hit-anonymiser", "203.0.113.7", ip + "_scanner");
    connection(sample, "hit-reputation", "203.0.113.8", ip + "_scanner");
    connection(sample, "miss-low", "203.0.113.3");
    connection(sample, "miss-withdrawn", "203.0.113.4");
    connection(sample, "miss-not-renewed", "203.0.113.5");
    connection(sample, "miss-low-scanner", "203.0.113.9");
    connection(sample, "miss-host-of-a-url", "203.0.113.20");
    connection(sample, "miss-private", "10.0.0.5");
    connection(sample, "miss-private-v6", "fd00::a:1");

    connection(sample, "hit-block-first", "198.51.100.64", block + "_high");
    connection(sample, "hit-block-last", "198.51.100.127", block + "_high");
    connection(sample, "hit-next-block-first", "198.51.100.128", block + "_medium");
    connection(sample, "hit-next-block-last", "198.51.100.191", block + "_medium");
    connection(sample, "hit-block-v6", "2001:db8:bad:ffff::1", block + "_high");
    connection(sample, "miss-before-block", "198.51.100.63");
    connection(sample, "miss-after-block", "198.51.100.192");
    connection(sample, "miss-after-block-v6", "2001:db8:bae::1");
    connection(sample, "miss-scanner-block", "192.0.2.65");
    connection(sample, "miss-low-block", "192.0.2.97");
    connection(sample, "miss-withdrawn-block", "192.0.2.129");

    for (String to : List.of("203.0.113.1", "203.0.113.2", "203.0.113.6", "198.51.100.64")) {
      String there = "{'destination':{'ip':'" + to + "'},'event':{";
      event(sample, "miss-failed-" + to, there + "'outcome':'failure'}}");
      event(sample, "miss-denied-" + to, there + "'type':['connection','denied']}}");
      boolean high = to.equals("203.0.113.1") || to.equals("203.0.113.2");
      boolean found = high && !source.equals("netflow");
      String[] inbound = found ? new String[] {ip + "_inbound"} : new String[0];
      event(sample, (found ? "hit-inbound-" : "miss-inbound-") + to, from(to), inbound);
      event(
          sample,
          "miss-inbound-denied-" + to,
          merged(json(from(to)), json("{'event':{'type':['denied']}}")));
    }
  }

  /** Somebody scans us. */
  private static String from(String address) {
    return ("{'source':{'ip':'%s'},'destination':{'ip':'192.0.2.42'},"
            + "'network':{'direction':'ingress'}}")
        .formatted(address);
  }

  private void plantEnds() {
    String sample = "defend_network";
    String there = "{'destination':{'ip':'203.0.113.1'},'event':{'type':%s}}";
    event(sample, "miss-end", there.formatted("['end']"));
    event(
        sample,
        "hit-start-and-end",
        there.formatted("['start','end']"),
        "threat_list_ip_defend_network_high");
  }

  private void plantMails() {
    String from = "{'email':{'from':{'address':%s}}}";
    for (Map.Entry<Confidence, String> band : BANDS.entrySet()) {
      String address = band.getValue() + "@phish.example";
      list(CyberObservable.emailAddr(address), Role.PHISHING, band.getKey());
      event(
          "email",
          "hit-mail-" + band.getValue(),
          from.formatted("['" + address + "']"),
          "threat_list_email_email_" + band.getValue());
      event("email", "miss-mail-other-" + band.getValue(), from.formatted("'x" + address + "'"));
      event(
          "email",
          "miss-mail-case-" + band.getValue(),
          from.formatted("'" + address.toUpperCase(Locale.ROOT) + "'"));
      event(
          "email",
          "miss-mail-to-" + band.getValue(),
          "{'email':{'to':{'address':['" + address + "']}}}");
    }
    withdraw(CyberObservable.emailAddr("gone@phish.example"), Role.PHISHING);
    event("email", "miss-mail-withdrawn", from.formatted("'gone@phish.example'"));
  }

  private void plantRegistry() {
    for (Map.Entry<Confidence, String> band : BANDS.entrySet()) {
      String key = "Software\\Bad" + band.getValue();
      list(
          CyberObservable.windowsRegistryKey("HKEY_LOCAL_MACHINE\\" + key, null),
          Role.MALWARE_DISTRIBUTION,
          band.getKey());
      ObjectNode hit = json("{'registry':{}}");
      ((ObjectNode) hit.get("registry")).put("path", "HKLM\\" + key);
      event(
          "defend_registry",
          "hit-registry-" + band.getValue(),
          hit,
          "threat_list_registry_defend_registry_" + band.getValue());
      for (String miss : List.of("HKCU\\" + key, "HKLM\\" + key + "\\Sub", "HKLM\\" + key + "2")) {
        ObjectNode other = json("{'registry':{}}");
        ((ObjectNode) other.get("registry")).put("path", miss);
        event(
            "defend_registry", "miss-registry-" + miss.replace('\\', '_') + band.getValue(), other);
      }
    }
  }

  private void plantNames() {
    domain("high.example", Role.C2, Confidence.HIGH);
    domain("medium.example", Role.PHISHING, Confidence.MEDIUM);
    domain("low.example", Role.C2, Confidence.LOW);
    domain("scanner.example", Role.SCANNER, Confidence.HIGH);
    withdraw(CyberObservable.domainName("withdrawn.example"), Role.C2);
    list(
        CyberObservable.url("http://shared.example/malware"),
        Role.MALWARE_DISTRIBUTION,
        Confidence.HIGH);
    plantNames("dns", "{'dns':{'question':{'name':'%s','registered_domain':'high.example'}}}");
    plantNames("tls", "{'tls':{'client':{'server_name':'%s'}}}");
    plantNames("http", "{'url':{'domain':'%s'}}");
    event(
        "dns",
        "hit-no-such-name",
        "{'event':{'outcome':'failure'},'dns':{'question':{'name':'high.example'}}}",
        "threat_list_domain_dns_high");
    event(
        "tls",
        "miss-name-refused",
        "{'event':{'outcome':'failure'},'tls':{'client':{'server_name':'high.example'}}}");
  }

  private void plantNames(String source, String fields) {
    for (String band : BANDS.values()) {
      event(
          source,
          "hit-name-" + source + band,
          fields.formatted(band + ".example"),
          "threat_list_domain_" + source + '_' + band);
    }
    for (String miss :
        List.of(
            "www.high.example",
            "example",
            "HIGH.example",
            "high.example.",
            "low.example",
            "scanner.example",
            "withdrawn.example",
            "shared.example")) {
      event(source, "miss-name-" + source + miss, fields.formatted(miss));
    }
  }

  private void domain(String name, Role role, Confidence confidence) {
    list(CyberObservable.domainName(name), role, confidence);
  }

  private void plantUrls() {
    for (Map.Entry<Confidence, String> band : BANDS.entrySet()) {
      String url = "http://files.example/" + band.getValue() + "/a.exe?id=1";
      list(CyberObservable.url(url), Role.MALWARE_DISTRIBUTION, band.getKey());
      String fields = "{'url':{'full':'%s','domain':'files.example'}}";
      event(
          "http",
          "hit-url-" + band.getValue(),
          fields.formatted(url),
          "threat_list_url_http_" + band.getValue());
      for (String miss :
          List.of(url + "1", url.replace("a.exe", "A.exe"), url.replace("?id=1", ""))) {
        event("http", "miss-url-" + miss.substring(7).replace('/', '_'), fields.formatted(miss));
      }
    }
  }

  private void plantHandshakes() {
    for (Map.Entry<Confidence, String> band : BANDS.entrySet()) {
      String sha1 = hash(HashAlgorithm.SHA1);
      String ja3 = hash(HashAlgorithm.MD5);
      list(CyberObservable.x509Certificate(sha1), Role.C2, band.getKey());
      list(CyberObservable.software(Software.Fingerprint.JA3, ja3), Role.C2, band.getKey());
      String ja3s = hash(HashAlgorithm.MD5);
      list(CyberObservable.software(Software.Fingerprint.JA3S, ja3s), Role.C2, band.getKey());
      String server = "{'tls':{'server':{'ja3s':'%s'}}}";
      event(
          "tls",
          "hit-ja3s-" + band.getValue(),
          server.formatted(ja3s),
          "threat_list_ja3s_tls_" + band.getValue());
      event("tls", "miss-ja3s-of-a-client-" + band.getValue(), server.formatted(ja3));
      event(
          "tls",
          "miss-ja3-of-a-server-" + band.getValue(),
          "{'tls':{'client':{'ja3':'%s'}}}".formatted(ja3s));
      String certificate = "{'tls':{'server':{'hash':{'sha1':'%s'}}}}";
      String client = "{'tls':{'client':{'ja3':'%s'}}}";
      event(
          "tls",
          "hit-certificate-" + band.getValue(),
          certificate.formatted(sha1.toUpperCase(Locale.ROOT)),
          "threat_list_certificate_tls_" + band.getValue());
      event(
          "tls",
          "hit-ja3-" + band.getValue(),
          client.formatted(ja3),
          "threat_list_ja3_tls_" + band.getValue());
      event("tls", "miss-certificate-" + band.getValue(), certificate.formatted(sha1));
      event("tls", "miss-ja3-" + band.getValue(), client.formatted(hash(HashAlgorithm.MD5)));
    }
  }

  /** A report every ten seconds for 65 minutes; another host makes a short connection meanwhile. */
  private void plantLongConnection() {
    for (int seconds = 10; seconds <= 3900; seconds += 10) {
      boolean last = seconds == 3900;
      String report =
          ("{'@timestamp':'%s','event':{'ingested':'%1$s','type':['connection'%s],"
                  + "'duration':%d},'flow':{'id':'long','final':%b},"
                  + "'destination':{'ip':'203.0.113.1'}}")
              .formatted(
                  NOW.minusSeconds(3900 - seconds),
                  last ? ",'end'" : "",
                  seconds * 1_000_000_000L + 4_321,
                  last);
      String[] rules =
          seconds == 60 || last ? new String[] {"threat_list_ip_packets_high"} : new String[0];
      event("packets", (rules.length > 0 ? "hit-long-" : "miss-long-") + seconds, report, rules);
    }
  }

  private void connection(String sample, String id, String to, String... rules) {
    event(sample, id, "{'destination':{'ip':'" + to + "'}}", rules);
  }

  private static CyberObservable ip(String text) {
    return CyberObservable.ip(text);
  }

  private String hash(HashAlgorithm algorithm) {
    return ("%0" + algorithm.hexLength() + "x").formatted(0xabcdef000L + hashes++);
  }

  private void list(CyberObservable observable, Role role, Confidence confidence) {
    list(observable, role, confidence, NOW.minus(Duration.ofHours(1)));
  }

  private void list(CyberObservable observable, Role role, Confidence confidence, Instant renewed) {
    Indicator indicator =
        Indicator.builder(observable, feeds.get(role)).confidence(confidence).build();
    changes.add(new Change.Upsert(indicator, 1, Change.Cause.NEW, renewed, renewed));
  }

  /** It was active before. */
  private void withdraw(CyberObservable observable, Role role) {
    list(observable, role, Confidence.HIGH);
    Indicator indicator = Indicator.builder(observable, feeds.get(role)).build();
    changes.add(new Change.Withdraw(indicator, 2, Change.Reason.DELISTED, NOW));
  }

  private void event(String sample, String id, String fields, String... rules) {
    event(sample, id, json(fields), rules);
  }

  private void event(String sample, String id, ObjectNode fields, String... rules) {
    String index = INDICES.get(sample);
    ObjectNode document = merged((ObjectNode) samples.path(sample), times(6, 5), fields);
    bulk.append("{\"index\":{\"_index\":\"").append(index).append("\",\"_id\":\"").append(id);
    bulk.append("\"}}\n").append(document).append('\n');
    for (String rule : rules) {
      expected.computeIfAbsent(rule, key -> new TreeSet<>()).add(index + '/' + id);
    }
  }

  private static ObjectNode times(int happenedMinutesAgo, int arrivedMinutesAgo) {
    return json(
        "{'@timestamp':'%s','event':{'ingested':'%s'}}"
            .formatted(
                NOW.minus(Duration.ofMinutes(happenedMinutesAgo)),
                NOW.minus(Duration.ofMinutes(arrivedMinutesAgo))));
  }

  private static Stream<ThreatMatchRule> rules() {
    return ThreatMatchRules.standard(OPTIONS).stream();
  }

  private static Stream<Arguments> rulesInBothDirections() {
    return rules().flatMap(r -> Stream.of(Direction.values()).map(d -> Arguments.of(r, d)));
  }

  private RulePreviewResult run(ThreatMatchRule rule, Direction direction) throws Exception {
    return RulePreview.builder(server.client())
        .direction(direction)
        .clock(Clock.fixed(NOW, ZoneOffset.UTC))
        .build()
        .run(rule);
  }

  @Test
  void eachRuleHasAPlantedEvent() {
    assertThat(expected.keySet())
        .containsExactlyInAnyOrderElementsOf(rules().map(ThreatMatchRule::key).toList());
  }

  @ParameterizedTest
  @MethodSource("rulesInBothDirections")
  void findsItsEventsAndNoOthers(ThreatMatchRule rule, Direction direction) throws Exception {
    RulePreviewResult result = run(rule, direction);

    assertThat(result.alerts())
        .extracting(alert -> alert.index() + '/' + alert.id())
        .containsExactlyInAnyOrderElementsOf(expected.get(rule.key()));
    assertThat(result.alerts()).allSatisfy(alert -> assertThat(alert.matches()).hasSize(1));
    assertThat(result.warnings()).isEmpty();
    assertThat(result.isTruncated()).isFalse();
    Path path = rule.key().contains("_cidr_") ? Path.MATCH : Path.TERMS;
    assertThat(rule.threatMapping())
        .allSatisfy(group -> assertThat(result.path(group)).isEqualTo(path));
  }

  @ParameterizedTest
  @EnumSource
  void anHourLongConnectionMakesTwoAlerts(Direction direction) throws Exception {
    ThreatMatchRule rule =
        rules()
            .filter(r -> r.key().equals("threat_list_ip_packets_high"))
            .findFirst()
            .orElseThrow();

    assertThat(run(rule, direction).alerts())
        .extracting(RulePreviewResult.Alert::id)
        .filteredOn(id -> id.contains("-long-"))
        .containsExactlyInAnyOrder("hit-long-60", "hit-long-3900");
  }

  @ParameterizedTest
  @EnumSource
  void anAlertIsEnrichedWithTheIndicator(Direction direction) throws Exception {
    ThreatMatchRule rule =
        rules()
            .filter(r -> r.key().equals("threat_list_cidr_packets_high"))
            .findFirst()
            .orElseThrow();

    RulePreviewResult.Match match =
        run(rule, direction).alerts().stream()
            .filter(alert -> alert.id().equals("hit-block-last"))
            .findFirst()
            .orElseThrow()
            .matches()
            .get(0);

    assertThat(match.field()).isEqualTo("destination.ip");
    assertThat(match.indicatorField()).isEqualTo("tip.indicator.cidr");
    assertThat(match.atomic()).isEqualTo("198.51.100.127");
    assertThat(match.indicatorIndex()).isEqualTo(INDICATORS + ".v1");
    assertThat(match.indicatorId())
        .isEqualTo(Indicator.builder(ip("198.51.100.64/26"), feeds.get(Role.C2)).build().id());
    assertThat(match.toJson()).contains("\"provider\":\"Samples\"", "\"confidence\":\"High\"");
  }
}
