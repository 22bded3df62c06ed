// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sink;

import dev.tip.Indicator;
import java.time.Instant;
import java.util.Objects;

/** A change of what a sink holds. Immutable. */
public abstract sealed class Change {
  private final Indicator indicator;
  private final long generation;

  private Change(Indicator indicator, long generation) {
    this.indicator = Objects.requireNonNull(indicator, "indicator");
    if (generation <= 0) {
      throw new IllegalArgumentException("generation must be positive: " + generation);
    }
    this.generation = generation;
  }

  /** Returns the id of the indicator. */
  public String id() {
    return indicator.id();
  }

  /** Returns the indicator; of a withdrawal, as it was last known. */
  public Indicator indicator() {
    return indicator;
  }

  /** Returns the number of the run: a target never lets a lower one overwrite a higher one. */
  public long generation() {
    return generation;
  }

  /** An indicator to be stored. */
  public static final class Upsert extends Change {
    private final Cause cause;
    private final Instant added;
    private final Instant at;

    /**
     * Creates it.
     *
     * @param added when the indicator was first stored
     * @param at when the feed was last known to list it: ECS {@code @timestamp}
     */
    public Upsert(Indicator indicator, long generation, Cause cause, Instant added, Instant at) {
      super(indicator, generation);
      this.cause = Objects.requireNonNull(cause, "cause");
      this.added = Objects.requireNonNull(added, "added");
      this.at = Objects.requireNonNull(at, "at");
    }

    /** Returns why it is stored. */
    public Cause cause() {
      return cause;
    }

    /** Returns when the indicator was first stored. */
    public Instant added() {
      return added;
    }

    /** Returns when the feed was last known to list it. */
    public Instant at() {
      return at;
    }
  }

  /** An indicator that no longer holds. */
  public static final class Withdraw extends Change {
    private final Reason reason;
    private final Instant at;

    /**
     * Creates it.
     *
     * @param at when it was withdrawn
     */
    public Withdraw(Indicator lastKnown, long generation, Reason reason, Instant at) {
      super(lastKnown, generation);
      this.reason = Objects.requireNonNull(reason, "reason");
      this.at = Objects.requireNonNull(at, "at");
    }

    /** Returns why it no longer holds. */
    public Reason reason() {
      return reason;
    }

    /** Returns when it was withdrawn. */
    public Instant at() {
      return at;
    }
  }

  /** Why an indicator is stored. */
  public enum Cause {
    /** The feed lists it for the first time. */
    NEW,
    /** The feed says something else about it. */
    CHANGED,
    /** It is due to be written again so that rules that look back 30 days still see it. */
    REFRESH,
    /** The sink had it, the memory of it was lost. */
    RESTORED
  }

  /** Why an indicator no longer holds. */
  public enum Reason {
    /** It is absent from a complete list. */
    DELISTED,
    /** The publisher took it back. */
    REVOKED,
    /** Its time is over. */
    EXPIRED,
    /** It is screened now. */
    SCREENED
  }
}
