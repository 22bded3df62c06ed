// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;

/** Makes a rule of what somebody wrote. Refuses what the rule would lose. Not thread-safe. */
final class RuleReader {
  /** Keys that {@link RuleDocument} writes, and those that mean nothing. */
  private static final Set<String> KEYS =
      Set.of(
          "alert_suppression",
          "author",
          "concurrent_searches",
          "data_view_id",
          "description",
          "enabled",
          "exceptions_list",
          "false_positives",
          "from",
          "index",
          "interval",
          "items_per_search",
          "language",
          "license",
          "max_signals",
          "meta",
          "name",
          "note",
          "query",
          "references",
          "risk_score",
          "rule_id",
          "setup",
          "severity",
          "tags",
          "threat",
          "threat_filters",
          "threat_index",
          "threat_indicator_path",
          "threat_language",
          "threat_mapping",
          "threat_query",
          "timeline_id",
          "timeline_title",
          "timestamp_override",
          "type");

  private final RuleFile file;
  private final JsonNode rule;
  private final ThreatMatchRule.Builder builder;

  private RuleReader(RuleFile file) {
    this.file = file;
    this.rule = file.rule();
    this.builder = ThreatMatchRule.builder(key());
  }

  /**
   * Makes a rule.
   *
   * @param day when it was written and last changed, if the file does not say
   * @throws IllegalArgumentException if it is no indicator match rule, is invalid, or has a key
   *     that the rule would lose; the message names the key
   */
  static ThreatMatchRule read(RuleFile file, LocalDate day) {
    return new RuleReader(file).read(day);
  }

  private ThreatMatchRule read(LocalDate day) {
    List<RuleSchema.Violation> violations =
        file.ofKibana() ? RuleSchema.rule(rule) : RuleSchema.file(file.content());
    if (!violations.isEmpty()) {
      RuleSchema.Violation first = violations.get(0);
      throw RuleChecks.invalid(first.field(), first.what());
    }
    if (!rule.path("type").asText().equals("threat_match")) {
      throw RuleChecks.invalid("type", "is not threat_match");
    }
    refuseWhatWouldBeLost();
    texts();
    numbers();
    lists();
    objects();
    dates(day);
    return builder.build();
  }

  /** The name of the file, or what the name of the rule gives for one. */
  private String key() {
    String name = file.ofKibana() ? rule.path("name").asText() : file.name();
    name = name.toLowerCase(Locale.ROOT);
    int end = !file.ofKibana() && name.endsWith(".toml") ? name.length() - 5 : name.length();
    StringBuilder key = new StringBuilder();
    for (int i = 0; i < end; i++) {
      char c = name.charAt(i);
      boolean plain = c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
      if (plain) {
        key.append(c);
      } else if (key.length() > 0 && key.charAt(key.length() - 1) != '_') {
        key.append('_');
      }
    }
    int length = key.length();
    return length == 0
        ? "rule"
        : key.substring(0, key.charAt(length - 1) == '_' ? length - 1 : length);
  }

  private void refuseWhatWouldBeLost() {
    for (String key : (Iterable<String>) rule::fieldNames) {
      JsonNode value = rule.get(key);
      boolean empty =
          value.isContainerNode() ? value.isEmpty() : value.isTextual() && value.asText().isEmpty();
      boolean usual =
          key.equals("to") && value.asText().equals("now")
              || key.equals("timestamp_override_fallback_disabled") && !value.asBoolean();
      if (!empty && !usual && !KEYS.contains(key) && !RuleSchema.isOfKibana(key)) {
        throw RuleChecks.invalid(key, "is nothing that a rule of this library holds");
      }
    }
  }

  private void texts() {
    builder
        .name(text("name", ""))
        .description(text("description", ""))
        .ruleId(rule.path("rule_id").asText())
        .query(language("language"), rule.path("query").asText())
        .threatQuery(language("threat_language"), rule.path("threat_query").asText())
        .threatIndicatorPath(text("threat_indicator_path", "threat.indicator"))
        .from(text("from", "now-6m"))
        .interval(text("interval", "5m"))
        .enabled(rule.path("enabled").asBoolean());
    ifText("license", builder::license);
    markdown("note", builder::note);
    markdown("setup", builder::setup);
    ifText("timestamp_override", builder::timestampOverride);
    ifText("data_view_id", builder::dataViewId);
    ifText("timeline_id", id -> builder.timeline(id, text("timeline_title", "")));
    for (Severity severity : Severity.values()) {
      if (severity.value().equals(rule.path("severity").asText())) {
        builder.severity(severity);
      }
    }
  }

  private QueryLanguage language(String key) {
    return rule.path(key).asText().equals("lucene") ? QueryLanguage.LUCENE : QueryLanguage.KUERY;
  }

  private String text(String key, String other) {
    String text = line(rule.path(key));
    return text.isEmpty() ? other : text;
  }

  /** What the layout of a file broke into lines is one; as detection-rules does it. */
  private String line(JsonNode text) {
    String line = text.asText();
    return !file.ofKibana() && line.indexOf('\n') >= 0 ? TomlText.collapse(line) : line;
  }

  private void ifText(String key, Consumer<String> set) {
    String text = text(key, "");
    if (!text.isEmpty()) {
      set.accept(text);
    }
  }

  private void markdown(String key, Consumer<String> set) {
    String text = rule.path(key).asText();
    if (!text.isEmpty()) {
      set.accept(text);
    }
  }

  private void numbers() {
    builder.riskScore(rule.path("risk_score").asInt()).maxSignals(number("max_signals", 100));
    if (rule.has("items_per_search")) {
      builder.itemsPerSearch(number("items_per_search", 0));
    }
    if (rule.has("concurrent_searches")) {
      builder.concurrentSearches(number("concurrent_searches", 0));
    }
  }

  private int number(String key, int other) {
    JsonNode number = rule.path(key);
    if (!number.isMissingNode() && !number.canConvertToInt()) {
      throw RuleChecks.invalid(key, "is too large");
    }
    return number.asInt(other);
  }

  private void lists() {
    builder
        .author(strings("author"))
        .index(strings("index"))
        .threatIndex(strings("threat_index"))
        .tags(strings("tags"))
        .references(strings("references"))
        .falsePositives(strings("false_positives"));
    JsonNode integration = file.metadata().path("integration");
    builder.integrations(
        integration.isTextual() ? new String[] {integration.asText()} : strings(integration));
  }

  private String[] strings(String key) {
    return strings(rule.path(key));
  }

  private static String[] strings(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .map(JsonNode::asText)
        .toArray(String[]::new);
  }

  private void objects() {
    for (JsonNode group : rule.path("threat_mapping")) {
      ThreatMapping mapping = null;
      for (JsonNode entry : group.path("entries")) {
        String field = entry.path("field").asText();
        String value = entry.path("value").asText();
        if (entry.path("negate").asBoolean()) {
          throw RuleChecks.invalid(
              "threat_mapping", "has a negated entry, which a rule of this library cannot have");
        }
        mapping = mapping == null ? ThreatMapping.of(field, value) : mapping.and(field, value);
      }
      if (mapping != null) {
        builder.threatMapping(mapping);
      }
    }
    for (JsonNode filter : rule.path("threat_filters")) {
      JsonNode phrase = filter.path("query").path("match_phrase");
      String field = phrase.isObject() && phrase.size() == 1 ? phrase.fieldNames().next() : "";
      boolean plain =
          phrase.path(field).isTextual()
              && filter.path("query").size() == 1
              && !filter.path("meta").path("negate").asBoolean()
              && !filter.path("meta").path("disabled").asBoolean();
      if (!plain) {
        throw RuleChecks.invalid(
            "threat_filters", "has a filter that is not a field with a phrase");
      }
      builder.threatFilter(field, line(phrase.path(field)));
    }
    for (JsonNode list : rule.path("exceptions_list")) {
      builder.exceptions(
          ExceptionList.of(
              line(list.path("id")),
              line(list.path("list_id")),
              list.path("type").asText(),
              list.path("namespace_type").asText()));
    }
    if (rule.has("alert_suppression")) {
      builder.alertSuppression(suppression(rule.path("alert_suppression")));
    }
    rule.path("threat").forEach(tactic -> builder.threat(tactic(tactic)));
  }

  private static AlertSuppression suppression(JsonNode node) {
    AlertSuppression suppression = AlertSuppression.by(strings(node.path("group_by")));
    JsonNode duration = node.path("duration");
    if (duration.isObject()) {
      String span = duration.path("value").asText() + duration.path("unit").asText();
      Duration window = RuleChecks.interval("alert_suppression.duration", span);
      suppression = suppression.over(window);
    }
    boolean missing = !node.path("missing_fields_strategy").asText().equals("doNotSuppress");
    return missing ? suppression.withMissingFields() : suppression;
  }

  private AttackTactic tactic(JsonNode node) {
    AttackTactic tactic =
        AttackTactic.of(
            node.path("tactic").path("id").asText(), line(node.path("tactic").path("name")));
    for (JsonNode technique : node.path("technique")) {
      tactic = tactic.technique(technique.path("id").asText(), line(technique.path("name")));
      for (JsonNode part : technique.path("subtechnique")) {
        tactic = tactic.subtechnique(part.path("id").asText(), line(part.path("name")));
      }
    }
    return tactic;
  }

  private void dates(LocalDate day) {
    LocalDate created = date("creation_date", day);
    builder.dates(created, date("updated_date", created));
  }

  private LocalDate date(String key, LocalDate other) {
    String text = file.metadata().path(key).asText();
    return text.isEmpty()
        ? other
        : RuleDocument.day(text)
            .orElseThrow(() -> RuleChecks.invalid("metadata." + key, "is no day: " + text));
  }
}
