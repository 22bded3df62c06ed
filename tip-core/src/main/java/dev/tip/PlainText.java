// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import org.jspecify.annotations.Nullable;

/** Free text of feeds: names, paths, descriptions. */
final class PlainText {
  private PlainText() {}

  /** Returns the text without white space around it; refuses what is no well-formed line. */
  static String require(CharSequence text, int max) {
    int start = 0;
    int end = text.length();
    while (start < end && isBlank(text.charAt(start))) {
      start++;
    }
    while (end > start && isBlank(text.charAt(end - 1))) {
      end--;
    }
    if (start == end) {
      throw new InvalidIndicatorException("text-empty", text);
    }
    if (end - start > max) {
      throw new InvalidIndicatorException("text-too-long", text);
    }
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      if (isControl(c)) {
        throw new InvalidIndicatorException("text-control-character", text);
      }
      if (Character.isSurrogate(c)) {
        if (!isPair(text, i, end)) {
          throw new InvalidIndicatorException("text-unpaired-surrogate", text);
        }
        i++;
      }
    }
    return text.subSequence(start, end).toString();
  }

  /**
   * Returns the text with blanks for control characters, U+FFFD for unpaired surrogates, without
   * white space around it and cut to a length; null if nothing is left.
   */
  static @Nullable String clean(@Nullable String text, int max) {
    if (text == null || isPlain(text) && text.length() <= max) {
      return text;
    }
    String result = text;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isControl(c) || Character.isSurrogate(c)) {
        result = replace(text);
        break;
      }
    }
    int start = 0;
    int end = result.length();
    while (start < end && isBlank(result.charAt(start))) {
      start++;
    }
    if (end - start > max) {
      end = start + max;
      if (Character.isHighSurrogate(result.charAt(end - 1))) {
        end--;
      }
    }
    while (end > start && isBlank(result.charAt(end - 1))) {
      end--;
    }
    return start == end ? null : result.substring(start, end);
  }

  /** Returns whether the text is visible ASCII, with blanks only between. */
  private static boolean isPlain(String text) {
    int length = text.length();
    if (length == 0 || text.charAt(0) == ' ' || text.charAt(length - 1) == ' ') {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < ' ' || c >= 0x7f) {
        return false;
      }
    }
    return true;
  }

  /** Returns the beginning of a text; no surrogate pair is cut in two. */
  static String cut(String text, int max) {
    if (text.length() <= max) {
      return text;
    }
    return text.substring(0, Character.isHighSurrogate(text.charAt(max - 1)) ? max - 1 : max);
  }

  private static String replace(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isControl(c)) {
        out.append(' ');
      } else if (!Character.isSurrogate(c)) {
        out.append(c);
      } else if (isPair(text, i, text.length())) {
        out.append(c).append(text.charAt(++i));
      } else {
        out.append('\ufffd');
      }
    }
    return out.toString();
  }

  /** Returns the lesser of two strings; null is greater than all. */
  static @Nullable String min(@Nullable String a, @Nullable String b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.compareTo(b) <= 0 ? a : b;
  }

  /** Returns whether a surrogate pair stands at the index. */
  static boolean isPair(CharSequence text, int index, int end) {
    return index + 1 < end
        && Character.isHighSurrogate(text.charAt(index))
        && Character.isLowSurrogate(text.charAt(index + 1));
  }

  /** Returns whether a line must not hold the character: C0, DEL, C1, line separators. */
  static boolean isControl(char c) {
    return c < ' ' || c >= 0x7f && c < 0xa0 || c == '\u2028' || c == '\u2029';
  }

  /** Returns whether the character is white space, a no-break space included. */
  static boolean isBlank(char c) {
    return c <= ' '
        ? Character.isWhitespace(c)
        : c >= 0x7f && (Character.isWhitespace(c) || Character.isSpaceChar(c));
  }
}
