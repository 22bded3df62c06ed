// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.sink.SinkException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Moves all documents to a new index, because the mapping of the old one is another.
 *
 * <p>The new index is hidden while it is filled, and so is the alias it is filled through: searches
 * over {@code logs-ti_*} see each document once. The old index takes no writes meanwhile, so
 * nothing is written that the copy misses; it can be read. One request then gives the aliases to
 * the new index and removes the old one.
 *
 * <p>It may end at any request. What it leaves is an unfinished index, which {@link
 * #removeUnfinished} removes before the next attempt begins from the start, and perhaps the write
 * block of the old index, under which the next attempt goes on.
 *
 * <p>Two at a time disturb each other: the one that fails lifts the block under which the other
 * copies. So the old index must not have taken a write, overwrites included, from the first block
 * to a second one right before the end.
 */
final class Migration implements HitOperations {
  private static final String WHAT = "the documents cannot be moved to a new index";
  private static final int PAGE = 1000;

  private final Calls calls;
  private final String fillAlias;
  private final String from;
  private final String to;
  private final Supplier<Attempts> attempts;

  /**
   * Prepares it.
   *
   * @param from the index that is written to now
   * @param to the name of an index that is not there
   * @param attempts of each page
   */
  Migration(Calls calls, String indexBase, String from, String to, Supplier<Attempts> attempts) {
    this.calls = calls;
    this.fillAlias = fillAlias(indexBase);
    this.from = from;
    this.to = to;
    this.attempts = attempts;
  }

  static String fillAlias(String indexBase) {
    return indexBase + ".next";
  }

  /**
   * Removes indices that an earlier attempt left.
   *
   * @param indices the answer to a {@code GET} of all indices of this base
   * @return whether there was one
   */
  static boolean removeUnfinished(Calls calls, String indexBase, JsonNode indices)
      throws IOException {
    boolean found = false;
    for (Map.Entry<String, JsonNode> index : indices.properties()) {
      JsonNode aliases = index.getValue().path("aliases");
      // The request that gives an index its alias takes this one away.
      if (aliases.has(fillAlias(indexBase)) && !aliases.has(indexBase)) {
        Calls.require(
            calls.reach("DELETE", '/' + index.getKey(), Map.of(), null),
            "index " + index.getKey() + ", which is not finished, cannot be removed");
        found = true;
      }
    }
    return found;
  }

  /**
   * Does it.
   *
   * @param aliases actions that give the new index its aliases
   * @return number of documents
   */
  long run(ArrayNode aliases) throws IOException {
    create();
    long copied;
    try {
      block();
      Map<String, Long> before = lastOperations();
      copied = copy();
      block();
      if (!lastOperations().equals(before)) {
        throw new SinkException(
            SinkException.Kind.CONFIG,
            WHAT
                + ": somebody wrote to "
                + from
                + " meanwhile, perhaps because it is installed twice at a time; see that nobody"
                + " else does, and install again",
            null);
      }
    } catch (IOException | RuntimeException e) {
      unblock(e);
      throw e;
    }
    swap(aliases);
    return copied;
  }

  private void create() throws IOException {
    ObjectNode index = Calls.object();
    index.putObject("settings").put("index.hidden", true);
    index
        .putObject("aliases")
        .putObject(fillAlias)
        .put("is_hidden", true)
        .put("is_write_index", true);
    require("PUT", '/' + to, Map.of(), index);
  }

  /** Returns when the old index takes no write any more and none is under way. */
  private void block() throws IOException {
    JsonNode answer = require("PUT", '/' + from + "/_block/write", Map.of(), null);
    JsonNode blocked = answer.path("indices");
    // Of an index that is blocked already, the server says nothing but that.
    boolean before = blocked.isArray() && blocked.isEmpty();
    if (!answer.path("acknowledged").asBoolean()
        || !before && !answer.path("shards_acknowledged").asBoolean()) {
      throw new SinkException(
          SinkException.Kind.UNREACHABLE,
          WHAT
              + ": the server does not confirm that "
              + from
              + " takes no writes; see that all its nodes are well, and install again",
          null);
    }
  }

  /** The number of the last operation of each shard of the old index, which every write raises. */
  private Map<String, Long> lastOperations() throws IOException {
    JsonNode stats =
        require(
            "GET",
            '/' + from + "/_stats",
            Map.of(
                "level",
                "shards",
                "filter_path",
                "indices.*.shards.*.routing.primary,indices.*.shards.*.seq_no.max_seq_no"),
            null);
    Map<String, Long> operations = new HashMap<>();
    for (Map.Entry<String, JsonNode> shard :
        stats.path("indices").path(from).path("shards").properties()) {
      for (JsonNode copy : shard.getValue()) {
        JsonNode last = copy.path("seq_no").path("max_seq_no");
        if (copy.path("routing").path("primary").asBoolean() && last.isIntegralNumber()) {
          operations.put(shard.getKey(), last.asLong());
        }
      }
    }
    if (operations.isEmpty()) {
      throw new IOException(WHAT + ": the server does not say what was written to " + from);
    }
    return operations;
  }

  private long copy() throws IOException {
    require("POST", '/' + from + "/_refresh", Map.of(), null);
    ObjectNode search = Calls.object().put("version", true);
    search.putObject("query").putObject("match_all");
    long copied = 0;
    try (PointInTime.Pages old = PointInTime.pages(calls, from, search, PAGE, WHAT)) {
      for (JsonNode hits = old.next(); !hits.isEmpty(); hits = old.next()) {
        send(
            calls.within(attempts.get()),
            '/' + fillAlias + "/_bulk",
            Map.of("require_alias", "true"),
            "index",
            hits,
            WHAT);
        copied += hits.size();
      }
    }
    require("POST", '/' + to + "/_refresh", Map.of(), null);
    if (count(from) != copied || count(to) != copied) {
      throw new SinkException(
          SinkException.Kind.CONFIG,
          WHAT
              + ": "
              + from
              + " and "
              + to
              + " do not hold the same number of documents; see that nobody else writes to them,"
              + " and install again",
          null);
    }
    return copied;
  }

  private long count(String index) throws IOException {
    return require("GET", '/' + index + "/_count", Map.of(), null).path("count").asLong(-1);
  }

  @Override
  public String lines(JsonNode hit) {
    ObjectNode operation = Calls.object();
    operation
        .putObject("index")
        .put("_id", hit.path("_id").asText())
        .put("version", hit.path("_version").asLong())
        .put("version_type", "external_gte");
    return operation + "\n" + hit.path("_source") + '\n';
  }

  @Override
  public void settled(JsonNode hit, Calls.Answer outcome) throws IOException {
    Calls.require(outcome, WHAT + ", document " + Escaped.of(hit.path("_id").asText()));
  }

  private void swap(ArrayNode aliases) throws IOException {
    ObjectNode body = Calls.object();
    ArrayNode actions = body.putArray("actions").addAll(aliases);
    actions.addObject().putObject("remove").put("index", to).put("alias", fillAlias);
    actions.addObject().putObject("remove_index").put("index", from);
    Calls.Answer answer = calls.reach("POST", "/_aliases", Map.of(), body);
    try {
      Calls.require(answer, WHAT);
    } catch (IOException e) {
      // Without a refusal it may still come about, and what is written until then would be lost.
      if (answer.status() >= 400 && answer.status() < 500) {
        unblock(e);
      }
      throw e;
    }
  }

  /** Lets the old index be written to again; if that fails too, the next attempt does it. */
  private void unblock(Exception failure) {
    // An interrupt is why it ends, but no reason to leave the block.
    boolean interrupted = Thread.interrupted();
    ObjectNode settings = Calls.object().putNull("index.blocks.write");
    try {
      require("PUT", '/' + from + "/_settings", Map.of(), settings);
    } catch (IOException e) {
      failure.addSuppressed(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private JsonNode require(
      String method, String path, Map<String, String> query, @Nullable JsonNode body)
      throws IOException {
    return Calls.require(calls.reach(method, path, query, body), WHAT).body();
  }
}
