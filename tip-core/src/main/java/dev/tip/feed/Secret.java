// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A feed's secret on its way into a request, and out of everything else. */
final class Secret {
  private static final String HEX = "0123456789ABCDEF";

  private final String value;
  private final String encoded;

  /** What the header holds; another form of the secret, and as secret. */
  private final String header;

  Secret(String value) {
    this(value, null);
  }

  /**
   * @param authorization how a header has it, or null for as it is
   */
  Secret(String value, @Nullable Authorization authorization) {
    this.value = value;
    this.encoded = percentEncoded(value);
    this.header = authorization == null ? value : authorization.value(value);
  }

  /** Returns the secret for a header, or null if no header can carry it. */
  @Nullable String forHeader() {
    for (int i = 0; i < header.length(); i++) {
      char c = header.charAt(i);
      if (c < ' ' || c > '~') {
        return null;
      }
    }
    return header;
  }

  /** Returns the address with the secret in place of {@code placeholder}. */
  URI expand(String template, String placeholder) {
    try {
      return new URI(template.replace(placeholder, encoded));
    } catch (URISyntaxException e) {
      // The cause would show the secret. The template was checked, and what is put in is
      // unreserved.
      throw new IllegalStateException("an address with an encoded secret is no URI");
    }
  }

  /** Returns whether a text shows the secret, also with characters in percent-encoding. */
  boolean isIn(String text) {
    return text.contains(value)
        || text.contains(encoded)
        || text.contains(header.substring(header.indexOf(' ') + 1))
        || text.indexOf('%') >= 0 && percentDecoded(text).contains(value);
  }

  /** Returns whether what is thrown shows the secret. */
  boolean isIn(Throwable thrown) {
    Throwable t = thrown;
    for (int depth = 0; t != null && depth < 16; depth++, t = t.getCause()) {
      if (isIn(t.toString())) {
        return true;
      }
    }
    return t != null;
  }

  private static String percentEncoded(String text) {
    StringBuilder out = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || isMark(c)) {
        out.append(c);
      } else {
        out.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
      }
    }
    return out.toString();
  }

  private static String percentDecoded(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length());
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      int high = bytes[i] == '%' && i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
      int low = high < 0 ? -1 : Character.digit(bytes[i + 2], 16);
      if (low < 0) {
        out.write(bytes[i]);
      } else {
        out.write(high << 4 | low);
        i += 2;
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static boolean isMark(char c) {
    return c == '-' || c == '.' || c == '_' || c == '~';
  }

  /** Never shows it. */
  @Override
  public String toString() {
    return "Secret";
  }
}
