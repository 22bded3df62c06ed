// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.InvalidIndicatorException;
import dev.tip.format.StixPattern.Combination;
import dev.tip.format.StixPattern.Comparison;
import dev.tip.format.StixPattern.Constant;
import dev.tip.format.StixPattern.ObjectPath;
import dev.tip.format.StixPattern.Operator;
import dev.tip.format.StixPattern.Qualifier;
import dev.tip.format.StixPattern.Step;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class StixPatternProperties {
  private static final List<String> TOKENS =
      List.of(
          "[",
          "]",
          "(",
          ")",
          ":",
          ",",
          ".",
          "*",
          "=",
          "==",
          "!=",
          "<>",
          "<",
          ">",
          "<=",
          ">=",
          " ",
          "\n",
          "'",
          "\\",
          "''",
          "'x'",
          "'\\''",
          "a",
          "a-b",
          "ipv4-addr:value",
          "file:hashes.MD5",
          "file:name",
          "'192.0.2.1'",
          "[0]",
          "[*]",
          "AND",
          "OR",
          "NOT",
          "FOLLOWEDBY",
          "IN",
          "LIKE",
          "MATCHES",
          "ISSUBSET",
          "ISSUPERSET",
          "EXISTS",
          "WITHIN",
          "SECONDS",
          "REPEATS",
          "TIMES",
          "START",
          "STOP",
          "t'",
          "t'2026-01-01T00:00:00Z'",
          "h'",
          "h'ff'",
          "b'dGVzdA=='",
          "1",
          "-1",
          "1.5",
          "+",
          "/*",
          "*/",
          "//",
          "true",
          "false",
          "ü",
          "\u0000",
          "\ud800",
          "\u2028",
          "[ipv4-addr:value = '192.0.2.1']",
          "x-custom:y = 'z'");

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(TOKENS).list().ofMaxSize(40).map(parts -> String.join("", parts));
  }

  @Property(tries = 5000)
  void anyTextIsAPatternOrRefused(@ForAll("texts") String text) {
    try {
      StixPattern pattern = StixPatternReader.read(text);
      assertThat(StixPatternReader.read(pattern.toString())).isEqualTo(pattern);
      assertThat(StixStatements.of(pattern)).isNotEmpty();
    } catch (InvalidIndicatorException e) {
      assertThat(e.reason()).startsWith("stix-");
    }
  }

  @Property(edgeCases = EdgeCasesMode.NONE)
  void patternIsReadAsItIsWritten(@ForAll("patterns") StixPattern pattern) {
    assertThat(StixPatternReader.read(pattern.toString())).isEqualTo(pattern);
  }

  /** White space and comments between tokens mean nothing. */
  @Property(edgeCases = EdgeCasesMode.NONE)
  void blanksAndCommentsChangeNothing(@ForAll("patterns") StixPattern pattern) {
    String text = pattern.toString();
    StringBuilder spread = new StringBuilder(" /* before */ ");
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      spread.append(c == ' ' && !quoted ? "\n/* ' */\t// '\r\n" : c);
      if (c == '\\' && quoted) {
        spread.append(text.charAt(++i));
      } else if (c == '\'') {
        quoted = !quoted;
      }
    }
    assertThat(StixPatternReader.read(spread + "//")).isEqualTo(pattern);
  }

  /** What a disjunction states is what its parts state, and no part is lost. */
  @Property(edgeCases = EdgeCasesMode.NONE)
  void everyAlternativeIsStatedOrRefused(@ForAll("patterns") StixPattern pattern) {
    try {
      for (StixStatements.Statement statement : StixStatements.of(pattern)) {
        assertThat(statement.reason().isEmpty()).isEqualTo(statement.observable() != null);
      }
    } catch (InvalidIndicatorException e) {
      assertThat(e.reason()).isIn("stix-pattern-empty", "stix-pattern-too-many");
    }
  }

  @Provide
  Arbitrary<StixPattern> patterns() {
    Arbitrary<StixPattern> observation = comparisons(2).map(StixPattern.Observation::new);
    return nested(observation, 2);
  }

  private static Arbitrary<StixPattern> nested(Arbitrary<StixPattern> inner, int depth) {
    if (depth == 0) {
      return inner;
    }
    Arbitrary<StixPattern> below = nested(inner, depth - 1);
    Arbitrary<StixPattern> combined =
        Combinators.combine(
                Arbitraries.of(Combination.class), below.list().ofMinSize(2).ofMaxSize(3))
            .as(StixPattern.Observations::new);
    Arbitrary<StixPattern> qualified =
        Combinators.combine(below, qualifiers()).as(StixPattern.Qualified::new);
    return Arbitraries.oneOf(inner, combined, qualified);
  }

  private static Arbitrary<Qualifier> qualifiers() {
    return Arbitraries.of(
        new Qualifier.Within("5"),
        new Qualifier.Within("+.5"),
        new Qualifier.Repeats("1"),
        new Qualifier.Repeats("10"),
        new Qualifier.StartStop("2026-01-01T00:00:00Z", "2026-01-02T00:00:00.123Z"));
  }

  private static Arbitrary<Comparison> comparisons(int depth) {
    Arbitrary<Comparison> leaf = Arbitraries.oneOf(tests(), tests(), tests(), exists());
    if (depth == 0) {
      return leaf;
    }
    Arbitrary<Comparison> combined =
        Combinators.combine(
                Arbitraries.of(true, false),
                comparisons(depth - 1).list().ofMinSize(2).ofMaxSize(4))
            .as(Comparison.Combined::new);
    return Arbitraries.oneOf(leaf, combined);
  }

  private static Arbitrary<Comparison> exists() {
    return Combinators.combine(paths(), Arbitraries.of(true, false)).as(Comparison.Exists::new);
  }

  private static Arbitrary<Comparison> tests() {
    Arbitrary<Operator> operators = Arbitraries.of(Operator.class);
    return operators.flatMap(
        operator -> {
          Arbitrary<List<Constant>> constants =
              switch (operator) {
                case IN -> constants().list().ofMaxSize(4);
                case EQUAL, NOT_EQUAL -> constants().map(List::of);
                case GREATER, LESS, NOT_LESS, NOT_GREATER ->
                    constants().filter(c -> c.kind() != Constant.Kind.BOOLEAN).map(List::of);
                case LIKE, MATCHES, ISSUBSET, ISSUPERSET -> strings().map(List::of);
              };
          return Combinators.combine(paths(), Arbitraries.of(true, false), constants)
              .as((path, not, c) -> new Comparison.Test(path, not, operator, c));
        });
  }

  private static Arbitrary<ObjectPath> paths() {
    Arbitrary<ObjectPath> known =
        Arbitraries.of(
            path("ipv4-addr", "value"),
            path("domain-name", "value"),
            path("url", "value"),
            path("file", "hashes", "SHA-256"),
            path("file", "hashes", "MD5"),
            path("file", "name"),
            path("file", "size"),
            path("network-traffic", "dst_ref", "value"),
            path("network-traffic", "dst_port"),
            path("windows-registry-key", "key"),
            path("autonomous-system", "number"));
    Arbitrary<Step> step =
        Arbitraries.oneOf(
            Arbitraries.of("a", "b_c", "AND", "true", "c d", "it's", "x\\y", "SHA-1", "", "7")
                .map(name -> new Step(name, false)),
            Arbitraries.of("0", "-1", "*", "17").map(index -> new Step(index, true)));
    Arbitrary<ObjectPath> any =
        Combinators.combine(
                Arbitraries.of("a", "x-custom", "X_y9", "file"),
                Arbitraries.of("a", "value", "c d").map(name -> new Step(name, false)),
                step.list().ofMaxSize(3))
            .as(
                (type, first, more) -> {
                  List<Step> steps = new ArrayList<>(List.of(first));
                  steps.addAll(more);
                  return new ObjectPath(type, List.copyOf(steps));
                });
    return Arbitraries.oneOf(known, any);
  }

  private static ObjectPath path(String type, String... names) {
    return new ObjectPath(
        type, List.of(names).stream().map(name -> new Step(name, false)).toList());
  }

  private static Arbitrary<Constant> strings() {
    return Arbitraries.oneOf(
            Arbitraries.strings().withChars("ab'\\ %_/*[]\n\u0000ü\ud83d\ude00").ofMaxLength(6),
            Arbitraries.of("192.0.2.1", "198.51.100.0/24", "c2.bad.example", "AS64496"))
        .map(text -> new Constant(Constant.Kind.STRING, text));
  }

  private static Arbitrary<Constant> constants() {
    return Arbitraries.oneOf(
        strings(),
        Arbitraries.of("0", "-1", "+5", "3.25", ".5", "64496")
            .map(text -> new Constant(Constant.Kind.NUMBER, text)),
        Arbitraries.of("true", "false").map(text -> new Constant(Constant.Kind.BOOLEAN, text)),
        Arbitraries.of("2026-01-01T00:00:00Z")
            .map(text -> new Constant(Constant.Kind.TIMESTAMP, text)),
        Arbitraries.of("", "ffAA").map(text -> new Constant(Constant.Kind.HEX, text)),
        Arbitraries.of("", "dGVzdA==", "YWJj")
            .map(text -> new Constant(Constant.Kind.BINARY, text)));
  }
}
