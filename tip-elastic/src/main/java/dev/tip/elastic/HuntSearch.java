// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.InvalidIndicatorException;
import dev.tip.IpNetwork;
import dev.tip.elastic.HuntFinding.Match;
import dev.tip.elastic.RulePreviewSearches.TooManyClausesException;
import dev.tip.rules.ThreatMapping;
import dev.tip.rules.ThreatMatchRule;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The old events that one rule would find by some indicators, oldest first.
 *
 * <p>Unlike Kibana it takes every value of a field, so the second address of a tunnelled connection
 * counts. Not thread-safe.
 */
final class HuntSearch {
  private static final int PAGE = 500;

  private final RulePreviewSearches searches;
  private final ThreatMatchRule rule;
  private final ObjectNode events;
  private final Limits limits;
  private final Set<String> seen = new HashSet<>();
  private final Map<Value, Integer> eventsOf = new HashMap<>();

  /** A value of indicators, and the field of events that may have it. */
  private record Value(String field, String text) {}

  /** What ends a search before its end, and where its finds go. */
  interface Limits {
    /** Returns whether another search may be made, which is counted. */
    boolean maySearch();

    /** Returns how many events of one value are looked at. */
    int eventsPerValue();

    /**
     * Takes the finds of a page.
     *
     * @return whether more are wanted
     */
    boolean take(List<Find> page) throws IOException;

    /** Notes a value with more events than are looked at. */
    void cut(String value);

    /** Notes an event that the server takes for equal to an indicator, and nobody else does. */
    void unequal();
  }

  /** An event, and what it has in common with indicators. */
  record Find(JsonNode event, Instant time, List<Match> matches) {}

  HuntSearch(
      RulePreviewSearches searches, ThreatMatchRule rule, Instant from, Instant to, Limits limits) {
    this.searches = searches;
    this.rule = rule;
    this.events = RulePreviewFilter.oldEvents(rule, from.toString(), to.toString());
    this.limits = limits;
  }

  /**
   * Searches for the values of indicators, in smaller parts if the server wants that.
   *
   * @return whether it came to its end
   */
  boolean run(List<HuntIndicator> indicators) throws IOException {
    Wanted wanted = new Wanted(rule.threatMapping(), indicators);
    while (true) {
      try {
        Boolean ended = search(wanted);
        if (ended != null) {
          return ended;
        }
      } catch (TooManyClausesException e) {
        if (indicators.size() == 1) {
          throw e.refusal();
        }
        int half = indicators.size() / 2;
        return run(indicators.subList(0, half)) && run(indicators.subList(half, indicators.size()));
      }
    }
  }

  /** Returns whether it came to its end, or null if it has to go on without some values. */
  private @Nullable Boolean search(Wanted wanted) throws IOException {
    ObjectNode filter = wanted.filter();
    if (filter == null) {
      return true;
    }
    try (PointInTime moment = searches.open(rule.index(), true)) {
      PointInTime.Pages pages = moment.pages(request(RulePreviewFilter.both(events, filter)), PAGE);
      while (true) {
        if (!limits.maySearch()) {
          return false;
        }
        List<JsonNode> page = RulePreviewSearches.next(pages);
        List<Find> finds = new ArrayList<>();
        boolean cut = false;
        for (JsonNode hit : page) {
          cut |= add(hit, wanted, finds);
        }
        if (!limits.take(finds)) {
          return false;
        }
        if (page.size() < PAGE) {
          return true;
        }
        if (cut) {
          return null;
        }
      }
    }
  }

  private ObjectNode request(ObjectNode query) {
    ObjectNode request = Calls.object();
    request.set("query", query);
    request.put("_source", false);
    ArrayNode fields = request.putArray("fields");
    Set<String> names = new TreeSet<>(HuntFinding.CONTEXT.keySet());
    rule.threatMapping().forEach(group -> names.add(group.entries().get(0).field()));
    names.forEach(fields::add);
    fields
        .addObject()
        .put("field", HuntFinding.TIMESTAMP)
        .put("format", "strict_date_optional_time");
    request
        .putArray("sort")
        .addObject()
        .putObject(HuntFinding.TIMESTAMP)
        .put("order", "asc")
        .put("unmapped_type", "date");
    return request;
  }

  /** Adds what a hit is, and returns whether a value has had its share of events with it. */
  private boolean add(JsonNode hit, Wanted wanted, List<Find> finds) {
    Instant time = time(hit);
    if (time == null || !seen.add(hit.path("_index").asText() + '/' + hit.path("_id").asText())) {
      return false;
    }
    List<Match> matches = new ArrayList<>();
    boolean cut = false;
    boolean equal = false;
    for (ThreatMapping group : rule.threatMapping()) {
      String field = group.entries().get(0).field();
      for (JsonNode value : RulePreviewFilter.values(hit, field)) {
        Map<String, List<HuntIndicator>> found = wanted.equalTo(field, value.asText());
        for (Map.Entry<String, List<HuntIndicator>> indicators : found.entrySet()) {
          equal = true;
          Value key = new Value(field, indicators.getKey());
          int count = eventsOf.merge(key, 1, Integer::sum);
          if (count <= limits.eventsPerValue()) {
            indicators
                .getValue()
                .forEach(indicator -> matches.add(new Match(field, value.asText(), indicator)));
          }
          if (count == limits.eventsPerValue() + 1) {
            wanted.leaveOut(field, indicators.getKey());
            limits.cut(indicators.getKey());
            cut = true;
          }
        }
      }
    }
    if (!matches.isEmpty()) {
      finds.add(new Find(hit, time, matches));
    } else if (!equal) {
      limits.unequal();
    }
    return cut;
  }

  private static @Nullable Instant time(JsonNode hit) {
    try {
      return Instant.parse(RulePreviewFilter.values(hit, HuntFinding.TIMESTAMP).path(0).asText());
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  /** The values of indicators by the field of events that may have them. */
  private static final class Wanted {
    private final Map<String, Map<String, List<HuntIndicator>>> byField = new LinkedHashMap<>();
    private final Map<String, Map<IpNetwork, String>> networks = new HashMap<>();
    private final Set<Value> leftOut = new HashSet<>();

    Wanted(List<ThreatMapping> groups, List<HuntIndicator> indicators) {
      for (ThreatMapping group : groups) {
        ThreatMapping.Entry entry = group.entries().get(0);
        for (HuntIndicator indicator : indicators) {
          for (String value : indicator.values(entry.value())) {
            byField
                .computeIfAbsent(entry.field(), field -> new LinkedHashMap<>())
                .computeIfAbsent(value, v -> new ArrayList<>(1))
                .add(indicator);
            IpNetwork network = network(value);
            if (network != null && !network.isSingleAddress()) {
              networks
                  .computeIfAbsent(entry.field(), field -> new LinkedHashMap<>())
                  .put(network, value);
            }
          }
        }
      }
    }

    private static @Nullable IpNetwork network(String text) {
      try {
        return IpNetwork.parse(text);
      } catch (InvalidIndicatorException e) {
        return null;
      }
    }

    void leaveOut(String field, String value) {
      leftOut.add(new Value(field, value));
    }

    /** Returns the query for events with one of the values, or null if there is none. */
    @Nullable ObjectNode filter() {
      ArrayNode any = Calls.object().arrayNode();
      byField.forEach(
          (field, values) -> {
            ArrayNode terms = any.arrayNode();
            for (String value : values.keySet()) {
              if (!leftOut.contains(new Value(field, value))) {
                terms.add(value);
              }
            }
            if (!terms.isEmpty()) {
              any.addObject().putObject("terms").set(field, terms);
            }
          });
      return any.isEmpty() ? null : RulePreviewFilter.anyOf(any);
    }

    /** Returns the values that a value of an event is equal to or, if it is an address, lies in. */
    Map<String, List<HuntIndicator>> equalTo(String field, String text) {
      Map<String, List<HuntIndicator>> values = byField.getOrDefault(field, Map.of());
      Map<String, List<HuntIndicator>> found = new LinkedHashMap<>();
      List<HuntIndicator> same = values.get(text);
      if (same != null) {
        found.put(text, same);
      }
      Map<IpNetwork, String> around = networks.getOrDefault(field, Map.of());
      IpNetwork address = around.isEmpty() ? null : network(text);
      if (address != null) {
        around.forEach(
            (network, value) -> {
              if (network.contains(address)) {
                found.put(value, values.getOrDefault(value, List.of()));
              }
            });
      }
      return found;
    }
  }
}
