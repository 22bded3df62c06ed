// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

/** How a feed's run ended. */
public enum FeedOutcome {
  /** The list was read whole, its contract held, and the sink has it. */
  PUBLISHED,
  /** The feed said that nothing changed. */
  UNCHANGED,
  /**
   * The list is not believed until it comes again. The clause says why: {@code band}, it has far
   * fewer rows than before, and additions are stored while withdrawals wait; {@code older}, it was
   * made before the last one, and nothing of it is used.
   */
  HELD,
  /** The minimum interval has not passed; nothing was requested. */
  NOT_DUE,
  /** The publisher asks to come back later. */
  RATE_LIMITED,
  /** The feed needs a secret that the context does not have; nothing was requested. */
  AUTH_MISSING,
  /** The publisher refused the secret. */
  AUTH_REJECTED,
  /** The list is no longer at its address. */
  GONE,
  /** The publisher has given the list up; nothing was requested. */
  RETIRED,
  /** The publisher could not be reached, or the connection broke before the end. */
  UNREACHABLE,
  /** The terms of the feed forbid this use; nothing was requested. */
  TERMS_NOT_ACCEPTED,
  /** What came is not the list that the feed promises; the clause says what. */
  CONTRACT_BROKEN,
  /** The sink did not take what the feed gave. */
  SINK_FAILED,
  /**
   * Not all of the list is stored, for a reason on this side of the feed: this machine, code that
   * was brought along, or single changes that the sink did not take.
   */
  INCOMPLETE,
  /** Another run holds the lock. */
  LOCKED,
  /** The run was cancelled. */
  CANCELLED;

  /** Returns whether the feed did what can be expected of it now: no one needs to act. */
  public boolean isHealthy() {
    return switch (this) {
      case PUBLISHED, UNCHANGED, NOT_DUE, RETIRED -> true;
      case HELD,
          RATE_LIMITED,
          AUTH_MISSING,
          AUTH_REJECTED,
          GONE,
          UNREACHABLE,
          TERMS_NOT_ACCEPTED,
          CONTRACT_BROKEN,
          SINK_FAILED,
          INCOMPLETE,
          LOCKED,
          CANCELLED ->
          false;
    };
  }
}
