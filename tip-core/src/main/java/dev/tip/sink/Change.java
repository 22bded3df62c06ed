// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sink;

import dev.tip.Indicator;
import dev.tip.feed.FeedInfo;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A change of what a sink holds. Immutable. */
public abstract sealed class Change {
  private final FeedInfo feed;
  private final long generation;

  private Change(FeedInfo feed, long generation) {
    this.feed = feed;
    if (generation <= 0) {
      throw new IllegalArgumentException("generation must be positive: " + generation);
    }
    this.generation = generation;
  }

  /** Returns the id of the indicator. */
  public abstract String id();

  /** Returns the feed that makes the statement, or made it. */
  public FeedInfo feed() {
    return feed;
  }

  /** Returns the number of the run: a target never lets a lower one overwrite a higher one. */
  public long generation() {
    return generation;
  }

  /** An indicator to be stored. */
  public static final class Upsert extends Change {
    private final Indicator indicator;
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
      super(indicator.feed(), generation);
      this.indicator = indicator;
      this.cause = Objects.requireNonNull(cause, "cause");
      this.added = Objects.requireNonNull(added, "added");
      this.at = Objects.requireNonNull(at, "at");
    }

    @Override
    public String id() {
      return indicator.id();
    }

    /** Returns the indicator. */
    public Indicator indicator() {
      return indicator;
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
    private final @Nullable Indicator lastKnown;
    private final @Nullable String id;
    private final Reason reason;
    private final Instant at;

    /**
     * Creates it.
     *
     * @param at when it was withdrawn
     */
    public Withdraw(Indicator lastKnown, long generation, Reason reason, Instant at) {
      super(lastKnown.feed(), generation);
      this.lastKnown = lastKnown;
      this.id = null;
      this.reason = Objects.requireNonNull(reason, "reason");
      this.at = Objects.requireNonNull(at, "at");
    }

    /**
     * Creates it for an indicator of which nothing but its id is known any more: the sink has it,
     * the memory of it was lost, and its feed's whole list does not have it.
     *
     * @param id the {@linkplain Indicator#id() id} of the indicator
     * @param at when it was withdrawn
     */
    public Withdraw(String id, FeedInfo feed, long generation, Reason reason, Instant at) {
      super(Objects.requireNonNull(feed, "feed"), generation);
      this.lastKnown = null;
      this.id = Objects.requireNonNull(id, "id");
      this.reason = Objects.requireNonNull(reason, "reason");
      this.at = Objects.requireNonNull(at, "at");
    }

    @Override
    public String id() {
      return lastKnown != null ? lastKnown.id() : Objects.requireNonNull(id);
    }

    /** Returns the indicator as it was last known; empty if only its id is. */
    public Optional<Indicator> lastKnown() {
      return Optional.ofNullable(lastKnown);
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
    /** What the sink has of it and what is remembered were not the same: one of both was lost. */
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
