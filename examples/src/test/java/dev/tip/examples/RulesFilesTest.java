// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tip.rules.RuleFile;
import dev.tip.rules.ThreatMatchRule;
import dev.tip.rules.ThreatMatchRules;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands that read and write rule files. */
class RulesFilesTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;
  private Path rule;

  @BeforeEach
  void write() throws IOException {
    assertThat(tip("rules", "--out", folder.toString())).isEqualTo(Tip.OK);
    out.getBuffer().setLength(0);
    rule = folder.resolve("threat_list_ip_packets_high.toml");
  }

  private int tip(String... args) {
    CommandLine line = Tip.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return line.execute(args);
  }

  private void change(String text, String by) throws IOException {
    String before = Files.readString(rule);
    assertThat(before).contains(text);
    Files.writeString(rule, before.replace(text, by));
  }

  @Test
  void whatTipWritesIsClean() {
    assertThat(tip("rules", "lint", "--strict", folder.toString())).isEqualTo(Tip.OK);
    assertThat(out.toString()).contains(" 0 refused, 0 with warnings alone").doesNotContain("CODE");
  }

  @Test
  void aRefusedRuleFailsWithCodePlaceAndFix() throws IOException {
    change("value = \"threat.indicator.ip\"", "value = \"threat.ip\"");
    assertThat(tip("rules", "lint", rule.toString())).isEqualTo(Tip.SOME_FAILED);
    assertThat(out.toString())
        .contains("unknown-indicator-field", "refuses", "threat_mapping[0].entries[0].value")
        .contains("unknown-indicator-field: Name the field")
        .contains("1 rules, 1 refused");
  }

  @Test
  void aWarningFailsOnlyWhereThatIsWanted() throws IOException {
    change("max_signals = 999", "max_signals = 50");
    assertThat(tip("rules", "lint", rule.toString())).isEqualTo(Tip.OK);
    assertThat(out.toString()).contains("max-signals", "warns");
    assertThat(tip("rules", "lint", "--strict", rule.toString())).isEqualTo(Tip.SOME_FAILED);
  }

  @Test
  void aBrokenFileDoesNotHideTheOthers() throws IOException {
    Path broken = folder.resolve("broken.toml");
    Files.writeString(broken, "x = [");
    assertThat(tip("rules", "lint", broken.toString(), rule.toString())).isEqualTo(Tip.SOME_FAILED);
    assertThat(err.toString()).startsWith("tip: broken.toml line ");
    assertThat(out.toString()).contains("1 rules, 0 refused", "1 files unreadable");
  }

  @Test
  void findingsAsJsonAreAnObjectARule() throws IOException {
    change("name = \"Threat List", "name = \"\\u001b[2J Threat List");
    assertThat(tip("rules", "lint", "--json", rule.toString())).isEqualTo(Tip.OK);
    JsonNode node = new ObjectMapper().readTree(out.toString());
    assertThat(node.path("file").asText()).isEqualTo("threat_list_ip_packets_high.toml");
    assertThat(node.path("findings").isArray()).isTrue();
    assertThat(out.toString()).doesNotContain("\u001b");
  }

  @Test
  void lintWithoutFileIsRefused() {
    assertThat(tip("rules", "lint")).isEqualTo(Tip.USAGE);
  }

  @Test
  void exportWritesTheRulesOfTipOrThoseOfFiles() throws IOException {
    Path all = folder.resolve("all.ndjson");
    assertThat(tip("rules", "export", "--ndjson", all.toString())).isEqualTo(Tip.OK);
    assertThat(Files.readString(all)).isEqualTo(Files.readString(folder.resolve("rules.ndjson")));

    Path one = folder.resolve("one.ndjson");
    assertThat(tip("rules", "export", "--ndjson", one.toString(), rule.toString()))
        .isEqualTo(Tip.OK);
    assertThat(RuleFile.read(one))
        .singleElement()
        .satisfies(r -> assertThat(Files.readString(all)).contains(r.ruleId()));
  }

  @Test
  void optionsAreInTheRules() throws IOException {
    Path to = folder.resolve("own.ndjson");
    assertThat(
            tip(
                "rules",
                "export",
                "--ndjson",
                to.toString(),
                "--namespace",
                "prod",
                "--name-prefix",
                "ACME",
                "--suppress",
                "6h"))
        .isEqualTo(Tip.OK);
    assertThat(Files.readAllLines(to))
        .allSatisfy(
            line ->
                assertThat(line)
                    .contains("\"name\":\"ACME ")
                    .contains("\"duration\":{\"unit\":\"h\",\"value\":6}"));
    assertThat(Files.readString(to)).contains("logs-fim.event-prod").doesNotContain("event-*");
  }

  @Test
  void aComplementLeavesOutWhatElasticsRulesDo() throws IOException {
    String complement =
        ThreatMatchRules.toNdjson(ThreatMatchRules.complement(ThreatMatchRules.Options.defaults()));
    Path to = folder.resolve("own.ndjson");
    assertThat(tip("rules", "export", "--ndjson", to.toString(), "--profile", "complement"))
        .isEqualTo(Tip.OK);
    assertThat(to).hasContent(complement);
    Path other = folder.resolve("complement");
    assertThat(tip("rules", "--out", other.toString(), "--profile", "complement"))
        .isEqualTo(Tip.OK);
    assertThat(other.resolve("rules.ndjson")).hasContent(complement);
    assertThat(other.resolve("threat_list_ip_packets_high.toml")).doesNotExist();
  }

  @Test
  void exportRefusesWhatKibanaWouldNotTake() throws IOException {
    assertThat(tip("rules", "export", "--ndjson", folder.resolve("x.json").toString()))
        .isEqualTo(Tip.USAGE);
    change("risk_score = 73", "risk_score = 99");
    Path to = folder.resolve("x.ndjson");
    assertThat(tip("rules", "export", "--ndjson", to.toString(), rule.toString()))
        .isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("threat_list_ip_packets_high.toml: risk_score of severity");
    assertThat(to).doesNotExist();
  }

  @Test
  void aRuleThatIsThereTwiceIsRefused() {
    Path to = folder.resolve("x.ndjson");
    assertThat(tip("rules", "export", "--ndjson", to.toString(), rule.toString(), rule.toString()))
        .isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("rule_id is there twice");
  }

  /** Who keeps the files under version control sees a change only where there is one. */
  @Test
  void aFileThatSaysTheSameKeepsItsDate() throws IOException {
    List<ThreatMatchRule> rules = ThreatMatchRules.standard(ThreatMatchRules.Options.defaults());
    LocalDate later = LocalDate.of(2027, 2, 1);
    change("2026/11/24", "2026/12/24");
    String before = Files.readString(rule);
    RulesCommand.write(rules, folder, later);
    assertThat(Files.readString(rule)).isEqualTo(before);

    change("now-65m", "now-70m");
    RulesCommand.write(rules, folder, later);
    assertThat(Files.readString(rule)).contains("now-65m", "updated_date = \"2027/02/01\"");
  }

  @Test
  void previewNeedsAServerAndKnownRules() {
    assertThat(tip("rules", "preview")).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("--elasticsearch");
    assertThat(
            tip("rules", "preview", "--elasticsearch", "http://127.0.0.1:9", "--rule", "no_such"))
        .isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("--rule: no rule no_such");
    assertThat(tip("rules", "preview", "--from", "yesterday")).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("must be like now-30d");
  }
}
