// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

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
}
