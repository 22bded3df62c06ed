// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What Kibana and the detection-rules repository refuse in a rule. Every message names the key. */
final class RuleChecks {
  /** Each tag of a rule starts with one of these, after the tag taxonomy of detection-rules. */
  static final List<String> TAG_PREFIXES =
      List.of(
          "Data Source: ",
          "Domain: ",
          "Mitre Atlas: ",
          "OS: ",
          "Platform: ",
          "Profile: ",
          "Promotion: ",
          "Resources: ",
          "Rule Type: ",
          "Service: ",
          "Tactic: ",
          "Threat: ",
          "Use Case: ",
          "Vuln: ");

  /** One page of documents must fit into one answer of Elasticsearch. */
  static final int MAX_PAGE = 10_000;

  private static final Duration MAX_ADDITIONAL_LOOKBACK = Duration.ofHours(24);

  /**
   * What Elasticsearch refuses in the name of an index, wildcards apart, and quotes of Markdown.
   */
  private static final String NOT_IN_NAMES = " ,\"\\/|<>?#`";

  private RuleChecks() {}

  /** What a rule must keep as a whole, each text of it being checked already. */
  static void rule(ThreatMatchRule rule) {
    Severity severity = rule.severity();
    int score = rule.riskScore();
    if (score < severity.lowestRiskScore() || score > severity.highestRiskScore()) {
      throw invalid(
          "risk_score",
          "of severity %s must be %d to %d: %d"
              .formatted(
                  severity.value(),
                  severity.lowestRiskScore(),
                  severity.highestRiskScore(),
                  score));
    }
    if (rule.author().isEmpty()) {
      throw invalid("author", "is missing");
    }
    rule.author().forEach(a -> line("author", a));
    if (rule.dataViewId().isEmpty()) {
      indices("index", rule.index());
    } else if (!rule.index().isEmpty()) {
      throw invalid("data_view_id", "and index cannot both be set");
    }
    distinct("exceptions_list", rule.exceptions());
    distinct("threat", rule.threat().stream().map(AttackTactic::id).toList());
    indices("threat_index", rule.threatIndex());
    if (rule.threatMapping().isEmpty()) {
      throw invalid("threat_mapping", "must have at least one group");
    }
    distinct("threat_mapping", rule.threatMapping());
    schedule(rule.from(), rule.interval());
    int signals = rule.maxSignals();
    if (signals < 1 || signals > ThreatMatchRule.MAX_SIGNALS_LIMIT) {
      throw invalid("max_signals", "must be 1 to " + ThreatMatchRule.MAX_SIGNALS_LIMIT);
    }
    tags(rule.tags());
    rule.references().forEach(RuleChecks::reference);
    distinct("references", rule.references());
    rule.falsePositives().forEach(f -> text("false_positives", f));
    rule.note().ifPresent(note -> text("note", note));
    rule.setup().ifPresent(setup -> text("setup", setup));
    rule.timestampOverride().ifPresent(field -> fieldName("timestamp_override", field));
    page(rule.itemsPerSearch(), rule.concurrentSearches());
    rule.integrations().forEach(i -> line("integration", i));
    if (rule.updated().isBefore(rule.created())) {
      throw invalid("updated_date", "must not be before creation_date");
    }
  }

  private static void schedule(String from, String interval) {
    Duration reach = from(from);
    Duration every = interval("interval", interval);
    if (reach.compareTo(every) < 0) {
      throw invalid("from", "must reach back the interval, or events are never seen: " + from);
    }
    if (reach.minus(every).compareTo(MAX_ADDITIONAL_LOOKBACK) > 0) {
      throw invalid("from", "may reach back the interval and 24 hours: " + from);
    }
  }

  private static void page(int items, int searches) {
    if (items < 1) {
      throw invalid("items_per_search", "must be at least 1");
    }
    if (searches < 1) {
      throw invalid("concurrent_searches", "must be at least 1");
    }
    if ((long) items * searches > MAX_PAGE) {
      throw invalid("items_per_search", "times concurrent_searches must be at most " + MAX_PAGE);
    }
  }

  static IllegalArgumentException invalid(String key, String what) {
    return new IllegalArgumentException(key + " " + what);
  }

  /** Text that every writer can express: not blank, and no half of a surrogate pair. */
  static String text(String key, String text) {
    if (text.isBlank()) {
      throw invalid(key, "must not be blank");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw invalid(key, "has half a surrogate pair at index " + i);
      }
    }
    return text;
  }

  /** Text of one line without control characters. */
  static String line(String key, String text) {
    text(key, text);
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        throw invalid(key, "has a control character at index " + i);
      }
    }
    return text;
  }

  static String query(String key, QueryLanguage language, String query) {
    text(key, query);
    if (language == QueryLanguage.KUERY) {
      try {
        KqlQuery.parse(query);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(key + " is no KQL, it " + e.getMessage(), e);
      }
    }
    return query;
  }

  /** {@code ^[a-zA-Z0-9].+?[a-zA-Z0-9\[\]()]$}. */
  static String name(String name) {
    line("name", name);
    char last = name.charAt(name.length() - 1);
    if (name.length() < 3
        || !isAlphanumeric(name.charAt(0))
        || !(isAlphanumeric(last) || "[]()".indexOf(last) >= 0)) {
      throw invalid(
          "name", "must start with a letter or digit and end with one or a bracket: " + name);
    }
    return name;
  }

  /** {@code ^[a-z0-9_]+$}. */
  static String key(String key) {
    boolean good = !key.isEmpty();
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      good &= c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z';
    }
    if (!good) {
      throw invalid("file name", "must be lower-case letters, digits and underscores: " + key);
    }
    return key;
  }

  static String ruleId(String id) {
    boolean good = id.length() == 36;
    for (int i = 0; good && i < id.length(); i++) {
      char c = id.charAt(i);
      good =
          i == 8 || i == 13 || i == 18 || i == 23
              ? c == '-'
              : c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
    }
    if (!good) {
      throw invalid("rule_id", "must be a UUID in lower case: " + id);
    }
    return id;
  }

  static String fieldName(String key, String field) {
    boolean good = !field.isEmpty() && !field.startsWith(".") && !field.endsWith(".");
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      good &= isAlphanumeric(c) || c == '_' || c == '.' || c == '-' || c == '@';
    }
    if (!good) {
      throw invalid(key, "must be a field name without wildcards: " + field);
    }
    return field;
  }

  /** {@code ^\d+[smhd]$}: the length of time. */
  static Duration interval(String key, String text) {
    int digits = text.length() - 1;
    boolean good = digits >= 1 && digits <= 6 && "smhd".indexOf(text.charAt(digits)) >= 0;
    for (int i = 0; good && i < digits; i++) {
      good = text.charAt(i) >= '0' && text.charAt(i) <= '9';
    }
    if (!good) {
      throw invalid(key, "must be a number and one of s, m, h, d: " + text);
    }
    int count = Integer.parseInt(text.substring(0, digits));
    if (count == 0) {
      throw invalid(key, "must not be zero");
    }
    return switch (text.charAt(digits)) {
      case 's' -> Duration.ofSeconds(count);
      case 'm' -> Duration.ofMinutes(count);
      case 'h' -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  static Duration from(String text) {
    if (!text.startsWith("now-")) {
      throw invalid("from", "must be now-, a number and one of s, m, h, d: " + text);
    }
    return interval("from", text.substring("now-".length()));
  }

  static String licence(String text) {
    line("license", text);
    if (text.toLowerCase(Locale.ROOT).contains("elastic license")
        && !text.equals("Elastic License v2")) {
      throw invalid("license", "of Elastic is spelt Elastic License v2: " + text);
    }
    return text;
  }

  private static void tags(List<String> tags) {
    for (String tag : tags) {
      line("tags", tag);
      if (TAG_PREFIXES.stream().noneMatch(tag::startsWith)) {
        throw invalid("tags", "must start with one of " + TAG_PREFIXES + ": " + tag);
      }
      if (!tag.equals(tag.strip())) {
        throw invalid("tags", "must not end with a blank: " + tag);
      }
    }
    distinct("tags", tags);
  }

  private static void reference(String text) {
    line("references", text);
    try {
      URI uri = new URI(text);
      if (uri.getHost() == null
          || !("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))) {
        throw invalid("references", "must be web addresses: " + text);
      }
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("references must be web addresses: " + text, e);
    }
  }

  private static void indices(String key, List<String> names) {
    if (names.isEmpty()) {
      throw invalid(key, "must name an index, an alias or a pattern");
    }
    for (String name : names) {
      line(key, name);
      for (int i = 0; i < name.length(); i++) {
        if (NOT_IN_NAMES.indexOf(name.charAt(i)) >= 0) {
          throw invalid(key, "must be index names or patterns, one an element: " + name);
        }
      }
    }
    distinct(key, names);
  }

  static <T> void distinct(String key, List<T> values) {
    Set<T> seen = new HashSet<>();
    for (T value : values) {
      if (!seen.add(value)) {
        throw invalid(key, "has an element twice: " + value);
      }
    }
  }

  private static boolean isAlphanumeric(char c) {
    return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }
}
