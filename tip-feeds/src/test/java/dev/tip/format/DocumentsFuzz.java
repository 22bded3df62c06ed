// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.InvalidIndicatorException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Damages documents for as long as it is told: {@code -Dtest=DocumentsFuzz -Dfuzz.seconds=600}. It
 * is no part of the build; its name keeps it out. A finding says the seed that makes it again.
 */
class DocumentsFuzz {
  private static final long SECONDS = Long.getLong("fuzz.seconds", 10);
  private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(2);

  static final Iterable<DocumentsProperties.Format> FORMATS = DocumentsProperties.FORMATS;

  @ParameterizedTest
  @FieldSource("FORMATS")
  void anyBytesEndInEntriesOrBrokenContract(DocumentsProperties.Format format) {
    long first = new Random().nextLong();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    long runs = 0;
    for (long seed = first; System.nanoTime() < end; seed++, runs++) {
      byte[] body = DocumentsProperties.damage(format, seed, 1 + (int) (Math.abs(seed) % 40));
      long start = System.nanoTime();
      Reading reading;
      try {
        reading = Reading.of(format.parser(), body);
      } catch (RuntimeException e) {
        throw new AssertionError(format + ", seed " + seed, e);
      }
      assertThat(reading.clause() == null || format.clauses().contains(reading.clause()))
          .as("%s, seed %d: %s", format, seed, reading.clause())
          .isTrue();
      assertThat(reading.positions()).as("%s, seed %d", format, seed).isSorted();
      assertThat(System.nanoTime() - start).as("%s, seed %d", format, seed).isLessThan(SLOW_NANOS);
    }
    System.out.println(format + ": " + runs + " documents without a finding");
  }

  @ParameterizedTest
  @FieldSource("PATTERNS")
  void anyTextIsAPatternOrRefused(String pattern) {
    long first = new Random().nextLong();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    long runs = 0;
    for (long seed = first; System.nanoTime() < end; seed++, runs++) {
      String text = damaged(pattern, new Random(seed));
      try {
        StixPattern read = StixPatternReader.read(text);
        assertThat(StixPatternReader.read(read.toString())).as("seed %d", seed).isEqualTo(read);
        StixStatements.of(read);
      } catch (InvalidIndicatorException e) {
        assertThat(e.reason()).as("seed %d", seed).startsWith("stix-");
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError("seed " + seed + ": " + text, e);
      }
    }
    System.out.println("patterns: " + runs + " without a finding");
  }

  static final Iterable<String> PATTERNS =
      List.of(
          "([file:hashes.'SHA-256' = 'a' AND (file:name IN ('x', 'y') OR file:size >= 7)]"
              + " FOLLOWEDBY [NOT EXISTS a:b[*].'c d'] WITHIN 5 SECONDS) OR [url:value LIKE 'it\\'s\\\\']"
              + " REPEATS 2 TIMES START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z' /* c */");

  private static String damaged(String pattern, Random random) {
    StringBuilder text = new StringBuilder(pattern);
    for (int i = random.nextInt(8); i >= 0; i--) {
      int at = random.nextInt(text.length() + 1);
      switch (random.nextInt(4)) {
        case 0 -> text.insert(at, (char) (32 + random.nextInt(96)));
        case 1 -> text.delete(at, Math.min(text.length(), at + random.nextInt(12)));
        case 2 -> text.insert(at, "([)]'\\:.,=*".charAt(random.nextInt(11)));
        default -> {
          int from = random.nextInt(pattern.length());
          int to = Math.min(pattern.length(), from + random.nextInt(20));
          text.insert(at, pattern, from, to);
        }
      }
    }
    return text.toString();
  }
}
