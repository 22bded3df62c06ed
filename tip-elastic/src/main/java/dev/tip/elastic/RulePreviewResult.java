// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.elastic.RulePreview.Direction;
import dev.tip.elastic.RulePreview.Path;
import dev.tip.rules.ThreatMapping;
import dev.tip.rules.ThreatMatchRule;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What one run of a rule would do. Immutable. */
public final class RulePreviewResult {
  private final ThreatMatchRule rule;
  private final Instant from;
  private final Instant to;
  private final long eventCount;
  private final long indicatorCount;
  private final Direction direction;
  private final Map<ThreatMapping, Path> paths;
  private final List<Alert> alerts;
  private final boolean truncated;
  private final List<String> warnings;
  private final int searches;
  private final Duration took;

  RulePreviewResult(
      ThreatMatchRule rule,
      Instant from,
      Instant to,
      long eventCount,
      long indicatorCount,
      Direction direction,
      Map<ThreatMapping, Path> paths,
      List<Alert> alerts,
      boolean truncated,
      List<String> warnings,
      int searches,
      Duration took) {
    this.rule = rule;
    this.from = from;
    this.to = to;
    this.eventCount = eventCount;
    this.indicatorCount = indicatorCount;
    this.direction = direction;
    this.paths = Map.copyOf(paths);
    this.alerts = List.copyOf(alerts);
    this.truncated = truncated;
    this.warnings = List.copyOf(warnings);
    this.searches = searches;
    this.took = took;
  }

  /** Returns the rule that was run. */
  public ThreatMatchRule rule() {
    return rule;
  }

  /** Returns the first instant of the events that were looked at. */
  public Instant from() {
    return from;
  }

  /** Returns the last instant of the events that were looked at. */
  public Instant to() {
    return to;
  }

  /** Returns how many events the rule's query and time range leave. */
  public long eventCount() {
    return eventCount;
  }

  /** Returns how many indicators the rule's threat query leaves. */
  public long indicatorCount() {
    return indicatorCount;
  }

  /** Returns which side was read page by page. */
  public Direction direction() {
    return direction;
  }

  /**
   * Returns how a group of the rule was compared.
   *
   * @throws IllegalArgumentException if the rule has no such group
   */
  public Path path(ThreatMapping group) {
    Path path = paths.get(group);
    if (path == null) {
      throw new IllegalArgumentException("the rule has no such group: " + group);
    }
    return path;
  }

  /** Returns the alerts that the run would create, in the order in which it would. */
  public List<Alert> alerts() {
    return alerts;
  }

  /**
   * Returns whether the run ended at {@code max_signals} alerts before it had looked at everything.
   */
  public boolean isTruncated() {
    return truncated;
  }

  /** Returns sentences on what made the run slow or may have hidden events, none if all is well. */
  public List<String> warnings() {
    return warnings;
  }

  /** Returns how many searches the run made. */
  public int searches() {
    return searches;
  }

  /** Returns how long the run took. */
  public Duration took() {
    return took;
  }

  @Override
  public String toString() {
    return rule
        + ": "
        + alerts.size()
        + (truncated ? " or more" : "")
        + " alerts from "
        + eventCount
        + " events and "
        + indicatorCount
        + " indicators, "
        + direction;
  }

  /** An alert that would be created: an event that has a value in common with indicators. */
  public static final class Alert {
    private final String index;
    private final String id;
    private final @Nullable Instant timestamp;
    private final List<Match> matches;

    Alert(String index, String id, @Nullable Instant timestamp, List<Match> matches) {
      this.index = index;
      this.id = id;
      this.timestamp = timestamp;
      this.matches = List.copyOf(matches);
    }

    /** Returns the index of the event. */
    public String index() {
      return index;
    }

    /** Returns the id of the event in its index. */
    public String id() {
      return id;
    }

    /** Returns when the event happened: its {@code @timestamp}. */
    public Optional<Instant> timestamp() {
      return Optional.ofNullable(timestamp);
    }

    /**
     * Returns what the event has in common with indicators; the first 200. None where Kibana would
     * raise the alert without enrichment.
     */
    public List<Match> matches() {
      return matches;
    }

    @Override
    public String toString() {
      return index + '/' + id + ' ' + matches;
    }
  }

  /** A value that an event and an indicator share. */
  public static final class Match {
    private final ThreatMapping.Entry entry;
    private final String atomic;
    private final String indicatorIndex;
    private final String indicatorId;
    private final @Nullable String feedName;
    private final ObjectNode enrichment;

    Match(
        ThreatMapping.Entry entry,
        JsonNode atomic,
        String indicatorIndex,
        String indicatorId,
        @Nullable String feedName,
        ObjectNode enrichment) {
      this.entry = entry;
      this.atomic = atomic.isValueNode() ? atomic.asText() : atomic.toString();
      this.indicatorIndex = indicatorIndex;
      this.indicatorId = indicatorId;
      this.feedName = feedName;
      this.enrichment = enrichment;
    }

    /** Returns the field of the event: {@code threat.enrichments.matched.field}. */
    public String field() {
      return entry.field();
    }

    /** Returns the field of the indicator. */
    public String indicatorField() {
      return entry.value();
    }

    /**
     * Returns the value of the event as it was sent: {@code threat.enrichments.matched.atomic};
     * JSON if it has several.
     */
    public String atomic() {
      return atomic;
    }

    /** Returns the index of the indicator: {@code threat.enrichments.matched.index}. */
    public String indicatorIndex() {
      return indicatorIndex;
    }

    /** Returns the id of the indicator: {@code threat.enrichments.matched.id}. */
    public String indicatorId() {
      return indicatorId;
    }

    /** Returns the name of the list: {@code threat.enrichments.feed.name}. */
    public Optional<String> feedName() {
      return Optional.ofNullable(feedName);
    }

    /** Returns the element of {@code threat.enrichments} that the alert would have, as JSON. */
    public String toJson() {
      return enrichment.toString();
    }

    @Override
    public String toString() {
      return entry + " " + atomic;
    }
  }
}
