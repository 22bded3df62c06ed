// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.feed.Usage;
import dev.tip.sink.StoredIndicator;
import dev.tip.sync.FeedReport;
import dev.tip.sync.FeedSync;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is remembered and what the server has are not what they were: the next run puts it right.
 */
@ExtendWith(Server.Shared.class)
@Timeout(300)
class StateIT {
  private static final FeedInfo INFO = Samples.feed("state", FeedInfo.Role.C2);
  private static final Instant FIRST = Instant.parse("2026-01-02T03:04:05Z");

  private final Server server;
  private final String alias = "logs-ti_state.indicator";
  private Instant now = FIRST;

  @TempDir Path folder;

  StateIT(Server server) {
    this.server = server;
  }

  @BeforeEach
  void install() throws IOException {
    install(alias);
  }

  private void install(String base) throws IOException {
    ElasticsearchAdmin.builder(server.client()).indexBase(base).build().install();
  }

  @AfterEach
  void remove() throws Exception {
    for (String base : List.of(alias, alias + "2")) {
      server.call("DELETE", '/' + base + ".v1", "");
      server.call("DELETE", "/_index_template/tip-indicators-" + base, "");
    }
  }

  private FeedReport run(Feed feed) throws Exception {
    return run(alias, feed);
  }

  private FeedReport run(String base, Feed feed) throws Exception {
    now = now.plus(Duration.ofHours(1));
    try (ElasticsearchSink sink =
        ElasticsearchSink.builder(server.client()).indexBase(base).build()) {
      return FeedSync.builder()
          .sink(sink)
          .context(
              FetchContext.builder(Usage.NON_COMMERCIAL)
                  .clock(Clock.fixed(now, ZoneOffset.UTC))
                  .build())
          .state(folder.resolve("state"))
          .build()
          .run(List.of(feed))
          .feeds()
          .get(0);
    }
  }

  private void holds(String base, int from, int to, String... tags) throws Exception {
    try (ElasticsearchSink sink =
            ElasticsearchSink.builder(server.client()).indexBase(base).build();
        Stream<StoredIndicator> active = sink.active(INFO.id()).orElseThrow()) {
      assertThat(active.map(StoredIndicator::id))
          .containsExactlyInAnyOrderElementsOf(
              IntStream.range(from, to)
                  .mapToObj(i -> ((FeedEntry.Accepted) Samples.entry(i, INFO)).indicator().id())
                  .toList());
    }
    for (JsonNode hit : documents(base)) {
      JsonNode source = hit.path("_source");
      if (source.path("tip").path("status").asText().equals("active")) {
        assertThat(source.path("tags").size()).as(source.toString()).isEqualTo(tags.length);
      }
    }
  }

  private JsonNode documents(String base) throws Exception {
    server.ok("POST", '/' + base + "/_refresh", "");
    return server.ok("POST", '/' + base + "/_search?size=1000", "{}").path("hits").path("hits");
  }

  private static Feed tagged(int from, int to) {
    return Samples.list(
        INFO, IntStream.range(from, to).mapToObj(i -> Samples.entry(i, INFO, "later")).toList());
  }

  @Test
  void unchangedListWritesNothingAndTheReportSaysWhatIsStored() throws Exception {
    run(Samples.list(INFO, 0, 100));

    FeedReport report = run(Samples.list(INFO, 0, 100));

    assertThat(report.sinkOperations()).isZero();
    assertThat(report.holdings()).hasValueSatisfying(h -> assertThat(h.active()).isEqualTo(100));
  }

  @Test
  void stateThatWasDeletedIsMadeAnewWithTheFirstDates() throws Exception {
    run(Samples.list(INFO, 0, 100));
    delete(folder.resolve("state"));

    FeedReport report = run(Samples.list(INFO, 10, 110));

    assertThat(report.outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(report.withdrawn()).isEqualTo(10);
    holds(alias, 10, 110);
    long old = 0;
    for (JsonNode hit : documents(alias)) {
      String created = hit.path("_source").path("event").path("created").asText();
      old += created.equals("2026-01-02T04:04:05.000Z") ? 1 : 0;
    }
    assertThat(old).isEqualTo(90);
    assertThat(run(Samples.list(INFO, 10, 110)).sinkOperations()).isZero();
  }

  @Test
  void stateThatIsAnOlderCopyIsRecognisedAndPutRight() throws Exception {
    run(Samples.list(INFO, 0, 100));
    copy(folder.resolve("state"), folder.resolve("copy"));
    run(tagged(50, 150));
    delete(folder.resolve("state"));
    copy(folder.resolve("copy"), folder.resolve("state"));

    FeedReport report = run(Samples.list(INFO, 0, 120));

    assertThat(report.message())
        .hasValueSatisfying(m -> assertThat(m).contains("newer changes than are remembered"));
    assertThat(report.withdrawn()).isEqualTo(30);
    holds(alias, 0, 120);
    assertThat(run(Samples.list(INFO, 0, 120)).sinkOperations()).isZero();
  }

  @Test
  void documentsThatSomebodyDeletedAreStoredAgain() throws Exception {
    run(Samples.list(INFO, 0, 100));
    for (int i = 0; i < 5; i++) {
      String id = ((FeedEntry.Accepted) Samples.entry(i, INFO)).indicator().id();
      server.ok("DELETE", '/' + alias + "/_doc/" + id + "?refresh=true", "");
    }

    FeedReport report = run(Samples.list(INFO, 0, 100));

    assertThat(report.message())
        .hasValueSatisfying(
            m -> assertThat(m).contains("holds 95 active indicators where it should 100"));
    assertThat(report.sinkOperations()).isEqualTo(5);
    holds(alias, 0, 100);
  }

  @Test
  void indexThatWasDeletedAndMadeAgainIsFilled() throws Exception {
    run(Samples.list(INFO, 0, 100));
    server.ok("DELETE", '/' + alias + ".v1", "");
    install(alias);

    FeedReport report = run(Samples.list(INFO, 0, 100));

    assertThat(report.added()).isEqualTo(100);
    holds(alias, 0, 100);
  }

  @Test
  void secondSinkOnTheSameStateGetsAllAndTheFirstNothing() throws Exception {
    install(alias + "2");
    run(Samples.list(INFO, 0, 100));

    FeedReport second = run(alias + "2", Samples.list(INFO, 0, 100));
    FeedReport first = run(Samples.list(INFO, 0, 100));

    assertThat(second.added()).isEqualTo(100);
    assertThat(first.sinkOperations()).isZero();
    holds(alias + "2", 0, 100);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static void delete(Path of) throws IOException {
    try (Stream<Path> files = Files.list(of)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
  }
}
