// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.rules.KibanaException.Problem;
import dev.tip.rules.KibanaPlan.Action;
import dev.tip.rules.KibanaPlan.Entry;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The indicator match rules of one space of a Kibana: what a set of rules would change there, and
 * the changing. Immutable and thread-safe.
 *
 * <p>{@link #plan} only reads. {@link #apply} creates what is not there, disabled, and does the
 * rest as it is told. Of a rule that is there it leaves as it is whether it is enabled, its actions
 * and exceptions, and every setting that the rule of the set says nothing about.
 *
 * <p>A call ends with a {@link KibanaException} if Kibana cannot be asked, by its deadline at the
 * latest; an interrupt ends it at once. What was done before that stays done, and a new plan shows
 * it: each step can be repeated.
 *
 * <p>The API key becomes that of the rules it creates or changes: they run with its privileges, and
 * stop if it is invalidated.
 *
 * @see <a href="https://www.elastic.co/docs/api/doc/kibana/group/endpoint-security-detections-api">
 *     The detections API of Kibana</a>
 */
public final class KibanaRules {
  private static final Duration DEFAULT_DEADLINE = Duration.ofMinutes(5);

  private final HttpClient client;
  private final String base;
  private final String space;
  private final @Nullable String apiKey;
  private final Duration deadline;
  private final LongSupplier nanoTime;
  private final KibanaHttp.Pause pause;
  private final int maxFileRules;

  private KibanaRules(Builder b) {
    this.client = b.client;
    this.base = b.base;
    this.space = b.space;
    this.apiKey = b.apiKey;
    this.deadline = b.deadline;
    this.nanoTime = b.nanoTime;
    this.pause = b.pause;
    this.maxFileRules = b.maxFileRules;
  }

  /**
   * Returns a builder.
   *
   * @param address where Kibana is, with its base path if it has one, such as {@code
   *     https://kibana.example:5601}
   * @param client sends the requests; has the proxy, the trusted certificates and the time to
   *     connect. It stays the caller's.
   * @throws IllegalArgumentException if the address is no plain web address, which the message does
   *     not repeat, or the client follows redirects: it would take the API key along
   */
  public static Builder builder(URI address, HttpClient client) {
    return new Builder(address, client);
  }

  /** Which rules of a set are wanted. */
  public enum Profile {
    /** All. */
    FULL,
    /**
     * Those that do something which no prebuilt rule of Elastic's does that is installed and
     * enabled in the space. {@link ThreatMatchRules#complement} is the same without asking.
     */
    COMPLEMENT
  }

  /**
   * Holds a set of rules against what is installed.
   *
   * @param rules the set; what it does not hold any more is an orphan
   * @throws IllegalArgumentException if two rules have the same id
   * @throws KibanaException if Kibana cannot be asked; the message says what to do
   */
  public KibanaPlan plan(Collection<? extends DetectionRule> rules, Profile profile)
      throws KibanaException, InterruptedException {
    Map<String, DetectionRule> set = new LinkedHashMap<>();
    Set<String> others = new HashSet<>();
    for (DetectionRule rule : rules) {
      if (set.put(rule.ruleId(), rule) != null) {
        throw new IllegalArgumentException("two rules have the id " + rule.ruleId());
      }
      if (rule instanceof HuntRule) {
        others.add(rule.ruleId());
      }
    }
    KibanaApi kibana = begin(others);
    kibana.check();
    Map<String, ObjectNode> installed = kibana.installed();
    List<PrebuiltRule> prebuilt =
        installed.values().stream().filter(PrebuiltRule::is).map(PrebuiltRule::of).toList();

    List<Entry> entries = new ArrayList<>();
    Map<String, ObjectNode> wanted = new LinkedHashMap<>();
    for (DetectionRule rule : set.values()) {
      ObjectNode document = RuleJson.of(rule);
      ObjectNode there = installed.get(rule.ruleId());
      List<String> notes = new ArrayList<>();
      boolean covered =
          rule instanceof ThreatMatchRule ours && note(kibana, ours, prebuilt, profile, notes);
      Set<String> differences =
          there == null || covered ? Set.of() : RuleJson.differences(document, there);
      Action action;
      if (there == null) {
        action = covered ? Action.LEFT_OUT : Action.CREATE;
      } else if (covered) {
        action = Action.ORPHAN;
      } else {
        action = differences.isEmpty() ? Action.UNCHANGED : Action.UPDATE;
      }
      if (!covered) {
        wanted.put(rule.ruleId(), document);
      }
      entries.add(
          new Entry(
              action,
              rule.ruleId(),
              rule.name(),
              there == null ? null : there.path("enabled").asBoolean(),
              differences,
              notes));
    }
    entries.addAll(orphans(set, installed));
    return new KibanaPlan(toString(), entries, wanted, installed, others);
  }

  /** Adds what is to be said of prebuilt rules; returns whether one makes this rule superfluous. */
  private static boolean note(
      KibanaApi kibana,
      ThreatMatchRule rule,
      List<PrebuiltRule> prebuilt,
      Profile profile,
      List<String> notes) {
    boolean covered = false;
    for (PrebuiltRule other : prebuilt) {
      if (!other.overlaps(rule)) {
        continue;
      }
      String name = kibana.plain(other.name());
      if (!other.enabled()) {
        notes.add("Elastic's rule %s does the same and is disabled".formatted(name));
      } else if (other.covers(rule)) {
        covered |= profile == Profile.COMPLEMENT;
        notes.add("Elastic's rule %s is enabled and finds the same".formatted(name));
      } else {
        notes.add("Elastic's rule %s is enabled and finds a part of it".formatted(name));
      }
    }
    return covered;
  }

  private static List<Entry> orphans(
      Map<String, DetectionRule> set, Map<String, ObjectNode> installed) {
    // A set over another index is another installation's.
    Set<JsonNode> threatIndices = new HashSet<>();
    set.values().forEach(rule -> threatIndices.add(RuleJson.of(rule).path("threat_index")));
    List<Entry> orphans = new ArrayList<>();
    for (Map.Entry<String, ObjectNode> there : installed.entrySet()) {
      ObjectNode rule = there.getValue();
      boolean tagged = false;
      for (JsonNode tag : rule.path("tags")) {
        tagged |= tag.asText().equals(ThreatMatchRules.TAG);
      }
      if (tagged
          && !PrebuiltRule.is(rule)
          && !set.containsKey(there.getKey())
          && threatIndices.contains(rule.path("threat_index"))) {
        orphans.add(
            new Entry(
                Action.ORPHAN,
                there.getKey(),
                rule.path("name").asText(),
                rule.path("enabled").asBoolean(),
                Set.of(),
                List.of()));
      }
    }
    return orphans;
  }

  /**
   * Does what a plan says, as far as it is told.
   *
   * @param plan of this Kibana and space
   * @throws IllegalArgumentException if the plan is of another Kibana or space
   * @throws KibanaException with {@link Problem#CHANGED} and before anything is done, if a rule
   *     that would be changed is not as it was for the plan; otherwise if Kibana cannot be asked or
   *     refuses a request as a whole
   */
  public KibanaReport apply(KibanaPlan plan, Changes changes)
      throws KibanaException, InterruptedException {
    if (!plan.target().equals(toString())) {
      throw new IllegalArgumentException("the plan is of " + plan.target());
    }
    return new KibanaChange(begin(plan.others()), plan, changes).run(maxFileRules);
  }

  private KibanaApi begin(Set<String> others) {
    return new KibanaApi(
        new KibanaHttp(client, base, apiKey, nanoTime, pause, deadline), space, others);
  }

  @Override
  public String toString() {
    return "KibanaRules[" + base + ", space " + space + "]";
  }

  /** What to do of a plan. Creating what is not there is always done. Immutable. */
  public static final class Changes {
    private final boolean update;
    private final boolean removeOrphans;
    private final Set<String> enable;

    private Changes(boolean update, boolean removeOrphans, Set<String> enable) {
      this.update = update;
      this.removeOrphans = removeOrphans;
      this.enable = Set.copyOf(enable);
    }

    /** Returns the least: what is not there is created, disabled. */
    public static Changes create() {
      return new Changes(false, false, Set.of());
    }

    /** Returns these, and rules that say something else are updated. */
    public Changes update() {
      return new Changes(true, removeOrphans, enable);
    }

    /** Returns these, and orphans are removed. */
    public Changes removeOrphans() {
      return new Changes(update, true, enable);
    }

    /**
     * Returns these, and rules of the set are enabled that are not.
     *
     * @param ruleIds each a {@code rule_id}; those that the plan leaves out stay out
     */
    public Changes enable(Collection<String> ruleIds) {
      Set<String> all = new HashSet<>(enable);
      all.addAll(ruleIds);
      return new Changes(update, removeOrphans, all);
    }

    boolean isChanged(Entry entry) {
      return switch (entry.action()) {
        case CREATE -> true;
        case UPDATE -> update;
        case ORPHAN -> removeOrphans;
        case UNCHANGED, LEFT_OUT -> false;
      };
    }

    boolean removesOrphans() {
      return removeOrphans;
    }

    boolean enables(String ruleId) {
      return enable.contains(ruleId);
    }
  }

  /** Collects where Kibana is and how to ask it. Not thread-safe. */
  public static final class Builder {
    private final HttpClient client;
    private final String base;
    private String space = "default";
    private @Nullable String apiKey;
    private Duration deadline = DEFAULT_DEADLINE;
    private LongSupplier nanoTime = System::nanoTime;
    private KibanaHttp.Pause pause = TimeUnit.NANOSECONDS::sleep;
    private int maxFileRules = RuleJson.MAX_IMPORT_RULES;

    private Builder(URI address, HttpClient client) {
      boolean http =
          "http".equalsIgnoreCase(address.getScheme())
              || "https".equalsIgnoreCase(address.getScheme());
      if (!http
          || address.getHost() == null
          || address.getRawUserInfo() != null
          || address.getRawQuery() != null
          || address.getRawFragment() != null) {
        // The address is not repeated: it may hold a password.
        throw new IllegalArgumentException(
            "the address of Kibana must be like https://host:5601, with its base path if it has"
                + " one, without user, password and query");
      }
      if (client.followRedirects() != HttpClient.Redirect.NEVER) {
        throw new IllegalArgumentException(
            "the client must have Redirect.NEVER: it would send the API key to wherever it is"
                + " redirected");
      }
      String text = address.toString();
      int end = text.length();
      while (text.charAt(end - 1) == '/') {
        end--;
      }
      this.base = text.substring(0, end);
      this.client = client;
    }

    /**
     * Sets the space; default: {@code default}.
     *
     * @param id its id, which is not its name: lower-case letters, digits, {@code _} and {@code -}
     * @throws IllegalArgumentException if it is none
     */
    public Builder space(String id) {
      boolean good = !id.isEmpty();
      for (int i = 0; i < id.length(); i++) {
        char c = id.charAt(i);
        good &= c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z';
      }
      if (!good) {
        throw new IllegalArgumentException(
            "the id of a space has lower-case letters, digits, underscores and hyphens only");
      }
      this.space = id;
      return this;
    }

    /**
     * Sets the API key; default: none, which only a Kibana without security takes.
     *
     * @param encoded as Elasticsearch gives it as {@code encoded}: id and key in base64
     * @throws IllegalArgumentException if a header cannot carry it; the message does not repeat it
     */
    public Builder apiKey(String encoded) {
      if (encoded.isEmpty() || !encoded.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
        throw new IllegalArgumentException(
            "the API key is empty or has characters that are none of base64");
      }
      this.apiKey = encoded;
      return this;
    }

    /**
     * Sets how long one call may take with all its requests and waits; default: 5 minutes.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder deadline(Duration deadline) {
      if (deadline.isNegative() || deadline.isZero()) {
        throw new IllegalArgumentException("the deadline must be positive");
      }
      this.deadline = deadline;
      return this;
    }

    /** Replaces time, for tests. */
    Builder time(LongSupplier nanoTime, KibanaHttp.Pause pause) {
      this.nanoTime = nanoTime;
      this.pause = pause;
      return this;
    }

    /** Replaces how many rules an import holds, for tests. */
    Builder maxFileRules(int rules) {
      this.maxFileRules = rules;
      return this;
    }

    /** Builds it; nothing is sent yet. */
    public KibanaRules build() {
      return new KibanaRules(this);
    }
  }
}
