// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.HttpFeed;
import dev.tip.testkit.FeedOrigin.Gate;
import dev.tip.testkit.FeedOrigin.Reply;
import dev.tip.testkit.FeedOrigin.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How many connections feeds of one context have to a host at the same time. */
class HttpFeedHostTest extends HttpFeedTestCase {
  private final FetchContext context = context().build();
  private final Gate gate = new Gate();
  private final List<Thread> threads = new ArrayList<>();

  private HttpFeed.Builder feed(String path) {
    return Names.feed(Names.info("example" + path.replace('/', '-')), origin.uri(path));
  }

  private FutureTask<List<String>> start(HttpFeed feed) {
    FutureTask<List<String>> task = new FutureTask<>(() -> names(feed, context));
    Thread thread = new Thread(task, feed.info().id());
    threads.add(thread);
    thread.start();
    return task;
  }

  private static List<String> get(FutureTask<List<String>> task) throws Exception {
    return task.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Waits until the thread that was started last waits for its turn. */
  private void awaitQueued() {
    Thread last = threads.get(threads.size() - 1);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!isQueued(last)) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  private static boolean isQueued(Thread thread) {
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getClassName().endsWith(".HostGate")) {
        return thread.getState() == Thread.State.TIMED_WAITING;
      }
    }
    return false;
  }

  private List<String> asked() {
    return origin.requests().stream().map(Request::path).toList();
  }

  @Test
  void feedsOfOneHostAreAskedOneAfterTheOtherInTheirOrder() throws Exception {
    origin.on("/a", Reply.ok(LIST).hold(20, gate));
    origin.on("/b", Reply.ok(LIST)).on("/c", Reply.ok(LIST));
    FutureTask<List<String>> a = start(feed("/a").build());
    gate.awaitReached(PATIENCE);
    FutureTask<List<String>> b = start(feed("/b").build());
    awaitQueued();
    FutureTask<List<String>> c = start(feed("/c").build());
    awaitQueued();
    assertThat(asked()).containsExactly("/a");

    gate.open();

    assertThat(get(a)).isEqualTo(get(b)).isEqualTo(get(c)).hasSameSizeAs(Names.RECORDS);
    assertThat(asked()).containsExactly("/a", "/b", "/c");
  }

  @Test
  void feedThatSaysSoIsAskedBesideOthers() throws Exception {
    origin.on("/a", Reply.ok(LIST).hold(20, gate)).on("/b", Reply.ok(LIST));
    FutureTask<List<String>> a = start(feed("/a").build());
    gate.awaitReached(PATIENCE);

    assertThat(get(start(feed("/b").besideOthers().build()))).hasSameSizeAs(Names.RECORDS);

    gate.open();
    get(a);
  }

  @Test
  void failureAndRedirectAndNotModifiedLetTheNextOneGo() throws Exception {
    origin.on("/failed", Reply.status(500)).on("/reset", Reply.raw(new byte[0]));
    origin.on("/moved", Reply.redirect(302, "/b")).on("/b", Reply.ok(LIST));
    origin.on("/html", Reply.ok("<html>" + LIST).hold(20, gate));
    for (String path : List.of("/failed", "/reset", "/html")) {
      assertThatThrownBy(() -> get(start(feed(path).build())))
          .isInstanceOf(ExecutionException.class);
    }
    assertThat(get(start(feed("/moved").build()))).hasSameSizeAs(Names.RECORDS);
    assertThat(get(start(feed("/b").build()))).hasSameSizeAs(Names.RECORDS);
  }

  @Test
  void interruptEndsTheWaitAndLeavesTheOthersInLine() throws Exception {
    origin.on("/a", Reply.ok(LIST).hold(20, gate)).on("/b", Reply.ok(LIST));
    FutureTask<List<String>> a = start(feed("/a").build());
    gate.awaitReached(PATIENCE);
    FutureTask<List<String>> interrupted = start(feed("/c").build());
    awaitQueued();
    Thread waiting = threads.get(threads.size() - 1);
    FutureTask<List<String>> b = start(feed("/b").build());
    awaitQueued();

    waiting.interrupt();

    assertThatThrownBy(() -> get(interrupted)).hasCauseInstanceOf(InterruptedException.class);
    assertThat(asked()).containsExactly("/a");
    gate.open();
    assertThat(get(a)).isEqualTo(get(b));
    assertThat(asked()).containsExactly("/a", "/b");
  }

  @Test
  void threadDoesNotWaitForAnAnswerThatItHasOpen() throws Exception {
    origin.on("/a", Reply.ok(LIST).hold(20, gate)).on("/b", Reply.ok(LIST));
    try (FetchResult open = feed("/a").build().fetch(context, null)) {
      assertThat(names(feed("/b").build(), context)).hasSameSizeAs(Names.RECORDS);
      gate.open();
      assertThat(names(open)).hasSameSizeAs(Names.RECORDS);
    }
  }

  @Test
  void answerThatNobodyReadsOrClosesKeepsOthersWaitingForItsTimeOnly() throws Exception {
    FetchContext hurried = context().timeout(Duration.ofMillis(400)).build();
    origin.on("/a", Reply.ok(LIST).hold(20, gate)).on("/b", Reply.ok(LIST));
    try (FetchResult open = feed("/a").build().fetch(hurried, null)) {
      FutureTask<List<String>> b = new FutureTask<>(() -> names(feed("/b").build(), hurried));
      new Thread(b, "b").start();

      assertThat(get(b)).hasSameSizeAs(Names.RECORDS);
      assertThat(open.transfer().requests()).isEqualTo(1);
    }
  }
}
