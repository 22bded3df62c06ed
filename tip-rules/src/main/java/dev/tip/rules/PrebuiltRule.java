// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One of Elastic's prebuilt rules as it is installed, held against a rule of ours. */
final class PrebuiltRule {
  /**
   * What the threat query of a rule says whose indicators Elastic's rules read as well: those ask
   * for {@code event.module:(threatintel or ti_*)}.
   */
  private static final String READ_BY_ELASTIC = "event.module:ti_tip ";

  private final ObjectNode rule;

  PrebuiltRule(ObjectNode rule) {
    this.rule = rule;
  }

  static boolean is(ObjectNode rule) {
    return rule.path("immutable").asBoolean()
        || rule.at("/rule_source/type").asText().equals("external");
  }

  String name() {
    return rule.path("name").asText();
  }

  boolean enabled() {
    return rule.path("enabled").asBoolean();
  }

  /** Returns whether whatever our rule finds, this one finds as well. */
  boolean covers(ThreatMatchRule ours) {
    return readsTheIndicatorsOf(ours)
        && pairs().containsAll(pairs(ours))
        && matchesAll(strings("index"), ours.index());
  }

  /** Returns whether some event may raise an alert of both. */
  boolean overlaps(ThreatMatchRule ours) {
    Set<List<String>> common = pairs(ours);
    common.retainAll(pairs());
    return readsTheIndicatorsOf(ours)
        && !common.isEmpty()
        && ours.index().stream()
            .anyMatch(pattern -> matchesAll(strings("index"), List.of(pattern)));
  }

  private boolean readsTheIndicatorsOf(ThreatMatchRule ours) {
    return ours.threatQuery().contains(READ_BY_ELASTIC)
        && matchesAll(strings("threat_index"), ours.threatIndex());
  }

  /** The pairs of fields of which one is enough. */
  private Set<List<String>> pairs() {
    Set<List<String>> pairs = new HashSet<>();
    for (JsonNode group : rule.path("threat_mapping")) {
      JsonNode entry = group.path("entries").path(0);
      if (group.path("entries").size() == 1 && !entry.path("negate").asBoolean()) {
        pairs.add(List.of(entry.path("field").asText(), entry.path("value").asText()));
      }
    }
    return pairs;
  }

  /** The same of our rule; a group of several pairs is none that Elastic's rules have. */
  private static Set<List<String>> pairs(ThreatMatchRule ours) {
    Set<List<String>> pairs = new HashSet<>();
    for (ThreatMapping group : ours.threatMapping()) {
      List<String> fields = new ArrayList<>();
      for (ThreatMapping.Entry entry : group.entries()) {
        fields.add(entry.field());
        fields.add(entry.value());
      }
      pairs.add(fields);
    }
    return pairs;
  }

  private List<String> strings(String key) {
    List<String> values = new ArrayList<>();
    rule.path(key).forEach(value -> values.add(value.asText()));
    return values;
  }

  /** Whether each name, itself maybe a pattern, is within one of the patterns. */
  private static boolean matchesAll(List<String> patterns, List<String> names) {
    return names.stream()
        .allMatch(name -> patterns.stream().anyMatch(pattern -> Glob.fits(pattern, name)));
  }
}
