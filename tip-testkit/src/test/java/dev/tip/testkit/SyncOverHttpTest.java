// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.feed.FeedOutcome;
import dev.tip.feed.HttpFeed;
import dev.tip.sync.FeedReport;
import dev.tip.sync.FeedSync;
import dev.tip.testkit.FeedOrigin.Reply;
import dev.tip.testkit.FeedOrigin.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a feed that is asked again costs, over HTTP and from one process to the next. */
class SyncOverHttpTest extends HttpFeedTestCase {
  private static final String ETAG = "\"v1\"";

  @TempDir Path state;
  private final MemorySink.Target target = new MemorySink.Target();

  private FeedReport run(HttpFeed feed, Instant now) throws Exception {
    try (MemorySink sink = new MemorySink(target)) {
      return FeedSync.builder()
          .sink(sink)
          .context(context(now).build())
          .state(state)
          .build()
          .run(List.of(feed))
          .feeds()
          .get(0);
    }
  }

  @Test
  void unchangedFeedCostsOneConditionalRequestAndNoWrite() throws Exception {
    origin.on(PATH, Reply.ok(LIST).header("ETag", ETAG));
    FeedReport first = run(feed(), NOW);
    assertThat(first.added()).isEqualTo(Names.RECORDS.size());
    origin.on(PATH, Reply.status(304));

    FeedReport second = run(feed(), NOW.plus(Duration.ofDays(1)));

    assertThat(second.outcome()).isEqualTo(FeedOutcome.UNCHANGED);
    assertThat(second.requests()).isEqualTo(1);
    List<Request> requests = origin.requests();
    assertThat(requests).hasSize(2);
    assertThat(requests.get(0).header("If-None-Match")).isEmpty();
    assertThat(requests.get(1).header("If-None-Match")).contains(ETAG);
    // One day's share of the refreshes is all that can be due.
    assertThat(second.sinkOperations()).isEqualTo(second.refreshed()).isLessThan(5);
  }

  @Test
  void sameBodyWithoutValidatorsIsNoWriteEither() throws Exception {
    origin.on(PATH, Reply.ok(LIST));
    run(feed(), NOW);

    FeedReport second = run(feed(), NOW.plus(Duration.ofHours(7)));

    assertThat(second.outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(second.sinkOperations()).isZero();
    assertThat(second.unchanged()).isEqualTo(Names.RECORDS.size());
  }

  @Test
  void minimumIntervalHoldsFromOneProcessToTheNext() throws Exception {
    origin.on(PATH, Reply.ok(LIST));
    Duration interval = feed().info().minInterval();
    run(feed(), NOW);

    assertThat(run(feed(), NOW.plus(interval).minusSeconds(1)).outcome())
        .isEqualTo(FeedOutcome.NOT_DUE);
    assertThat(origin.requests()).hasSize(1);
    assertThat(run(feed(), NOW.plus(interval)).outcome()).isEqualTo(FeedOutcome.PUBLISHED);
  }

  @Test
  void errorPageCutBodyAndRefusalWithdrawNothing() throws Exception {
    origin.on(PATH, Reply.ok(LIST));
    run(feed(), NOW);
    List<Reply> bad =
        List.of(
            Reply.ok("<html><body>Maintenance</body></html>"),
            Reply.ok(""),
            Reply.ok(LIST).cut(LIST.length() / 2),
            Reply.status(403),
            Reply.status(404),
            Reply.status(500));
    Instant now = NOW;
    for (Reply reply : bad) {
      origin.on(PATH, reply);
      now = now.plus(Duration.ofDays(2));

      FeedReport report = run(feed(), now);

      assertThat(report.isHealthy()).isFalse();
      assertThat(report.withdrawn() + report.expired()).isZero();
      assertThat(report.sinkOperations()).isEqualTo(report.refreshed());
    }
    try (MemorySink sink = new MemorySink(target);
        var active = sink.active(feed().info().id()).orElseThrow()) {
      assertThat(active).hasSize(Names.RECORDS.size());
    }
  }

  @Test
  void retryAfterHoldsFromOneProcessToTheNext() throws Exception {
    origin.on(PATH, Reply.status(429).header("Retry-After", "3600"));
    assertThat(run(feed(), NOW).outcome()).isEqualTo(FeedOutcome.RATE_LIMITED);

    assertThat(run(feed(), NOW.plusSeconds(3599)).outcome()).isEqualTo(FeedOutcome.RATE_LIMITED);
    assertThat(origin.requests()).hasSize(1);
    run(feed(), NOW.plusSeconds(3600));
    assertThat(origin.requests()).hasSize(2);
  }
}
