// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sink;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of a batch, one a change, in the order of the batch.
 *
 * @param outcomes as many as the batch has changes
 */
public record WriteResult(List<Outcome> outcomes) {
  /** Copies the list. */
  public WriteResult {
    outcomes = List.copyOf(outcomes);
  }

  /** Returns how many changes ended so. */
  public long count(Status status) {
    long n = 0;
    for (Outcome o : outcomes) {
      if (o.status() == status) {
        n++;
      }
    }
    return n;
  }

  /**
   * How one change ended.
   *
   * @param status how
   * @param reason a stable code, for example the server's error type; null if written
   * @param detail a sentence for people, escaped and cut; null if there is none
   */
  public record Outcome(Status status, @Nullable String reason, @Nullable String detail) {
    /** The outcome of a change that is stored. */
    public static final Outcome WRITTEN = new Outcome(Status.WRITTEN, null, null);

    /** Checks that the status is there, and the reason where one is needed. */
    public Outcome {
      Objects.requireNonNull(status, "status");
      if (status != Status.WRITTEN) {
        Objects.requireNonNull(reason, "reason");
      }
    }
  }

  /** How a change can end. */
  public enum Status {
    /** Stored. */
    WRITTEN,
    /** The target holds a newer version: somebody else writes there. */
    CONFLICT,
    /** The target refused this change for good. */
    REFUSED,
    /** Unknown: it may or may not be stored; writing it again is safe. */
    UNSETTLED
  }
}
