// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.Indicator;
import dev.tip.elastic.HuntFolder.Cursor;
import dev.tip.rules.IndicatorCondition;
import dev.tip.rules.ThreatMatchRule;
import dev.tip.rules.ThreatMatchRules;
import dev.tip.sink.Change;
import dev.tip.sink.IndicatorSink;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Searches old events for indicators that were listed only later, as the rules would have found
 * them: their events, guards and pairs of fields, over days or weeks instead of the last hour.
 *
 * <p>Indicators are first {@linkplain #add added}, which writes them down, and then hunted for by
 * {@link #run}. With a {@linkplain Builder#folder folder} both outlive the process: a hunt that
 * ended at a limit, was interrupted or killed goes on where it was. A finding can then come a
 * second time; its id is the same, and {@link HuntIndex} stores it once.
 *
 * <p>It needs the privilege {@code read} on the indices of the events, and nothing else: use a key
 * of its own. {@link #add} and the sink of {@link #collecting} are thread-safe, the rest is for one
 * thread. It must be closed.
 */
public final class RetroHunt implements Closeable {
  /** How many indicators one search compares at most, and how many characters of them. */
  private static final int BLOCK_INDICATORS = 5000;

  private static final int BLOCK_CHARS = 8 << 20;

  /** How long one request is tried. */
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private static final int ACTIVE_PAGE = 1000;

  private final Calls calls;
  private final Clock clock;
  private final Duration window;
  private final Map<ThreatMatchRule, IndicatorCondition> rules;
  private final String rulesKey;
  private final String indicatorIndex;
  private final int maxFindings;
  private final int maxSearches;
  private final int eventsPerValue;
  private final long maxIndicators;
  private final HuntFolder folder;
  private final boolean lasting;
  private long leftOut;

  private RetroHunt(Builder b, Map<ThreatMatchRule, IndicatorCondition> rules) throws IOException {
    this.calls = b.calls;
    this.clock = b.clock;
    this.window = b.window;
    this.rules = rules;
    this.rulesKey =
        Integer.toHexString(
            rules.keySet().stream()
                .map(ThreatMatchRule::toJson)
                .collect(Collectors.joining("\n"))
                .hashCode());
    this.indicatorIndex = b.indicatorIndex;
    this.maxFindings = b.maxFindings;
    this.maxSearches = b.maxSearches;
    this.eventsPerValue = b.eventsPerValue;
    this.maxIndicators = b.maxIndicators;
    this.lasting = b.folder != null;
    this.folder =
        HuntFolder.open(b.folder != null ? b.folder : Files.createTempDirectory("tip-hunt"));
  }

  /**
   * Returns a builder.
   *
   * @param client for reading events; neither changed nor closed
   */
  public static Builder builder(ElasticsearchClient client) {
    return new Builder(new Calls(client));
  }

  /** Takes the findings of a hunt, page by page. */
  @FunctionalInterface
  public interface Receiver {
    /**
     * Takes findings.
     *
     * @param page one at least; none comes twice in a run
     * @throws IOException if they cannot be kept; ends the hunt, which finds them again
     */
    void take(List<HuntFinding> page) throws IOException;
  }

  /**
   * Adds indicators to those that are hunted for.
   *
   * @throws IOException if they cannot be written down
   */
  public void add(Stream<Indicator> indicators) throws IOException {
    for (Iterator<Indicator> all = indicators.iterator(); all.hasNext(); ) {
      add(all.next());
    }
    flush();
  }

  /**
   * Adds an indicator to those that are hunted for. It may outlive this process only after {@link
   * #run} or {@link #close}.
   *
   * @throws IOException if it cannot be written down
   */
  public void add(Indicator indicator) throws IOException {
    Instant now = clock.instant();
    add(new Change.Upsert(indicator, 1, Change.Cause.NEW, now, now));
  }

  void add(Change.Upsert change) throws IOException {
    if (mayAdd()) {
      folder.add(change);
    }
  }

  void flush() throws IOException {
    folder.flush();
  }

  private synchronized boolean mayAdd() {
    if (folder.pending() < maxIndicators) {
      return true;
    }
    leftOut++;
    return false;
  }

  /**
   * Adds the active indicators of an index that {@link ElasticsearchSink} writes, read with the
   * client of this hunt.
   *
   * @param indexBase the alias that was written to
   * @param storedSince leaves out those that were first stored before
   * @throws IOException if they cannot be read or written down
   */
  public void addActive(String indexBase, Instant storedSince) throws IOException {
    ObjectNode search = Calls.object();
    search.putObject("query").putObject("term").put("tip.status", "active");
    Attempts attempts = attempts();
    try (PointInTime.Pages active =
        PointInTime.pages(
            calls.within(attempts),
            IndexNames.require(indexBase),
            search,
            ACTIVE_PAGE,
            "the indicators cannot be read")) {
      for (JsonNode hits = active.next(); !hits.isEmpty(); hits = active.next()) {
        attempts.restart();
        for (JsonNode hit : hits) {
          if (hit.path("_source") instanceof ObjectNode document
              && !isStoredBefore(document, storedSince)
              && mayAdd()) {
            document
                .withObjectProperty("tip")
                .withObjectProperty("indicator")
                .put("id", hit.path("_id").asText());
            folder.add(document);
          }
        }
      }
    }
    flush();
  }

  private static boolean isStoredBefore(JsonNode document, Instant time) {
    try {
      return Instant.parse(document.path("event").path("created").asText()).isBefore(time);
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  /**
   * Returns a sink that adds to this hunt, before it stores them, the indicators that some feeds
   * list for the first time.
   *
   * @param sink what stores them; closed with the one returned
   * @param feeds the ids of the feeds; those of which the sink was known to have the last list, or
   *     all that is old would be hunted for as if it were new
   */
  public IndicatorSink collecting(IndicatorSink sink, Set<String> feeds) {
    return new HuntingSink(sink, feeds, this);
  }

  /** Returns how many indicators are still to be hunted for. */
  public long pending() {
    return folder.pending();
  }

  /**
   * Forgets all indicators that are still to be hunted for.
   *
   * @throws IOException if they cannot be deleted
   */
  public void discard() throws IOException {
    folder.clear();
  }

  /**
   * Counts what a hunt for all that was added would cost. Events are counted by the server; nothing
   * else is searched.
   *
   * @throws RulePreviewException if the server cannot or will not count
   * @throws IOException if the server gives no answer, or what was added cannot be read
   */
  public HuntEstimate estimate() throws IOException {
    folder.seal();
    Cursor cursor = folder.cursor();
    String begun = cursor == null ? "" : cursor.file();
    long done = cursor == null ? 0 : cursor.line();
    long compared = 0;
    long searches = 0;
    Set<ThreatMatchRule> used = new LinkedHashSet<>();
    for (String file : folder.all()) {
      try (Blocks blocks = new Blocks(folder.read(file), file.equals(begun) ? done : 0)) {
        for (List<HuntIndicator> block = blocks.next(); block != null; block = blocks.next()) {
          Set<String> ids = new HashSet<>();
          for (ThreatMatchRule rule : rules.keySet()) {
            List<HuntIndicator> chosen = chosen(rule, block);
            if (!chosen.isEmpty()) {
              searches++;
              used.add(rule);
              chosen.forEach(indicator -> ids.add(indicator.id()));
            }
          }
          compared += ids.size();
        }
      }
    }
    Instant to = cursor != null ? cursor.to() : clock.instant();
    Instant from = cursor != null ? cursor.from() : to.minus(window);
    return new HuntEstimate(pending(), compared, searches, documents(used, from, to));
  }

  private long documents(Set<ThreatMatchRule> used, Instant from, Instant to) throws IOException {
    RulePreviewSearches counts = new RulePreviewSearches(calls);
    Map<String, ThreatMatchRule> distinct = new LinkedHashMap<>();
    used.forEach(rule -> distinct.putIfAbsent(rule.index() + " " + rule.query(), rule));
    long documents = 0;
    for (ThreatMatchRule rule : distinct.values()) {
      documents +=
          counts.count(
              rule.index(), RulePreviewFilter.oldEvents(rule, from.toString(), to.toString()));
    }
    return documents;
  }

  private List<HuntIndicator> chosen(ThreatMatchRule rule, List<HuntIndicator> block) {
    IndicatorCondition condition = Objects.requireNonNull(rules.get(rule));
    return block.stream()
        .filter(
            indicator ->
                condition.test(indicator::values)
                    && rule.threatMapping().stream()
                        .anyMatch(
                            group -> !indicator.values(group.entries().get(0).value()).isEmpty()))
        .toList();
  }

  /**
   * Hunts for all that was added, until it is through or comes to a limit.
   *
   * @param receiver what takes the findings; a page counts as found when it has returned
   * @throws RulePreviewException if the server cannot or will not search; the message says what to
   *     do
   * @throws java.io.InterruptedIOException if the thread is interrupted, which it stays
   * @throws IOException if the server gives no answer, the receiver throws it, or what was added
   *     cannot be read; what is not done is left for the next run
   */
  public HuntReport run(Receiver receiver) throws IOException {
    folder.seal();
    return new Run(receiver).go();
  }

  private Attempts attempts() {
    return new Attempts(
        System::nanoTime,
        () -> ThreadLocalRandom.current().nextDouble(),
        TimeUnit.NANOSECONDS::sleep,
        DEADLINE);
  }

  /** Ends it; what is left to be done stays in its folder, or is forgotten without one. */
  @Override
  public void close() throws IOException {
    if (lasting) {
      folder.close();
    } else {
      folder.delete();
    }
  }

  /** The indicators of a file in parts that fit into a search. */
  private static final class Blocks implements Closeable {
    private final BufferedReader reader;
    private int lines;
    private long unreadable;

    Blocks(BufferedReader reader, long skip) throws IOException {
      this.reader = reader;
      for (long line = 0; line < skip; line++) {
        if (reader.readLine() == null) {
          break;
        }
      }
    }

    /** Returns the next part, which may be empty; null at the end. */
    @Nullable List<HuntIndicator> next() throws IOException {
      List<HuntIndicator> block = new ArrayList<>();
      lines = 0;
      int chars = 0;
      while (lines < BLOCK_INDICATORS && chars < BLOCK_CHARS) {
        String line = reader.readLine();
        if (line == null) {
          break;
        }
        lines++;
        chars += line.length();
        JsonNode document = HuntFolder.document(line);
        if (document == null) {
          unreadable++;
        } else {
          block.add(new HuntIndicator(document));
        }
      }
      return lines == 0 ? null : block;
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }

  /** One run of a hunt. */
  private final class Run implements HuntSearch.Limits {
    private final long start = System.nanoTime();
    private final Attempts attempts = attempts();
    private final RulePreviewSearches searches = new RulePreviewSearches(calls.within(attempts));
    private final Receiver receiver;
    private final List<ThreatMatchRule> order = List.copyOf(rules.keySet());
    private final Set<String> handedOut = new HashSet<>();
    private final Set<String> cutValues = new HashSet<>();
    private Cursor cursor = new Cursor("", Instant.EPOCH, Instant.EPOCH, 0, "", 0, Set.of());
    private ThreatMatchRule rule = order.get(0);
    private long indicators;
    private long findings;
    private int made;
    private long unequal;
    private long unreadable;
    private @Nullable String limit;

    Run(Receiver receiver) {
      this.receiver = receiver;
    }

    HuntReport go() throws IOException {
      for (String file = folder.first(); file != null; file = folder.first()) {
        if (!hunt(file)) {
          break;
        }
        folder.remove(file);
      }
      return new HuntReport(
          indicators,
          pending(),
          findings,
          made,
          warnings(),
          Duration.ofNanos(System.nanoTime() - start));
    }

    private boolean hunt(String file) throws IOException {
      Cursor last = folder.cursor();
      Instant now = clock.instant();
      cursor =
          last == null
              ? new Cursor(file, now.minus(window), now, 0, rulesKey, 0, Set.of())
              : last.rules().equals(rulesKey)
                  ? last
                  : new Cursor(file, last.from(), last.to(), last.line(), rulesKey, 0, Set.of());
      folder.save(cursor);
      try (Blocks blocks = new Blocks(folder.read(file), cursor.line())) {
        for (List<HuntIndicator> block = blocks.next(); block != null; block = blocks.next()) {
          while (cursor.rule() < order.size()) {
            rule = order.get(cursor.rule());
            List<HuntIndicator> chosen = chosen(rule, block);
            if (!chosen.isEmpty()
                && !new HuntSearch(searches, rule, cursor.from(), cursor.to(), this).run(chosen)) {
              return false;
            }
            moveTo(cursor.line(), cursor.rule() + 1);
          }
          indicators += blocks.lines;
          folder.done(blocks.lines);
          moveTo(cursor.line() + blocks.lines, 0);
        }
        unreadable += blocks.unreadable;
      }
      return true;
    }

    private void moveTo(long line, int nextRule) throws IOException {
      cursor =
          new Cursor(cursor.file(), cursor.from(), cursor.to(), line, rulesKey, nextRule, Set.of());
      folder.save(cursor);
    }

    @Override
    public boolean maySearch() {
      attempts.restart();
      if (made == maxSearches) {
        limit = "the limit of " + maxSearches + " searches is reached";
        return false;
      }
      made++;
      return true;
    }

    @Override
    public int eventsPerValue() {
      return eventsPerValue;
    }

    @Override
    public boolean take(List<HuntSearch.Find> page) throws IOException {
      Instant now = clock.instant();
      List<HuntFinding> fresh = new ArrayList<>();
      boolean more = true;
      for (HuntSearch.Find find : page) {
        HuntFinding finding =
            new HuntFinding(find.event(), find.time(), rule, find.matches(), indicatorIndex, now);
        if (cursor.found().contains(finding.id()) || handedOut.contains(finding.id())) {
          continue;
        }
        if (findings + fresh.size() == maxFindings) {
          limit = "the limit of " + maxFindings + " findings is reached";
          more = false;
          break;
        }
        handedOut.add(finding.id());
        fresh.add(finding);
      }
      if (!fresh.isEmpty()) {
        receiver.take(List.copyOf(fresh));
        findings += fresh.size();
        fresh.forEach(finding -> cursor.found().add(finding.id()));
        folder.save(cursor);
      }
      return more;
    }

    @Override
    public void cut(String value) {
      cutValues.add(value);
    }

    @Override
    public void unequal() {
      unequal++;
    }

    private List<String> warnings() {
      List<String> warnings = new ArrayList<>();
      if (limit != null) {
        warnings.add(limit + "; the rest is hunted for by the next run");
      }
      if (!cutValues.isEmpty()) {
        warnings.add(
            "%d values have more than the first %d events, which stand for the others"
                .formatted(cutValues.size(), eventsPerValue));
      }
      if (leftOut > 0) {
        warnings.add(
            "%d indicators are left out: no more than %d can wait"
                .formatted(leftOut, maxIndicators));
      }
      if (unequal > 0) {
        warnings.add(unequal + " events are equal to an indicator for the server, but not as text");
      }
      if (unreadable > 0) {
        warnings.add(unreadable + " lines of what was to be hunted for could not be read");
      }
      searches.failures().forEach(reason -> warnings.add("a shard gave no answer: " + reason));
      return warnings;
    }
  }

  /** Collects the options. Not thread-safe. */
  public static final class Builder {
    private final Calls calls;
    private Clock clock = Clock.systemUTC();
    private Duration window = Duration.ofDays(30);
    private List<ThreatMatchRule> rules =
        ThreatMatchRules.standard(ThreatMatchRules.Options.defaults()).stream()
            .filter(ThreatMatchRule::enabled)
            .toList();
    private String indicatorIndex = ElasticsearchSink.DEFAULT_INDEX_BASE;
    private @Nullable Path folder;
    private int maxFindings = 1000;
    private int maxSearches = 500;
    private int eventsPerValue = 20;
    private long maxIndicators = 1_000_000;

    private Builder(Calls calls) {
      this.calls = calls;
    }

    /**
     * Sets how far back events are looked at, by their {@code @timestamp}; default: 30 days before
     * a hunt begins. One that goes on later keeps to the time of its beginning.
     */
    public Builder window(Duration window) {
      if (window.isNegative() || window.isZero()) {
        throw new IllegalArgumentException("the window must be positive: " + window);
      }
      this.window = window;
      return this;
    }

    /**
     * Sets the rules that say which events and which fields are compared with which indicators;
     * default: the enabled ones of {@link ThreatMatchRules#standard}.
     *
     * @throws IllegalArgumentException if there is none, or a rule compares several pairs of fields
     *     together
     */
    public Builder rules(List<ThreatMatchRule> rules) {
      if (rules.isEmpty()) {
        throw new IllegalArgumentException("a hunt needs a rule");
      }
      for (ThreatMatchRule rule : rules) {
        if (rule.threatMapping().stream().anyMatch(group -> group.entries().size() > 1)) {
          throw new IllegalArgumentException(
              "a hunt compares one pair of fields at a time; leave out rule " + rule.key());
        }
      }
      this.rules = List.copyOf(rules);
      return this;
    }

    /**
     * Sets what findings name as the index of the indicators; default: {@value
     * ElasticsearchSink#DEFAULT_INDEX_BASE}.
     */
    public Builder indicatorIndex(String indicatorIndex) {
      this.indicatorIndex = IndexNames.require(indicatorIndex);
      return this;
    }

    /**
     * Sets a folder, for nothing else and for one hunt at a time, that holds what is still to be
     * hunted for; it is made if it is absent. Default: none, and what a run does not come to is
     * forgotten.
     */
    public Builder folder(Path folder) {
      this.folder = Objects.requireNonNull(folder);
      return this;
    }

    /**
     * Sets the limits of one run; default: 1000 findings and 500 searches. At a limit it ends, and
     * the next run goes on.
     */
    public Builder limits(int findings, int searches) {
      if (findings < 1 || searches < 1) {
        throw new IllegalArgumentException("the limits of a hunt must be positive");
      }
      this.maxFindings = findings;
      this.maxSearches = searches;
      return this;
    }

    /** Sets how many events, the oldest, one value is found in at most; default: 20. */
    public Builder eventsPerValue(int events) {
      if (events < 1) {
        throw new IllegalArgumentException("one event a value at least: " + events);
      }
      this.eventsPerValue = events;
      return this;
    }

    /**
     * Sets how many indicators can wait to be hunted for; default: 1,000,000. What is added beyond
     * that is left out, and the report says how many.
     */
    public Builder maxIndicators(long indicators) {
      if (indicators < 1) {
        throw new IllegalArgumentException("one indicator at least: " + indicators);
      }
      this.maxIndicators = indicators;
      return this;
    }

    /** Sets what time it is; default: the clock of the system. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock);
      return this;
    }

    /**
     * Builds it, and opens its folder.
     *
     * @throws IllegalArgumentException if it cannot be told without a server which indicators a
     *     rule compares, see {@link IndicatorCondition}
     * @throws IOException if the folder cannot be used, or another hunt has it
     */
    public RetroHunt build() throws IOException {
      Map<ThreatMatchRule, IndicatorCondition> conditions = new LinkedHashMap<>();
      rules.forEach(rule -> conditions.put(rule, IndicatorCondition.of(rule)));
      return new RetroHunt(this, conditions);
    }
  }
}
