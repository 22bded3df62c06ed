// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.feed.FeedException;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchState;
import dev.tip.feed.HttpFeed;
import dev.tip.testkit.FeedOrigin.Reply;
import dev.tip.testkit.FeedOrigin.Request;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpFeedRedirectTest extends HttpFeedTestCase {
  private static final String QUESTION = "{\"query\":\"get_iocs\",\"days\":3}";

  private final FeedOrigin other = FeedOrigin.start();

  @AfterEach
  void closeOther() {
    other.close();
  }

  private FeedException refused(String location) {
    FeedException e = failure(Reply.redirect(302, location));
    assertThat(e.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
    return e;
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void redirectIsFollowed(int status) throws Exception {
    origin.on("/new", Reply.ok(LIST));

    assertThat(names(Reply.redirect(status, origin.uri("/new").toString())))
        .isEqualTo(Names.RECORDS);
  }

  @ParameterizedTest
  @CsvSource({
    "c, /a/c",
    "./c, /a/c",
    "../c, /c",
    "/c, /c",
    "?x=1, /a/b?x=1",
    "//HOST/c, /c",
    "'c#here', /a/c",
    "'#here', /a/b"
  })
  void referenceIsResolved(String location, String path) throws Exception {
    String host = origin.uri("").getAuthority();
    origin.on("/a/b", Reply.redirect(302, location.replace("HOST", host)), Reply.ok(LIST));
    if (!path.equals("/a/b")) {
      origin.on(path, Reply.ok(LIST));
    }

    assertThat(names(Names.feed(Names.info(), origin.uri("/a/b")).build(), context().build()))
        .isEqualTo(Names.RECORDS);
    assertThat(origin.requests()).extracting(Request::path).containsExactly("/a/b", path);
  }

  @ParameterizedTest
  @ValueSource(ints = {307, 308})
  void questionThatIsPostedIsPostedAgainWhereARedirectKeepsIt(int status) throws Exception {
    origin.on(PATH, Reply.redirect(status, "/new"));
    origin.on("/new", Reply.ok(LIST));

    assertThat(names(posting(), context().build())).isEqualTo(Names.RECORDS);
    assertThat(origin.requests()).extracting(Request::method).containsExactly("POST", "POST");
    assertThat(origin.requests()).extracting(Request::body).containsOnly(QUESTION);
    assertThat(origin.requests().get(0).header("Content-Type")).hasValue("application/json");
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303})
  void questionThatIsPostedIsNotMadeAnother(int status) {
    origin.on(PATH, Reply.redirect(status, "/new"));
    origin.on("/new", Reply.ok(LIST));

    assertThat(failure(posting(), context().build()).outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
    assertThat(origin.requests()).hasSize(1);
  }

  @Test
  void whatIsPostedHasNoCondition() throws Exception {
    origin.on(PATH, Reply.ok(LIST).header("ETag", "\"1\""));
    FetchState first = stateAfter(posting(), context().build(), null);
    stateAfter(posting(), context(MUCH_LATER).build(), first);

    assertThat(origin.requests().get(1).header("If-None-Match")).isEmpty();
  }

  private HttpFeed posting() {
    return builder().post("application/json", QUESTION).build();
  }

  @Test
  void fiveRedirectsAreFollowedAndTheSixthIsNot() throws Exception {
    for (int i = 1; i < 7; i++) {
      origin.on("/" + i, Reply.redirect(302, "/" + (i + 1)));
    }
    origin.on("/7", Reply.ok(LIST));

    assertThat(names(Names.feed(Names.info(), origin.uri("/2")).build(), context().build()))
        .isEqualTo(Names.RECORDS);
    FeedException e =
        failure(Names.feed(Names.info(), origin.uri("/1")).build(), context().build());
    assertThat(e.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
    assertThat(e).hasMessageContaining("redirects").hasMessageContaining(origin.uri("").toString());
  }

  @Test
  void loopEnds() {
    refused(PATH);

    assertThat(origin.requests()).hasSize(6);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://",
        "http:list",
        "ftp://list.example/all",
        "file:///etc/hosts",
        "data:,x",
        "javascript:alert(1)",
        "http://user:pw@127.0.0.1/list",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/",
        "not a URI",
        "http://list_.example/",
        "http:///list",
        "\\\\host\\x"
      })
  void addressThatIsNoneIsRefusedWithoutRepeatingIt(String location) {
    FeedException e = refused(location);

    assertThat(e).hasMessageContaining("redirect");
    assertThat(e.getMessage()).doesNotContain("user:pw").doesNotContain(location);
  }

  @Test
  void redirectWithoutAddressIsRefused() {
    assertThat(failure(Reply.status(302)).outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
  }

  @Test
  void secretFollowsWithinItsOrigin() throws Exception {
    origin.on(PATH, Reply.redirect(302, "/new")).on("/new", Reply.ok(LIST));

    names(keyedFeed(), context().build());

    assertThat(origin.requests())
        .extracting(r -> r.header("Auth-Key").orElse(""))
        .containsExactly(SECRET, SECRET);
  }

  @Test
  void secretIsDroppedForGoodWhereTheOriginChanges() throws Exception {
    origin.on(PATH, Reply.redirect(302, other.uri("/a").toString())).on("/back", Reply.ok(LIST));
    other
        .on("/a", Reply.redirect(302, "/b"))
        .on("/b", Reply.redirect(302, origin.uri("/back").toString()));

    assertThat(names(keyedFeed(), context().build())).isEqualTo(Names.RECORDS);

    assertThat(other.requests()).hasSize(2);
    assertThat(other.requests().toString()).doesNotContain(SECRET);
    assertThat(origin.requests())
        .extracting(r -> r.header("Auth-Key").orElse(""))
        .containsExactly(SECRET, "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"k3y%20of%2Bexample%2F0", "k3y%20of%2bexample%2f0", "k3y%20of+example/0"})
  void secretInAnAddressIsNotPassedOnToAnotherOrigin(String secret) {
    origin.on("/k3y%20of%2Bexample%2F0", Reply.redirect(302, other.uri("/x?k=" + secret) + ""));
    HttpFeed feed =
        Names.feed(Names.keyed(), address()).keyedLocation(origin.uri("/") + "{secret}").build();

    FeedException e = failure(feed, context().build());

    assertThat(e.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
    assertThat(e).hasMessageContaining("secret").hasMessageNotContaining(secret);
    assertThat(other.requests()).isEmpty();
  }

  @Test
  void headersWithoutSecretGoWhereverTheListIs() throws Exception {
    origin.on(PATH, Reply.redirect(302, other.uri("/a").toString()));
    other.on("/a", Reply.ok(LIST));

    names(builder().header("Accept", "text/csv").build(), context().userAgent("me").build());

    List<Request> requests = other.requests();
    assertThat(requests.get(0).header("Accept")).contains("text/csv");
    assertThat(requests.get(0).header("User-Agent")).contains("me");
  }
}
