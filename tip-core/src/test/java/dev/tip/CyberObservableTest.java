// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CyberObservableTest {
  @ParameterizedTest
  @CsvSource({
    "HTTP://Bad.Example, http://bad.example/",
    "https://bad.example:443/a b?x=1#f, https://bad.example/a%20b?x=1",
    "http://user:pw@bad.example:8080/%41%2f, http://bad.example:8080/A/",
    "http://[2001:DB8::1]:80/, http://[2001:db8::1]/",
    "http://192.0.2.1:81, http://192.0.2.1:81/",
  })
  void urlBecomesSensorForm(String text, String value) {
    assertThat(CyberObservable.url(text).value()).isEqualTo(value);
    assertThat(CyberObservable.url(value).value()).isEqualTo(value);
  }

  @Test
  void strongestHashIsTheValueOfAFile() {
    File file =
        File.builder()
            .hash(HashAlgorithm.MD5, "A".repeat(32))
            .hash(HashAlgorithm.SHA256, "B".repeat(64))
            .build();

    assertThat(file.value()).isEqualTo("b".repeat(64));
    assertThat(file).isEqualTo(CyberObservable.parse(CyberObservable.Type.FILE, file.value()));
  }

  @Test
  void domainNameIsLowerCaseALabels() {
    assertThat(CyberObservable.domainName("B\u00fccher.Example.").value())
        .isEqualTo("xn--bcher-kva.example");
  }
}
