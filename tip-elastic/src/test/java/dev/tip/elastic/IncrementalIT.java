// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FeedReader;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.Usage;
import dev.tip.sync.FeedReport;
import dev.tip.sync.FeedSync;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A feed that gives changes since a cursor, into a real server. */
@ExtendWith(Server.Shared.class)
@Timeout(300)
class IncrementalIT {
  private static final FeedInfo INFO =
      Samples.feed("changes", FeedInfo.Role.C2).toBuilder()
          .coverage(FeedInfo.Coverage.INCREMENTAL)
          .timeToLive(Duration.ofDays(10))
          .build();

  private final Server server;
  private final String alias = "logs-ti_incremental.indicator";
  private final Publisher publisher = new Publisher();
  private Instant now = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir Path folder;
  private Path state = Path.of("");

  IncrementalIT(Server server) {
    this.server = server;
  }

  @BeforeEach
  void install() throws IOException {
    state = folder.resolve("state");
    ElasticsearchAdmin.builder(server.client()).indexBase(alias).build().install();
  }

  @AfterEach
  void remove() throws Exception {
    server.call("DELETE", '/' + alias + ".v1", "");
    server.call("DELETE", "/_index_template/tip-indicators-" + alias, "");
  }

  /** Says what it said since the cursor, and nothing of before. */
  private static final class Publisher implements Feed {
    private static final String CURSOR = "cursor";

    private final List<FeedEntry> said = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();
    private boolean cuts;
    private Step beforeItAnswers = () -> {};

    /** What somebody does to the server meanwhile. */
    private interface Step {
      void go() throws IOException, InterruptedException;
    }

    void state(int number, @Nullable Instant validUntil) {
      said.add(
          new FeedEntry.Accepted(
              said.size() + 1,
              Indicator.builder(name(number), INFO).validUntil(validUntil).build()));
    }

    void state(int from, int to) {
      for (int i = from; i < to; i++) {
        state(i, null);
      }
    }

    void revoke(int number) {
      said.add(new FeedEntry.Revoked(said.size() + 1, name(number), "revoked"));
    }

    @Override
    public FeedInfo info() {
      return INFO;
    }

    @Override
    public FetchResult fetch(FetchContext context, @Nullable FetchState last)
        throws IOException, InterruptedException {
      beforeItAnswers.go();
      String cursor = last == null ? "0" : last.asMap().getOrDefault(CURSOR, "0");
      asked.add(last == null ? "all" : cursor);
      int from = Integer.parseInt(cursor);
      if (last != null && from == said.size()) {
        return new FetchResult.NotModified(last);
      }
      List<FeedEntry> news = new ArrayList<>(said.subList(from, said.size()));
      news.add(
          new FeedEntry.Checkpoint(FetchState.of(Map.of(CURSOR, Integer.toString(said.size())))));
      Iterator<FeedEntry> entries = news.iterator();
      return new FetchResult.Modified(
          FeedReader.of(INFO, cuts ? cut(entries) : entries, () -> {}),
          FetchState.of(Map.of(CURSOR, cursor)));
    }

    private static Iterator<FeedEntry> cut(Iterator<FeedEntry> entries) {
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return true;
        }

        @Override
        public FeedEntry next() {
          if (entries.hasNext()) {
            return entries.next();
          }
          throw new UncheckedIOException(
              FeedException.of(INFO.id(), FeedOutcome.UNREACHABLE, "cut", null));
        }
      };
    }
  }

  private static CyberObservable name(int number) {
    return CyberObservable.domainName("d" + number + ".example");
  }

  private FeedReport run() throws Exception {
    now = now.plus(Duration.ofHours(1));
    try (ElasticsearchSink sink =
        ElasticsearchSink.builder(server.client())
            .indexBase(alias)
            .deadline(Duration.ofSeconds(20))
            .build()) {
      return FeedSync.builder()
          .sink(sink)
          .context(
              FetchContext.builder(Usage.NON_COMMERCIAL)
                  .clock(Clock.fixed(now, ZoneOffset.UTC))
                  .build())
          .state(state)
          .build()
          .run(List.of(publisher))
          .feeds()
          .get(0);
    }
  }

  /** How many documents have which state, or which reason why they are withdrawn. */
  private Map<String, Integer> documents() throws Exception {
    Map<String, Integer> documents = new TreeMap<>();
    for (JsonNode hit : server.find(alias, "{\"match_all\":{}}")) {
      JsonNode tip = hit.path("_source").path("tip");
      String reason = tip.path("indicator").path("withdrawn_reason").asText();
      documents.merge(reason.isEmpty() ? tip.path("status").asText() : reason, 1, Integer::sum);
    }
    return documents;
  }

  private void blockWrites(@Nullable Boolean block) throws IOException, InterruptedException {
    server.ok("PUT", '/' + alias + ".v1/_settings", "{\"index.blocks.write\":" + block + "}");
  }

  @Test
  void revokedAndExpiredIndicatorsEndAndNothingElse() throws Exception {
    publisher.state(0, 20);
    publisher.state(20, now.plus(Duration.ofDays(3)));
    run();
    publisher.revoke(0);
    publisher.revoke(1);
    publisher.state(21, 23);

    FeedReport second = run();

    assertThat(publisher.asked).containsExactly("all", "21");
    assertThat(second.withdrawn()).isEqualTo(2);
    assertThat(documents()).isEqualTo(Map.of("active", 21, "revoked", 2));
    now = now.plus(Duration.ofDays(3));
    publisher.state(2, 10);
    assertThat(run().expired()).as("by what the feed said of it").isEqualTo(1);
    now = now.plus(Duration.ofDays(7));
    assertThat(run().expired()).as("by the time to live since they were stated").isEqualTo(12);
    assertThat(documents()).isEqualTo(Map.of("active", 8, "revoked", 2, "expired", 13));
    assertThat(run().sinkOperations()).isZero();
  }

  @Test
  void cursorGoesOnOnlyIfNothingBeforeItCanBeLost() throws Exception {
    publisher.state(0, 100);
    run();
    publisher.state(100, 120);
    publisher.revoke(0);
    publisher.cuts = true;
    assertThat(run().outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
    assertThat(documents()).as("nothing of a list that was cut").isEqualTo(Map.of("active", 100));
    publisher.cuts = false;
    publisher.beforeItAnswers = () -> blockWrites(true);

    FeedReport failed = run();
    publisher.beforeItAnswers = () -> {};
    blockWrites(null);
    publisher.state(120, 130);
    FeedReport after = run();

    assertThat(publisher.asked.subList(0, 3)).containsExactly("all", "100", "100");
    assertThat(failed.outcome()).isEqualTo(FeedOutcome.SINK_FAILED);
    assertThat(failed.failed()).isEqualTo(20);
    assertThat(after.outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(documents()).isEqualTo(Map.of("active", 129, "revoked", 1));
    assertThat(run().sinkOperations()).isZero();
    assertThat(publisher.asked.get(4)).isEqualTo("131");
  }

  @Test
  void olderCopyOfTheStateIsAskedForAllAndPutRight() throws Exception {
    publisher.state(0, 100);
    run();
    copy(state, folder.resolve("copy"));
    publisher.state(100, 120);
    publisher.revoke(0);
    run();
    delete(state);
    copy(folder.resolve("copy"), state);

    FeedReport report = run();

    assertThat(publisher.asked).containsExactly("all", "100", "all");
    assertThat(report.message())
        .hasValueSatisfying(m -> assertThat(m).contains("newer changes than are remembered"));
    assertThat(documents()).isEqualTo(Map.of("active", 119, "revoked", 1));
    assertThat(run().sinkOperations()).isZero();
  }

  @Test
  void whatALostStateKnewEndsByRevocationAndByTime() throws Exception {
    publisher.state(0, 100);
    run();
    delete(state);
    // The publisher, too, has forgotten what it said.
    publisher.said.clear();
    publisher.state(50, 60);
    run();
    assertThat(documents()).isEqualTo(Map.of("active", 100));
    publisher.revoke(1);
    publisher.revoke(2);

    FeedReport revoked = run();

    assertThat(revoked.withdrawn()).isEqualTo(2);
    assertThat(documents()).isEqualTo(Map.of("active", 98, "revoked", 2));
    now = now.plus(Duration.ofDays(10)).minus(Duration.ofHours(3));
    FeedReport over = run();
    assertThat(over.outcome()).isEqualTo(FeedOutcome.UNCHANGED);
    assertThat(over.expired()).isEqualTo(88);
    assertThat(documents()).isEqualTo(Map.of("active", 10, "revoked", 2, "expired", 88));
    assertThat(run().expired()).as("stated an hour later").isEqualTo(10);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    for (Path file : files(from)) {
      Files.copy(file, to.resolve(file.getFileName()));
    }
  }

  private static void delete(Path of) throws IOException {
    for (Path file : files(of)) {
      Files.delete(file);
    }
  }

  private static List<Path> files(Path of) throws IOException {
    try (Stream<Path> files = Files.list(of)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
