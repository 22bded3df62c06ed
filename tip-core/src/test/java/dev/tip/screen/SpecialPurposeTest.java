// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.screen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.Terms;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpecialPurposeTest {
  private static final String REASON = "special-purpose-address";

  private static @Nullable String check(CyberObservable observable) {
    FeedInfo feed =
        FeedInfo.builder("test")
            .provider("Example")
            .reference(URI.create("https://list.example/"))
            .terms(new Terms("CC0", URI.create("https://list.example/terms"), true, true, null))
            .coverage(FeedInfo.Coverage.SNAPSHOT)
            .types(observable.type())
            .role(FeedInfo.Role.REPUTATION)
            .confidence(Confidence.MEDIUM)
            .build();
    return Screen.specialPurpose().check(Indicator.builder(observable, feed).build());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.1",
        "192.168.1.0/24",
        "198.19.255.255",
        "224.0.0.1",
        "239.255.255.250",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b:1::1",
        "100::1",
        "2001:2::1",
        "5f00::1",
        "fd00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1"
      })
  void addressesThatNoPublicHostHasAreRefused(String address) {
    assertThat(check(CyberObservable.ip(address))).isEqualTo(REASON);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0/0", "192.0.0.0/8", "172.0.0.0/8", "::/0", "2001::/16"})
  void networksAroundSuchARangeAreRefused(String network) {
    assertThat(check(CyberObservable.ip(network))).isEqualTo(REASON);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0/16",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "192.0.2.1",
        "203.0.113.0/24",
        "::2",
        "2001:db8::1",
        "2a00::/12",
        "fbff::1"
      })
  void othersPass(String address) {
    assertThat(check(CyberObservable.ip(address))).isNull();
  }

  @Test
  void urlsGoByTheirHost() {
    assertThat(check(CyberObservable.url("http://192.168.1.1:8080/a"))).isEqualTo(REASON);
    assertThat(check(CyberObservable.url("http://[fe80::1]/a"))).isEqualTo(REASON);
    assertThat(check(CyberObservable.url("http://203.0.113.9/a"))).isNull();
    assertThat(check(CyberObservable.url("http://10.0.0.1.example/a"))).isNull();
  }

  @Test
  void whatHasNoAddressPasses() {
    assertThat(check(CyberObservable.domainName("localhost.example"))).isNull();
  }
}
