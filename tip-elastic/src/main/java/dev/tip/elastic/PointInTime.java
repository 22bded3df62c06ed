// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The hits of a search, page by page, as they were when it was opened. */
final class PointInTime implements Closeable {
  private static final String KEEP_ALIVE = "5m";

  private final Calls calls;
  private final ObjectNode search;
  private final int pageSize;
  private final String what;
  private String id;
  private @Nullable JsonNode after;
  private boolean last;

  private PointInTime(Calls calls, ObjectNode search, int pageSize, String what, String id) {
    this.calls = calls;
    this.search = search;
    this.pageSize = pageSize;
    this.what = what;
    this.id = id;
  }

  /**
   * Opens it; it must be closed.
   *
   * @param index index or alias
   * @param search query and what is wanted of a hit; pages, order and point in time are added
   * @param what what cannot be done if it fails, for the message
   */
  static PointInTime open(Calls calls, String index, ObjectNode search, int pageSize, String what)
      throws IOException {
    Calls.Answer answer =
        calls.reach("POST", '/' + index + "/_pit", Map.of("keep_alive", KEEP_ALIVE), null);
    String id = Calls.require(answer, what).body().path("id").asText();
    search.put("size", pageSize).put("track_total_hits", false);
    search.putArray("sort").add("_shard_doc");
    return new PointInTime(calls, search, pageSize, what, id);
  }

  /** Returns the next hits, an array that is empty after the last of them. */
  JsonNode next() throws IOException {
    if (last) {
      return Calls.object().withArray("hits");
    }
    search.putObject("pit").put("id", id).put("keep_alive", KEEP_ALIVE);
    if (after != null) {
      search.set("search_after", after);
    }
    JsonNode found =
        Calls.require(calls.reach("POST", "/_search", Calls.WHOLE_ANSWERS, search), what).body();
    id = found.path("pit_id").asText(id);
    JsonNode hits = found.path("hits").path("hits");
    if (!hits.isArray()) {
      throw new IOException(what + ": the answer is not that of a search");
    }
    last = hits.size() < pageSize;
    if (!hits.isEmpty()) {
      after = hits.get(hits.size() - 1).path("sort");
    }
    return hits;
  }

  /** Lets the server forget it; never fails. */
  @Override
  public void close() {
    calls.closePointInTime(id);
  }
}
