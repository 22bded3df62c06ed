// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

/** An e-mail address; the domain part is canonical, the local part is lower-cased. */
public final class EmailAddr extends CyberObservable {
  private static final int MAX_LOCAL = 64;
  private static final String SPECIAL = "!#$%&'*+-/=?^_`{|}~.";

  private final String value;

  private EmailAddr(String value) {
    super(Type.EMAIL_ADDR);
    this.value = value;
  }

  static EmailAddr of(CharSequence text) {
    int at = text.length() - 1;
    while (at >= 0 && text.charAt(at) != '@') {
      at--;
    }
    if (at < 1) {
      throw new InvalidIndicatorException("email-syntax", text);
    }
    if (at > MAX_LOCAL) {
      throw new InvalidIndicatorException("email-local-too-long", text);
    }
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < at; i++) {
      char c = text.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        out.append((char) (c | 0x20));
      } else if (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || SPECIAL.indexOf(c) >= 0) {
        out.append(c);
      } else {
        throw new InvalidIndicatorException("email-local-character", text);
      }
    }
    String domain = HostNames.canonical(text, at + 1, text.length());
    return new EmailAddr(out.append('@').append(domain).toString());
  }

  @Override
  public String value() {
    return value;
  }
}
