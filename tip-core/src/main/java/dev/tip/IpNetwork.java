// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An IPv4 or IPv6 address or network in canonical form. Immutable.
 *
 * <p>Text is read strictly: four decimal octets without leading zeros, or IPv6 after RFC 4291 §2.2
 * without zone and brackets; a prefix length may follow a slash. Nothing is ever looked up. Text is
 * written after RFC 5952, a single address without prefix length. An IPv4-mapped IPv6 address
 * ({@code ::ffff:192.0.2.1}) is the IPv4 address that it maps.
 *
 * <p>The order is: IPv4 first, then by address, then the wider network first.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5952">RFC 5952</a>
 */
public final class IpNetwork implements Comparable<IpNetwork> {
  private static final long MAPPED_PREFIX = 0xffffL << 32;

  private final long high;
  private final long low;
  private final int prefix;
  private final boolean ipv4;

  /** Made when first asked for; a race makes it twice, which does no harm. */
  private @Nullable String text;

  private IpNetwork(long high, long low, int prefix, boolean ipv4) {
    this.high = high;
    this.low = low;
    this.prefix = prefix;
    this.ipv4 = ipv4;
  }

  /**
   * Returns the address or network that the text names.
   *
   * @throws InvalidIndicatorException if it is not one; reason {@code host-bits-set} if bits behind
   *     the prefix length are set
   */
  public static IpNetwork parse(CharSequence text) {
    return parse(text, 0, text.length(), false);
  }

  /**
   * Returns the network that the text names, with the bits behind the prefix length cleared.
   *
   * @throws InvalidIndicatorException if it is not one
   */
  public static IpNetwork parseMasked(CharSequence text) {
    return parse(text, 0, text.length(), true);
  }

  static IpNetwork parse(CharSequence text, int start, int end, boolean mask) {
    if (start == end) {
      throw new InvalidIndicatorException("address-empty", text);
    }
    int slash = end;
    boolean colon = false;
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      if (c == ':') {
        colon = true;
      } else if (c == '/') {
        slash = i;
        break;
      }
    }
    if (!colon) {
      long address = ipv4(text, start, slash);
      int prefix = slash == end ? 32 : prefix(text, slash + 1, end, 32);
      long masked = prefix == 0 ? 0 : address & (-1L << (32 - prefix)) & 0xffff_ffffL;
      if (masked != address && !mask) {
        throw new InvalidIndicatorException("host-bits-set", text);
      }
      return new IpNetwork(0, masked, prefix, true);
    }
    return ipv6(text, start, slash, end, mask);
  }

  private static IpNetwork ipv6(CharSequence text, int start, int slash, int end, boolean mask) {
    long high = 0;
    long low = 0;
    int groups = 0;
    int gap = -1;
    int i = start;
    if (text.charAt(i) == ':') {
      if (i + 1 >= slash || text.charAt(i + 1) != ':') {
        throw new InvalidIndicatorException("ipv6-syntax", text);
      }
      gap = 0;
      i += 2;
    }
    while (i < slash) {
      if (groups == 8) {
        throw new InvalidIndicatorException("ipv6-syntax", text);
      }
      int groupStart = i;
      int value = 0;
      while (i < slash && i - groupStart < 5) {
        int digit = Hex.digit(text.charAt(i));
        if (digit < 0) {
          break;
        }
        value = value << 4 | digit;
        i++;
      }
      int length = i - groupStart;
      if (i < slash && text.charAt(i) == '.') {
        if (groups > 6) {
          throw new InvalidIndicatorException("ipv6-syntax", text);
        }
        long v4 = ipv4(text, groupStart, slash);
        for (int shift = 16; shift >= 0; shift -= 16) {
          high = high << 16 | low >>> 48;
          low = low << 16 | (v4 >>> shift & 0xffff);
        }
        groups += 2;
        i = slash;
        break;
      }
      if (i < slash && text.charAt(i) == '%') {
        throw new InvalidIndicatorException("ipv6-zone", text);
      }
      if (length == 0 || length > 4) {
        throw new InvalidIndicatorException("ipv6-syntax", text);
      }
      high = high << 16 | low >>> 48;
      low = low << 16 | value;
      groups++;
      if (i == slash) {
        break;
      }
      if (text.charAt(i) != ':' || ++i == slash) {
        throw new InvalidIndicatorException("ipv6-syntax", text);
      }
      if (text.charAt(i) == ':') {
        if (gap >= 0) {
          throw new InvalidIndicatorException("ipv6-syntax", text);
        }
        gap = groups;
        i++;
      }
    }
    if (gap < 0 ? groups != 8 : groups > 7) {
      throw new InvalidIndicatorException("ipv6-syntax", text);
    }
    if (gap >= 0) {
      // The groups behind the gap stand at the end already; those before it move to the front.
      int before = gap * 16;
      int after = (groups - gap) * 16;
      long tailHigh = high & ~maskHigh(128 - after);
      long tailLow = low & ~maskLow(128 - after);
      long headHigh = shiftLeftHigh(high, low, 128 - before - after);
      long headLow = shiftLeftLow(low, 128 - before - after);
      high = headHigh & maskHigh(before) | tailHigh;
      low = headLow & maskLow(before) | tailLow;
    }
    int prefix = slash == end ? 128 : prefix(text, slash + 1, end, 128);
    long maskedHigh = high & maskHigh(prefix);
    long maskedLow = low & maskLow(prefix);
    if ((maskedHigh != high || maskedLow != low) && !mask) {
      throw new InvalidIndicatorException("host-bits-set", text);
    }
    if (prefix >= 96 && maskedHigh == 0 && (maskedLow & ~0xffff_ffffL) == MAPPED_PREFIX) {
      return new IpNetwork(0, maskedLow & 0xffff_ffffL, prefix - 96, true);
    }
    return new IpNetwork(maskedHigh, maskedLow, prefix, false);
  }

  private static long shiftLeftHigh(long high, long low, int bits) {
    if (bits == 0) {
      return high;
    }
    if (bits >= 128) {
      return 0;
    }
    return bits >= 64 ? low << (bits - 64) : high << bits | low >>> (64 - bits);
  }

  private static long shiftLeftLow(long low, int bits) {
    return bits >= 64 ? 0 : low << bits;
  }

  private static long maskHigh(int prefix) {
    return prefix == 0 ? 0 : prefix >= 64 ? -1L : -1L << (64 - prefix);
  }

  private static long maskLow(int prefix) {
    return prefix <= 64 ? 0 : -1L << (128 - prefix);
  }

  private static long ipv4(CharSequence text, int start, int end) {
    long address = 0;
    int i = start;
    for (int octet = 0; octet < 4; octet++) {
      if (octet > 0) {
        if (i == end || text.charAt(i) != '.') {
          throw new InvalidIndicatorException("ipv4-syntax", text);
        }
        i++;
      }
      int first = i;
      int value = 0;
      while (i < end && i - first < 4) {
        int digit = text.charAt(i) - '0';
        if (digit < 0 || digit > 9) {
          break;
        }
        value = value * 10 + digit;
        i++;
      }
      if (i == first) {
        throw new InvalidIndicatorException("ipv4-syntax", text);
      }
      if (i - first > 1 && text.charAt(first) == '0') {
        throw new InvalidIndicatorException("ipv4-leading-zero", text);
      }
      if (value > 255) {
        throw new InvalidIndicatorException("ipv4-octet-range", text);
      }
      address = address << 8 | value;
    }
    if (i != end) {
      throw new InvalidIndicatorException("ipv4-syntax", text);
    }
    return address;
  }

  private static int prefix(CharSequence text, int start, int end, int max) {
    int value = 0;
    if (start == end || end - start > 3) {
      throw new InvalidIndicatorException("prefix-syntax", text);
    }
    for (int i = start; i < end; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw new InvalidIndicatorException("prefix-syntax", text);
      }
      value = value * 10 + digit;
    }
    if (end - start > 1 && text.charAt(start) == '0') {
      throw new InvalidIndicatorException("prefix-syntax", text);
    }
    if (value > max) {
      throw new InvalidIndicatorException("prefix-range", text);
    }
    return value;
  }

  /** Returns whether this is IPv4. */
  public boolean isIpv4() {
    return ipv4;
  }

  /** Returns whether this is one address. */
  public boolean isSingleAddress() {
    return prefix == (ipv4 ? 32 : 128);
  }

  /** Returns the prefix length, 0 to 32 or 0 to 128. */
  public int prefixLength() {
    return prefix;
  }

  /** Returns whether the other network lies within this one; IPv4 never lies within IPv6. */
  public boolean contains(IpNetwork other) {
    if (ipv4 != other.ipv4 || other.prefix < prefix) {
      return false;
    }
    if (ipv4) {
      return prefix == 0 || (low ^ other.low) >>> (32 - prefix) == 0;
    }
    return ((high ^ other.high) & maskHigh(prefix)) == 0
        && ((low ^ other.low) & maskLow(prefix)) == 0;
  }

  /** Returns the first address as bytes, 4 or 16, in network order; the array is the caller's. */
  public byte[] address() {
    byte[] bytes = new byte[ipv4 ? 4 : 16];
    long rest = low;
    for (int i = bytes.length - 1; i >= 0; i--) {
      if (i == 7 && !ipv4) {
        rest = high;
      }
      bytes[i] = (byte) rest;
      rest >>>= 8;
    }
    return bytes;
  }

  @Override
  public int compareTo(IpNetwork other) {
    if (ipv4 != other.ipv4) {
      return ipv4 ? -1 : 1;
    }
    int order = Long.compareUnsigned(high, other.high);
    if (order == 0) {
      order = Long.compareUnsigned(low, other.low);
    }
    return order != 0 ? order : Integer.compare(prefix, other.prefix);
  }

  @Override
  public boolean equals(@Nullable Object o) {
    return o instanceof IpNetwork other
        && high == other.high
        && low == other.low
        && prefix == other.prefix
        && ipv4 == other.ipv4;
  }

  @Override
  public int hashCode() {
    return Objects.hash(high, low, prefix, ipv4);
  }

  /** Returns the canonical text; {@link #parse} of it gives an equal network. */
  @Override
  public String toString() {
    String made = text;
    if (made == null) {
      made = print();
      text = made;
    }
    return made;
  }

  private String print() {
    StringBuilder out = new StringBuilder(ipv4 ? 18 : 43);
    appendAddress(out);
    if (!isSingleAddress()) {
      out.append('/').append(prefix);
    }
    return out.toString();
  }

  private void appendAddress(StringBuilder out) {
    if (ipv4) {
      out.append(low >>> 24 & 0xff).append('.').append(low >>> 16 & 0xff).append('.');
      out.append(low >>> 8 & 0xff).append('.').append(low & 0xff);
      return;
    }
    // RFC 5952 §4.2: the longest run of zero groups, the first of equals, never a single group.
    int gap = -1;
    int gapLength = 1;
    for (int i = 0; i < 8; ) {
      int end = i;
      while (end < 8 && group(end) == 0) {
        end++;
      }
      if (end - i > gapLength) {
        gap = i;
        gapLength = end - i;
      }
      i = end + 1;
    }
    for (int i = 0; i < 8; i++) {
      if (i == gap) {
        out.append("::");
        i += gapLength - 1;
      } else {
        if (i > 0 && (gap < 0 || i != gap + gapLength)) {
          out.append(':');
        }
        appendHex(out, group(i));
      }
    }
  }

  private int group(int index) {
    long half = index < 4 ? high : low;
    return (int) (half >>> (48 - (index & 3) * 16)) & 0xffff;
  }

  private static void appendHex(StringBuilder out, int group) {
    int shift = 12;
    while (shift > 0 && group >>> shift == 0) {
      shift -= 4;
    }
    for (; shift >= 0; shift -= 4) {
      out.append(Character.forDigit(group >>> shift & 0xf, 16));
    }
  }
}
