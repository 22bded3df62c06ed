// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;

/**
 * The rule that makes an alert of each finding of a hunt in old events. Immutable and thread-safe.
 *
 * <p>Unlike {@link ThreatMatchRule} it compares nothing: it is of type {@code query}, and takes
 * severity and risk score from the finding.
 */
public final class HuntRule implements DetectionRule {
  /** Where findings are unless another index is given. */
  public static final String DEFAULT_INDEX = "logs-tip.hunt";

  /** What findings have in {@code event.dataset}. */
  public static final String DATASET = "tip.hunt";

  private static final String KEY = "threat_list_hunt";
  private static final LocalDate UPDATED = LocalDate.of(2026, 11, 24);
  private static final String ID = "https://tip.example/rules/" + KEY;

  private static final String DESCRIPTION =
      "An event of the past touches an indicator that a threat list has only listed since. The"
          + " rules that compare events as they arrive could not know it; a hunt in the stored"
          + " events found it.";

  private static final String NOTE =
      """
      ## Triage and analysis

      ### What was found

      - `tip.hunt.event.index` and `tip.hunt.event.id` name the event; `event.start` is when it happened, which can be
        weeks ago. `tip.hunt.field` and `tip.hunt.value` say what matched.
      - `threat.enrichments.feed.name` names the list, `threat.enrichments.indicator.first_seen` when the list saw it first.
      - A finding stands for the first events of a value. Search for the value over the whole time for all of them.

      ### What to do

      - Treat the host as one that may have been in the hands of others since `event.start`: look for what came after, and
        for other hosts with the same value.
      - An address or name can have belonged to somebody else at the time of the event. Compare `event.start` with the
        dates of the list.
      """;

  private static final String SETUP =
      """
      ## Setup

      Findings come from `tip sync --hunt` or `tip hunt --write`, which store them in `%s`. One run makes at most 999
      alerts; a hunt stores at most as many findings as it is told, 1000 unless set.
      """;

  private final String index;
  private final List<String> author;
  private final String license;
  private final boolean enabled;

  private HuntRule(Builder b) {
    this.index = b.index;
    this.author = List.copyOf(b.author);
    this.license = RuleChecks.licence(b.license);
    this.enabled = b.enabled;
  }

  /** Returns the rule of a plain installation. */
  public static HuntRule standard() {
    return builder().build();
  }

  /** Returns a builder that starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public String ruleId() {
    String name = index.equals(DEFAULT_INDEX) ? ID : ID + '?' + index;
    return ThreatMatchRules.nameUuid(ThreatMatchRules.URL_NAMESPACE, name).toString();
  }

  @Override
  public String name() {
    return "Threat List Match in Old Events";
  }

  /** Returns the index of the findings. */
  public String index() {
    return index;
  }

  /** Returns the query for findings, in KQL. */
  public String query() {
    return "event.kind:event and event.dataset:" + KqlQuery.phrase(DATASET);
  }

  @Override
  public boolean enabled() {
    return enabled;
  }

  @Override
  public String fileName() {
    return KEY + ".toml";
  }

  @Override
  public String toJson() {
    return rule().toString();
  }

  @Override
  public String toToml() {
    ObjectNode file = JsonNodeFactory.instance.objectNode();
    file.putObject("metadata")
        .put("creation_date", RuleDocument.date(RuleDates.CREATED))
        .put("maturity", "production")
        .put("query_schema_validation", false)
        .put("updated_date", RuleDocument.date(UPDATED));
    file.set("rule", rule());
    return TomlText.of(file);
  }

  private ObjectNode rule() {
    ObjectNode rule = JsonNodeFactory.instance.objectNode();
    strings(rule, "author", author);
    rule.put("description", DESCRIPTION);
    rule.put("enabled", enabled);
    rule.put("from", "now-65m");
    strings(rule, "index", List.of(index));
    rule.put("interval", "1h");
    rule.put("language", QueryLanguage.KUERY.value());
    rule.put("license", license);
    rule.put("max_signals", ThreatMatchRule.MAX_SIGNALS_LIMIT - 1);
    rule.put("name", name());
    rule.put("note", NOTE);
    rule.put("query", query());
    // What a finding says of itself wins over the two scores below.
    rule.putArray("risk_score_mapping")
        .addObject()
        .put("field", "event.risk_score")
        .put("operator", "equals")
        .put("value", "");
    ArrayNode severities = rule.putArray("severity_mapping");
    for (Severity severity : Severity.values()) {
      severities
          .addObject()
          .put("field", "event.severity")
          .put("operator", "equals")
          .put("severity", severity.value())
          .put("value", Integer.toString(severity.highestRiskScore()));
    }
    rule.put("risk_score", Severity.MEDIUM.highestRiskScore());
    rule.put("rule_id", ruleId());
    rule.put("setup", SETUP.formatted(index));
    rule.put("severity", Severity.MEDIUM.value());
    strings(
        rule,
        "tags",
        List.of(
            "Domain: Endpoint",
            "Domain: Network",
            "Use Case: Threat Detection",
            ThreatMatchRules.TAG,
            "Rule Type: Indicator Match",
            "Resources: Investigation Guide"));
    rule.put("timestamp_override", "event.ingested");
    rule.put("type", "query");
    return rule;
  }

  private static void strings(ObjectNode node, String key, List<String> values) {
    ArrayNode array = node.putArray(key);
    values.forEach(array::add);
  }

  @Override
  public String toString() {
    return KEY;
  }

  /** Collects options. Not thread-safe. */
  public static final class Builder {
    private String index = DEFAULT_INDEX;
    private List<String> author = List.of("The tip authors");
    private String license = "Apache-2.0";
    private boolean enabled = true;

    private Builder() {}

    /**
     * Sets the index or alias of the findings; default: {@value HuntRule#DEFAULT_INDEX}. The rule
     * over another one has an id of its own.
     */
    public Builder index(String index) {
      this.index = Objects.requireNonNull(index);
      return this;
    }

    /** Sets the authors; default: those of tip. */
    public Builder author(String... authors) {
      this.author = List.of(authors);
      return this;
    }

    /** Sets the licence; default: {@code Apache-2.0}. */
    public Builder license(String license) {
      this.license = Objects.requireNonNull(license);
      return this;
    }

    /** Sets whether it runs once it is in Kibana; default: true. */
    public Builder enabled(boolean enabled) {
      this.enabled = enabled;
      return this;
    }

    /**
     * Builds the rule.
     *
     * @throws IllegalArgumentException if the licence is one that Elastic's checks refuse
     */
    public HuntRule build() {
      return new HuntRule(this);
    }
  }
}
