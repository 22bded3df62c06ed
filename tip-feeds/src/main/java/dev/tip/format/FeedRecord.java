// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.FeedInfo;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A record of a list, while it is read: valid only until its mapper returns. Not thread-safe. */
public abstract sealed class FeedRecord permits Fields, Line {
  /** Stands for the separator of a list in which commas separate, but no more than that. */
  static final char ELEMENTS = 0;

  private final FeedInfo feed;
  private final String bodyName;
  private long position;

  FeedRecord(FeedInfo feed, String bodyName) {
    this.feed = feed;
    this.bodyName = bodyName;
  }

  /** Returns the feed that the list belongs to. */
  public final FeedInfo feed() {
    return feed;
  }

  /**
   * Returns the name of the body, or of the archive member, that the record stands in; it is the
   * publisher's text and never a path of this machine.
   */
  public final String bodyName() {
    return bodyName;
  }

  /** Returns the number of the line or record, from 1. */
  public final long position() {
    return position;
  }

  final void position(long position) {
    this.position = position;
  }

  /** Returns a builder of a statement of the feed about the observable. */
  public final Indicator.Builder indicator(CyberObservable observable) {
    return Indicator.builder(observable, feed);
  }

  /**
   * Returns a field's text, or null if the field has no value; it may change with the next call.
   */
  abstract @Nullable CharSequence view(int index);

  /** Returns a field's text without white space around it, or null if the field has no value. */
  abstract @Nullable String text(int index);

  /**
   * Returns the parts of a field's text, without white space around them and without empty ones.
   *
   * @param separator what is between them, in which case number signs before them are left out too,
   *     or {@link #ELEMENTS}
   */
  List<String> list(int index, char separator) {
    String text = text(index);
    return text == null ? List.of() : split(text, separator);
  }

  static List<String> split(String text, char separator) {
    char sign = separator == ELEMENTS ? ',' : separator;
    if (separator == ELEMENTS && text.indexOf(sign) < 0) {
      return List.of(text);
    }
    List<String> parts = new ArrayList<>();
    int start = 0;
    while (start <= text.length()) {
      int next = text.indexOf(sign, start);
      int end = next < 0 ? text.length() : next;
      int from = start;
      while (separator != ELEMENTS && from < end && text.charAt(from) == '#') {
        from++;
      }
      String part = text.substring(from, end).strip();
      if (!part.isEmpty()) {
        parts.add(part);
      }
      start = end + 1;
    }
    return parts;
  }
}
