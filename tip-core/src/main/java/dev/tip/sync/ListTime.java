// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.feed.FeedEntry;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/**
 * When a list was made: what it says itself, or else what its server says; of several times the
 * last. All are in epoch milliseconds.
 */
final class ListTime {
  /** Nothing says when. */
  static final long UNKNOWN = Long.MIN_VALUE;

  /** Servers behind one name write their copies of one list some minutes apart. */
  private static final long TOLERANCE = Duration.ofMinutes(5).toMillis();

  private long updated = UNKNOWN;
  private long modified = UNKNOWN;

  /** Takes what the publisher says about the list, whatever that is. */
  void add(FeedEntry.Declared declared, Instant now) {
    switch (declared.key()) {
      case FeedEntry.Declared.UPDATED -> updated = Math.max(updated, time(declared.value(), now));
      case FeedEntry.Declared.MODIFIED ->
          modified = Math.max(modified, time(declared.value(), now));
      default -> {}
    }
  }

  /**
   * What is no time, or one before all lists, says nothing. One that is still to come is now: a
   * clock that is wrong once must not make every later list an older one.
   */
  private static long time(String text, Instant now) {
    Instant time;
    try {
      time = Instant.parse(text);
    } catch (DateTimeParseException e) {
      return UNKNOWN;
    }
    return time.isBefore(Instant.EPOCH)
        ? UNKNOWN
        : time.isBefore(now) ? time.toEpochMilli() : now.toEpochMilli();
  }

  /** Returns when it was, or {@link #UNKNOWN}. */
  long stated() {
    return updated != UNKNOWN ? updated : modified;
  }

  /** Returns whether the list is older than one that was made then, if both are known. */
  boolean isBefore(long last) {
    return stated() != UNKNOWN && last != UNKNOWN && stated() < last - TOLERANCE;
  }
}
