// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a list writes times. */
abstract class TimeFormat {
  private static final int MAX_PATTERN = 64;
  private static final int MAX_TEXT = 64;
  private static final Instant END = Instant.parse("2200-01-01T00:00:00Z");

  /** What {@link Timestamps} reads. */
  static final TimeFormat COMMON =
      new TimeFormat() {
        @Override
        @Nullable Instant parse(CharSequence text) {
          return Timestamps.parse(text);
        }
      };

  private TimeFormat() {}

  /** Returns the time, or null if the text is none. */
  abstract @Nullable Instant parse(CharSequence text);

  /**
   * Returns the format of that name or pattern.
   *
   * @throws IllegalArgumentException if there is none
   */
  static TimeFormat of(String format) {
    return switch (format) {
      case "epoch-seconds" -> epoch(1000);
      case "epoch-millis" -> epoch(1);
      default -> new Pattern(format);
    };
  }

  private static TimeFormat epoch(int millis) {
    return new TimeFormat() {
      @Override
      @Nullable Instant parse(CharSequence text) {
        long number = Numbers.parse(text, 0, text.length());
        return number < 0 || number > END.toEpochMilli() / millis
            ? null
            : Instant.ofEpochMilli(number * millis);
      }
    };
  }

  private static final class Pattern extends TimeFormat {
    private final DateTimeFormatter formatter;

    Pattern(String pattern) {
      if (pattern.length() > MAX_PATTERN) {
        throw new IllegalArgumentException(
            "a pattern of times has at most " + MAX_PATTERN + " characters");
      }
      // The year of an era is not a year: strictly read, it needs the era too.
      formatter =
          new DateTimeFormatterBuilder()
              .parseCaseInsensitive()
              .appendPattern(pattern)
              .toFormatter(Locale.ENGLISH)
              .withResolverStyle(ResolverStyle.STRICT);
      String sample;
      try {
        sample = formatter.format(ZonedDateTime.of(2026, 11, 24, 15, 0, 0, 0, ZoneOffset.UTC));
      } catch (DateTimeException e) {
        throw unusable(pattern, e);
      }
      if (parse(sample) == null) {
        throw unusable(pattern, null);
      }
    }

    private static IllegalArgumentException unusable(
        String pattern, @Nullable DateTimeException cause) {
      return new IllegalArgumentException(
          "no times can be read with the pattern "
              + pattern
              + "; it must have year, month and day, and the year is u, not y",
          cause);
    }

    @Override
    @Nullable Instant parse(CharSequence text) {
      if (text.length() > MAX_TEXT) {
        return null;
      }
      Instant time;
      try {
        TemporalAccessor parsed =
            formatter.parseBest(text, ZonedDateTime::from, LocalDateTime::from, LocalDate::from);
        if (parsed instanceof ZonedDateTime zoned) {
          time = zoned.toInstant();
        } else if (parsed instanceof LocalDateTime local) {
          time = local.toInstant(ZoneOffset.UTC);
        } else {
          time = ((LocalDate) parsed).atStartOfDay().toInstant(ZoneOffset.UTC);
        }
      } catch (DateTimeException e) {
        return null;
      }
      return time.isBefore(Instant.EPOCH) || !time.isBefore(END) ? null : time;
    }
  }
}
