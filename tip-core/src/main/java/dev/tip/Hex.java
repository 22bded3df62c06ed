// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import java.nio.charset.StandardCharsets;

/** Hexadecimal text: ASCII digits only, unlike {@link Character#digit}. */
final class Hex {
  /** The digits in lower case by their character; 0 is none. */
  private static final byte[] LOWER = new byte[0x80];

  static {
    for (char c : "0123456789abcdef".toCharArray()) {
      LOWER[c] = (byte) c;
      LOWER[Character.toUpperCase(c)] = (byte) c;
    }
  }

  private Hex() {}

  /** Returns the value of a digit, or -1. */
  static int digit(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    int letter = (c | 0x20) - 'a';
    return c < 0x80 && letter >= 0 && letter < 6 ? letter + 10 : -1;
  }

  /** Returns the digits in lower case; the text itself if it is a string that is that already. */
  static String lowerCase(CharSequence text, int start, int length, String reason) {
    boolean valid = true;
    int difference = 0;
    for (int i = start; i < start + length; i++) {
      char c = text.charAt(i);
      int lower = c < LOWER.length ? LOWER[c] : 0;
      valid &= lower != 0;
      difference |= lower ^ c;
    }
    if (!valid) {
      throw new InvalidIndicatorException(reason, text);
    }
    if (difference == 0 && text instanceof String && text.length() == length) {
      return text.toString();
    }
    byte[] out = new byte[length];
    for (int i = 0; i < length; i++) {
      char c = text.charAt(start + i);
      out[i] = (byte) (c >= 'A' ? c | 0x20 : c);
    }
    return new String(out, StandardCharsets.ISO_8859_1);
  }

  /** Returns the digits in upper case. */
  static String upperCase(CharSequence text, int start, int length, String reason) {
    byte[] out = new byte[length];
    for (int i = 0; i < length; i++) {
      char c = text.charAt(start + i);
      if (digit(c) < 0) {
        throw new InvalidIndicatorException(reason, text);
      }
      out[i] = (byte) (c >= 'a' ? c & ~0x20 : c);
    }
    return new String(out, StandardCharsets.ISO_8859_1);
  }
}
