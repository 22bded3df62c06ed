// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import java.time.Duration;
import java.util.Optional;

/** Dates that move with the clock, such as {@code now-30d/d}. */
final class DateMath {
  private static final String NOW = "now";
  private static final int MAX_DIGITS = 6;

  private DateMath() {}

  /**
   * Returns how long before now a date is, rounding apart, or nothing if it does not move with the
   * clock. Months count 30 days and years 365.
   */
  static Optional<Duration> beforeNow(String text) {
    int slash = text.indexOf('/');
    String date = slash < 0 ? text : text.substring(0, slash);
    if (date.equals(NOW)) {
      return Optional.of(Duration.ZERO);
    }
    if (!date.startsWith(NOW + "-")) {
      return Optional.empty();
    }
    int digits = date.length() - NOW.length() - 2;
    String count = digits < 1 ? "" : date.substring(NOW.length() + 1, date.length() - 1);
    if (digits < 1 || digits > MAX_DIGITS || !count.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.empty();
    }
    int n = Integer.parseInt(count);
    return switch (date.charAt(date.length() - 1)) {
      case 's' -> Optional.of(Duration.ofSeconds(n));
      case 'm' -> Optional.of(Duration.ofMinutes(n));
      case 'h', 'H' -> Optional.of(Duration.ofHours(n));
      case 'd' -> Optional.of(Duration.ofDays(n));
      case 'w' -> Optional.of(Duration.ofDays(7L * n));
      case 'M' -> Optional.of(Duration.ofDays(30L * n));
      case 'y' -> Optional.of(Duration.ofDays(365L * n));
      default -> Optional.empty();
    };
  }
}
