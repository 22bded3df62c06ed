// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable.Type;
import dev.tip.Software.Fingerprint;
import java.util.Locale;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class CyberObservableProperties {
  /** Text near the border of what is accepted, and text far from it. */
  @Provide
  Arbitrary<String> hostile() {
    Arbitrary<String> near =
        Arbitraries.of(
                "http://",
                "HTTPS://",
                "ftp:",
                "a",
                "B",
                "example",
                ".",
                "..",
                ":",
                "::",
                "/",
                "//",
                "?",
                "#",
                "@",
                "[",
                "]",
                "%",
                "%2f",
                "%25",
                "%zz",
                "\\",
                "\\\\",
                "HKLM",
                "1",
                "255",
                "256",
                "0",
                "01",
                "0x",
                "AS",
                "ffff",
                "-",
                "_",
                "xn--",
                "\u00df",
                "\u200d",
                "\u3002",
                "\uff0e",
                "\u0130",
                "\ud800",
                "\udc00",
                "\ud83d\ude00",
                "\u0000",
                "\n",
                " ",
                "\u00a0",
                "\u2028",
                "\u0661",
                "name:",
                "path:",
                "ja3:",
                "ja4:",
                "imphash:",
                "ssdeep:",
                "tlsh:T1",
                "d41d8cd98f00b204e9800998ecf8427e",
                "\u00e9",
                "e\u0301")
            .list()
            .ofMaxSize(12)
            .map(parts -> String.join("", parts));
    return Arbitraries.oneOf(near, Arbitraries.strings().ofMaxLength(300));
  }

  @Provide
  Arbitrary<Function<String, CyberObservable>> factories() {
    return Arbitraries.of(
        CyberObservable::ip,
        t -> CyberObservable.ip(IpNetwork.parseMasked(t)),
        CyberObservable::autonomousSystem,
        CyberObservable::domainName,
        CyberObservable::url,
        t -> CyberObservable.url("http://h.example/" + t),
        t -> CyberObservable.url("http://h.example/?" + t),
        t -> CyberObservable.url("http://" + t + ".example/"),
        CyberObservable::emailAddr,
        CyberObservable::file,
        CyberObservable::fileName,
        t -> File.builder().path(t).build(),
        t -> CyberObservable.file(HashAlgorithm.SSDEEP, t),
        t -> CyberObservable.file(HashAlgorithm.TLSH, t),
        CyberObservable::x509Certificate,
        t -> CyberObservable.software(Fingerprint.JA3, t),
        t -> CyberObservable.software(Fingerprint.JA4, t),
        t -> CyberObservable.windowsRegistryKey("HKLM\\" + t, null),
        t -> CyberObservable.windowsRegistryKey("HKLM\\Software", t),
        CyberObservable::mutex,
        CyberObservable::userAccount,
        CyberObservable::macAddr);
  }

  @Property(tries = 20_000)
  void anyTextGivesARoundTrippingObservableOrTheOneException(
      @ForAll("hostile") String text,
      @ForAll("factories") Function<String, CyberObservable> factory) {
    CyberObservable observable;
    try {
      observable = factory.apply(text);
    } catch (InvalidIndicatorException e) {
      assertThat(e.reason()).matches("[a-z0-9]+(-[a-z0-9]+)+");
      return;
    }
    CyberObservable again = CyberObservable.parse(observable.type(), observable.value());
    assertThat(again).isEqualTo(observable).hasSameHashCodeAs(observable);
    assertThat(again.value()).isEqualTo(observable.value());
  }

  @Property(tries = 5_000)
  void parseReadsOnlyCanonicalValues(@ForAll Type type, @ForAll("hostile") String text) {
    try {
      assertThat(CyberObservable.parse(type, text).value()).isEqualTo(text);
    } catch (InvalidIndicatorException e) {
      assertThat(e.getStackTrace()).isEmpty();
    }
  }

  @Property
  void aHostNameIsTheSameInAnyLetterCaseAndLocale(@ForAll("names") String name) {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("tr"));
      CyberObservable upper = CyberObservable.domainName(name.toUpperCase(Locale.ROOT));

      assertThat(upper)
          .isEqualTo(CyberObservable.domainName(name))
          .extracting("value")
          .isEqualTo(name);
      assertThat(CyberObservable.url("HTTP://" + name.toUpperCase(Locale.ROOT) + "/I"))
          .isEqualTo(CyberObservable.url("http://" + name + "/I"));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Provide
  Arbitrary<String> names() {
    Arbitrary<String> label =
        Arbitraries.strings().withCharRange('a', 'z').numeric().ofMinLength(1).ofMaxLength(20);
    return label.list().ofMinSize(1).ofMaxSize(4).map(l -> String.join(".", l) + ".info");
  }
}
