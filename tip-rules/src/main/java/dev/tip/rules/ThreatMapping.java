// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One group of a rule's {@code threat_mapping}: pairs of an event field and an indicator field that
 * must all be equal. Immutable.
 *
 * <p>The groups of a rule are alternatives. Kibana runs a group of a single pair much faster than
 * one of several.
 */
public final class ThreatMapping {
  private final List<Entry> entries;

  private ThreatMapping(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /**
   * Returns a group of one pair.
   *
   * @param field field of the event, for example {@code destination.ip}
   * @param value field of the indicator, for example {@code threat.indicator.ip}
   * @throws IllegalArgumentException if one of them is no field name
   */
  public static ThreatMapping of(String field, String value) {
    return new ThreatMapping(List.of(new Entry(field, value)));
  }

  /**
   * Returns a group that has this pair as well.
   *
   * @param field field of the event
   * @param value field of the indicator
   * @throws IllegalArgumentException if one of them is no field name, or the group has the pair
   *     already
   */
  public ThreatMapping and(String field, String value) {
    Entry added = new Entry(field, value);
    if (entries.contains(added)) {
      throw new IllegalArgumentException("threat_mapping has an entry twice: " + added);
    }
    List<Entry> all = new ArrayList<>(entries);
    all.add(added);
    return new ThreatMapping(all);
  }

  /** Returns the pairs, at least one. */
  public List<Entry> entries() {
    return entries;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof ThreatMapping other && entries.equals(other.entries);
  }

  @Override
  public int hashCode() {
    return entries.hashCode();
  }

  @Override
  public String toString() {
    return entries.toString();
  }

  /** A pair of fields that must be equal. Immutable. */
  public static final class Entry {
    private final String field;
    private final String value;

    private Entry(String field, String value) {
      this.field = RuleChecks.fieldName("threat_mapping.entries.field", field);
      this.value = RuleChecks.fieldName("threat_mapping.entries.value", value);
    }

    /** Returns the field of the event. */
    public String field() {
      return field;
    }

    /** Returns the field of the indicator. */
    public String value() {
      return value;
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Entry other && field.equals(other.field) && value.equals(other.value);
    }

    @Override
    public int hashCode() {
      return Objects.hash(field, value);
    }

    @Override
    public String toString() {
      return field + " <- " + value;
    }
  }
}
