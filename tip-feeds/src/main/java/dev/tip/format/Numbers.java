// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

/** Decimal numbers in text of feeds. */
final class Numbers {
  private static final int MAX_DIGITS = 18;

  private Numbers() {}

  /** Returns the number between two places of a text, or -1 if there is none. */
  static long parse(CharSequence text, int start, int end) {
    if (end <= start || end - start > MAX_DIGITS) {
      return -1;
    }
    long number = 0;
    for (int i = start; i < end; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }
}
