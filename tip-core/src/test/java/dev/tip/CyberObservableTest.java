// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://bad.example/",
        "https://bad.example/x",
        "http://bad.example:8080/",
        "http://bad.example:1/",
        "https://bad.example:65535/",
        "http://192.0.2.1:81/a",
        "http://az-_09.example/azAZ09-_.~$&+,/:;=@?a=!~{|}",
        "http://bad.example/?q",
      })
  void urlInSensorFormIsNotCopied(String text) {
    Url url = CyberObservable.url(text);

    assertThat(url.value()).isSameAs(url.original()).isSameAs(text);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "http://bad.example, http, bad.example, -1, /, -",
        "https://BAD.example:8443/a/b?c=d#e, https, bad.example, 8443, /a/b, c=d",
        "ftp://u:p@bad.example:21/x?, ftp, bad.example, -1, /x, -",
        "ws://192.0.2.1:1?q, ws, 192.0.2.1, 1, /, q",
        "http://192.0.2.1:65535/a?b?c, http, 192.0.2.1, 65535, /a, b?c",
        "http://[2001:DB8::1]:81/%41?x, http, 2001:db8::1, 81, /A, x",
        "http://[2001:db8::1]/, http, 2001:db8::1, -1, /, -",
      })
  void urlKnowsItsParts(
      String text, String scheme, String host, int port, String path, @Nullable String query) {
    Url url = CyberObservable.url(text);

    assertThat(url.scheme()).isEqualTo(scheme);
    assertThat(url.host()).isEqualTo(host);
    assertThat(url.port()).isEqualTo(port);
    assertThat(url.path()).isEqualTo(path);
    assertThat(url.query()).isEqualTo(query);
    assertThat(url.original()).isEqualTo(text);
    assertThat(url.hostAddress())
        .isEqualTo(Character.isDigit(host.charAt(0)) ? IpNetwork.parse(host) : null);
  }

  @Test
  void canonicalDigestsAndNamesAreNotCopied() {
    String hash = "0a".repeat(16);

    assertThat(CyberObservable.file(hash).value()).isSameAs(hash);
    assertThat(CyberObservable.domainName("az09-_.example").value()).isEqualTo("az09-_.example");
    assertThat(CyberObservable.file(hash.toUpperCase(Locale.ROOT)).value()).isEqualTo(hash);
    assertThat(CyberObservable.file(new StringBuilder(hash)).value()).isEqualTo(hash);
  }

  @Test
  void observablesOfAnotherTypeAreNotEqual() {
    CyberObservable mutex = CyberObservable.mutex("a");

    assertThat(mutex)
        .isEqualTo(CyberObservable.mutex(" a"))
        .hasSameHashCodeAs(CyberObservable.mutex("a"))
        .isNotEqualTo(CyberObservable.mutex("b"))
        .isNotEqualTo(CyberObservable.userAccount("a"))
        .isNotEqualTo("a")
        .hasToString("mutex a");
    assertThat(mutex.hashCode()).isNotEqualTo(CyberObservable.mutex("b").hashCode());
  }

  @Test
  void fileTakesItsValueFromTheStrongestThereIs() {
    File.Builder file = File.builder().path("/tmp/x").size(-7).mimeType("Text/Plain");
    assertThat(file.build().value()).isEqualTo("path:/tmp/x");
    assertThat(file.name("x").build().value()).isEqualTo("name:x");
    assertThat(file.hash(HashAlgorithm.TLSH, "a1".repeat(35)).build().value())
        .isEqualTo("tlsh:T1" + "A1".repeat(35));
    assertThat(file.hash(HashAlgorithm.SSDEEP, "3:a:b").build().value()).isEqualTo("ssdeep:3:a:b");
    assertThat(file.hash(HashAlgorithm.IMPHASH, "a".repeat(32)).build().value())
        .isEqualTo("imphash:" + "a".repeat(32));
    File all = file.hash(HashAlgorithm.MD5, "b".repeat(32)).size(3).build();
    assertThat(all.value()).isEqualTo("b".repeat(32));
    assertThat(all.size()).isEqualTo(3);
    assertThat(all.name()).isEqualTo("x");
    assertThat(all.path()).isEqualTo("/tmp/x");
    assertThat(all.mimeType()).isEqualTo("text/plain");
    assertThat(all.hashes().keySet())
        .containsExactly(
            HashAlgorithm.MD5, HashAlgorithm.IMPHASH, HashAlgorithm.SSDEEP, HashAlgorithm.TLSH);
    assertThat(File.builder().name("x").build().size()).isEqualTo(-1);
  }

  @Test
  void propertiesOfAFileTellItFromAnEqualOne() {
    File plain = CyberObservable.fileName("x");

    assertThat(plain.hasSameProperties(CyberObservable.fileName("x"))).isTrue();
    assertThat(plain.hasSameProperties(File.builder().name("x").size(1).build())).isFalse();
    assertThat(plain.hasSameProperties(File.builder().name("x").path("/x").build())).isFalse();
    assertThat(plain.hasSameProperties(File.builder().name("x").mimeType("a/b").build())).isFalse();
    assertThat(plain.merge(File.builder().name("x").size(1).build()).size()).isEqualTo(1);
    File hashed = CyberObservable.file("a".repeat(40));
    File named = File.builder().hash(HashAlgorithm.SHA1, "a".repeat(40)).name("x").build();
    assertThat(hashed.hasSameProperties(named)).isFalse();
    File more =
        File.builder()
            .hash(HashAlgorithm.SHA1, "a".repeat(40))
            .hash(HashAlgorithm.MD5, "b".repeat(32))
            .build();
    File less =
        File.builder()
            .hash(HashAlgorithm.SHA1, "a".repeat(40))
            .hash(HashAlgorithm.MD5, "a".repeat(32))
            .build();
    assertThat(hashed.hasSameProperties(more)).isFalse();
    assertThat(hashed.merge(more).hashes()).isEqualTo(more.hashes());
    assertThat(more.merge(hashed).hashes()).isEqualTo(more.hashes());
    assertThat(more.merge(less).hashes()).isEqualTo(less.hashes());
    assertThat(less.merge(more).hashes()).isEqualTo(less.hashes());
  }

  @Test
  void certificateNeedsAFingerprintOfItsAlgorithm() {
    assertThatExceptionOfType(InvalidIndicatorException.class)
        .isThrownBy(() -> X509Certificate.of(Map.of()))
        .returns("fingerprint-length", InvalidIndicatorException::reason);
    assertThatExceptionOfType(InvalidIndicatorException.class)
        .isThrownBy(() -> X509Certificate.of(Map.of(HashAlgorithm.SHA1, "a".repeat(32))))
        .returns("fingerprint-length", InvalidIndicatorException::reason);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(
            () ->
                CyberObservable.x509Certificate("a".repeat(40))
                    .hashes()
                    .remove(HashAlgorithm.SHA1));
  }

  @Test
  void partsOfSoftwareAndRegistryKeyAreCanonical() {
    Software software = CyberObservable.software(Software.Fingerprint.JA3S, "A".repeat(32));
    assertThat(software.kind()).isEqualTo(Software.Fingerprint.JA3S);
    assertThat(software.fingerprint()).isEqualTo("a".repeat(32));

    WindowsRegistryKey value = CyberObservable.windowsRegistryKey("hku\\a\\b\\", " n ");
    assertThat(value.hive()).isEqualTo("HKEY_USERS");
    assertThat(value.key()).isEqualTo("a\\b");
    assertThat(value.valueName()).isEqualTo("n");
    assertThat(CyberObservable.windowsRegistryKey("HKU\\a", " ").valueName()).isNull();
    assertThat(CyberObservable.autonomousSystem("AS7").number()).isEqualTo(7);
  }
}
