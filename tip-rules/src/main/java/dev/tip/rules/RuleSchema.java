// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/**
 * The JSON Schema of an indicator match rule, and as much of JSON Schema as it needs.
 *
 * @see <a href="https://json-schema.org/draft/2020-12">JSON Schema 2020-12</a>
 */
final class RuleSchema {
  private static final int MAX_VIOLATIONS = 50;
  private static final JsonNode SCHEMA = read();

  private final List<Violation> violations = new ArrayList<>();

  private RuleSchema() {}

  /**
   * A place in a rule that is not as it should be.
   *
   * @param field the place, such as {@code threat_mapping[0].entries[1].value}; empty for the whole
   * @param what goes on with the field
   */
  record Violation(String field, String what) {}

  /** Returns what is wrong with a file of detection-rules; the first of it if it is very much. */
  static List<Violation> file(JsonNode file) {
    RuleSchema schema = new RuleSchema();
    schema.check("", definition("file"), file);
    if (file.path("rule").isObject()) {
      for (JsonNode key : definition("rule").path("x-required-in-file")) {
        schema.required("rule", key.asText(), file.get("rule"));
      }
    }
    return schema.violations;
  }

  /** Returns what is wrong with a rule as Kibana imports it. */
  static List<Violation> rule(JsonNode rule) {
    JsonNode own = rule;
    if (rule.isObject()) {
      ObjectNode copy = rule.deepCopy();
      definition("rule").path("x-kibana-only").forEach(key -> copy.remove(key.asText()));
      own = copy;
    }
    RuleSchema schema = new RuleSchema();
    schema.check("", definition("rule"), own);
    return schema.violations;
  }

  /** Returns whether a key of a rule is Kibana's own, which an import passes over. */
  static boolean isOfKibana(String key) {
    return StreamSupport.stream(definition("rule").path("x-kibana-only").spliterator(), false)
        .anyMatch(only -> only.asText().equals(key));
  }

  private static JsonNode definition(String name) {
    return SCHEMA.path("$defs").path(name);
  }

  private void check(String field, JsonNode schema, JsonNode value) {
    if (violations.size() >= MAX_VIOLATIONS) {
      return;
    }
    if (schema.has("$ref")) {
      check(field, SCHEMA.at(schema.get("$ref").asText().substring(1)), value);
      return;
    }
    if (schema.has("anyOf")) {
      anyOf(field, schema.get("anyOf"), value);
      return;
    }
    String type = schema.path("type").asText();
    if (!isOf(type, value)) {
      add(field, "must be of type " + type);
      return;
    }
    JsonNode allowed = schema.path("enum");
    if (!allowed.isMissingNode()
        && StreamSupport.stream(allowed.spliterator(), false).noneMatch(value::equals)) {
      add(field, "must be one of " + allowed);
    }
    if (value.isObject()) {
      object(field, schema, value);
    } else if (value.isArray()) {
      array(field, schema, value);
    } else if (value.isTextual()) {
      text(field, schema, value.textValue());
    } else if (value.isIntegralNumber()) {
      number(field, schema, value);
    }
  }

  private static boolean isOf(String type, JsonNode value) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "integer" -> value.isIntegralNumber();
      case "boolean" -> value.isBoolean();
      default -> true;
    };
  }

  private void anyOf(String field, JsonNode schemas, JsonNode value) {
    for (JsonNode schema : schemas) {
      RuleSchema one = new RuleSchema();
      one.check(field, schema, value);
      if (one.violations.isEmpty()) {
        return;
      }
    }
    add(field, "has none of the forms it may have");
  }

  private void object(String field, JsonNode schema, JsonNode value) {
    schema.path("required").forEach(key -> required(field, key.asText(), value));
    JsonNode properties = schema.path("properties");
    boolean closed = !schema.path("additionalProperties").asBoolean(true);
    for (Map.Entry<String, JsonNode> property : value.properties()) {
      JsonNode of = properties.path(property.getKey());
      String path = path(field, property.getKey());
      if (!of.isMissingNode()) {
        check(path, of, property.getValue());
      } else if (closed) {
        add(path, "is no key that a rule has");
      }
    }
  }

  private void required(String field, String key, JsonNode value) {
    if (!value.has(key)) {
      add(path(field, key), "is missing");
    }
  }

  private void array(String field, JsonNode schema, JsonNode value) {
    if (value.size() < schema.path("minItems").asInt(0)) {
      add(field, "must have an element");
    }
    if (value.size() > schema.path("maxItems").asInt(Integer.MAX_VALUE)) {
      add(field, "must have at most " + schema.path("maxItems").asInt() + " elements");
    }
    JsonNode items = schema.path("items");
    for (int i = 0; i < value.size() && !items.isMissingNode(); i++) {
      check(field + '[' + i + ']', items, value.get(i));
    }
  }

  private void text(String field, JsonNode schema, String value) {
    if (schema.has("minLength") && value.isBlank()) {
      add(field, "must not be blank");
    }
    JsonNode pattern = schema.path("pattern");
    if (pattern.isTextual() && !Pattern.matches(pattern.textValue(), value)) {
      add(field, "must be like " + pattern.textValue());
    }
  }

  private void number(String field, JsonNode schema, JsonNode value) {
    long least = schema.path("minimum").asLong(Long.MIN_VALUE);
    long greatest = schema.path("maximum").asLong(Long.MAX_VALUE);
    if (!value.canConvertToLong() || value.longValue() < least || value.longValue() > greatest) {
      add(
          field,
          "must be "
              + least
              + (greatest == Long.MAX_VALUE ? " or more" : " to " + greatest)
              + ": "
              + RuleFinding.excerpt(value.asText()));
    }
  }

  private void add(String field, String what) {
    violations.add(new Violation(field, what));
  }

  private static String path(String field, String key) {
    String shown = RuleFinding.excerpt(key);
    return field.isEmpty() ? shown : field + '.' + shown;
  }

  private static JsonNode read() {
    try (InputStream in = RuleSchema.class.getResourceAsStream("rule.schema.json")) {
      if (in == null) {
        throw new IllegalStateException("rule.schema.json is missing from the jar");
      }
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
