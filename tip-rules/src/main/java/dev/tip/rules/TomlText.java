// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes a rule file in the layout that the formatter of elastic/detection-rules leaves.
 *
 * <p>For text of printable ASCII without backslash and without three quotes in a row the result is
 * byte for byte the formatter's. Elsewhere the formatter can write something that is not TOML, or
 * that reads back as other text; then this writes valid TOML of the same value instead.
 */
final class TomlText {
  private static final int WRAP_COLUMNS = 120;
  private static final int LIST_COLUMNS = 100;

  /** Tables of a file in the order in which they appear. */
  private static final List<String> SECTIONS = List.of("metadata", "transform", "rule");

  /** Keys whose line breaks mean something. */
  private static final Set<String> MARKDOWN = Set.of("note", "setup");

  private final StringBuilder out = new StringBuilder();

  private TomlText() {}

  /** Returns the file of a rule given as {@code {"metadata": {…}, "rule": {…}}}. */
  static String of(ObjectNode file) {
    TomlText text = new TomlText();
    for (String section : SECTIONS) {
      JsonNode content = file.path(section);
      if (!content.isEmpty()) {
        text.section(section, content);
      }
    }
    return text.out.toString();
  }

  private void section(String name, JsonNode content) {
    Map<String, JsonNode> tables = new LinkedHashMap<>();
    Map<String, String> queries = new LinkedHashMap<>();
    if (out.length() > 0) {
      out.append('\n');
    }
    out.append('[').append(name).append("]\n");
    sorted(content)
        .forEach(
            (key, value) -> {
              if (value.isObject() || isTableList(value)) {
                tables.put(key, value);
              } else if (key.equals("query") || key.equals("threat_query")) {
                queries.put(key, value.asText());
              } else {
                keyValue(key, value);
              }
            });
    queries.forEach(
        (key, query) -> {
          out.append('\n').append(key).append(" = ");
          queryBlock(strip(query));
          out.append('\n');
          if (!tables.isEmpty()) {
            out.append("\n\n");
          }
        });
    if (!tables.isEmpty()) {
      Map<String, JsonNode> plain = new LinkedHashMap<>();
      tables.forEach(
          (key, value) -> {
            if (value.isArray()) {
              tableList(name + "." + bareOrQuoted(key), value);
            } else {
              plain.put(name + "." + bareOrQuoted(key), value);
            }
          });
      tablesByLevel(plain);
      out.append('\n');
    }
  }

  /** Writes each element of a list of tables under a header of its own. */
  private void tableList(String path, JsonNode list) {
    for (JsonNode element : list) {
      out.append("[[").append(path).append("]]\n");
      Map<String, JsonNode> nested = new LinkedHashMap<>();
      Map<String, JsonNode> lists = new LinkedHashMap<>();
      sorted(element)
          .forEach(
              (key, value) -> {
                if (value.isObject()) {
                  nested.put(path + "." + bareOrQuoted(key), value);
                } else if (isTableList(value)) {
                  lists.put(path + "." + bareOrQuoted(key), value);
                } else {
                  keyValue(key, value);
                }
              });
      out.append('\n');
      lists.forEach(this::tableList);
      tablesByLevel(nested);
    }
  }

  /** Writes tables before those inside them. A table with nothing but tables has no header. */
  private void tablesByLevel(Map<String, JsonNode> level) {
    Map<String, JsonNode> current = level;
    while (!current.isEmpty()) {
      Map<String, JsonNode> next = new LinkedHashMap<>();
      current.forEach(
          (path, table) -> {
            Map<String, JsonNode> values = new LinkedHashMap<>();
            Map<String, JsonNode> lists = new LinkedHashMap<>();
            sorted(table)
                .forEach(
                    (key, value) -> {
                      if (value.isObject()) {
                        next.put(path + "." + bareOrQuoted(key), value);
                      } else if (isTableList(value)) {
                        lists.put(path + "." + bareOrQuoted(key), value);
                      } else {
                        values.put(key, value);
                      }
                    });
            if (!values.isEmpty() || table.isEmpty()) {
              out.append('[').append(path).append("]\n");
            }
            values.forEach(this::keyValue);
            lists.forEach(this::tableList);
          });
      current = next;
    }
  }

  private void keyValue(String key, JsonNode value) {
    if (value.isNull()) {
      return;
    }
    out.append(bareOrQuoted(key)).append(" = ");
    if (value.isArray()) {
      list(value);
    } else if (!value.isTextual()) {
      out.append(value.asText());
    } else if (MARKDOWN.contains(key)) {
      markdown(value.textValue());
    } else {
      string(value.textValue());
    }
    out.append('\n');
  }

  private void list(JsonNode list) {
    int width = 0;
    for (JsonNode item : list) {
      width += item.asText().length() + 3;
    }
    boolean oneLine = width <= LIST_COLUMNS;
    out.append(oneLine ? "[" : "[\n");
    for (int i = 0; i < list.size(); i++) {
      JsonNode item = list.get(i);
      if (oneLine) {
        out.append(i == 0 ? "" : ", ");
      } else {
        out.append("    ");
      }
      if (item.isTextual()) {
        basic(item.textValue());
      } else {
        out.append(item.asText());
      }
      if (!oneLine) {
        out.append(",\n");
      }
    }
    out.append(']');
  }

  private void string(String text) {
    String words = collapse(text);
    if (words.length() <= WRAP_COLUMNS && words.indexOf('"') < 0) {
      basic(text);
    } else {
      out.append("\"\"\"\n");
      for (String line : wrap(words)) {
        escapeBlock(line, false);
        out.append('\n');
      }
      out.append("\"\"\"");
    }
  }

  private void markdown(String text) {
    if (text.indexOf('\n') >= 0) {
      out.append("\"\"\"");
      // A line break right after the opening quotes is not part of the text.
      out.append(text.charAt(0) == '\n' ? "\n" : "");
      escapeBlock(text, true);
      out.append("\"\"\"");
    } else if (text.indexOf('"') >= 0 && isLiteral(text) && text.indexOf('\'') < 0) {
      out.append('\'').append(text).append('\'');
    } else {
      basic(text);
    }
  }

  private void queryBlock(String query) {
    if (isLiteral(query) && !query.contains("'''") && !query.endsWith("'")) {
      out.append("'''\n").append(query).append("\n'''");
    } else {
      out.append("\"\"\"\n");
      escapeBlock(query, false);
      out.append("\n\"\"\"");
    }
  }

  /** Writes a string on one line, everything but printable ASCII escaped. */
  private void basic(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\n' -> out.append("\\n");
        default -> {
          if (c >= 0x80) {
            unicode(c);
          } else {
            escapeAscii(c);
          }
        }
      }
    }
    out.append('"');
  }

  /**
   * Writes text between three quotes; line breaks and lone quotes stay what they are.
   *
   * @param closes whether the closing quotes follow at once
   */
  private void escapeBlock(String text, boolean closes) {
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (c == '"') {
        boolean last = closes && i == text.length();
        out.append(last || endsInTwoQuotes() ? "\\\"" : "\"");
      } else if (c == '\n' || c >= 0xA0) {
        out.appendCodePoint(c);
      } else if (c >= 0x80) {
        unicode(c);
      } else {
        escapeAscii(c);
      }
    }
  }

  private boolean endsInTwoQuotes() {
    int end = out.length();
    return end >= 2 && out.charAt(end - 1) == '"' && out.charAt(end - 2) == '"';
  }

  private void escapeAscii(int c) {
    switch (c) {
      case '\\' -> out.append("\\\\");
      case '\b' -> out.append("\\b");
      case '\t' -> out.append("\\t");
      case '\f' -> out.append("\\f");
      case '\r' -> out.append("\\r");
      default -> {
        if (c < 0x20 || c == 0x7F) {
          unicode(c);
        } else {
          out.append((char) c);
        }
      }
    }
  }

  private void unicode(int c) {
    out.append(String.format(Locale.ROOT, c <= 0xFFFF ? "\\u%04x" : "\\U%08x", c));
  }

  /**
   * Returns whether a literal string can hold the text: no control characters but line feed, and no
   * tab, which TOML before 1.0 refuses there.
   */
  private static boolean isLiteral(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) && c != '\n') {
        return false;
      }
    }
    return true;
  }

  private static boolean isTableList(JsonNode value) {
    return value.isArray() && !value.isEmpty() && value.get(0).isObject();
  }

  private static Map<String, JsonNode> sorted(JsonNode object) {
    Map<String, JsonNode> sorted = new TreeMap<>();
    object.properties().forEach(p -> sorted.put(p.getKey(), p.getValue()));
    return sorted;
  }

  private static String bareOrQuoted(String key) {
    boolean bare = !key.isEmpty();
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      bare &= c == '_' || c == '-' || c < 0x80 && Character.isLetterOrDigit(c);
    }
    if (bare) {
      return key;
    }
    TomlText quoted = new TomlText();
    quoted.basic(key);
    return quoted.out.toString();
  }

  /** Returns the text with each run of white space as one blank, and none at the ends. */
  static String collapse(String text) {
    StringBuilder words = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isBlank(c)) {
        words.append(c);
      } else if (words.length() > 0 && words.charAt(words.length() - 1) != ' ') {
        words.append(' ');
      }
    }
    int end = words.length();
    return words.substring(0, end > 0 && words.charAt(end - 1) == ' ' ? end - 1 : end);
  }

  /** Returns the text without white space at its ends. */
  static String strip(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isBlank(text.charAt(start))) {
      start++;
    }
    while (end > start && isBlank(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c >= '\t' && c <= '\r';
  }

  private static List<String> wrap(String words) {
    List<String> lines = new ArrayList<>();
    int start = 0;
    while (words.length() - start > WRAP_COLUMNS) {
      int end = words.lastIndexOf(' ', start + WRAP_COLUMNS);
      if (end < start) {
        end = words.indexOf(' ', start);
        if (end < 0) {
          break;
        }
      }
      lines.add(words.substring(start, end));
      start = end + 1;
    }
    lines.add(words.substring(start));
    return lines;
  }
}
