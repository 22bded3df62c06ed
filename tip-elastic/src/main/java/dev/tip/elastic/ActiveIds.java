// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Pages through the ids of a feed's active indicators at one point in time. */
final class ActiveIds extends Spliterators.AbstractSpliterator<String> {
  private static final int PAGE = 5000;

  private final Calls calls;
  private final String feedId;
  private final ArrayDeque<String> page = new ArrayDeque<>();
  private String pointInTime;
  private @Nullable JsonNode after;
  private boolean last;

  private ActiveIds(Calls calls, String feedId, String pointInTime) {
    super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.DISTINCT);
    this.calls = calls;
    this.feedId = feedId;
    this.pointInTime = pointInTime;
  }

  static Stream<String> stream(Calls calls, String alias, String feedId) throws IOException {
    Calls.Answer answer =
        require(calls.call("POST", '/' + alias + "/_pit", Map.of("keep_alive", "5m"), null));
    ActiveIds ids = new ActiveIds(calls, feedId, answer.body().path("id").asText());
    return StreamSupport.stream(ids, false).onClose(ids::release);
  }

  @Override
  public boolean tryAdvance(Consumer<? super String> action) {
    if (page.isEmpty() && !last) {
      try {
        readPage();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    String id = page.poll();
    if (id == null) {
      return false;
    }
    action.accept(id);
    return true;
  }

  private void readPage() throws IOException {
    ObjectNode search = Calls.object();
    search.put("size", PAGE).put("_source", false).put("track_total_hits", false);
    search.putObject("pit").put("id", pointInTime).put("keep_alive", "5m");
    search.putArray("sort").add("_shard_doc");
    var filter = search.putObject("query").putObject("bool").putArray("filter");
    filter.addObject().putObject("term").put("tip.feed.id", feedId);
    filter.addObject().putObject("term").put("tip.status", "active");
    if (after != null) {
      search.set("search_after", after);
    }
    JsonNode found = require(calls.call("POST", "/_search", Calls.WHOLE_ANSWERS, search)).body();
    pointInTime = found.path("pit_id").asText(pointInTime);
    JsonNode hits = found.path("hits").path("hits");
    for (JsonNode hit : hits) {
      page.add(hit.path("_id").asText());
      after = hit.path("sort");
    }
    last = hits.size() < PAGE;
  }

  private void release() {
    try {
      require(calls.call("DELETE", "/_pit", Map.of(), Calls.object().put("id", pointInTime)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Calls.Answer require(Calls.Answer answer) throws IOException {
    return Calls.require(answer, "the ids of a feed cannot be read");
  }
}
