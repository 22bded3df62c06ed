// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tip.feed.FeedOutcome;
import dev.tip.sink.Holdings;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a sync did with one feed. Immutable.
 *
 * <p>The counts add up: {@code records = rejected + revoked + parsed}, {@code indicators = repeated
 * + screened + kept} and {@code kept = unchanged + added + changed + refreshed + failed}. What a
 * feed that broke off had given until then counts as failed, because none of it was stored.
 */
public final class FeedReport {
  private final String feedId;
  private final FeedOutcome outcome;
  private final @Nullable String clause;
  private final @Nullable String message;
  private final @Nullable Throwable cause;
  private final @Nullable Instant retryAt;
  private final long records;
  private final long revoked;
  private final long parsed;
  private final long indicators;
  private final long repeated;
  private final long kept;
  private final long added;
  private final long changed;
  private final long refreshed;
  private final long unchanged;
  private final long conflicts;
  private final long withdrawn;
  private final long expired;
  private final long sinkOperations;
  private final @Nullable Holdings holdings;
  private final long requests;
  private final long bytes;
  private final Map<String, Long> rejected;
  private final Map<String, Long> screened;
  private final Map<String, Long> failed;
  private final Duration duration;

  FeedReport(String feedId, Tally t, Duration duration) {
    this.feedId = feedId;
    this.outcome = t.outcome;
    this.clause = t.clause;
    this.message = t.message;
    this.cause = t.cause;
    this.retryAt = t.retryAt;
    this.records = t.records;
    this.revoked = t.revoked;
    this.parsed = t.parsed;
    this.indicators = t.indicators;
    this.repeated = t.repeated;
    this.kept = t.kept;
    this.added = t.added;
    this.changed = t.changed;
    this.refreshed = t.refreshed;
    this.unchanged = t.unchanged;
    this.conflicts = t.conflicts;
    this.withdrawn = t.withdrawn;
    this.expired = t.expired;
    this.sinkOperations = t.sinkOperations;
    this.holdings = t.holdings;
    this.requests = t.requests;
    this.bytes = t.bytes;
    this.rejected = Collections.unmodifiableMap(new TreeMap<>(t.rejected));
    this.screened = Collections.unmodifiableMap(new TreeMap<>(t.screened));
    this.failed = Collections.unmodifiableMap(new TreeMap<>(t.failed));
    this.duration = duration;
  }

  /** Returns the id of the feed. */
  public String feedId() {
    return feedId;
  }

  /** Returns how it ended. */
  public FeedOutcome outcome() {
    return outcome;
  }

  /** Returns the broken clause if the outcome is {@link FeedOutcome#CONTRACT_BROKEN}. */
  public Optional<String> clause() {
    return Optional.ofNullable(clause);
  }

  /** Returns what happened and what to do, for people; empty if there is nothing to say. */
  public Optional<String> message() {
    return Optional.ofNullable(message);
  }

  /**
   * Returns the exception that made the outcome, if one did. Its text is not meant for reports:
   * other than {@link #message()} it may be anything that the code behind it put there.
   */
  public Optional<Throwable> cause() {
    return Optional.ofNullable(cause);
  }

  /** Returns when the publisher allows the next request, if it said so. */
  public Optional<Instant> retryAt() {
    return Optional.ofNullable(retryAt);
  }

  /** Returns the data rows that were read. */
  public long records() {
    return records;
  }

  /** Returns the records that could not be used. */
  public long rejected() {
    return Tally.sum(rejected);
  }

  /** Returns the records that could not be used by reason code, unmodifiable. */
  public Map<String, Long> rejectedByReason() {
    return rejected;
  }

  /** Returns the records that take a statement back. */
  public long revoked() {
    return revoked;
  }

  /** Returns the records with at least one statement. */
  public long parsed() {
    return parsed;
  }

  /** Returns the statements; one record can make several. */
  public long indicators() {
    return indicators;
  }

  /** Returns the statements about an observable that the list had already. */
  public long repeated() {
    return repeated;
  }

  /** Returns the statements that were screened out. */
  public long screened() {
    return Tally.sum(screened);
  }

  /** Returns the statements that were screened out by reason code, unmodifiable. */
  public Map<String, Long> screenedByReason() {
    return screened;
  }

  /** Returns the indicators left to be stored. */
  public long kept() {
    return kept;
  }

  /**
   * Returns the indicators stored because they are new, or because the state or the sink had lost
   * them; in a dry run, those that would be.
   */
  public long added() {
    return added;
  }

  /** Returns the indicators stored again because the feed says something else about them. */
  public long changed() {
    return changed;
  }

  /** Returns the indicators stored again because they were due. */
  public long refreshed() {
    return refreshed;
  }

  /** Returns the indicators that needed no writing. */
  public long unchanged() {
    return unchanged;
  }

  /** Returns the indicators that are not known to be stored, conflicts included. */
  public long failed() {
    return Tally.sum(failed);
  }

  /** Returns the indicators that are not known to be stored by reason code, unmodifiable. */
  public Map<String, Long> failedByReason() {
    return failed;
  }

  /** Returns the indicators of which the sink holds a newer version: somebody else writes there. */
  public long conflicts() {
    return conflicts;
  }

  /** Returns the indicators withdrawn because the list has them no longer. */
  public long withdrawn() {
    return withdrawn;
  }

  /** Returns the indicators withdrawn because their time was over. */
  public long expired() {
    return expired;
  }

  /** Returns the changes handed to the sink. */
  public long sinkOperations() {
    return sinkOperations;
  }

  /**
   * Returns what the sink said that it holds of the feed, at the end if anything was written; empty
   * if it cannot tell or there is no state to hold it against.
   */
  public Optional<Holdings> holdings() {
    return Optional.ofNullable(holdings);
  }

  /** Returns the HTTP requests made. */
  public long requests() {
    return requests;
  }

  /** Returns the bytes received, before decompression. */
  public long bytes() {
    return bytes;
  }

  /** Returns how long it took. */
  public Duration duration() {
    return duration;
  }

  /** Returns whether no one needs to act. */
  public boolean isHealthy() {
    return outcome.isHealthy();
  }

  /** Returns how many changes the sink holds because of this run. */
  long stored() {
    return added + changed + refreshed + withdrawn + expired;
  }

  /** Returns the outcome with its clause. */
  String status() {
    return clause == null ? outcome.name() : outcome.name() + "(" + clause + ")";
  }

  void writeTo(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("feed", feedId);
    json.writeStringField("outcome", outcome.name());
    if (clause != null) {
      json.writeStringField("clause", clause);
    }
    if (message != null) {
      json.writeStringField("message", message);
    }
    if (retryAt != null) {
      json.writeStringField("retryAt", retryAt.toString());
    }
    json.writeNumberField("records", records);
    json.writeNumberField("read", records);
    json.writeNumberField("rejected", rejected());
    json.writeNumberField("revoked", revoked);
    json.writeNumberField("parsed", parsed);
    json.writeNumberField("indicators", indicators);
    json.writeNumberField("repeated", repeated);
    json.writeNumberField("screened", screened());
    json.writeNumberField("kept", kept);
    json.writeNumberField("added", added);
    json.writeNumberField("changed", changed);
    json.writeNumberField("refreshed", refreshed);
    json.writeNumberField("unchanged", unchanged);
    json.writeNumberField("failed", failed());
    json.writeNumberField("conflicts", conflicts);
    json.writeNumberField("withdrawn", withdrawn);
    json.writeNumberField("expired", expired);
    json.writeNumberField("sinkOperations", sinkOperations);
    if (holdings != null) {
      json.writeNumberField("stored", holdings.active());
    }
    json.writeNumberField("requests", requests);
    json.writeNumberField("bytes", bytes);
    json.writeNumberField("seconds", duration.toMillis() / 1000.0);
    writeReasons(json, "rejectedByReason", rejected);
    writeReasons(json, "screenedByReason", screened);
    writeReasons(json, "failedByReason", failed);
    json.writeEndObject();
  }

  private static void writeReasons(JsonGenerator json, String name, Map<String, Long> reasons)
      throws IOException {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, Long> reason : reasons.entrySet()) {
      json.writeNumberField(reason.getKey(), reason.getValue());
    }
    json.writeEndObject();
  }

  @Override
  public String toString() {
    return feedId + ": " + status();
  }
}
