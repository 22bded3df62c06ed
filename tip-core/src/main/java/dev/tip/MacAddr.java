// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

/** A hardware address as ECS writes it, {@code 00-00-5E-00-53-23}. */
public final class MacAddr extends CyberObservable {
  private final String value;

  private MacAddr(String value) {
    super(Type.MAC_ADDR);
    this.value = value;
  }

  static MacAddr of(CharSequence text) {
    StringBuilder out = new StringBuilder(17);
    int digits = 0;
    int group = 0;
    char separator = 0;
    int groupLength = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int digit = Hex.digit(c);
      if (digit >= 0) {
        if (digits == 12) {
          throw new InvalidIndicatorException("mac-syntax", text);
        }
        if (digits > 0 && (digits & 1) == 0) {
          out.append('-');
        }
        out.append((char) (c >= 'a' ? c & ~0x20 : c));
        digits++;
        group++;
      } else {
        boolean first = separator == 0;
        int expected = c == '.' ? 4 : 2;
        if (c != ':' && c != '-' && c != '.' || group != expected || !first && c != separator) {
          throw new InvalidIndicatorException("mac-syntax", text);
        }
        separator = c;
        groupLength = expected;
        group = 0;
      }
    }
    if (digits != 12 || separator != 0 && group != groupLength) {
      throw new InvalidIndicatorException("mac-syntax", text);
    }
    return new MacAddr(out.toString());
  }

  @Override
  public String value() {
    return value;
  }
}
