// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.tomlj.Toml;
import org.tomlj.TomlVersion;

class RuleFileProperties {
  private static final LocalDate DAY = LocalDate.of(2026, 11, 24);

  @Property
  void aRuleSurvivesItsFile(@ForAll("rules") ThreatMatchRule rule) throws Exception {
    String toml = rule.toToml();
    ThreatMatchRule again = RuleFile.toml(rule.fileName(), toml).toRule(DAY);
    assertThat(again.toToml()).isEqualTo(toml);
    assertThat(again).isEqualTo(rule);
    assertThat(again.key()).isEqualTo(rule.key());
    assertThat(again.query()).isEqualTo(rule.query());
    assertThat(again.note()).isEqualTo(rule.note());
  }

  @Property
  void aRuleSurvivesItsLineForKibana(@ForAll("rules") ThreatMatchRule rule) throws Exception {
    List<RuleFile> lines = RuleFile.ndjson("x.ndjson", ThreatMatchRules.toNdjson(List.of(rule)));
    assertThat(lines).hasSize(1);
    ThreatMatchRule again = lines.get(0).toRule(DAY);
    assertThat(again.toJson()).isEqualTo(rule.toJson());
    assertThat(again.note()).isEqualTo(rule.note());
    assertThat(again.falsePositives()).isEqualTo(rule.falsePositives());
    assertThat(again.threatFilters()).isEqualTo(rule.threatFilters());
    assertThat(again.threatMapping()).isEqualTo(rule.threatMapping());
    assertThat(again.exceptions()).isEqualTo(rule.exceptions());
    assertThat(again.description()).isEqualTo(rule.description());
  }

  /** Both versions that readers know; 0.5 is what the oldest readers take. */
  @Property(tries = 200)
  void aRuleIsTomlOfBothVersions(@ForAll("rules") ThreatMatchRule rule) {
    for (TomlVersion version : List.of(TomlVersion.V0_5_0, TomlVersion.V1_0_0)) {
      var file = Toml.parse(rule.toToml(), version);
      assertThat(file.errors()).as(version.toString()).isEmpty();
      assertThat(file.keySet()).containsExactlyInAnyOrder("metadata", "rule");
    }
  }

  /** What came from somebody else is one value, whatever it holds. */
  @Property
  void noTextOpensAKeyOfItsOwn(@ForAll("hostile") String text) throws Exception {
    Assume.that(!text.isBlank());
    ThreatMatchRule rule = rule(text, text);
    var keys = RuleFile.of(rule).content().get("rule").fieldNames();
    var read = RuleFile.toml(rule.fileName(), rule.toToml()).rule();
    keys.forEachRemaining(key -> assertThat(read.has(key)).as(key).isTrue());
    assertThat(read.has("evil")).isFalse();
    assertThat(read.size()).isEqualTo(RuleFile.of(rule).rule().size());
    assertThat(KqlQuery.parse(read.get("threat_query").asText()).fields()).containsExactly("a");
  }

  private static ThreatMatchRule rule(String text, String other) {
    return ThreatMatchRule.builder("hostile")
        .name("Hostile")
        .description(text)
        .ruleId("00000000-0000-4000-8000-000000000000")
        .severity(Severity.LOW)
        .author("a")
        .license("Apache-2.0")
        .index("x-*")
        .query(QueryLanguage.LUCENE, text)
        .threatIndex("t")
        .threatQuery(QueryLanguage.KUERY, "a:" + KqlQuery.phrase(other))
        .threatMapping(ThreatMapping.of("a", "b").and("c", "d"))
        .threatFilter("event.kind", "x" + other.replaceAll("[\\x00-\\x1f\\x7f-\\x9f]", ""))
        .falsePositives(text, other + ".")
        .note(text)
        .setup(other)
        .alertSuppression(AlertSuppression.by("host.name").over(Duration.ofMinutes(90)))
        .threat(
            AttackTactic.of("TA0011", "Command and Control")
                .technique("T1071", "Application Layer Protocol")
                .subtechnique("T1071.001", "Web Protocols")
                .technique("T1573", "Encrypted Channel"))
        .dates(LocalDate.EPOCH, DAY)
        .build();
  }

  @Provide
  Arbitrary<ThreatMatchRule> rules() {
    Arbitrary<String> text = hostile().filter(t -> !t.isBlank());
    return Combinators.combine(
            text,
            text,
            text.filter(t -> t.chars().noneMatch(Character::isISOControl)),
            Arbitraries.integers().between(0, 3))
        .as(
            (a, b, line, kind) -> {
              ThreatMatchRule.Builder rule =
                  ThreatMatchRule.builder("any_rule")
                      .name("Any Rule")
                      .description(a)
                      .ruleId("00000000-0000-4000-8000-000000000001")
                      .severity(Severity.HIGH)
                      .author(line, "b")
                      .license("Apache-2.0")
                      .query(QueryLanguage.LUCENE, b)
                      .threatIndex("t-*", "u")
                      .threatQuery(QueryLanguage.KUERY, "a:" + KqlQuery.phrase(a))
                      .threatMapping(ThreatMapping.of("a", "b"))
                      .threatFilter("event.kind", line)
                      .threatFilter("event.type", "x")
                      .falsePositives(a)
                      .tags("OS: Linux")
                      .enabled(kind == 1)
                      .integrations(kind == 2 ? new String[] {"endpoint"} : new String[0])
                      .timestampOverride("event.ingested")
                      .dates(LocalDate.EPOCH, DAY);
              if (kind > 0) {
                rule.index("x-*").note(b).setup(a).maxSignals(7).itemsPerSearch(500);
                rule.exceptions(ExceptionList.of(line, "list"));
              } else {
                rule.dataViewId(line).timeline("id", "title");
              }
              if (kind > 1) {
                rule.alertSuppression(AlertSuppression.by("a", "b").withMissingFields());
                rule.threat(AttackTactic.of("TA0001", line));
              }
              return rule.build();
            });
  }

  @Provide
  Arbitrary<String> hostile() {
    return Arbitraries.of(
            "\"",
            "\"\"\"",
            "'",
            "'''",
            "\\",
            "\\u",
            "\n",
            "\r\n",
            "\t",
            " ",
            "#",
            "=",
            "[rule]",
            "[[rule.threat_mapping]]",
            "\nevil = true\n",
            "\",\"evil\":true,\"a\":\"",
            "\u0000",
            "\u001b",
            "\u2028",
            "\u00e9",
            "\ud83d\ude00",
            "a",
            "0123456789 ",
            "x".repeat(125),
            "` | [x](javascript:y) <b>",
            "{",
            "}",
            "*",
            ":",
            " or *:*")
        .list()
        .ofMaxSize(10)
        .map(list -> String.join("", list));
  }
}
