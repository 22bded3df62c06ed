// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tip.CyberObservable;
import dev.tip.elastic.BulkEndpoint.Ending;
import dev.tip.elastic.BulkEndpoint.Reply;
import dev.tip.feed.FeedInfo;
import dev.tip.sink.Change;
import dev.tip.sink.SinkException;
import dev.tip.sink.WriteResult.Outcome;
import dev.tip.sink.WriteResult.Status;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An index whose mapping is of an earlier version is moved to a new one. */
@ExtendWith(Server.Shared.class)
class MigrationIT {
  private static final FeedInfo C2 = Samples.feed("migration-it", FeedInfo.Role.C2);
  private static final String ALL = "{\"match_all\":{}}";

  private final Server server;
  private String alias;
  private String reader;

  MigrationIT(Server server) {
    this.server = server;
  }

  @BeforeEach
  void install() throws Exception {
    alias = "logs-ti_move." + UUID.randomUUID();
    reader = "reader-" + UUID.randomUUID();
    assertThat(admin().build().install())
        .isEqualTo(new Installation(alias + ".v1", reader, true, null, 0, null));
  }

  @AfterEach
  void remove() throws Exception {
    for (String index : indices()) {
      server.ok("DELETE", '/' + index, "");
    }
    server.ok("DELETE", "/_index_template/tip-indicators-" + alias, "");
  }

  private ElasticsearchAdmin.Builder admin() {
    return ElasticsearchAdmin.builder(server.client()).indexBase(alias).readerAlias(reader);
  }

  /** Makes the mapping of the index one of an earlier or later version. */
  private void mappingIs(int version) throws Exception {
    server.ok(
        "PUT", '/' + alias + "/_mapping", "{\"_meta\":{\"tip\":{\"mapping\":" + version + "}}}");
  }

  private List<Outcome> write(List<? extends Change> changes)
      throws IOException, InterruptedException {
    try (ElasticsearchSink sink =
        ElasticsearchSink.builder(server.client()).indexBase(alias).build()) {
      return sink.write(List.copyOf(changes)).outcomes();
    }
  }

  /** Five active indicators, and two that were withdrawn. */
  private void fill() throws Exception {
    assertThat(write(Samples.domains(7, C2))).containsOnly(Outcome.WRITTEN);
    assertThat(write(List.of(withdrawal(0, 5), withdrawal(1, 5)))).containsOnly(Outcome.WRITTEN);
    server.ok("POST", '/' + alias + "/_refresh", "");
  }

  private static Change withdrawal(int domain, long generation) {
    return Samples.withdraw(CyberObservable.domainName("d" + domain + ".example"), C2, generation);
  }

  private Set<String> indices() throws Exception {
    Set<String> names = new TreeSet<>();
    server
        .ok("GET", '/' + alias + "*?expand_wildcards=all", "")
        .fieldNames()
        .forEachRemaining(names::add);
    return names;
  }

  private List<String> seen(String index) throws Exception {
    JsonNode found = server.ok("GET", '/' + index + "/_search?size=10000", "");
    List<String> ids = new ArrayList<>();
    found.path("hits").path("hits").forEach(hit -> ids.add(hit.path("_id").asText()));
    return ids.stream().sorted().toList();
  }

  /** Documents with id, version and content, but not the index they are in. */
  private List<String> documents() throws Exception {
    JsonNode found = server.ok("GET", '/' + alias + "/_search?size=10000&version=true", "");
    List<String> documents = new ArrayList<>();
    for (JsonNode hit : found.path("hits").path("hits")) {
      documents.add(hit.path("_id") + " " + hit.path("_version") + " " + hit.path("_source"));
    }
    return documents.stream().sorted().toList();
  }

  @Test
  void everyDocumentIsMovedWithItsVersionAndTheOldIndexIsGone() throws Exception {
    fill();
    List<String> before = documents();
    server.ok(
        "POST",
        "/_aliases",
        "{\"actions\":[{\"add\":{\"index\":\""
            + alias
            + ".v1\",\"alias\":\""
            + alias
            + "-own\",\"filter\":"
            + "{\"term\":{\"tip.status\":\"withdrawn\"}}}}]}");
    mappingIs(0);

    Installation done = admin().build().install();

    assertThat(done)
        .isEqualTo(new Installation(alias + ".v2", reader, false, alias + ".v1", 7, null));
    assertThat(done.existed()).isFalse();
    assertMovedTo(alias + ".v2", before);
    // An alias that somebody else made goes with it, filter and all.
    assertThat(seen(alias + "-own")).hasSize(2);
    // What protects against an older generation still does.
    assertThat(write(List.of(Samples.upsert(CyberObservable.domainName("d0.example"), C2, 4))))
        .extracting(Outcome::status)
        .containsExactly(Status.CONFLICT);
    assertThat(admin().build().install().existed()).isTrue();
    mappingIs(0);
    assertThat(admin().build().install())
        .isEqualTo(new Installation(alias + ".v3", reader, false, alias + ".v2", 7, null));
    assertMovedTo(alias + ".v3", before);
  }

  private void assertMovedTo(String index, List<String> before) throws Exception {
    assertThat(indices()).containsExactly(index);
    assertThat(documents()).isEqualTo(before);
    assertThat(seen(reader)).hasSize(5);
    assertThat(seen(alias + '*')).hasSize(7).doesNotHaveDuplicates();
    JsonNode now = server.ok("GET", '/' + index, "").path(index);
    assertThat(now.path("settings").path("index").path("hidden").asText()).isNotEqualTo("true");
    assertThat(now.path("mappings").path("_meta").path("tip").path("mapping").asInt()).isEqualTo(1);
    assertThat(now.path("aliases").has(alias + ".next")).isFalse();
    assertThat(now.path("aliases").path(alias).path("is_write_index").asBoolean()).isTrue();
  }

  /**
   * The process, or the line to the server, ends before or after the server does what a request
   * asks for, for each request in turn; and stays down.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whereverItIsCutOffReadersSeeEachDocumentOnceAndTheNextAttemptEndsIt(boolean applied)
      throws Exception {
    boolean done = false;
    int cut = 0;
    for (; !done; cut++) {
      if (cut > 0) {
        remove();
        install();
      }
      fill();
      List<String> all = seen(alias);
      List<String> active = seen(reader);
      List<String> before = documents();
      mappingIs(0);

      done = installUntil(cut, applied);

      assertThat(seen(alias)).as("request %s", cut).isEqualTo(all);
      assertThat(seen(reader)).as("request %s", cut).isEqualTo(active);
      assertThat(seen(alias + '*')).as("request %s", cut).isEqualTo(all);
      assertThat(admin().build().install().index()).as("request %s", cut).isEqualTo(alias + ".v2");
      assertMovedTo(alias + ".v2", before);
      assertThat(write(Samples.domains(9, C2)).subList(7, 9)).containsOnly(Outcome.WRITTEN);
    }
    assertThat(cut).isGreaterThan(15);
  }

  /** Returns whether it came to its end. */
  private boolean installUntil(int cut, boolean applied) throws Exception {
    AtomicInteger requests = new AtomicInteger();
    try (Relay relay =
        new Relay(
            request -> {
              int number = requests.getAndIncrement();
              if (number < cut) {
                return Relay.pass(server.url(), request);
              }
              if (number == cut && applied) {
                Relay.pass(server.url(), request);
              }
              return Reply.page(500).ending(Ending.RESET);
            })) {
      patient(relay).install();
      return true;
    } catch (SinkException e) {
      assertThat(e.kind()).isEqualTo(SinkException.Kind.UNREACHABLE);
      return false;
    }
  }

  @Test
  void noSearchIsShortOrDoubleAndNoWriteIsLostMeanwhile() throws Exception {
    int documents = 4000;
    assertThat(write(Samples.domains(documents, C2))).containsOnly(Outcome.WRITTEN);
    server.ok("POST", '/' + alias + "/_refresh", "");
    mappingIs(0);
    AtomicBoolean moved = new AtomicBoolean();
    Set<String> wrong = new ConcurrentSkipListSet<>();
    AtomicInteger searches = new AtomicInteger();
    AtomicInteger gone = new AtomicInteger();
    Set<String> written = new ConcurrentSkipListSet<>();
    String ofFeed = "{\"size\":0,\"track_total_hits\":true,\"query\":{\"term\":{\"tip.feed.id\":\"";
    List<Future<Void>> others = new ArrayList<>();
    ExecutorService threads = Executors.newCachedThreadPool();
    for (String index : List.of(alias, reader, alias + '*')) {
      others.add(
          repeat(
              threads,
              moved,
              () -> {
                Server.Answer found =
                    server.call("POST", '/' + index + "/_search", ofFeed + C2.id() + "\"}}}");
                JsonNode total = found.body().path("hits").path("total").path("value");
                if (found.status() == 200 && total.asInt() == documents) {
                  searches.incrementAndGet();
                } else if (isOfTheRemovedIndex(found)) {
                  gone.incrementAndGet();
                } else {
                  wrong.add(index + ": " + found);
                }
              }));
    }
    FeedInfo another = Samples.feed("migration-it-writer", FeedInfo.Role.C2);
    AtomicInteger next = new AtomicInteger();
    ElasticsearchSink sink = ElasticsearchSink.builder(server.client()).indexBase(alias).build();
    others.add(
        repeat(
            threads,
            moved,
            () -> {
              Change change =
                  Samples.upsert(
                      CyberObservable.domainName("w" + next.incrementAndGet() + ".example"),
                      another);
              try {
                if (sink.write(List.of(change)).count(Status.WRITTEN) == 1) {
                  written.add(change.id());
                }
              } catch (SinkException e) {
                // Blocked while it moves, which is said.
                if (e.kind() != SinkException.Kind.BLOCKED) {
                  wrong.add(e.toString());
                }
              }
            }));
    try {
      assertThat(admin().build().install().index()).isEqualTo(alias + ".v2");
    } finally {
      moved.set(true);
      threads.shutdown();
    }
    for (Future<Void> other : others) {
      other.get(60, TimeUnit.SECONDS);
    }
    sink.close();
    assertThat(wrong).isEmpty();
    assertThat(searches).as("searches that found all").hasValueGreaterThan(10);
    assertThat(gone).as("searches that failed").hasValueLessThanOrEqualTo(3);
    assertThat(written).isNotEmpty();
    assertThat(server.find(alias, "{\"term\":{\"tip.feed.id\":\"" + another.id() + "\"}}"))
        .extracting(hit -> hit.path("_id").asText())
        .containsAll(written);
  }

  /** A search that was under way when the old index went finds neither it nor its shards. */
  private boolean isOfTheRemovedIndex(Server.Answer found) {
    String body = found.body().toString();
    return body.contains(alias + ".v1\"")
        && (found.status() == 404
            || found.status() == 503 && body.contains("no_shard_available_action_exception"));
  }

  private interface Work {
    void run() throws Exception;
  }

  private static Future<Void> repeat(ExecutorService threads, AtomicBoolean until, Work work) {
    return threads.submit(
        () -> {
          do {
            work.run();
          } while (!until.get());
          return null;
        });
  }

  /** What happens to the answer of one request of an installation, which the server acted on. */
  private enum Mishap {
    LOST,
    INTERRUPTED
  }

  /** Unlike above, the server can be reached again, so the block need not wait for anybody. */
  @ParameterizedTest
  @EnumSource
  void whateverAnswerIsMissingTheIndexTakesWritesAfterwards(Mishap mishap) throws Exception {
    boolean done = false;
    for (int cut = 0; !done; cut++) {
      if (cut > 0) {
        remove();
        install();
      }
      fill();
      mappingIs(0);
      AtomicInteger requests = new AtomicInteger();
      int number = cut;
      Thread installer = Thread.currentThread();
      try (Relay relay =
          new Relay(
              request -> {
                Reply reply = Relay.pass(server.url(), request);
                if (requests.getAndIncrement() != number) {
                  return reply;
                }
                if (mishap == Mishap.LOST) {
                  return reply.ending(Ending.RESET);
                }
                installer.interrupt();
                return reply.ending(Ending.SILENT);
              })) {
        done = installOver(relay, mishap) && requests.get() <= cut;
      }

      assertThat(write(Samples.domains(9, C2)).subList(7, 9))
          .as("after request %s", cut)
          .containsOnly(Outcome.WRITTEN);
    }
  }

  /**
   * Returns whether it came to its end; an answer to the close of a point in time is not missed.
   */
  private boolean installOver(Relay relay, Mishap mishap) throws IOException {
    try {
      patient(relay).install();
      return true;
    } catch (SinkException e) {
      assertThat(mishap).isEqualTo(Mishap.LOST);
    } catch (InterruptedIOException e) {
      assertThat(mishap).isEqualTo(Mishap.INTERRUPTED);
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      // Closing the client would take the interrupt for its own.
      Thread.interrupted();
    }
    return false;
  }

  /** An administration whose waits take no time. */
  private ElasticsearchAdmin patient(Relay relay) {
    AtomicLong nanos = new AtomicLong();
    return ElasticsearchAdmin.builder(relay.client())
        .indexBase(alias)
        .readerAlias(reader)
        .time(InstantSource.system(), nanos::get, () -> 1.0, nanos::addAndGet)
        .build();
  }

  @Test
  void aBlockThatIsNotConfirmedIsNotReliedOn() throws Exception {
    for (String answer :
        List.of(
            "{\"acknowledged\":true,\"shards_acknowledged\":false,\"indices\":[{\"name\":\"x\"}]}",
            "{\"acknowledged\":false,\"shards_acknowledged\":false,\"indices\":[]}")) {
      fill();
      List<String> before = documents();
      mappingIs(0);
      try (Relay relay =
          new Relay(
              request ->
                  request.path().contains("/_block/")
                      ? Reply.json(200, answer)
                      : Relay.pass(server.url(), request))) {
        assertThatThrownBy(
                () -> ElasticsearchAdmin.builder(relay.client()).indexBase(alias).build().install())
            .isInstanceOf(SinkException.class)
            .hasMessageContaining("does not confirm");
      }
      assertThat(documents()).isEqualTo(before);
      remove();
      install();
    }
  }

  /** As another installation does that fails meanwhile. */
  @Test
  void anOverwriteWhileItMovesIsNotLost() throws Exception {
    fill();
    mappingIs(0);
    Change newer = Samples.upsert(CyberObservable.domainName("d3.example"), C2, 9);
    AtomicInteger bulks = new AtomicInteger();
    try (Relay relay =
        new Relay(
            request -> {
              Reply reply = Relay.pass(server.url(), request);
              if (request.isBulk() && bulks.getAndIncrement() == 0) {
                overwrite(newer);
              }
              return reply;
            })) {
      assertThatThrownBy(
              () -> ElasticsearchAdmin.builder(relay.client()).indexBase(alias).build().install())
          .isInstanceOf(SinkException.class)
          .hasMessageContaining("wrote to " + alias + ".v1 meanwhile")
          .hasMessageContaining("install again");
    }
    assertThat(bulks).hasValue(1);
    server.ok("POST", '/' + alias + "/_refresh", "");
    List<String> before = documents();
    assertThat(before).filteredOn(document -> document.contains(newer.id() + "\" 9 ")).hasSize(1);
    assertThat(admin().build().install().index()).isEqualTo(alias + ".v2");
    assertMovedTo(alias + ".v2", before);
  }

  private void overwrite(Change change) throws IOException {
    try {
      server.ok("PUT", '/' + alias + ".v1/_settings", "{\"index.blocks.write\":null}");
      assertThat(write(List.of(change))).containsOnly(Outcome.WRITTEN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Test
  void aDocumentThatTheNewIndexRefusesLeavesTheOldOneAsItWas() throws Exception {
    fill();
    List<String> before = documents();
    mappingIs(0);
    try (Relay relay =
        new Relay(
            request -> {
              String body = new String(request.body(), StandardCharsets.UTF_8);
              return Relay.pass(
                  server.url(),
                  request,
                  request.isBulk()
                      ? body.replace("\"@timestamp\":\"", "\"@timestamp\":\"no date ")
                          .getBytes(StandardCharsets.UTF_8)
                      : request.body());
            })) {
      assertThatThrownBy(
              () -> ElasticsearchAdmin.builder(relay.client()).indexBase(alias).build().install())
          .isInstanceOf(SinkException.class)
          .hasMessageContaining("document_parsing_exception");
    }
    assertThat(documents()).isEqualTo(before);
    assertThat(write(Samples.domains(9, C2)).subList(7, 9)).containsOnly(Outcome.WRITTEN);
  }

  @Test
  void whatTheServerCannotTakeAtTheMomentIsSentAgain() throws Exception {
    fill();
    List<String> before = documents();
    mappingIs(0);
    AtomicInteger refused = new AtomicInteger();
    List<Long> waits = new ArrayList<>();
    try (Relay relay =
        new Relay(
            request ->
                request.isBulk() && refused.getAndIncrement() < 2
                    ? Reply.error(429, "es_rejected_execution_exception")
                    : Relay.pass(server.url(), request))) {
      ElasticsearchAdmin.builder(relay.client())
          .indexBase(alias)
          .readerAlias(reader)
          .time(InstantSource.system(), System::nanoTime, () -> 1.0, waits::add)
          .build()
          .install();
    }
    assertThat(waits).containsExactly(200_000_000L, 400_000_000L);
    assertMovedTo(alias + ".v2", before);
  }

  @Test
  void anIndexOfALaterVersionIsLeftAlone() throws Exception {
    fill();
    mappingIs(99);

    assertThatThrownBy(() -> admin().build().install())
        .isInstanceOfSatisfying(
            SinkException.class, e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.CONFIG))
        .hasMessageContaining("later version of tip")
        .hasMessageContaining("update");
    assertThat(indices()).containsExactly(alias + ".v1");
  }

  @Test
  void anotherIdentityIsWhatSinksHaveAfterwards() throws Exception {
    String before;
    try (ElasticsearchSink sink =
        ElasticsearchSink.builder(server.client()).indexBase(alias).build()) {
      before = sink.info().identity();
    }
    mappingIs(0);
    admin().build().install();
    try (ElasticsearchSink sink =
        ElasticsearchSink.builder(server.client()).indexBase(alias).build()) {
      assertThat(sink.info().identity()).isNotEqualTo(before);
    }
    assertThat(server.find(alias, ALL)).isEmpty();
  }
}
