// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpNetworkTest {
  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1",
    "192.0.2.1/32, 192.0.2.1",
    "192.0.2.0/24, 192.0.2.0/24",
    "0.0.0.0/0, 0.0.0.0/0",
    "255.255.255.255, 255.255.255.255",
    "::, ::",
    "::/0, ::/0",
    "::1, ::1",
    "1::, 1::",
    "2001:DB8::1/128, 2001:db8::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "1:0:0:2:0:0:0:3, 1:0:0:2::3",
    "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
    "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
    "::ffff:192.0.2.1, 192.0.2.1",
    "::ffff:c000:0201, 192.0.2.1",
    "::ffff:192.0.2.0/120, 192.0.2.0/24",
    "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
    "2001:db8::/32, 2001:db8::/32",
    "1:2:3:4:5:6:192.0.2.1, 1:2:3:4:5:6:c000:201",
  })
  void validTextIsPrintedCanonically(String text, String canonical) {
    assertThat(IpNetwork.parse(text)).hasToString(canonical);
    assertThat(IpNetwork.parse(canonical)).isEqualTo(IpNetwork.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "'', address-empty",
    "192.0.2.01, ipv4-leading-zero",
    "192.0.2, ipv4-syntax",
    "192.0.2.1., ipv4-syntax",
    "' 192.0.2.1', ipv4-syntax",
    "192.0.2.256, ipv4-octet-range",
    "192.0.2.1/33, prefix-range",
    "192.0.2.1/24, host-bits-set",
    "192.0.2.0/, prefix-syntax",
    "192.0.2.0/024, prefix-syntax",
    "2001:db8::1/64, host-bits-set",
    "2001:db8::/129, prefix-range",
    "fe80::1%eth0, ipv6-zone",
    "1:2:3:4:5:6:7, ipv6-syntax",
    "1:2:3:4:5:6:7:8:9, ipv6-syntax",
    "1::2::3, ipv6-syntax",
    "1:2:3:4::5:6:7:8, ipv6-syntax",
    ":1::, ipv6-syntax",
    "1:, ipv6-syntax",
    ":::, ipv6-syntax",
    "[::1], ipv6-syntax",
    "12345::, ipv6-syntax",
    "1:2:3:4:5:6:7:1.2.3.4, ipv6-syntax",
  })
  void otherTextIsRefusedWithReason(String text, String reason) {
    InvalidIndicatorException e =
        catchThrowableOfType(InvalidIndicatorException.class, () -> IpNetwork.parse(text));
    assertThat(e.reason()).isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.0/24, 192.0.2.0/24, true",
    "192.0.2.0/24, 192.0.2.255, true",
    "192.0.2.0/24, 192.0.3.0, false",
    "192.0.2.0/24, 192.0.0.0/16, false",
    "0.0.0.0/0, 255.255.255.255, true",
    "128.0.0.0/1, 127.255.255.255, false",
    "::/0, ffff::, true",
    "2001:db8::/32, 2001:db8:ffff::/48, true",
    "2001:db8::/32, 2001:db9::/48, false",
    "2001:db8::/64, 2001:db8::8000:0:0:0, true",
    "2001:db8::/64, 2001:db8:0:1::, false",
    "2001:db8::/65, 2001:db8::8000:0:0:0, false",
    "2001:db8::1, 2001:db8::1, true",
    "2001:db8::1, 2001:db8::2, false",
    "::/0, 192.0.2.1, false",
    "0.0.0.0/0, 2001:db8::1, false",
  })
  void networkContainsWhatLiesInIt(String outer, String inner, boolean contained) {
    assertThat(IpNetwork.parse(outer).contains(IpNetwork.parse(inner))).isEqualTo(contained);
  }

  @Test
  void ipv4ComesFirstThenTheLowerAddressThenTheWiderNetwork() {
    List<String> ordered =
        List.of(
            "0.0.0.0/0",
            "192.0.2.0/24",
            "192.0.2.0",
            "192.0.2.1",
            "255.255.255.255",
            "::/0",
            "::1",
            "2001:db8::/32",
            "2001:db8::",
            "2001:db8::8000:0:0:0",
            "ffff::");
    List<IpNetwork> networks = ordered.stream().map(IpNetwork::parse).toList();

    for (int i = 0; i < networks.size(); i++) {
      for (int k = 0; k < networks.size(); k++) {
        IpNetwork a = networks.get(i);
        IpNetwork b = networks.get(k);
        assertThat(Integer.signum(a.compareTo(b))).isEqualTo(Integer.compare(i, k));
        assertThat(a.equals(b)).isEqualTo(i == k);
      }
    }
    assertThat(networks).extracting(IpNetwork::hashCode).doesNotHaveDuplicates();
    assertThat(networks.get(0)).isNotEqualTo("0.0.0.0/0");
  }

  @Test
  void addressAndPrefixAreThoseOfTheNetwork() {
    IpNetwork ipv4 = IpNetwork.parseMasked("192.0.2.255/24");
    assertThat(ipv4).hasToString("192.0.2.0/24");
    assertThat(ipv4.address()).containsExactly(192, 0, 2, 0);
    assertThat(ipv4.prefixLength()).isEqualTo(24);
    assertThat(ipv4.isIpv4()).isTrue();
    assertThat(ipv4.isSingleAddress()).isFalse();

    IpNetwork ipv6 = IpNetwork.parseMasked("2001:db8:1:2:3:4:5:6/127");
    assertThat(ipv6.address())
        .containsExactly(0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6);
    assertThat(ipv6.prefixLength()).isEqualTo(127);
    assertThat(ipv6.isIpv4()).isFalse();
    assertThat(IpNetwork.parse("2001:db8::1").isSingleAddress()).isTrue();
    assertThat(IpNetwork.parse("2001:db8::1").prefixLength()).isEqualTo(128);
    assertThat(ipv6.toString()).isSameAs(ipv6.toString());
  }
}
