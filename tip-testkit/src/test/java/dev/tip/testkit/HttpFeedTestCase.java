// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.HttpFeed;
import dev.tip.feed.Usage;
import dev.tip.testkit.FeedOrigin.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** An {@link HttpFeed} of names, and an origin on this machine that it reads. */
@Timeout(60)
abstract class HttpFeedTestCase {
  static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  static final Instant MUCH_LATER = NOW.plus(Duration.ofDays(30));
  static final Duration PATIENCE = Duration.ofSeconds(20);
  static final String PATH = "/list";

  /** Has characters that an address can only carry encoded. */
  static final String SECRET = "k3y of+example/0";

  static final String LIST = Names.body(Names.RECORDS);

  final FeedOrigin origin = FeedOrigin.start();
  final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();

  @AfterEach
  void closeOrigin() {
    origin.close();
  }

  final URI address() {
    return origin.uri(PATH);
  }

  final HttpFeed.Builder builder() {
    return Names.feed(Names.info(), address());
  }

  final HttpFeed feed() {
    return builder().build();
  }

  final HttpFeed keyedFeed() {
    return Names.feed(Names.keyed(), address()).secretHeader("Auth-Key").build();
  }

  final FetchContext.Builder context() {
    return context(NOW);
  }

  final FetchContext.Builder context(Instant now) {
    return FetchContext.builder(Usage.NON_COMMERCIAL)
        .httpClient(client)
        .clock(Clock.fixed(now, ZoneOffset.UTC))
        .secrets(Map.of("example.key", SECRET))
        .timeout(PATIENCE);
  }

  final List<String> names(Reply reply) throws Exception {
    origin.on(PATH, reply);
    return names(feed(), context().build());
  }

  /** Reads a list to its end and returns its names. */
  static List<String> names(Feed feed, FetchContext context) throws Exception {
    try (FetchResult result = feed.fetch(context, null)) {
      return names(result);
    }
  }

  static List<String> names(FetchResult result) throws IOException {
    List<String> names = new ArrayList<>();
    try {
      for (FeedEntry entry : ((FetchResult.Modified) result).reader()) {
        if (entry instanceof FeedEntry.Accepted accepted) {
          names.add(accepted.indicator().observable().value());
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return names;
  }

  /** Reads a list to its end and returns what to hand to the next fetch. */
  static FetchState stateAfter(Feed feed, FetchContext context, @Nullable FetchState last)
      throws Exception {
    try (FetchResult result = feed.fetch(context, last)) {
      if (result instanceof FetchResult.Modified) {
        names(result);
      }
      return result.state();
    }
  }

  final FeedException failure(Reply reply) {
    origin.on(PATH, reply);
    return failure(feed(), context().build());
  }

  static FeedException failure(Feed feed, FetchContext context) {
    return failure(() -> names(feed, context));
  }

  static FeedException failure(ThrowingCallable work) {
    return (FeedException) assertThatThrownBy(work).isInstanceOf(FeedException.class).actual();
  }

  static @Nullable String clause(FeedException e) {
    return e.outcome() == FeedOutcome.CONTRACT_BROKEN ? e.clause().orElse(null) : null;
  }
}
