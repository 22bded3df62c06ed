// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedEntry.Declared;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What publishers say about a list in its comments.
 *
 * <p>When it was made: {@code Last updated:} (abuse.ch), {@code Last update:} (IPsum), {@code
 * updated:} (DShield), {@code Last modified:} (HaGeZi), {@code Last-Modified:} (Spamhaus), {@code
 * This File Date:} (FireHOL), and a time in numbers or in English.
 *
 * <p>How many records it has: {@code Number of entries: 7} (abuse.ch, HaGeZi), {@code END 7
 * entries} (Feodo Tracker), {@code END (7) entries} (SSLBL), {@code Entries : 7 subnets, …}
 * (FireHOL, whose number of addresses is no number of records).
 */
final class Banner {
  private static final List<String> UPDATED =
      List.of(
          "Last updated",
          "Last update",
          "updated",
          "Last modified",
          "Last-Modified",
          "This File Date");
  private static final List<TimeFormat> TIMES =
      Stream.of(
              "EEE, d MMM uuuu HH:mm:ss Z",
              "EEE, d MMM uuuu HH:mm:ss 'GMT'",
              "EEE MMM d HH:mm:ss 'UTC' uuuu",
              "EEE MMM d HH:mm:ss uuuu 'UTC'",
              "d MMM uuuu HH:mm 'UTC'")
          .map(TimeFormat::of)
          .toList();
  private static final String NUMBER = "Number of entries:";
  private static final String END = "END ";
  private static final String ENTRIES = " entries";
  private static final String NETWORKS = "Entries";

  private Banner() {}

  /** Returns what a comment says about the list, or null. */
  static FeedEntry.@Nullable Declared read(String comment) {
    String text = strip(comment);
    for (String label : UPDATED) {
      int colon = colon(text, label);
      if (colon >= 0) {
        Instant time = time(text.substring(colon + 1).strip());
        return time == null ? null : new Declared(Declared.UPDATED, time.toString());
      }
    }
    if (text.startsWith(NUMBER)) {
      return records(text.substring(NUMBER.length()).strip());
    }
    int colon = colon(text, NETWORKS);
    int subnets = colon < 0 ? -1 : text.indexOf(" subnets,");
    if (subnets > colon) {
      return records(text.substring(colon + 1, subnets).strip());
    }
    if (text.startsWith(END) && text.endsWith(ENTRIES) && text.length() > END.length() + 7) {
      String number = text.substring(END.length(), text.length() - ENTRIES.length()).strip();
      boolean inBrackets = number.startsWith("(") && number.endsWith(")") && number.length() > 1;
      return records(inBrackets ? number.substring(1, number.length() - 1) : number);
    }
    return null;
  }

  /** Returns the place of the colon behind a label, or -1. */
  private static int colon(String text, String label) {
    if (!text.startsWith(label)) {
      return -1;
    }
    int at = label.length();
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
    return at < text.length() && text.charAt(at) == ':' ? at : -1;
  }

  private static @Nullable Instant time(String text) {
    Instant time = Timestamps.parse(text);
    for (int i = 0; time == null && i < TIMES.size(); i++) {
      // Days are padded with a blank in some.
      time = TIMES.get(i).parse(text.replace("  ", " "));
    }
    return time;
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

  private static FeedEntry.@Nullable Declared records(String number) {
    long records = Numbers.parse(number, 0, number.length());
    return records < 0 ? null : new Declared(Declared.RECORDS, Long.toString(records));
  }
}
