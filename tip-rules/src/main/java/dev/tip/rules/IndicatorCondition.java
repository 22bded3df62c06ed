// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import java.util.Collection;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Which indicators a rule compares, told from a document alone: its {@code threat_query} and {@code
 * threat_filters}. Immutable and thread-safe.
 *
 * <p>Values are compared as text, as Elasticsearch does with keywords; {@code *} stands for any
 * text where it is not quoted. A comparison such as {@code @timestamp >= "now-30d/d"} counts as
 * true: who asks about an indicator knows how old it is.
 */
public final class IndicatorCondition {
  private final Predicate<Document> condition;

  /** A document by the values of its fields. */
  private interface Document extends Function<String, Collection<String>> {}

  private IndicatorCondition(Predicate<Document> condition) {
    this.condition = condition;
  }

  /**
   * Returns the condition of a rule.
   *
   * @throws IllegalArgumentException if it cannot be told without a server: a query in Lucene, text
   *     without field, a nested query, a field name with wildcard
   */
  public static IndicatorCondition of(ThreatMatchRule rule) {
    if (rule.threatLanguage() != QueryLanguage.KUERY) {
      throw refused("is not in KQL");
    }
    Predicate<Document> all = condition(KqlQuery.parse(rule.threatQuery()).root());
    for (ThreatFilter filter : rule.threatFilters()) {
      all = all.and(document -> document.apply(filter.field()).contains(filter.phrase()));
    }
    return new IndicatorCondition(all);
  }

  /**
   * Returns whether a document fulfils it.
   *
   * @param values gives the values of a field by its name; none if the document lacks it
   */
  public boolean test(Function<String, Collection<String>> values) {
    return condition.test(values::apply);
  }

  private static IllegalArgumentException refused(String why) {
    return new IllegalArgumentException("threat_query " + why);
  }

  private static Predicate<Document> condition(KqlNode node) {
    if (node instanceof KqlNode.All all) {
      return all.parts().stream()
          .map(IndicatorCondition::condition)
          .reduce(document -> true, Predicate::and);
    }
    if (node instanceof KqlNode.Any any) {
      return any.parts().stream()
          .map(IndicatorCondition::condition)
          .reduce(document -> false, Predicate::or);
    }
    if (node instanceof KqlNode.Not not) {
      return condition(not.part()).negate();
    }
    if (node instanceof KqlNode.Is is) {
      return equalTo(is.field(), is.value());
    }
    if (node instanceof KqlNode.Nested) {
      throw refused("has a nested query");
    }
    return document -> true;
  }

  private static Predicate<Document> equalTo(String field, KqlNode.Value value) {
    if (field.isEmpty()) {
      throw refused("has text without a field");
    }
    if (field.indexOf('*') >= 0) {
      throw refused("has a field name with a wildcard");
    }
    return document -> document.apply(field).stream().anyMatch(value::fits);
  }
}
