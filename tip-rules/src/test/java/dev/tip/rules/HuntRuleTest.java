// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.tip.rules.ThreatMatchRules.Options;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.tomlj.Toml;

class HuntRuleTest {
  private static final HuntRule RULE = HuntRule.standard();

  @Test
  void itsIdNeverChangesAndIsNoOtherRules() {
    // uuid5(NAMESPACE_URL, "https://tip.example/rules/threat_list_hunt"), computed elsewhere.
    assertThat(RULE.ruleId()).isEqualTo("e922bce8-22a1-5f9a-a541-c78f81c49790");
    assertThat(HuntRule.builder().index("logs-acme.hunt").build().ruleId())
        .isNotEqualTo(RULE.ruleId());
    assertThat(ThreatMatchRules.standard(Options.defaults()))
        .extracting(ThreatMatchRule::ruleId)
        .doesNotContain(RULE.ruleId());
  }

  @Test
  void itAsksForFindingsAndTakesTheirSeverity() throws Exception {
    JsonNode rule = new ObjectMapper().readTree(RULE.toJson());

    assertThat(RULE.toJson()).doesNotContain("\n");
    assertThat(rule.path("type").asText()).isEqualTo("query");
    assertThat(rule.path("index").toString()).isEqualTo("[\"logs-tip.hunt\"]");
    assertThat(KqlQuery.parse(RULE.query()).fields())
        .containsExactly("event.kind", "event.dataset");
    assertThat(rule.path("severity_mapping").toString())
        .contains("\"severity\":\"high\",\"value\":\"73\"");
    assertThat(rule.path("risk_score_mapping").path(0).path("field").asText())
        .isEqualTo("event.risk_score");
    assertThat(rule.path("risk_score").asInt()).isEqualTo(Severity.MEDIUM.highestRiskScore());
  }

  @Test
  void itsFileIsAsCommittedAndSaysTheSame() throws Exception {
    String toml = RULE.toToml();
    assertThat(toml).isEqualTo(resource("threat_list_hunt.toml"));
    assertThat(Toml.parse(toml).errors()).isEmpty();
    JsonNode read = new TomlMapper().readTree(toml).path("rule");
    JsonNode sent = new ObjectMapper().readTree(RULE.toJson());
    assertThat(read.path("query").asText().strip()).isEqualTo(sent.path("query").asText());
    assertThat(read.path("severity_mapping")).isEqualTo(sent.path("severity_mapping"));
    assertThat(read.path("rule_id")).isEqualTo(sent.path("rule_id"));
  }

  private static String resource(String name) throws Exception {
    try (InputStream in = HuntRuleTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
