// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import java.time.Instant;
import java.time.YearMonth;
import org.jspecify.annotations.Nullable;

/**
 * Times as feeds write them: {@code uuuu-MM-dd[( |T)HH:mm:ss[.fraction]][[ ](UTC|(UTC)|Z|±HH:mm)]}.
 *
 * <p>Written out because a formatter costs more than the rest of a record.
 */
final class Timestamps {
  private static final int MIN_YEAR = 1970;
  private static final int MAX_YEAR = 2199;
  private static final int DAYS_TO_1970 = 719_468;
  private static final int DATE_LENGTH = 10;
  private static final int TIME_LENGTH = 19;

  private Timestamps() {}

  /** Returns the time, or null if the text is none. */
  static @Nullable Instant parse(CharSequence text) {
    int length = text.length();
    if (length < DATE_LENGTH || text.charAt(4) != '-' || text.charAt(7) != '-') {
      return null;
    }
    int century = two(text, 0);
    int year = century < 0 ? -1 : 100 * century + two(text, 2);
    int month = two(text, 5);
    int day = two(text, 8);
    if (year < MIN_YEAR || year > MAX_YEAR || month < 1 || month > 12 || day < 1) {
      return null;
    }
    if (day > 28 && day > YearMonth.of(year, month).lengthOfMonth()) {
      return null;
    }
    long seconds = epochDay(year, month, day) * 86_400L;
    if (length == DATE_LENGTH) {
      return Instant.ofEpochSecond(seconds);
    }
    if (length < TIME_LENGTH
        || text.charAt(10) != ' ' && text.charAt(10) != 'T'
        || text.charAt(13) != ':'
        || text.charAt(16) != ':') {
      return null;
    }
    int hour = two(text, 11);
    int minute = two(text, 14);
    int second = two(text, 17);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
      return null;
    }
    seconds += hour * 3600 + minute * 60 + second;
    int at = TIME_LENGTH;
    int nanos = 0;
    if (at < length && text.charAt(at) == '.') {
      int start = ++at;
      int scale = 100_000_000;
      while (at < length && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
        nanos += (text.charAt(at++) - '0') * scale;
        scale /= 10;
      }
      if (at == start || at - start > 9) {
        return null;
      }
    }
    if (at < length && text.charAt(at) == ' ') {
      at++;
    }
    int offset = offsetSeconds(text, at);
    return offset == Integer.MIN_VALUE ? null : Instant.ofEpochSecond(seconds - offset, nanos);
  }

  private static int offsetSeconds(CharSequence text, int start) {
    int length = text.length() - start;
    if (length == 0) {
      return text.charAt(start - 1) == ' ' ? Integer.MIN_VALUE : 0;
    }
    char first = text.charAt(start);
    if (length == 1 && first == 'Z' || is(text, start, "UTC") || is(text, start, "(UTC)")) {
      return 0;
    }
    boolean colon = length == 6 && text.charAt(start + 3) == ':';
    if (first != '+' && first != '-' || length != 5 && !colon) {
      return Integer.MIN_VALUE;
    }
    int hours = two(text, start + 1);
    int minutes = two(text, start + length - 2);
    if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59) {
      return Integer.MIN_VALUE;
    }
    int offset = hours * 3600 + minutes * 60;
    return first == '-' ? -offset : offset;
  }

  private static boolean is(CharSequence text, int start, String word) {
    return text.length() - start == word.length()
        && CharSequence.compare(text.subSequence(start, text.length()), word) == 0;
  }

  /** Returns the days since 1970-01-01; counted from March, the leap day is a year's last. */
  private static int epochDay(int year, int month, int day) {
    int y = month > 2 ? year : year - 1;
    int monthFromMarch = (month + 9) % 12;
    int dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1;
    return 365 * y + y / 4 - y / 100 + y / 400 + dayOfYear - DAYS_TO_1970;
  }

  /** Returns the number of two digits, or less than -1000 if they are none. */
  private static int two(CharSequence text, int at) {
    int tens = text.charAt(at) - '0';
    int ones = text.charAt(at + 1) - '0';
    return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -10_000 : 10 * tens + ones;
  }
}
