// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The {@code Retry-After} of a response (RFC 9110 §10.2.3): seconds, or a date. */
final class RetryAfter {
  /** Where the publisher says nothing. */
  static final Duration DEFAULT = Duration.ofMinutes(5);

  /** No publisher can send a feed to sleep for longer. */
  static final Duration MAX = Duration.ofDays(1);

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT);
  private static final int MAX_LENGTH = 40;
  private static final int MAX_EPOCH_DIGITS = 11;

  private RetryAfter() {}

  /**
   * Returns when the next request is allowed, from now to a day from now. Without {@code
   * Retry-After}, {@code X-RateLimit-Reset} says it in epoch seconds, as AbuseIPDB does.
   */
  static Instant of(HttpHeaders headers, Instant now) {
    String value = headers.firstValue("Retry-After").orElse(null);
    String reset = headers.firstValue("X-RateLimit-Reset").map(String::strip).orElse("");
    return value == null && reset.length() <= MAX_EPOCH_DIGITS && isNumber(reset)
        ? limit(Instant.ofEpochSecond(Long.parseLong(reset)), now)
        : parse(value, now);
  }

  /** Returns when the next request is allowed, from now to a day from now. */
  static Instant parse(@Nullable String value, Instant now) {
    return limit(
        value == null || value.length() > MAX_LENGTH ? null : read(value.strip(), now), now);
  }

  private static Instant limit(@Nullable Instant asked, Instant now) {
    if (asked == null || asked.isBefore(now)) {
      return now.plus(DEFAULT);
    }
    Instant latest = now.plus(MAX);
    return asked.isAfter(latest) ? latest : asked;
  }

  private static @Nullable Instant read(String value, Instant now) {
    try {
      if (isNumber(value)) {
        // Nine digits are three decades: enough to be cut, and no overflow.
        return now.plusSeconds(value.length() > 9 ? MAX.toSeconds() : Long.parseLong(value));
      }
      return DATE.parse(value, Instant::from);
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static boolean isNumber(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < '0' || value.charAt(i) > '9') {
        return false;
      }
    }
    return !value.isEmpty();
  }
}
