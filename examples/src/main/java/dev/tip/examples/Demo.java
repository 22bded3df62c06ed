// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tip.elastic.ElasticsearchAdmin;
import dev.tip.elastic.ElasticsearchSink;
import dev.tip.elastic.HuntFinding;
import dev.tip.elastic.HuntIndex;
import dev.tip.elastic.RetroHunt;
import dev.tip.elastic.RulePreview;
import dev.tip.elastic.RulePreviewResult;
import dev.tip.elastic.RulePreviewResult.Alert;
import dev.tip.elastic.RulePreviewResult.Match;
import dev.tip.examples.DemoEvents.Planted;
import dev.tip.feed.FetchContext;
import dev.tip.feed.Usage;
import dev.tip.rules.ThreatMatchRule;
import dev.tip.rules.ThreatMatchRules;
import dev.tip.sync.FeedSync;
import dev.tip.sync.SyncListener;
import dev.tip.sync.SyncReport;
import dev.tip.sync.SyncState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The whole way once: yesterday's lists to the index, rules to a folder, events planted, today's
 * lists, a hunt in the old events for what is new, and each enabled rule run as Kibana would run
 * it.
 */
final class Demo {
  /** An address that is on no list before today. */
  private static final String NEW_TODAY = "198.51.100.88";

  private final SyncReport sync;
  private final List<Find> finds;
  private final List<String> silent;
  private final List<String> faults;
  private final List<Planted> ignored;
  private final List<HuntFinding> hunted;

  private Demo(
      SyncReport sync,
      List<Find> finds,
      List<String> silent,
      List<String> faults,
      List<Planted> ignored,
      List<HuntFinding> hunted) {
    this.sync = sync;
    this.finds = finds;
    this.silent = silent;
    this.faults = faults;
    this.ignored = ignored;
    this.hunted = hunted;
  }

  /** A rule, an event it found, and the indicator they share. */
  record Find(ThreatMatchRule rule, Planted event, String indicator, String feed) {}

  /**
   * Runs it.
   *
   * @param url a server that holds neither indicators nor events
   * @param rulesFolder where the rules are written
   */
  static Demo run(
      String url, Path rulesFolder, Clock clock, SyncListener listener, Stopwatch stopwatch)
      throws IOException, InterruptedException {
    Path state = Files.createTempDirectory("tip-demo");
    try (ServerConnection connection = ServerConnection.local(url)) {
      ElasticsearchClient client = connection.client();
      ElasticsearchAdmin.of(client).install();
      HuntIndex.of(client).install();
      Clock yesterday = Clock.offset(clock, Duration.ofDays(-1));
      try (DemoFeeds lists = DemoFeeds.before(yesterday, NEW_TODAY)) {
        sync(client, state, yesterday, lists, listener, null);
      }
      stopwatch.lap("feeds of yesterday");
      List<ThreatMatchRule> rules = ThreatMatchRules.standard(ThreatMatchRules.Options.defaults());
      RulesCommand.write(rules, rulesFolder);
      stopwatch.lap("rules");
      Map<String, Planted> events = DemoEvents.plant(connection.rest(), clock);
      stopwatch.lap("events");
      List<HuntFinding> hunted = new ArrayList<>();
      SyncReport sync;
      try (DemoFeeds lists = DemoFeeds.start(clock);
          RetroHunt hunt = RetroHunt.builder(client).clock(clock).build()) {
        sync = sync(client, state, clock, lists, listener, hunt);
        stopwatch.lap("feeds");
        hunt.run(
            page -> {
              HuntIndex.of(client).write(page);
              hunted.addAll(page);
            });
        stopwatch.lap("hunt");
      }
      DemoEvents.refresh(connection.rest());
      Demo demo = detect(client, sync, rules, events, hunted);
      stopwatch.lap("detection");
      return demo;
    } finally {
      delete(state);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static SyncReport sync(
      ElasticsearchClient client,
      Path state,
      Clock clock,
      DemoFeeds lists,
      SyncListener listener,
      @Nullable RetroHunt hunt)
      throws IOException, InterruptedException {
    try (ElasticsearchSink sink = ElasticsearchSink.builder(client).build()) {
      return FeedSync.builder()
          .sink(
              hunt == null
                  ? sink
                  : hunt.collecting(sink, SyncState.of(state).completeFeeds(sink.info())))
          .context(FetchContext.builder(Usage.NON_COMMERCIAL).clock(clock).build())
          .state(state)
          .listener(listener)
          .build()
          .run(lists.feeds());
    }
  }

  private static Demo detect(
      ElasticsearchClient client,
      SyncReport sync,
      List<ThreatMatchRule> rules,
      Map<String, Planted> events,
      List<HuntFinding> hunted)
      throws IOException {
    RulePreview preview = RulePreview.of(client);
    List<Find> finds = new ArrayList<>();
    List<String> silent = new ArrayList<>();
    List<String> faults = new ArrayList<>();
    TreeSet<String> alerted = new TreeSet<>();
    for (ThreatMatchRule rule : rules) {
      if (!rule.enabled()) {
        continue;
      }
      RulePreviewResult result = preview.run(rule);
      TreeSet<String> missing = new TreeSet<>();
      events.values().stream()
          .filter(event -> event.rules().contains(key(rule)))
          .forEach(event -> missing.add(event.id()));
      if (missing.isEmpty() && result.alerts().isEmpty()) {
        silent.add(key(rule) + ", " + result.indicatorCount() + " indicators");
      }
      for (Alert alert : result.alerts()) {
        Planted event = events.get(alert.id());
        if (event == null || alert.matches().isEmpty()) {
          faults.add(key(rule) + " raised an alert without event or indicator: " + alert);
          continue;
        }
        if (!missing.remove(event.id())) {
          faults.add(key(rule) + " found what it may not: " + event.what());
        }
        alerted.add(event.id());
        Match match = alert.matches().get(0);
        finds.add(new Find(rule, event, indicator(match), match.feedName().orElse("")));
      }
      for (String id : missing) {
        faults.add(key(rule) + " did not find: " + Objects.requireNonNull(events.get(id)).what());
      }
    }
    TreeSet<String> old = new TreeSet<>();
    for (HuntFinding finding : hunted) {
      Planted event = events.get(finding.eventId());
      if (event == null || !event.rules().contains(Planted.HUNT)) {
        faults.add("the hunt found what it may not: " + finding);
      }
      old.add(finding.eventId());
    }
    alerted.addAll(old);
    for (Planted event : events.values()) {
      if (event.rules().contains(Planted.HUNT) && !old.contains(event.id())) {
        faults.add("the hunt did not find: " + event.what());
      }
    }
    List<Planted> ignored =
        events.values().stream()
            .filter(event -> event.rules().isEmpty() && !alerted.contains(event.id()))
            .toList();
    if (!sync.isHealthy()) {
      faults.add("a feed did not end well, see above");
    }
    return new Demo(sync, finds, silent, faults, ignored, List.copyOf(hunted));
  }

  private static String indicator(Match match) throws IOException {
    return new ObjectMapper().readTree(match.toJson()).path("indicator").path("name").asText();
  }

  /** The key of a rule without what all of them begin with. */
  private static String key(ThreatMatchRule rule) {
    return rule.key().replaceFirst("^threat_list_", "");
  }

  /** What the sync did. */
  SyncReport sync() {
    return sync;
  }

  /** What the rules found. */
  List<Find> finds() {
    return finds;
  }

  /** The events that resemble an attack and raised no alert, as it should be. */
  List<Planted> ignored() {
    return ignored;
  }

  /** What the hunt found in old events. */
  List<HuntFinding> hunted() {
    return hunted;
  }

  /** What is not as it should be, none if all is well. */
  List<String> faults() {
    return faults;
  }

  /** Returns the table of detections, and what was rightly left alone. */
  String toText() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("RULE", "SEVERITY", "HOST", "EVENT", "INDICATOR", "LIST"));
    for (Find find : finds) {
      rows.add(
          List.of(
              key(find.rule()),
              find.rule().severity().value(),
              find.event().host(),
              find.event().what(),
              abbreviated(find.indicator()),
              find.feed()));
    }
    StringBuilder text = new StringBuilder(TextTable.of(rows));
    text.append("\nfound in old events, by the hunt for what is new on a list today:\n");
    for (HuntFinding finding : hunted) {
      text.append("  ")
          .append(finding.eventTime().truncatedTo(ChronoUnit.SECONDS))
          .append(' ')
          .append(finding.host().orElse("-"))
          .append(": ")
          .append(finding.field())
          .append(' ')
          .append(finding.value())
          .append(", listed today by ")
          .append(String.join(", ", finding.lists()))
          .append('\n');
    }
    text.append("\nnear-misses planted and rightly ignored: ").append(ignored.size()).append('\n');
    for (Planted event : ignored) {
      text.append("  ").append(event.host()).append(": ").append(event.what()).append('\n');
    }
    if (!silent.isEmpty()) {
      text.append("rules with nothing to find: ").append(String.join("; ", silent)).append('\n');
    }
    for (String fault : faults) {
      text.append("FAILED: ").append(fault).append('\n');
    }
    long missed = faults.stream().filter(fault -> fault.contains(" did not find: ")).count();
    int found = finds.size() + hunted.size();
    text.append(found)
        .append(" of ")
        .append(found + missed)
        .append(" planted detections made, ")
        .append(ignored.size())
        .append(" near-misses left alone")
        .append(faults.isEmpty() ? ": all as it should be\n" : "; see FAILED above\n");
    return text.toString();
  }

  private static String abbreviated(String value) {
    return value.length() <= 24 ? value : value.substring(0, 23) + '…';
  }
}
