// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import java.net.IDN;
import java.nio.charset.StandardCharsets;

/** The canonical form of host names: lower-case A-labels without trailing dot. */
final class HostNames {
  private static final int MAX_NAME = 253;
  private static final int MAX_LABEL = 63;

  private HostNames() {}

  /** Returns the canonical name; the text itself if it is a string that is that already. */
  static String canonical(CharSequence text) {
    return canonical(text, 0, text.length());
  }

  static String canonical(CharSequence text, int start, int end) {
    if (start == end) {
      throw new InvalidIndicatorException("domain-empty", text);
    }
    int stop = text.charAt(end - 1) == '.' ? end - 1 : end;
    if (start == stop) {
      throw new InvalidIndicatorException("domain-label-empty", text);
    }
    for (int i = start; i < stop; i++) {
      if (text.charAt(i) >= 0x80) {
        String ascii = toAscii(text, start, stop);
        return ascii(ascii, 0, ascii.endsWith(".") ? ascii.length() - 1 : ascii.length());
      }
    }
    return ascii(text, start, stop);
  }

  private static String ascii(CharSequence text, int start, int end) {
    if (!check(text, start, end)) {
      return text.subSequence(start, end).toString();
    }
    byte[] out = new byte[end - start];
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      out[i - start] = (byte) (c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    return new String(out, StandardCharsets.ISO_8859_1);
  }

  /**
   * Checks a name without trailing dot.
   *
   * @return whether there are letters in upper case
   * @throws InvalidIndicatorException if the name is none in ASCII
   */
  static boolean check(CharSequence text, int start, int end) {
    if (end - start > MAX_NAME) {
      throw new InvalidIndicatorException("domain-too-long", text);
    }
    boolean upper = false;
    int label = start;
    for (int i = start; i <= end; i++) {
      char c = i == end ? '.' : text.charAt(i);
      if (c == '.') {
        checkLabel(text, label, i);
        if (i < end) {
          label = i + 1;
        }
      } else if (c >= 'A' && c <= 'Z') {
        upper = true;
      } else if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_') {
        throw new InvalidIndicatorException("domain-character", text);
      }
    }
    if (isNumber(text, label, end)) {
      throw new InvalidIndicatorException("domain-is-address", text);
    }
    if (label == start) {
      throw new InvalidIndicatorException("domain-single-label", text);
    }
    return upper;
  }

  private static void checkLabel(CharSequence text, int start, int end) {
    if (start == end) {
      throw new InvalidIndicatorException("domain-label-empty", text);
    }
    if (end - start > MAX_LABEL) {
      throw new InvalidIndicatorException("domain-label-too-long", text);
    }
    if (text.charAt(start) == '-' || text.charAt(end - 1) == '-') {
      throw new InvalidIndicatorException("domain-label-hyphen", text);
    }
  }

  /** Returns whether inet_aton would read the last label as a number: decimal, octal or 0x. */
  private static boolean isNumber(CharSequence text, int start, int end) {
    int i = start;
    boolean hex =
        end - start >= 2 && text.charAt(start) == '0' && (text.charAt(start + 1) | 0x20) == 'x';
    if (hex) {
      i += 2;
    }
    for (; i < end; i++) {
      char c = text.charAt(i);
      if (hex ? Hex.digit(c) < 0 : c < '0' || c > '9') {
        return false;
      }
    }
    return true;
  }

  private static String toAscii(CharSequence text, int start, int end) {
    // Before IDN runs, because its cost grows faster than the length.
    if (end - start > MAX_NAME) {
      throw new InvalidIndicatorException("domain-too-long", text);
    }
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      // IDNA2003 maps these away, IDNA2008 keeps them: the two would name different hosts.
      if (c == '\u00df' || c == '\u03c2' || c == '\u200c' || c == '\u200d') {
        throw new InvalidIndicatorException("idn-ambiguous", text);
      }
    }
    String name = text.subSequence(start, end).toString();
    try {
      return IDN.toASCII(name);
    } catch (IllegalArgumentException e) {
      throw new InvalidIndicatorException(
          isUnassigned(name) ? "idn-ambiguous" : "idn-syntax", text);
    }
  }

  /** Returns whether only code points that Unicode 3.2 did not know stand in the way. */
  private static boolean isUnassigned(String name) {
    try {
      IDN.toASCII(name, IDN.ALLOW_UNASSIGNED);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
