// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class IpNetworkProperties {
  /** IPv6 addresses with many zero groups. */
  @Provide
  Arbitrary<byte[]> ipv6() {
    return Arbitraries.oneOf(
            Arbitraries.just(0),
            Arbitraries.of(0, 1, 0xffff),
            Arbitraries.integers().between(0, 0xffff))
        .list()
        .ofSize(8)
        .map(
            groups -> {
              byte[] bytes = new byte[16];
              for (int i = 0; i < 8; i++) {
                bytes[2 * i] = (byte) (groups.get(i) >> 8);
                bytes[2 * i + 1] = (byte) (int) groups.get(i);
              }
              return bytes;
            });
  }

  @Property
  void ipv4AgreesWithTheJdk(@ForAll @Size(4) byte[] bytes) throws UnknownHostException {
    String text = InetAddress.getByAddress(bytes).getHostAddress();

    IpNetwork network = IpNetwork.parse(text);

    assertThat(network.address()).isEqualTo(bytes);
    assertThat(network).hasToString(text);
    assertThat(network.isIpv4()).isTrue();
    assertThat(network.isSingleAddress()).isTrue();
  }

  @Property
  void ipv6AgreesWithTheJdk(@ForAll("ipv6") byte[] bytes) throws UnknownHostException {
    InetAddress address = InetAddress.getByAddress(bytes);

    // The JDK makes an IPv4 address of a mapped one, as we do.
    IpNetwork network = IpNetwork.parse(address.getHostAddress());

    assertThat(network.address()).isEqualTo(address.getAddress());
    assertThat(IpNetwork.parse(network.toString())).isEqualTo(network);
    assertThat(network.toString()).hasSizeLessThanOrEqualTo(39);
  }

  @Property
  void maskingClearsExactlyTheHostBits(
      @ForAll("ipv6") byte[] bytes, @ForAll @IntRange(max = 128) int prefix)
      throws UnknownHostException {
    bytes[0] |= 0x20; // not IPv4-mapped
    String text = InetAddress.getByAddress(bytes).getHostAddress() + '/' + prefix;
    BigInteger mask = BigInteger.ONE.shiftLeft(128 - prefix).subtract(BigInteger.ONE);

    IpNetwork network = IpNetwork.parseMasked(text);

    assertThat(new BigInteger(1, network.address()))
        .isEqualTo(new BigInteger(1, bytes).andNot(mask));
    assertThat(network.prefixLength()).isEqualTo(prefix);
    assertThat(IpNetwork.parse(network.toString())).isEqualTo(network).hasSameHashCodeAs(network);
  }

  @Property
  void ipv4MaskingClearsExactlyTheHostBits(
      @ForAll int address, @ForAll @IntRange(max = 32) int prefix) throws UnknownHostException {
    byte[] bytes = BigInteger.valueOf(address & 0xffff_ffffL | 1L << 32).toByteArray();
    bytes = Arrays.copyOfRange(bytes, bytes.length - 4, bytes.length);
    String text = InetAddress.getByAddress(bytes).getHostAddress() + '/' + prefix;
    long mask = 0xffff_ffffL << (32 - prefix) & 0xffff_ffffL;

    IpNetwork network = IpNetwork.parseMasked(text);

    assertThat(new BigInteger(1, network.address()).longValue()).isEqualTo(address & mask);
    assertThat(network.contains(IpNetwork.parse(text.substring(0, text.indexOf('/'))))).isTrue();
  }

  @Property
  void containmentAgreesWithMasking(
      @ForAll("ipv6") byte[] a,
      @ForAll("ipv6") byte[] b,
      @ForAll @IntRange(max = 128) int prefixA,
      @ForAll @IntRange(max = 128) int prefixB)
      throws UnknownHostException {
    IpNetwork wide = IpNetwork.parseMasked(text(a, prefixA));
    IpNetwork narrow = IpNetwork.parseMasked(text(b, prefixB));
    if (wide.isIpv4() || narrow.isIpv4()) {
      return;
    }
    boolean expected = prefixB >= prefixA && IpNetwork.parseMasked(text(b, prefixA)).equals(wide);

    assertThat(wide.contains(narrow)).isEqualTo(expected);
    assertThat(Integer.signum(wide.compareTo(narrow)))
        .isEqualTo(-Integer.signum(narrow.compareTo(wide)));
    assertThat(wide.compareTo(narrow) == 0).isEqualTo(wide.equals(narrow));
  }

  private static String text(byte[] bytes, int prefix) throws UnknownHostException {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < 16; i += 2) {
      out.append(i == 0 ? "" : ":");
      out.append(Integer.toHexString((bytes[i] & 0xff) << 8 | bytes[i + 1] & 0xff));
    }
    return out.append('/').append(prefix).toString();
  }
}
