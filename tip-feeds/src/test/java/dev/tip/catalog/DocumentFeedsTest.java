// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.Confidence;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.Usage;
import dev.tip.format.OtxPulses;
import dev.tip.testkit.FeedOrigin;
import dev.tip.testkit.FeedOrigin.Reply;
import dev.tip.testkit.FeedOrigin.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DocumentFeedsTest {
  private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
  private static final String A = "5c6d1f2e-0000-4000-8000-00000000000a";
  private static final String B = "5c6d1f2e-0000-4000-8000-00000000000b";
  private static final String C = "5c6d1f2e-0000-4000-8000-00000000000c";

  private final FeedOrigin origin = FeedOrigin.start();

  @AfterEach
  void close() {
    origin.close();
  }

  @Test
  void everyRowSaysWhatItNeedsTo() throws IOException {
    String page = Files.readString(Path.of("../docs/feeds.md"));
    for (Feed feed : new DocumentFeeds().feeds(FeedSettings.defaults())) {
      FeedInfo info = feed.info();
      assertThat(info.confidence()).isNotEqualTo(Confidence.NOT_SPECIFIED);
      assertThat(info.coverage() == FeedInfo.Coverage.SNAPSHOT || info.timeToLive().isPresent())
          .isTrue();
      assertThat(page).contains("| " + info.id() + " | " + info.provider() + " |");
      assertThat(page.contains("`" + info.secretName().orElse("-") + "`"))
          .isEqualTo(info.secretName().isPresent());
    }
  }

  @Test
  void eventsAreReadInTheOrderOfTheirTimes() throws Exception {
    origin.on(
        "/misp/manifest.json",
        manifest(B, "30", A, "20", C, "30").header("ETag", "\"1\"").conditional());
    origin.on("/misp/" + A + ".json", event("a.example"));
    origin.on("/misp/" + B + ".json", event("b.example"));
    origin.on("/misp/" + C + ".json", event("c.example"));

    Fetched all = fetch(misp("circl-osint"), null, NOW);

    assertThat(all.values).containsExactly("a.example", "b.example", "c.example");
    assertThat(all.last().asMap()).containsEntry("until", "30").containsEntry("at", B + "," + C);
    assertThat(fetch(misp("circl-osint"), all.last(), NOW.plus(Duration.ofDays(1))).modified)
        .isFalse();
    assertThat(origin.requests().get(4).header("If-None-Match")).contains("\"1\"");
  }

  @Test
  void onlyWhatChangedIsReadAgain() throws Exception {
    origin.on("/misp/manifest.json", manifest(A, "20", B, "30"));
    origin.on("/misp/" + A + ".json", event("a.example"));
    origin.on("/misp/" + B + ".json", event("b.example"));
    FetchState first = fetch(misp("circl-osint"), null, NOW).last();

    origin.on("/misp/manifest.json", manifest(A, "40", B, "30", C, "30"));
    origin.on("/misp/" + C + ".json", event("c.example"));
    Fetched second = fetch(misp("circl-osint"), first, NOW.plus(Duration.ofDays(1)));

    assertThat(second.values).containsExactly("c.example", "a.example");
    assertThat(second.last().asMap()).containsEntry("until", "40").containsEntry("at", A);
  }

  @Test
  void anEventThatIsMissingIsRejectedAndTheRestIsRead() throws Exception {
    origin.on("/misp/manifest.json", manifest(A, "20", B, "30"));
    origin.on("/misp/" + B + ".json", event("b.example"));

    Fetched fetched = fetch(misp("circl-osint"), null, NOW);

    assertThat(fetched.values).containsExactly("b.example");
    assertThat(fetched.rejected).containsExactly("page-gone " + A + ".json");
  }

  @Test
  void anEventThatFailsEndsTheFetch() {
    origin.on("/misp/manifest.json", manifest(A, "20"));
    for (Reply reply :
        List.of(Reply.status(500), event("a.example").cut(9), Reply.ok("{\"x\":1}"))) {
      origin.on("/misp/" + A + ".json", reply);
      assertThatThrownBy(() -> fetch(misp("circl-osint"), null, NOW))
          .isInstanceOf(FeedException.class);
    }
  }

  @Test
  void namesThatAreNoIdsLeadNowhere() throws Exception {
    origin.on(
        "/misp/manifest.json",
        Reply.ok(
            "{\"../../etc/passwd\":{\"timestamp\":\"20\"},\"" + A + "\":{\"timestamp\":\"-1\"}}"));

    Fetched fetched = fetch(misp("circl-osint"), null, NOW);

    assertThat(fetched.rejected).hasSize(2).allMatch(r -> r.startsWith("misp-manifest"));
    assertThat(origin.requests()).hasSize(1);
  }

  @Test
  void anErrorIsNoManifest() {
    origin.on("/misp/manifest.json", Reply.ok("{\"error\":\"x\"}"));

    assertThatThrownBy(() -> fetch(misp("circl-osint"), null, NOW))
        .isInstanceOfSatisfying(
            FeedException.class, e -> assertThat(e.clause()).contains("json-path"));
  }

  @Test
  void pulsesAreReadPageByPageSinceADayBeforeTheNewest() throws Exception {
    origin.on(
        "/otx?limit=20&modified_since=2026-01-31T00%3A00%3A00",
        pulses("a.example", "2026-04-03T00:00:00", origin.uri("/otx?page=2").toString()));
    origin.on("/otx?page=2", pulses("b.example", "2026-04-02T00:00:00", null));

    Fetched first = fetch(otx(), null, NOW);

    assertThat(first.values).containsExactly("a.example", "b.example");
    assertThat(first.states.get(0).asMap()).doesNotContainKey("modified-since");
    assertThat(first.last().asMap()).containsEntry("modified-since", "2026-04-02T00:00:00Z");
    origin.on(
        "/otx?limit=20&modified_since=2026-04-02T00%3A00%3A00",
        pulses("c.example", "2026-04-05T00:00:00", null));
    assertThat(fetch(otx(), first.last(), NOW.plus(Duration.ofDays(1))).values)
        .containsExactly("c.example");
  }

  @Test
  void aPageElsewhereIsNotAskedFor() {
    try (FeedOrigin other = FeedOrigin.start()) {
      for (String next :
          List.of(other.uri("/otx").toString(), "https://other.example/", "not a URI", "/otx")) {
        origin.on(
            "/otx?limit=20&modified_since=2026-01-31T00%3A00%3A00",
            pulses("a.example", "2026-04-03T00:00:00", next));
        assertThatThrownBy(() -> fetch(otx(), null, NOW))
            .isInstanceOfSatisfying(
                FeedException.class, e -> assertThat(e.clause()).contains("paging"));
      }
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void otxNeedsItsKeyAndSendsItNowhereElse() throws Exception {
    Feed own = named("otx-pulses", FeedSettings.defaults());
    assertThatThrownBy(() -> own.fetch(context(NOW), null))
        .isInstanceOfSatisfying(
            FeedException.class,
            e -> {
              assertThat(e.outcome()).isEqualTo(FeedOutcome.AUTH_MISSING);
              assertThat(e).hasMessageContaining(DocumentFeeds.OTX_KEY);
            });
    Feed moved =
        named(
            "otx-pulses",
            FeedSettings.builder()
                .override(
                    "otx-pulses", new FeedSettings.Override(origin.uri("/x"), null, null, null))
                .build());
    assertThatThrownBy(() -> moved.fetch(context(NOW), null)).isInstanceOf(FeedException.class);
    for (Request request : origin.requests()) {
      assertThat(request.headers().keySet()).noneMatch(h -> h.equalsIgnoreCase("X-OTX-API-KEY"));
    }
  }

  private Feed misp(String id) {
    return named(
        id,
        FeedSettings.builder()
            .override(id, new FeedSettings.Override(origin.uri("/misp"), null, null, null))
            .build());
  }

  private Feed otx() {
    Feed row = named("otx-pulses", FeedSettings.defaults());
    return OtxPulses.feed(
        row.info().toBuilder().noAuth().build(),
        origin.uri("/otx?limit=20"),
        request -> request.plainHttp(),
        Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private static Feed named(String id, FeedSettings settings) {
    return new DocumentFeeds()
        .feeds(settings).stream()
            .filter(feed -> feed.info().id().equals(id))
            .findFirst()
            .orElseThrow();
  }

  private static Reply manifest(String... idsAndTimes) {
    List<String> events = new ArrayList<>();
    for (int i = 0; i < idsAndTimes.length; i += 2) {
      events.add(
          "\"%s\":{\"info\":\"x\",\"Orgc\":{\"name\":\"o\"},\"timestamp\":\"%s\",\"date\":\"2026-01-01\"}"
              .formatted(idsAndTimes[i], idsAndTimes[i + 1]));
    }
    return Reply.ok("{" + String.join(",", events) + "}");
  }

  private static Reply event(String domain) {
    return Reply.ok(
        "{\"Event\":{\"Attribute\":[{\"type\":\"domain\",\"value\":\""
            + domain
            + "\",\"to_ids\":true}]}}");
  }

  private static Reply pulses(String domain, String modified, @Nullable String next) {
    return Reply.ok(
        "{\"results\":[{\"id\":\"1\",\"modified\":\""
            + modified
            + "\",\"indicators\":[{\"indicator\":\""
            + domain
            + "\",\"type\":\"domain\"}]}],\"next\":"
            + (next == null ? "null" : '"' + next + '"')
            + "}");
  }

  private static FetchContext context(Instant now) {
    return FetchContext.builder(Usage.NON_COMMERCIAL)
        .clock(Clock.fixed(now, ZoneOffset.UTC))
        .secrets(Map.of())
        .build();
  }

  private record Fetched(
      boolean modified, List<String> values, List<String> rejected, List<FetchState> states) {
    FetchState last() {
      return states.get(states.size() - 1);
    }
  }

  private static Fetched fetch(Feed feed, @Nullable FetchState last, Instant now)
      throws IOException, InterruptedException {
    Fetched fetched = new Fetched(true, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    try (FetchResult result = feed.fetch(context(now), last)) {
      if (!(result instanceof FetchResult.Modified modified)) {
        return new Fetched(false, List.of(), List.of(), List.of(result.state()));
      }
      for (FeedEntry entry : modified.reader()) {
        if (entry instanceof FeedEntry.Accepted accepted) {
          fetched.values.add(accepted.indicator().observable().value());
        } else if (entry instanceof FeedEntry.Rejected rejected) {
          fetched.rejected.add(rejected.reason() + " " + rejected.text());
        } else if (entry instanceof FeedEntry.Checkpoint checkpoint) {
          fetched.states.add(checkpoint.state());
        }
      }
      return fetched;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
