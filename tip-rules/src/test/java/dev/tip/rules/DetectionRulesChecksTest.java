// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.tip.rules.ThreatMatchRules.Options;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the unit tests of elastic/detection-rules ask of a rule, asked of the files that are written
 * and not of the objects they come from. The page about rules says which test is which check.
 */
class DetectionRulesChecksTest {
  private static final ObjectMapper TOML = new TomlMapper();
  private static final Path PAGE = Path.of("../docs/rules.md");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(\\w+)` \\| .* \\| `(\\w+)\\.(\\w+)` \\|$");

  /** Packages of Elastic Agent whose names may be part of an index pattern. */
  private static final List<String> PACKAGES =
      List.of("endpoint", "fim", "netflow", "network_traffic");

  /** A rule as its file says it. */
  record Written(String name, JsonNode metadata, JsonNode rule) {
    static Written of(DetectionRule rule) {
      try {
        JsonNode file = TOML.readTree(rule.toToml());
        return new Written(rule.fileName(), file.path("metadata"), file.path("rule"));
      } catch (JsonProcessingException e) {
        throw new AssertionError(rule.fileName(), e);
      }
    }

    List<String> strings(String key) {
      return DetectionRulesChecksTest.strings(rule.path(key));
    }

    String text(String key) {
      return rule.path(key).asText();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static List<String> strings(JsonNode list) {
    List<String> values = new ArrayList<>();
    list.forEach(value -> values.add(value.asText()));
    return values;
  }

  /** The rules over indicators and the rule for findings of hunts. */
  static List<Written> files() {
    List<DetectionRule> rules = new ArrayList<>(ThreatMatchRules.standard(Options.defaults()));
    rules.add(HuntRule.standard());
    return rules.stream().map(Written::of).toList();
  }

  static List<Written> indicatorRules() {
    return files().stream().filter(f -> f.text("type").equals("threat_match")).toList();
  }

  @ParameterizedTest
  @MethodSource("indicatorRules")
  void eachFileFollowsTheSchema(Written file) {
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    content.set("metadata", file.metadata());
    content.set("rule", file.rule());
    assertThat(RuleSchema.file(content)).isEmpty();
  }

  @Test
  void noIdNameOrFileIsThereTwice() {
    assertThat(files()).extracting(Written::name).doesNotHaveDuplicates();
    assertThat(files()).extracting(f -> f.text("rule_id")).doesNotHaveDuplicates();
    assertThat(files())
        .extracting(f -> f.text("name").toLowerCase(Locale.ROOT))
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("files")
  void fileNamesAreLowerCaseLettersDigitsAndUnderscores(Written file) {
    assertThat(file.name()).matches("[a-z0-9_]+\\.toml");
  }

  @ParameterizedTest
  @MethodSource("files")
  void noRuleIsABuildingBlock(Written file) {
    assertThat(file.rule().has("building_block_type")).isFalse();
    assertThat(file.strings("tags")).doesNotContain("Rule Type: BBR");
  }

  /** At the limit the check asks for a sentence in the setup guide. */
  @ParameterizedTest
  @MethodSource("files")
  void alertsOfARunStayBelowTheLimit(Written file) {
    assertThat(file.rule().path("max_signals").asInt()).isBetween(1, 999);
  }

  @ParameterizedTest
  @MethodSource("files")
  void fromIsATimeBeforeNow(Written file) {
    assertThat(file.text("from")).matches("now-\\d+[yMwdhHms]");
  }

  @ParameterizedTest
  @MethodSource("files")
  void eachRuleHasAnIndexOrADataView(Written file) {
    assertThat(file.strings("index").isEmpty()).isEqualTo(file.rule().has("data_view_id"));
  }

  @ParameterizedTest
  @MethodSource("indicatorRules")
  void theThreatQueryIsThereWithItsLanguage(Written file) {
    assertThat(file.text("threat_query")).isNotBlank();
    assertThat(file.text("threat_language")).isEqualTo("kuery");
  }

  @ParameterizedTest
  @MethodSource("files")
  void eachQueryIsKql(Written file) {
    KqlQuery.parse(file.text("query"));
    if (file.rule().has("threat_query")) {
      KqlQuery.parse(file.text("threat_query"));
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void tacticsAndTechniquesHaveTheirIdsAndPages(Written file) {
    for (JsonNode threat : file.rule().path("threat")) {
      assertThat(threat.path("framework").asText()).isEqualTo("MITRE ATT&CK");
      String tactic = threat.path("tactic").path("id").asText();
      assertThat(tactic).matches("TA\\d{4}");
      assertThat(threat.path("tactic").path("reference").asText())
          .isEqualTo("https://attack.mitre.org/tactics/" + tactic + "/");
      for (JsonNode technique : threat.path("technique")) {
        String id = technique.path("id").asText();
        assertThat(id).matches("T\\d{4}");
        assertThat(technique.path("reference").asText())
            .isEqualTo("https://attack.mitre.org/techniques/" + id + "/");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void noTacticIsThereTwice(Written file) {
    List<String> tactics = new ArrayList<>();
    file.rule().path("threat").forEach(t -> tactics.add(t.path("tactic").path("id").asText()));
    assertThat(tactics).doesNotHaveDuplicates();
  }

  @Test
  void aTagIsWrittenInOneWayOnly() {
    Map<String, Set<String>> spellings = new HashMap<>();
    for (Written file : files()) {
      for (String tag : file.strings("tags")) {
        assertThat(tag).isEqualTo(TomlText.collapse(tag));
        spellings.computeIfAbsent(tag.toLowerCase(Locale.ROOT), k -> new TreeSet<>()).add(tag);
      }
    }
    assertThat(spellings.values()).allSatisfy(s -> assertThat(s).hasSize(1));
  }

  @ParameterizedTest
  @MethodSource("files")
  void indexPatternsHaveTheirTags(Written file) {
    for (String pattern : file.strings("index")) {
      if (pattern.startsWith("logs-endpoint.events.")) {
        assertThat(file.strings("tags"))
            .contains("Domain: Endpoint", "Data Source: Elastic Defend");
      }
      if (pattern.startsWith("logs-fim.event-")) {
        assertThat(file.strings("tags")).contains("Data Source: File Integrity Monitoring");
      }
      assertThat(pattern).as("wants a tag that no rule has").doesNotStartWith("endgame-");
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void theTacticIsATag(Written file) {
    for (JsonNode threat : file.rule().path("threat")) {
      assertThat(file.strings("tags"))
          .contains("Tactic: " + threat.path("tactic").path("name").asText());
    }
    if (file.rule().path("threat").isEmpty()) {
      assertThat(file.strings("tags")).noneMatch(tag -> tag.startsWith("Tactic: "));
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void anInvestigationGuideIsATag(Written file) {
    assertThat(file.strings("tags").contains("Resources: Investigation Guide"))
        .isEqualTo(file.rule().has("note"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void eachTagHasAPrefixOfTheTaxonomy(Written file) {
    assertThat(file.strings("tags"))
        .isNotEmpty()
        .allMatch(tag -> RuleChecks.TAG_PREFIXES.stream().anyMatch(tag::startsWith));
  }

  @ParameterizedTest
  @MethodSource("files")
  void noTagIsThereTwice(Written file) {
    assertThat(file.strings("tags")).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("files")
  void theTimelineIsOneOfElastics(Written file) {
    assertThat(file.rule().has("timeline_id")).isEqualTo(file.rule().has("timeline_title"));
    if (file.rule().has("timeline_id")) {
      assertThat(file.text("timeline_id")).isEqualTo("495ad7a7-316e-4544-8a0f-9c098daee76e");
      assertThat(file.text("timeline_title")).isEqualTo("Generic Threat Match Timeline");
    }
  }

  /** The check is for rules of that author: their names begin with the tactic. */
  @ParameterizedTest
  @MethodSource("files")
  void noRuleIsByElastic(Written file) {
    assertThat(file.strings("author")).isNotEmpty().doesNotContain("Elastic");
  }

  @ParameterizedTest
  @MethodSource("files")
  void noUpdateIsBeforeTheCreation(Written file) {
    String created = file.metadata().path("creation_date").asText();
    String updated = file.metadata().path("updated_date").asText();
    assertThat(List.of(created, updated)).allMatch(day -> day.matches("\\d{4}/\\d{2}/\\d{2}"));
    assertThat(updated).isGreaterThanOrEqualTo(created);
  }

  @ParameterizedTest
  @MethodSource("files")
  void indexPatternsHaveTheirIntegrations(Written file) {
    Set<String> wanted =
        file.strings("index").stream()
            .flatMap(
                pattern -> PACKAGES.stream().filter(p -> pattern.startsWith("logs-" + p + ".")))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(strings(file.metadata().path("integration")))
        .containsExactlyInAnyOrderElementsOf(wanted);
  }

  @ParameterizedTest
  @MethodSource("files")
  void noRuleNeedsALaterVersion(Written file) {
    assertThat(file.metadata().has("min_stack_version")).isFalse();
    assertThat(file.metadata().has("min_stack_comments")).isFalse();
    assertThat(file.rule().toString()).doesNotContain("\"negate\":true");
  }

  @ParameterizedTest
  @MethodSource("files")
  void eventsAreTakenByTheTimeOfArrival(Written file) {
    assertThat(file.text("timestamp_override")).isEqualTo("event.ingested");
  }

  @ParameterizedTest
  @MethodSource("files")
  void theLookBackIsSaid(Written file) {
    assertThat(file.rule().has("from")).isTrue();
    assertThat(file.rule().has("interval")).isTrue();
  }

  @ParameterizedTest
  @MethodSource("files")
  void theLicenceIsNotElasticsInAnotherSpelling(Written file) {
    assertThat(file.text("license").toLowerCase(Locale.ROOT))
        .isNotEmpty()
        .doesNotContain("elastic license");
  }

  @ParameterizedTest
  @MethodSource("files")
  void theRiskScoreIsInTheBandOfTheSeverity(Written file) {
    int score = file.rule().path("risk_score").asInt();
    switch (file.text("severity")) {
      case "low" -> assertThat(score).isBetween(0, 21);
      case "medium" -> assertThat(score).isBetween(22, 47);
      case "high" -> assertThat(score).isBetween(48, 73);
      case "critical" -> assertThat(score).isBetween(74, 100);
      default -> throw new AssertionError(file.text("severity"));
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void theGuideBeginsWithTriage(Written file) {
    assertThat(file.text("note")).startsWith("## Triage and analysis\n").contains("\n### ");
  }

  @ParameterizedTest
  @MethodSource("files")
  void theGuideHasNoPluginsToFillIn(Written file) {
    assertThat(file.text("note")).doesNotContain("!{").doesNotContain("$osquery_");
  }

  @Test
  void suppressionGoesByOneToThreeFields() {
    Options options = Options.builder().alertSuppression(Duration.ofHours(6)).build();
    for (ThreatMatchRule rule : ThreatMatchRules.standard(options)) {
      JsonNode suppression = Written.of(rule).rule().path("alert_suppression");
      assertThat(strings(suppression.path("group_by")))
          .hasSizeBetween(1, 3)
          .doesNotHaveDuplicates();
      assertThat(suppression.path("duration").path("value").asInt()).isPositive();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void noRuleHasAVersionOfItsOwn(Written file) {
    assertThat(file.rule().has("version")).isFalse();
    assertThat(file.rule().has("revision")).isFalse();
  }

  /** Kibana gets what a file says of the rule, and nothing that it builds itself. */
  @ParameterizedTest
  @MethodSource("files")
  void noKeyIsOneThatIsBuiltLater(Written file) {
    assertThat(file.rule().has("related_integrations")).isFalse();
    assertThat(file.rule().has("required_fields")).isFalse();
  }

  @Test
  void thePageNamesEachTestOfThisClassAndNoneThatIsNotThere() throws IOException {
    Map<String, Set<String>> named = new TreeMap<>();
    Matcher row = ROW.matcher(Files.readString(PAGE));
    while (row.find()) {
      named.computeIfAbsent(row.group(2), k -> new TreeSet<>()).add(row.group(3));
    }
    assertThat(named).containsKey("DetectionRulesChecksTest");
    for (Map.Entry<String, Set<String>> entry : named.entrySet()) {
      assertThat(tests(entry.getKey())).containsAll(entry.getValue());
    }
    assertThat(tests("DetectionRulesChecksTest"))
        .filteredOn(test -> !test.startsWith("thePage"))
        .isSubsetOf(named.get("DetectionRulesChecksTest"));
  }

  private static Set<String> tests(String name) {
    try {
      return Arrays.stream(Class.forName("dev.tip.rules." + name).getDeclaredMethods())
          .filter(
              m ->
                  m.isAnnotationPresent(Test.class)
                      || m.isAnnotationPresent(ParameterizedTest.class))
          .map(Method::getName)
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (ClassNotFoundException e) {
      throw new AssertionError("no class of that name: " + name, e);
    }
  }
}
