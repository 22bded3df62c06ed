// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The requests and waits of a sink that closing ends. Thread-safe. */
final class InFlight {
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Set<CompletableFuture<?>> answers = ConcurrentHashMap.newKeySet();

  /** Ends all of them, and every later one as it begins; returns false if that was done before. */
  boolean close() {
    synchronized (closed) {
      if (isClosed()) {
        return false;
      }
      closed.countDown();
    }
    for (CompletableFuture<?> answer : answers) {
      answer.cancel(true);
    }
    return true;
  }

  boolean isClosed() {
    return closed.getCount() == 0;
  }

  /** Waits, or less if it is closed meanwhile. */
  void pause(long nanos) throws InterruptedException {
    // Whether it was closed or the time is over: the caller looks at the state.
    @SuppressWarnings("unused")
    boolean ignored = closed.await(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * Waits for an answer; one that no longer is waited for is cancelled.
   *
   * @param nanos how long
   * @throws IOException if there is none, not until then, or it was closed
   */
  @SuppressWarnings("CollectionUndefinedEquality") // The same future is meant, not an equal one.
  <T> T await(CompletableFuture<T> answer, long nanos) throws IOException, InterruptedException {
    answers.add(answer);
    if (isClosed()) {
      answer.cancel(true);
    }
    try {
      return answer.get(Math.max(1, nanos), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("no answer until the deadline", e);
    } catch (CancellationException e) {
      throw new IOException("the sink was closed", e);
    } finally {
      answers.remove(answer);
      if (!answer.isDone()) {
        answer.cancel(true);
      }
    }
  }
}
