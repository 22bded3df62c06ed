// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Documents that tests write down with single quotes, and as differences from others. */
final class RulePreviewDocuments {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RulePreviewDocuments() {}

  static ObjectNode json(String text) {
    try {
      return (ObjectNode) JSON.readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  /** Returns the first with what the others say instead or as well. */
  static ObjectNode merged(ObjectNode base, ObjectNode... differences) {
    ObjectNode merged = base.deepCopy();
    for (ObjectNode difference : differences) {
      for (Map.Entry<String, JsonNode> field : difference.properties()) {
        JsonNode before = merged.path(field.getKey());
        boolean both = before.isObject() && field.getValue().isObject();
        merged.set(
            field.getKey(),
            both ? merged((ObjectNode) before, (ObjectNode) field.getValue()) : field.getValue());
      }
    }
    return merged;
  }

  static ObjectNode resource(String name) {
    try (InputStream in = RulePreviewDocuments.class.getResourceAsStream(name)) {
      return json(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the body that creates an index with a mapping of the resources. */
  static String index(String mapping) {
    return "{\"mappings\":" + resource(mapping) + '}';
  }
}
