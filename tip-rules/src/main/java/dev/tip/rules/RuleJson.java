// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The JSON of Kibana's detection engine: read within limits, written a line a rule, compared. */
final class RuleJson {
  /** The default of {@code xpack.securitySolution.maxRuleImportExportSize}. */
  static final int MAX_IMPORT_RULES = 10_000;

  /** The default of {@code xpack.securitySolution.maxRuleImportPayloadBytes}: a whole request. */
  static final int MAX_IMPORT_BYTES = 10_485_760;

  private static final int MAX_DEPTH = 64;
  private static final int MAX_TEXT = 1 << 20;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(MAX_TEXT)
                          .maxNameLength(1024)
                          .maxNumberLength(64)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** What Kibana fills in, or does, where a rule says nothing. */
  private static final Map<String, JsonNode> DEFAULTS =
      Map.of(
          "interval", TextNode.valueOf("5m"),
          "from", TextNode.valueOf("now-6m"),
          "to", TextNode.valueOf("now"),
          "max_signals", IntNode.valueOf(100),
          "language", TextNode.valueOf("kuery"),
          "threat_language", TextNode.valueOf("kuery"),
          "threat_indicator_path", TextNode.valueOf("threat.indicator"),
          "items_per_search", IntNode.valueOf(9000),
          "concurrent_searches", IntNode.valueOf(1));

  /** What Kibana alone decides; an import ignores it. */
  private static final Set<String> OF_KIBANA =
      Set.of(
          "id",
          "immutable",
          "rule_source",
          "version",
          "revision",
          "created_at",
          "created_by",
          "updated_at",
          "updated_by",
          "execution_summary",
          "outcome",
          "alias_purpose",
          "alias_target_id");

  /** What belongs to those who work with the rule, whatever it says. */
  private static final Set<String> OF_USERS = Set.of("enabled", "actions", "exceptions_list");

  /**
   * What a rule of tip decides by leaving it out as well: a guide that is no longer there must go.
   * Other keys that it leaves out are as users set them.
   */
  private static final Set<String> OF_THE_RULE =
      Set.of(
          "author",
          "concurrent_searches",
          "data_view_id",
          "description",
          "false_positives",
          "from",
          "index",
          "interval",
          "items_per_search",
          "language",
          "license",
          "max_signals",
          "name",
          "note",
          "query",
          "references",
          "risk_score",
          "risk_score_mapping",
          "saved_id",
          "setup",
          "severity",
          "severity_mapping",
          "tags",
          "threat_filters",
          "threat_index",
          "threat_indicator_path",
          "threat_language",
          "threat_mapping",
          "threat_query",
          "timeline_id",
          "timeline_title",
          "timestamp_override",
          "to",
          "type");

  private RuleJson() {}

  /** Returns a rule as Kibana takes it. */
  static ObjectNode of(DetectionRule rule) {
    try {
      return read(rule.toJson().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException("a rule writes JSON that cannot be read: " + rule, e);
    }
  }

  /**
   * Reads one object and nothing behind it.
   *
   * @throws IOException if it is no JSON object, has a key twice, is nested deeper than 64 levels
   *     or holds a text longer than 2^20 characters; the message repeats nothing of the text
   */
  static ObjectNode read(byte[] json) throws IOException {
    return read(json, 0, json.length);
  }

  private static ObjectNode read(byte[] json, int offset, int length) throws IOException {
    JsonNode node;
    try {
      node = MAPPER.readTree(json, offset, length);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      // Neither the message nor the cause: both repeat the text, which may be anybody's.
      throw new IOException(
          "is no usable JSON" + (at == null ? "" : " at byte " + at.getByteOffset()));
    }
    if (!(node instanceof ObjectNode object)) {
      throw new IOException("is no JSON object");
    }
    return object;
  }

  /**
   * Reads an object a line; blank lines are passed over.
   *
   * @throws IOException as of {@link #read(byte[])}; the message names the line, from 1
   */
  static List<ObjectNode> readLines(byte[] ndjson) throws IOException {
    List<ObjectNode> objects = new ArrayList<>();
    int line = 1;
    for (int from = 0; from < ndjson.length; line++) {
      int to = from;
      boolean blank = true;
      for (; to < ndjson.length && ndjson[to] != '\n'; to++) {
        blank &= ndjson[to] == ' ' || ndjson[to] == '\t' || ndjson[to] == '\r';
      }
      if (!blank) {
        try {
          objects.add(read(ndjson, from, to - from));
        } catch (IOException e) {
          throw new IOException("line " + line + " " + e.getMessage(), e);
        }
      }
      from = to + 1;
    }
    return objects;
  }

  /**
   * Writes an object a line, over as many files as an import needs.
   *
   * @param maxRules how many objects a file holds at most
   * @param maxBytes how many bytes a file has at most
   * @throws IllegalArgumentException if one object alone has more bytes
   */
  static List<byte[]> files(Collection<ObjectNode> rules, int maxRules, int maxBytes) {
    List<byte[]> files = new ArrayList<>();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    int count = 0;
    for (ObjectNode rule : rules) {
      byte[] line = (rule + "\n").getBytes(StandardCharsets.UTF_8);
      if (line.length > maxBytes) {
        throw new IllegalArgumentException(
            "rule %s has %d bytes, and a request holds %d"
                .formatted(rule.path("rule_id").asText(), line.length, maxBytes));
      }
      if (count == maxRules || line.length > maxBytes - file.size()) {
        files.add(file.toByteArray());
        file.reset();
        count = 0;
      }
      file.write(line, 0, line.length);
      count++;
    }
    if (count > 0) {
      files.add(file.toByteArray());
    }
    return files;
  }

  /**
   * Returns a rule without what Kibana adds and with what it takes for granted, so that two rules
   * that do the same are equal.
   */
  static ObjectNode normalised(ObjectNode rule) {
    ObjectNode normal = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> field : rule.properties()) {
      JsonNode value = field.getValue();
      boolean saysNothing =
          value.isNull()
              || value.isTextual() && value.textValue().isEmpty()
              || value.isArray() && value.isEmpty();
      if (!saysNothing && !OF_KIBANA.contains(field.getKey())) {
        normal.set(field.getKey(), value.deepCopy());
      }
    }
    DEFAULTS.forEach(normal::putIfAbsent);
    for (JsonNode group : normal.path("threat_mapping")) {
      for (JsonNode entry : group.path("entries")) {
        if (entry instanceof ObjectNode pair && !pair.path("negate").asBoolean()) {
          pair.remove("negate");
        }
      }
    }
    return normal;
  }

  /**
   * Returns the keys, sorted, in which an installed rule is not what it should be.
   *
   * @param wanted the rule as it is generated
   * @param installed the same rule as Kibana gives it
   */
  static Set<String> differences(ObjectNode wanted, ObjectNode installed) {
    ObjectNode ours = normalised(wanted);
    ObjectNode theirs = normalised(installed);
    Set<String> keys = new TreeSet<>(OF_THE_RULE);
    ours.fieldNames().forEachRemaining(keys::add);
    keys.removeAll(OF_USERS);
    keys.removeIf(key -> ours.path(key).equals(theirs.path(key)));
    if (!exceptions(ours, theirs).equals(theirs.path("exceptions_list"))) {
      keys.add("exceptions_list");
    }
    return keys;
  }

  /**
   * Returns what to import over an installed rule: what the rule decides is as wanted, the rest,
   * and whether it is enabled, stays as users set it.
   */
  static ObjectNode merged(ObjectNode wanted, ObjectNode installed) {
    ObjectNode theirs = normalised(installed);
    ObjectNode merged = theirs.deepCopy();
    merged.remove(OF_THE_RULE);
    wanted.properties().stream()
        .filter(field -> !OF_USERS.contains(field.getKey()))
        .forEach(field -> merged.set(field.getKey(), field.getValue()));
    merged.put("enabled", theirs.path("enabled").asBoolean());
    JsonNode exceptions = exceptions(wanted, theirs);
    if (!exceptions.isMissingNode()) {
      merged.set("exceptions_list", exceptions);
    }
    return merged;
  }

  /** The installed exception lists, and behind them those of the rule that are not among them. */
  private static JsonNode exceptions(ObjectNode wanted, ObjectNode installed) {
    JsonNode theirs = installed.path("exceptions_list");
    List<JsonNode> missing = new ArrayList<>();
    for (JsonNode ours : wanted.path("exceptions_list")) {
      boolean there = false;
      for (JsonNode list : theirs) {
        there |= list.path("list_id").equals(ours.path("list_id"));
      }
      if (!there) {
        missing.add(ours);
      }
    }
    if (missing.isEmpty()) {
      return theirs;
    }
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    theirs.forEach(all::add);
    return all.addAll(missing);
  }
}
