// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

/** An autonomous system; the value is the decimal number. */
public final class AutonomousSystem extends CyberObservable {
  private static final long MAX = 0xffff_ffffL;

  private final long number;

  private AutonomousSystem(long number) {
    super(Type.AUTONOMOUS_SYSTEM);
    this.number = number;
  }

  static AutonomousSystem of(CharSequence text) {
    int start = 0;
    if (text.length() > 2 && (text.charAt(0) | 0x20) == 'a' && (text.charAt(1) | 0x20) == 's') {
      start = 2;
    }
    int length = text.length() - start;
    if (length == 0 || length > 1 && text.charAt(start) == '0') {
      throw new InvalidIndicatorException("as-syntax", text);
    }
    long number = 0;
    for (int i = start; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw new InvalidIndicatorException("as-syntax", text);
      }
      number = Math.min(number * 10 + digit, MAX + 1);
    }
    // AS 0 is none: RFC 7607.
    if (number < 1 || number > MAX) {
      throw new InvalidIndicatorException("as-range", text);
    }
    return new AutonomousSystem(number);
  }

  /** Returns the number, 1 to 4294967295. */
  public long number() {
    return number;
  }

  @Override
  public String value() {
    return Long.toString(number);
  }
}
