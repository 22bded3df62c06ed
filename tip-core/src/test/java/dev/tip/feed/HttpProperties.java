// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;

/** What headers say, and states that come back, is anyone's. */
class HttpProperties {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final URI ASKED = URI.create("https://list.example/a/b?c=d");
  private static final Duration DAY = Duration.ofDays(1);

  // Retry-After

  @Property
  void waitIsWithinADayWhateverIsSaid(@ForAll String value) {
    assertThat(RetryAfter.parse(value, NOW)).isBetween(NOW, NOW.plus(DAY));
  }

  @Property
  void secondsAreKept(@ForAll @LongRange(min = 0, max = 86_400) long seconds) {
    assertThat(RetryAfter.parse(" " + seconds, NOW)).isEqualTo(NOW.plusSeconds(seconds));
  }

  @Property
  void anyNumberIsCutToADay(@ForAll @LongRange(min = 86_400) long seconds) {
    assertThat(RetryAfter.parse(String.valueOf(seconds), NOW)).isEqualTo(NOW.plus(DAY));
  }

  @Property
  void dateIsKept(@ForAll @IntRange(max = 86_400) int seconds) {
    Instant at = NOW.plusSeconds(seconds);
    String date =
        DateTimeFormatter.RFC_1123_DATE_TIME
            .withLocale(Locale.ROOT)
            .format(at.atOffset(ZoneOffset.UTC));

    assertThat(RetryAfter.parse(date, NOW)).isEqualTo(at);
  }

  // Location

  @Provide
  Arbitrary<String> locations() {
    Arbitrary<String> parts =
        Arbitraries.of(
            "http:",
            "https:",
            "ftp:",
            "file:",
            "javascript:",
            "data:",
            "//",
            "/",
            "\\",
            "..",
            "?",
            "#",
            "@",
            ":",
            ":99999",
            ":0",
            ":80",
            "host.example",
            "127.0.0.1",
            "[::1]",
            "[",
            "user:pw",
            "%2f",
            "%",
            " ",
            "\t",
            "\u00e9",
            "_",
            "a",
            "b");
    return Arbitraries.oneOf(
        parts.list().ofMaxSize(8).map(list -> String.join("", list)), Arbitraries.strings());
  }

  @Property(tries = 3000)
  void redirectNeverLeavesHttp(@ForAll("locations") String location, @ForAll boolean plainHttp) {
    URI target = Addresses.resolve(ASKED, location);
    if (target == null || Addresses.objection(target, plainHttp) != null) {
      return;
    }

    assertThat(target.getScheme().toLowerCase(Locale.ROOT))
        .isIn(plainHttp ? List.of("http", "https") : List.of("https"));
    assertThat(target.getHost()).isNotEmpty();
    assertThat(target.getRawUserInfo()).isNull();
    assertThat(target.getRawFragment()).isNull();
    assertThat(target.getPort()).isBetween(-1, 65_535);
    assertThat(Addresses.name(target)).isNotEmpty();
    assertThat(Addresses.origin(target)).startsWith("http");
    assertThat(HttpRequest.newBuilder(target).build().uri()).isEqualTo(target);
  }

  // Secret

  @Property
  void secretIsSeenHoweverItIsEncoded(@ForAll("secrets") String value) {
    Secret secret = new Secret(value);
    String encoded = secret.expand("https://list.example/{secret}", "{secret}").toString();
    String lower = encoded.replace("%2B", "%2b").replace("%2F", "%2f");

    assertThat(secret.isIn("x" + value + "y")).isTrue();
    assertThat(secret.isIn(encoded)).isTrue();
    assertThat(secret.isIn(lower)).isTrue();
    assertThat(secret.isIn(new IllegalStateException("a", new IllegalStateException(value))))
        .isTrue();
    assertThat(secret.toString()).isEqualTo("Secret");
  }

  @Provide
  Arbitrary<String> secrets() {
    return Arbitraries.strings().withCharRange('!', '~').ofMinLength(8).ofMaxLength(40);
  }

  @Property
  void secretStaysInThePathAndComesOutAsItWentIn(@ForAll @NotEmpty String value) {
    URI address = new Secret(value).expand("https://list.example/{secret}/all", "{secret}");

    assertThat(Addresses.origin(address)).isEqualTo("https://list.example:443");
    assertThat(address.getRawQuery()).isNull();
    assertThat(address.getRawPath().chars().filter(c -> c == '/').count()).isEqualTo(2);
    assertThat(address.getRawPath().substring(1))
        .isEqualTo(
            URLEncoder.encode(value, StandardCharsets.UTF_8)
                    .replace("+", "%20")
                    .replace("*", "%2A")
                    .replace("%7E", "~")
                + "/all");
  }

  // State

  @Property
  void stateHoldsWhatItIsGiven(@ForAll @Size(max = 10) Map<String, String> values) {
    FetchState state = FetchState.of(values);

    assertThat(state.asMap()).isEqualTo(values);
    assertThat(FetchState.of(state.asMap())).isEqualTo(state).hasSameHashCodeAs(state);
    values.keySet().forEach(key -> assertThat(state.get(key)).contains(values.get(key)));
  }

  @Property
  void stateIsBounded(@ForAll @IntRange(min = 65_530, max = 65_540) int length) {
    Map<String, String> values = Map.of("key", "x".repeat(length - 3));
    if (length <= FetchState.MAX_BYTES) {
      assertThat(FetchState.of(values).asMap()).isEqualTo(values);
    } else {
      assertThatIllegalArgumentException().isThrownBy(() -> FetchState.of(values));
    }
  }

  @Provide
  Arbitrary<String> headerTexts() {
    return Arbitraries.strings().withCharRange(' ', '~').ofMinLength(1).ofMaxLength(60);
  }

  @Property
  void whatIsRememberedComesBack(
      @ForAll("headerTexts") String etag,
      @ForAll("headerTexts") String date,
      @ForAll @LongRange(min = 0, max = 4_000_000_000_000L) long millis) {
    HttpHeaders headers =
        HttpHeaders.of(
            Map.of("ETag", List.of(etag), "Last-Modified", List.of(date)), (name, value) -> true);
    LastFetch fetch = LastFetch.of(headers, "https://a/", Instant.ofEpochMilli(millis), null);

    assertThat(LastFetch.of(fetch.toState(), "https://a/")).isEqualTo(fetch);
    assertThat(LastFetch.of(fetch.toState(), "https://b/")).isNull();
  }

  @Property
  void anyStateMakesHeadersThatCanBeSent(
      @ForAll String at, @ForAll String etag, @ForAll String date) {
    FetchState state =
        FetchState.of(
            Map.of(
                "location", "https://a/", "fetched-at", at, "etag", etag, "last-modified", date));
    LastFetch fetch = LastFetch.of(state, "https://a/");

    assertThat(fetch).isNotNull();
    fetch
        .conditions()
        .forEach((name, value) -> HttpRequest.newBuilder(ASKED).header(name, value).build());
    assertThat(fetch.dueAt(Duration.ofDays(1), NOW)).isNull();
  }

  @Property
  void nextRequestIsDueWhenTheIntervalHasPassed(
      @ForAll @IntRange(max = 100_000) int since, @ForAll @IntRange(max = 100_000) int interval) {
    LastFetch fetch = new LastFetch("https://a/", NOW.minusSeconds(since), null, null);

    Instant due = fetch.dueAt(Duration.ofSeconds(interval), NOW);

    if (since < interval) {
      assertThat(due).isEqualTo(NOW.plusSeconds(interval - since));
    } else {
      assertThat(due).isNull();
    }
  }
}
