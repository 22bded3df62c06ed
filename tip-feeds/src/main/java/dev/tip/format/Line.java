// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.feed.FeedInfo;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A line of {@link Lines}. */
public final class Line extends FeedRecord {
  /** The names of its fields, for a {@link Mapping}. */
  static final List<String> NAMES = List.of("value", "comment", "section");

  private final AsciiText ascii = new AsciiText();
  private CharSequence value = "";
  private @Nullable String comment;
  private @Nullable String section;

  Line(FeedInfo feed, String bodyName) {
    super(feed, bodyName);
  }

  /**
   * Returns the value, without white space around it and never empty. It is a view that changes
   * with the next line; {@link Object#toString()} makes a text of it.
   */
  public CharSequence value() {
    return value;
  }

  /** Returns the comment behind the value, or null; only if the format was told of its sign. */
  public @Nullable String comment() {
    return comment;
  }

  /** Returns the heading above the value, or null; only if the format was told of headings. */
  public @Nullable String section() {
    return section;
  }

  @Override
  @Nullable CharSequence view(int index) {
    return index == 0 ? value : text(index);
  }

  @Override
  @Nullable String text(int index) {
    return switch (index) {
      case 0 -> value.toString();
      case 1 -> comment == null || comment.isEmpty() ? null : comment;
      default -> section;
    };
  }

  void set(byte[] bytes, int start, int end, boolean isAscii, @Nullable String comment) {
    this.comment = comment;
    if (isAscii) {
      ascii.set(bytes, start, end);
      value = ascii;
    } else {
      value = new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }
  }

  void set(String value) {
    this.comment = null;
    this.value = value;
  }

  void section(@Nullable String section) {
    this.section = section;
  }
}
