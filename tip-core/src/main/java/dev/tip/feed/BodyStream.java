// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A response body as a stream with a deadline, which an interrupt ends.
 *
 * <p>The JDK's own body stream waits for ever: a request's timeout ends with the headers.
 */
final class BodyStream extends InputStream implements HttpResponse.BodySubscriber<BodyStream> {
  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

  private final String feedId;
  private final long deadlineNanos;
  private final Runnable whenOver;
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final Deque<ByteBuffer> pending = new ArrayDeque<>();
  private ByteBuffer current = EMPTY;
  private boolean ended;

  private final Object lock = new Object();
  private Flow.@Nullable Subscription subscription;
  private boolean closed;

  /**
   * @param deadlineNanos when the last byte must be there, by {@link System#nanoTime()}
   * @param whenOver told, perhaps more than once, that the body came to its end or was closed
   */
  BodyStream(String feedId, long deadlineNanos, Runnable whenOver) {
    this.feedId = feedId;
    this.deadlineNanos = deadlineNanos;
    this.whenOver = whenOver;
  }

  /** Buffers, or the end, for a reason or without one. */
  private record Signal(List<ByteBuffer> buffers, boolean end, @Nullable Throwable reason) {}

  @Override
  public CompletionStage<BodyStream> getBody() {
    return CompletableFuture.completedStage(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription newSubscription) {
    boolean cancel;
    synchronized (lock) {
      cancel = closed || subscription != null;
      if (!cancel) {
        subscription = newSubscription;
      }
    }
    if (cancel) {
      newSubscription.cancel();
    } else {
      newSubscription.request(1);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    signals.add(new Signal(buffers, false, null));
  }

  @Override
  public void onError(Throwable reason) {
    signals.add(new Signal(List.of(), true, reason));
    whenOver.run();
  }

  @Override
  public void onComplete() {
    signals.add(new Signal(List.of(), true, null));
    whenOver.run();
  }

  @Override
  public int read() throws IOException {
    return fill() ? current.get() & 0xff : -1;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int n = Math.min(length, current.remaining());
    current.get(bytes, offset, n);
    return n;
  }

  /** Returns what can be read without waiting, so that buffering readers do not wait for more. */
  @Override
  public int available() {
    return current.remaining();
  }

  private boolean fill() throws IOException {
    while (!current.hasRemaining()) {
      ByteBuffer next = pending.poll();
      if (next != null) {
        current = next;
      } else if (ended) {
        return false;
      } else {
        await();
      }
    }
    return true;
  }

  private void await() throws IOException {
    long left = deadlineNanos - System.nanoTime();
    Signal signal;
    try {
      signal = left > 0 ? signals.poll(left, TimeUnit.NANOSECONDS) : null;
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(feedId + ": interrupted while reading the body");
    }
    synchronized (lock) {
      if (closed) {
        throw new IOException(feedId + ": the body is closed");
      }
    }
    if (signal == null) {
      close();
      throw FeedException.of(
          feedId,
          FeedOutcome.UNREACHABLE,
          "the body did not end within the time limit; try again, or raise the timeout",
          null);
    }
    if (signal.reason() != null) {
      throw FeedException.of(
          feedId,
          FeedOutcome.UNREACHABLE,
          "the connection broke before the end of the body; try again",
          signal.reason());
    }
    ended = signal.end();
    pending.addAll(signal.buffers());
    if (!ended) {
      request();
    }
  }

  private void request() {
    Flow.Subscription s;
    synchronized (lock) {
      s = subscription;
    }
    if (s != null) {
      s.request(1);
    }
  }

  /** Closes the connection unless the body was read to its end; may be called by any thread. */
  @Override
  public void close() {
    Flow.Subscription s;
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      s = subscription;
    }
    if (s != null) {
      s.cancel();
    }
    signals.add(new Signal(List.of(), true, null));
    whenOver.run();
  }
}
