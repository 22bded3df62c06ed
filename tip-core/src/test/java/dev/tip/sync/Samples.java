// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.File;
import dev.tip.HashAlgorithm;
import dev.tip.Indicator;
import dev.tip.InvalidIndicatorException;
import dev.tip.IpNetwork;
import dev.tip.Software.Fingerprint;
import dev.tip.Tlp;
import dev.tip.X509Certificate;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.Terms;
import java.net.URI;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Indicators of every type with every property, and the feed they belong to. */
final class Samples {
  static final FeedInfo FEED = feed("example-list").build();

  private Samples() {}

  static FeedInfo.Builder feed(String id) {
    return FeedInfo.builder(id)
        .provider("Example")
        .reference(URI.create("https://feeds.example/"))
        .role(FeedInfo.Role.C2)
        .coverage(FeedInfo.Coverage.SNAPSHOT)
        .confidence(Confidence.MEDIUM)
        .terms(terms(true, true))
        .types(CyberObservable.Type.URL, CyberObservable.Type.values());
  }

  static Terms terms(boolean commercialUse, boolean redistribution) {
    return new Terms(
        "example terms",
        URI.create("https://feeds.example/terms"),
        commercialUse,
        redistribution,
        null);
  }

  static Indicator url(int number) {
    return builder(FEED, number).build();
  }

  static Indicator.Builder builder(FeedInfo feed, int number) {
    return Indicator.builder(
            CyberObservable.url(
                "http://192.0.2."
                    + number % 256
                    + ":"
                    + (1024 + number % 50_000)
                    + "/bin/"
                    + number),
            feed)
        .firstSeen(Instant.ofEpochSecond(1_790_000_000L + number))
        .lastSeen(Instant.ofEpochSecond(1_790_100_000L + number))
        .software("ExampleBot")
        .tags(List.of("elf", "mips", "mozi-" + number % 7))
        .reference("https://feeds.example/url/" + number + "/")
        .externalId(Integer.toString(number))
        .provider("reporter" + number % 100);
  }

  /** Short and long text of all alphabets, lone surrogates too. */
  static Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.strings().ascii().ofMaxLength(40),
        Arbitraries.strings().ofMaxLength(40),
        Arbitraries.of(
            "\ud800", "a\udc00b", "\ud83d\ude00", "\u00e9", "\u0000", "", " ", "\uffff"));
  }

  static Arbitrary<CyberObservable> observables() {
    Arbitrary<Optional<CyberObservable>> any =
        Combinators.combine(Arbitraries.of(FACTORIES), texts(), texts(), Arbitraries.integers())
            .as(
                (factory, a, b, n) -> {
                  try {
                    return Optional.of(factory.make(a, b, n));
                  } catch (InvalidIndicatorException refused) {
                    return Optional.empty();
                  }
                });
    return any.filter(10_000, Optional::isPresent).map(Optional::orElseThrow);
  }

  static Arbitrary<Indicator> indicators() {
    return observables().flatMap(Samples::statements);
  }

  /** Statements about one observable with every combination of properties. */
  static Arbitrary<Indicator> statements(CyberObservable observable) {
    Arbitrary<Instant> times =
        Arbitraries.oneOf(
                Arbitraries.longs()
                    .between(-10_000_000_000L, 10_000_000_000L)
                    .map(Instant::ofEpochSecond),
                Arbitraries.longs().between(0, 4_000_000_000_000L).map(Instant::ofEpochMilli),
                Arbitraries.of(Instant.MIN, Instant.MAX, Instant.EPOCH))
            .injectNull(0.4);
    Arbitrary<Function<Indicator.Builder, Indicator.Builder>> dates =
        Combinators.combine(times, times, times, times)
            .as(
                (first, last, modified, until) ->
                    b -> b.firstSeen(first).lastSeen(last).modifiedAt(modified).validUntil(until));
    Arbitrary<String> text = texts().injectNull(0.4);
    Arbitrary<Function<Indicator.Builder, Indicator.Builder>> words =
        Combinators.combine(text, text, text, text, text)
            .as(
                (description, software, provider, country, original) ->
                    b ->
                        b.description(description)
                            .software(software)
                            .provider(provider)
                            .country(country)
                            .original(original));
    Arbitrary<List<String>> lists = texts().list().ofMaxSize(4);
    Arbitrary<Function<Indicator.Builder, Indicator.Builder>> sets =
        Combinators.combine(
                lists, lists, lists, Arbitraries.integers().between(1, 65_535).list().ofMaxSize(4))
            .as(
                (tags, references, ids, ports) ->
                    b -> {
                      b.tags(tags);
                      references.forEach(b::reference);
                      ids.forEach(b::externalId);
                      ports.forEach(b::port);
                      return b;
                    });
    return Combinators.combine(
            dates,
            words,
            sets,
            Arbitraries.of(Confidence.class),
            Arbitraries.of(Tlp.class),
            Arbitraries.longs().greaterOrEqual(-1))
        .as(
            (d, w, s, confidence, tlp, sightings) ->
                d.andThen(w)
                    .andThen(s)
                    .apply(Indicator.builder(observable, FEED))
                    .confidence(confidence)
                    .tlp(tlp)
                    .sightings(sightings)
                    .build());
  }

  /** Makes an observable of one kind out of noise, or refuses. */
  private interface Factory {
    CyberObservable make(String a, String b, int n);
  }

  private static final List<Factory> FACTORIES =
      List.of(
          (a, b, n) -> CyberObservable.ip(ipv4(n)),
          (a, b, n) -> CyberObservable.ip(IpNetwork.parseMasked(ipv4(n) + "/" + (n & 31))),
          (a, b, n) -> CyberObservable.ip("2001:db8::" + Integer.toHexString(n >>> 16)),
          (a, b, n) ->
              CyberObservable.ip(
                  IpNetwork.parseMasked(
                      "2001:db8:" + Integer.toHexString(n >>> 16) + "::/" + (n & 127))),
          (a, b, n) -> CyberObservable.autonomousSystem("AS" + (1 + (n >>> 1))),
          (a, b, n) -> CyberObservable.domainName("h" + (n >>> 1) + ".example"),
          (a, b, n) -> CyberObservable.url("HTTP://H.example:80/" + (n >>> 1) + "#x"),
          (a, b, n) -> CyberObservable.url("http://h.example/" + a + "?" + b),
          (a, b, n) -> CyberObservable.emailAddr("u" + (n >>> 1) + "@h.example"),
          (a, b, n) -> CyberObservable.file(HashAlgorithm.MD5, hex(n, 32)),
          (a, b, n) -> CyberObservable.file(HashAlgorithm.SHA512, hex(n, 128)),
          (a, b, n) -> CyberObservable.file(HashAlgorithm.IMPHASH, hex(n, 32)),
          (a, b, n) ->
              File.builder()
                  .hash(HashAlgorithm.SHA256, hex(n, 64))
                  .hash(HashAlgorithm.SHA1, hex(n, 40))
                  .hash(HashAlgorithm.MD5, hex(n, 32))
                  .name("f" + a)
                  .path("/tmp/" + b)
                  .size(n >>> 1)
                  .mimeType("application/x-executable")
                  .build(),
          (a, b, n) -> File.builder().hash(HashAlgorithm.SHA256, hex(n, 64)).size(n >>> 1).build(),
          (a, b, n) -> CyberObservable.fileName("f" + a),
          (a, b, n) -> File.builder().path("/tmp/" + a).build(),
          (a, b, n) -> File.builder().name("f" + a).path("/tmp/" + b).build(),
          (a, b, n) -> CyberObservable.x509Certificate(hex(n, 40)),
          (a, b, n) -> {
            Map<HashAlgorithm, String> hashes = new EnumMap<>(HashAlgorithm.class);
            hashes.put(HashAlgorithm.SHA256, hex(n, 64));
            hashes.put(HashAlgorithm.SHA1, hex(n, 40));
            return X509Certificate.of(hashes);
          },
          (a, b, n) -> CyberObservable.software(Fingerprint.JA3, hex(n, 32)),
          (a, b, n) -> CyberObservable.software(Fingerprint.JA3S, hex(n, 32)),
          (a, b, n) -> CyberObservable.windowsRegistryKey("HKLM\\Software\\" + a, null),
          (a, b, n) -> CyberObservable.windowsRegistryKey("HKCU\\Software\\" + a, b),
          (a, b, n) -> CyberObservable.mutex("m" + a),
          (a, b, n) -> CyberObservable.userAccount("u" + a),
          (a, b, n) -> CyberObservable.macAddr("00-00-5E-00-53-" + hex(n, 2)));

  private static String ipv4(int n) {
    return "198.51." + (n >>> 24) + "." + (n >>> 16 & 0xff);
  }

  private static String hex(int n, int digits) {
    String eight = String.format("%08x", n);
    return eight.repeat(digits / 8 + 1).substring(0, digits);
  }
}
