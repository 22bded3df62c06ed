// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.sink.Holdings;
import dev.tip.sink.SinkException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts what an index holds of a feed, and makes all that was written visible to searches before.
 *
 * <p>The refresh API needs the privilege {@code maintenance}, which the writer's key does not have.
 * A bulk request may refresh the shards it goes to, and needs no more than {@code index}; so
 * operations are sent that cannot be done, because they ask for a version of a document that is
 * never there. They change nothing, and the server names the shard of each.
 */
final class FeedHoldings {
  private static final String WHAT = "the holdings of a feed cannot be read";

  /** Ids of indicators have 27 characters: no document is ever called so. */
  private static final String NEVER_THERE = "tip-refresh";

  /** Operations a shard; one in nine million shards is then left to the next round. */
  private static final int OPERATIONS_PER_SHARD = 16;

  private static final int ROUNDS = 10;

  private final Calls calls;
  private final String alias;

  FeedHoldings(Calls calls, String alias) {
    this.calls = calls;
    this.alias = alias;
  }

  /** Makes all that is stored visible to searches. */
  void refresh() throws IOException {
    int shards = shards();
    int operations = shards == 1 ? 1 : shards * OPERATIONS_PER_SHARD;
    Set<String> refreshed = new HashSet<>();
    int round = 0;
    while (refreshed.size() < shards) {
      if (round == ROUNDS) {
        throw new SinkException(
            SinkException.Kind.CONFIG,
            WHAT + ": only " + refreshed.size() + " of " + shards + " shards could be refreshed",
            null);
      }
      Calls.Answer passing = refresh(round * operations, operations, refreshed);
      if (passing == null) {
        round++;
      } else if (!calls.again(null)) {
        throw Calls.failure(passing, WHAT);
      }
    }
  }

  private int shards() throws IOException {
    Calls.Answer answer =
        calls.reach(
            "GET",
            '/' + alias,
            Map.of("filter_path", "*.aliases,*.settings.index.number_of_shards"),
            null);
    JsonNode index = WriteIndex.of(alias, Calls.require(answer, WHAT).body()).settings();
    return Math.max(1, index.path("number_of_shards").asInt());
  }

  /** Returns what the server says of a shard that it cannot refresh at the moment, or null. */
  private Calls.@Nullable Answer refresh(int from, int operations, Set<String> refreshed)
      throws IOException {
    StringBuilder body = new StringBuilder();
    for (int routing = from; routing < from + operations; routing++) {
      ObjectNode operation = Calls.object();
      operation
          .putObject("index")
          .put("_id", NEVER_THERE)
          .put("routing", Integer.toString(routing))
          .put("if_seq_no", 0)
          .put("if_primary_term", 1);
      body.append(operation).append("\n{}\n");
    }
    Calls.Answer answer =
        calls.bulk(
            '/' + alias + "/_bulk",
            Map.of("refresh", "true", "require_alias", "true"),
            body.toString().getBytes(StandardCharsets.UTF_8));
    Calls.Answer passing = null;
    for (JsonNode item : Calls.require(answer, WHAT).body().path("items")) {
      Calls.Answer outcome = Calls.Answer.ofItem(item.path("index"));
      if (outcome.fault() == Fault.CONFLICT) {
        refreshed.add(outcome.body().path("error").path("shard").asText());
      } else if (outcome.fault().isPassing()) {
        passing = outcome;
      } else {
        throw Calls.failure(outcome, WHAT);
      }
    }
    return passing;
  }

  /** Counts what searches see of a feed. */
  Holdings count(String feedId) throws IOException {
    ObjectNode search = Calls.object();
    search.put("size", 0).put("track_total_hits", false);
    search.putObject("query").putObject("term").put("tip.feed.id", feedId);
    ObjectNode sums = search.putObject("aggs");
    ObjectNode active = sums.putObject("active").putObject("filter");
    active.putObject("term").put("tip.status", "active");
    sums.putObject("generation").putObject("max").put("field", "tip.generation");
    JsonNode found =
        Calls.require(
                calls.reach("POST", '/' + alias + "/_search", Calls.WHOLE_ANSWERS, search), WHAT)
            .body()
            .path("aggregations");
    if (!found.path("active").has("doc_count")) {
      throw new IOException(WHAT + ": the answer is not that of a search");
    }
    // As double, exact up to 2^53; null where there is nothing to take the maximum of.
    return new Holdings(
        found.path("active").path("doc_count").asLong(),
        found.path("generation").path("value").asLong(0));
  }
}
