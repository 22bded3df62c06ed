// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A document of which some fields are known, to ask whether a query could find such a one. What it
 * says nothing of could be anything, so that a condition on it neither holds nor fails. Immutable.
 */
final class QueryProbe {
  /** Whether something holds. */
  enum Truth {
    NO,
    MAYBE,
    YES;

    private Truth not() {
      return values()[2 - ordinal()];
    }

    private static Truth of(boolean holds) {
      return holds ? YES : NO;
    }
  }

  /** By name; an empty list is a field that the document lacks. */
  private final Map<String, List<Object>> fields;

  private QueryProbe(Map<String, List<Object>> fields) {
    this.fields = fields;
  }

  static QueryProbe unknown() {
    return new QueryProbe(Map.of());
  }

  /**
   * Returns a probe that knows one field more.
   *
   * @param values texts, numbers, booleans, or lengths of time before now for dates; none if the
   *     document lacks the field
   */
  QueryProbe with(String field, Object... values) {
    Map<String, List<Object>> more = new HashMap<>(fields);
    more.put(field, List.of(values));
    return new QueryProbe(more);
  }

  QueryProbe without(Collection<String> names) {
    Map<String, List<Object>> more = new HashMap<>(fields);
    names.forEach(name -> more.put(name, List.of()));
    return new QueryProbe(more);
  }

  /** Returns whether the query finds the document. */
  Truth fulfils(KqlNode query) {
    if (query instanceof KqlNode.All all) {
      return all.parts().stream().map(this::fulfils).min(Truth::compareTo).orElse(Truth.YES);
    } else if (query instanceof KqlNode.Any any) {
      return any.parts().stream().map(this::fulfils).max(Truth::compareTo).orElse(Truth.NO);
    } else if (query instanceof KqlNode.Not not) {
      return fulfils(not.part()).not();
    } else if (query instanceof KqlNode.Nested nested) {
      return fulfils(nested.part());
    } else if (query instanceof KqlNode.Range range) {
      return values(range.field())
          .map(values -> any(values, v -> inRange(v, range)))
          .orElse(Truth.MAYBE);
    }
    KqlNode.Is is = (KqlNode.Is) query;
    boolean everything = is.field().isEmpty() || is.field().equals("*");
    if (everything) {
      return is.value().isAny() ? Truth.YES : Truth.MAYBE;
    }
    return values(is.field())
        .map(values -> any(values, v -> is(v, is.value())))
        .orElse(Truth.MAYBE);
  }

  /**
   * Returns whether the document passes a filter of Kibana: the object with {@code meta} and {@code
   * query}. One that is switched off lets all pass; one of another form is not understood.
   */
  Truth passes(JsonNode filter) {
    JsonNode meta = filter.path("meta");
    if (meta.path("disabled").asBoolean()) {
      return Truth.YES;
    }
    Truth passes = fulfilsClause(filter.path("query"));
    return meta.path("negate").asBoolean() ? passes.not() : passes;
  }

  private Truth fulfilsClause(JsonNode query) {
    for (String kind : List.of("match_phrase", "term", "match")) {
      JsonNode clause = query.path(kind);
      if (clause.isObject() && clause.size() == 1) {
        Map.Entry<String, JsonNode> field = clause.properties().iterator().next();
        JsonNode value = field.getValue();
        String text = value.isObject() ? value.path("query").asText() : value.asText();
        KqlNode.Value phrase = new KqlNode.Value(KqlQuery.phrase(text), true);
        return values(field.getKey())
            .map(values -> any(values, v -> is(v, phrase)))
            .orElse(Truth.MAYBE);
      }
    }
    JsonNode exists = query.path("exists").path("field");
    if (exists.isTextual()) {
      return values(exists.textValue())
          .map(values -> Truth.of(!values.isEmpty()))
          .orElse(Truth.MAYBE);
    }
    JsonNode range = query.path("range");
    if (range.isObject() && range.size() == 1) {
      Map.Entry<String, JsonNode> field = range.properties().iterator().next();
      Truth all = Truth.YES;
      for (Map.Entry<String, String> operator :
          Map.of("gte", ">=", "gt", ">", "lte", "<=", "lt", "<").entrySet()) {
        JsonNode bound = field.getValue().path(operator.getKey());
        if (!bound.isValueNode() || bound.isNull()) {
          continue;
        }
        KqlNode.Value value = new KqlNode.Value(KqlQuery.phrase(bound.asText()), true);
        Truth one = fulfils(new KqlNode.Range(field.getKey(), operator.getValue(), value));
        all = one.compareTo(all) < 0 ? one : all;
      }
      return all;
    }
    return Truth.MAYBE;
  }

  /** Returns what is known of a field; nothing is known of one whose wildcards fit none. */
  private Optional<List<Object>> values(String field) {
    if (field.indexOf('*') < 0) {
      return Optional.ofNullable(fields.get(field));
    }
    List<List<Object>> known =
        fields.entrySet().stream()
            .filter(e -> Glob.fits(field, e.getKey()))
            .map(Map.Entry::getValue)
            .toList();
    return known.isEmpty()
        ? Optional.empty()
        : Optional.of(known.stream().flatMap(List::stream).toList());
  }

  private static Truth any(List<Object> values, Function<Object, Truth> condition) {
    return values.stream().map(condition).max(Truth::compareTo).orElse(Truth.NO);
  }

  private static Truth is(Object known, KqlNode.Value value) {
    if (value.isAny()) {
      return Truth.YES;
    }
    if (known instanceof Duration) {
      return Truth.MAYBE;
    }
    String text = known.toString();
    if (value.plain().indexOf('/') > 0 && isAddress(text)) {
      return Truth.of(isIn(text, value.plain()));
    }
    return Truth.of(value.fits(text));
  }

  private static Truth inRange(Object known, KqlNode.Range range) {
    String bound = range.bound().plain();
    int compared;
    if (known instanceof Duration age) {
      Optional<Duration> ago = DateMath.beforeNow(bound);
      if (ago.isEmpty()) {
        // A fixed date lets indicators pass that grow ever older.
        return Truth.MAYBE;
      }
      compared = ago.get().compareTo(age);
    } else if (known instanceof Long number) {
      try {
        compared = Long.compare(number, Long.parseLong(bound));
      } catch (NumberFormatException e) {
        return Truth.MAYBE;
      }
    } else {
      return Truth.MAYBE;
    }
    return Truth.of(
        switch (range.operator()) {
          case "<" -> compared < 0;
          case "<=" -> compared <= 0;
          case ">" -> compared > 0;
          default -> compared >= 0;
        });
  }

  private static boolean isAddress(String text) {
    return text.chars().filter(c -> c == '.').count() == 3
        && text.chars().allMatch(c -> c == '.' || c >= '0' && c <= '9');
  }

  /** Returns whether an IPv4 address of a probe is in a block; the block is anybody's text. */
  private static boolean isIn(String address, String block) {
    int slash = block.indexOf('/');
    try {
      int bits = Integer.parseInt(block.substring(slash + 1));
      String network = block.substring(0, slash);
      return isAddress(network)
          && bits >= 0
          && bits <= 32
          && (bits == 0 || number(address) >>> 32 - bits == number(network) >>> 32 - bits);
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static long number(String address) {
    long number = 0;
    for (String part : address.split("\\.", -1)) {
      number = number << 8 | Integer.parseInt(part) & 0xFF;
    }
    return number;
  }
}
