// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

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
import java.util.Set;

/**
 * Reads STIX patterns: the whole grammar of STIX 2.1 §9, by recursive descent, in linear time.
 *
 * <p>What is no pattern ends in an {@link InvalidIndicatorException} with one of the reasons {@code
 * stix-pattern-syntax}, {@code stix-pattern-too-long} and {@code stix-pattern-too-deep}.
 */
final class StixPatternReader {
  /** The longest pattern, in characters. */
  static final int MAX_LENGTH = 1 << 16;

  /** The deepest nesting of parentheses. */
  static final int MAX_DEPTH = 64;

  private static final Set<String> KEYWORDS =
      Set.of(
          "AND",
          "OR",
          "NOT",
          "FOLLOWEDBY",
          "LIKE",
          "MATCHES",
          "ISSUPERSET",
          "ISSUBSET",
          "EXISTS",
          "LAST",
          "IN",
          "START",
          "STOP",
          "SECONDS",
          "TIMES",
          "WITHIN",
          "REPEATS",
          "true",
          "false");

  private final String source;
  private final StixPatternLexer tokens;
  private int depth;

  private StixPatternReader(String source) {
    this.source = source;
    this.tokens = new StixPatternLexer(source);
  }

  /**
   * Reads a pattern.
   *
   * @throws InvalidIndicatorException if it is none
   */
  static StixPattern read(String source) {
    if (source.length() > MAX_LENGTH) {
      throw new InvalidIndicatorException("stix-pattern-too-long", source);
    }
    StixPatternReader reader = new StixPatternReader(source);
    StixPattern pattern = reader.observations(Combination.FOLLOWEDBY);
    reader.expect(StixPatternLexer.Kind.END);
    return pattern;
  }

  static boolean isKeyword(String word) {
    return KEYWORDS.contains(word);
  }

  private StixPattern observations(Combination by) {
    StixPattern first = tighter(by);
    if (!tokens.isWord(by.name())) {
      return first;
    }
    List<StixPattern> parts = new ArrayList<>(List.of(first));
    while (takeWord(by.name())) {
      parts.add(tighter(by));
    }
    return new StixPattern.Observations(by, List.copyOf(parts));
  }

  private StixPattern tighter(Combination by) {
    return switch (by) {
      case FOLLOWEDBY -> observations(Combination.OR);
      case OR -> observations(Combination.AND);
      case AND -> qualified();
    };
  }

  private StixPattern qualified() {
    StixPattern pattern;
    if (take('[')) {
      pattern = new StixPattern.Observation(comparisons());
      expect(']');
    } else {
      expect('(');
      enter();
      pattern = observations(Combination.FOLLOWEDBY);
      leave();
      expect(')');
    }
    // Each wraps the one before, and a text can hold thousands.
    int qualifiers = 0;
    while (true) {
      Qualifier qualifier;
      if (takeWord("WITHIN")) {
        String seconds = number(true);
        expectWord("SECONDS");
        qualifier = new Qualifier.Within(seconds);
      } else if (takeWord("REPEATS")) {
        String times = number(false);
        expectWord("TIMES");
        qualifier = new Qualifier.Repeats(times);
      } else if (takeWord("START")) {
        String start = expect(StixPatternLexer.Kind.TIMESTAMP);
        expectWord("STOP");
        qualifier = new Qualifier.StartStop(start, expect(StixPatternLexer.Kind.TIMESTAMP));
      } else {
        return pattern;
      }
      if (++qualifiers > MAX_DEPTH) {
        throw new InvalidIndicatorException("stix-pattern-too-deep", source);
      }
      pattern = new StixPattern.Qualified(pattern, qualifier);
    }
  }

  private String number(boolean fraction) {
    String text = expect(StixPatternLexer.Kind.NUMBER);
    if (text.startsWith("-") || !fraction && text.indexOf('.') >= 0) {
      throw syntax();
    }
    return text;
  }

  private Comparison comparisons() {
    Comparison first = conjunction();
    if (!tokens.isWord("OR")) {
      return first;
    }
    List<Comparison> parts = new ArrayList<>(List.of(first));
    while (takeWord("OR")) {
      parts.add(conjunction());
    }
    return new Comparison.Combined(false, List.copyOf(parts));
  }

  private Comparison conjunction() {
    Comparison first = test();
    if (!tokens.isWord("AND")) {
      return first;
    }
    List<Comparison> parts = new ArrayList<>(List.of(first));
    while (takeWord("AND")) {
      parts.add(test());
    }
    return new Comparison.Combined(true, List.copyOf(parts));
  }

  private Comparison test() {
    if (take('(')) {
      enter();
      Comparison inner = comparisons();
      leave();
      expect(')');
      return inner;
    }
    // NOT stands before the operator, except before EXISTS.
    boolean not = takeWord("NOT");
    if (not || tokens.isWord("EXISTS")) {
      expectWord("EXISTS");
      return new Comparison.Exists(path(), not);
    }
    ObjectPath path = path();
    boolean negated = takeWord("NOT");
    Operator operator = operator();
    List<Constant> constants = operator == Operator.IN ? set() : List.of(constant(operator));
    return new Comparison.Test(path, negated, operator, constants);
  }

  private ObjectPath path() {
    String type = name(true);
    expect(':');
    List<Step> steps = new ArrayList<>();
    steps.add(new Step(stepName(), false));
    while (true) {
      if (take('.')) {
        steps.add(new Step(stepName(), false));
      } else if (take('[')) {
        String index = tokens.text();
        if (!take('*')) {
          index = expect(StixPatternLexer.Kind.NUMBER);
          if (index.indexOf('.') >= 0) {
            throw syntax();
          }
        }
        expect(']');
        steps.add(new Step(index, true));
      } else {
        return new ObjectPath(type, List.copyOf(steps));
      }
    }
  }

  private String stepName() {
    return tokens.kind() == StixPatternLexer.Kind.STRING
        ? expect(StixPatternLexer.Kind.STRING)
        : name(false);
  }

  private String name(boolean hyphens) {
    String name = tokens.text();
    boolean good =
        tokens.kind() == StixPatternLexer.Kind.WORD
            && !isKeyword(name)
            && (hyphens || name.indexOf('-') < 0);
    if (!good) {
      throw syntax();
    }
    tokens.next();
    return name;
  }

  private Operator operator() {
    String sign = tokens.text();
    Operator operator = null;
    if (tokens.kind() == StixPatternLexer.Kind.SIGN) {
      operator =
          switch (sign) {
            case "=", "==" -> Operator.EQUAL;
            case "!=", "<>" -> Operator.NOT_EQUAL;
            case ">" -> Operator.GREATER;
            case "<" -> Operator.LESS;
            case ">=" -> Operator.NOT_LESS;
            case "<=" -> Operator.NOT_GREATER;
            default -> null;
          };
    } else if (tokens.kind() == StixPatternLexer.Kind.WORD) {
      operator =
          switch (sign) {
            case "IN" -> Operator.IN;
            case "LIKE" -> Operator.LIKE;
            case "MATCHES" -> Operator.MATCHES;
            case "ISSUBSET" -> Operator.ISSUBSET;
            case "ISSUPERSET" -> Operator.ISSUPERSET;
            default -> null;
          };
    }
    if (operator == null) {
      throw syntax();
    }
    tokens.next();
    return operator;
  }

  private List<Constant> set() {
    expect('(');
    if (take(')')) {
      return List.of();
    }
    List<Constant> constants = new ArrayList<>();
    do {
      constants.add(constant(Operator.EQUAL));
    } while (take(','));
    expect(')');
    return List.copyOf(constants);
  }

  private Constant constant(Operator of) {
    String text = tokens.text();
    Constant.Kind kind =
        switch (tokens.kind()) {
          case STRING -> Constant.Kind.STRING;
          case NUMBER -> Constant.Kind.NUMBER;
          case TIMESTAMP -> Constant.Kind.TIMESTAMP;
          case HEX -> Constant.Kind.HEX;
          case BINARY -> Constant.Kind.BINARY;
          case WORD -> {
            if (!text.equals("true") && !text.equals("false")) {
              throw syntax();
            }
            yield Constant.Kind.BOOLEAN;
          }
          case SIGN, END -> throw syntax();
        };
    boolean allowed =
        switch (of) {
          case EQUAL, NOT_EQUAL, IN -> true;
          case GREATER, LESS, NOT_LESS, NOT_GREATER -> kind != Constant.Kind.BOOLEAN;
          case LIKE, MATCHES, ISSUBSET, ISSUPERSET -> kind == Constant.Kind.STRING;
        };
    if (!allowed) {
      throw syntax();
    }
    tokens.next();
    return new Constant(kind, text);
  }

  private void enter() {
    if (++depth > MAX_DEPTH) {
      throw new InvalidIndicatorException("stix-pattern-too-deep", source);
    }
  }

  private void leave() {
    depth--;
  }

  private boolean take(char sign) {
    boolean there = tokens.isSign(sign);
    if (there) {
      tokens.next();
    }
    return there;
  }

  private boolean takeWord(String word) {
    boolean there = tokens.isWord(word);
    if (there) {
      tokens.next();
    }
    return there;
  }

  private void expect(char sign) {
    if (!take(sign)) {
      throw syntax();
    }
  }

  private void expectWord(String word) {
    if (!takeWord(word)) {
      throw syntax();
    }
  }

  private String expect(StixPatternLexer.Kind kind) {
    if (tokens.kind() != kind) {
      throw syntax();
    }
    String text = tokens.text();
    if (kind != StixPatternLexer.Kind.END) {
      tokens.next();
    }
    return text;
  }

  private InvalidIndicatorException syntax() {
    return tokens.syntax();
  }
}
