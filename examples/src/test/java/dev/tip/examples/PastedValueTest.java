// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PastedValueTest {
  @ParameterizedTest
  @CsvSource({
    "198.51.100.7, ipv4-addr 198.51.100.7",
    "198[.]51[.]100[.]7, ipv4-addr 198.51.100.7",
    "198.51.100[.]7:8080, ipv4-addr 198.51.100.7",
    "198.51.100.7/24, ipv4-addr 198.51.100.0/24",
    "[2001:db8::1]:443, ipv6-addr 2001:db8::1",
    "2001:db8[:]:1, ipv6-addr 2001:db8::1",
    "evil[.]example, domain-name evil.example",
    "Evil(dot)Example., domain-name evil.example",
    "hxxp://evil[.]example/a, url http://evil.example/a",
    "hXXps[:]//evil.example/a, url https://evil.example/a",
    "<http://evil.example/a>, url http://evil.example/a",
    "evil.example/a, url http://evil.example/a",
    "mallory[at]evil[.]example, email-addr mallory@evil.example",
    "AS64496, autonomous-system 64496",
    "D41D8CD98F00B204E9800998ECF8427E, file d41d8cd98f00b204e9800998ecf8427e",
    "D41D8CD98F00B204E9800998ECF8427E, software ja3:d41d8cd98f00b204e9800998ecf8427e",
    "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709, x509-certificate"
        + " da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "invoice.exe, file name:invoice.exe",
  })
  void meansWhatPeopleMean(String pasted, String meaning) {
    assertThat(PastedValue.meanings(pasted))
        .extracting(CyberObservable::toString)
        .contains(meaning);
  }

  @Example
  void addressIsNothingElse() {
    assertThat(PastedValue.meanings("198.51.100.7")).hasSize(1);
  }

  @Property
  void anyTextIsUnderstoodOrNot(@ForAll String text) {
    assertThat(PastedValue.meanings(text)).doesNotContainNull();
  }
}
