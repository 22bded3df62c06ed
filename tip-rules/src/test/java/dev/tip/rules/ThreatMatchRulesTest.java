// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.tip.Confidence;
import dev.tip.rules.ThreatMatchRules.Options;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tomlj.Toml;

class ThreatMatchRulesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  static List<ThreatMatchRule> rules() {
    return ThreatMatchRules.standard(Options.defaults());
  }

  @Test
  void theSetHasARuleForEachKindSourceAndConfidence() {
    assertThat(rules())
        .extracting(ThreatMatchRule::key)
        .containsExactlyInAnyOrder(
            "threat_list_hash_auditbeat_high",
            "threat_list_hash_auditbeat_medium",
            "threat_list_hash_fim_md5_high",
            "threat_list_hash_fim_md5_medium",
            "threat_list_hash_fim_sha1_high",
            "threat_list_hash_fim_sha1_medium",
            "threat_list_hash_fim_sha256_high",
            "threat_list_hash_fim_sha256_medium",
            "threat_list_hash_fim_sha512_high",
            "threat_list_hash_fim_sha512_medium",
            "threat_list_hash_defend_process_high",
            "threat_list_hash_defend_process_medium",
            "threat_list_hash_defend_library_high",
            "threat_list_hash_defend_library_medium",
            "threat_list_hash_defend_file_high",
            "threat_list_hash_defend_file_medium",
            "threat_list_ip_packets_high",
            "threat_list_ip_packets_medium",
            "threat_list_ip_packets_scanner",
            "threat_list_ip_defend_network_high",
            "threat_list_ip_defend_network_medium",
            "threat_list_ip_defend_network_scanner",
            "threat_list_cidr_packets_high",
            "threat_list_cidr_packets_medium",
            "threat_list_cidr_defend_network_high",
            "threat_list_cidr_defend_network_medium",
            "threat_list_domain_dns_high",
            "threat_list_domain_dns_medium",
            "threat_list_domain_tls_high",
            "threat_list_domain_tls_medium",
            "threat_list_domain_http_high",
            "threat_list_domain_http_medium",
            "threat_list_url_http_high",
            "threat_list_url_http_medium",
            "threat_list_certificate_tls_high",
            "threat_list_certificate_tls_medium",
            "threat_list_ja3_tls_high",
            "threat_list_ja3_tls_medium",
            "threat_list_ip_packets_inbound",
            "threat_list_ip_defend_network_inbound",
            "threat_list_ip_netflow_high",
            "threat_list_ip_netflow_medium",
            "threat_list_ip_netflow_scanner",
            "threat_list_cidr_netflow_high",
            "threat_list_cidr_netflow_medium",
            "threat_list_ja3s_tls_high",
            "threat_list_ja3s_tls_medium",
            "threat_list_email_email_high",
            "threat_list_email_email_medium",
            "threat_list_registry_defend_registry_high",
            "threat_list_registry_defend_registry_medium");
  }

  @Test
  void idsNamesAndFilesAreUnique() {
    assertThat(rules()).extracting(ThreatMatchRule::ruleId).doesNotHaveDuplicates();
    assertThat(rules()).extracting(ThreatMatchRule::name).doesNotHaveDuplicates();
    assertThat(rules()).extracting(ThreatMatchRule::fileName).doesNotHaveDuplicates();
  }

  @Test
  void idsNeverChange() {
    // uuid5(NAMESPACE_URL, "https://tip.example/rules/threat_list_ip_packets_high"), computed
    // elsewhere.
    assertThat(rule("threat_list_ip_packets_high").ruleId())
        .isEqualTo("05e36722-c9fd-5717-a80f-cf59a463fdc4");
  }

  @Test
  void nameUuidFollowsTheExampleOfTheRfc() {
    assertThat(
            ThreatMatchRules.nameUuid(
                UUID.fromString("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "www.example.com"))
        .isEqualTo(UUID.fromString("2ed6657d-e927-568b-95e1-2665a8aea6a2"));
  }

  @Test
  void rulesOverAnotherIndexHaveOtherIds() {
    List<ThreatMatchRule> other =
        ThreatMatchRules.standard(
            Options.builder().threatIndex("logs-ti_tip_north.indicator").build());
    assertThat(other).extracting(ThreatMatchRule::key).isEqualTo(keys(rules()));
    assertThat(other)
        .extracting(ThreatMatchRule::ruleId)
        .doesNotContainAnyElementsOf(rules().stream().map(ThreatMatchRule::ruleId).toList());
    assertThat(other)
        .allSatisfy(
            r -> assertThat(r.threatIndex()).containsExactly("logs-ti_tip_north.indicator"));
  }

  @Test
  void aSourceWithoutIndexHasNoRules() {
    Options options =
        Options.builder()
            .index(EventSource.FIM)
            .index(EventSource.PACKETS, "packetbeat-east-*")
            .build();
    assertThat(ThreatMatchRules.standard(options))
        .noneMatch(r -> r.key().contains("fim"))
        .filteredOn(r -> r.key().contains("packets"))
        .isNotEmpty()
        .allSatisfy(r -> assertThat(r.index()).containsExactly("packetbeat-east-*"));
  }

  @Test
  void optionsChangeWhatTheySayAndNoIds() {
    Options options =
        Options.builder()
            .namePrefix("ACME List")
            .namespace("prod")
            .severity(Confidence.HIGH, Severity.CRITICAL)
            .exceptions(ExceptionList.of("1", "trusted_hosts"))
            .alertSuppression(Duration.ofHours(6))
            .dataView(EventSource.NETFLOW, "netflow-view")
            .build();
    List<ThreatMatchRule> changed = ThreatMatchRules.standard(options);
    assertThat(changed)
        .extracting(ThreatMatchRule::ruleId)
        .isEqualTo(rules().stream().map(ThreatMatchRule::ruleId).toList());
    for (ThreatMatchRule rule : changed) {
      assertThat(rule.name()).startsWith("ACME List ");
      assertThat(rule.exceptions()).hasSize(1);
      assertThat(rule.alertSuppression().orElseThrow().window()).contains(Duration.ofHours(6));
      assertThat(rule.alertSuppression().orElseThrow().fields()).hasSize(2).doesNotHaveDuplicates();
      if (rule.key().endsWith("_high")) {
        assertThat(rule.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(rule.riskScore()).isEqualTo(100);
      }
      assertThat(rule.dataViewId().isPresent()).isEqualTo(rule.key().contains("netflow"));
      assertThat(rule.index()).noneMatch(i -> i.startsWith("logs-e") && !i.endsWith("-prod"));
      assertThat(RuleLint.check(rule)).isEmpty();
    }
    assertThat(changed.stream().filter(r -> r.key().equals("threat_list_ip_packets_high")))
        .singleElement()
        .extracting(ThreatMatchRule::index)
        .isEqualTo(List.of("packetbeat-*", "logs-network_traffic.*-prod"));
  }

  /** Elastic has rules for addresses, URLs, senders, registry paths, and hashes up to SHA-256. */
  @Test
  void aComplementLeavesOutWhatElasticsRulesFind() {
    assertThat(ThreatMatchRules.complement(Options.defaults()))
        .extracting(ThreatMatchRule::key)
        .containsExactlyElementsOf(
            keys(rules()).stream()
                .filter(
                    key ->
                        key.matches(
                            "threat_list_(hash_auditbeat|hash_fim_sha512|cidr|domain|certificate"
                                + "|ja3s?|ip_[a-z_]+_scanner)(_.*)?"))
                .toList());
  }

  @Test
  void aComplementHasWhatElasticsRulesDoNotRead() {
    Options elsewhere = Options.builder().threatIndex("indicators").build();
    assertThat(ThreatMatchRules.complement(elsewhere))
        .isEqualTo(ThreatMatchRules.standard(elsewhere));
    Options events =
        Options.builder()
            .index(EventSource.PACKETS, "packetbeat-*", "own-*")
            .dataView(EventSource.NETFLOW, "netflow-view")
            .build();
    assertThat(keys(ThreatMatchRules.complement(events)))
        .contains("threat_list_ip_packets_high", "threat_list_ip_netflow_high")
        .doesNotContain("threat_list_ip_defend_network_high");
  }

  @Test
  void confidencesWithoutRulesHaveNoSeverity() {
    assertThatThrownBy(() -> Options.builder().severity(Confidence.LOW, Severity.LOW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("severity ");
    assertThatThrownBy(() -> Options.builder().namespace("a-*"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void scheduleThatLeavesGapsIsRefused() {
    Options options = Options.builder().schedule("1h", "now-30m").build();
    assertThatThrownBy(() -> ThreatMatchRules.standard(options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("from ");
  }

  @ParameterizedTest
  @MethodSource("rules")
  void severityFollowsConfidence(ThreatMatchRule rule) {
    if (rule.key().endsWith("_scanner") || rule.key().endsWith("_inbound")) {
      assertThat(rule.severity()).isEqualTo(Severity.LOW);
      assertThat(rule.riskScore()).isEqualTo(21);
      assertThat(rule.enabled()).isFalse();
    } else {
      boolean high = rule.key().endsWith("_high");
      assertThat(rule.severity()).isEqualTo(high ? Severity.HIGH : Severity.MEDIUM);
      assertThat(rule.riskScore()).isEqualTo(high ? 73 : 47);
      assertThat(rule.threatQuery())
          .contains("threat.indicator.confidence:\"" + (high ? "High" : "Medium") + "\"");
      assertThat(rule.enabled()).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void theThreatQueryIsBounded(ThreatMatchRule rule) {
    assertThat(rule.threatQuery())
        .startsWith("@timestamp >= \"now-30d/d\" and ")
        .contains("event.module:", "tip.status:active", "threat.indicator.type:")
        .contains("tip.indicator.role:(");
    assertThat(rule.threatIndex()).containsExactly("logs-ti_tip.indicator");
  }

  @ParameterizedTest
  @MethodSource("rules")
  void onlyScannerRulesReadScannersAndAnonymisers(ThreatMatchRule rule) {
    assertThat(rule.threatQuery().contains("\"scanner\""))
        .isEqualTo(rule.key().endsWith("_scanner"));
    assertThat(rule.threatQuery().contains("\"anonymiser\""))
        .isEqualTo(rule.key().endsWith("_scanner"));
    assertThat(rule.threatQuery().contains("\"reputation\""))
        .isEqualTo(rule.key().endsWith("_scanner") || rule.key().contains("_cidr_"));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void networkRulesAreOutboundOnly(ThreatMatchRule rule) {
    boolean inbound = rule.key().endsWith("_inbound");
    assertThat(rule.toToml().contains("field = \"source.")).isEqualTo(inbound);
    assertThat(inbound && rule.toToml().contains("field = \"destination.")).isFalse();
    if (rule.query().contains("destination.ip")) {
      assertThat(rule.query()).contains("not event.outcome:failure", "not event.type:denied");
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void flowRulesHaveTheLongConnectionGuard(ThreatMatchRule rule) {
    boolean flows = rule.index().contains("logs-network_traffic.*");
    assertThat(rule.query().contains("flow.final:true or (event.duration >= 60000000000"))
        .isEqualTo(flows);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void eachMappedFieldIsAskedForOnBothSides(ThreatMatchRule rule) {
    for (ThreatMapping group : rule.threatMapping()) {
      assertThat(group.entries()).as("the fast path needs groups of one").hasSize(1);
      assertThat(rule.query()).contains(group.entries().get(0).field() + ":*");
      assertThat(rule.threatQuery()).contains(group.entries().get(0).value() + ":*");
    }
  }

  /** The document of a URL holds its host in the field of domains; the host may be anybody's. */
  @ParameterizedTest
  @MethodSource("rules")
  void eachRuleReadsIndicatorsOfItsOwnKindOnly(ThreatMatchRule rule) {
    String kind = rule.key().split("_", -1)[2];
    String types =
        switch (kind) {
          case "hash" -> "\"file\"";
          case "ip", "cidr" -> "(\"ipv4-addr\" or \"ipv6-addr\")";
          case "domain" -> "\"domain-name\"";
          case "url" -> "\"url\"";
          case "email" -> "\"email-addr\"";
          case "registry" -> "\"windows-registry-key\"";
          case "certificate" -> "\"x509-certificate\"";
          default -> "\"software\"";
        };
    assertThat(rule.threatQuery()).contains(" and threat.indicator.type:" + types + " and ");
  }

  @ParameterizedTest
  @MethodSource("rules")
  void rangesAreComparedWithTheRangeField(ThreatMatchRule rule) {
    assertThat(rule.threatMapping().toString().contains("tip.indicator.cidr"))
        .isEqualTo(rule.key().contains("_cidr_"));
  }

  /** What detection-rules asks of index patterns: the tag of the source, and the integration. */
  @ParameterizedTest
  @MethodSource("rules")
  void indexPatternsHaveTheirTagsAndIntegrations(ThreatMatchRule rule) throws Exception {
    JsonNode metadata = new TomlMapper().readTree(rule.toToml()).get("metadata");
    for (String pattern : rule.index()) {
      if (pattern.startsWith("logs-endpoint.events.")) {
        assertThat(rule.tags()).contains("Domain: Endpoint", "Data Source: Elastic Defend");
        assertThat(metadata.get("integration").toString()).contains("\"endpoint\"");
      } else if (pattern.startsWith("logs-fim.event-")) {
        assertThat(rule.tags()).contains("Data Source: File Integrity Monitoring");
        assertThat(metadata.get("integration").toString()).contains("\"fim\"");
      } else if (pattern.startsWith("logs-network_traffic.")) {
        assertThat(rule.tags()).contains("Domain: Network");
        assertThat(metadata.get("integration").toString()).contains("\"network_traffic\"");
      }
    }
    assertThat(rule.note().orElse("")).startsWith("## Triage and analysis");
    assertThat(rule.tags()).contains("Resources: Investigation Guide");
    assertThat(rule.maxSignals()).isBetween(101, 999);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void bothReadersSeeTheRuleThatWasWritten(ThreatMatchRule rule) throws Exception {
    String toml = rule.toToml();
    JsonNode expected = JSON.readTree(rule.toJson());
    assertThat(TomlTextProperties.normalised(new TomlMapper().readTree(toml).get("rule")))
        .isEqualTo(TomlTextProperties.normalised(expected));
    var tomlj = Toml.parse(toml);
    assertThat(tomlj.errors()).isEmpty();
    assertThat(TomlTextProperties.normalised(JSON.readTree(tomlj.toJson()).get("rule")))
        .isEqualTo(TomlTextProperties.normalised(expected));
  }

  @Test
  void theUpdatedDateMovesWithTheContentAndOnlyThen() throws Exception {
    List<String> actual = new ArrayList<>();
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    for (ThreatMatchRule rule : rules()) {
      byte[] digest = sha256.digest(rule.toJson().getBytes(StandardCharsets.UTF_8));
      actual.add(rule.key() + '\t' + rule.updated() + '\t' + HexFormat.of().formatHex(digest));
    }
    assertThat(String.join("\n", actual) + "\n")
        .as("a rule changed: give its line in updated.tsv the day of the change and the new digest")
        .isEqualTo(resource("/dev/tip/rules/updated.tsv"));
  }

  @Test
  void theTomlOfOneRuleIsAsCommitted() throws Exception {
    assertThat(rule("threat_list_cidr_packets_high").toToml())
        .isEqualTo(resource("/dev/tip/rules/threat_list_cidr_packets_high.toml"));
  }

  @Test
  void ndjsonHasOneRuleALine() throws Exception {
    String ndjson = ThreatMatchRules.toNdjson(rules());
    assertThat(ndjson).endsWith("}\n");
    assertThat(ndjson.lines()).hasSize(rules().size());
    assertThat(ndjson.getBytes(StandardCharsets.UTF_8).length).isLessThan(10_485_760);
    for (String line : ndjson.lines().toList()) {
      JsonNode rule = JSON.readTree(line);
      assertThat(rule.hasNonNull("rule_id")).isTrue();
      assertThat(rule.get("enabled").isBoolean()).isTrue();
      assertThat(rule.has("metadata")).isFalse();
    }
  }

  /** Where it is true whatever the list: encrypted channels to command and control. */
  @ParameterizedTest
  @MethodSource("rules")
  void tacticsHaveTheirTag(ThreatMatchRule rule) {
    boolean channel = rule.key().matches("threat_list_(certificate|ja3s?)_.*");
    assertThat(rule.threat()).hasSize(channel ? 1 : 0);
    assertThat(rule.tags().contains("Tactic: Command and Control")).isEqualTo(channel);
  }

  @Test
  void theEndOfAProcessIsNoSecondAlert() {
    assertThat(rule("threat_list_hash_defend_process_high").query())
        .endsWith(" and (event.type:start or not event.type:end)");
  }

  /** The best of three, because the first one loads classes and the machine has other work. */
  @Test
  void theWholeSetIsMadeInLessThanASecond() {
    Duration best = Duration.ofDays(1);
    for (int i = 0; i < 3; i++) {
      long start = System.nanoTime();
      rules().forEach(ThreatMatchRule::toToml);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      best = took.compareTo(best) < 0 ? took : best;
    }
    System.out.printf("%d rules as TOML in %d ms%n", rules().size(), best.toMillis());
    assertThat(best).isLessThan(Duration.ofSeconds(1));
  }

  /** Options are the user's: a name is no way into a query, a setup note or another key. */
  @Test
  void anIndexNameCannotBreakOutOfTheNote() {
    for (String name : List.of("a`b", "a\"b", "a b", "a,b", "a\nb", "a|b", "a\\b", "<a>", "a#b")) {
      assertThatThrownBy(
              () -> ThreatMatchRules.standard(Options.builder().threatIndex(name).build()))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("threat_index ");
    }
  }

  private static List<String> keys(List<ThreatMatchRule> rules) {
    return rules.stream().map(ThreatMatchRule::key).toList();
  }

  private static ThreatMatchRule rule(String key) {
    return rules().stream().filter(r -> r.key().equals(key)).findFirst().orElseThrow();
  }

  private static String resource(String name) throws Exception {
    try (InputStream in = ThreatMatchRulesTest.class.getResourceAsStream(name)) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
