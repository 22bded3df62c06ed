// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import java.util.Locale;
import java.util.Objects;

/** Something that {@link RuleLint} found in a rule. Immutable. */
public final class RuleFinding {
  private static final int MAX_EXCERPT = 120;

  private final Code code;
  private final String field;
  private final String sentence;

  RuleFinding(Code code, String field, String sentence) {
    this.code = Objects.requireNonNull(code);
    this.field = Objects.requireNonNull(field);
    this.sentence = Objects.requireNonNull(sentence);
  }

  /** Returns what it is about. */
  public Code code() {
    return code;
  }

  /**
   * Returns where it is: the key within the rule, such as {@code
   * threat_mapping[0].entries[0].value}; the path within the file for what is outside the rule.
   */
  public String field() {
    return field;
  }

  /** Returns what is wrong, a sentence of one line. */
  public String sentence() {
    return sentence;
  }

  /** Returns what to do, a sentence of one line. */
  public String fix() {
    return code.fix;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof RuleFinding other
        && code == other.code
        && field.equals(other.field)
        && sentence.equals(other.sentence);
  }

  @Override
  public int hashCode() {
    return Objects.hash(code, field, sentence);
  }

  /** Returns code, place and sentence. */
  @Override
  public String toString() {
    return code.value() + ' ' + field + ": " + sentence;
  }

  /** Returns text of a rule for a sentence: on one line, and not too long. */
  static String excerpt(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length() && out.length() < MAX_EXCERPT; ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (Character.isISOControl(c)
          || Character.getType(c) == Character.FORMAT
          || Character.getType(c) == Character.LINE_SEPARATOR
          || Character.getType(c) == Character.PARAGRAPH_SEPARATOR
          || Character.getType(c) == Character.SURROGATE) {
        out.append(String.format(Locale.ROOT, "\\u%04x", c));
      } else {
        out.appendCodePoint(c);
      }
    }
    return text.length() > MAX_EXCERPT ? out + "…" : out.toString();
  }

  /** What becomes of a rule with a finding. */
  public enum Effect {
    /** Kibana or detection-rules does not take it, or it cannot find what it is meant to find. */
    REFUSES,
    /** It floods, misses events or is slow, or detection-rules objects to its form. */
    WARNS
  }

  /** What a finding is about. */
  public enum Code {
    /** A key is missing, unknown or of a wrong form. */
    SCHEMA(
        Effect.REFUSES,
        "a key is missing, unknown, or of a form that Kibana or detection-rules does not take",
        "Write the key as the documentation of indicator match rules has it."),
    /** The type does not exist. */
    TYPE(
        Effect.REFUSES,
        "`type` is none that Kibana knows; the examples of 2021 had `threat_matching`",
        "Set type to threat_match."),
    /** It is a rule of another type, and was not looked at. */
    OTHER_TYPE(
        Effect.WARNS,
        "the rule is of another type than `threat_match`, and nothing else of it was looked at",
        "None is needed; only indicator match rules are looked at."),
    /** The mapping is a table beside the rule. */
    MAPPING_OUTSIDE_RULE(
        Effect.REFUSES,
        "`threat_mapping` is beside the rule and not inside it, as in the examples of 2021",
        "Write [[rule.threat_mapping]] and [[rule.threat_mapping.entries]]."),
    /** A query is no KQL. */
    KQL(
        Effect.REFUSES,
        "a query is empty, no KQL, or longer than 100,000 characters",
        "Correct the query; put text with special characters between double quotes."),
    /** A query is in Lucene. */
    LUCENE(
        Effect.WARNS,
        "a query is in Lucene, and its guards were not looked at",
        "Write the query in KQL to have it checked."),
    /** The mapping names a field of indicators that no index has. */
    UNKNOWN_INDICATOR_FIELD(
        Effect.REFUSES,
        "an indicator field does not exist, such as `threat.ip`: the rule never fires, without error",
        "Name the field that the documents have, such as threat.indicator.ip."),
    /** The mapping names a field that the events do not have. */
    UNKNOWN_EVENT_FIELD(
        Effect.REFUSES,
        "no index of the rule maps any of its event fields: the rule never fires, without error",
        "Name fields that the events have, or the index patterns of events that have them."),
    /** The two fields of a pair cannot be compared. */
    MIXED_TYPES(
        Effect.REFUSES,
        "the two fields of a pair have types that Elasticsearch does not compare, such as address and"
            + " keyword: the rule fails as soon as a value is no address",
        "Compare fields of the same type."),
    /** The two fields of a pair write hexadecimal digits in different case. */
    DIGITS(
        Effect.REFUSES,
        "one field of a pair is written in upper case and the other in lower case, such as certificate"
            + " and file hashes: they are never equal",
        "Compare fields whose values are written alike."),
    /** A group is negated throughout, or a pair is both. */
    NEGATION(
        Effect.REFUSES,
        "a group of the mapping has negated entries only, or a pair negated and not",
        "Give the group an entry that is not negated."),
    /** Events and indicators are compared by the same field. */
    SAME_FIELD(
        Effect.WARNS,
        "event and indicator are compared by one and the same field, so that indicators look like"
            + " events, as in the examples of 2021",
        "Keep indicators below threat.indicator and compare with that."),
    /** The comparison is done document by document. */
    SLOW_PATH(
        Effect.WARNS,
        "Kibana compares document by document: a group has several entries, a field is a number, or a"
            + " mapped field is missing from all indices of the rule (networks have no other way and"
            + " are not counted)",
        "Make a rule for each source of events, with groups of one entry and fields its index maps."),
    /** The field has several values. */
    SEVERAL_VALUES(
        Effect.WARNS,
        "an event field usually has several values, of which Kibana compares the first, or none",
        "Compare a field of one value, such as dns.question.name."),
    /** A name below the listed one is found as well. */
    SIBLINGS(
        Effect.WARNS,
        "a registered domain is compared: every name below the same domain alerts",
        "Compare the whole name, unless the list means whole domains."),
    /** Indicators of other kinds have the field as well. */
    KIND_GUARD(
        Effect.WARNS,
        "`threat_query` lets indicators of another kind pass that carry the same field: the host of a"
            + " listed URL, such as a code host, alerts on each look-up",
        "Add threat.indicator.type to threat_query."),
    /** Indicators of any age are compared. */
    UNBOUNDED_THREAT_QUERY(
        Effect.WARNS,
        "`threat_query` lets indicators pass that were last listed more than 400 days ago; Kibana sets"
            + " no bound of its own",
        "Add @timestamp >= \"now-30d/d\" to threat_query."),
    /** Withdrawn or outdated indicators are compared. */
    EXPIRY_GUARD(
        Effect.WARNS,
        "`threat_query` lets indicators pass that are withdrawn, or the source copies of Elastic's"
            + " transforms, which outlive their indicators",
        "Add tip.status:active, or not labels.is_ioc_transform_source:\"true\" for Elastic's"
            + " integrations."),
    /** Documents without the compared fields are looked at. */
    NULL_GUARD(
        Effect.WARNS,
        "a query lets documents pass that have none of the compared fields, which costs time",
        "Add field:* for each mapped field, joined with or."),
    /** Indicators of noisy lists are compared. */
    NOISY_LISTS(
        Effect.WARNS,
        "`threat_query` lets scanners and anonymisers pass, and the severity is not low",
        "Add tip.indicator.role with the roles that are meant to threat_query."),
    /** Whoever scans a public host raises an alert. */
    SOURCE_IP(
        Effect.WARNS,
        "`source.ip` is compared for connections from outside: each scan of a public host alerts",
        "Compare destination.ip, or make a rule of low severity that is disabled."),
    /** A condition on the direction hides events. */
    DIRECTION(
        Effect.WARNS,
        "`network.direction` is asked for, which flows of Packetbeat do not have: they are never found",
        "Leave the direction out and compare destination.ip."),
    /** Each report of an open connection raises an alert. */
    LONG_CONNECTION(
        Effect.WARNS,
        "each report of an open connection alerts, one every ten seconds, and they use up max_signals",
        "Add (not event.action:network_flow or flow.final:true or (event.duration >= 60000000000 and"
            + " event.duration < 70000000000))."),
    /** Connections that were refused raise alerts. */
    REFUSED_TRAFFIC(
        Effect.WARNS,
        "connections and requests that were refused or failed alert as well",
        "Add not event.outcome:failure and not event.type:denied."),
    /** The number of alerts of a run. */
    MAX_SIGNALS(
        Effect.WARNS,
        "`max_signals` is at most 100, so that one noisy host hides the others; or beyond 1000, which"
            + " Kibana cuts; or 1000 without a note in `setup`",
        "Set max_signals to 999."),
    /** A page does not fit into one answer. */
    PAGE(
        Effect.REFUSES,
        "`items_per_search` times `concurrent_searches` is more than 10,000: each run fails",
        "Leave both out."),
    /** Events are missed between two runs. */
    SCHEDULE(
        Effect.WARNS,
        "`from` or `interval` is left out, `from` does not reach back further than `interval`, or more"
            + " than a day further",
        "Set interval to 1h and from to now-65m."),
    /** Events that arrive late are missed. */
    TIMESTAMP_OVERRIDE(
        Effect.WARNS,
        "`timestamp_override` is not `event.ingested`: events that arrive late are never looked at",
        "Set timestamp_override to event.ingested."),
    /** The alert is enriched with an object that lacks the indicator. */
    INDICATOR_PATH(
        Effect.WARNS,
        "`threat_indicator_path` is left out, and the compared field is not below `threat.indicator`:"
            + " alerts are enriched without it",
        "Set threat_indicator_path to the object that holds the field."),
    /** The language of the threat query is left out. */
    THREAT_LANGUAGE(
        Effect.REFUSES,
        "`threat_language` is left out, which detection-rules refuses beside `threat_query`",
        "Set threat_language to kuery."),
    /** Neither Kibana's pages nor prebuilt rules look into the index. */
    THREAT_INDEX(
        Effect.WARNS,
        "`threat_index` is covered by none of the patterns that Kibana's pages look into",
        "Use an index whose name begins with logs-ti_."),
    /** Index patterns are missing or said twice. */
    INDEX(
        Effect.REFUSES,
        "`index` and `data_view_id` are both set, or both left out",
        "Set one of them."),
    /** Score and severity do not belong together. */
    RISK_SCORE(
        Effect.WARNS,
        "`risk_score` is outside the band of `severity`: low to 21, medium to 47, high to 73",
        "Set a risk score within the band."),
    /** The name of Elastic's licence in another spelling. */
    LICENSE(
        Effect.WARNS,
        "`license` is Elastic's in a spelling that detection-rules refuses",
        "Write Elastic License v2, or the licence of your own rule."),
    /** A tag without prefix. */
    TAGS(
        Effect.WARNS,
        "a tag has none of the prefixes of the tag taxonomy, or is there twice",
        "Write tags such as Domain: Network or Use Case: Threat Detection."),
    /** Half a timeline template. */
    TIMELINE(
        Effect.REFUSES,
        "only one of `timeline_id` and `timeline_title` is set",
        "Set both or none."),
    /** Keys of newer versions without saying so. */
    MIN_STACK(
        Effect.WARNS,
        "a negated entry needs version 9.2, and `min_stack_version` does not say so; or it is said"
            + " without `min_stack_comments`",
        "Set min_stack_version and min_stack_comments."),
    /** Dates of the file. */
    DATES(
        Effect.REFUSES,
        "`updated_date` is before `creation_date`",
        "Set updated_date to the day of the last change.");

    private final Effect effect;
    private final String meaning;
    private final String fix;

    Code(Effect effect, String meaning, String fix) {
      this.effect = effect;
      this.meaning = meaning;
      this.fix = fix;
    }

    /** Returns the code as it is shown, for example {@code slow-path}. */
    public String value() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns what becomes of the rule. */
    public Effect effect() {
      return effect;
    }

    /** Returns what such findings have in common, Markdown without a full stop. */
    public String meaning() {
      return meaning;
    }

    /** Returns what to do, a sentence. */
    public String fix() {
      return fix;
    }
  }
}
