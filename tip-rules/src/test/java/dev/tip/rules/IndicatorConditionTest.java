// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.rules.ThreatMatchRules.Options;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndicatorConditionTest {
  private static final Map<String, Collection<String>> DOCUMENT =
      Map.of(
          "a", List.of("one"),
          "b", List.of("two", "three words here"),
          "event.kind", List.of("enrichment"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "a:one | true",
        "a:\"one\" | true",
        "a:ONE | false",
        "a:on* | true",
        "a:\"on*\" | false",
        "a:*n*e | true",
        "a:*x* | false",
        "a:* | true",
        "c:* | false",
        "b:two | true",
        "b:three words here | true",
        "b:\"three words here\" | true",
        "a:(x or one) | true",
        "not a:one | false",
        "not (a:x or b:y) | true",
        "a:x and b:two or a:one | true",
        "a:one or b:y and a:x | true",
        "(a:one or b:y) and a:x | false",
        "a:one and @timestamp >= \"now-30d/d\" | true",
        "@timestamp < \"now\" and a:x | false",
      })
  void aQueryHoldsAsInKibana(String query, boolean holds) {
    assertThat(condition(query).test(field -> DOCUMENT.getOrDefault(field, List.of())))
        .isEqualTo(holds);
  }

  @Test
  void filtersHoldAsWell() {
    ThreatMatchRule.Builder rule = rule("a:one");
    assertThat(holds(rule.threatFilter("event.kind", "enrichment"))).isTrue();
    assertThat(holds(rule.threatFilter("event.kind", "event"))).isFalse();
  }

  private static boolean holds(ThreatMatchRule.Builder rule) {
    return IndicatorCondition.of(rule.build())
        .test(field -> DOCUMENT.getOrDefault(field, List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"only words", "a:{ b:c }", "a.*:*"})
  void whatNeedsAServerIsRefused(String query) {
    assertThatThrownBy(() -> condition(query))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("threat_query ");
  }

  @Property
  void aPhraseHoldsForItsTextOnly(@ForAll String text, @ForAll String other) {
    IndicatorCondition condition = condition("a:" + KqlQuery.phrase(text) + " and not b:c");
    assertThat(condition.test(field -> field.equals("a") ? List.of(text) : List.of())).isTrue();
    assertThat(condition.test(field -> field.equals("a") ? List.of(other) : List.of()))
        .isEqualTo(other.equals(text));
  }

  @Test
  void everyShippedRuleCanBeToldAndBandsDoNotOverlap() {
    Map<String, Integer> rules = new TreeMap<>();
    for (ThreatMatchRule rule : ThreatMatchRules.standard(Options.defaults())) {
      IndicatorCondition condition = IndicatorCondition.of(rule);
      for (String confidence : List.of("High", "Medium", "Low")) {
        if (condition.test(field -> domain(confidence).getOrDefault(field, List.of()))) {
          rules.merge(confidence + (rule.enabled() ? "" : ", disabled"), 1, Integer::sum);
        }
      }
    }
    assertThat(rules).isEqualTo(Map.of("High", 3, "Medium", 3));
  }

  private static Map<String, Collection<String>> domain(String confidence) {
    return Map.of(
        "event.category", List.of("threat"),
        "event.kind", List.of("enrichment"),
        "event.type", List.of("indicator"),
        "event.module", List.of("ti_tip"),
        "tip.status", List.of("active"),
        "tip.indicator.role", List.of("c2"),
        "threat.indicator.type", List.of("domain-name"),
        "threat.indicator.confidence", List.of(confidence),
        "threat.indicator.url.domain", List.of("bad.example"));
  }

  private static IndicatorCondition condition(String query) {
    return IndicatorCondition.of(rule(query).build());
  }

  private static ThreatMatchRule.Builder rule(String threatQuery) {
    return ThreatMatchRule.builder("condition")
        .ruleId("0b3b1f6e-6a0e-4d2c-9f1a-000000000001")
        .name("Condition")
        .description("A condition.")
        .severity(Severity.HIGH)
        .license("Apache-2.0")
        .author("a")
        .index("events")
        .query(QueryLanguage.KUERY, "x:*")
        .threatIndex("indicators")
        .threatQuery(QueryLanguage.KUERY, threatQuery)
        .threatMapping(ThreatMapping.of("x", "a"))
        .dates(LocalDate.of(2026, 11, 24), LocalDate.of(2026, 11, 24));
  }
}
