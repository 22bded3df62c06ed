// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Pages through the ids of a feed's active indicators at one point in time. */
final class ActiveIds extends Spliterators.AbstractSpliterator<String> {
  private static final int PAGE = 5000;

  private final PointInTime hits;
  private final ArrayDeque<String> page = new ArrayDeque<>();

  private ActiveIds(PointInTime hits) {
    super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.DISTINCT);
    this.hits = hits;
  }

  static Stream<String> stream(Calls calls, String alias, String feedId) throws IOException {
    ObjectNode search = Calls.object().put("_source", false);
    var filter = search.putObject("query").putObject("bool").putArray("filter");
    filter.addObject().putObject("term").put("tip.feed.id", feedId);
    filter.addObject().putObject("term").put("tip.status", "active");
    PointInTime hits =
        PointInTime.open(calls, alias, search, PAGE, "the ids of a feed cannot be read");
    return StreamSupport.stream(new ActiveIds(hits), false).onClose(() -> release(hits));
  }

  @Override
  public boolean tryAdvance(Consumer<? super String> action) {
    if (page.isEmpty()) {
      try {
        for (JsonNode hit : hits.next()) {
          page.add(hit.path("_id").asText());
        }
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

  private static void release(PointInTime hits) {
    try {
      hits.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
