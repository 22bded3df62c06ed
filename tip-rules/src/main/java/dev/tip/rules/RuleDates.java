// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * When the shipped rules last changed.
 *
 * <p>The table holds a line for each rule: key, day, and SHA-256 of the rule as JSON. A test
 * compares the digests, so a rule cannot change without its day, nor the day without the rule.
 */
final class RuleDates {
  /** The day the first rules were written. */
  static final LocalDate CREATED = LocalDate.of(2026, 11, 24);

  private static final Map<String, LocalDate> UPDATED = read();

  private RuleDates() {}

  static LocalDate updated(String key) {
    return UPDATED.getOrDefault(key, CREATED);
  }

  private static Map<String, LocalDate> read() {
    try (InputStream in = RuleDates.class.getResourceAsStream("updated.tsv")) {
      if (in == null) {
        throw new IllegalStateException("updated.tsv is missing from the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split("\t", -1))
          .collect(Collectors.toUnmodifiableMap(f -> f[0], f -> LocalDate.parse(f[1])));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
