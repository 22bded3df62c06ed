// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.feed.FeedInfo;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class IndicatorProperties {
  private static final FeedInfo FEED = IndicatorTest.feed("example-list");

  /** Statements about one file, so that any two can be merged. */
  @Provide
  Arbitrary<Indicator> statements() {
    Arbitrary<Instant> times =
        Arbitraries.integers().between(0, 4).map(Instant::ofEpochSecond).injectNull(0.3);
    Arbitrary<String> texts = Arbitraries.of("a", "b", "c").injectNull(0.3);
    Arbitrary<List<String>> lists =
        Arbitraries.integers().between(0, 90).map(i -> "t" + i).list().ofMaxSize(60);
    Arbitrary<CyberObservable> files =
        Combinators.combine(Arbitraries.of("1", "2", ""), texts, Arbitraries.longs().between(-1, 3))
            .as(
                (md5, name, size) -> {
                  File.Builder b =
                      File.builder().hash(HashAlgorithm.SHA256, "a".repeat(64)).size(size);
                  if (!md5.isEmpty()) {
                    b.hash(HashAlgorithm.MD5, md5.repeat(32));
                  }
                  if (name != null) {
                    b.name(name).path("/" + name).mimeType("text/" + name);
                  }
                  return b.build();
                });
    Arbitrary<Indicator> base =
        Combinators.combine(files, times, times, times, times, texts, texts, lists)
            .as(
                (file, first, last, modified, until, text, original, list) -> {
                  Indicator.Builder b =
                      Indicator.builder(file, FEED)
                          .firstSeen(first)
                          .lastSeen(last)
                          .modifiedAt(modified)
                          .validUntil(until)
                          .description(text)
                          .software(original)
                          .provider(text)
                          .original(original)
                          .tags(list);
                  list.forEach(t -> b.reference(t).externalId(t).port(t.hashCode() & 0xff));
                  return b.build();
                });
    return Combinators.combine(
            base,
            Arbitraries.of(Confidence.values()),
            Arbitraries.of(Tlp.values()),
            Arbitraries.longs().between(-2, 3),
            Arbitraries.of("DE", "fr", "x"))
        .as(
            (i, confidence, tlp, sightings, country) ->
                i.toBuilder()
                    .confidence(confidence)
                    .tlp(tlp)
                    .sightings(sightings)
                    .country(country)
                    .build());
  }

  @Property
  void mergeIsAssociative(
      @ForAll("statements") Indicator a,
      @ForAll("statements") Indicator b,
      @ForAll("statements") Indicator c) {
    assertThat(a.merge(b).merge(c)).isEqualTo(a.merge(b.merge(c)));
  }

  @Property
  void mergeIsCommutative(@ForAll("statements") Indicator a, @ForAll("statements") Indicator b) {
    assertThat(a.merge(b)).isEqualTo(b.merge(a)).hasSameHashCodeAs(b.merge(a));
  }

  @Property
  void mergeIsIdempotent(@ForAll("statements") Indicator a, @ForAll("statements") Indicator b) {
    assertThat(a.merge(a)).isEqualTo(a);
    assertThat(a.merge(b).merge(b)).isEqualTo(a.merge(b));
  }

  @Property
  void mergeKeepsTheId(@ForAll("statements") Indicator a, @ForAll("statements") Indicator b) {
    assertThat(a.merge(b).id()).isEqualTo(a.id()).isEqualTo(b.id());
  }

  /** Three observables of one value that know different things. */
  @Provide
  Arbitrary<List<CyberObservable>> equalOnes() {
    Arbitrary<CyberObservable> certificates =
        Combinators.combine(
                Arbitraries.of("1", "2").injectNull(0.3), Arbitraries.of("3", "4").injectNull(0.3))
            .as(
                (sha1, md5) -> {
                  Map<HashAlgorithm, String> hashes = new HashMap<>();
                  hashes.put(HashAlgorithm.SHA256, "a".repeat(64));
                  if (sha1 != null) {
                    hashes.put(HashAlgorithm.SHA1, sha1.repeat(40));
                  }
                  if (md5 != null) {
                    hashes.put(HashAlgorithm.MD5, md5.repeat(32));
                  }
                  return X509Certificate.of(hashes);
                });
    Arbitrary<CyberObservable> urls =
        Arbitraries.of("http://b.example", "HTTP://b.example/", "http://B.example:80/#x")
            .map(CyberObservable::url);
    Arbitrary<CyberObservable> names =
        Arbitraries.of("a", "b")
            .injectNull(0.3)
            .map(
                type -> {
                  File.Builder file = File.builder().name("n");
                  return (type == null ? file : file.mimeType(type).path(type)).build();
                });
    return Arbitraries.oneOf(
        certificates.list().ofSize(3),
        urls.list().ofSize(3),
        names.list().ofSize(3),
        Arbitraries.of(CyberObservable.ip("192.0.2.1")).list().ofSize(3));
  }

  @Property
  void unionOfObservablesIsAssociativeCommutativeAndIdempotent(
      @ForAll("equalOnes") List<CyberObservable> equal) {
    CyberObservable a = equal.get(0);
    CyberObservable b = equal.get(1);
    CyberObservable c = equal.get(2);

    assertThat(a).isEqualTo(b).isEqualTo(c);
    assertThat(a.merge(b).hasSameProperties(b.merge(a))).isTrue();
    assertThat(a.merge(b).merge(c).hasSameProperties(a.merge(b.merge(c)))).isTrue();
    assertThat(a.merge(a).hasSameProperties(a)).isTrue();
    assertThat(a.merge(b).merge(b).hasSameProperties(a.merge(b))).isTrue();
    assertThat(a.merge(b)).isEqualTo(a);
  }

  @Property
  void toBuilderKeepsAllProperties(@ForAll("statements") Indicator a) {
    assertThat(a.toBuilder().build()).isEqualTo(a);
  }

  @Property
  void builderNeverThrowsForText(@ForAll String text) {
    Indicator indicator =
        Indicator.builder(CyberObservable.ip("192.0.2.1"), FEED)
            .description(text)
            .software(text)
            .provider(text)
            .country(text)
            .tag(text)
            .reference(text)
            .externalId(text)
            .original(text)
            .build();

    assertThat(indicator.toBuilder().description(indicator.description().orElse(null)).build())
        .isEqualTo(indicator);
    indicator
        .description()
        .ifPresent(
            d -> {
              assertThat(d).isNotBlank().hasSizeLessThanOrEqualTo(1024);
              assertThat(d.chars()).noneMatch(Character::isISOControl);
            });
  }

  @Property
  void idsAreEqualExactlyWhenFeedTypeAndValueAre(
      @ForAll("observables") CyberObservable a,
      @ForAll("observables") CyberObservable b,
      @ForAll("feeds") FeedInfo feedA,
      @ForAll("feeds") FeedInfo feedB) {
    String idA = Indicator.builder(a, feedA).build().id();
    String idB = Indicator.builder(b, feedB).description("x").build().id();

    assertThat(idA.equals(idB)).isEqualTo(a.equals(b) && feedA.equals(feedB));
    assertThat(idA).matches("[A-Za-z0-9_-]{27}");
  }

  @Provide
  Arbitrary<CyberObservable> observables() {
    return Arbitraries.of(
        CyberObservable.mutex("a"),
        CyberObservable.userAccount("a"),
        CyberObservable.mutex("a\u00e9"),
        CyberObservable.mutex("a-mutex"),
        CyberObservable.ip("192.0.2.1"),
        CyberObservable.ip("192.0.2.0/31"));
  }

  @Provide
  Arbitrary<FeedInfo> feeds() {
    return Arbitraries.of(IndicatorTest.feed("a"), IndicatorTest.feed("a-list"));
  }
}
