// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RuleFileTest {
  private static final LocalDate DAY = LocalDate.of(2026, 12, 1);

  @TempDir Path folder;

  static List<ThreatMatchRule> rules() {
    return ThreatMatchRulesTest.rules();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void aShippedRuleComesBackAsItWas(ThreatMatchRule rule) throws Exception {
    Path file = folder.resolve(rule.fileName());
    Files.writeString(file, rule.toToml());
    ThreatMatchRule again = RuleFile.read(file).get(0).toRule(DAY);
    assertThat(again).isEqualTo(rule);
    assertThat(again.toJson()).isEqualTo(rule.toJson());
  }

  @Test
  void anImportFileComesBackAsItWas() throws Exception {
    Path file = folder.resolve("rules.ndjson");
    Files.writeString(file, ThreatMatchRules.toNdjson(rules()));
    assertThat(RuleFile.read(file))
        .extracting(line -> line.toRule(DAY).toJson())
        .isEqualTo(rules().stream().map(ThreatMatchRule::toJson).toList());
    assertThat(RuleFile.read(file)).extracting(RuleFile::line).startsWith(1, 2, 3);
  }

  @Test
  void aDateMovesOnlyWithTheContent() throws Exception {
    ThreatMatchRule rule = rules().get(0);
    LocalDate old = LocalDate.of(2026, 11, 30);
    String written = rule.toToml().replace("2026/11/24", "2026/11/30");
    RuleFile same = RuleFile.toml(rule.fileName(), written);
    assertThat(rule.following(same, DAY).toToml()).isEqualTo(written);
    assertThat(rule.following(same, DAY).updated()).isEqualTo(old);

    RuleFile other = RuleFile.toml(rule.fileName(), written.replace("now-65m", "now-70m"));
    assertThat(rule.following(other, DAY).updated()).isEqualTo(DAY);
    assertThat(rule.following(other, DAY).from()).isEqualTo("now-65m");

    RuleFile older =
        RuleFile.toml(rule.fileName(), written.replace("2026/11/30", "2026/11/01") + "# x\n");
    assertThat(rule.following(older, DAY).created()).isEqualTo(LocalDate.of(2026, 11, 1));
    for (String broken : List.of("", "[metadata]\nupdated_date = 3\n", "rule = 1\n")) {
      assertThat(rule.following(RuleFile.toml("x.toml", broken), DAY)).isEqualTo(rule);
    }
  }

  @Test
  void whatElseAnExportHoldsIsPassedOver() throws Exception {
    String rule = rules().get(0).toJson();
    assertThat(
            RuleFile.ndjson(
                "x.ndjson",
                "{\"id\":\"1\",\"list_id\":\"l\",\"type\":\"detection\"}\n\n"
                    + rule
                    + "\n{\"id\":\"2\",\"type\":\"action\",\"attributes\":{}}\n"
                    + "{\"exported_count\":1}"))
        .singleElement()
        .satisfies(line -> assertThat(line.line()).isEqualTo(3));
  }

  /** What Kibana adds to a rule goes, and the rule is the one that was imported. */
  @Test
  void theExportOfARuleIsTheRule() throws Exception {
    ThreatMatchRule rule = rules().get(0);
    ObjectNode exported = new ObjectMapper().readValue(rule.toJson(), ObjectNode.class);
    exported.put("id", "x").put("version", 3).put("revision", 2).put("output_index", "");
    exported.put("immutable", false).put("to", "now").put("created_at", "2026-11-24T09:00:00Z");
    exported.putObject("rule_source").put("type", "internal");
    exported.putObject("meta").put("kibana_siem_app_url", "");
    exported.putArray("actions");
    exported.putArray("severity_mapping");
    exported.putArray("threat");
    exported.putNull("note_of_nobody");
    ThreatMatchRule again = RuleFile.ndjson("x.ndjson", exported.toString()).get(0).toRule(DAY);
    assertThat(again.toJson()).isEqualTo(rule.toJson());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "filters | [{\"query\":{}}] | filters is nothing that a rule",
        "to | \"now-1h\" | to is nothing that a rule",
        "severity_mapping | [{\"field\":\"a\",\"operator\":\"equals\",\"value\":\"\",\"severity\":\"low\"}] | severity_mapping is nothing",
        "threat_filters | [{\"query\":{\"exists\":{\"field\":\"a\"}}}] | threat_filters has a filter that",
        "threat_mapping | [{\"entries\":[{\"field\":\"a\",\"type\":\"mapping\",\"value\":\"b\",\"negate\":true}]}] | threat_mapping has a negated",
        "type | \"query\" | type is not threat_match",
        "risk_score | \"high\" | risk_score must be of type integer",
        "author | [] | author is missing",
        "unheard_of | 1 | unheard_of is no key",
      })
  void whatARuleWouldLoseIsRefusedByName(String key, String value, String message)
      throws Exception {
    ObjectNode rule = new ObjectMapper().readValue(rules().get(0).toJson(), ObjectNode.class);
    rule.set(key, new ObjectMapper().readTree(value));
    RuleFile file = RuleFile.ndjson("x.ndjson", rule.toString()).get(0);
    assertThatThrownBy(() -> file.toRule(DAY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void brokenFilesAreSaidWithNameAndLine() throws Exception {
    assertThatThrownBy(() -> RuleFile.toml("a.toml", "x = 1\ny = [\n\n"))
        .isInstanceOf(RuleFileException.class)
        .hasMessageStartingWith("a.toml line ");
    assertThatThrownBy(() -> RuleFile.ndjson("a.ndjson", "{}\n{\"a\":1,\"a\":2}"))
        .isInstanceOf(RuleFileException.class)
        .hasMessageStartingWith("a.ndjson line 2 ");
    Path latin = folder.resolve("latin.toml");
    Files.write(latin, "x = \"\u00e9\"".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> RuleFile.read(latin))
        .isInstanceOf(RuleFileException.class)
        .hasMessage("latin.toml is no text in UTF-8");
  }

  @Test
  void tooLargeAFileIsRefused() throws Exception {
    Path large = folder.resolve("large.toml");
    Files.write(large, new byte[RuleFile.MAX_BYTES + 1]);
    assertThatThrownBy(() -> RuleFile.read(large))
        .isInstanceOf(RuleFileException.class)
        .hasMessageContaining("larger than 10485760 bytes");
  }

  /** Reading what the formatter of detection-rules wrote and writing it again gives its bytes. */
  @Test
  void theFormattersExampleIsWrittenAgainAsItWas() throws Exception {
    Path sample = Path.of("../../shared/data/elastic/sample-rules/rule.formatted.toml");
    assumeTrue(Files.isRegularFile(sample), "the samples are not part of the project");
    assertThat(TomlText.of(RuleFile.read(sample).get(0).content()))
        .isEqualTo(Files.readString(sample));
  }
}
