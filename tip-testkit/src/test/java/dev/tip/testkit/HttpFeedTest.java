// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tip.Confidence;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.HttpFeed;
import dev.tip.feed.Terms;
import dev.tip.feed.Transfer;
import dev.tip.feed.Usage;
import dev.tip.testkit.FeedOrigin.Reply;
import dev.tip.testkit.FeedOrigin.Request;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked, when, and what becomes of the answer's head. */
class HttpFeedTest extends HttpFeedTestCase {
  private static final String ETAG = "W/\"a, b;=\"";
  private static final String MODIFIED = "Thu, 01 Jan 2026 00:00:00 GMT";
  private static final Reply VALIDATED =
      Reply.ok(LIST).header("ETag", ETAG).header("Last-Modified", MODIFIED);

  private Request lastRequest() {
    return origin.requests().get(origin.requests().size() - 1);
  }

  @Test
  void listIsRead() throws Exception {
    assertThat(names(Reply.ok(LIST))).isEqualTo(Names.RECORDS);
  }

  @Test
  void requestSaysWhoAsksAndForWhat() throws Exception {
    origin.on(PATH, Reply.ok(LIST));
    names(
        builder().header("Accept", "text/plain").build(),
        context().userAgent("example/1 (soc@host.example)").build());

    Request request = lastRequest();
    assertThat(request.method()).isEqualTo("GET");
    assertThat(request.header("User-Agent")).contains("example/1 (soc@host.example)");
    assertThat(request.header("Accept-Encoding")).contains("gzip");
    assertThat(request.header("Accept")).contains("text/plain");
    assertThat(request.header("Auth-Key")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "tip\r\nX-Other: 1", "tip\u0000"})
  void userAgentThatIsNoHeaderIsRefused(String userAgent) {
    FetchContext.Builder context = FetchContext.builder(Usage.NON_COMMERCIAL);

    assertThatIllegalArgumentException().isThrownBy(() -> context.userAgent(userAgent));
  }

  @Test
  void userAgentIsSentUnlessTheHostSetsOne() throws Exception {
    names(Reply.ok(LIST));

    assertThat(lastRequest().header("User-Agent"))
        .hasValueSatisfying(v -> assertThat(v).startsWith("tip/"));
  }

  @Test
  void secretIsSentInItsHeaderOnly() throws Exception {
    origin.on(PATH, Reply.ok(LIST));
    names(keyedFeed(), context().build());

    Request request = lastRequest();
    assertThat(request.header("Auth-Key")).contains(SECRET);
    assertThat(request.path()).isEqualTo(PATH);
  }

  @Test
  void secretIsEncodedIntoTheKeyedAddress() throws Exception {
    origin.on("/v2/k3y%20of%2Bexample%2F0/list?k=k3y%20of%2Bexample%2F0", Reply.ok(LIST));
    HttpFeed feed =
        Names.feed(Names.keyed(), address())
            .keyedLocation(origin.uri("/v2/") + "{secret}/list?k={secret}")
            .build();

    assertThat(names(feed, context().build())).isEqualTo(Names.RECORDS);
  }

  @Test
  void validatorsComeBackAsTheyCame() throws Exception {
    origin.on(PATH, VALIDATED);
    FetchState state = stateAfter(feed(), context().build(), null);
    assertThat(lastRequest().header("If-None-Match")).isEmpty();
    assertThat(lastRequest().header("If-Modified-Since")).isEmpty();

    stateAfter(feed(), context(MUCH_LATER).build(), state);

    assertThat(lastRequest().header("If-None-Match")).contains(ETAG);
    assertThat(lastRequest().header("If-Modified-Since")).contains(MODIFIED);
  }

  @Test
  void notModifiedKeepsTheValidatorsItDoesNotRepeat() throws Exception {
    origin.on(PATH, VALIDATED.conditional());
    FetchState first = stateAfter(feed(), context().build(), null);

    try (FetchResult result = feed().fetch(context(MUCH_LATER).build(), first)) {
      assertThat(result).isInstanceOf(FetchResult.NotModified.class);
      assertThat(result.transfer()).isEqualTo(new Transfer(1, 0, 0));
      assertThat(result.state().asMap())
          .containsEntry("etag", ETAG)
          .containsEntry("last-modified", MODIFIED)
          .containsEntry("fetched-at", MUCH_LATER.toString());
    }
  }

  @Test
  void notModifiedWithoutConditionIsNoAnswer() {
    FeedException e = failure(Reply.status(304));

    assertThat(e.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
    assertThat(e).hasMessageContaining("304");
  }

  @Test
  void validatorsOfAnotherAddressAreNotSent() throws Exception {
    origin.on(PATH, VALIDATED).on("/other", VALIDATED);
    FetchState other =
        stateAfter(Names.feed(Names.info(), origin.uri("/other")).build(), context().build(), null);

    stateAfter(feed(), context().build(), other);

    assertThat(lastRequest().header("If-None-Match")).isEmpty();
  }

  @Test
  void newListWithoutValidatorForgetsTheOldOne() throws Exception {
    origin.on(PATH, VALIDATED, Reply.ok(LIST));
    FetchState first = stateAfter(feed(), context().build(), null);

    FetchState second = stateAfter(feed(), context(MUCH_LATER).build(), first);

    assertThat(second.asMap()).containsOnlyKeys("location", "fetched-at");
  }

  @ParameterizedTest
  @CsvSource({"'a\r\nX-Evil: 1'", "'ä'", "'   '"})
  void validatorThatNoHeaderCarriesIsLeftOut(String etag) throws Exception {
    origin.on(PATH, Reply.ok(LIST));
    FetchState state = FetchState.of(Map.of("location", address().toString(), "etag", etag));

    stateAfter(feed(), context().build(), state);

    assertThat(lastRequest().header("If-None-Match")).isEmpty();
    assertThat(lastRequest().header("X-Evil")).isEmpty();
  }

  @Test
  void nothingIsAskedBeforeTheIntervalHasPassed() throws Exception {
    origin.on(PATH, VALIDATED);
    HttpFeed feed = Names.feed(Names.info().minInterval(Duration.ofHours(6)), address()).build();
    FetchState state = stateAfter(feed, context().build(), null);
    Instant due = NOW.plus(Duration.ofHours(6));

    FeedException early =
        failure(() -> stateAfter(feed, context(due.minusMillis(1)).build(), state));

    assertThat(early.outcome()).isEqualTo(FeedOutcome.NOT_DUE);
    assertThat(early.outcome().isHealthy()).isTrue();
    assertThat(early.retryAt()).contains(due);
    assertThat(early.transfer()).contains(Transfer.NONE);
    assertThat(origin.requests()).hasSize(1);
    stateAfter(feed, context(due).build(), state);
    assertThat(origin.requests()).hasSize(2);
  }

  @Test
  void notModifiedCountsForTheInterval() throws Exception {
    origin.on(PATH, VALIDATED.conditional());
    FetchState first = stateAfter(feed(), context().build(), null);
    FetchState second = stateAfter(feed(), context(MUCH_LATER).build(), first);

    assertThat(failure(() -> stateAfter(feed(), context(MUCH_LATER).build(), second)).outcome())
        .isEqualTo(FeedOutcome.NOT_DUE);
  }

  @Test
  void clockThatWasSetBackDoesNotStopAFeed() throws Exception {
    origin.on(PATH, VALIDATED);
    FetchState state = stateAfter(feed(), context(MUCH_LATER).build(), null);

    stateAfter(feed(), context(NOW).build(), state);

    assertThat(origin.requests()).hasSize(2);
  }

  @Test
  void retiredFeedIsNotAsked() {
    FeedInfo.Builder info =
        Names.info().status(FeedInfo.Status.RETIRED, null, "see example-other instead");

    FeedException e = failure(Names.feed(info, address()).build(), context().build());

    assertThat(e.outcome()).isEqualTo(FeedOutcome.RETIRED);
    assertThat(e).hasMessageContaining("see example-other instead");
    assertThat(origin.requests()).isEmpty();
  }

  @Test
  void termsAreKept() throws Exception {
    origin.on(PATH, Reply.ok(LIST));
    HttpFeed feed =
        Names.feed(
                Names.info().terms(new Terms("non-commercial only", Names.PAGE, false, true, null)),
                address())
            .build();

    FeedException e =
        failure(feed, FetchContext.builder(Usage.COMMERCIAL).httpClient(client).build());

    assertThat(e.outcome()).isEqualTo(FeedOutcome.TERMS_NOT_ACCEPTED);
    assertThat(e).hasMessageContaining("non-commercial only");
    assertThat(origin.requests()).isEmpty();
    assertThat(names(feed, context().build())).isEqualTo(Names.RECORDS);
  }

  @Test
  void missingKeyIsNamedAndNothingIsAsked() {
    FeedException e = failure(keyedFeed(), context().secrets(Map.of("example.key", " ")).build());

    assertThat(e.outcome()).isEqualTo(FeedOutcome.AUTH_MISSING);
    assertThat(e).hasMessageContaining("example.key").hasMessageContaining(Names.PAGE.toString());
    assertThat(origin.requests()).isEmpty();
  }

  @Test
  void keyThatNoHeaderCarriesIsMissing() {
    FeedException e =
        failure(keyedFeed(), context().secrets(Map.of("example.key", "k3y\r\nX: 1")).build());

    assertThat(e.outcome()).isEqualTo(FeedOutcome.AUTH_MISSING);
    assertThat(e).hasMessageContaining("example.key").hasMessageNotContaining("k3y");
    assertThat(origin.requests()).isEmpty();
  }

  @Test
  void optionalKeyMayBeMissing() throws Exception {
    origin.on(PATH, Reply.ok(LIST));
    FeedInfo.Builder info = Names.info().auth(FeedInfo.Auth.OPTIONAL_KEY, "example.key");
    HttpFeed feed =
        Names.feed(info, address()).keyedLocation(origin.uri("/keyed/") + "{secret}").build();

    names(feed, context().secrets(Map.of()).build());

    assertThat(lastRequest().path()).isEqualTo(PATH);
  }

  @ParameterizedTest
  @CsvSource({
    "204, CONTRACT_BROKEN",
    "206, CONTRACT_BROKEN",
    "300, UNREACHABLE",
    "400, UNREACHABLE",
    "401, AUTH_REJECTED",
    "402, AUTH_REJECTED",
    "403, AUTH_REJECTED",
    "404, GONE",
    "407, UNREACHABLE",
    "410, GONE",
    "418, UNREACHABLE",
    "422, CONTRACT_BROKEN",
    "429, RATE_LIMITED",
    "500, UNREACHABLE",
    "502, UNREACHABLE",
    "503, RATE_LIMITED",
    "504, UNREACHABLE",
    "509, RATE_LIMITED"
  })
  void statusSaysWhatHappened(int status, FeedOutcome outcome) {
    FeedException e = failure(Reply.status(status));

    assertThat(e.outcome()).isEqualTo(outcome);
    assertThat(e).hasMessageStartingWith("example-names: ");
    assertThat(e.transfer()).contains(new Transfer(1, 0, 0));
    assertThat(origin.requests()).hasSize(1);
  }

  @Test
  void refusedKeyIsNamed() {
    origin.on(PATH, Reply.status(401));

    assertThat(failure(keyedFeed(), context().build()))
        .hasMessageContaining("example.key")
        .hasMessageNotContaining(SECRET);
  }

  @ParameterizedTest
  @CsvSource({
    "120, 2026-01-02T03:06:05Z",
    "0, 2026-01-02T03:04:05Z",
    "'Fri, 02 Jan 2026 04:00:00 GMT', 2026-01-02T04:00:00Z",
    "'Fri, 02 Jan 2026 03:00:00 GMT', 2026-01-02T03:09:05Z",
    "31536000, 2026-01-03T03:04:05Z",
    "99999999999999999999, 2026-01-03T03:04:05Z",
    "soon, 2026-01-02T03:09:05Z",
    "-1, 2026-01-02T03:09:05Z"
  })
  void publisherSaysWhenToComeBack(String retryAfter, Instant expected) {
    FeedException e = failure(Reply.status(429).header("Retry-After", retryAfter));

    assertThat(e.outcome()).isEqualTo(FeedOutcome.RATE_LIMITED);
    assertThat(e.retryAt()).contains(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "1767326400, 2026-01-02T04:00:00Z",
    "1767300000, 2026-01-02T03:09:05Z",
    "99999999999, 2026-01-03T03:04:05Z",
    "999999999999999999999, 2026-01-02T03:09:05Z",
    "soon, 2026-01-02T03:09:05Z"
  })
  void publisherSaysWhenItsLimitIsReset(String reset, Instant expected) {
    Reply limited = Reply.status(429).header("X-RateLimit-Reset", reset);

    assertThat(failure(limited).retryAt()).contains(expected);
    assertThat(failure(limited.header("Retry-After", "1")).retryAt())
        .contains(Instant.parse("2026-01-02T03:04:06Z"));
  }

  @Test
  void costIsCounted() throws Exception {
    byte[] body = LIST.getBytes(StandardCharsets.UTF_8);
    origin.on("/old", Reply.redirect(301, PATH)).on(PATH, Reply.ok(LIST).gzip());
    HttpFeed feed = Names.feed(Names.info(), origin.uri("/old")).build();

    try (FetchResult result = feed.fetch(context().build(), null)) {
      names(result);
      assertThat(result.transfer().requests()).isEqualTo(2);
      assertThat(result.transfer().receivedBytes()).isPositive().isLessThan(body.length);
      assertThat(result.transfer().inflatedBytes()).isEqualTo(body.length);
    }
  }

  @Test
  void costOfAListThatIsNoneIsCounted() {
    FeedException e = failure(Reply.ok("<html>sorry</html>"));

    assertThat(e.transfer())
        .hasValueSatisfying(
            t -> {
              assertThat(t.requests()).isEqualTo(1);
              assertThat(t.receivedBytes()).isEqualTo(18);
            });
  }

  @Test
  void hostMayChangeAddressIntervalTimeToLiveAndConfidence() throws Exception {
    origin.on("/mirror", Reply.ok(LIST));
    HttpFeed feed =
        Names.feed(Names.keyed(), address())
            .keyedLocation(origin.uri("/keyed/") + "{secret}")
            .override(
                new FeedSettings.Override(
                    origin.uri("/mirror"), Duration.ofDays(2), Duration.ofDays(9), Confidence.LOW))
            .build();

    assertThat(names(feed, context().build())).isEqualTo(Names.RECORDS);
    assertThat(lastRequest().path()).isEqualTo("/mirror");
    assertThat(feed.info().minInterval()).isEqualTo(Duration.ofDays(2));
    assertThat(feed.info().timeToLive()).contains(Duration.ofDays(9));
    assertThat(feed.info().confidence()).isEqualTo(Confidence.LOW);
  }

  @Test
  void secretStaysWithItsOriginWhenTheHostChangesTheAddress() throws Exception {
    origin.on("/other", Reply.ok(LIST));
    URI elsewhere = URI.create(origin.uri("/other").toString().replace("127.0.0.1", "localhost"));
    for (URI other : List.of(origin.uri("/other"), elsewhere)) {
      HttpFeed feed =
          Names.feed(Names.keyed(), address())
              .override(new FeedSettings.Override(other, null, null, null))
              .secretHeader("Auth-Key")
              .build();
      names(feed, context().build());
    }

    List<Request> requests = origin.requests();
    assertThat(requests.get(0).header("Auth-Key")).isPresent();
    assertThat(requests.get(1).header("Auth-Key")).isEmpty();
  }

  @Test
  void overrideOfNothingChangesNothing() {
    HttpFeed feed =
        builder()
            .override(null)
            .override(new FeedSettings.Override(null, null, null, null))
            .build();

    assertThat(feed.location()).isEqualTo(address().toString());
    assertThat(feed.info().minInterval()).isEqualTo(feed().info().minInterval());
  }

  @Test
  void plainHttpHasToBeAllowed() {
    HttpFeed.Builder builder =
        HttpFeed.builder(Names.info().build())
            .location("http://list.example/all")
            .parser(Names::parse);

    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessageContaining("plain http");
    assertThat(builder.plainHttp().build().location()).isEqualTo("http://list.example/all");
  }

  @ParameterizedTest
  @CsvSource({
    "list.example/all",
    "ftp://list.example/all",
    "https:///all",
    "https://u:p4ss@list.example/",
    "https://list.example:70000/",
    "'https://list.example/a b'",
    "file:///etc/hosts"
  })
  void addressThatCannotBeAskedIsRefusedWithoutRepeatingIt(String location) {
    HttpFeed.Builder builder =
        HttpFeed.builder(Names.info().build()).location(location).parser(Names::parse);

    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessageStartingWith("example-names: ")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("p4ss"));
  }

  @ParameterizedTest
  @CsvSource({
    "https://{secret}.list.example/all",
    "https://list.example/all",
    "http://list.example/{secret}",
    "https://list.example:{secret}/all"
  })
  void keyedAddressHasTheSecretInPathOrQuery(String template) {
    HttpFeed.Builder builder =
        HttpFeed.builder(Names.keyed().build())
            .location("https://list.example/all")
            .keyedLocation(template)
            .parser(Names::parse);

    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessageContaining("keyedLocation");
  }

  @Test
  void secretOfAFeedWithoutSecretIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().secretHeader("Auth-Key").build())
        .withMessageContaining("names no secret");
  }

  @ParameterizedTest
  @CsvSource({"Host, list.example", "Content-Length, 1", "'a b', c", "A, 'b\r\nX: y'"})
  void headerThatCannotBeSentIsRefused(String name, String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().header(name, value).build())
        .withMessageStartingWith("example-names: ");
  }
}
