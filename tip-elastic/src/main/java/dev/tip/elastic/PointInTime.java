// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Indices as they were when it was opened, for any number of searches. Not thread-safe. */
final class PointInTime implements Closeable {
  private static final String KEEP_ALIVE = "5m";

  private final Calls calls;
  private final Map<String, String> options;
  private final Judge judge;

  /** Every answer may give it another id, and the newest one counts. */
  private String id;

  private PointInTime(Calls calls, Map<String, String> options, Judge judge, String id) {
    this.calls = calls;
    this.options = options;
    this.judge = judge;
    this.id = id;
  }

  /** Decides what an answer is good for. */
  interface Judge {
    /**
     * Returns the body of an answer that can be used.
     *
     * @throws IOException if it cannot be
     */
    JsonNode body(Calls.Answer answer) throws IOException;
  }

  /**
   * Opens it; it must be closed.
   *
   * @param indices the path of the indices, with a slash before
   * @param opening parameters of the opening
   * @param options parameters of each search
   */
  static PointInTime open(
      Calls calls,
      String indices,
      Map<String, String> opening,
      Map<String, String> options,
      Judge judge)
      throws IOException {
    Map<String, String> query = new HashMap<>(opening);
    query.put("keep_alive", KEEP_ALIVE);
    String id = judge.body(calls.reach("POST", indices + "/_pit", query, null)).path("id").asText();
    return new PointInTime(calls, options, judge, id);
  }

  /**
   * Opens one for a search of which nothing may be missing, and which closes it.
   *
   * @param index index or alias
   * @param search query and what is wanted of a hit
   * @param what what cannot be done if it fails, for the message
   */
  static Pages pages(Calls calls, String index, ObjectNode search, int pageSize, String what)
      throws IOException {
    return open(
            calls,
            '/' + index,
            Map.of(),
            Calls.WHOLE_ANSWERS,
            answer -> {
              JsonNode body = Calls.require(answer, what).body();
              if (!body.has("id") && !body.path("hits").path("hits").isArray()) {
                throw new IOException(what + ": the answer is not that of a search");
              }
              return body;
            })
        .pages(search, pageSize);
  }

  /**
   * Returns the hits of a search.
   *
   * @param search query, order if it matters, and what is wanted of a hit; receives the rest
   */
  Pages pages(ObjectNode search, int pageSize) {
    search.put("size", pageSize).put("track_total_hits", false);
    if (!search.has("sort")) {
      search.putArray("sort").add("_shard_doc");
    }
    return new Pages(this, search, pageSize);
  }

  /** Lets the server forget it; never fails. */
  @Override
  public void close() {
    calls.closePointInTime(id);
  }

  /** The hits of a search, page by page. */
  static final class Pages implements Closeable {
    private final PointInTime pointInTime;
    private final ObjectNode search;
    private final int size;
    private @Nullable JsonNode after;
    private boolean last;

    private Pages(PointInTime pointInTime, ObjectNode search, int size) {
      this.pointInTime = pointInTime;
      this.search = search;
      this.size = size;
    }

    /** Returns the next hits, an array that is empty after the last of them. */
    JsonNode next() throws IOException {
      if (last) {
        return Calls.object().withArray("hits");
      }
      search.putObject("pit").put("id", pointInTime.id).put("keep_alive", KEEP_ALIVE);
      if (after != null) {
        search.set("search_after", after);
      }
      JsonNode found =
          pointInTime.judge.body(
              pointInTime.calls.reach("POST", "/_search", pointInTime.options, search));
      pointInTime.id = found.path("pit_id").asText(pointInTime.id);
      JsonNode hits = found.path("hits").path("hits");
      last = hits.size() < size;
      if (!hits.isEmpty()) {
        after = hits.get(hits.size() - 1).path("sort");
      }
      return hits;
    }

    /** Closes the point in time. */
    @Override
    public void close() {
      pointInTime.close();
    }
  }
}
