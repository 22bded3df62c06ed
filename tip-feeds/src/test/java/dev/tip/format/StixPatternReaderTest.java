// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.InvalidIndicatorException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a pattern and what is none; the OASIS pattern validator decides the same of each. */
class StixPatternReaderTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[a:b = 'x']",
        "[a:b == 'x']",
        "[a:b <> 'x']",
        "[a:b != 'x']",
        "[a:b NOT = 'x']",
        "[a:b NOT IN ('x')]",
        "[EXISTS a:b]",
        "[NOT EXISTS a:b]",
        "[a:b IN ()]",
        "[a:b = 'it\\'s']",
        "[a:b = 'C:\\\\x']",
        "[a:b = '']",
        "[file:hashes.'SHA-256' = 'a']",
        "[file:hashes.SHA256 = 'a']",
        "[file:hashes[*] = 'a']",
        "[x-custom:a_b.'c d'[0] = 'x']",
        "[X-Custom:value = 'x']",
        "[file:extensions.'windows-pebinary-ext'.sections[*].entropy > 7.0]",
        "[a:b = 1.2]",
        "[a:b = -5]",
        "[a:b = +5]",
        "[a:b = .5]",
        "[a:b = true]",
        "[a:b = t'2026-01-01T00:00:00Z']",
        "[a:b = t'2026-01-01T00:00:00.123456789Z']",
        "[a:b = h'ffaa']",
        "[a:b = b'dGVzdA==']",
        "[a:b='x'] FOLLOWEDBY [a:b='y'] WITHIN 5 SECONDS",
        "[a:b='x'] REPEATS 5 TIMES",
        "[a:b='x'] REPEATS 5 TIMES WITHIN 1800 SECONDS",
        "[a:b='x'] WITHIN 1.5 SECONDS",
        "[a:b='x'] START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'",
        "[(a:b='x')]",
        "([a:b='x'])",
        " \t[a:b\n=\r'x'] ",
        "[a:b /* c */ = 'x'] // c",
        "[a:b='x' AND a:c='y' OR a:d IN ('z', 1)]",
        "[a:b LIKE 'x%' AND a:c MATCHES '^y$' AND a:d ISSUBSET '192.0.2.0/24']"
      })
  void patternIsRead(String text) {
    StixPattern pattern = StixPatternReader.read(text);

    assertThat(StixPatternReader.read(pattern.toString())).isEqualTo(pattern);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "[NOT a:b = 'x']",
        "[a:b = 'x' and a:c = 'y']",
        "[a:b='x'] or [a:b='y']",
        "[a:b IN ('x',)]",
        "[a:b = \"x\"]",
        "[a:b = '\\n']",
        "[k:key = 'HKLM\\Software']",
        "[a:b = 'it''s']",
        "[file:hashes.SHA-256 = 'a']",
        "[file:hashes.\"SHA-256\" = 'a']",
        "[file:hashes.* = 'a']",
        "[a:b = 1e5]",
        "[a:b = TRUE]",
        "[a:b = 007]",
        "[a:b = t'2026-01-01T00:00:00+00:00']",
        "[a:b = t'2026-13-01T00:00:00Z']",
        "[a:b = h'ff a']",
        "[a:b = h'fff']",
        "[a:b = b'dGVzdA=']",
        "[a:b='x'] START '2026-01-01T00:00:00Z' STOP '2026-01-02T00:00:00Z'",
        "[a:b='x'] REPEATS 1.5 TIMES",
        "[a:b='x'] WITHIN -5 SECONDS",
        "[a:b='x'] [a:b='y']",
        "a:b='x'",
        "[a:b='x' AND]",
        "[a:b='x'",
        "[a:b='x]",
        "[a:b='x']]",
        "[a:b='x'] /* c",
        "[a:b LIKE 5]",
        "[a:b > true]",
        "[AND:b = 'x']",
        "[a = 'x']",
        "[a:b ! 'x']",
        "[a:b = 'x'] FOLLOWEDBY"
      })
  void anythingElseIsASyntaxError(String text) {
    assertThatThrownBy(() -> StixPatternReader.read(text))
        .isInstanceOf(InvalidIndicatorException.class)
        .extracting(e -> ((InvalidIndicatorException) e).reason())
        .isEqualTo("stix-pattern-syntax");
  }

  @Test
  void operatorsBindAsTheStandardSays() {
    assertThat(StixPatternReader.read("[a:a='1' OR a:b='2' AND a:c='3']"))
        .isEqualTo(StixPatternReader.read("[a:a='1' OR (a:b='2' AND a:c='3')]"));
    assertThat(StixPatternReader.read("[a:a='1'] FOLLOWEDBY [a:b='2'] OR [a:c='3'] AND [a:d='4']"))
        .isEqualTo(
            StixPatternReader.read(
                "[a:a='1'] FOLLOWEDBY ([a:b='2'] OR ([a:c='3'] AND [a:d='4']))"));
  }

  @Test
  void whatIsDeepOrLongIsRefusedBeforeItCosts() {
    for (String deep :
        List.of(
            "(".repeat(30_000),
            "[" + "(".repeat(30_000),
            "[a:b='x']" + " WITHIN 1 SECONDS".repeat(3_000))) {
      assertThatThrownBy(() -> StixPatternReader.read(deep))
          .hasMessageStartingWith("stix-pattern-too-deep");
    }
    assertThatThrownBy(() -> StixPatternReader.read("[a:b = '" + "x".repeat(70_000) + "']"))
        .hasMessageStartingWith("stix-pattern-too-long");
  }
}
