// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ThreatMatchRuleTest {
  static ThreatMatchRule.Builder valid() {
    return ThreatMatchRule.builder("example_rule")
        .name("Example Rule")
        .description("Example.")
        .ruleId("6a8a2b0e-3f0d-4b3a-9a54-2f1f0f0c7d11")
        .severity(Severity.HIGH)
        .author("Example")
        .license("Apache-2.0")
        .index("packetbeat-*")
        .query(QueryLanguage.KUERY, "destination.ip:*")
        .threatIndex("logs-ti_tip.indicator")
        .threatQuery(QueryLanguage.KUERY, "@timestamp >= \"now-30d/d\"")
        .threatMapping(ThreatMapping.of("destination.ip", "threat.indicator.ip"))
        .dates(LocalDate.of(2026, 11, 24), LocalDate.of(2026, 11, 25));
  }

  private static void refused(String key, UnaryOperator<ThreatMatchRule.Builder> change) {
    assertThatThrownBy(() -> change.apply(valid()).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(key + " ");
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThatThrownBy(() -> ThreatMatchRule.builder("x").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("name is missing");
    assertThatThrownBy(() -> ThreatMatchRule.builder("x").name("Name").build())
        .hasMessage("description is missing");
  }

  @Test
  void defaultsAreElasticsOwn() {
    ThreatMatchRule rule = valid().build();
    assertThat(rule.riskScore()).isEqualTo(73);
    assertThat(rule.maxSignals()).isEqualTo(100);
    assertThat(rule.enabled()).isFalse();
    assertThat(rule.threatIndicatorPath()).isEqualTo("threat.indicator");
    assertThat(rule.fileName()).isEqualTo("example_rule.toml");
  }

  @ParameterizedTest
  @CsvSource({
    "LOW,-1",
    "LOW,22",
    "MEDIUM,21",
    "MEDIUM,48",
    "HIGH,47",
    "HIGH,74",
    "CRITICAL,73",
    "CRITICAL,101"
  })
  void riskScoreOutsideTheBandIsRefused(Severity severity, int score) {
    refused("risk_score", b -> b.severity(severity).riskScore(score));
  }

  @ParameterizedTest
  @CsvSource({
    "LOW,0",
    "LOW,21",
    "MEDIUM,22",
    "MEDIUM,47",
    "HIGH,48",
    "CRITICAL,74",
    "CRITICAL,100"
  })
  void riskScoreAtTheEdgeOfTheBandIsTaken(Severity severity, int score) {
    assertThat(valid().severity(severity).riskScore(score).build().riskScore()).isEqualTo(score);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-x", "ab", "(abc)", "Ends with a dot.", "line\nbreak", "tab\tx"})
  void nameOutsideThePatternIsRefused(String name) {
    refused("name", b -> b.name(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Rule", "a-b", "a.b", "../a", "a/b", "ä"})
  void keyOutsideThePatternIsRefused(String key) {
    assertThatThrownBy(() -> ThreatMatchRule.builder(key))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("file name ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "6A8A2B0E-3F0D-4B3A-9A54-2F1F0F0C7D11",
        "6a8a2b0e3f0d4b3a9a542f1f0f0c7d11",
        "6a8a2b0e-3f0d-4b3a-9a54-2f1f0f0c7d1g"
      })
  void ruleIdThatIsNoUuidIsRefused(String id) {
    refused("rule_id", b -> b.ruleId(id));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "h", "1", "1w", "-1h", "1.5h", "0m", "1h ", "9999999h"})
  void intervalOutsideTheSyntaxIsRefused(String interval) {
    refused("interval", b -> b.interval(interval));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "now", "now-", "now-65", "now+65m", "65m", "now-59m", "now-26h"})
  void lookBackThatLeavesGapsOrIsTooLongIsRefused(String from) {
    refused("from", b -> b.from(from));
  }

  @Test
  void lookBackOfTheIntervalIsTaken() {
    assertThatCode(() -> valid().from("now-60m").interval("1h").build()).doesNotThrowAnyException();
  }

  @Test
  void maxSignalsOutsideTheRangeIsRefused() {
    refused("max_signals", b -> b.maxSignals(0));
    refused("max_signals", b -> b.maxSignals(1001));
  }

  @Test
  void tagsNeedAPrefixAndMustDiffer() {
    refused("tags", b -> b.tags("ioc"));
    refused("tags", b -> b.tags("Domain: Network "));
    refused("tags", b -> b.tags("Domain: Network", "Domain: Network"));
  }

  @Test
  void elasticsLicenceIsSpeltInOneWay() {
    refused("license", b -> b.license("Elastic License"));
    assertThat(valid().license("Elastic License v2").build().toJson())
        .contains("Elastic License v2");
  }

  @Test
  void indicesAreNamesOneAnElement() {
    refused("index", b -> b.index("a b"));
    refused("index", b -> b.index("packetbeat-*"));
    refused("threat_index", b -> b.threatIndex("a,b"));
  }

  @Test
  void mappingNeedsFieldNamesWithoutWildcards() {
    assertThatThrownBy(() -> ThreatMapping.of("file.hash.*", "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("threat_mapping.entries.field ");
    assertThatThrownBy(() -> ThreatMapping.of("a", "b c"))
        .hasMessageStartingWith("threat_mapping.entries.value ");
    assertThatThrownBy(() -> ThreatMapping.of("a", "b").and("a", "b"))
        .hasMessageStartingWith("threat_mapping ");
    refused(
        "threat_mapping",
        b -> b.threatMapping(ThreatMapping.of("destination.ip", "threat.indicator.ip")));
  }

  @Test
  void groupOfTwoIsWrittenAsTwoEntries() {
    String json =
        valid()
            .threatMapping(
                ThreatMapping.of("destination.ip", "threat.indicator.ip")
                    .and("destination.port", "threat.indicator.port"))
            .build()
            .toJson();
    assertThat(json)
        .contains(
            "{\"entries\":[{\"field\":\"destination.ip\",\"type\":\"mapping\","
                + "\"value\":\"threat.indicator.ip\"},{\"field\":\"destination.port\","
                + "\"type\":\"mapping\",\"value\":\"threat.indicator.port\"}]}");
  }

  @Test
  void aPageLargerThanOneAnswerIsRefused() {
    refused("items_per_search", b -> b.itemsPerSearch(5001).concurrentSearches(2));
    refused("items_per_search", b -> b.itemsPerSearch(0));
    refused("concurrent_searches", b -> b.concurrentSearches(0));
    assertThatCode(() -> valid().itemsPerSearch(5000).concurrentSearches(2).build())
        .doesNotThrowAnyException();
  }

  @Test
  void referencesAreWebAddresses() {
    refused("references", b -> b.references("javascript:alert(1)"));
    refused("references", b -> b.references("no address"));
  }

  @Test
  void halfACharacterIsRefused() {
    refused("description", b -> b.description("x\ud83d"));
    refused("note", b -> b.note("\ude00"));
  }

  @Test
  void updateBeforeCreationIsRefused() {
    refused("updated_date", b -> b.dates(LocalDate.of(2026, 1, 2), LocalDate.of(2026, 1, 1)));
  }
}
