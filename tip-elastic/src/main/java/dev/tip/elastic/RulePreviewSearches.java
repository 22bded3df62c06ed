// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import co.elastic.clients.transport.endpoints.EndpointBase;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.elastic.RulePreviewException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a preview asks of the server, and what its refusals mean. Not thread-safe. */
final class RulePreviewSearches {
  private static final String MAX_CLAUSES = "maxClauseCount is set to ";

  /** Patterns that match nothing are no error, as for Kibana. */
  private static final Map<String, String> LENIENT = Map.of("ignore_unavailable", "true");

  private final Calls calls;
  private final Set<String> failures = new LinkedHashSet<>();
  private int count;

  RulePreviewSearches(Calls calls) {
    this.calls = calls;
  }

  int count() {
    return count;
  }

  /** Returns reasons why shards gave no answer. */
  Set<String> failures() {
    return failures;
  }

  /** A query has more clauses than the server takes; a smaller page has fewer. */
  static final class TooManyClausesException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int limit;
    private final boolean nested;

    private TooManyClausesException(int limit, boolean nested) {
      super("the server takes " + limit + " clauses in a query");
      this.limit = limit;
      this.nested = nested;
    }

    /**
     * Returns how many documents the next pages may have.
     *
     * @param fields number of distinct mapped fields of indicators
     * @param before how many they had
     */
    int pageSize(int fields, int before) {
      return pageSize(limit, nested, fields, before);
    }

    /** The formulas of Kibana. */
    static int pageSize(int limit, boolean nested, int fields, int before) {
      int fits = (limit - 1) / (nested ? 2 * (fields + 1) : fields + 1);
      return Math.max(1, fits < before ? fits : before / 2);
    }

    RulePreviewException refusal() {
      return new RulePreviewException(
          Kind.REFUSED, getMessage() + ", fewer than one document needs; give it more heap");
    }
  }

  long count(List<String> indices, JsonNode query) throws IOException {
    ObjectNode body = Calls.object();
    body.set("query", query);
    count++;
    JsonNode answer = checked(calls.call("POST", path(indices) + "/_count", LENIENT, body));
    noteFailures(answer);
    return answer.path("count").asLong();
  }

  /** Returns the types of each field over all indices; nothing for a field that none maps. */
  Map<String, Set<String>> types(List<String> indices, Collection<String> fields)
      throws IOException {
    Map<String, String> query =
        Map.of("ignore_unavailable", "true", "fields", String.join(",", fields));
    JsonNode caps =
        checked(calls.call("GET", path(indices) + "/_field_caps", query, null)).path("fields");
    return caps.properties().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                field ->
                    field.getValue().properties().stream()
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toCollection(TreeSet::new))));
  }

  /**
   * Opens a point in time.
   *
   * @param lenient whether a name without wildcard may be missing
   */
  PointInTime open(List<String> indices, boolean lenient) throws IOException {
    return PointInTime.open(
        calls,
        path(indices),
        Map.of("ignore_unavailable", Boolean.toString(lenient)),
        Map.of(),
        answer -> {
          JsonNode body = checked(answer);
          noteFailures(body);
          count += body.has("hits") ? 1 : 0;
          return body;
        });
  }

  /** Returns the next hits of a search. */
  static List<JsonNode> next(PointInTime.Pages pages) throws IOException {
    List<JsonNode> hits = new ArrayList<>();
    pages.next().forEach(hits::add);
    return hits;
  }

  private void noteFailures(JsonNode answer) throws TooManyClausesException {
    for (JsonNode failure : answer.path("_shards").path("failures")) {
      String reasons = reasons(failure.path("reason"));
      requireFewClauses(reasons);
      failures.add(Escaped.of(reasons));
    }
  }

  private static String path(List<String> indices) {
    StringBuilder path = new StringBuilder();
    for (String index : indices) {
      path.append(path.length() == 0 ? '/' : ',');
      EndpointBase.pathEncode(index, path);
    }
    return path.toString();
  }

  private static JsonNode checked(Calls.Answer answer) throws IOException {
    if (answer.ok()) {
      return answer.body();
    }
    String reasons = reasons(answer.body().path("error"));
    requireFewClauses(reasons);
    if (reasons.contains("unknown query [kql]")) {
      throw new RulePreviewException(
          Kind.NO_KQL,
          "the server does not know the query type kql, which a rule in KQL needs; use"
              + " Elasticsearch 8.18 or later in a distribution of Elastic's");
    }
    String why = Escaped.of(reasons);
    throw switch (answer.status()) {
      case 401, 403 ->
          new RulePreviewException(
              Kind.DENIED,
              "the server refuses it; give the key read and view_index_metadata on the indices of"
                  + " events and indicators: "
                  + why);
      case 404 ->
          new RulePreviewException(
              Kind.NO_INDEX, "an index of the rule is missing; install or name it: " + why);
      case 400 ->
          new RulePreviewException(Kind.REFUSED, "the server refuses a query of the rule: " + why);
      default ->
          new RulePreviewException(
              Kind.UNAVAILABLE,
              "the server answers with status " + answer.status() + "; try again: " + why);
    };
  }

  private static void requireFewClauses(String reasons) throws TooManyClausesException {
    int at = reasons.indexOf(MAX_CLAUSES);
    if (at < 0) {
      return;
    }
    int start = at + MAX_CLAUSES.length();
    int end = start;
    while (end < reasons.length() && end < start + 9 && Character.isDigit(reasons.charAt(end))) {
      end++;
    }
    int limit = end > start ? Integer.parseInt(reasons.substring(start, end)) : 0;
    throw new TooManyClausesException(limit, reasons.contains("too many nested clauses"));
  }

  private static String reasons(JsonNode error) {
    Set<String> reasons = new LinkedHashSet<>();
    collect(error, reasons);
    return String.join("; ", reasons);
  }

  private static void collect(JsonNode cause, Set<String> reasons) {
    String reason = cause.path("reason").asText("");
    if (!reason.isEmpty()) {
      reasons.add(reason);
    }
    cause.path("root_cause").forEach(root -> collect(root, reasons));
    if (cause.has("caused_by")) {
      collect(cause.path("caused_by"), reasons);
    }
  }
}
