// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.elastic.RulePreview.Direction;
import dev.tip.elastic.RulePreview.Path;
import dev.tip.elastic.RulePreviewFilter.Clause;
import dev.tip.elastic.RulePreviewFilter.Side;
import dev.tip.elastic.RulePreviewResult.Alert;
import dev.tip.elastic.RulePreviewResult.Match;
import dev.tip.elastic.RulePreviewSearches.TooManyClausesException;
import dev.tip.rules.ThreatMapping;
import dev.tip.rules.ThreatMatchRule;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One run of a rule. Not thread-safe. */
final class RulePreviewRun {
  /** What Kibana compares in a {@code terms} query. */
  private static final Set<String> TERMS_TYPES =
      Set.of("keyword", "constant_keyword", "wildcard", "ip");

  private static final String TIMESTAMP = "@timestamp";

  private static final int MAX_MATCHES = 200;

  /** How many events Kibana makes alerts of at a time. */
  private static final int ALERT_PAGE = 100;

  /** Pages of indicators that events are looked up in. */
  private static final int LOOKUP_PAGE = 9000;

  private final RulePreviewSearches searches;
  private final ThreatMatchRule rule;
  private final List<ThreatMapping> groups;
  private final Instant from;
  private final Instant to;
  private final @Nullable Direction forced;
  private final ObjectNode eventQuery;
  private final ObjectNode indicatorQuery;
  private final Set<ThreatMapping> terms = new HashSet<>();
  private final Set<String> warnings = new LinkedHashSet<>();
  private final Map<String, Alert> alerts = new LinkedHashMap<>();
  private final Set<String> unequalText = new HashSet<>();
  private final Set<String> severalValues = new LinkedHashSet<>();
  private boolean truncated;

  RulePreviewRun(
      RulePreviewSearches searches,
      ThreatMatchRule rule,
      Instant from,
      Instant to,
      @Nullable Direction forced) {
    this.searches = searches;
    this.rule = rule;
    this.groups = rule.threatMapping();
    this.from = from;
    this.to = to;
    this.forced = forced;
    this.eventQuery = RulePreviewFilter.events(rule, from.toString(), to.toString());
    this.indicatorQuery = RulePreviewFilter.indicators(rule);
  }

  RulePreviewResult run() throws IOException {
    long start = System.nanoTime();
    long events;
    long indicators;
    Direction direction;
    try (PointInTime threats = searches.open(rule.threatIndex(), false)) {
      choosePaths();
      events = searches.count(rule.index(), eventQuery);
      indicators = searches.count(rule.threatIndex(), indicatorQuery);
      direction =
          forced != null
              ? forced
              : events < indicators ? Direction.EVENTS_FIRST : Direction.INDICATORS_FIRST;
      if (events > 0 && indicators > 0) {
        search(direction, threats);
      }
    }
    warn();
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    if (took.compareTo(rule.period()) > 0) {
      warnings.add("the run took longer than the interval of the rule; Kibana would stop it");
    }
    Map<ThreatMapping, Path> paths = new HashMap<>();
    groups.forEach(g -> paths.put(g, terms.contains(g) ? Path.TERMS : Path.MATCH));
    return new RulePreviewResult(
        rule,
        from,
        to,
        events,
        indicators,
        direction,
        paths,
        List.copyOf(alerts.values()),
        truncated,
        List.copyOf(warnings),
        searches.count(),
        took);
  }

  private void warn() {
    if (truncated) {
      warnings.add("the run ended at max_signals = " + rule.maxSignals() + "; there are more");
    }
    if (!unequalText.isEmpty()) {
      warnings.add(
          "%d indicators are equal to a value of an event for the server, but not as text, which"
                  .formatted(unequalText.size())
              + " Kibana asks for events first; one is "
              + Escaped.of(unequalText.iterator().next()));
    }
    for (String field : severalValues) {
      warnings.add(
          "documents have several values in %s; Kibana takes the first, or none if it compares"
                  .formatted(field)
              + " document by document");
    }
    searches.failures().forEach(reason -> warnings.add("a shard gave no answer: " + reason));
  }

  /** One field that no index maps makes Kibana compare all groups document by document. */
  private void choosePaths() throws IOException {
    Map<String, Set<String>> events = types(rule.index(), Side.EVENT);
    Map<String, Set<String>> indicators = types(rule.threatIndex(), Side.INDICATOR);
    if (events.containsValue(Set.of()) || indicators.containsValue(Set.of())) {
      return;
    }
    for (ThreatMapping group : groups) {
      ThreatMapping.Entry entry = group.entries().get(0);
      if (group.entries().size() == 1
          && TERMS_TYPES.containsAll(events.get(entry.field()))
          && TERMS_TYPES.containsAll(indicators.get(entry.value()))) {
        terms.add(group);
      }
    }
  }

  private Map<String, Set<String>> types(List<String> indices, Side side) throws IOException {
    Set<String> fields = fields(side);
    Map<String, Set<String>> found = searches.types(indices, fields);
    Map<String, Set<String>> types = new HashMap<>();
    for (String field : fields) {
      Set<String> ofField = found.getOrDefault(field, Set.of());
      types.put(field, ofField);
      if (ofField.isEmpty()) {
        warnings.add(
            "no index of %s maps %s, so all fields are compared document by document"
                .formatted(String.join(",", indices), field));
      } else if (ofField.size() > 1) {
        warnings.add("%s has several types: %s".formatted(field, String.join(", ", ofField)));
      }
    }
    return types;
  }

  private Set<String> fields(Side side) {
    Set<String> fields = new LinkedHashSet<>();
    groups.forEach(group -> group.entries().forEach(entry -> fields.add(side.read(entry))));
    return fields;
  }

  private void search(Direction direction, PointInTime indicators) throws IOException {
    try (PointInTime events = searches.open(rule.index(), true)) {
      searchInPages(direction, events, indicators);
    }
  }

  /** Starts over with smaller pages where one makes a query that is too large. */
  private void searchInPages(Direction direction, PointInTime events, PointInTime indicators)
      throws IOException {
    int size = rule.itemsPerSearch() * rule.concurrentSearches();
    while (true) {
      try {
        switch (direction) {
          case INDICATORS_FIRST -> indicatorsFirst(events, indicators, size);
          case EVENTS_FIRST -> eventsFirst(events, indicators, size);
        }
        return;
      } catch (TooManyClausesException e) {
        if (size == 1) {
          throw e.refusal();
        }
        size = e.pageSize(fields(Side.INDICATOR).size(), size);
        warnings.add(e.getMessage() + "; the run started over with pages of " + size);
        unequalText.clear();
        severalValues.clear();
      }
    }
  }

  private void indicatorsFirst(PointInTime events, PointInTime indicators, int size)
      throws IOException {
    Pages pages = new Pages(indicators, indicatorQuery, size, Side.INDICATOR);
    for (List<JsonNode> page = pages.next(); !page.isEmpty(); page = pages.next()) {
      ObjectNode filter = RulePreviewFilter.commonWith(page, Side.INDICATOR, groups, terms);
      if (filter == null) {
        continue;
      }
      Pages found =
          new Pages(
              events,
              RulePreviewFilter.both(eventQuery, filter),
              Math.min(ALERT_PAGE, rule.maxSignals()),
              Side.EVENT);
      for (List<JsonNode> hits = found.next(); !hits.isEmpty(); hits = found.next()) {
        List<List<Match>> matches = matches(hits, indicators);
        for (int i = 0; i < hits.size(); i++) {
          if (!addAlert(hits.get(i), matches.get(i))) {
            return;
          }
        }
      }
    }
  }

  private void eventsFirst(PointInTime events, PointInTime indicators, int size)
      throws IOException {
    Pages pages = new Pages(events, eventQuery, size, Side.EVENT);
    for (List<JsonNode> page = pages.next(); !page.isEmpty(); page = pages.next()) {
      List<List<Match>> matches = matches(page, indicators);
      for (int i = 0; i < page.size(); i++) {
        if (!matches.get(i).isEmpty() && !addAlert(page.get(i), matches.get(i))) {
          return;
        }
      }
    }
  }

  /** Returns whether there was room for it; an event makes one alert, however it was found. */
  private boolean addAlert(JsonNode event, List<Match> matches) {
    String index = event.path("_index").asText();
    String id = event.path("_id").asText();
    String key = index + '/' + id;
    if (alerts.containsKey(key)) {
      return true;
    }
    if (alerts.size() == rule.maxSignals()) {
      truncated = true;
      return false;
    }
    alerts.put(key, new Alert(index, id, timestamp(event), matches));
    return true;
  }

  private static @Nullable Instant timestamp(JsonNode event) {
    JsonNode value = RulePreviewFilter.values(event, TIMESTAMP).path(0);
    return value.isMissingNode() ? null : Instant.parse(value.asText());
  }

  /** Returns for each event of a page what it has in common with indicators. */
  private List<List<Match>> matches(List<JsonNode> events, PointInTime indicators)
      throws IOException {
    List<List<Match>> matches = new ArrayList<>();
    events.forEach(event -> matches.add(new ArrayList<>()));
    ObjectNode filter = RulePreviewFilter.commonWith(events, Side.EVENT, groups, terms);
    if (filter == null) {
      return matches;
    }
    List<Map<String, List<Integer>>> byText = byText(events);
    Pages pages =
        new Pages(
            indicators,
            RulePreviewFilter.both(indicatorQuery, filter),
            LOOKUP_PAGE,
            Side.INDICATOR);
    for (List<JsonNode> page = pages.next(); !page.isEmpty(); page = pages.next()) {
      for (JsonNode indicator : page) {
        for (JsonNode name : indicator.path("matched_queries")) {
          Clause clause = Clause.parse(name.asText());
          List<ThreatMapping.Entry> entries = groups.get(clause.group()).entries();
          if (clause.isTerms()) {
            boolean equal = false;
            for (String text : texts(indicator, entries.get(0).value())) {
              for (int event : byText.get(clause.group()).getOrDefault(text, List.of())) {
                add(matches.get(event), events.get(event), entries, indicator);
                equal = true;
              }
            }
            if (!equal) {
              unequalText.add(indicator.path("_id").asText());
            }
          } else {
            add(matches.get(clause.document()), events.get(clause.document()), entries, indicator);
          }
        }
      }
    }
    return matches;
  }

  /** Returns for each group which events have a text as first value. */
  private List<Map<String, List<Integer>>> byText(List<JsonNode> events) {
    List<Map<String, List<Integer>>> byText = new ArrayList<>();
    for (ThreatMapping group : groups) {
      Map<String, List<Integer>> ofGroup = new HashMap<>();
      String field = group.entries().get(0).field();
      for (int i = 0; terms.contains(group) && i < events.size(); i++) {
        JsonNode first = RulePreviewFilter.values(events.get(i), field).path(0);
        if (!first.isMissingNode()) {
          ofGroup.computeIfAbsent(first.asText(), text -> new ArrayList<>()).add(i);
        }
      }
      byText.add(ofGroup);
    }
    return byText;
  }

  /** Returns the values of a field as the document was sent. */
  private static List<String> texts(JsonNode hit, String field) {
    JsonNode value = sent(hit.path("_source"), field);
    if (!value.isArray()) {
      return value.isMissingNode() ? List.of() : List.of(value.asText());
    }
    List<String> texts = new ArrayList<>();
    value.forEach(element -> texts.add(element.asText()));
    return texts;
  }

  /** Returns what a document has at a path, of which any part may be one name with dots. */
  private static JsonNode sent(JsonNode document, String path) {
    JsonNode whole = document.path(path);
    for (int dot = path.indexOf('.');
        whole.isMissingNode() && dot > 0;
        dot = path.indexOf('.', dot + 1)) {
      JsonNode parent = document.path(path.substring(0, dot));
      if (parent.isObject()) {
        whole = sent(parent, path.substring(dot + 1));
      }
    }
    return whole;
  }

  private void add(
      List<Match> matches, JsonNode event, List<ThreatMapping.Entry> entries, JsonNode indicator)
      throws IOException {
    for (ThreatMapping.Entry entry : entries) {
      if (matches.size() == MAX_MATCHES) {
        warnings.add("an event matches more than " + MAX_MATCHES + " times; the rest is left out");
        return;
      }
      matches.add(match(entry, event, indicator));
    }
  }

  private Match match(ThreatMapping.Entry entry, JsonNode event, JsonNode indicator)
      throws IOException {
    JsonNode source = indicator.path("_source");
    JsonNode atomic = sent(event.path("_source"), entry.field());
    JsonNode feed = sent(source, "threat.feed.name");
    String index = indicator.path("_index").asText();
    String id = indicator.path("_id").asText();
    ObjectNode enrichment = Calls.object();
    enrichment.set("indicator", indicatorObject(source, id));
    ObjectNode name = enrichment.putObject("feed");
    if (!feed.isMissingNode()) {
      name.set("name", feed);
    }
    enrichment
        .putObject("matched")
        .put("field", entry.field())
        .put("id", id)
        .put("index", index)
        .put("type", "indicator_match_rule")
        .set("atomic", atomic);
    return new Match(
        entry, atomic, index, id, feed.isMissingNode() ? null : feed.asText(), enrichment);
  }

  private ObjectNode indicatorObject(JsonNode source, String id) throws RulePreviewException {
    JsonNode found = sent(source, rule.threatIndicatorPath());
    JsonNode first = found.isArray() ? found.path(0) : found;
    if (first.isMissingNode() || first.isNull()) {
      return Calls.object();
    }
    if (first instanceof ObjectNode indicator) {
      return indicator;
    }
    throw new RulePreviewException(
        RulePreviewException.Kind.REFUSED,
        "indicator %s has no object at %s; Kibana would fail the rule"
            .formatted(Escaped.of(id), rule.threatIndicatorPath()));
  }

  /** The documents of one side that a query finds, page by page. */
  private final class Pages {
    private final PointInTime.Pages pages;
    private final Side side;

    Pages(PointInTime pointInTime, ObjectNode query, int size, Side side) {
      this.side = side;
      ObjectNode request = Calls.object();
      request.set("query", query);
      ArrayNode wanted = request.putArray("fields");
      fields(side).forEach(wanted::add);
      ArrayNode source = request.putArray("_source");
      fields(side).forEach(source::add);
      ArrayNode sort = request.putArray("sort");
      switch (side) {
        case EVENT -> {
          wanted.addObject().put("field", TIMESTAMP).put("format", "strict_date_time");
          rule.timestampOverride().ifPresent(field -> newestFirst(sort, field));
          newestFirst(sort, TIMESTAMP);
        }
        case INDICATOR -> {
          source.add(rule.threatIndicatorPath()).add("threat.feed.name");
          sort.add("_shard_doc");
        }
      }
      this.pages = pointInTime.pages(request, size);
    }

    private static void newestFirst(ArrayNode sort, String field) {
      sort.addObject().putObject(field).put("order", "desc").put("unmapped_type", "date");
    }

    /** Returns the next page, an empty one at the end. */
    List<JsonNode> next() throws IOException {
      List<JsonNode> page = RulePreviewSearches.next(pages);
      for (String field : fields(side)) {
        for (JsonNode hit : page) {
          if (RulePreviewFilter.values(hit, field).size() > 1) {
            severalValues.add(field);
          }
        }
      }
      return page;
    }
  }
}
