// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** A rule as the tree that Kibana and detection-rules know. */
final class RuleDocument {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("uuuu/MM/dd", Locale.ROOT);

  private RuleDocument() {}

  /** Returns a day as rule files write it. */
  static String date(LocalDate day) {
    return DATE.format(day);
  }

  /** Returns the day that a rule file writes like this, if it is one. */
  static Optional<LocalDate> day(String text) {
    try {
      return Optional.of(LocalDate.parse(text, DATE));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** Returns the file of detection-rules: the rule and what that repository keeps about it. */
  static ObjectNode file(ThreatMatchRule rule) {
    ObjectNode file = JsonNodeFactory.instance.objectNode();
    ObjectNode metadata = file.putObject("metadata");
    metadata.put("creation_date", date(rule.created()));
    strings(metadata, "integration", rule.integrations());
    metadata.put("maturity", "production");
    // Fields outside ECS cannot be known to that repository's query check.
    metadata.put("query_schema_validation", false);
    metadata.put("updated_date", date(rule.updated()));
    file.set("rule", rule(rule));
    return file;
  }

  /** Returns the rule as Kibana takes it. */
  static ObjectNode rule(ThreatMatchRule rule) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    rule.alertSuppression().ifPresent(s -> node.set("alert_suppression", s.toNode()));
    strings(node, "author", rule.author());
    text(node, "data_view_id", rule.dataViewId());
    node.put("description", rule.description());
    node.put("enabled", rule.enabled());
    objects(node, "exceptions_list", rule.exceptions().stream().map(ExceptionList::toNode));
    strings(node, "false_positives", rule.falsePositives());
    node.put("from", rule.from());
    strings(node, "index", rule.index());
    node.put("interval", rule.interval());
    node.put("language", rule.language().value());
    node.put("license", rule.license());
    node.put("max_signals", rule.maxSignals());
    node.put("name", rule.name());
    text(node, "note", rule.note());
    node.put("query", rule.query());
    strings(node, "references", rule.references());
    node.put("risk_score", rule.riskScore());
    node.put("rule_id", rule.ruleId());
    text(node, "setup", rule.setup());
    node.put("severity", rule.severity().value());
    strings(node, "tags", rule.tags());
    rule.pageSettings().forEach(node::put);
    objects(node, "threat", rule.threat().stream().map(AttackTactic::toNode));
    objects(node, "threat_filters", rule.threatFilters().stream().map(ThreatFilter::toNode));
    strings(node, "threat_index", rule.threatIndex());
    node.put("threat_indicator_path", rule.threatIndicatorPath());
    node.put("threat_language", rule.threatLanguage().value());
    ArrayNode groups = node.putArray("threat_mapping");
    for (ThreatMapping group : rule.threatMapping()) {
      ArrayNode entries = groups.addObject().putArray("entries");
      for (ThreatMapping.Entry entry : group.entries()) {
        entries
            .addObject()
            .put("field", entry.field())
            .put("type", "mapping")
            .put("value", entry.value());
      }
    }
    node.put("threat_query", rule.threatQuery());
    text(node, "timeline_id", rule.timelineId());
    text(node, "timeline_title", rule.timelineTitle());
    text(node, "timestamp_override", rule.timestampOverride());
    node.put("type", "threat_match");
    return node;
  }

  private static void strings(ObjectNode node, String key, List<String> values) {
    if (!values.isEmpty()) {
      ArrayNode array = node.putArray(key);
      values.forEach(array::add);
    }
  }

  private static void objects(ObjectNode node, String key, Stream<ObjectNode> objects) {
    List<ObjectNode> all = objects.toList();
    if (!all.isEmpty()) {
      node.putArray(key).addAll(all);
    }
  }

  private static void text(ObjectNode node, String key, Optional<String> value) {
    value.ifPresent(text -> node.put(key, text));
  }
}
