// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.sink.StoredIndicator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Pages through the active indicators of a feed at one point in time. */
final class ActiveIndicators extends Spliterators.AbstractSpliterator<StoredIndicator> {
  private static final int PAGE = 5000;

  private final PointInTime.Pages hits;
  private final Attempts attempts;
  private final ArrayDeque<StoredIndicator> page = new ArrayDeque<>();

  private ActiveIndicators(PointInTime.Pages hits, Attempts attempts) {
    super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.DISTINCT);
    this.hits = hits;
    this.attempts = attempts;
  }

  /**
   * Opens the stream.
   *
   * @param calls requests within the attempts
   * @param attempts how long the opening, and then every page, may take
   */
  static Stream<StoredIndicator> stream(Calls calls, Attempts attempts, String alias, String feedId)
      throws IOException {
    ObjectNode search = Calls.object();
    search.putArray("_source").add("event.created").add("tip.generation");
    var filter = search.putObject("query").putObject("bool").putArray("filter");
    filter.addObject().putObject("term").put("tip.feed.id", feedId);
    filter.addObject().putObject("term").put("tip.status", "active");
    PointInTime.Pages hits =
        PointInTime.pages(calls, alias, search, PAGE, "the indicators of a feed cannot be read");
    return StreamSupport.stream(new ActiveIndicators(hits, attempts), false).onClose(hits::close);
  }

  @Override
  public boolean tryAdvance(Consumer<? super StoredIndicator> action) {
    if (page.isEmpty()) {
      try {
        // The reader may have taken as long as it wanted for the page before.
        attempts.restart();
        for (JsonNode hit : hits.next()) {
          page.add(stored(hit));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    StoredIndicator next = page.poll();
    if (next == null) {
      return false;
    }
    action.accept(next);
    return true;
  }

  private static StoredIndicator stored(JsonNode hit) {
    JsonNode source = hit.path("_source");
    return new StoredIndicator(
        hit.path("_id").asText(),
        source.path("tip").path("generation").asLong(),
        instant(source.path("event").path("created").asText()));
  }

  /** Returns the time, or null if another program wrote something else there. */
  private static @Nullable Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
