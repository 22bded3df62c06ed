// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

/** An IPv4 or IPv6 address or network in canonical form. */
public final class IpNetwork implements Comparable<IpNetwork> {
  private IpNetwork() {}

  /** Parses strictly; host bits set are refused with reason {@code host-bits-set}. */
  public static IpNetwork parse(CharSequence text) {
    throw new UnsupportedOperationException("pending");
  }

  /** Parses strictly and clears host bits. */
  public static IpNetwork parseMasked(CharSequence text) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns whether this is IPv4. */
  public boolean isIpv4() {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns whether this is one address. */
  public boolean isSingleAddress() {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns the prefix length, 0 to 32 or 0 to 128. */
  public int prefixLength() {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns whether the other network lies within this one. */
  public boolean contains(IpNetwork other) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns the first address as bytes, 4 or 16. */
  public byte[] address() {
    throw new UnsupportedOperationException("pending");
  }

  @Override
  public int compareTo(IpNetwork other) {
    throw new UnsupportedOperationException("pending");
  }
}
