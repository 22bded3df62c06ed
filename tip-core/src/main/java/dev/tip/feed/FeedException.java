// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a feed as a whole gives nothing usable. Its message names the feed and what to do,
 * and holds no secret.
 */
public final class FeedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String feedId;
  private final FeedOutcome outcome;
  private final @Nullable String clause;
  private final @Nullable Instant retryAt;
  private @Nullable Transfer transfer;
  private int status;

  private FeedException(
      String feedId,
      FeedOutcome outcome,
      @Nullable String clause,
      @Nullable Instant retryAt,
      String message,
      @Nullable Throwable cause) {
    super(feedId + ": " + message, cause);
    this.feedId = Objects.requireNonNull(feedId, "feedId");
    this.outcome = Objects.requireNonNull(outcome, "outcome");
    this.clause = clause;
    this.retryAt = retryAt;
  }

  /**
   * Returns an exception with an outcome that needs no more than words.
   *
   * @param message a sentence that says what happened and what to do, without secrets
   * @param cause the cause, or null
   * @throws IllegalArgumentException if the outcome is one in which a list is stored or unchanged,
   *     or one that needs a clause or a time: those have methods of their own
   */
  public static FeedException of(
      String feedId, FeedOutcome outcome, String message, @Nullable Throwable cause) {
    switch (outcome) {
      case PUBLISHED, UNCHANGED, HELD, NOT_DUE, RATE_LIMITED, CONTRACT_BROKEN ->
          throw new IllegalArgumentException(feedId + ": no exception says just " + outcome);
      case AUTH_MISSING,
          AUTH_REJECTED,
          GONE,
          RETIRED,
          UNREACHABLE,
          TERMS_NOT_ACCEPTED,
          SINK_FAILED,
          INCOMPLETE,
          LOCKED,
          CANCELLED -> {
        return new FeedException(feedId, outcome, null, null, message, cause);
      }
    }
    throw new AssertionError(outcome);
  }

  /**
   * Returns an exception for a list that is not what the feed promises.
   *
   * @param clause a stable code in kebab case of the broken promise, for example {@code marker}
   */
  public static FeedException contractBroken(
      String feedId, String clause, String message, @Nullable Throwable cause) {
    return new FeedException(
        feedId,
        FeedOutcome.CONTRACT_BROKEN,
        Objects.requireNonNull(clause),
        null,
        "contract broken (" + clause + "): " + message,
        cause);
  }

  /**
   * Returns an exception for a publisher who asks to come back later.
   *
   * @param retryAt when the next request is allowed
   */
  public static FeedException rateLimited(String feedId, Instant retryAt, String message) {
    return new FeedException(
        feedId, FeedOutcome.RATE_LIMITED, null, Objects.requireNonNull(retryAt), message, null);
  }

  /**
   * Returns an exception for a feed that was asked a short while ago.
   *
   * @param dueAt when the next request is allowed
   */
  public static FeedException notDue(String feedId, Instant dueAt, String message) {
    return new FeedException(
        feedId, FeedOutcome.NOT_DUE, null, Objects.requireNonNull(dueAt), message, null);
  }

  /** Returns an exception for a parser that fell over instead of rejecting a record. */
  static FeedException parserFailed(String feedId, String where, RuntimeException cause) {
    return contractBroken(
        feedId,
        "parser",
        "the parser failed "
            + where
            + " with "
            + cause.getClass().getName()
            + "; nothing of the list is used; report it to the author of the feed",
        cause);
  }

  /** Adds the status of the response that this is about. */
  FeedException answered(int statusCode) {
    status = statusCode;
    return this;
  }

  /** Returns the status of the response that this is about, or 0 if it is not about one. */
  int status() {
    return status;
  }

  /** Adds what the fetch has cost that this ended. */
  FeedException after(Transfer spent) {
    transfer = spent;
    return this;
  }

  /** Returns the id of the feed. */
  public String feedId() {
    return feedId;
  }

  /** Returns how the run ended. */
  public FeedOutcome outcome() {
    return outcome;
  }

  /** Returns the broken clause if the outcome is {@link FeedOutcome#CONTRACT_BROKEN}. */
  public Optional<String> clause() {
    return Optional.ofNullable(clause);
  }

  /** Returns when the next request is allowed, if the outcome says to wait. */
  public Optional<Instant> retryAt() {
    return Optional.ofNullable(retryAt);
  }

  /**
   * Returns what the fetch has cost that this ended; empty if it came out of a reader, whose
   * {@linkplain FetchResult#transfer() result} says so, or of a feed that does not count.
   */
  public Optional<Transfer> transfer() {
    return Optional.ofNullable(transfer);
  }
}
