// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import org.jspecify.annotations.Nullable;

/**
 * Splits URLs as feeds write them. Malicious URLs hold blanks, bars, braces and raw UTF-8, which
 * {@link java.net.URI} refuses; what is refused here is what clients disagree about.
 */
final class Urls {
  private static final int MAX_LENGTH = 8191;
  private static final int MAX_PORT = 65_535;
  private static final int MAX_SCHEME = 5;
  private static final String PATH_UNESCAPED = "-_.~$&+,/:;=@";
  private static final boolean[] UNESCAPED = unescaped();
  private static final char[] DIGITS = "0123456789ABCDEF".toCharArray();

  private Urls() {}

  static Url parse(CharSequence text) {
    int length = text.length();
    int start = 0;
    while (start < length && PlainText.isBlank(text.charAt(start))) {
      start++;
    }
    int end = length;
    while (end > start && PlainText.isBlank(text.charAt(end - 1))) {
      end--;
    }
    if (start == end) {
      throw new InvalidIndicatorException("url-empty", text);
    }
    if (end - start > MAX_LENGTH) {
      throw new InvalidIndicatorException("url-too-long", text);
    }
    String url = text.subSequence(start, end).toString();
    Url sensorForm = sensorForm(url);
    if (sensorForm != null) {
      return sensorForm;
    }
    checkCharacters(url);
    int colon = url.indexOf(':');
    String scheme = scheme(url, colon);
    if (!url.startsWith("//", colon + 1)) {
      throw new InvalidIndicatorException("url-authority", url);
    }
    int authority = colon + 3;
    int path = authority;
    int host = authority;
    while (path < url.length() && "/?#".indexOf(url.charAt(path)) < 0) {
      char c = url.charAt(path++);
      if (c == '@') {
        host = path;
      } else if (c == '\\') {
        // Browsers read it as a slash, other clients as part of the host or user.
        throw new InvalidIndicatorException("url-authority", url);
      }
    }
    return split(url, scheme, host, path);
  }

  /**
   * Returns the URL if it is in sensor form as it stands, which most are: nothing of it is copied.
   *
   * @return the URL, or null if it takes a closer look
   */
  private static @Nullable Url sensorForm(String url) {
    String scheme = url.startsWith("http://") ? "http" : url.startsWith("https://") ? "https" : "";
    if (scheme.isEmpty()) {
      return null;
    }
    int hostStart = scheme.length() + 3;
    int length = url.length();
    int hostEnd = hostStart;
    boolean numeric = true;
    while (hostEnd < length) {
      char c = url.charAt(hostEnd);
      if (c >= 'a' && c <= 'z' || c == '-' || c == '_') {
        numeric = false;
      } else if ((c < '0' || c > '9') && c != '.') {
        break;
      }
      hostEnd++;
    }
    if (hostEnd == hostStart || hostEnd == length || url.charAt(hostEnd - 1) == '.') {
      return null;
    }
    int pathStart = hostEnd;
    int port = -1;
    if (url.charAt(hostEnd) == ':') {
      pathStart = hostEnd + 1;
      port = 0;
      while (pathStart < length && port <= MAX_PORT && isDigit(url.charAt(pathStart))) {
        port = 10 * port + url.charAt(pathStart++) - '0';
      }
      if (pathStart == length
          || port == 0
          || port > MAX_PORT
          || port == defaultPort(scheme)
          || url.charAt(hostEnd + 1) == '0') {
        return null;
      }
    }
    int pathEnd = pathStart;
    while (pathEnd < length && isUnescaped(url.charAt(pathEnd))) {
      pathEnd++;
    }
    if (url.charAt(pathStart) != '/' || !isQuery(url, pathEnd)) {
      return null;
    }
    IpNetwork address = null;
    if (numeric) {
      address = IpNetwork.parse(url, hostStart, hostEnd, false);
    } else {
      HostNames.check(url, hostStart, hostEnd);
    }
    return new Url(url, url, scheme, hostStart, hostEnd, address, port, pathStart, pathEnd);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** Returns whether a query in sensor form, or nothing, stands from an index to the end. */
  private static boolean isQuery(String url, int start) {
    int length = url.length();
    if (start == length) {
      return true;
    }
    if (url.charAt(start) != '?' || start + 1 == length) {
      return false;
    }
    for (int i = start + 1; i < length; i++) {
      char c = url.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '#') {
        return false;
      }
    }
    return true;
  }

  private static Url split(String url, String scheme, int hostStart, int pathAt) {
    int hostEnd = pathAt;
    boolean bracket = hostStart < pathAt && url.charAt(hostStart) == '[';
    int portFrom = hostStart;
    if (bracket) {
      portFrom = url.indexOf(']', hostStart);
      if (portFrom < 0 || portFrom >= pathAt) {
        throw new InvalidIndicatorException("url-authority", url);
      }
    }
    int portColon = url.indexOf(':', portFrom);
    int port = -1;
    if (portColon >= 0 && portColon < pathAt) {
      hostEnd = portColon;
      port = port(url, portColon + 1, pathAt);
    }
    if (bracket && portFrom + 1 != hostEnd || hostStart == hostEnd) {
      throw new InvalidIndicatorException("url-authority", url);
    }
    if (port == defaultPort(scheme)) {
      port = -1;
    }
    String host;
    IpNetwork address = null;
    if (bracket) {
      address = address(url, hostStart + 1, portFrom);
      host = address.toString();
    } else if (isNumeric(url, hostStart, hostEnd)) {
      address = address(url, hostStart, hostEnd);
      host = address.toString();
    } else {
      host = HostNames.canonical(url, hostStart, hostEnd);
    }
    int fragment = url.indexOf('#', pathAt);
    int end = fragment < 0 ? url.length() : fragment;
    int mark = url.indexOf('?', pathAt);
    int pathEnd = mark < 0 || mark > end ? end : mark;

    StringBuilder out = new StringBuilder(url.length() + 8);
    out.append(scheme).append("://");
    boolean inBrackets = address != null && !address.isIpv4();
    int valueHost = out.length() + (inBrackets ? 1 : 0);
    if (inBrackets) {
      out.append('[').append(host).append(']');
    } else {
      out.append(host);
    }
    if (port >= 0) {
      out.append(':').append(port);
    }
    int pathStart = out.length();
    if (pathEnd == pathAt) {
      out.append('/');
    } else {
      appendPath(out, url, pathAt, pathEnd);
    }
    int valuePathEnd = out.length();
    if (pathEnd + 1 < end) {
      // The sensor writes no mark for an empty query.
      out.append('?');
      appendQuery(out, url, pathEnd + 1, end);
    }
    if (out.length() > MAX_LENGTH) {
      throw new InvalidIndicatorException("url-too-long", url);
    }
    return new Url(
        url,
        out.toString(),
        scheme,
        valueHost,
        valueHost + host.length(),
        address,
        port,
        pathStart,
        valuePathEnd);
  }

  private static void checkCharacters(String url) {
    for (int i = 0; i < url.length(); i++) {
      char c = url.charAt(i);
      if (PlainText.isControl(c)) {
        throw new InvalidIndicatorException("url-control-character", url);
      }
      if (Character.isSurrogate(c)) {
        if (!PlainText.isPair(url, i, url.length())) {
          throw new InvalidIndicatorException("url-unpaired-surrogate", url);
        }
        i++;
      }
    }
  }

  private static String scheme(String url, int colon) {
    if (colon > 0 && colon <= MAX_SCHEME) {
      for (String scheme : new String[] {"http", "https", "ftp", "ws", "wss"}) {
        if (scheme.length() == colon && url.regionMatches(true, 0, scheme, 0, colon)) {
          return scheme;
        }
      }
    }
    throw new InvalidIndicatorException("url-scheme", url);
  }

  private static int defaultPort(String scheme) {
    return switch (scheme) {
      case "http", "ws" -> 80;
      case "https", "wss" -> 443;
      default -> 21;
    };
  }

  private static int port(String url, int start, int end) {
    if (start == end) {
      return -1;
    }
    int port = 0;
    for (int i = start; i < end; i++) {
      int digit = url.charAt(i) - '0';
      if (digit < 0 || digit > 9 || port > 65535) {
        throw new InvalidIndicatorException("url-port", url);
      }
      port = port * 10 + digit;
    }
    if (port < 1 || port > 65535) {
      throw new InvalidIndicatorException("url-port", url);
    }
    return port;
  }

  private static boolean isNumeric(String url, int start, int end) {
    for (int i = start; i < end; i++) {
      char c = url.charAt(i);
      if (c != '.' && (c < '0' || c > '9')) {
        return false;
      }
    }
    return true;
  }

  private static IpNetwork address(String url, int start, int end) {
    boolean colon = false;
    for (int i = start; i < end; i++) {
      colon |= url.charAt(i) == ':';
    }
    // An IPv4 address in brackets is no URL host.
    if (!colon && start > 0 && url.charAt(start - 1) == '[') {
      throw new InvalidIndicatorException("url-authority", url);
    }
    return IpNetwork.parse(url, start, end, false);
  }

  /** Decodes and encodes as Go's net/url does, which Packetbeat uses. */
  private static void appendPath(StringBuilder out, String url, int start, int end) {
    for (int i = start; i < end; ) {
      char c = url.charAt(i);
      int octet = c == '%' ? octet(url, i, end) : -1;
      if (octet >= 0) {
        if (isUnescaped(octet)) {
          out.append((char) octet);
        } else {
          escape(out, octet);
        }
        i += 3;
      } else if (isUnescaped(c)) {
        out.append(c);
        i++;
      } else {
        i += escapeCodePoint(out, url.codePointAt(i));
      }
    }
  }

  /** Keeps the query as it is but for what cannot stand in a request line. */
  private static void appendQuery(StringBuilder out, String url, int start, int end) {
    for (int i = start; i < end; ) {
      char c = url.charAt(i);
      if (c > ' ' && c < 0x7f) {
        out.append(c);
        i++;
      } else {
        i += escapeCodePoint(out, url.codePointAt(i));
      }
    }
  }

  private static boolean isUnescaped(int c) {
    return c < UNESCAPED.length && UNESCAPED[c];
  }

  private static boolean[] unescaped() {
    boolean[] table = new boolean[0x80];
    for (int c = 0; c < table.length; c++) {
      table[c] =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || PATH_UNESCAPED.indexOf(c) >= 0;
    }
    return table;
  }

  private static int octet(String url, int at, int end) {
    if (at + 2 >= end) {
      return -1;
    }
    int high = Hex.digit(url.charAt(at + 1));
    int low = Hex.digit(url.charAt(at + 2));
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  private static int escapeCodePoint(StringBuilder out, int c) {
    if (c < 0x80) {
      escape(out, c);
    } else if (c < 0x800) {
      escape(out, 0xc0 | c >> 6);
      escape(out, 0x80 | c & 0x3f);
    } else if (c < 0x10000) {
      escape(out, 0xe0 | c >> 12);
      escape(out, 0x80 | c >> 6 & 0x3f);
      escape(out, 0x80 | c & 0x3f);
    } else {
      escape(out, 0xf0 | c >> 18);
      escape(out, 0x80 | c >> 12 & 0x3f);
      escape(out, 0x80 | c >> 6 & 0x3f);
      escape(out, 0x80 | c & 0x3f);
    }
    return Character.charCount(c);
  }

  private static void escape(StringBuilder out, int octet) {
    out.append('%').append(DIGITS[octet >> 4]).append(DIGITS[octet & 0xf]);
  }
}
