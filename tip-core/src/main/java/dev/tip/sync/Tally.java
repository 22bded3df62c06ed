// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.feed.FeedOutcome;
import dev.tip.feed.Transfer;
import dev.tip.sink.Holdings;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The counts of one feed while it runs. Not thread-safe. */
final class Tally {
  /** The most reason codes counted apart: the codes of a sink are its server's text. */
  private static final int MAX_REASONS = 200;

  FeedOutcome outcome = FeedOutcome.PUBLISHED;
  @Nullable String clause;
  @Nullable String message;
  @Nullable Throwable cause;
  @Nullable Instant retryAt;
  long records;
  long revoked;
  long parsed;
  long indicators;
  long repeated;
  long kept;
  long added;
  long changed;
  long refreshed;
  long unchanged;
  long conflicts;
  long refused;
  long unsettled;
  long withdrawn;
  long expired;
  long sinkOperations;
  @Nullable Holdings holdings;
  long requests;
  long bytes;
  final Map<String, Long> rejected = new HashMap<>();
  final Map<String, Long> screened = new HashMap<>();
  final Map<String, Long> failed = new HashMap<>();

  private long position = Long.MIN_VALUE;
  private boolean used;
  private @Nullable String rejection;

  /** A part of a record was of use; a record of which that holds is not a rejected one. */
  void used(long at) {
    if (at != position) {
      position = at;
    } else if (rejection != null) {
      count(rejected, rejection, -1);
    }
    rejection = null;
    used = true;
  }

  /** A part of a record was of no use; the first reason is that of the record. */
  void rejected(long at, String reason) {
    if (at != position) {
      position = at;
      used = false;
      rejection = null;
    }
    if (!used && rejection == null) {
      rejection = reason;
      count(rejected, reason, 1);
    }
  }

  /** Positions start again. */
  void memberStarts() {
    position = Long.MIN_VALUE;
  }

  static void count(Map<String, Long> reasons, String reason, long n) {
    if (n != 0) {
      boolean known = reasons.containsKey(reason) || reasons.size() < MAX_REASONS;
      reasons.merge(known ? reason : "other", n, (a, b) -> a + b == 0 ? null : a + b);
    }
  }

  void end(FeedOutcome how, @Nullable String why) {
    end(how, why, null);
  }

  void end(FeedOutcome how, @Nullable String why, @Nullable Throwable failure) {
    outcome = how;
    message = why;
    cause = failure;
  }

  /** Adds something to be said about a feed that has nothing else to say. */
  void note(@Nullable String what) {
    if (message == null) {
      message = what;
    }
  }

  /** Ends a feed that seemed well, because the sink does not hold what it should. */
  void unverified(String what) {
    if (outcome.isHealthy()) {
      end(FeedOutcome.INCOMPLETE, what + "; the next run asks it which, and puts it right");
    }
  }

  void transferred(Transfer transfer) {
    requests = transfer.requests();
    bytes = transfer.receivedBytes();
  }

  /** Counts a change that the sink holds now, or would. */
  void done(Ledger.Task task) {
    switch (task) {
      case NONE -> {}
      case ADD, RESTORE -> added++;
      case CHANGE -> changed++;
      case REFRESH -> refreshed++;
      case WITHDRAW_EXPIRED -> expired++;
      case WITHDRAW_DELISTED, WITHDRAW_REVOKED, WITHDRAW_SCREENED -> withdrawn++;
    }
  }

  /** Counts everything that was kept and not settled as failed. */
  void failRest(String reason) {
    count(failed, reason, kept - added - changed - refreshed - unchanged - sum(failed));
  }

  /** Returns which of the sums of a report does not add up, or null if all do. */
  @Nullable String discrepancy() {
    if (records != sum(rejected) + revoked + parsed) {
      return "records "
          + records
          + " != rejected "
          + sum(rejected)
          + " + revoked "
          + revoked
          + " + parsed "
          + parsed;
    }
    if (indicators != repeated + sum(screened) + kept) {
      return "indicators "
          + indicators
          + " != repeated "
          + repeated
          + " + screened "
          + sum(screened)
          + " + kept "
          + kept;
    }
    if (kept != unchanged + added + changed + refreshed + sum(failed)) {
      return "kept "
          + kept
          + " != unchanged "
          + unchanged
          + " + added "
          + added
          + " + changed "
          + changed
          + " + refreshed "
          + refreshed
          + " + failed "
          + sum(failed);
    }
    return null;
  }

  static long sum(Map<String, Long> reasons) {
    long total = 0;
    for (long n : reasons.values()) {
      total += n;
    }
    return total;
  }
}
