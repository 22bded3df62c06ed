// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.feed.FeedInfo;
import dev.tip.feed.Terms;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class IndicatorTest {
  private static final CyberObservable ADDRESS = CyberObservable.ip("192.0.2.1");

  static FeedInfo feed(String id) {
    return FeedInfo.builder(id)
        .provider("Example")
        .reference(URI.create("https://list.example/"))
        .confidence(Confidence.MEDIUM)
        .role(FeedInfo.Role.C2)
        .coverage(FeedInfo.Coverage.SNAPSHOT)
        .terms(new Terms("CC0", URI.create("https://list.example/terms"), true, true, null))
        .types(CyberObservable.Type.IPV4_ADDR)
        .build();
  }

  private static Indicator.Builder builder() {
    return Indicator.builder(ADDRESS, feed("example-list"));
  }

  @Test
  void idIsTheHashOfFeedTypeAndValue() throws Exception {
    java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
    for (String field : List.of("example-list", "ipv4-addr", "192.0.2.1")) {
      byte[] utf8 = field.getBytes(StandardCharsets.UTF_8);
      bytes.write(new byte[] {0, 0, 0, (byte) utf8.length});
      bytes.write(utf8);
    }
    byte[] hash = java.security.MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray());

    assertThat(builder().build().id())
        .isEqualTo(
            java.util.Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Arrays.copyOf(hash, 20)));
  }

  @Test
  void defaultsComeFromTheFeed() {
    Indicator indicator = builder().confidence(null).tlp(null).build();

    assertThat(indicator.confidence()).isEqualTo(Confidence.MEDIUM);
    assertThat(indicator.tlp()).isEqualTo(indicator.feed().tlp());
    assertThat(indicator.sightings()).isEmpty();
    assertThat(indicator).hasToString("example-list ipv4-addr 192.0.2.1");
  }

  @Test
  void textIsTrimmedAndFreedOfControls() {
    Indicator indicator =
        builder()
            .description(" a\nb\u0000 ")
            .software(" \t")
            .country(" de ")
            .provider(null)
            .build();

    assertThat(indicator.description()).contains("a b");
    assertThat(indicator.software()).isEmpty();
    assertThat(indicator.provider()).isEmpty();
    assertThat(indicator.country()).contains("DE");
    assertThat(builder().country("Germany").build().country()).isEmpty();
    assertThat(builder().country("d1").build().country()).isEmpty();
    assertThat(builder().description("\ud800x").build().description()).contains("\ufffdx");
  }

  @Test
  void textIsCutAtItsLimitButNotWithinAPair() {
    assertThat(builder().description("a".repeat(1024)).build().description().orElseThrow())
        .hasSize(1024);
    assertThat(builder().description("a".repeat(1025)).build().description().orElseThrow())
        .hasSize(1024);
    assertThat(
            builder().software("a".repeat(255) + "\ud83d\ude00").build().software().orElseThrow())
        .isEqualTo("a".repeat(255));
    assertThat(builder().original("a".repeat(32_769)).build().original().orElseThrow())
        .hasSize(32_768);
    assertThat(builder().original(" \n").build().original()).contains(" \n");
  }

  @Test
  void listsAreSortedUniqueAndBounded() {
    List<String> tags = new ArrayList<>();
    for (int i = 99; i >= 0; i--) {
      tags.add(String.format(java.util.Locale.ROOT, "%02d", i));
    }
    tags.add(null);
    Indicator indicator =
        builder().tags(tags).tag("00").tag(" ").port(80).port(22).port(80).build();

    assertThat(indicator.tags()).hasSize(64).startsWith("00", "01").endsWith("63");
    assertThat(indicator.ports()).containsExactly(22, 80);
    assertThat(builder().port(0).port(65_536).port(-1).build().ports()).isEmpty();
    assertThat(builder().port(1).port(65_535).build().ports()).containsExactly(1, 65_535);
  }

  @Test
  void mergeTakesTheUnion() {
    Instant early = Instant.ofEpochSecond(1);
    Instant late = Instant.ofEpochSecond(2);
    Indicator a =
        builder()
            .confidence(Confidence.LOW)
            .tlp(Tlp.AMBER)
            .firstSeen(early)
            .lastSeen(early)
            .modifiedAt(early)
            .validUntil(early)
            .description("a")
            .sightings(1)
            .tag("x")
            .build();
    Indicator b =
        builder()
            .confidence(Confidence.HIGH)
            .tlp(Tlp.GREEN)
            .firstSeen(late)
            .lastSeen(late)
            .modifiedAt(late)
            .validUntil(late)
            .description("b")
            .sightings(2)
            .tag("y")
            .build();

    Indicator merged = a.merge(b);

    assertThat(merged.confidence()).isEqualTo(Confidence.HIGH);
    assertThat(merged.tlp()).isEqualTo(Tlp.AMBER);
    assertThat(merged.firstSeen()).contains(early);
    assertThat(merged.lastSeen()).contains(late);
    assertThat(merged.modifiedAt()).contains(late);
    assertThat(merged.validUntil()).contains(late);
    assertThat(merged.description()).contains("a");
    assertThat(merged.sightings()).hasValue(2);
    assertThat(merged.tags()).containsExactly("x", "y");
    assertThat(a.merge(builder().build()).validUntil()).isEmpty();
    assertThat(a.merge(builder().build()).firstSeen()).contains(early);
  }

  @Test
  void mergeKeepsWhatOnlyOneSays() {
    Indicator said =
        builder()
            .lastSeen(Instant.EPOCH)
            .modifiedAt(Instant.EPOCH)
            .provider("p")
            .software("s")
            .country("DE")
            .reference("r")
            .externalId("e")
            .port(80)
            .tag("t")
            .original("o")
            .build();
    Indicator silent = builder().build();

    for (Indicator merged : List.of(said.merge(silent), silent.merge(said))) {
      assertThat(merged).isEqualTo(said).hasSameHashCodeAs(said).isNotEqualTo(silent);
      assertThat(merged.observable()).isEqualTo(ADDRESS);
      assertThat(merged.lastSeen()).contains(Instant.EPOCH);
      assertThat(merged.modifiedAt()).contains(Instant.EPOCH);
      assertThat(merged.provider()).contains("p");
      assertThat(merged.software()).contains("s");
      assertThat(merged.country()).contains("DE");
      assertThat(merged.references()).containsExactly("r");
      assertThat(merged.externalIds()).containsExactly("e");
      assertThat(merged.ports()).containsExactly(80);
      assertThat(merged.tags()).containsExactly("t");
      assertThat(merged.original()).contains("o");
    }
    Instant later = Instant.ofEpochSecond(5);
    Indicator first = builder().firstSeen(Instant.EPOCH).lastSeen(later).build();
    Indicator second = builder().firstSeen(later).lastSeen(Instant.EPOCH).build();
    assertThat(first.merge(second)).isEqualTo(second.merge(first)).isEqualTo(first);
  }

  @Test
  void everyPropertyTellsIndicatorsApart() {
    Indicator plain = builder().build();

    assertThat(
            List.of(
                builder().confidence(Confidence.LOW).build(),
                builder().tlp(Tlp.RED).build(),
                builder().firstSeen(Instant.EPOCH).build(),
                builder().lastSeen(Instant.EPOCH).build(),
                builder().modifiedAt(Instant.EPOCH).build(),
                builder().validUntil(Instant.EPOCH).build(),
                builder().description("x").build(),
                builder().software("x").build(),
                builder().provider("x").build(),
                builder().country("DE").build(),
                builder().sightings(0).build(),
                builder().port(1).build(),
                builder().reference("x").build(),
                builder().tag("x").build(),
                builder().externalId("x").build(),
                builder().original("x").build(),
                Indicator.builder(ADDRESS, feed("other")).build(),
                Indicator.builder(CyberObservable.ip("192.0.2.2"), feed("example-list")).build()))
        .allSatisfy(
            other -> {
              assertThat(other).isNotEqualTo(plain);
              assertThat(other.toBuilder().build()).isEqualTo(other).hasSameHashCodeAs(other);
            })
        .doesNotHaveDuplicates();
    assertThat(plain).isEqualTo(builder().build()).isNotEqualTo("x");
    assertThat(plain.hashCode()).isNotEqualTo(builder().tag("x").build().hashCode());
  }

  @Test
  void mergeKeepsTheLesserOriginalUrlAndAllFingerprints() {
    FeedInfo feed = feed("example-list");
    Indicator upper = Indicator.builder(CyberObservable.url("HTTP://bad.example"), feed).build();
    Indicator lower = Indicator.builder(CyberObservable.url("http://bad.example/"), feed).build();
    assertThat(upper).isNotEqualTo(lower);
    assertThat(upper.merge(lower)).isEqualTo(lower.merge(upper)).isEqualTo(upper);

    String sha1 = "a".repeat(40);
    Indicator one = Indicator.builder(CyberObservable.x509Certificate(sha1), feed).build();
    Indicator two =
        Indicator.builder(
                X509Certificate.of(
                    java.util.Map.of(HashAlgorithm.SHA1, sha1, HashAlgorithm.MD5, "b".repeat(32))),
                feed)
            .build();
    assertThat(one.merge(two)).isEqualTo(two).isNotEqualTo(one);
  }

  @Test
  void mergeRefusesAnotherFeedOrObservable() {
    Indicator a = builder().build();
    Indicator otherFeed = Indicator.builder(ADDRESS, feed("other")).build();
    Indicator otherValue =
        Indicator.builder(CyberObservable.ip("192.0.2.2"), feed("example-list")).build();

    assertThatThrownBy(() -> a.merge(otherFeed)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> a.merge(otherValue)).isInstanceOf(IllegalArgumentException.class);
  }
}
