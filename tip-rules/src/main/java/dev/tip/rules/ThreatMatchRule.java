// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A rule of type {@code threat_match}: an alert for every event that has a value in common with an
 * indicator. Immutable and thread-safe.
 *
 * <p>The keys are those of Kibana's detection engine and of the rule files of
 * elastic/detection-rules. A rule that one of the two would refuse for its form cannot be built;
 * what they look up (fields of schemas, Elastic's timeline templates) and queries in Lucene are not
 * checked.
 *
 * @see <a
 *     href="https://www.elastic.co/docs/solutions/security/detect-and-alert/indicator-match">Indicator
 *     match rules</a>
 */
public final class ThreatMatchRule implements DetectionRule {
  /** The greatest number of alerts a run of a rule may make, by Kibana's default settings. */
  public static final int MAX_SIGNALS_LIMIT = 1000;

  private static final int DEFAULT_ITEMS_PER_SEARCH = 9000;

  private final String key;
  private final String name;
  private final String description;
  private final String ruleId;
  private final Severity severity;
  private final int riskScore;
  private final List<String> author;
  private final String license;
  private final List<String> index;
  private final QueryLanguage language;
  private final String query;
  private final List<String> threatIndex;
  private final QueryLanguage threatLanguage;
  private final String threatQuery;
  private final String threatIndicatorPath;
  private final List<ThreatMapping> threatMapping;
  private final List<ThreatFilter> threatFilters;
  private final String from;
  private final String interval;
  private final int maxSignals;
  private final boolean enabled;
  private final List<String> tags;
  private final List<String> references;
  private final List<String> falsePositives;
  private final @Nullable String note;
  private final @Nullable String setup;
  private final @Nullable String timelineId;
  private final @Nullable String timelineTitle;
  private final @Nullable String timestampOverride;
  private final @Nullable Integer itemsPerSearch;
  private final @Nullable Integer concurrentSearches;
  private final List<AttackTactic> threat;
  private final @Nullable AlertSuppression alertSuppression;
  private final List<ExceptionList> exceptions;
  private final @Nullable String dataViewId;
  private final List<String> integrations;
  private final LocalDate created;
  private final LocalDate updated;

  private ThreatMatchRule(Builder b) {
    this.key = b.key;
    this.name = RuleChecks.name(required("name", b.name));
    this.description =
        RuleChecks.text("description", TomlText.collapse(required("description", b.description)));
    this.ruleId = RuleChecks.ruleId(required("rule_id", b.ruleId));
    this.severity = required("severity", b.severity);
    this.riskScore = b.riskScore != null ? b.riskScore : severity.highestRiskScore();
    this.author = List.copyOf(b.author);
    this.license = RuleChecks.licence(required("license", b.license));
    this.index = List.copyOf(b.index);
    this.language = b.language;
    this.query = RuleChecks.query("query", language, TomlText.strip(required("query", b.query)));
    this.threatIndex = List.copyOf(b.threatIndex);
    this.threatLanguage = b.threatLanguage;
    this.threatQuery =
        RuleChecks.query(
            "threat_query",
            threatLanguage,
            TomlText.strip(required("threat_query", b.threatQuery)));
    this.threatIndicatorPath = RuleChecks.fieldName("threat_indicator_path", b.threatIndicatorPath);
    this.threatMapping = List.copyOf(b.threatMapping);
    this.threatFilters = List.copyOf(b.threatFilters);
    this.from = b.from;
    this.interval = b.interval;
    this.maxSignals = b.maxSignals;
    this.enabled = b.enabled;
    this.tags = List.copyOf(b.tags);
    this.references = List.copyOf(b.references);
    this.falsePositives = List.copyOf(b.falsePositives);
    this.note = b.note;
    this.setup = b.setup;
    this.timelineId = b.timelineId;
    this.timelineTitle = b.timelineTitle;
    this.timestampOverride = b.timestampOverride;
    this.itemsPerSearch = b.itemsPerSearch;
    this.concurrentSearches = b.concurrentSearches;
    this.threat = List.copyOf(b.threat);
    this.alertSuppression = b.alertSuppression;
    this.exceptions = List.copyOf(b.exceptions);
    this.dataViewId = b.dataViewId;
    this.integrations = List.copyOf(b.integrations);
    this.created = required("creation_date", b.created);
    this.updated = b.updated != null ? b.updated : created;
    RuleChecks.rule(this);
  }

  private static <T> T required(String key, @Nullable T value) {
    if (value == null) {
      throw RuleChecks.invalid(key, "is missing");
    }
    return value;
  }

  /**
   * Returns a builder.
   *
   * @param key name of the rule's file without its ending: lower-case letters, digits and
   *     underscores
   * @throws IllegalArgumentException if the key is not of that form
   */
  public static Builder builder(String key) {
    return new Builder(key);
  }

  @Override
  public String fileName() {
    return key + ".toml";
  }

  /** Returns the key the rule was built with: the file name without its ending. */
  public String key() {
    return key;
  }

  @Override
  public String name() {
    return name;
  }

  /** Returns what an alert of it means: {@code description}. */
  public String description() {
    return description;
  }

  @Override
  public String ruleId() {
    return ruleId;
  }

  /** Returns the severity of its alerts. */
  public Severity severity() {
    return severity;
  }

  /** Returns the risk score of its alerts, within the band of the severity. */
  public int riskScore() {
    return riskScore;
  }

  /**
   * Returns the patterns of the indices that hold the events: {@code index}; none if the rule has a
   * {@link #dataViewId}.
   */
  public List<String> index() {
    return index;
  }

  /** Returns the data view in Kibana that says where the events are: {@code data_view_id}. */
  public Optional<String> dataViewId() {
    return Optional.ofNullable(dataViewId);
  }

  /** Returns the language of {@link #query}. */
  public QueryLanguage language() {
    return language;
  }

  /** Returns which events are compared: {@code query}. */
  public String query() {
    return query;
  }

  /** Returns the indices that hold the indicators: {@code threat_index}. */
  public List<String> threatIndex() {
    return threatIndex;
  }

  /** Returns the language of {@link #threatQuery}. */
  public QueryLanguage threatLanguage() {
    return threatLanguage;
  }

  /** Returns which indicators are compared: {@code threat_query}. */
  public String threatQuery() {
    return threatQuery;
  }

  /** Returns where an indicator document holds what is copied into the alert. */
  public String threatIndicatorPath() {
    return threatIndicatorPath;
  }

  /** Returns the groups of fields that must be equal; one group is enough. */
  public List<ThreatMapping> threatMapping() {
    return threatMapping;
  }

  /** Returns the conditions on indicators besides {@link #threatQuery}, all of which must hold. */
  public List<ThreatFilter> threatFilters() {
    return threatFilters;
  }

  /** Returns since when events of a run are looked at, for example {@code now-65m}. */
  public String from() {
    return from;
  }

  /** Returns {@link #from} as a length of time before the run. */
  public Duration lookBack() {
    return RuleChecks.from(from);
  }

  /** Returns how often the rule runs, for example {@code 1h}. */
  public String interval() {
    return interval;
  }

  /** Returns {@link #interval} as a length of time. */
  public Duration period() {
    return RuleChecks.interval("interval", interval);
  }

  /** Returns how many alerts one run makes at most. */
  public int maxSignals() {
    return maxSignals;
  }

  /** Returns how many documents one search compares: what was set, else Kibana's 9000. */
  public int itemsPerSearch() {
    return itemsPerSearch != null ? itemsPerSearch : DEFAULT_ITEMS_PER_SEARCH;
  }

  /** Returns how many searches run at a time: what was set, else Kibana's 1. */
  public int concurrentSearches() {
    return concurrentSearches != null ? concurrentSearches : 1;
  }

  /** Returns the two settings of pages as far as they were set, by key. */
  Map<String, Integer> pageSettings() {
    Map<String, Integer> set = new TreeMap<>();
    if (itemsPerSearch != null) {
      set.put("items_per_search", itemsPerSearch);
    }
    if (concurrentSearches != null) {
      set.put("concurrent_searches", concurrentSearches);
    }
    return set;
  }

  @Override
  public boolean enabled() {
    return enabled;
  }

  /** Returns who wrote it. */
  public List<String> author() {
    return author;
  }

  /** Returns the licence of the rule, an SPDX identifier. */
  public String license() {
    return license;
  }

  /** Returns web addresses of more information. */
  public List<String> references() {
    return references;
  }

  /** Returns descriptions of benign events that it finds as well. */
  public List<String> falsePositives() {
    return falsePositives;
  }

  /** Returns what of MITRE ATT&amp;CK it finds: {@code threat}. */
  public List<AttackTactic> threat() {
    return threat;
  }

  /** Returns which alerts become one. */
  public Optional<AlertSuppression> alertSuppression() {
    return Optional.ofNullable(alertSuppression);
  }

  /** Returns the lists of exceptions that it uses: {@code exceptions_list}. */
  public List<ExceptionList> exceptions() {
    return exceptions;
  }

  /** Returns the integrations of Elastic Agent whose events it reads. */
  public List<String> integrations() {
    return integrations;
  }

  /** Returns the id of the timeline template of its alerts. */
  public Optional<String> timelineId() {
    return Optional.ofNullable(timelineId);
  }

  /** Returns the title of the timeline template of its alerts. */
  public Optional<String> timelineTitle() {
    return Optional.ofNullable(timelineTitle);
  }

  /** Returns the tags. */
  public List<String> tags() {
    return tags;
  }

  /** Returns the field that says when an event arrived, if it is not {@code @timestamp}. */
  public Optional<String> timestampOverride() {
    return Optional.ofNullable(timestampOverride);
  }

  /** Returns the investigation guide, Markdown. */
  public Optional<String> note() {
    return Optional.ofNullable(note);
  }

  /** Returns what the rule needs to work, Markdown. */
  public Optional<String> setup() {
    return Optional.ofNullable(setup);
  }

  /** Returns the day the rule was first written. */
  public LocalDate created() {
    return created;
  }

  /** Returns the day its content last changed. */
  public LocalDate updated() {
    return updated;
  }

  /**
   * Returns the rule with the dates that it has as the successor of a file: those of the file where
   * nothing else changed, so that a date only moves with the content. Else it was updated today, or
   * on its own day if that is later than the file's.
   *
   * @param before what was written before, whoever wrote it; another rule counts as changed content
   * @param today the day of writing
   */
  public ThreatMatchRule following(RuleFile before, LocalDate today) {
    Optional<LocalDate> first = RuleDocument.day(before.metadata().path("creation_date").asText());
    Optional<LocalDate> last = RuleDocument.day(before.metadata().path("updated_date").asText());
    if (first.isPresent() && last.isPresent() && !last.get().isBefore(first.get())) {
      ThreatMatchRule unchanged = dated(first.get(), last.get());
      if (unchanged.toToml().equals(TomlText.of(before.content()))) {
        return unchanged;
      }
    }
    boolean later = last.isEmpty() || updated.isAfter(last.get());
    return later || today.isBefore(created) ? this : dated(created, today);
  }

  private ThreatMatchRule dated(LocalDate first, LocalDate last) {
    ObjectNode file = RuleDocument.file(this);
    ((ObjectNode) file.path("metadata"))
        .put("creation_date", RuleDocument.date(first))
        .put("updated_date", RuleDocument.date(last));
    return RuleFile.of(fileName(), file).toRule(last);
  }

  @Override
  public String toJson() {
    return RuleDocument.rule(this).toString();
  }

  @Override
  public String toToml() {
    return TomlText.of(RuleDocument.file(this));
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof ThreatMatchRule other
        && key.equals(other.key)
        && toToml().equals(other.toToml());
  }

  @Override
  public int hashCode() {
    return Objects.hash(key, ruleId);
  }

  @Override
  public String toString() {
    return key;
  }

  /** Collects what a rule is. Not thread-safe. */
  public static final class Builder {
    private final String key;
    private @Nullable String name;
    private @Nullable String description;
    private @Nullable String ruleId;
    private @Nullable Severity severity;
    private @Nullable Integer riskScore;
    private final List<String> author = new ArrayList<>();
    private @Nullable String license;
    private final List<String> index = new ArrayList<>();
    private QueryLanguage language = QueryLanguage.KUERY;
    private @Nullable String query;
    private final List<String> threatIndex = new ArrayList<>();
    private QueryLanguage threatLanguage = QueryLanguage.KUERY;
    private @Nullable String threatQuery;
    private String threatIndicatorPath = "threat.indicator";
    private final List<ThreatMapping> threatMapping = new ArrayList<>();
    private final List<ThreatFilter> threatFilters = new ArrayList<>();
    private String from = "now-65m";
    private String interval = "1h";
    private int maxSignals = 100;
    private boolean enabled;
    private final List<String> tags = new ArrayList<>();
    private final List<String> references = new ArrayList<>();
    private final List<String> falsePositives = new ArrayList<>();
    private @Nullable String note;
    private @Nullable String setup;
    private @Nullable String timelineId;
    private @Nullable String timelineTitle;
    private @Nullable String timestampOverride;
    private @Nullable Integer itemsPerSearch;
    private @Nullable Integer concurrentSearches;
    private final List<AttackTactic> threat = new ArrayList<>();
    private @Nullable AlertSuppression alertSuppression;
    private final List<ExceptionList> exceptions = new ArrayList<>();
    private @Nullable String dataViewId;
    private final List<String> integrations = new ArrayList<>();
    private @Nullable LocalDate created;
    private @Nullable LocalDate updated;

    private Builder(String key) {
      this.key = RuleChecks.key(key);
    }

    /** Sets the name for people, one line; required. */
    public Builder name(String name) {
      this.name = Objects.requireNonNull(name);
      return this;
    }

    /** Sets what an alert means, plain text that becomes one paragraph; required. */
    public Builder description(String description) {
      this.description = Objects.requireNonNull(description);
      return this;
    }

    /** Sets the id, a UUID in lower case that never changes; required. */
    public Builder ruleId(String ruleId) {
      this.ruleId = Objects.requireNonNull(ruleId);
      return this;
    }

    /** Sets the severity; required. */
    public Builder severity(Severity severity) {
      this.severity = Objects.requireNonNull(severity);
      return this;
    }

    /** Sets the risk score; default: the greatest of the severity's band. */
    public Builder riskScore(int riskScore) {
      this.riskScore = riskScore;
      return this;
    }

    /** Adds authors; at least one is required. */
    public Builder author(String... authors) {
      Collections.addAll(author, authors);
      return this;
    }

    /** Sets the licence of the rule, an SPDX identifier; required. */
    public Builder license(String license) {
      this.license = Objects.requireNonNull(license);
      return this;
    }

    /**
     * Sets the data view in Kibana that says where the events are, in place of {@link #index}.
     *
     * @param id the id of the data view
     */
    public Builder dataViewId(String id) {
      this.dataViewId = RuleChecks.line("data_view_id", id);
      return this;
    }

    /**
     * Adds patterns of indices that hold the events; at least one is required, unless there is a
     * data view.
     */
    public Builder index(String... patterns) {
      Collections.addAll(index, patterns);
      return this;
    }

    /** Sets which events are compared; required. */
    public Builder query(QueryLanguage language, String query) {
      this.language = Objects.requireNonNull(language);
      this.query = Objects.requireNonNull(query);
      return this;
    }

    /** Adds indices, aliases or patterns that hold the indicators; at least one is required. */
    public Builder threatIndex(String... names) {
      Collections.addAll(threatIndex, names);
      return this;
    }

    /**
     * Sets which indicators are compared; required. It should bound {@code @timestamp}, because
     * rules do not do that by themselves.
     */
    public Builder threatQuery(QueryLanguage language, String query) {
      this.threatLanguage = Objects.requireNonNull(language);
      this.threatQuery = Objects.requireNonNull(query);
      return this;
    }

    /** Sets where the indicator is in its document; default: {@code threat.indicator}. */
    public Builder threatIndicatorPath(String path) {
      this.threatIndicatorPath = Objects.requireNonNull(path);
      return this;
    }

    /** Adds groups of fields that must be equal; at least one is required. */
    public Builder threatMapping(ThreatMapping... groups) {
      Collections.addAll(threatMapping, groups);
      return this;
    }

    /** Adds a filter on indicators: a field that holds a phrase. */
    public Builder threatFilter(String field, String phrase) {
      threatFilters.add(ThreatFilter.of(field, phrase));
      return this;
    }

    /** Sets since when a run looks at events; default: {@code now-65m}. */
    public Builder from(String from) {
      this.from = Objects.requireNonNull(from);
      return this;
    }

    /** Sets how often the rule runs; default: {@code 1h}. */
    public Builder interval(String interval) {
      this.interval = Objects.requireNonNull(interval);
      return this;
    }

    /** Sets how many alerts a run makes at most; default: 100, as Kibana's. */
    public Builder maxSignals(int maxSignals) {
      this.maxSignals = maxSignals;
      return this;
    }

    /** Sets whether the rule runs once it is in Kibana; default: it does not. */
    public Builder enabled(boolean enabled) {
      this.enabled = enabled;
      return this;
    }

    /** Adds tags, each with a prefix of the tag taxonomy, for example {@code Domain: Network}. */
    public Builder tags(String... more) {
      Collections.addAll(tags, more);
      return this;
    }

    /** Adds web addresses of more information. */
    public Builder references(String... more) {
      Collections.addAll(references, more);
      return this;
    }

    /** Adds descriptions of benign events that it finds as well. */
    public Builder falsePositives(String... more) {
      Collections.addAll(falsePositives, more);
      return this;
    }

    /** Sets the investigation guide, Markdown; default: none. */
    public Builder note(String note) {
      this.note = Objects.requireNonNull(note);
      return this;
    }

    /** Sets what the rule needs to work, Markdown; default: none. */
    public Builder setup(String setup) {
      this.setup = Objects.requireNonNull(setup);
      return this;
    }

    /**
     * Sets the timeline template of its alerts; default: none. The tests of detection-rules accept
     * Elastic's own templates only.
     *
     * @param id id of the template, a UUID
     * @param title title of the same template
     */
    public Builder timeline(String id, String title) {
      this.timelineId = RuleChecks.line("timeline_id", id);
      this.timelineTitle = RuleChecks.line("timeline_title", title);
      return this;
    }

    /** Sets the field that says when an event arrived; default: {@code @timestamp} counts. */
    public Builder timestampOverride(String field) {
      this.timestampOverride = Objects.requireNonNull(field);
      return this;
    }

    /** Sets how many documents one search compares; default: Kibana's 9000. */
    public Builder itemsPerSearch(int items) {
      this.itemsPerSearch = items;
      return this;
    }

    /** Sets how many searches run at a time; default: Kibana's 1. */
    public Builder concurrentSearches(int searches) {
      this.concurrentSearches = searches;
      return this;
    }

    /** Adds what of MITRE ATT&amp;CK it finds. */
    public Builder threat(AttackTactic... tactics) {
      Collections.addAll(threat, tactics);
      return this;
    }

    /** Sets which alerts become one, where the licence has it; default: none do. */
    public Builder alertSuppression(AlertSuppression suppression) {
      this.alertSuppression = Objects.requireNonNull(suppression);
      return this;
    }

    /** Adds lists of exceptions that the rule uses. */
    public Builder exceptions(ExceptionList... lists) {
      Collections.addAll(exceptions, lists);
      return this;
    }

    /** Adds names of integrations whose events it reads, for example {@code endpoint}. */
    public Builder integrations(String... names) {
      Collections.addAll(integrations, names);
      return this;
    }

    /**
     * Sets when the rule was written and when its content last changed; required.
     *
     * @param created the day it was first written
     * @param updated the day of the last change, not before {@code created}
     */
    public Builder dates(LocalDate created, LocalDate updated) {
      this.created = Objects.requireNonNull(created);
      this.updated = Objects.requireNonNull(updated);
      return this;
    }

    /**
     * Builds the rule.
     *
     * @throws IllegalArgumentException if Kibana or detection-rules would refuse it; the message
     *     names the key
     */
    public ThreatMatchRule build() {
      return new ThreatMatchRule(this);
    }
  }
}
