// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable.Type;
import dev.tip.Software.Fingerprint;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
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

  /** Text that every reader of the type should take, as different feeds write it. */
  @Provide
  Arbitrary<Map.Entry<Type, String>> wellMeant() {
    Arbitrary<String> label =
        Arbitraries.strings()
            .withCharRange('a', 'z')
            .withChars('A', 'Z', '9')
            .ofMinLength(1)
            .ofMaxLength(63);
    Arbitrary<String> host =
        label.list().ofMinSize(1).ofMaxSize(3).map(l -> String.join(".", l) + ".Example");
    Arbitrary<String> byteText = Arbitraries.integers().between(0, 255).map(String::valueOf);
    Arbitrary<String> ipv4 = byteText.list().ofSize(4).map(l -> String.join(".", l));
    Arbitrary<String> ipv6 =
        Arbitraries.integers()
            .between(1, 0xffff)
            .map(Integer::toHexString)
            .list()
            .ofMinSize(1)
            .ofMaxSize(6)
            .map(l -> "2001:" + String.join(":", l) + "::");
    Arbitrary<String> text =
        Arbitraries.strings()
            .withCharRange('!', '~')
            .withChars('\u00e9', '\u4e2d')
            .ofMinLength(1)
            .ofMaxLength(60);
    Arbitrary<String> path =
        Arbitraries.strings()
            .withCharRange(' ', '~')
            .withChars('\u00e9')
            .ofMaxLength(60)
            .map(t -> t.replace("\\", "/"));
    return Arbitraries.oneOf(
        entry(Type.IPV4_ADDR, ipv4),
        entry(Type.IPV4_ADDR, ipv4.map(t -> "::ffff:" + t)),
        entry(Type.IPV6_ADDR, ipv6),
        entry(
            Type.AUTONOMOUS_SYSTEM,
            Arbitraries.longs().between(1, 0xffff_ffffL).map(n -> "As" + n)),
        entry(Type.DOMAIN_NAME, host),
        entry(Type.DOMAIN_NAME, host.map(h -> "b\u00fc." + h + ".")),
        entry(
            Type.URL,
            Combinators.combine(host, path).as((h, p) -> "HTTP://u:p@" + h + ":8080/" + p)),
        entry(Type.URL, Combinators.combine(ipv4, path).as((h, p) -> "https://" + h + "/?" + p)),
        entry(Type.EMAIL_ADDR, Combinators.combine(label, host).as((l, h) -> l + "@" + h)),
        entry(Type.FILE, hex(32)),
        entry(Type.FILE, hex(40)),
        entry(Type.FILE, hex(64)),
        entry(Type.FILE, hex(128)),
        entry(Type.FILE, text.map(t -> "name:" + t)),
        entry(Type.X509_CERTIFICATE, hex(40)),
        entry(Type.X509_CERTIFICATE, hex(64).map(t -> t.replaceAll("..(?!$)", "$0:"))),
        entry(Type.SOFTWARE, hex(32).map(t -> "ja3:" + t)),
        entry(
            Type.SOFTWARE,
            hex(24).map(t -> "ja4:t13d0210h2_" + t.substring(0, 12) + "_" + t.substring(12))),
        entry(Type.WINDOWS_REGISTRY_KEY, label.map(l -> "hklm\\Software\\" + l + "\\")),
        entry(Type.MUTEX, text),
        entry(Type.USER_ACCOUNT, text),
        entry(Type.MAC_ADDR, hex(12).map(t -> t.replaceAll("..(?!$)", "$0:"))));
  }

  private static Arbitrary<Map.Entry<Type, String>> entry(Type type, Arbitrary<String> text) {
    return text.map(t -> Map.entry(type, t));
  }

  private static Arbitrary<String> hex(int digits) {
    return Arbitraries.strings().withChars("0123456789abcdefABCDEF").ofLength(digits);
  }

  @Property(tries = 3_000)
  void wellMeantTextIsTakenAndItsCanonicalFormStays(
      @ForAll("wellMeant") Map.Entry<Type, String> input) {
    Type type = input.getKey();

    CyberObservable once = NormalisationVectorsTest.observable(type, input.getValue());

    assertThat(once.type()).isEqualTo(type);
    CyberObservable twice = NormalisationVectorsTest.observable(type, once.value());
    assertThat(twice.value()).isEqualTo(once.value());
    assertThat(CyberObservable.parse(type, once.value())).isEqualTo(once).hasSameHashCodeAs(once);
  }

  @Property(tries = 6_000)
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

  @Property(tries = 3_000)
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
