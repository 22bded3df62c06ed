// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/**
 * What was wrong with the two example rules of elastic-tip in 2021, a test for each fault, over the
 * files as they are written.
 */
class FaultsOf2021Test {
  static List<ThreatMatchRule> rules() {
    return ThreatMatchRulesTest.rules();
  }

  private static TomlParseResult file(ThreatMatchRule rule) {
    TomlParseResult file = Toml.parse(rule.toToml());
    assertThat(file.errors()).isEmpty();
    return file;
  }

  private static TomlTable content(ThreatMatchRule rule) {
    TomlTable content = file(rule).getTable("rule");
    assertThat(content).isNotNull();
    return content;
  }

  private static List<String> mapped(ThreatMatchRule rule, String side) {
    var groups = content(rule).getArrayOrEmpty("threat_mapping");
    return IntStream.range(0, groups.size())
        .mapToObj(i -> groups.getTable(i).getArrayOrEmpty("entries"))
        .flatMap(entries -> IntStream.range(0, entries.size()).mapToObj(entries::getTable))
        .map(entry -> entry.getString(side))
        .toList();
  }

  /** It was {@code threat_matching}, which no Kibana ever knew. */
  @ParameterizedTest
  @MethodSource("rules")
  void theTypeIsThreatMatch(ThreatMatchRule rule) {
    assertThat(content(rule).getString("type")).isEqualTo("threat_match");
  }

  /** It was a table of its own beside the rule. */
  @ParameterizedTest
  @MethodSource("rules")
  void theMappingIsInsideTheRule(ThreatMatchRule rule) {
    assertThat(file(rule).keySet()).containsExactlyInAnyOrder("metadata", "rule");
    assertThat(mapped(rule, "value")).isNotEmpty();
  }

  /** It was {@code threat.ip}, which no document had: the rule ran and never found anything. */
  @ParameterizedTest
  @MethodSource("rules")
  void noFieldIsMappedThatDocumentsLack(ThreatMatchRule rule) {
    assertThat(mapped(rule, "value"))
        .allSatisfy(
            field ->
                assertThat(field)
                    .matches(
                        "threat\\.indicator\\.(ip|url\\.(full|domain)|email\\.address|registry\\.path)"
                            + "|threat\\.indicator\\.file\\.hash\\.(md5|sha1|sha256|sha512)"
                            + "|tip\\.indicator\\.cidr"
                            + "|tip\\.indicator\\.tls\\.(server\\.hash\\.sha1|server\\.ja3s|client\\.ja3)"));
  }

  /** It was left out, which detection-rules refuses next to a threat query. */
  @ParameterizedTest
  @MethodSource("rules")
  void theLanguageOfTheThreatQueryIsSaid(ThreatMatchRule rule) {
    assertThat(content(rule).getString("threat_language")).isEqualTo("kuery");
  }

  /** It was everything, of all time. */
  @ParameterizedTest
  @MethodSource("rules")
  void theThreatQueryIsBoundedInTimeAndInKind(ThreatMatchRule rule) {
    KqlQuery query = KqlQuery.parse(content(rule).getString("threat_query"));
    assertThat(query.fields())
        .contains("@timestamp", "event.module", "tip.status", "threat.indicator.type")
        .doesNotContain("*");
  }

  /** It was an index that neither Kibana's pages nor Elastic's own rules look into. */
  @ParameterizedTest
  @MethodSource("rules")
  void theThreatIndexIsOneThatElasticSecuritySees(ThreatMatchRule rule) {
    assertThat(content(rule).getArrayOrEmpty("threat_index").toList())
        .allSatisfy(index -> assertThat((String) index).startsWith("logs-ti_"));
  }

  /** It was left out, while hashes were elsewhere: alerts were enriched without the hash. */
  @ParameterizedTest
  @MethodSource("rules")
  void theIndicatorPathIsSaid(ThreatMatchRule rule) {
    assertThat(content(rule).getString("threat_indicator_path")).isEqualTo("threat.indicator");
  }

  /** It was {@code file.hash.*} on both sides, so that indicators looked like events of files. */
  @ParameterizedTest
  @MethodSource("rules")
  void noFieldOfAnIndicatorIsOneOfAnEvent(ThreatMatchRule rule) {
    assertThat(mapped(rule, "value")).doesNotContainAnyElementsOf(mapped(rule, "field"));
  }

  /** It was 99 and 100 with severity high. */
  @ParameterizedTest
  @MethodSource("rules")
  void theRiskScoreIsInTheBandOfTheSeverity(ThreatMatchRule rule) {
    Long score = content(rule).getLong("risk_score");
    switch (String.valueOf(content(rule).getString("severity"))) {
      case "low" -> assertThat(score).isBetween(0L, 21L);
      case "medium" -> assertThat(score).isBetween(22L, 47L);
      case "high" -> assertThat(score).isBetween(48L, 73L);
      default -> assertThat(score).isBetween(74L, 100L);
    }
  }

  /** It was Elastic's, in a spelling that its own repository refuses. */
  @ParameterizedTest
  @MethodSource("rules")
  void theLicenceIsOurs(ThreatMatchRule rule) {
    assertThat(content(rule).getString("license")).isEqualTo("Apache-2.0");
  }

  /** They were {@code ioc} and {@code file}. */
  @ParameterizedTest
  @MethodSource("rules")
  void eachTagHasAPrefix(ThreatMatchRule rule) {
    assertThat(content(rule).getArrayOrEmpty("tags").toList())
        .isNotEmpty()
        .allSatisfy(tag -> assertThat((String) tag).contains(": "));
  }

  /** They were left out: an event that arrived more than a minute late was never looked at. */
  @ParameterizedTest
  @MethodSource("rules")
  void lateEventsAreSeen(ThreatMatchRule rule) {
    assertThat(content(rule).getString("timestamp_override")).isEqualTo("event.ingested");
    assertThat(content(rule).getString("from")).isEqualTo("now-65m");
    assertThat(content(rule).getString("interval")).isEqualTo("1h");
  }

  /** It was SHA-512 for all events: one field that no index maps costs the fast comparison. */
  @ParameterizedTest
  @MethodSource("rules")
  void noRuleMapsAHashThatItsSourceLacks(ThreatMatchRule rule) {
    boolean defend = rule.index().stream().anyMatch(i -> i.startsWith("logs-endpoint."));
    assertThat(mapped(rule, "field").contains("file.hash.sha512") && defend).isFalse();
    if (rule.index().contains("logs-fim.event-*")) {
      assertThat(mapped(rule, "field")).hasSize(1);
    }
  }
}
