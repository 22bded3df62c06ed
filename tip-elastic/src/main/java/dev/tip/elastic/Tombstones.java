// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.sink.SinkException;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;

/** What withdrawals before a date left in an index. */
final class Tombstones implements HitOperations {
  private static final String WHAT = "withdrawn indicators cannot be removed";
  private static final int PAGE = 1000;

  private final Calls calls;
  private final String alias;
  private final Instant before;
  private final Supplier<Attempts> attempts;

  /** How many are removed, as far as the server said so. */
  private long removed;

  /**
   * Prepares to look for them.
   *
   * @param attempts to remove each page
   */
  Tombstones(Calls calls, String alias, Instant before, Supplier<Attempts> attempts) {
    this.calls = calls;
    this.alias = alias;
    this.before = before;
    this.attempts = attempts;
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

  /** Removes them, and returns how many; to be called once. */
  long remove() throws IOException {
    ObjectNode search = search().put("_source", false).put("seq_no_primary_term", true);
    try (PointInTime.Pages old = PointInTime.pages(calls, alias, search, PAGE, WHAT)) {
      for (JsonNode hits = old.next(); !hits.isEmpty(); hits = old.next()) {
        send(calls.within(attempts.get()), "/_bulk", Map.of(), "delete", hits, WHAT);
      }
    } catch (SinkException e) {
      throw new SinkException(
          e.kind(), e.getMessage() + "; " + removed + " were removed before", e);
    }
    return removed;
  }

  @Override
  public String lines(JsonNode hit) {
    ObjectNode operation = Calls.object();
    // If it is still the one that was found: what was written since then stays.
    operation
        .putObject("delete")
        .put("_index", hit.path("_index").asText())
        .put("_id", hit.path("_id").asText())
        .put("if_seq_no", hit.path("_seq_no").asLong())
        .put("if_primary_term", hit.path("_primary_term").asLong());
    return operation + "\n";
  }

  @Override
  public void settled(JsonNode hit, Calls.Answer outcome) throws IOException {
    if (outcome.fault() != Fault.CONFLICT) {
      Calls.require(outcome, WHAT);
      removed++;
    }
  }
}
