// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;

/**
 * A condition on indicators that Kibana shows as a pill next to the query: a field that holds a
 * phrase. Immutable.
 */
public final class ThreatFilter {
  private final String field;
  private final String phrase;

  private ThreatFilter(String field, String phrase) {
    this.field = RuleChecks.fieldName("threat_filters", field);
    this.phrase = RuleChecks.line("threat_filters", phrase);
  }

  /**
   * Returns a condition.
   *
   * @throws IllegalArgumentException if the first is no field name, or the second is blank or has a
   *     control character
   */
  public static ThreatFilter of(String field, String phrase) {
    return new ThreatFilter(field, phrase);
  }

  /** Returns the field of the indicator, for example {@code event.category}. */
  public String field() {
    return field;
  }

  /** Returns what it holds. */
  public String phrase() {
    return phrase;
  }

  ObjectNode toNode() {
    ObjectNode filter = JsonNodeFactory.instance.objectNode();
    ObjectNode meta = filter.putObject("meta");
    meta.put("negate", false).put("disabled", false).put("type", "phrase").put("key", field);
    meta.putObject("params").put("query", phrase);
    filter.putObject("query").putObject("match_phrase").put(field, phrase);
    filter.putObject("$state").put("store", "appState");
    return filter;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof ThreatFilter other
        && field.equals(other.field)
        && phrase.equals(other.phrase);
  }

  @Override
  public int hashCode() {
    return Objects.hash(field, phrase);
  }

  @Override
  public String toString() {
    return field + ": " + phrase;
  }
}
