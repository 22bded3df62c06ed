// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.ecs;

import java.time.Instant;
import java.time.LocalDate;

/**
 * Instants as ECS has them: ISO 8601 in UTC with milliseconds, {@code 2026-11-24T10:15:30.123Z}.
 */
final class EcsInstant {
  /** The length of the text. */
  static final int LENGTH = 24;

  private static final long FIRST_SECOND = Instant.parse("0000-01-01T00:00:00Z").getEpochSecond();
  private static final long LAST_SECOND = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();
  private static final int SECONDS_PER_DAY = 86_400;
  private static final int NANOS_PER_MILLI = 1_000_000;

  private EcsInstant() {}

  /**
   * Writes the instant, cut to milliseconds.
   *
   * @param out {@value #LENGTH} bytes, which are ASCII
   * @return false, with nothing written, if the year has more than four digits or is negative
   */
  static boolean write(Instant at, byte[] out) {
    long seconds = at.getEpochSecond();
    if (seconds < FIRST_SECOND || seconds > LAST_SECOND) {
      return false;
    }
    LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(seconds, (long) SECONDS_PER_DAY));
    int year = date.getYear();
    int second = (int) Math.floorMod(seconds, (long) SECONDS_PER_DAY);
    int millis = at.getNano() / NANOS_PER_MILLI;
    two(out, 0, year / 100);
    two(out, 2, year % 100);
    out[4] = '-';
    two(out, 5, date.getMonthValue());
    out[7] = '-';
    two(out, 8, date.getDayOfMonth());
    out[10] = 'T';
    two(out, 11, second / 3600);
    out[13] = ':';
    two(out, 14, second / 60 % 60);
    out[16] = ':';
    two(out, 17, second % 60);
    out[19] = '.';
    out[20] = (byte) ('0' + millis / 100);
    two(out, 21, millis % 100);
    out[23] = 'Z';
    return true;
  }

  private static void two(byte[] out, int at, int value) {
    out[at] = (byte) ('0' + value / 10);
    out[at + 1] = (byte) ('0' + value % 10);
  }
}
