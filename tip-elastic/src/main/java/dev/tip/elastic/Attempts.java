// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The attempts at one piece of work until its deadline, with growing random waits between those
 * that fail one after the other. For one thread.
 */
final class Attempts {
  private static final long BASE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long CAP_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final LongSupplier nanoTime;
  private final DoubleSupplier random;
  private final Pause pause;
  private final Duration deadline;
  private long end;
  private int failures;

  /**
   * Begins.
   *
   * @param random numbers from 0 to 1
   * @param deadline how long all attempts may take together
   */
  Attempts(LongSupplier nanoTime, DoubleSupplier random, Pause pause, Duration deadline) {
    this.nanoTime = nanoTime;
    this.random = random;
    this.pause = pause;
    this.deadline = deadline;
    restart();
  }

  /** Begins the next piece of work, which has as long as the first. */
  void restart() {
    end = nanoTime.getAsLong() + deadline.toNanos();
    failures = 0;
  }

  /** Returns how many nanoseconds are left until the deadline; not positive after it. */
  long left() {
    return end - nanoTime.getAsLong();
  }

  /** Notes an attempt that succeeded, after which more follow: the waits are short again. */
  void succeeded() {
    failures = 0;
  }

  /**
   * Waits after an attempt that failed, not beyond the deadline.
   *
   * @param retryAfter what the server says about that, or null
   * @return whether there is time for another attempt
   */
  boolean failed(@Nullable String retryAfter) throws InterruptedException {
    long ceiling = Math.min(CAP_NANOS, BASE_NANOS << Math.min(failures++, 16));
    long jitter = (long) (random.getAsDouble() * ceiling);
    long wait = Math.max(1, Math.max(jitter, retryAfterNanos(retryAfter)));
    long left = left();
    if (left > 0) {
      pause.await(Math.min(wait, left));
    }
    return left() > 0;
  }

  /**
   * The seconds of RFC 9110 section 10.2.3, up to the longest wait. A date counts as absent: it
   * needs a clock that agrees with the server's, and Elasticsearch sends none.
   */
  private static long retryAfterNanos(@Nullable String header) {
    if (header == null) {
      return 0;
    }
    try {
      long seconds = Long.parseLong(header.trim());
      return Math.min(CAP_NANOS, TimeUnit.SECONDS.toNanos(Math.max(0, seconds)));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
