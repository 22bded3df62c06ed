// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import java.util.Objects;

/**
 * Thrown when text is not what it should be: the one exception that a factory of the model throws
 * for any input.
 *
 * <p>Its reason is a stable code such as {@code ipv4-leading-zero}, made to be counted; {@code
 * docs/normalisation.md} lists all of them. It carries no stack trace, because it is thrown once
 * per bad record of a hostile list and names its cause completely.
 */
public final class InvalidIndicatorException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int MAX_TEXT = 120;

  private final String reason;

  /**
   * Creates the exception.
   *
   * @param reason a stable code in kebab case
   * @param text the offending text as received; it is escaped and cut for the message
   */
  public InvalidIndicatorException(String reason, CharSequence text) {
    super(reason + ": \"" + escape(text) + '"', null, false, false);
    this.reason = Objects.requireNonNull(reason);
  }

  /** Returns the stable code of the reason, for example {@code domain-label-too-long}. */
  public String reason() {
    return reason;
  }

  private static String escape(CharSequence text) {
    StringBuilder out = new StringBuilder();
    int end = Math.min(text.length(), MAX_TEXT);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      if (c < ' ' || c >= 0x7f || c == '"' || c == '\\') {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
          out.append(Character.forDigit(c >> shift & 0xf, 16));
        }
      } else {
        out.append(c);
      }
    }
    return (end < text.length() ? out.append("...") : out).toString();
  }
}
