// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How a line holds its values. Made for one list, of which it may remember lines; not thread-safe.
 */
abstract class LineSyntax {
  static final String ALLOWS = "rule-allows";
  static final String UNSUPPORTED = "rule-unsupported";

  private static final byte[][] SINKS =
      bytes("0.0.0.0", "127.0.0.1", "::", "::1", "0", "255.255.255.255");

  /** Takes the values of a line. */
  interface Values {
    /** Takes a part of the line that is not empty. */
    void add(int start, int end);

    /** Takes a text that does not stand in the line as such. */
    void add(String value);
  }

  /**
   * Reads a line that is neither blank nor a comment. One that gives neither a value nor a reason
   * is no record.
   *
   * @param start where the line begins, behind white space
   * @param end where it ends, before white space
   * @param indented whether there was white space
   * @return why the line, or a part of it, has no value, or null
   */
  abstract @Nullable String read(byte[] line, int start, int end, boolean indented, Values to);

  static byte[][] bytes(String... texts) {
    byte[][] all = new byte[texts.length][];
    for (int i = 0; i < texts.length; i++) {
      all[i] = texts[i].getBytes(StandardCharsets.US_ASCII);
    }
    return all;
  }

  /** Returns whether a part of a line is an address that leads nowhere. */
  static boolean isSink(byte[] line, int start, int end) {
    return isOneOf(line, start, end, SINKS);
  }

  /** Returns whether a part of a line is one of these texts, letter case apart. */
  static boolean isOneOf(byte[] line, int start, int end, byte[][] texts) {
    for (byte[] text : texts) {
      if (end - start == text.length && startsWith(line, start, end, text)) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether a part of a line starts with a text in lower case, letter case apart. */
  static boolean startsWith(byte[] line, int start, int end, byte[] text) {
    if (end - start < text.length) {
      return false;
    }
    for (int i = 0; i < text.length; i++) {
      byte b = line[start + i];
      if ((b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b) != text[i]) {
        return false;
      }
    }
    return true;
  }

  static int skipBlanks(byte[] line, int start, int end) {
    int at = start;
    while (at < end && LineReader.isBlank(line[at])) {
      at++;
    }
    return at;
  }

  static int indexOf(char wanted, byte[] line, int start, int end) {
    int at = start;
    while (at < end && line[at] != wanted) {
      at++;
    }
    return at;
  }

  /** Adds a name, without the wildcard or dot before it that means all names below it. */
  static boolean addName(byte[] line, int start, int end, Values to) {
    int at = start;
    if (at + 1 < end && line[at] == '*' && line[at + 1] == '.') {
      at += 2;
    } else if (at < end && line[at] == '.') {
      at++;
    }
    if (at == end || indexOf('*', line, at, end) < end) {
      return false;
    }
    to.add(at, end);
    return true;
  }

  /** Names, each of which may have {@code *.} before it. */
  static final class Wildcards extends LineSyntax {
    @Override
    @Nullable String read(byte[] line, int start, int end, boolean indented, Values to) {
      return addName(line, start, end, to) ? null : UNSUPPORTED;
    }
  }

  /** Hosts files, hosts(5): an address that leads nowhere, and the names that it is for. */
  static final class Hosts extends LineSyntax {
    /** Names that stand in hosts files for the machine's own sake. */
    private static final byte[][] LOCAL =
        bytes("localhost", "localhost.localdomain", "local", "broadcasthost", "0.0.0.0");

    private static final byte[] LOCAL_IPV6 = bytes("ip6-")[0];

    @Override
    @Nullable String read(byte[] line, int start, int end, boolean indented, Values to) {
      int at = wordEnd(line, start, end);
      boolean sink = isSink(line, start, at);
      boolean any = false;
      while (true) {
        at = skipBlanks(line, at, end);
        if (at == end || line[at] == '#') {
          return any ? null : "hosts-syntax";
        }
        int stop = wordEnd(line, at, end);
        any = true;
        if (!isOneOf(line, at, stop, LOCAL) && !startsWith(line, at, stop, LOCAL_IPV6)) {
          if (!sink) {
            return "hosts-address";
          }
          to.add(at, stop);
        }
        at = stop;
      }
    }

    private static int wordEnd(byte[] line, int start, int end) {
      int at = start;
      while (at < end && !LineReader.isBlank(line[at]) && line[at] != '#') {
        at++;
      }
      return at;
    }
  }

  /** Filter rules of ad blockers that are about a whole host: {@code ||host^}. */
  static final class Adblock extends LineSyntax {
    /** Options that leave a rule about all of the host. */
    private static final byte[][] WHOLE =
        bytes("all", "document", "doc", "important", "third-party", "popup");

    @Override
    @Nullable String read(byte[] line, int start, int end, boolean indented, Values to) {
      if (end - start > 1 && line[start] == '@' && line[start + 1] == '@') {
        return ALLOWS;
      }
      int host = start + 2;
      int stop = indexOf('^', line, Math.min(host, end), end);
      if (host >= end
          || line[start] != '|'
          || line[start + 1] != '|'
          || stop == end
          || stop == host
          || !isHost(line, host, stop)
          || !isWhole(line, stop + 1, end)) {
        return UNSUPPORTED;
      }
      to.add(host, stop);
      return null;
    }

    private static boolean isHost(byte[] line, int start, int end) {
      for (int i = start; i < end; i++) {
        if (line[i] == '/' || line[i] == '*' || line[i] == '|' || line[i] == '$') {
          return false;
        }
      }
      return true;
    }

    private static boolean isWhole(byte[] line, int start, int end) {
      if (start == end) {
        return true;
      }
      if (line[start] != '$') {
        return false;
      }
      for (int at = start + 1; at <= end; ) {
        int stop = indexOf(',', line, at, end);
        if (!isOneOf(line, at, stop, WHOLE)) {
          return false;
        }
        at = stop + 1;
      }
      return true;
    }
  }

  /**
   * Configuration of dnsmasq that answers names with nothing: {@code address=/name/0.0.0.0}, {@code
   * local=/name/}, {@code server=/name/}.
   */
  static final class Dnsmasq extends LineSyntax {
    private static final byte[] ADDRESS = bytes("address=/")[0];
    private static final byte[][] NO_SERVER = bytes("local=/", "server=/");

    @Override
    @Nullable String read(byte[] line, int start, int end, boolean indented, Values to) {
      int first = -1;
      boolean address = startsWith(line, start, end, ADDRESS);
      if (address) {
        first = start + ADDRESS.length;
      }
      for (byte[] key : NO_SERVER) {
        first = startsWith(line, start, end, key) ? start + key.length : first;
      }
      if (first < 0) {
        return UNSUPPORTED;
      }
      int stop = first;
      while (stop < end && !LineReader.isBlank(line[stop])) {
        stop++;
      }
      int target = stop;
      while (target > first && line[target - 1] != '/') {
        target--;
      }
      if (target == first) {
        return UNSUPPORTED;
      }
      boolean nowhere = target == stop;
      boolean standard = stop - target == 1 && line[target] == '#';
      if (address ? !nowhere && !standard && !isSink(line, target, stop) : !nowhere) {
        return standard ? ALLOWS : UNSUPPORTED;
      }
      String reason = null;
      for (int at = first; at < target; ) {
        int slash = indexOf('/', line, at, target);
        boolean every = slash - at == 1 && line[at] == '#';
        if (every || !addName(line, at, slash, to)) {
          reason = UNSUPPORTED;
        }
        at = slash + 1;
      }
      return reason;
    }
  }
}
