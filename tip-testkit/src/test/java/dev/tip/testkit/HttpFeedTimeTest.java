// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.testkit.FeedOrigin.Gate;
import dev.tip.testkit.FeedOrigin.Reply;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Deadlines, interrupts, and what is left when a reader is closed. */
class HttpFeedTimeTest extends HttpFeedTestCase {
  private static final Duration SHORT = Duration.ofMillis(400);
  private static final int HALF = LIST.length() / 2;

  private final Gate gate = new Gate();

  private FetchContext hurried() {
    return context().timeout(SHORT).build();
  }

  private void assertTimesOut(Reply reply) {
    origin.on(PATH, reply);
    long start = System.nanoTime();

    FeedException e = failure(feed(), hurried());

    assertThat(e.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
    assertThat(e).hasMessageContaining("timeout");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(SHORT.dividedBy(2), PATIENCE);
  }

  @Test
  void publisherThatDoesNotAnswerIsGivenUp() {
    assertTimesOut(Reply.ok(LIST).hold(-1, gate));
  }

  @Test
  void headThatDripsIsGivenUp() {
    assertTimesOut(Reply.ok(LIST).drip(-1, Duration.ofMillis(20)));
  }

  @Test
  void bodyThatStopsIsGivenUp() {
    assertTimesOut(Reply.ok(LIST).hold(HALF, gate));
    assertTimesOut(Reply.ok(LIST).chunked().hold(0, gate));
    assertTimesOut(Reply.ok(LIST).gzip().hold(20, gate));
  }

  @Test
  void bodyThatDripsIsGivenUpHoweverSteadily() {
    assertTimesOut(Reply.ok(LIST).drip(0, Duration.ofMillis(20)));
  }

  @Test
  void redirectsShareOneDeadline() {
    origin.on("/slow", Reply.redirect(302, "/slow").drip(-1, Duration.ofMillis(1)));
    origin.on(PATH, Reply.redirect(302, "/slow"));

    FeedException e = failure(feed(), hurried());

    assertThat(e).hasMessageMatching(".*(timeout|redirects).*");
  }

  @Test
  void deadlineHoldsForTheArchiveToo() {
    origin.on(PATH, Reply.ok("PK\3\4" + LIST).hold(10, gate));

    FeedException e = failure(feed(), hurried());

    assertThat(e.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
  }

  @Test
  void interruptedThreadAsksNothing() throws Exception {
    origin.on(PATH, Reply.ok(LIST));
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> feed().fetch(context().build(), null))
        .isInstanceOf(InterruptedException.class);

    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(origin.requests()).isEmpty();
  }

  @Test
  void interruptWhileWaitingForTheHeadEndsTheFetch() throws Exception {
    assertThat(interrupted(Reply.ok(LIST).hold(-1, gate))).isInstanceOf(InterruptedException.class);
  }

  @Test
  void interruptWhileTheBodyIsOpenedEndsTheFetch() throws Exception {
    assertThat(interrupted(Reply.ok(LIST).hold(0, gate))).isInstanceOf(InterruptedException.class);
    assertThat(interrupted(Reply.ok("PK\3\4" + LIST).hold(9, new Gate())))
        .isInstanceOf(InterruptedException.class);
  }

  @Test
  void interruptWhileReadingEndsTheIterationAndStaysSet() throws Exception {
    origin.on(PATH, Reply.ok(LIST).hold(HALF, gate));
    try (FetchResult result = feed().fetch(context().build(), null)) {
      FutureTask<Boolean> task =
          new FutureTask<>(
              () -> {
                assertThatThrownBy(() -> names(result)).isInstanceOf(InterruptedIOException.class);
                return Thread.currentThread().isInterrupted();
              });
      Thread thread = new Thread(task, "reader");
      thread.start();
      thread.interrupt();

      assertThat(task.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  private Throwable interrupted(Reply reply) throws Exception {
    origin.on(PATH, reply);
    int asked = origin.requests().size();
    FutureTask<List<String>> task = new FutureTask<>(() -> names(feed(), context().build()));
    Thread thread = new Thread(task, "fetcher");
    thread.start();
    origin.awaitRequests(asked + 1, PATIENCE);
    thread.interrupt();
    try {
      return new AssertionError(
          "it ended with " + task.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  @Test
  void closingWithoutReadingEndsTheConnection() throws Exception {
    origin.on(PATH, Reply.ok(LIST).hold(HALF, gate));
    FetchResult result = feed().fetch(context().build(), null);
    gate.awaitReached(PATIENCE);

    result.close();
    result.close();

    origin.awaitDisconnects(1, PATIENCE);
  }

  @Test
  void readerThatIsClosedGivesNothingMore() throws Exception {
    origin.on(PATH, Reply.ok(LIST));
    FetchResult.Modified result = (FetchResult.Modified) feed().fetch(context().build(), null);
    Iterator<FeedEntry> entries = result.reader().iterator();
    entries.next();
    result.close();

    assertThatThrownBy(entries::next).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> result.reader().iterator()).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anotherThreadMayCloseAReaderThatWaits() throws Exception {
    origin.on(PATH, Reply.ok(LIST).hold(HALF, gate));
    FetchResult result = feed().fetch(context().build(), null);
    FutureTask<List<String>> task = new FutureTask<>(() -> names(result));
    new Thread(task, "reader").start();
    gate.awaitReached(PATIENCE);

    result.close();

    assertThatThrownBy(() -> task.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfAny(IOException.class, IllegalStateException.class);
    origin.awaitDisconnects(1, PATIENCE);
  }

  @Test
  void failedFetchEndsItsConnection() throws Exception {
    origin.on(PATH, Reply.ok("<html>" + LIST).hold(20, gate));
    failure(feed(), context().build());
    origin.awaitDisconnects(1, PATIENCE);

    origin.on(PATH, Reply.status(500).hold(3, new Gate()));
    failure(feed(), context().build());
    origin.awaitDisconnects(2, PATIENCE);

    origin.on(PATH, Reply.redirect(302, "/next").hold(3, new Gate())).on("/next", Reply.ok(LIST));
    names(feed(), context().build());
    origin.awaitDisconnects(3, PATIENCE);
  }

  @Test
  void firstEntryDoesNotWaitForTheRest() throws Exception {
    origin.on(PATH, Reply.ok(LIST).chunked().hold(HALF, gate));
    try (FetchResult result = feed().fetch(context().build(), null)) {
      Iterator<FeedEntry> entries = ((FetchResult.Modified) result).reader().iterator();
      assertThat(entries.next()).isInstanceOf(FeedEntry.Accepted.class);
      assertThat(result.transfer().receivedBytes()).isEqualTo(HALF);
      gate.open();
      entries.forEachRemaining(entry -> {});
      assertThat(result.transfer().receivedBytes()).isEqualTo(LIST.length());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  @Test
  void noThreadIsLeft() throws Exception {
    names(Reply.ok(LIST));
    Set<Thread> before = threads();

    names(Reply.ok(LIST));
    failure(Reply.ok(LIST).cut(20));
    failure(feed(), hurriedAfter(Reply.ok(LIST).hold(HALF, gate)));

    assertThat(threads()).isSubsetOf(before);
  }

  private FetchContext hurriedAfter(Reply reply) {
    origin.on(PATH, reply);
    return hurried();
  }

  /** The client and its workers belong to the test, the origin's threads to the origin. */
  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> !t.getName().startsWith("HttpClient"))
        .filter(t -> !t.getName().startsWith("feed-origin"))
        .filter(t -> t.getThreadGroup() != null)
        .filter(t -> !t.getThreadGroup().getName().equals("system"))
        .filter(t -> !t.getThreadGroup().getName().equals("InnocuousThreadGroup"))
        .collect(Collectors.toSet());
  }
}
