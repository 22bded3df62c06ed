// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import java.nio.charset.StandardCharsets;

/** Hexadecimal text: ASCII digits only, unlike {@link Character#digit}. */
final class Hex {
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
    boolean same = text instanceof String && start == 0 && text.length() == length;
    for (int i = start; i < start + length; i++) {
      char c = text.charAt(i);
      if (digit(c) < 0) {
        throw new InvalidIndicatorException(reason, text);
      }
      same &= c < 'A' || c > 'F';
    }
    if (same) {
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
