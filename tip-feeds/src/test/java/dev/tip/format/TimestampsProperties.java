// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.jspecify.annotations.Nullable;

class TimestampsProperties {
  private static final long FIRST = 0;
  private static final long LAST = 7_258_118_399L; // 2199-12-31T23:59:59Z

  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT);

  @Property
  void secondsInUtcAreReadAsWritten(
      @ForAll @LongRange(min = FIRST, max = LAST) long second, @ForAll("zones") String zone) {
    String text = SECONDS.format(at(second)) + zone;

    assertThat(Timestamps.parse(text)).isEqualTo(Instant.ofEpochSecond(second));
    assertThat(Timestamps.parse(text.replaceFirst(" ", "T")))
        .isEqualTo(Instant.ofEpochSecond(second));
  }

  @Provide
  Arbitrary<String> zones() {
    return Arbitraries.of("", " UTC", " (UTC)", "UTC", "Z", " Z", "+00:00", "-0000", " +00:00");
  }

  @Property
  void offsetsAreTakenOff(
      @ForAll @LongRange(min = 100_000, max = LAST - 100_000) long second,
      @ForAll @IntRange(min = 0, max = 18) int hours,
      @ForAll @IntRange(min = 0, max = 59) int minutes,
      @ForAll boolean west,
      @ForAll boolean colon) {
    int offset = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
    String zone = String.format(Locale.ROOT, "%02d%s%02d", hours, colon ? ":" : "", minutes);
    String text = SECONDS.format(at(second + offset)) + (west ? '-' : '+') + zone;

    assertThat(Timestamps.parse(text)).isEqualTo(Instant.ofEpochSecond(second));
  }

  @Property
  void fractionsAreReadAsWritten(
      @ForAll @LongRange(min = FIRST, max = LAST) long second,
      @ForAll @IntRange(min = 0, max = 999_999_999) int nano,
      @ForAll @IntRange(min = 1, max = 9) int digits) {
    String fraction = String.format(Locale.ROOT, "%09d", nano).substring(0, digits);
    int expected = Integer.parseInt((fraction + "00000000").substring(0, 9));

    assertThat(Timestamps.parse(SECONDS.format(at(second)) + '.' + fraction + 'Z'))
        .isEqualTo(Instant.ofEpochSecond(second, expected));
  }

  @Property
  void dayIsItsBegin(@ForAll @LongRange(min = 0, max = 84_005) long day) {
    LocalDate date = LocalDate.ofEpochDay(day);

    assertThat(Timestamps.parse(date.toString()))
        .isEqualTo(date.atStartOfDay(ZoneOffset.UTC).toInstant());
  }

  /** Text that is nearly a time: the strict formatter of the JDK is the judge. */
  @Property(tries = 3_000)
  void whatTheCalendarDoesNotHaveIsNoTime(@ForAll("nearTimes") String text) {
    assertThat(Timestamps.parse(text)).isEqualTo(judge(text));
  }

  @Provide
  Arbitrary<String> nearTimes() {
    Arbitrary<String> time =
        Combinators.combine(
                Arbitraries.of(1969, 1970, 2000, 2023, 2024, 2100, 2199, 2200),
                Arbitraries.integers().between(0, 13),
                Arbitraries.integers().between(0, 32),
                Arbitraries.integers().between(0, 24),
                Arbitraries.of(0, 59, 60),
                Arbitraries.of(0, 59, 60))
            .as(
                (y, mo, d, h, mi, s) ->
                    String.format(
                        Locale.ROOT, "%04d-%02d-%02d %02d:%02d:%02d", y, mo, d, h, mi, s));
    Arbitrary<Integer> place = Arbitraries.integers().between(0, 18);
    Arbitrary<Character> character = Arbitraries.of('0', '9', '-', ':', ' ', 'T', 'x', '\u0660');
    return Arbitraries.oneOf(
        time,
        Combinators.combine(time, place, character)
            .as((t, at, c) -> t.substring(0, at) + c + t.substring(at + 1)),
        Combinators.combine(time, place).as((t, length) -> t.substring(0, length)));
  }

  private static @Nullable Instant judge(String text) {
    try {
      LocalDateTime time =
          text.length() == 10
              ? LocalDate.parse(
                      text,
                      DateTimeFormatter.ofPattern("uuuu-MM-dd", Locale.ROOT)
                          .withResolverStyle(ResolverStyle.STRICT))
                  .atStartOfDay()
              : LocalDateTime.parse(text.replaceFirst("^(.{10})T", "$1 "), SECONDS);
      boolean inRange = time.getYear() >= 1970 && time.getYear() <= 2199;
      return inRange ? time.toInstant(ZoneOffset.UTC) : null;
    } catch (DateTimeException e) {
      return null;
    }
  }

  @Property
  void anyTextIsTimeOrNone(@ForAll String text) {
    Timestamps.parse(text);
  }

  @Example
  void otherEndsAreNoTime() {
    for (String end :
        new String[] {
          ".",
          ".Z",
          ".1234567890",
          " ",
          "  UTC",
          "utc",
          "CET",
          "+1",
          "+19:00",
          "+01:60",
          "+01-00",
          "+0100x",
          "+01:000",
          "*01:00",
          "+x1:00",
          "Zulu",
          "(UTC",
          "Z "
        }) {
      assertThat(Timestamps.parse("2026-05-17 22:17:15" + end)).as(end).isNull();
    }
    assertThat(Timestamps.parse("")).isNull();
    assertThat(Timestamps.parse("2026-05-17 22:17")).isNull();
    assertThat(Timestamps.parse("2026-05-17x22:17:15")).isNull();
  }

  private static LocalDateTime at(long second) {
    return LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
  }
}
