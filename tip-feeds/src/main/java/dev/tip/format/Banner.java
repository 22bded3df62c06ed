// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedEntry.Declared;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What publishers say about a list in its comments.
 *
 * <p>The forms are those of abuse.ch: {@code Last updated: 2026-05-17 22:17:15 (UTC)} in the
 * banner; {@code Number of entries: 7} (URLhaus, MalwareBazaar), {@code END 7 entries} (Feodo
 * Tracker) and {@code END (7) entries} (SSLBL) at the end.
 */
final class Banner {
  private static final String UPDATED = "Last updated:";
  private static final String NUMBER = "Number of entries:";
  private static final String END = "END ";
  private static final String ENTRIES = " entries";

  private Banner() {}

  /** Returns what a comment says about the list, or null. */
  static @Nullable FeedEntry read(String comment) {
    String text = strip(comment);
    if (text.startsWith(UPDATED)) {
      Instant time = Timestamps.parse(text.substring(UPDATED.length()).strip());
      return time == null ? null : new Declared(Declared.UPDATED, time.toString());
    }
    if (text.startsWith(NUMBER)) {
      return records(text.substring(NUMBER.length()).strip());
    }
    if (text.startsWith(END) && text.endsWith(ENTRIES) && text.length() > END.length() + 7) {
      String number = text.substring(END.length(), text.length() - ENTRIES.length()).strip();
      boolean inBrackets = number.startsWith("(") && number.endsWith(")") && number.length() > 1;
      return records(inBrackets ? number.substring(1, number.length() - 1) : number);
    }
    return null;
  }

  /** Returns a comment without comment signs and white space around it. */
  static String strip(String comment) {
    int start = 0;
    int end = comment.length();
    while (start < end && (isFrame(comment.charAt(start)) || isSign(comment.charAt(start)))) {
      start++;
    }
    while (end > start && isFrame(comment.charAt(end - 1))) {
      end--;
    }
    return comment.substring(start, end);
  }

  private static boolean isFrame(char c) {
    return c <= ' ' || c == '#';
  }

  private static boolean isSign(char c) {
    return c == ';' || c == '!';
  }

  private static @Nullable FeedEntry records(String number) {
    long records = Numbers.parse(number, 0, number.length());
    return records < 0 ? null : new Declared(Declared.RECORDS, Long.toString(records));
  }
}
