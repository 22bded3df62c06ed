// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import java.util.List;

/** A query in Kibana Query Language as a tree. Names of fields are whole, nested paths included. */
sealed interface KqlNode {
  /** All parts hold. */
  record All(List<KqlNode> parts) implements KqlNode {
    static KqlNode of(List<KqlNode> parts) {
      return parts.size() == 1 ? parts.get(0) : new All(List.copyOf(parts));
    }
  }

  /** One of the parts holds. */
  record Any(List<KqlNode> parts) implements KqlNode {
    static KqlNode of(List<KqlNode> parts) {
      return parts.size() == 1 ? parts.get(0) : new Any(List.copyOf(parts));
    }
  }

  /** The part does not hold. */
  record Not(KqlNode part) implements KqlNode {}

  /** One object of a nested field fulfils the part. */
  record Nested(String path, KqlNode part) implements KqlNode {}

  /**
   * A field has a value; {@code *} as value means any.
   *
   * @param field may have wildcards; empty for words that are sought in all fields
   */
  record Is(String field, Value value) implements KqlNode {}

  /**
   * A field is less or greater than a value.
   *
   * @param operator one of {@code < <= > >=}
   */
  record Range(String field, String operator, Value bound) implements KqlNode {}

  /**
   * A value as the query writes it.
   *
   * @param raw with its quotes and escapes
   * @param phrase whether it is in quotes, where {@code *} means itself
   */
  record Value(String raw, boolean phrase) {
    boolean isAny() {
      return !phrase && raw.equals("*");
    }

    /** Returns whether a text is this value, or fits its wildcards. */
    boolean fits(String text) {
      return phrase ? plain().equals(text) : Glob.fits(raw, text);
    }

    /** Returns the value without quotes and escapes. */
    String plain() {
      String inner = phrase ? raw.substring(1, raw.length() - 1) : raw;
      if (inner.indexOf('\\') < 0) {
        return inner;
      }
      StringBuilder plain = new StringBuilder(inner.length());
      for (int i = 0; i < inner.length(); i++) {
        char c = inner.charAt(i);
        plain.append(c == '\\' && i + 1 < inner.length() ? inner.charAt(++i) : c);
      }
      return plain.toString();
    }
  }
}
