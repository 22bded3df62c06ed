// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Response policy zones: a zone file (RFC 1035 §5) whose owners are names and addresses, and whose
 * data say what is answered for them.
 *
 * <p>A record is taken if it answers with nothing: {@code CNAME .}, {@code CNAME *.}, {@code CNAME
 * rpz-drop.}, {@code CNAME rpz-tcp-only.}, or an address that leads nowhere. One that says the same
 * of the same name as the record before it, such as that of {@code *.name} behind {@code name}, is
 * no record of its own.
 *
 * @see <a href="https://datatracker.ietf.org/doc/html/draft-vixie-dnsop-dns-rpz">DNS Response
 *     Policy Zones</a>
 */
final class RpzSyntax extends LineSyntax {
  private static final int MAX_WORDS = 6;
  private static final String ZONE = "rpz-zone";
  private static final String SYNTAX = "rpz-syntax";

  private static final byte[][] CLASSES = bytes("in", "ch", "hs");
  private static final byte[][] CNAME = bytes("cname");
  private static final byte[][] ADDRESS = bytes("a", "aaaa");
  private static final byte[][] NOTHING = bytes(".", "*.", "rpz-drop.", "rpz-tcp-only.");
  private static final byte[][] PASS = bytes("rpz-passthru.");
  private static final byte[][] SOA = bytes("soa");
  private static final byte[][] TTL = bytes("$ttl");
  private static final byte[][] ORIGIN = bytes("$origin");
  private static final String IP = ".rpz-ip";
  private static final String[] OTHER_TRIGGERS = {".rpz-client-ip", ".rpz-nsip", ".rpz-nsdname"};

  private final int[] starts = new int[MAX_WORDS];
  private final int[] ends = new int[MAX_WORDS];
  private int depth;

  /** The name that the zone is at, in lower case with a dot at the end, or null if not known. */
  private @Nullable String zone;

  /** What relative names go on with; null if they are not of the zone. */
  private @Nullable String suffix = "";

  /** The owner of the last record; empty if it was the zone itself. */
  private String owner = "";

  private String lastName = "";
  private boolean lastAllowed;

  @Override
  @Nullable String read(byte[] line, int start, int end, boolean indented, Values to) {
    boolean continued = depth > 0;
    int count = words(line, start, end);
    if (continued || count == 0) {
      // Only the data of a record goes on over lines, and only that of the zone is so long.
      return null;
    }
    if (line[start] == '$') {
      return directive(line, count);
    }
    int at = indented ? 0 : 1;
    while (at < count && (isTtl(line, at) || is(line, at, CLASSES))) {
      at++;
    }
    if (!indented) {
      owner = word(line, 0);
      owner = owner.equals("@") ? "" : owner;
    }
    if (at == count) {
      return SYNTAX;
    }
    if (owner.isEmpty()) {
      if (zone == null && is(line, at, SOA)) {
        zone = "";
      }
      return null;
    }
    String name = relative(owner);
    if (name == null) {
      return ZONE;
    }
    return name.isEmpty() ? null : policy(line, at, count, name, indented, to);
  }

  private @Nullable String policy(
      byte[] line, int type, int count, String name, boolean indented, Values to) {
    for (String trigger : OTHER_TRIGGERS) {
      if (name.endsWith(trigger)) {
        return "rpz-trigger";
      }
    }
    if (type + 1 >= count) {
      return SYNTAX;
    }
    int data = type + 1;
    boolean cname = is(line, type, CNAME);
    boolean allows = cname && (is(line, data, PASS) || word(line, data).equals(name + '.'));
    boolean nothing =
        cname
            ? is(line, data, NOTHING)
            : is(line, type, ADDRESS) && isSink(line, starts[data], ends[data]);
    String plain = name.startsWith("*.") ? name.substring(2) : name;
    boolean again = plain.equals(lastName);
    if (allows || !nothing || again && lastAllowed) {
      lastName = plain;
      lastAllowed = allows || again && lastAllowed;
      return lastAllowed ? ALLOWS : UNSUPPORTED;
    }
    lastName = plain;
    lastAllowed = false;
    if (again) {
      return null;
    }
    if (plain.endsWith(IP)) {
      String network = network(plain.substring(0, plain.length() - IP.length()));
      if (network == null) {
        return SYNTAX;
      }
      to.add(network);
    } else if (plain.isEmpty() || plain.indexOf('*') >= 0) {
      return UNSUPPORTED;
    } else if (indented || plain.length() != ends[0] - starts[0]) {
      to.add(plain);
    } else {
      to.add(starts[0], ends[0]);
    }
    return null;
  }

  private @Nullable String directive(byte[] line, int count) {
    if (is(line, 0, TTL)) {
      return null;
    }
    if (!is(line, 0, ORIGIN) || count < 2) {
      return "rpz-directive";
    }
    String origin = word(line, 1);
    if (!origin.endsWith(".")) {
      suffix = suffix == null ? null : '.' + origin + suffix;
    } else if (zone == null) {
      zone = origin;
      suffix = "";
    } else if (origin.equals(zone)) {
      suffix = "";
    } else {
      suffix =
          !zone.isEmpty() && origin.endsWith('.' + zone)
              ? '.' + origin.substring(0, origin.length() - zone.length() - 1)
              : null;
    }
    return null;
  }

  /** Returns an owner relative to the zone, in lower case; null if it is of another zone. */
  private @Nullable String relative(String owner) {
    if (!owner.endsWith(".")) {
      return suffix == null ? null : owner + suffix;
    }
    if (zone == null || zone.isEmpty() || !owner.endsWith(zone)) {
      return null;
    }
    int end = owner.length() - zone.length();
    if (end == 0) {
      return "";
    }
    return owner.charAt(end - 1) == '.' ? owner.substring(0, end - 1) : null;
  }

  /** Returns the network in {@code length.last.….first}, with zz for a run of zeros, or null. */
  private static @Nullable String network(String reversed) {
    String[] parts = reversed.split("\\.", -1);
    if (parts.length < 3 || parts.length > 9) {
      return null;
    }
    boolean version4 = parts.length == 5 && !reversed.contains("zz");
    StringBuilder address = new StringBuilder();
    for (int i = parts.length - 1; i > 0; i--) {
      address.append(parts[i]).append(i == 1 ? "" : version4 ? "." : ":");
    }
    String text = address.toString();
    if (text.startsWith("zz:")) {
      text = ':' + text.substring(2);
    } else if (text.endsWith(":zz")) {
      text = text.substring(0, text.length() - 2) + ':';
    } else {
      text = text.replace(":zz:", "::");
    }
    return text + '/' + parts[0];
  }

  /** Finds the words of a line, up to a comment; brackets are white space that may hold lines. */
  private int words(byte[] line, int start, int end) {
    int count = 0;
    int at = start;
    boolean within = false;
    boolean quoted = false;
    for (; at < end; at++) {
      byte b = line[at];
      if (b == '"') {
        quoted = !quoted;
      } else if (!quoted && b == ';') {
        break;
      }
      boolean bracket = !quoted && (b == '(' || b == ')');
      if (bracket) {
        depth = Math.max(0, depth + (b == '(' ? 1 : -1));
      }
      boolean blank = bracket || !quoted && LineReader.isBlank(b);
      if (within && blank) {
        ends[count++] = at;
        within = false;
      } else if (!within && !blank) {
        if (count == MAX_WORDS) {
          // The rest is data that is of no interest, but for its brackets.
          continue;
        }
        starts[count] = at;
        within = true;
      }
    }
    if (within) {
      ends[count++] = at;
    }
    return count;
  }

  private boolean is(byte[] line, int word, byte[][] texts) {
    return isOneOf(line, starts[word], ends[word], texts);
  }

  private boolean isTtl(byte[] line, int word) {
    if (line[starts[word]] < '0' || line[starts[word]] > '9') {
      return false;
    }
    for (int i = starts[word]; i < ends[word]; i++) {
      byte b = line[i];
      if ((b < '0' || b > '9') && "smhdwSMHDW".indexOf(b) < 0) {
        return false;
      }
    }
    return true;
  }

  private String word(byte[] line, int word) {
    return new String(line, starts[word], ends[word] - starts[word], StandardCharsets.UTF_8)
        .toLowerCase(Locale.ROOT);
  }
}
