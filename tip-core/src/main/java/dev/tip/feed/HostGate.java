// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Lets one request at a time go to a host, in the order in which they came. Thread-safe.
 *
 * <p>A turn ends when its answer is over, and at the latest when the time of its fetch is: an
 * answer that nobody reads or closes keeps others waiting no longer than that.
 */
final class HostGate {
  private final Map<String, ArrayDeque<Turn>> queues = new HashMap<>();

  /** A request's turn at its host. */
  final class Turn {
    private final String host;
    private final Thread thread = Thread.currentThread();
    private final long nanos;
    private long endNanos;

    private Turn(String host, long nanos) {
      this.host = host;
      this.nanos = nanos;
    }

    /** Lets the next one go; a second call does nothing. */
    void end() {
      synchronized (HostGate.this) {
        leave(this);
      }
    }
  }

  /**
   * Waits for the turn.
   *
   * @param time the longest that the turn can take, from its beginning
   * @throws InterruptedException if interrupted while waiting
   */
  synchronized Turn enter(String host, Duration time) throws InterruptedException {
    Turn turn = new Turn(host, time.toNanos());
    ArrayDeque<Turn> queue = queues.computeIfAbsent(host, unused -> new ArrayDeque<>());
    Turn first = queue.peek();
    if (first != null && first.thread == turn.thread) {
      // It would wait for itself.
      return turn;
    }
    queue.add(turn);
    if (first == null) {
      begin(turn);
    }
    try {
      while (true) {
        Turn now = queue.element();
        if (now == turn) {
          return turn;
        }
        long left = now.endNanos - System.nanoTime();
        if (left <= 0) {
          leave(now);
        } else {
          wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
        }
      }
    } catch (InterruptedException e) {
      leave(turn);
      throw e;
    }
  }

  private static void begin(Turn turn) {
    turn.endNanos = System.nanoTime() + turn.nanos;
  }

  private void leave(Turn turn) {
    ArrayDeque<Turn> queue = queues.get(turn.host);
    if (queue == null) {
      return;
    }
    boolean isFirst = queue.peek() == turn;
    if (!queue.remove(turn)) {
      return;
    }
    if (queue.isEmpty()) {
      queues.remove(turn.host);
    } else if (isFirst) {
      begin(queue.element());
      notifyAll();
    }
  }
}
