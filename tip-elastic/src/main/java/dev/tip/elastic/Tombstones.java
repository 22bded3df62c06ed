// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/** What withdrawals before a date left in an index. */
final class Tombstones {
  private static final String WHAT = "withdrawn indicators cannot be removed";
  private static final int PAGE = 1000;

  private final Calls calls;
  private final String alias;
  private final Instant before;

  Tombstones(Calls calls, String alias, Instant before) {
    this.calls = calls;
    this.alias = alias;
    this.before = before;
  }

  private ObjectNode search() {
    ObjectNode search = Calls.object();
    var filter = search.putObject("query").putObject("bool").putArray("filter");
    filter.addObject().putObject("term").put("tip.status", "withdrawn");
    filter
        .addObject()
        .putObject("range")
        .putObject("tip.indicator.withdrawn_at")
        .put("lt", before.toString());
    return search;
  }

  long count() throws IOException {
    Calls.Answer answer = calls.reach("POST", '/' + alias + "/_count", Map.of(), search());
    return Calls.require(answer, WHAT).body().path("count").asLong();
  }

  /** Removes them, and returns how many. */
  long remove() throws IOException {
    ObjectNode search = search().put("_source", false).put("seq_no_primary_term", true);
    long removed = 0;
    try (PointInTime old = PointInTime.open(calls, alias, search, PAGE, WHAT)) {
      for (JsonNode hits = old.next(); !hits.isEmpty(); hits = old.next()) {
        removed += remove(hits);
      }
    }
    return removed;
  }

  /** Removes each hit if it is still the one that was found: what was written since then stays. */
  private long remove(JsonNode hits) throws IOException {
    StringBuilder body = new StringBuilder();
    for (JsonNode hit : hits) {
      ObjectNode operation = Calls.object();
      operation
          .putObject("delete")
          .put("_index", hit.path("_index").asText())
          .put("_id", hit.path("_id").asText())
          .put("if_seq_no", hit.path("_seq_no").asLong())
          .put("if_primary_term", hit.path("_primary_term").asLong());
      body.append(operation).append('\n');
    }
    Calls.Answer answer =
        calls.bulk("/_bulk", Map.of(), body.toString().getBytes(StandardCharsets.UTF_8));
    long removed = 0;
    for (JsonNode item : Calls.require(answer, WHAT).body().path("items")) {
      Calls.Answer outcome = Calls.Answer.ofItem(item.path("delete"));
      switch (Fault.of(outcome.status(), outcome.errorType())) {
        case NONE -> removed++;
        // Written since, or not now: the next purge looks at it again.
        case CONFLICT, RETRY -> {}
        default -> Calls.require(outcome, WHAT);
      }
    }
    return removed;
  }
}
