// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.taxii;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.Usage;
import dev.tip.testkit.FeedOrigin;
import dev.tip.testkit.FeedOrigin.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaxiiCollectionTest {
  private static final String OBJECTS = "/api/collections/1/objects/";
  private static final String FIRST =
      OBJECTS + "?match%5Btype%5D=indicator,identity,marking-definition";
  private static final Instant NOW = Instant.parse("2026-05-01T00:00:00Z");

  private final FeedOrigin origin = FeedOrigin.start();

  @AfterEach
  void close() {
    origin.close();
  }

  @Test
  void pagesAreFollowedWithTheOriginalFilters() throws Exception {
    String after = FIRST + "&added_after=2026-01-01T00%3A00%3A00.000Z";
    origin.on(
        after,
        page(true, "a/b =", "192.0.2.1")
            .header("X-TAXII-Date-Added-Last", "2026-02-01T00:00:00.000Z"));
    origin.on(
        after + "&next=a%2Fb+%3D",
        page(true, "c", "192.0.2.2").header("X-TAXII-Date-Added-Last", "2026-03-01T00:00:00.000Z"));
    origin.on(
        after + "&next=c",
        page(false, null, "192.0.2.3")
            .header("X-TAXII-Date-Added-Last", "2026-04-01T00:00:00.000Z"));

    Fetched fetched = fetch(feed("none"), state(Map.of("added-after", "2026-01-01T00:00:00.000Z")));

    assertThat(fetched.values).containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3");
    assertThat(fetched.cursors())
        .containsExactly(
            "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z", "2026-04-01T00:00:00.000Z");
    assertThat(fetched.counts).containsExactly(3L, 3L);
    assertThat(origin.requests().get(0).header("Accept"))
        .contains("application/taxii+json;version=2.1");
  }

  @Test
  void withoutNextTheDateOfTheLastObjectLeadsOn() throws Exception {
    origin.on(
        FIRST,
        page(true, null, "192.0.2.1").header("X-TAXII-Date-Added-Last", "2026-02-01T00:00:00Z"));
    origin.on(FIRST + "&added_after=2026-02-01T00%3A00%3A00Z", page(false, null, "192.0.2.2"));

    Fetched fetched = fetch(feed("none"), null);

    assertThat(fetched.values).containsExactly("192.0.2.1", "192.0.2.2");
  }

  @Test
  void withoutDatesTheNextFetchOverlapsThisOne() throws Exception {
    origin.on(FIRST, page(false, null, "192.0.2.1"));

    assertThat(fetch(feed("none"), null).cursors()).containsExactly("2026-04-30T23:55:00Z");
  }

  @Test
  void objectsOfOneDateOnTwoPagesAreNotLostByAnEndBetweenThem() throws Exception {
    origin.on(
        FIRST,
        page(true, "n", "192.0.2.1").header("X-TAXII-Date-Added-Last", "2026-02-01T00:00:00Z"));
    origin.on(
        FIRST + "&next=n",
        page(false, null, "192.0.2.2").header("X-TAXII-Date-Added-Last", "2026-02-01T00:00:00Z"));

    Fetched fetched = fetch(feed("none"), null);

    assertThat(fetched.checkpoints.get(0).asMap())
        .doesNotContainKey("added-after")
        .containsKey("unfinished");
    assertThat(fetched.checkpoints.get(1).asMap()).doesNotContainKey("unfinished");
  }

  @ParameterizedTest
  @CsvSource({"same, same", ",", "a, b"})
  void aServerThatGoesInCirclesIsStopped(@Nullable String next, @Nullable String later) {
    origin.on(FIRST, page(true, next, "192.0.2.1"));
    origin.on(FIRST + "&next=" + next, page(true, later, "192.0.2.2"));
    origin.on(FIRST + "&next=" + later, page(true, next, "192.0.2.3"));

    assertThatThrownBy(() -> fetch(feed("none"), null))
        .isInstanceOfSatisfying(
            FeedException.class, e -> assertThat(e.clause()).contains("paging"));
    assertThat(origin.requests()).hasSizeLessThan(4);
  }

  @Test
  void aCursorThatTheServerHasForgottenIsGivenUp() throws Exception {
    origin.on(FIRST + "&added_after=2020-01-01T00%3A00%3A00Z", Reply.status(400));
    origin.on(FIRST, page(false, null, "192.0.2.1"));

    assertThat(fetch(feed("none"), state(Map.of("added-after", "2020-01-01T00:00:00Z"))).values)
        .containsExactly("192.0.2.1");
  }

  @Test
  void aPageThatFailsEndsTheFetch() {
    origin.on(FIRST, page(true, "n", "192.0.2.1"));
    for (Reply reply :
        List.of(
            Reply.status(400),
            Reply.status(404),
            Reply.status(429).header("Retry-After", "60"),
            page(false, null, "192.0.2.2").cut(10),
            Reply.ok("{\"title\":\"error\"}"))) {
      origin.on(FIRST + "&next=n", reply);
      assertThatThrownBy(() -> fetch(feed("none"), null)).isInstanceOf(FeedException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "401, AUTH_REJECTED, ''",
    "403, AUTH_REJECTED, ''",
    "404, GONE, ''",
    "406, CONTRACT_BROKEN, media-type",
    "413, UNREACHABLE, ''",
    "415, CONTRACT_BROKEN, media-type",
    "429, RATE_LIMITED, ''",
    "500, UNREACHABLE, ''",
    "503, RATE_LIMITED, ''",
  })
  void statusIsAnOutcome(int status, FeedOutcome outcome, String clause) {
    origin.on(FIRST, Reply.status(status));

    assertThatThrownBy(() -> fetch(feed("none"), null))
        .isInstanceOfSatisfying(
            FeedException.class,
            e -> {
              assertThat(e.outcome()).isEqualTo(outcome);
              assertThat(e.clause().orElse("")).isEqualTo(clause);
            });
  }

  @ParameterizedTest
  @CsvSource({
    "basic, Authorization, Basic dXNlcjpwYXNz",
    "bearer, Authorization, Bearer user:pass",
    "X-Api-Key, X-Api-Key, user:pass",
  })
  void theSecretIsSentAsTheServerWantsIt(String auth, String header, String value)
      throws Exception {
    origin.on(FIRST, page(false, null, "192.0.2.1"));

    fetch(feed(auth), null, context().secrets(Map.of("KEY", "user:pass")).build());

    assertThat(origin.requests().get(0).header(header)).contains(value);
  }

  @Test
  void withoutItsSecretNothingIsAsked() {
    assertThatThrownBy(() -> fetch(feed("basic"), null))
        .hasMessageContaining("KEY")
        .isInstanceOfSatisfying(
            FeedException.class, e -> assertThat(e.outcome()).isEqualTo(FeedOutcome.AUTH_MISSING));
    assertThat(origin.requests()).isEmpty();
  }

  @Test
  void theIntervalIsKeptUnlessThereIsMore() throws Exception {
    origin.on(FIRST, page(false, null, "192.0.2.1"));
    FetchState state = fetch(feed("none"), null).checkpoints.get(0);

    assertThatThrownBy(() -> fetch(feed("none"), state))
        .isInstanceOfSatisfying(
            FeedException.class, e -> assertThat(e.outcome()).isEqualTo(FeedOutcome.NOT_DUE));
  }

  @Test
  void theServerSaysWhatItHas() throws Exception {
    origin.on(
        "/taxii2/",
        Reply.ok(
            "{\"title\":\"t\",\"default\":\"x\",\"api_roots\":[\"/api/\",\""
                + origin.uri("/other")
                + "\",7]}"));
    origin.on(
        "/api/collections/",
        Reply.ok(
            "{\"collections\":[{\"id\":\"1\",\"title\":\"Feed\",\"can_read\":true,\"media_types\":[\"x\"]},{\"id\":\"../2\",\"can_read\":true},{\"id\":\"3\",\"can_read\":false}]}"));
    TaxiiServer server =
        new TaxiiServer(feed("none").info(), origin.uri("/taxii2/"), TaxiiCredentials.NONE);
    FetchContext context = context().build();

    List<URI> roots = server.apiRoots(context);
    assertThat(roots).containsExactly(origin.uri("/api/"), origin.uri("/other/"));
    assertThat(server.collections(roots.get(0), context))
        .containsExactly(
            new TaxiiServer.Collection(origin.uri("/api/collections/1/"), "1", "Feed", true),
            new TaxiiServer.Collection(origin.uri("/api/collections/3/"), "3", "", false));
    assertThatThrownBy(() -> server.collections(roots.get(1), context))
        .isInstanceOf(FeedException.class);
  }

  @Test
  void aRootOfAnotherOriginGetsNoSecret() {
    TaxiiServer server =
        new TaxiiServer(
            feed("none").info(),
            URI.create("https://taxii.example/taxii2/"),
            TaxiiCredentials.BASIC);
    for (String root :
        List.of(
            "https://evil.example/api/",
            "http://taxii.example/api/",
            "https://taxii.example:8443/api/",
            "mailto:a@taxii.example")) {
      assertThatThrownBy(() -> server.collections(URI.create(root), context().build()))
          .as(root)
          .isInstanceOf(FeedException.class)
          .hasMessageContaining("origin");
    }
  }

  @Test
  void aSettingThatCannotBeUsedIsNamed() {
    FeedSettings.Builder settings = FeedSettings.builder().property("taxii", "x");
    assertThatThrownBy(() -> new TaxiiFeeds().feeds(settings.build()))
        .hasMessageContaining("taxii.x.collection");
    settings.property("taxii.x.collection", "https://taxii.example/api/collections/1/");
    assertThat(new TaxiiFeeds().feeds(settings.build())).hasSize(1);
    settings.property("taxii.x.auth", "basic");
    assertThatThrownBy(() -> new TaxiiFeeds().feeds(settings.build()))
        .hasMessageContaining("taxii.x.secret");
    settings.property("taxii.x.secret", "S").property("taxii.x.interval", "soon");
    assertThatThrownBy(() -> new TaxiiFeeds().feeds(settings.build()))
        .hasMessageContaining("taxii.x.interval");
  }

  private Feed feed(String auth) {
    FeedSettings.Builder settings =
        FeedSettings.builder()
            .property("taxii", "example")
            .property("taxii.example.collection", origin.uri("/api/collections/1").toString())
            .property("taxii.example.auth", auth)
            .property("taxii.example.secret", "KEY");
    Feed feed = new TaxiiFeeds().feeds(settings.build()).get(0);
    return TaxiiCollection.feed(
        feed.info(),
        origin.uri("/api/collections/1"),
        auth.equals("none")
            ? TaxiiCredentials.NONE
            : auth.equals("basic")
                ? TaxiiCredentials.BASIC
                : auth.equals("bearer") ? TaxiiCredentials.BEARER : TaxiiCredentials.header(auth),
        clock());
  }

  private FetchState state(Map<String, String> values) {
    Map<String, String> all = new HashMap<>(values);
    all.put("location", origin.uri(OBJECTS).toString());
    return FetchState.of(all);
  }

  private static Reply page(boolean more, @Nullable String next, String... addresses) {
    List<String> objects = new ArrayList<>();
    for (String address : addresses) {
      objects.add(TaxiiContractTest.indicator(address));
    }
    return Reply.ok(
            "{\"more\":"
                + more
                + (next == null ? "" : ",\"next\":\"" + next + "\"")
                + ",\"objects\":["
                + String.join(",", objects)
                + "]}")
        .header("Content-Type", "application/taxii+json;version=2.1");
  }

  private static Clock clock() {
    return Clock.fixed(NOW, ZoneOffset.UTC);
  }

  private static FetchContext.Builder context() {
    return FetchContext.builder(Usage.NON_COMMERCIAL).clock(clock());
  }

  private record Fetched(List<String> values, List<FetchState> checkpoints, List<Long> counts) {
    List<String> cursors() {
      return checkpoints.stream().map(s -> s.get("added-after").orElse("-")).toList();
    }
  }

  private static Fetched fetch(Feed feed, @Nullable FetchState last)
      throws IOException, InterruptedException {
    return fetch(feed, last, context().build());
  }

  private static Fetched fetch(Feed feed, @Nullable FetchState last, FetchContext context)
      throws IOException, InterruptedException {
    List<String> values = new ArrayList<>();
    List<FetchState> checkpoints = new ArrayList<>();
    try (FetchResult result = feed.fetch(context, last)) {
      FetchResult.Modified modified = (FetchResult.Modified) result;
      for (FeedEntry entry : modified.reader()) {
        if (entry instanceof FeedEntry.Accepted accepted) {
          values.add(accepted.indicator().observable().value());
        } else if (entry instanceof FeedEntry.Checkpoint checkpoint) {
          checkpoints.add(checkpoint.state());
        }
      }
      return new Fetched(
          values,
          checkpoints,
          List.of(modified.reader().counts().records(), result.transfer().requests()));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
