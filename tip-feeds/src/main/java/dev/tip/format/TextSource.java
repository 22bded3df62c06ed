// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where a {@link Mapping} takes a text from: a field, or literal text with fields in it. */
final class TextSource {
  private static final int MAX_LENGTH = 512;

  /** The place of the only field; -1 if there is literal text. */
  private final int field;

  /** Literal text, and behind each but the last the place of a field. */
  private final String[] literals;

  private final int[] fields;

  private TextSource(int field, String[] literals, int[] fields) {
    this.field = field;
    this.literals = literals;
    this.fields = fields;
  }

  /**
   * Makes a text ready to be read.
   *
   * @throws IllegalArgumentException if it names a field that is not there
   */
  static TextSource of(String text, List<String> names) {
    if (!isLiteral(text)) {
      return new TextSource(place(text, names), new String[0], new int[0]);
    }
    List<String> literals = new ArrayList<>();
    List<Integer> fields = new ArrayList<>();
    int start = 1;
    for (int open = text.indexOf('{', start); open >= 0; open = text.indexOf('{', start)) {
      int close = text.indexOf('}', open);
      literals.add(text.substring(start, open));
      fields.add(place(text.substring(open + 1, close), names));
      start = close + 1;
    }
    literals.add(text.substring(start));
    return new TextSource(
        -1, literals.toArray(new String[0]), fields.stream().mapToInt(Integer::intValue).toArray());
  }

  /**
   * Returns the place of a field.
   *
   * @throws IllegalArgumentException if it is not there
   */
  static int place(String field, List<String> names) {
    int place = names.indexOf(field);
    if (place < 0) {
      throw new IllegalArgumentException("there is no field \"" + field + "\"; there are " + names);
    }
    return place;
  }

  /** Adds the names of the fields in a text. */
  static void addFields(String text, Set<String> to) {
    if (!isLiteral(text)) {
      to.add(text);
      return;
    }
    for (int open = text.indexOf('{'); open >= 0; open = text.indexOf('{', open + 1)) {
      to.add(text.substring(open + 1, text.indexOf('}', open)));
    }
  }

  /**
   * Checks the form of a text.
   *
   * @throws IllegalArgumentException if it is empty, too long, or has a brace without its other
   */
  static void check(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("a text needs 1 to " + MAX_LENGTH + " characters");
    }
    if (!isLiteral(text)) {
      return;
    }
    int open = -1;
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '{' && open < 0) {
        open = i;
      } else if (c == '}' && open >= 0 && i > open + 1) {
        open = -1;
      } else if (c == '{' || c == '}') {
        throw new IllegalArgumentException(
            "names of fields are in braces, which must come in pairs: " + text);
      }
    }
    if (open >= 0) {
      throw new IllegalArgumentException("a brace is not closed: " + text);
    }
  }

  /**
   * Returns the text if it is the name of a field.
   *
   * @throws IllegalArgumentException if it is not
   */
  static String checkedField(String text) {
    check(text);
    if (isLiteral(text)) {
      throw new IllegalArgumentException("this must be the name of a field: " + text);
    }
    return text;
  }

  private static boolean isLiteral(String text) {
    return text.charAt(0) == '=';
  }

  /** Returns the text, or null if there is none; it may change with the next call. */
  @Nullable CharSequence view(FeedRecord record) {
    return field >= 0 ? record.view(field) : literal(record);
  }

  /** Returns the text, or null if there is none. */
  @Nullable String text(FeedRecord record) {
    return field >= 0 ? record.text(field) : literal(record);
  }

  private @Nullable String literal(FeedRecord record) {
    if (fields.length == 0) {
      return literals[0];
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < fields.length; i++) {
      CharSequence part = record.view(fields[i]);
      if (part == null) {
        return null;
      }
      text.append(literals[i]).append(part);
    }
    return text.append(literals[fields.length]).toString();
  }
}
