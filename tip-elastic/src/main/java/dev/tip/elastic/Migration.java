// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.sink.SinkException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
 */
final class Migration {
  private static final String WHAT = "the documents cannot be moved to a new index";
  private static final int PAGE = 1000;
  private static final int ATTEMPTS = 8;
  private static final long FIRST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final Calls calls;
  private final String fillAlias;
  private final String from;
  private final String to;
  private final Pause pause;

  /**
   * Prepares it.
   *
   * @param from the index that is written to now
   * @param to the name of an index that is not there
   */
  Migration(Calls calls, String indexBase, String from, String to, Pause pause) {
    this.calls = calls;
    this.fillAlias = fillAlias(indexBase);
    this.from = from;
    this.to = to;
    this.pause = pause;
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
    require("PUT", '/' + from + "/_block/write", Map.of(), null);
    long copied;
    try {
      copied = copy();
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

  private long copy() throws IOException {
    require("POST", '/' + from + "/_refresh", Map.of(), null);
    ObjectNode search = Calls.object().put("version", true);
    search.putObject("query").putObject("match_all");
    long copied = 0;
    try (PointInTime old = PointInTime.open(calls, from, search, PAGE, WHAT)) {
      for (JsonNode hits = old.next(); !hits.isEmpty(); hits = old.next()) {
        write(hits);
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

  /** Writes a page; sends again what the server cannot take at the moment. */
  private void write(JsonNode hits) throws IOException {
    List<JsonNode> pending = new ArrayList<>();
    hits.forEach(pending::add);
    for (int attempt = 1; ; attempt++) {
      Calls.Answer passing = send(pending);
      if (pending.isEmpty()) {
        return;
      }
      if (attempt == ATTEMPTS) {
        Calls.require(passing, WHAT);
      }
      try {
        pause.await(FIRST_WAIT_NANOS << (attempt - 1));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while " + to + " was filled");
      }
    }
  }

  /**
   * Leaves in the list what the server cannot take at the moment, and returns what it says about
   * that.
   */
  private Calls.Answer send(List<JsonNode> pending) throws IOException {
    StringBuilder body = new StringBuilder();
    for (JsonNode hit : pending) {
      ObjectNode operation = Calls.object();
      operation
          .putObject("index")
          .put("_id", hit.path("_id").asText())
          .put("version", hit.path("_version").asLong())
          .put("version_type", "external_gte");
      body.append(operation).append('\n').append(hit.path("_source")).append('\n');
    }
    Calls.Answer answer =
        calls.bulk(
            '/' + fillAlias + "/_bulk",
            Map.of("require_alias", "true"),
            body.toString().getBytes(StandardCharsets.UTF_8));
    if (Fault.of(answer.status(), answer.errorType()) == Fault.RETRY) {
      return answer;
    }
    JsonNode items = Calls.require(answer, WHAT).body().path("items");
    if (items.size() != pending.size()) {
      throw new IOException(WHAT + ": the answer is not that of the bulk API");
    }
    List<JsonNode> again = new ArrayList<>();
    Calls.Answer passing = answer;
    for (int i = 0; i < items.size(); i++) {
      Calls.Answer item = Calls.Answer.ofItem(items.get(i).path("index"));
      if (Fault.of(item.status(), item.errorType()) == Fault.RETRY) {
        again.add(pending.get(i));
        passing = item;
      } else {
        Calls.require(item, WHAT + ", document " + Escaped.of(pending.get(i).path("_id").asText()));
      }
    }
    pending.clear();
    pending.addAll(again);
    return passing;
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
    ObjectNode settings = Calls.object().putNull("index.blocks.write");
    try {
      require("PUT", '/' + from + "/_settings", Map.of(), settings);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private JsonNode require(
      String method, String path, Map<String, String> query, @Nullable JsonNode body)
      throws IOException {
    return Calls.require(calls.reach(method, path, query, body), WHAT).body();
  }
}
