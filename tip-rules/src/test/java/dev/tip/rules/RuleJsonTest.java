// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.rules.ThreatMatchRules.Options;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuleJsonTest {
  private static final Path SAMPLES = Path.of("/work/shared/data/elastic/sample-rules");

  private static ObjectNode json(String text) {
    try {
      return RuleJson.read(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static ObjectNode wanted() {
    return RuleDocument.rule(ThreatMatchRuleTest.valid().build());
  }

  /** As Kibana gives a rule back: defaults filled in, and what it keeps of its own. */
  static ObjectNode installed(ObjectNode wanted) {
    ObjectNode rule = wanted.deepCopy();
    rule.put("id", "00000000-0000-4000-8000-000000000001");
    rule.put("immutable", false).put("version", 3).put("revision", 2);
    rule.putObject("rule_source").put("type", "internal");
    rule.put("created_at", "2026-01-01T00:00:00.000Z").put("created_by", "somebody");
    rule.put("updated_at", "2026-01-01T00:00:00.000Z").put("updated_by", "somebody");
    rule.putObject("execution_summary").putObject("last_execution").put("status", "succeeded");
    rule.put("to", "now").put("output_index", "");
    for (String key :
        List.of(
            "actions",
            "exceptions_list",
            "false_positives",
            "references",
            "related_integrations",
            "required_fields",
            "risk_score_mapping",
            "severity_mapping",
            "tags",
            "threat")) {
      if (!rule.has(key)) {
        rule.putArray(key);
      }
    }
    if (!rule.has("setup")) {
      rule.put("setup", "");
    }
    return rule;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "[]",
        "null",
        "1",
        "{",
        "{}{}",
        "{} x",
        "{\"a\":1,\"a\":2}",
        "{\"a\":'hidden'}",
        "<!DOCTYPE html>",
        "{\"a\":1e999999999999999999999999999999999999999999999999999999999999999999999999}"
      })
  void whatIsNoSingleObjectIsRefusedWithoutRepeatingIt(String text) {
    assertThatThrownBy(() -> RuleJson.read(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("is no ")
        .hasMessageNotContaining("hidden")
        .hasNoCause();
  }

  @Test
  void depthAndLengthAreBounded() {
    assertThatThrownBy(
            () ->
                RuleJson.read(
                    ("{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}")
                        .getBytes(StandardCharsets.UTF_8)))
        .hasMessageStartingWith("is no usable JSON");
    assertThatThrownBy(
            () ->
                RuleJson.read(
                    ("{\"a\":\"" + "x".repeat(1 << 21) + "\"}").getBytes(StandardCharsets.UTF_8)))
        .hasMessageStartingWith("is no usable JSON");
  }

  @Test
  void aBadLineIsNamed() throws IOException {
    byte[] lines = "{\"a\":1}\r\n \n{\"a\":2}\n\n{\n".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> RuleJson.readLines(lines)).hasMessageStartingWith("line 5 is no ");
    assertThat(RuleJson.readLines(" \n{\"a\":1}\r\n\n{}".getBytes(StandardCharsets.UTF_8)))
        .containsExactly(json("{'a':1}"), json("{}"));
  }

  @Test
  void filesHoldNoMoreRulesAndBytesThanAllowed() {
    ObjectNode rule = json("{'a':1}");
    List<ObjectNode> rules = List.of(rule, rule, rule, rule, rule);
    assertThat(RuleJson.files(rules, 2, 100)).extracting(f -> f.length).containsExactly(16, 16, 8);
    assertThat(RuleJson.files(rules, 9, 24)).extracting(f -> f.length).containsExactly(24, 16);
    assertThat(RuleJson.files(rules, 9, 23)).extracting(f -> f.length).containsExactly(16, 16, 8);
    assertThat(RuleJson.files(List.of(), 2, 100)).isEmpty();
    assertThatThrownBy(() -> RuleJson.files(rules, 9, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("8 bytes");
  }

  @Test
  void whatKibanaAddsIsNoDifference() {
    for (ThreatMatchRule rule : ThreatMatchRules.standard(Options.defaults())) {
      ObjectNode wanted = RuleDocument.rule(rule);
      assertThat(RuleJson.differences(wanted, installed(wanted))).as(rule.key()).isEmpty();
    }
  }

  @Test
  void whatUsersDecideIsNoDifference() {
    ObjectNode installed = installed(wanted());
    installed.put("enabled", true);
    installed.putArray("actions").addObject().put("id", "mail");
    installed.putArray("exceptions_list").addObject().put("list_id", "ours");
    installed.putObject("investigation_fields").putArray("field_names").add("host.name");
    installed.putObject("alert_suppression").putArray("group_by").add("host.id");
    assertThat(RuleJson.differences(wanted(), installed)).isEmpty();
  }

  @Test
  void eachKeyThatTheRuleDecidesIsADifference() {
    ThreatMatchRule full =
        ThreatMatchRuleTest.valid()
            .note("n")
            .setup("s")
            .falsePositives("f")
            .references("https://tip.example/")
            .tags("OS: Linux")
            .threatFilter("event.kind", "enrichment")
            .timeline("id", "title")
            .timestampOverride("event.ingested")
            .itemsPerSearch(500)
            .concurrentSearches(2)
            .build();
    ObjectNode wanted = RuleDocument.rule(full);
    Set<String> keys = new TreeSet<>();
    wanted.fieldNames().forEachRemaining(keys::add);
    keys.removeAll(Set.of("enabled", "rule_id"));
    for (String key : keys) {
      ObjectNode changed = installed(wanted);
      changed.put(key, "something else");
      assertThat(RuleJson.differences(wanted, changed)).containsExactly(key);
      // The other way round: the rule no longer says it, and Kibana still does.
      ObjectNode less = wanted.deepCopy();
      less.remove(key);
      assertThat(RuleJson.differences(less, installed(wanted)))
          .containsExactlyElementsOf(
              RuleJson.normalised(less).path(key).equals(RuleJson.normalised(wanted).path(key))
                  ? Set.of()
                  : Set.of(key));
    }
  }

  @Test
  void aDataViewThatReplacedTheIndexIsADifference() {
    ObjectNode installed = installed(wanted());
    installed.remove("index");
    installed.put("data_view_id", "view");
    assertThat(RuleJson.differences(wanted(), installed)).containsExactly("data_view_id", "index");
    assertThat(RuleJson.merged(wanted(), installed).has("data_view_id")).isFalse();
  }

  @Test
  void anEntryThatMatchesIsOneThatDoesNotNegate() {
    ObjectNode installed = installed(wanted());
    ObjectNode entry = (ObjectNode) installed.at("/threat_mapping/0/entries/0");
    entry.put("negate", false);
    assertThat(RuleJson.differences(wanted(), installed)).isEmpty();
    entry.put("negate", true);
    assertThat(RuleJson.differences(wanted(), installed)).containsExactly("threat_mapping");
  }

  @Test
  void mergingTakesTheRuleFromUsAndTheRestFromUsers() {
    ObjectNode wanted = wanted();
    ObjectNode installed = installed(wanted());
    installed.put("name", "Another name").put("note", "removed since").put("enabled", true);
    installed.putArray("actions").addObject().put("id", "mail");
    installed.putArray("exceptions_list").addObject().put("list_id", "ours");
    installed.putObject("alert_suppression").putArray("group_by").add("host.id");

    ObjectNode merged = RuleJson.merged(wanted, installed);
    assertThat(merged.path("name")).isEqualTo(wanted.path("name"));
    assertThat(merged.has("note")).isFalse();
    assertThat(merged.path("enabled").asBoolean()).isTrue();
    assertThat(merged.at("/actions/0/id").asText()).isEqualTo("mail");
    assertThat(merged.at("/exceptions_list/0/list_id").asText()).isEqualTo("ours");
    assertThat(merged.at("/alert_suppression/group_by/0").asText()).isEqualTo("host.id");
    assertThat(merged.path("rule_id")).isEqualTo(wanted.path("rule_id"));
    assertThat(merged.has("id") || merged.has("revision") || merged.has("immutable")).isFalse();
    assertThat(RuleJson.differences(wanted, installed(merged))).isEmpty();
  }

  @Test
  void exceptionListsOfTheRuleAreAddedToThoseOfUsers() {
    ObjectNode wanted = wanted();
    wanted.putArray("exceptions_list").addObject().put("list_id", "shared");
    ObjectNode installed = installed(wanted());
    installed.putArray("exceptions_list").addObject().put("list_id", "theirs");
    assertThat(RuleJson.differences(wanted, installed)).containsExactly("exceptions_list");

    ObjectNode merged = RuleJson.merged(wanted, installed);
    assertThat(merged.path("exceptions_list").findValuesAsText("list_id"))
        .containsExactly("theirs", "shared");
    assertThat(RuleJson.differences(wanted, merged)).isEmpty();
    assertThat(RuleJson.differences(wanted, installed(wanted))).isEmpty();
  }

  static boolean samplesAreThere() {
    return Files.isDirectory(SAMPLES);
  }

  @Test
  @EnabledIf("samplesAreThere")
  void theExportOfASampleIsItsImport() throws IOException {
    List<ObjectNode> sent =
        RuleJson.readLines(Files.readAllBytes(SAMPLES.resolve("rules.import.ndjson")));
    List<ObjectNode> exported =
        RuleJson.readLines(Files.readAllBytes(SAMPLES.resolve("rules.export.ndjson")));
    for (ObjectNode rule : sent) {
      JsonNode same =
          exported.stream()
              .filter(e -> e.path("rule_id").equals(rule.path("rule_id")))
              .findFirst()
              .orElseThrow();
      assertThat(RuleJson.differences(rule, (ObjectNode) same)).isEmpty();
    }
  }
}
