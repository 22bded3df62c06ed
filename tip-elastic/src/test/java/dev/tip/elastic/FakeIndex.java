// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a bulk API does with healthy requests, in memory: the last word on what was applied. */
final class FakeIndex {
  static final ObjectMapper JSON = new ObjectMapper();

  /** Says of an operation why it is refused, or null if it is not. */
  interface Refusals {
    @Nullable Refusal of(String id);
  }

  record Refusal(int status, String type) {}

  private final Map<String, Long> versions = new TreeMap<>();

  /** Returns the versions of the documents by id. */
  synchronized Map<String, Long> versions() {
    return new TreeMap<>(versions);
  }

  /** Returns the answer to the question which index is behind the alias. */
  static byte[] aliasAnswer(String alias) {
    return ("{\""
            + alias
            + ".v1\":{\"aliases\":{\""
            + alias
            + "\":{\"is_write_index\":true}},\"mappings\":{\"_meta\":{\"tip\":{\"mapping\":1}}},"
            + "\"settings\":{\"index\":{\"uuid\":\"uuid-1\"}}}}")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Applies the operations, and returns the answer. */
  byte[] bulk(byte[] body) throws IOException {
    return JSON.writeValueAsBytes(apply(body, Integer.MAX_VALUE, id -> null));
  }

  /**
   * Applies the first operations, and returns the answer about these.
   *
   * @param limit how many
   */
  synchronized ObjectNode apply(byte[] body, int limit, Refusals refusals) throws IOException {
    ObjectNode answer = JSON.createObjectNode().put("took", 1).put("errors", false);
    ArrayNode items = answer.putArray("items");
    String[] lines = new String(body, StandardCharsets.UTF_8).split("\n");
    for (int i = 0; i + 1 < lines.length && items.size() < limit; i += 2) {
      JsonNode action = JSON.readTree(lines[i]).path("index");
      JSON.readTree(lines[i + 1]);
      String id = action.path("_id").asText();
      long version = action.path("version").asLong();
      ObjectNode item = items.addObject().putObject("index").put("_index", "i").put("_id", id);
      Refusal refusal = refusals.of(id);
      if (refusal == null && versions.getOrDefault(id, 0L) > version) {
        refusal = new Refusal(409, "version_conflict_engine_exception");
      }
      if (refusal == null) {
        item.put("status", versions.put(id, version) == null ? 201 : 200);
      } else {
        item.put("status", refusal.status())
            .putObject("error")
            .put("type", refusal.type())
            .put("reason", "on request");
        answer.put("errors", true);
      }
    }
    return answer;
  }

  /** Returns the ids of the operations of a body. */
  static List<String> ids(byte[] body) throws IOException {
    List<String> ids = new ArrayList<>();
    String[] lines = new String(body, StandardCharsets.UTF_8).split("\n");
    for (int i = 0; i + 1 < lines.length; i += 2) {
      ids.add(JSON.readTree(lines[i]).path("index").path("_id").asText());
    }
    return ids;
  }

  /** Returns how many operations a body has. */
  static int operations(byte[] body) {
    int lines = 0;
    for (byte b : body) {
      if (b == '\n') {
        lines++;
      }
    }
    return lines / 2;
  }
}
