// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One of Elastic's prebuilt rules, as far as it can be held against a rule of ours.
 *
 * @param index patterns of the indices that hold the events
 * @param threatIndex patterns of the indices that hold the indicators
 * @param pairs event field and indicator field; one pair is enough for an alert
 */
record PrebuiltRule(
    String name,
    boolean enabled,
    List<String> index,
    List<String> threatIndex,
    Set<List<String>> pairs) {
  /**
   * The rules over threat lists of anybody as they are released, and enabled. The one over
   * vulnerabilities is not among them: it reads the indicators of one product.
   *
   * @see <a href="https://github.com/elastic/detection-rules/tree/main/rules/threat_intel">Their
   *     source</a>
   */
  static final List<PrebuiltRule> RELEASED =
      List.of(
          released("IP Address", true, true, pairs("ip", "source.ip", "destination.ip")),
          released("Hash", true, false, hashes()),
          released("URL", true, true, pairs("url.full", "url.full")),
          released("Windows Registry", true, false, pairs("registry.path", "registry.path")),
          released(
              "Email",
              false,
              false,
              pairs(
                  "email.address",
                  "email.from.address",
                  "email.to.address",
                  "email.sender.address",
                  "email.reply_to.address")));

  /**
   * What the threat query of a rule says whose indicators Elastic's rules read as well: those ask
   * for {@code event.module:(threatintel or ti_*)}.
   */
  private static final String READ_BY_ELASTIC = "event.module:ti_tip ";

  /** Returns the rule that is installed. */
  static PrebuiltRule of(ObjectNode rule) {
    Set<List<String>> pairs = new HashSet<>();
    for (JsonNode group : rule.path("threat_mapping")) {
      JsonNode entry = group.path("entries").path(0);
      if (group.path("entries").size() == 1 && !entry.path("negate").asBoolean()) {
        pairs.add(List.of(entry.path("field").asText(), entry.path("value").asText()));
      }
    }
    return new PrebuiltRule(
        rule.path("name").asText(),
        rule.path("enabled").asBoolean(),
        strings(rule, "index"),
        strings(rule, "threat_index"),
        pairs);
  }

  private static PrebuiltRule released(
      String kind, boolean hosts, boolean packets, Set<List<String>> pairs) {
    List<String> index = new ArrayList<>(List.of("filebeat-*", "logs-*"));
    if (hosts) {
      index.addAll(List.of("auditbeat-*", "endgame-*", "winlogbeat-*"));
    }
    if (packets) {
      index.add("packetbeat-*");
    }
    return new PrebuiltRule(
        "Threat Intel " + kind + " Indicator Match",
        true,
        index,
        List.of("filebeat-*", "logs-ti_*"),
        pairs);
  }

  private static Set<List<String>> pairs(String value, String... fields) {
    Set<List<String>> pairs = new HashSet<>();
    for (String field : fields) {
      pairs.add(List.of(field, "threat.indicator." + value));
    }
    return pairs;
  }

  private static Set<List<String>> hashes() {
    Set<List<String>> pairs = new HashSet<>();
    for (String hash : List.of("hash.md5", "hash.sha1", "hash.sha256")) {
      pairs.addAll(pairs("file." + hash, "file." + hash, "dll." + hash, "process." + hash));
    }
    return pairs;
  }

  static boolean is(ObjectNode rule) {
    return rule.path("immutable").asBoolean()
        || rule.at("/rule_source/type").asText().equals("external");
  }

  /** Returns whether whatever our rule finds, this one finds as well. */
  boolean covers(ThreatMatchRule ours) {
    // Where the events of a data view are, only Kibana knows.
    return ours.dataViewId().isEmpty()
        && readsTheIndicatorsOf(ours)
        && pairs.containsAll(pairs(ours))
        && matchesAll(index, ours.index());
  }

  /** Returns whether some event may raise an alert of both. */
  boolean overlaps(ThreatMatchRule ours) {
    Set<List<String>> common = pairs(ours);
    common.retainAll(pairs);
    return readsTheIndicatorsOf(ours)
        && !common.isEmpty()
        && ours.index().stream().anyMatch(pattern -> matchesAll(index, List.of(pattern)));
  }

  private boolean readsTheIndicatorsOf(ThreatMatchRule ours) {
    return ours.threatQuery().contains(READ_BY_ELASTIC)
        && matchesAll(threatIndex, ours.threatIndex());
  }

  /** The pairs of our rule; a group of several pairs is none that Elastic's rules have. */
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

  private static List<String> strings(ObjectNode rule, String key) {
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
