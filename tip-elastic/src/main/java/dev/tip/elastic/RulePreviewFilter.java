// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.rules.KqlQuery;
import dev.tip.rules.QueryLanguage;
import dev.tip.rules.ThreatMapping;
import dev.tip.rules.ThreatMatchRule;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The queries of Kibana's indicator match rules. */
final class RulePreviewFilter {
  /** Where the documents of a page are from, and so which field of a pair is read. */
  enum Side {
    EVENT,
    INDICATOR;

    String read(ThreatMapping.Entry entry) {
      return this == EVENT ? entry.field() : entry.value();
    }

    String searched(ThreatMapping.Entry entry) {
      return this == EVENT ? entry.value() : entry.field();
    }
  }

  private static final char TERMS = 't';
  private static final char MATCH = 'm';

  private RulePreviewFilter() {}

  /** A clause of a filter, by the name that a hit tells. */
  record Clause(int group, int document) {
    /** Stands for all documents of the page. */
    private static final int ALL = -1;

    boolean isTerms() {
      return document == ALL;
    }

    private String name() {
      return isTerms() ? TERMS + "." + group : MATCH + "." + group + '.' + document;
    }

    static Clause parse(String name) {
      String[] parts = name.split("\\.", -1);
      int group = Integer.parseInt(parts[1]);
      return new Clause(group, parts.length == 2 ? ALL : Integer.parseInt(parts[2]));
    }
  }

  /**
   * Returns the query for documents that have a value in common with one of a page.
   *
   * @param page hits with {@code fields}
   * @param side where the page is from
   * @param terms groups that are compared by a {@code terms} query
   * @return null if no document of the page has a value
   */
  static @Nullable ObjectNode commonWith(
      List<JsonNode> page, Side side, List<ThreatMapping> groups, Set<ThreatMapping> terms) {
    ArrayNode should = Calls.object().arrayNode();
    for (int g = 0; g < groups.size(); g++) {
      ThreatMapping group = groups.get(g);
      if (terms.contains(group)) {
        addTerms(should, page, side, group, new Clause(g, Clause.ALL));
      } else {
        for (int d = 0; d < page.size(); d++) {
          addMatches(should, page.get(d), side, group, new Clause(g, d));
        }
      }
    }
    return should.isEmpty() ? null : anyOf(should);
  }

  /** A {@code terms} query takes the first value of each document. */
  private static void addTerms(
      ArrayNode should, List<JsonNode> page, Side side, ThreatMapping group, Clause clause) {
    ThreatMapping.Entry entry = group.entries().get(0);
    ArrayNode values = should.arrayNode();
    for (JsonNode document : page) {
      JsonNode first = values(document, side.read(entry)).path(0);
      if (!first.isMissingNode()) {
        values.add(first);
      }
    }
    if (!values.isEmpty()) {
      ObjectNode query = should.addObject().putObject("terms");
      query.put("_name", clause.name());
      query.set(side.searched(entry), values);
    }
  }

  /** A query for one document takes the only value of each field, or leaves the document out. */
  private static void addMatches(
      ArrayNode should, JsonNode document, Side side, ThreatMapping group, Clause clause) {
    ObjectNode query = Calls.object();
    ObjectNode bool = query.putObject("bool");
    bool.put("_name", clause.name());
    ArrayNode filter = bool.putArray("filter");
    for (ThreatMapping.Entry entry : group.entries()) {
      JsonNode values = values(document, side.read(entry));
      if (values.size() != 1) {
        return;
      }
      filter
          .addObject()
          .putObject("match")
          .putObject(side.searched(entry))
          .set("query", values.get(0));
    }
    should.add(query);
  }

  /** Returns the values of a field of a hit, as the server understands them. */
  static JsonNode values(JsonNode hit, String field) {
    return hit.path("fields").path(field);
  }

  /** Returns the query for events of the rule in a time range that have a mapped field. */
  static ObjectNode events(ThreatMatchRule rule, String from, String to) {
    ArrayNode all = Calls.object().arrayNode();
    all.add(query(rule.language(), rule.query()));
    all.add(mapped(rule.threatMapping(), Side.EVENT));
    all.add(inTime(rule.timestampOverride().orElse("@timestamp"), from, to));
    return allOf(all);
  }

  /** The same by the time at which events happened, whenever they arrived. */
  static ObjectNode oldEvents(ThreatMatchRule rule, String from, String to) {
    ArrayNode all = Calls.object().arrayNode();
    all.add(query(rule.language(), rule.query()));
    all.add(range("@timestamp", from, to));
    return allOf(all);
  }

  /** Returns the query for indicators of the rule that have a mapped field. */
  static ObjectNode indicators(ThreatMatchRule rule) {
    ArrayNode all = Calls.object().arrayNode();
    all.add(query(rule.threatLanguage(), rule.threatQuery()));
    all.add(mapped(rule.threatMapping(), Side.INDICATOR));
    rule.threatFilters()
        .forEach(f -> all.addObject().putObject("match_phrase").put(f.field(), f.phrase()));
    return allOf(all);
  }

  static ObjectNode both(ObjectNode first, ObjectNode second) {
    return allOf(first.arrayNode().add(first).add(second));
  }

  private static ObjectNode query(QueryLanguage language, String text) {
    ObjectNode query = Calls.object();
    switch (language) {
      case KUERY -> query.putObject("kql").put("query", KqlQuery.parse(text).withoutLists());
      case LUCENE ->
          query.putObject("query_string").put("query", text).put("analyze_wildcard", true);
    }
    return query;
  }

  private static ObjectNode mapped(List<ThreatMapping> groups, Side side) {
    ArrayNode any = Calls.object().arrayNode();
    for (ThreatMapping group : groups) {
      ArrayNode all = any.arrayNode();
      group.entries().forEach(entry -> all.add(exists(side.read(entry))));
      any.add(allOf(all));
    }
    return anyOf(any);
  }

  /** The timestamp counts where the field that overrides it is missing. */
  private static ObjectNode inTime(String field, String from, String to) {
    if (field.equals("@timestamp")) {
      return range(field, from, to);
    }
    ArrayNode any = Calls.object().arrayNode();
    any.add(range(field, from, to));
    ObjectNode fallback = allOf(any.arrayNode().add(range("@timestamp", from, to)));
    ((ObjectNode) fallback.path("bool")).set("must_not", exists(field));
    any.add(fallback);
    return anyOf(any);
  }

  private static ObjectNode range(String field, String from, String to) {
    ObjectNode range = Calls.object();
    range
        .putObject("range")
        .putObject(field)
        .put("gte", from)
        .put("lte", to)
        .put("format", "strict_date_optional_time");
    return range;
  }

  private static ObjectNode exists(String field) {
    ObjectNode exists = Calls.object();
    exists.putObject("exists").put("field", field);
    return exists;
  }

  private static ObjectNode allOf(ArrayNode queries) {
    ObjectNode all = Calls.object();
    all.putObject("bool").set("filter", queries);
    return all;
  }

  static ObjectNode anyOf(ArrayNode queries) {
    ObjectNode any = Calls.object();
    ObjectNode bool = any.putObject("bool");
    bool.set("should", queries);
    bool.put("minimum_should_match", 1);
    return any;
  }
}
