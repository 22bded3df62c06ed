// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.InvalidIndicatorException;

/** The tokens of a STIX pattern, one at a time. */
final class StixPatternLexer {
  /** The kinds of tokens. */
  enum Kind {
    WORD,
    SIGN,
    STRING,
    NUMBER,
    TIMESTAMP,
    HEX,
    BINARY,
    END
  }

  private static final int TIMESTAMP_LENGTH = 20;

  private final String source;
  private int at;
  private Kind kind = Kind.END;
  private String text = "";

  StixPatternLexer(String source) {
    this.source = source;
    next();
  }

  Kind kind() {
    return kind;
  }

  /** Returns the token without quotes and escapes. */
  String text() {
    return text;
  }

  boolean isWord(String word) {
    return kind == Kind.WORD && text.equals(word);
  }

  boolean isSign(char sign) {
    return kind == Kind.SIGN && text.length() == 1 && text.charAt(0) == sign;
  }

  InvalidIndicatorException syntax() {
    return new InvalidIndicatorException("stix-pattern-syntax", source);
  }

  /** Goes on to the next token; behind the last one stands {@link Kind#END}. */
  void next() {
    skipBlanks();
    if (at == source.length()) {
      kind = Kind.END;
      text = "";
      return;
    }
    char c = source.charAt(at);
    char following = peek(1);
    if (c == '\'') {
      at++;
      kind = Kind.STRING;
      text = string();
    } else if (following == '\'' && (c == 't' || c == 'h' || c == 'b')) {
      at += 2;
      literal(c);
    } else if (isWordStart(c)) {
      word();
    } else if (isDigit(c) || c == '.' && isDigit(following) || c == '+' || c == '-') {
      number();
    } else {
      sign(c, following);
    }
  }

  private void skipBlanks() {
    while (at < source.length()) {
      char c = source.charAt(at);
      if (c == '/' && peek(1) == '*') {
        int end = source.indexOf("*/", at + 2);
        if (end < 0) {
          throw syntax();
        }
        at = end + 2;
      } else if (c == '/' && peek(1) == '/') {
        while (at < source.length() && source.charAt(at) != '\n' && source.charAt(at) != '\r') {
          at++;
        }
      } else if (isBlank(c)) {
        at++;
      } else {
        return;
      }
    }
  }

  /** The white space of the grammar: ASCII's, NEL, and Unicode's space separators. */
  private static boolean isBlank(char c) {
    return c == ' '
        || c >= '\t' && c <= '\r'
        || c > 0x7f && (c == '\u0085' || Character.isSpaceChar(c));
  }

  private void word() {
    int start = at;
    while (at < source.length() && isWordPart(source.charAt(at))) {
      at++;
    }
    kind = Kind.WORD;
    text = source.substring(start, at);
  }

  private void number() {
    int start = at;
    if (source.charAt(at) == '+' || source.charAt(at) == '-') {
      at++;
    }
    int whole = digits();
    boolean leadingZero = whole > 1 && source.charAt(at - whole) == '0';
    boolean fraction = peek(0) == '.' && isDigit(peek(1));
    if (fraction) {
      at++;
      digits();
    }
    boolean good = fraction || whole > 0 && !leadingZero;
    if (!good || isWordStart(peek(0))) {
      throw syntax();
    }
    kind = Kind.NUMBER;
    text = source.substring(start, at);
  }

  private int digits() {
    int start = at;
    while (isDigit(peek(0))) {
      at++;
    }
    return at - start;
  }

  private void sign(char c, char following) {
    int length =
        switch (c) {
          case '=' -> following == '=' ? 2 : 1;
          case '<' -> following == '=' || following == '>' ? 2 : 1;
          case '>' -> following == '=' ? 2 : 1;
          case '!' -> {
            if (following != '=') {
              throw syntax();
            }
            yield 2;
          }
          case '[', ']', '(', ')', ':', ',', '.', '*' -> 1;
          default -> throw syntax();
        };
    kind = Kind.SIGN;
    text = source.substring(at, at + length);
    at += length;
  }

  /** Reads a string behind its first quote: only quote and backslash have escapes. */
  private String string() {
    int start = at;
    StringBuilder unescaped = null;
    while (at < source.length()) {
      char c = source.charAt(at++);
      if (c == '\'') {
        String rest = source.substring(start, at - 1);
        return unescaped == null ? rest : unescaped.append(rest).toString();
      }
      if (c == '\\') {
        char escaped = peek(0);
        if (escaped != '\'' && escaped != '\\') {
          throw syntax();
        }
        unescaped = unescaped == null ? new StringBuilder() : unescaped;
        unescaped.append(source, start, at - 1).append(escaped);
        start = ++at;
      }
    }
    throw syntax();
  }

  /** Reads a constant behind the sign of its kind and the first quote. */
  private void literal(char sign) {
    int end = source.indexOf('\'', at);
    if (end < 0) {
      throw syntax();
    }
    text = source.substring(at, end);
    at = end + 1;
    boolean good;
    if (sign == 't') {
      kind = Kind.TIMESTAMP;
      good =
          text.length() >= TIMESTAMP_LENGTH
              && text.charAt(10) == 'T'
              && text.endsWith("Z")
              && Timestamps.parse(text) != null;
    } else if (sign == 'h') {
      kind = Kind.HEX;
      good = text.length() % 2 == 0 && text.chars().allMatch(StixPatternLexer::isHexDigit);
    } else {
      kind = Kind.BINARY;
      good = isBase64(text);
    }
    if (!good) {
      throw syntax();
    }
  }

  private static boolean isBase64(String text) {
    int end = text.length();
    for (int i = 0; i < 2 && end > 0 && text.charAt(end - 1) == '='; i++) {
      end--;
    }
    return text.length() % 4 == 0
        && text.chars()
            .limit(end)
            .allMatch(
                c ->
                    c < 0x80
                        && (isWordPart((char) c) && c != '_' && c != '-' || c == '+' || c == '/'));
  }

  private static boolean isHexDigit(int c) {
    return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
  }

  private static boolean isWordStart(char c) {
    return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  private static boolean isWordPart(char c) {
    return isWordStart(c) || c == '-' || isDigit(c);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private char peek(int offset) {
    return at + offset < source.length() ? source.charAt(at + offset) : '\0';
  }
}
