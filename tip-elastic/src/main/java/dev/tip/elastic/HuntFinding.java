// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.rules.HuntRule;
import dev.tip.rules.Severity;
import dev.tip.rules.ThreatMatchRule;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An event of the past that touches an indicator. Immutable.
 *
 * <p>Its id comes from id and time of the event and the severity alone, so that whoever stores it
 * stores an event once, however often and through whatever rule, list or index name it is found;
 * once more only if a list makes it graver. What it says comes from events and lists: escape it
 * before it is shown.
 */
public final class HuntFinding {
  /** Fields of an event that help whoever looks at a finding; where a finding has them. */
  static final Map<String, String> CONTEXT =
      Map.of(
          "host.name", "host.name",
          "user.name", "user.name",
          "event.dataset", "tip.hunt.event.dataset",
          "event.action", "tip.hunt.event.action",
          "source.ip", "tip.hunt.source.ip",
          "destination.ip", "tip.hunt.destination.ip",
          "destination.port", "tip.hunt.destination.port",
          "file.path", "tip.hunt.file.path",
          "process.name", "tip.hunt.process.name",
          "process.executable", "tip.hunt.process.executable");

  static final String TIMESTAMP = "@timestamp";

  private static final int MAX_ENRICHMENTS = 20;
  private static final int ID_BYTES = 20;

  private final String id;
  private final String eventIndex;
  private final String eventId;
  private final Instant eventTime;
  private final @Nullable String host;
  private final ThreatMatchRule rule;
  private final List<Match> matches;
  private final ObjectNode document;

  /** A value of the event and an indicator that has it. */
  record Match(String field, String value, HuntIndicator indicator) {}

  /**
   * Creates it.
   *
   * @param event a hit with the fields of {@link #CONTEXT} and the time
   * @param time when the event happened
   * @param matches at least one
   * @param indicatorIndex where the indicators are
   * @param found when it was found
   */
  HuntFinding(
      JsonNode event,
      Instant time,
      ThreatMatchRule rule,
      List<Match> matches,
      String indicatorIndex,
      Instant found) {
    this.rule = rule;
    this.matches = List.copyOf(matches);
    this.eventIndex = event.path("_index").asText();
    this.eventId = event.path("_id").asText();
    this.eventTime = time;
    JsonNode name = RulePreviewFilter.values(event, "host.name").path(0);
    this.host = name.isMissingNode() ? null : name.asText();
    this.id = id(eventId, eventTime, rule.severity());
    this.document = document(event, indicatorIndex, found);
  }

  private static String id(String eventId, Instant time, Severity severity) {
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java runtime lacks SHA-256, which all must have", e);
    }
    for (String part : List.of(eventId, time.toString(), severity.value())) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
      sha256.update(bytes);
    }
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(Arrays.copyOf(sha256.digest(), ID_BYTES));
  }

  private ObjectNode document(JsonNode event, String indicatorIndex, Instant found) {
    ObjectNode finding = Calls.object();
    finding.put(TIMESTAMP, found.toString());
    finding.put(
        "message",
        "An event of %s touches an indicator that was listed later: %s"
            .formatted(eventTime, String.join(", ", lists())));
    ObjectNode about = finding.putObject("event");
    about.put("kind", "event").put("module", "tip").put("dataset", HuntRule.DATASET);
    about.putArray("category").add("intrusion_detection");
    about.putArray("type").add("info");
    about.put("created", found.toString()).put("ingested", found.toString());
    about.put("start", eventTime.toString());
    about.put("severity", rule.severity().highestRiskScore()).put("risk_score", rule.riskScore());
    finding.putObject("rule").put("name", rule.name()).put("uuid", rule.ruleId());
    ObjectNode hunt = finding.putObject("tip").putObject("hunt");
    hunt.putObject("event").put("index", eventIndex).put("id", eventId);
    hunt.put("field", matches.get(0).field()).put("value", matches.get(0).value());
    CONTEXT.forEach(
        (field, path) -> {
          JsonNode values = RulePreviewFilter.values(event, field);
          if (!values.isEmpty()) {
            put(finding, path, values.size() == 1 ? values.get(0) : values);
          }
        });
    ArrayNode enrichments = finding.putObject("threat").putArray("enrichments");
    for (Match match : matches.subList(0, Math.min(MAX_ENRICHMENTS, matches.size()))) {
      ObjectNode enrichment = enrichments.addObject();
      enrichment.set("indicator", match.indicator().document().path("threat").path("indicator"));
      enrichment.putObject("feed").put("name", match.indicator().feedName());
      enrichment
          .putObject("matched")
          .put("atomic", match.value())
          .put("field", match.field())
          .put("id", match.indicator().id())
          .put("index", indicatorIndex)
          .put("occurred", eventTime.toString())
          .put("type", "indicator_match_rule");
    }
    return finding;
  }

  private static void put(ObjectNode document, String path, JsonNode value) {
    String[] names = path.split("\\.", -1);
    ObjectNode parent = document;
    for (int i = 0; i < names.length - 1; i++) {
      parent = parent.withObjectProperty(names[i]);
    }
    parent.set(names[names.length - 1], value);
  }

  /** Returns what a store knows it by. */
  public String id() {
    return id;
  }

  /** Returns the index of the event. */
  public String eventIndex() {
    return eventIndex;
  }

  /** Returns the id of the event in its index. */
  public String eventId() {
    return eventId;
  }

  /** Returns when the event happened: its {@code @timestamp}. */
  public Instant eventTime() {
    return eventTime;
  }

  /** Returns the host of the event: {@code host.name}. */
  public Optional<String> host() {
    return Optional.ofNullable(host);
  }

  /** Returns the rule that would have alerted on it, had the indicator been listed then. */
  public ThreatMatchRule rule() {
    return rule;
  }

  /** Returns the field of the event that has the value of an indicator; the first of several. */
  public String field() {
    return matches.get(0).field();
  }

  /** Returns the value of that field. */
  public String value() {
    return matches.get(0).value();
  }

  /** Returns the ids of the indicators it touches, at least one. */
  public Set<String> indicatorIds() {
    Set<String> ids = new LinkedHashSet<>();
    matches.forEach(match -> ids.add(match.indicator().id()));
    return ids;
  }

  /** Returns the names of the lists with these indicators. */
  public Set<String> lists() {
    Set<String> names = new LinkedHashSet<>();
    matches.forEach(match -> names.add(match.indicator().feedName()));
    return names;
  }

  /**
   * Returns the finding as a document of Elastic Common Schema, on one line. What the event has of
   * addresses and files is below {@code tip.hunt}, so that no rule takes the finding for the event.
   */
  public String toJson() {
    return document.toString();
  }

  ObjectNode document() {
    return document;
  }

  @Override
  public boolean equals(@Nullable Object o) {
    return o instanceof HuntFinding other && id.equals(other.id);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return eventIndex + '/' + eventId + ' ' + field();
  }
}
