// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tip.rules.QueryProbe.Truth;
import dev.tip.rules.RuleFinding.Code;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Asks a {@code threat_query} which indicators it lets pass that it should not. */
final class IndicatorGuards {
  private static final String KEY = "threat_query";

  /** What tip's indices are called; their documents say their status and role. */
  private static final String TIP = "logs-ti_tip";

  private static final Set<String> ADDRESSES = Set.of("threat.indicator.ip", "tip.indicator.cidr");

  private final JsonNode filters;
  private final List<String> index;
  private final Collection<String> values;
  private final @Nullable Severity severity;
  private final RuleFindings findings;

  /**
   * Creates it.
   *
   * @param values the mapped fields of indicators
   * @param severity null if the rule has none that is known
   */
  IndicatorGuards(
      JsonNode rule,
      Collection<String> values,
      @Nullable Severity severity,
      RuleFindings findings) {
    this.filters = rule.path("threat_filters");
    this.index =
        StreamSupport.stream(rule.path("threat_index").spliterator(), false)
            .map(JsonNode::asText)
            .toList();
    this.values = values;
    this.severity = severity;
    this.findings = findings;
  }

  void check(KqlNode query) {
    QueryProbe live =
        aged(Duration.ofDays(1))
            .with("event.kind", "enrichment")
            .with("event.category", "threat")
            .with("event.type", "indicator");
    if (!values.isEmpty() && passes(query, live.without(values))) {
      findings.add(Code.NULL_GUARD, KEY, "Indicators without any of the compared fields pass.");
    }
    values.stream()
        .flatMap(value -> FieldTable.indicator(value).stream())
        .flatMap(field -> field.carriers.stream())
        .filter(type -> passes(query, live.with("threat.indicator.type", type)))
        .findFirst()
        .ifPresent(
            type ->
                findings.add(Code.KIND_GUARD, KEY, "Indicators of type \"" + type + "\" pass."));
    if (passes(query, aged(Duration.ofDays(400)))) {
      findings.add(
          Code.UNBOUNDED_THREAT_QUERY, KEY, "Indicators that were listed 400 days ago pass.");
    }
    boolean ours = !index.isEmpty() && index.stream().allMatch(i -> i.startsWith(TIP));
    if (ours) {
      if (passes(query, live.with("tip.status", "withdrawn"))) {
        findings.add(Code.EXPIRY_GUARD, KEY, "Indicators that are withdrawn pass.");
      }
      if (severity != Severity.LOW
          && values.stream().anyMatch(ADDRESSES::contains)
          && passes(
              query, live.with("tip.indicator.role", "scanner").with("event.module", "tip"))) {
        findings.add(Code.NOISY_LISTS, KEY, "Addresses that are listed for scanning pass.");
      }
    } else if (index.stream().anyMatch(i -> !i.startsWith(TIP) && FieldTable.reads(i, "logs-ti_"))
        && passes(
            query,
            live.with("event.module", "ti_custom")
                .with("labels.is_ioc_transform_source", "true"))) {
      findings.add(Code.EXPIRY_GUARD, KEY, "Source copies of Elastic's transforms pass.");
    }
  }

  /** Returns an indicator with all that could bound its age. */
  private static QueryProbe aged(Duration age) {
    return QueryProbe.unknown()
        .with("@timestamp", age)
        .with("event.ingested", age)
        .with("threat.indicator.last_seen", age)
        .with("threat.indicator.modified_at", age);
  }

  private boolean passes(KqlNode query, QueryProbe indicator) {
    return indicator.fulfils(query) != Truth.NO
        && StreamSupport.stream(filters.spliterator(), false)
            .allMatch(filter -> indicator.passes(filter) != Truth.NO);
  }
}
