// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.rules.RuleFinding.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Finds what makes an indicator match rule useless or harmful before it is in Kibana: what Kibana
 * or detection-rules does not take, what can never fire, and what floods. It is no preview: nothing
 * is asked of a cluster. Thread-safe.
 *
 * <p>Guards are looked for by what they do, not by how they are written: the queries are asked
 * whether they could find an indicator of another kind, an old one, the report of an open flow, and
 * so on. A condition on a field of which nothing is known counts as one that lets pass.
 */
public final class RuleLint {
  private static final Set<String> OTHER_TYPES =
      Set.of("eql", "esql", "machine_learning", "new_terms", "query", "saved_query", "threshold");

  private static final String DEFAULT_PATH = "threat.indicator";

  private RuleLint() {}

  /** Returns what is wrong with a rule, in the order of the codes; nothing if all is well. */
  public static List<RuleFinding> check(ThreatMatchRule rule) {
    return check(RuleFile.of(rule));
  }

  /**
   * Returns what is wrong with a rule, in the order of the codes; nothing if all is well.
   *
   * @param file any rule, of whatever form and content
   */
  public static List<RuleFinding> check(RuleFile file) {
    List<RuleFinding> findings = new ArrayList<>(new LinkedHashSet<>(new Run(file).findings()));
    findings.sort(Comparator.comparing(RuleFinding::code));
    return List.copyOf(findings);
  }

  /** Looks at one rule. Not thread-safe. */
  private static final class Run {
    private final List<RuleFinding> findings = new ArrayList<>();
    private final RuleFile file;
    private final JsonNode rule;
    private final List<Entry> entries = new ArrayList<>();

    Run(RuleFile file) {
      this.file = file;
      this.rule = mended();
    }

    List<RuleFinding> findings() {
      String type = rule.path("type").asText();
      if (OTHER_TYPES.contains(type)) {
        found(Code.OTHER_TYPE, "type", "The rule is of type " + type + '.');
        return findings;
      }
      if (rule.path("type").isTextual() && !type.equals("threat_match")) {
        found(Code.TYPE, "type", "No rule is of type " + shown(type) + '.');
      }
      readMapping();
      form();
      metadata();
      mapping();
      Optional<KqlNode> query = query("query", "language");
      Optional<KqlNode> threatQuery = query("threat_query", "threat_language");
      query.ifPresent(
          q ->
              new EventGuards(rule, entries.stream().map(Entry::field).toList(), this::found)
                  .check(q));
      threatQuery.ifPresent(
          q ->
              new IndicatorGuards(
                      rule, entries.stream().map(Entry::value).toList(), severity(), this::found)
                  .check(q));
      return findings;
    }

    /** Returns the rule, its mapping in its place so that the rest can be looked at. */
    private JsonNode mended() {
      JsonNode outside = file.content().path("threat_mapping");
      ObjectNode content = file.content();
      if (!file.ofKibana() && outside.isArray() && !file.rule().has("threat_mapping")) {
        found(
            Code.MAPPING_OUTSIDE_RULE,
            "threat_mapping",
            "The mapping is beside the rule, where nothing reads it.");
        content = content.deepCopy();
        content.remove("threat_mapping");
        if (content.path("rule") instanceof ObjectNode inside) {
          inside.set("threat_mapping", outside);
        }
      }
      List<RuleSchema.Violation> violations =
          file.ofKibana() ? RuleSchema.rule(content) : RuleSchema.file(content);
      for (RuleSchema.Violation violation : violations) {
        String field =
            violation.field().startsWith("rule.")
                ? violation.field().substring("rule.".length())
                : violation.field();
        found(
            Code.SCHEMA,
            field,
            (field.isEmpty() ? "The rule" : field) + ' ' + violation.what() + '.');
      }
      return file.ofKibana() ? content : content.path("rule");
    }

    private void readMapping() {
      JsonNode groups = rule.path("threat_mapping");
      for (int g = 0; g < groups.size(); g++) {
        JsonNode group = groups.path(g).path("entries");
        int first = entries.size();
        for (int e = 0; e < group.size(); e++) {
          JsonNode entry = group.path(e);
          if (entry.path("field").isTextual() && entry.path("value").isTextual()) {
            entries.add(
                new Entry(
                    "threat_mapping[" + g + "].entries[" + e + ']',
                    entry.path("field").textValue(),
                    entry.path("value").textValue(),
                    entry.path("negate").asBoolean(),
                    e == 0 ? group.size() : 1));
          }
        }
        negation("threat_mapping[" + g + ']', entries.subList(first, entries.size()));
      }
    }

    private void negation(String place, List<Entry> group) {
      Set<String> plain = new HashSet<>();
      group.stream().filter(e -> !e.negate).forEach(e -> plain.add(e.field + '=' + e.value));
      if (group.stream().anyMatch(e -> e.negate && plain.contains(e.field + '=' + e.value))) {
        found(Code.NEGATION, place, "A pair is negated and not.");
      } else if (!group.isEmpty() && plain.isEmpty()) {
        found(Code.NEGATION, place, "Each entry of the group is negated.");
      }
    }

    private void form() {
      Severity severity = severity();
      JsonNode score = rule.path("risk_score");
      if (severity != null
          && score.isInt()
          && (score.intValue() < severity.lowestRiskScore()
              || score.intValue() > severity.highestRiskScore())) {
        found(
            Code.RISK_SCORE,
            "risk_score",
            "%d is outside %d to %d, the band of severity %s."
                .formatted(
                    score.intValue(),
                    severity.lowestRiskScore(),
                    severity.highestRiskScore(),
                    severity.value()));
      }
      String license = rule.path("license").asText();
      if (license.toLowerCase(Locale.ROOT).contains("elastic license")
          && !license.equals("Elastic License v2")) {
        found(Code.LICENSE, "license", shown(license) + " is not how detection-rules spells it.");
      }
      tags();
      schedule();
      signals();
      long searches = Math.max(1, rule.path("concurrent_searches").asLong(1));
      if (rule.path("items_per_search").asLong(9000) > RuleChecks.MAX_PAGE / searches) {
        found(Code.PAGE, "items_per_search", "A page of this size does not fit into one answer.");
      }
      if (!rule.path("timestamp_override").asText().equals("event.ingested")) {
        found(
            Code.TIMESTAMP_OVERRIDE,
            "timestamp_override",
            "The rule goes by when events happened, not by when they arrived.");
      }
      if (rule.has("timeline_id") != rule.has("timeline_title")) {
        found(Code.TIMELINE, "timeline_id", "Half of the timeline template is missing.");
      }
      boolean index = !texts("index").isEmpty();
      if (index == rule.has("data_view_id")) {
        found(
            Code.INDEX,
            "index",
            index
                ? "Both index patterns and a data view are set."
                : "Neither index patterns nor a data view are set.");
      }
      if (rule.has("threat_query") && !rule.has("threat_language") && !file.ofKibana()) {
        found(Code.THREAT_LANGUAGE, "threat_language", "The language of threat_query is not said.");
      }
      List<String> threatIndex = texts("threat_index");
      if (!threatIndex.isEmpty() && threatIndex.stream().noneMatch(Run::isSeen)) {
        found(
            Code.THREAT_INDEX,
            "threat_index",
            "Kibana's pages and Elastic's own rules do not look into "
                + shown(threatIndex.get(0))
                + '.');
      }
    }

    private static boolean isSeen(String index) {
      return index.startsWith("logs-ti_")
          || index.startsWith("filebeat-")
          || FieldTable.reads(index, "logs-ti_");
    }

    private void tags() {
      Set<String> seen = new HashSet<>();
      for (String tag : texts("tags")) {
        if (RuleChecks.TAG_PREFIXES.stream().noneMatch(tag::startsWith)) {
          found(Code.TAGS, "tags", shown(tag) + " has no prefix of the taxonomy.");
          return;
        }
        if (!seen.add(tag)) {
          found(Code.TAGS, "tags", shown(tag) + " is there twice.");
          return;
        }
      }
    }

    private void schedule() {
      String from = rule.path("from").asText();
      String interval = rule.path("interval").asText();
      Optional<Duration> reach = DateMath.beforeNow(from);
      Optional<Duration> every = DateMath.beforeNow("now-" + interval);
      if (from.isEmpty() || interval.isEmpty()) {
        found(
            Code.SCHEDULE,
            from.isEmpty() ? "from" : "interval",
            "Kibana's default applies: every five minutes, six minutes back.");
      } else if (reach.isPresent() && every.isPresent()) {
        Duration more = reach.get().minus(every.get());
        if (more.isNegative() || more.isZero()) {
          found(Code.SCHEDULE, "from", "Events between two runs are never looked at.");
        } else if (more.compareTo(Duration.ofHours(24)) > 0) {
          found(Code.SCHEDULE, "from", "It reaches back more than a day further than it has to.");
        }
      }
    }

    private void signals() {
      int signals = rule.path("max_signals").asInt(100);
      if (signals <= 100) {
        found(Code.MAX_SIGNALS, "max_signals", "A run ends after " + signals + " alerts.");
      } else if (signals > ThreatMatchRule.MAX_SIGNALS_LIMIT) {
        found(Code.MAX_SIGNALS, "max_signals", "Kibana makes 1000 alerts a run at most.");
      } else if (signals == ThreatMatchRule.MAX_SIGNALS_LIMIT
          && rule.path("setup").asText().isBlank()) {
        found(Code.MAX_SIGNALS, "max_signals", "The setup does not say why it is 1000.");
      }
    }

    private void metadata() {
      JsonNode metadata = file.metadata();
      String created = metadata.path("creation_date").asText();
      String updated = metadata.path("updated_date").asText();
      if (!created.isEmpty() && !updated.isEmpty() && updated.compareTo(created) < 0) {
        found(
            Code.DATES,
            "metadata.updated_date",
            shown(updated) + " is before " + shown(created) + '.');
      }
      String stack = metadata.path("min_stack_version").asText();
      if (!stack.isEmpty() && !metadata.has("min_stack_comments")) {
        found(
            Code.MIN_STACK,
            "metadata.min_stack_comments",
            "The reason for the version is missing.");
      }
      boolean old = stack.isEmpty() || stack.startsWith("8.") || stack.matches("9\\.[01](\\..*)?");
      if (!file.ofKibana() && old && entries.stream().anyMatch(Entry::negate)) {
        found(Code.MIN_STACK, "metadata.min_stack_version", "Negated entries need version 9.2.");
      }
    }

    private void mapping() {
      entries.forEach(this::pair);
      eventFields();
      String path = rule.path("threat_indicator_path").asText();
      if (path.isEmpty()) {
        entries.stream()
            .filter(e -> !e.value.startsWith(DEFAULT_PATH + '.'))
            .findFirst()
            .ifPresent(
                e ->
                    found(
                        Code.INDICATOR_PATH,
                        "threat_indicator_path",
                        shown(e.value) + " is not below " + DEFAULT_PATH + '.'));
      }
    }

    private void pair(Entry entry) {
      Optional<FieldTable.Field> event = FieldTable.event(entry.field);
      Optional<FieldTable.Field> indicator = FieldTable.indicator(entry.value);
      if (entry.field.equals(entry.value)) {
        if (!entry.field.startsWith("vulnerability.")) {
          found(Code.SAME_FIELD, entry.place, "Both sides are " + shown(entry.field) + '.');
        }
      } else if (FieldTable.isNoIndicatorField(entry.value)) {
        found(
            Code.UNKNOWN_INDICATOR_FIELD,
            entry.place + ".value",
            "No document of an indicator has the field " + shown(entry.value) + '.');
      }
      if (event.isPresent() && indicator.isPresent()) {
        FieldTable.Kind left = event.get().kind();
        FieldTable.Kind right = indicator.get().kind();
        if (left != right
            && !(left == FieldTable.Kind.ADDRESS && right == FieldTable.Kind.NETWORK)) {
          found(
              Code.MIXED_TYPES,
              entry.place,
              "%s is of type %s and %s of type %s."
                  .formatted(
                      shown(entry.field),
                      event.get().type,
                      shown(entry.value),
                      indicator.get().type));
        }
        if (!event.get().digits.isEmpty()
            && !indicator.get().digits.isEmpty()
            && !event.get().digits.equals(indicator.get().digits)) {
          found(
              Code.DIGITS,
              entry.place,
              "%s is in %s case and %s in %s case."
                  .formatted(
                      shown(entry.field),
                      event.get().digits,
                      shown(entry.value),
                      indicator.get().digits));
        }
        if (left == FieldTable.Kind.NUMBER) {
          found(Code.SLOW_PATH, entry.place, shown(entry.field) + " is a number.");
        }
      }
      if (entry.group > 1) {
        found(Code.SLOW_PATH, entry.place, "The group has " + entry.group + " entries.");
      }
      if (entry.field.equals("dns.resolved_ip")) {
        found(
            Code.SEVERAL_VALUES,
            entry.place,
            shown(entry.field) + " has an address for each answer.");
      }
      if (entry.field.endsWith(".registered_domain") || entry.field.endsWith(".etld_plus_one")) {
        found(
            Code.SIBLINGS,
            entry.place,
            shown(entry.field) + " is the same for all names below it.");
      }
    }

    /** What the templates of the indices do not map costs the fast comparison, or everything. */
    private void eventFields() {
      List<String> patterns = texts("index");
      boolean known = !patterns.isEmpty() && patterns.stream().allMatch(FieldTable::isKnown);
      List<String> sources =
          patterns.stream().flatMap(p -> FieldTable.sources(p).stream()).toList();
      List<Entry> missing = new ArrayList<>();
      List<Entry> unsure = new ArrayList<>();
      Set<String> fields = new HashSet<>();
      for (Entry entry : entries) {
        fields.add(entry.field);
        Optional<FieldTable.Field> field = FieldTable.event(entry.field);
        if (FieldTable.isNoEventField(entry.field)
            || known && field.isPresent() && sources.stream().noneMatch(field.get()::isMappedBy)) {
          missing.add(entry);
        } else if (known
            && field.isPresent()
            && sources.stream().noneMatch(field.get()::isSurelyMappedBy)) {
          unsure.add(entry);
        }
      }
      if (missing.isEmpty()) {
        if (!unsure.isEmpty() && fields.size() > 1) {
          found(
              Code.SLOW_PATH,
              unsure.get(0).place,
              shown(unsure.get(0).field) + " is not mapped before the first event that has it.");
        }
      } else if (missing.size() == entries.size()) {
        found(
            Code.UNKNOWN_EVENT_FIELD,
            missing.get(0).place + ".field",
            "No index of the rule maps " + shown(missing.get(0).field) + '.');
      } else {
        found(
            Code.SLOW_PATH,
            missing.get(0).place,
            "No index of the rule maps " + shown(missing.get(0).field) + '.');
      }
    }

    private Optional<KqlNode> query(String key, String languageKey) {
      JsonNode text = rule.path(key);
      if (!text.isTextual()) {
        return Optional.empty();
      }
      if (rule.path(languageKey).asText().equals("lucene")) {
        found(Code.LUCENE, key, "The query is in Lucene.");
        return Optional.empty();
      }
      try {
        return Optional.of(parsed(text.textValue()));
      } catch (IllegalArgumentException e) {
        found(Code.KQL, key, "The query " + shown(String.valueOf(e.getMessage())) + '.');
        return Optional.empty();
      }
    }

    private static KqlNode parsed(String query) {
      if (query.isBlank()) {
        throw new IllegalArgumentException("is empty");
      }
      if (query.length() > 100_000) {
        throw new IllegalArgumentException("is too long");
      }
      return KqlQuery.parse(query).root();
    }

    private @Nullable Severity severity() {
      String text = rule.path("severity").asText();
      for (Severity severity : Severity.values()) {
        if (severity.value().equals(text)) {
          return severity;
        }
      }
      return null;
    }

    private List<String> texts(String key) {
      return StreamSupport.stream(rule.path(key).spliterator(), false)
          .filter(JsonNode::isTextual)
          .map(JsonNode::textValue)
          .toList();
    }

    private void found(Code code, String field, String sentence) {
      findings.add(new RuleFinding(code, field, sentence));
    }

    private static String shown(String text) {
      return RuleFinding.excerpt(text);
    }
  }

  /**
   * An entry of the mapping and where it is.
   *
   * @param group how many entries its group has, if it is the first; else 1
   */
  private record Entry(String place, String field, String value, boolean negate, int group) {}
}
