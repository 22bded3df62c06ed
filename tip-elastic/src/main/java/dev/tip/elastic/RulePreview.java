// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import dev.tip.rules.ThreatMatchRule;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs an indicator match rule against a cluster as Kibana's detection engine would, and tells
 * which alerts it would create. Nothing is written. Immutable and thread-safe.
 *
 * <p>As in Kibana,
 *
 * <ul>
 *   <li>the larger side is searched for what the smaller has: indicators first if there are at
 *       least as many events as indicators, else events first,
 *   <li>a page of documents, 9000 by default, becomes one query of the other side; a group of one
 *       pair of fields becomes a {@code terms} query if both are keyword, wildcard or address
 *       wherever they are mapped, and each mapped field of the rule is mapped somewhere; otherwise
 *       it becomes a query for each document,
 *   <li>a {@code terms} query takes the first value of a field, a query for a document the only
 *       one,
 *   <li>events first, what a {@code terms} query found counts only if event and indicator have the
 *       same text,
 *   <li>the run ends at {@code max_signals} alerts, and an alert has at most 200 enrichments.
 * </ul>
 *
 * <p>Queries in KQL are given to the server's own {@code kql} query. Unlike Kibana the preview
 * reads events in a point in time, so that none is lost where two pages meet at one timestamp. It
 * knows nothing of rule exceptions, alert suppression and earlier runs.
 *
 * <p>It needs the privileges {@code read} and {@code view_index_metadata} on the indices of events
 * and indicators.
 *
 * @see <a
 *     href="https://www.elastic.co/docs/solutions/security/detect-and-alert/indicator-match">Indicator
 *     match rules</a>
 */
public final class RulePreview {
  private final Calls calls;
  private final Clock clock;
  private final @Nullable Direction direction;
  private final @Nullable Instant from;
  private final @Nullable Instant to;

  private RulePreview(Builder b) {
    this.calls = b.calls;
    this.clock = b.clock;
    this.direction = b.direction;
    this.from = b.from;
    this.to = b.to;
  }

  /** Returns a preview of a run at this moment; the client is neither changed nor closed. */
  public static RulePreview of(ElasticsearchClient client) {
    return builder(client).build();
  }

  /** Returns a builder; the client is neither changed nor closed. */
  public static Builder builder(ElasticsearchClient client) {
    return new Builder(new Calls(client));
  }

  /**
   * Runs a rule.
   *
   * @throws RulePreviewException if the server cannot or will not run it; the message says what to
   *     do
   * @throws IOException if the server gives no answer
   */
  public RulePreviewResult run(ThreatMatchRule rule) throws IOException {
    if (rule.index().isEmpty()) {
      throw new RulePreviewException(
          RulePreviewException.Kind.NO_INDEX,
          "rule "
              + rule
              + " reads a data view, which only Kibana knows; give it the index patterns of the data"
              + " view");
    }
    Instant end = to != null ? to : clock.instant();
    Instant start = from != null ? from : end.minus(rule.lookBack());
    return new RulePreviewRun(new RulePreviewSearches(calls), rule, start, end, direction).run();
  }

  /** Which side is read page by page; the other is searched for what the pages hold. */
  public enum Direction {
    /** Pages of indicators; events are searched. */
    INDICATORS_FIRST,
    /** Pages of events; indicators are searched. */
    EVENTS_FIRST
  }

  /** How a group of a rule's mapping is compared. */
  public enum Path {
    /** One query for a page of documents. */
    TERMS,
    /** One query for each document, which is far slower. */
    MATCH
  }

  /** Collects the options. Not thread-safe. */
  public static final class Builder {
    private final Calls calls;
    private Clock clock = Clock.systemUTC();
    private @Nullable Direction direction;
    private @Nullable Instant from;
    private @Nullable Instant to;

    private Builder(Calls calls) {
      this.calls = calls;
    }

    /** Sets the direction; default: the one that Kibana would choose. */
    public Builder direction(Direction direction) {
      this.direction = Objects.requireNonNull(direction);
      return this;
    }

    /**
     * Sets the time range of the events; default: the rule's {@code from} until now. The bounds of
     * the indicators are those of the rule's {@code threat_query}, which goes by the clock of the
     * server.
     *
     * @param from first instant
     * @param to last instant
     * @throws IllegalArgumentException if the first is after the last
     */
    public Builder timeRange(Instant from, Instant to) {
      if (from.isAfter(to)) {
        throw new IllegalArgumentException("the time range ends before it starts: " + from);
      }
      this.from = from;
      this.to = to;
      return this;
    }

    /** Sets what time it is; default: the clock of the system. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock);
      return this;
    }

    /** Builds it. */
    public RulePreview build() {
      return new RulePreview(this);
    }
  }
}
