// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.rest_client.RestClientTransport;
import dev.tip.elastic.BulkEndpoint.Behaviour;
import dev.tip.elastic.BulkEndpoint.Ending;
import dev.tip.elastic.BulkEndpoint.Reply;
import dev.tip.elastic.BulkEndpoint.Request;
import dev.tip.elastic.FakeIndex.Refusal;
import dev.tip.elastic.FaultScript.Mode;
import dev.tip.elastic.FaultScript.Position;
import dev.tip.feed.FeedInfo;
import dev.tip.sink.Change;
import dev.tip.sink.SinkException;
import dev.tip.sink.WriteResult;
import dev.tip.sink.WriteResult.Outcome;
import dev.tip.sink.WriteResult.Status;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.http.HttpHost;
import org.elasticsearch.client.RestClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A sink over Elasticsearch's own client against a bulk endpoint that misbehaves. */
class BulkFaultTest {
  private static final String ALIAS = ElasticsearchSink.DEFAULT_INDEX_BASE;
  private static final FeedInfo FEED = Samples.feed("bulk-fault", FeedInfo.Role.C2);
  private static final int BATCHES = FaultScript.BATCHES;
  private static final int BATCH = 50;

  private final FakeIndex index = new FakeIndex();
  private final Clock clock = new Clock();
  private BulkEndpoint endpoint;
  private RestClientTransport transport;

  /** Time that passes only while somebody waits for the next attempt. */
  private static final class Clock {
    private final AtomicLong nanos = new AtomicLong();
    private final List<Long> waits = Collections.synchronizedList(new ArrayList<>());

    void pause(long wait) {
      waits.add(TimeUnit.NANOSECONDS.toMillis(wait));
      nanos.addAndGet(wait);
    }
  }

  @BeforeEach
  void open() throws IOException {
    endpoint = new BulkEndpoint(request -> answer(request, this::healthy));
    transport =
        new RestClientTransport(
            RestClient.builder(HttpHost.create(endpoint.url())).build(), new JacksonJsonpMapper());
  }

  @AfterEach
  void close() throws IOException {
    transport.close();
    endpoint.close();
  }

  private static Reply answer(Request request, Behaviour bulk) throws IOException {
    return request.isBulk() ? bulk.reply(request) : Reply.json(200, FakeIndex.aliasAnswer(ALIAS));
  }

  private Reply healthy(Request request) throws IOException {
    return Reply.json(200, index.bulk(request.body()));
  }

  private void bulk(Behaviour bulk) {
    endpoint.behaviour(request -> answer(request, bulk));
  }

  private ElasticsearchSink.Builder builder() {
    return ElasticsearchSink.builder(new ElasticsearchClient(transport));
  }

  /** A sink whose waits take no time and are as long as they can be. */
  private ElasticsearchSink timeless() throws IOException {
    return builder().time(clock.nanos::get, () -> 1.0, clock::pause).build();
  }

  private static List<Change> batch(int number) {
    return Samples.domains(BATCHES * BATCH, FEED).subList(number * BATCH, (number + 1) * BATCH);
  }

  private static List<String> ids(List<Change> changes) {
    return changes.stream().map(Change::id).toList();
  }

  // --- Faults that pass ------------------------------------------------------------------------

  static Stream<Arguments> passingFaults() {
    return FaultScript.all(new FakeIndex(), ids(Samples.domains(BATCHES * BATCH, FEED)))
        .filter(script -> script.mode().passes() && script.mode() != Mode.SILENT)
        .flatMap(
            script ->
                Stream.of(1, 4)
                    .map(lanes -> Arguments.of(script.mode(), script.position(), lanes)));
  }

  @Test
  void theElevenFaultsOfTheComparisonAreAmongThem() {
    assertThat(passingFaults().map(fault -> (Mode) fault.get()[0]))
        .containsAll(Mode.eleven())
        .doesNotContainNull();
    assertThat(Mode.eleven()).hasSize(11);
  }

  @ParameterizedTest(name = "{0}, {1}, lanes: {2}")
  @MethodSource("passingFaults")
  @Timeout(60)
  void aFaultThatPassesLosesNothing(Mode fault, Position position, int lanes) throws Exception {
    bulk(new FaultScript(index, fault, position, ids(Samples.domains(BATCHES * BATCH, FEED))));
    Map<String, Long> wanted = new TreeMap<>();
    ExecutorService writers = Executors.newFixedThreadPool(lanes);
    try (ElasticsearchSink sink = timeless()) {
      List<Future<WriteResult>> results = new ArrayList<>();
      for (int i = 0; i < BATCHES; i++) {
        List<Change> batch = batch(i);
        batch.forEach(change -> wanted.put(change.id(), change.generation()));
        results.add(writers.submit(() -> sink.write(batch)));
      }
      for (Future<WriteResult> result : results) {
        assertThat(result.get().outcomes()).hasSize(BATCH).containsOnly(Outcome.WRITTEN);
      }
    } finally {
      writers.shutdownNow();
    }
    assertThat(index.versions()).isEqualTo(wanted);
  }

  @Test
  void onlyTheItemsThatFailedAreSentAgain() throws Exception {
    List<Change> batch = batch(0);
    List<String> busy = List.of(batch.get(3).id(), batch.get(30).id());
    List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
    bulk(
        request -> {
          sizes.add(FakeIndex.operations(request.body()));
          boolean first = sizes.size() == 1;
          return Reply.json(
              200,
              index
                  .apply(
                      request.body(),
                      Integer.MAX_VALUE,
                      id -> first && busy.contains(id) ? new Refusal(429, "busy") : null)
                  .toString());
        });
    try (ElasticsearchSink sink = timeless()) {
      assertThat(sink.write(batch).count(Status.WRITTEN)).isEqualTo(BATCH);
    }
    assertThat(sizes).containsExactly(BATCH, 2);
  }

  @Test
  void aBatchIsSentInRequestsOfLimitedSize() throws Exception {
    List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger largest = new AtomicInteger();
    bulk(
        request -> {
          sizes.add(FakeIndex.operations(request.body()));
          largest.accumulateAndGet(request.body().length, Math::max);
          return healthy(request);
        });
    try (ElasticsearchSink sink = builder().requestLimits(20, 1 << 20).build()) {
      sink.write(batch(0));
    }
    assertThat(sizes).containsExactly(20, 20, 10);
    try (ElasticsearchSink sink = builder().requestLimits(1000, 5000).build()) {
      largest.set(0);
      assertThat(sink.write(batch(1)).count(Status.WRITTEN)).isEqualTo(BATCH);
    }
    assertThat(largest).hasValueBetween(4000, 5000);
    try (ElasticsearchSink sink = builder().requestLimits(1000, 1).build()) {
      sizes.clear();
      assertThat(sink.write(batch(2)).count(Status.WRITTEN)).isEqualTo(BATCH);
    }
    assertThat(sizes).hasSize(BATCH).containsOnly(1);
  }

  // --- Waiting ---------------------------------------------------------------------------------

  @Test
  void waitsGrowToThirtySecondsAndEndWithTheDeadline() throws Exception {
    bulk(request -> Reply.error(429, "es_rejected_execution_exception"));
    try (ElasticsearchSink sink = timeless()) {
      assertThatThrownBy(() -> sink.write(batch(0)))
          .isInstanceOfSatisfying(
              SinkException.class,
              e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.UNREACHABLE))
          .hasMessageContaining("es_rejected_execution_exception");
    }
    assertThat(clock.waits)
        .startsWith(200L, 400L, 800L, 1600L, 3200L, 6400L, 12_800L, 25_600L, 30_000L, 30_000L)
        .hasSize(11);
    assertThat(clock.nanos).hasValue(Duration.ofMinutes(2).toNanos());
  }

  @Test
  void whatTheServerAsksToWaitIsWaitedUpToThirtySeconds() throws Exception {
    List<String> asked = new ArrayList<>(List.of("7", "100000000000000000", "soon", "-5"));
    bulk(
        request ->
            asked.isEmpty()
                ? healthy(request)
                : Reply.error(429, "busy").header("Retry-After", asked.remove(0)));
    try (ElasticsearchSink sink = timeless()) {
      assertThat(sink.write(batch(0)).count(Status.WRITTEN)).isEqualTo(BATCH);
    }
    assertThat(clock.waits).containsExactly(7000L, 30_000L, 800L, 1600L);
  }

  @Test
  void aFullDiskIsProbedWithOneOperationUntilItIsFree() throws Exception {
    List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
    bulk(
        request -> {
          sizes.add(FakeIndex.operations(request.body()));
          boolean full = sizes.size() <= 3;
          return Reply.json(
              200,
              index
                  .apply(
                      request.body(),
                      Integer.MAX_VALUE,
                      id -> full ? new Refusal(429, "cluster_block_exception") : null)
                  .toString());
        });
    try (ElasticsearchSink sink = timeless()) {
      assertThat(sink.write(batch(0)).count(Status.WRITTEN)).isEqualTo(BATCH);
    }
    assertThat(sizes).startsWith(BATCH, 1, 1, 1, 2, 4, 8);
  }

  @Test
  void aDiskThatStaysFullIsSaidToBeBlocked() throws Exception {
    bulk(
        request ->
            Reply.json(
                200,
                index
                    .apply(
                        request.body(),
                        Integer.MAX_VALUE,
                        id -> new Refusal(429, "cluster_block_exception"))
                    .toString()));
    try (ElasticsearchSink sink = timeless()) {
      assertThatThrownBy(() -> sink.write(batch(0)))
          .isInstanceOfSatisfying(
              SinkException.class, e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.BLOCKED))
          .hasMessageContaining("free disk space");
    }
  }

  @Test
  void whatIsSettledWhenTheDeadlineEndsIsNotTakenBack() throws Exception {
    List<Change> batch = batch(0);
    String stuck = batch.get(4).id();
    bulk(
        request ->
            Reply.json(
                200,
                index
                    .apply(
                        request.body(),
                        Integer.MAX_VALUE,
                        id -> id.equals(stuck) ? new Refusal(503, "unavailable_shards") : null)
                    .toString()));
    try (ElasticsearchSink sink = timeless()) {
      List<Outcome> outcomes = sink.write(batch).outcomes();

      assertThat(outcomes.get(4))
          .isEqualTo(new Outcome(Status.UNSETTLED, "unavailable_shards", "on request"));
      assertThat(Collections.frequency(outcomes, Outcome.WRITTEN)).isEqualTo(BATCH - 1);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Ending.class,
      names = {"SILENT", "HALF"})
  void aServerThatDoesNotAnswerIsLeftAtTheDeadline(Ending ending) throws Exception {
    bulk(request -> healthy(request).ending(ending));
    Duration deadline = Duration.ofMillis(400);
    try (ElasticsearchSink sink = builder().deadline(deadline).build()) {
      long start = System.nanoTime();
      assertThatThrownBy(() -> sink.write(batch(0)))
          .isInstanceOfSatisfying(
              SinkException.class,
              e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.UNREACHABLE));
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(deadline, deadline.plusSeconds(1));
      assertThat(endpoint.isAbandoned()).as("the request is aborted").isTrue();

      bulk(this::healthy);
      assertThat(sink.write(batch(0)).count(Status.WRITTEN)).isEqualTo(BATCH);
    }
  }

  @Test
  void aServerThatIsDownIsSaid() throws Exception {
    try (ElasticsearchSink sink = timeless()) {
      endpoint.close();

      assertThatThrownBy(() -> sink.write(batch(0)))
          .isInstanceOfSatisfying(
              SinkException.class,
              e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.UNREACHABLE))
          .hasMessageContaining("no-answer")
          .hasMessageContaining("Connection refused");
    }
  }

  @Test
  void aServerThatIsDownWhenTheSinkIsOpenedIsSaid() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    String url = "http://127.0.0.1:" + port;

    assertThatThrownBy(() -> new ElasticsearchSinkProvider().create(Map.of("url", url)))
        .isInstanceOfSatisfying(
            SinkException.class,
            e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.UNREACHABLE))
        .hasMessageContaining("check its address and that it is up");
  }

  // --- Faults that stay ------------------------------------------------------------------------

  @Test
  void aRefusedDocumentIsNamedAndTheOthersAreStored() throws Exception {
    List<Change> batch = batch(0);
    String bad = batch.get(7).id();
    bulk(
        request ->
            Reply.json(
                200,
                index
                    .apply(
                        request.body(),
                        Integer.MAX_VALUE,
                        id ->
                            id.equals(bad) ? new Refusal(400, "document_parsing_exception") : null)
                    .toString()));
    try (ElasticsearchSink sink = timeless()) {
      List<Outcome> outcomes = sink.write(batch).outcomes();

      assertThat(outcomes.get(7))
          .isEqualTo(new Outcome(Status.REFUSED, "document_parsing_exception", "on request"));
      assertThat(Collections.frequency(outcomes, Outcome.WRITTEN)).isEqualTo(BATCH - 1);
    }
    assertThat(clock.waits).isEmpty();
  }

  @Test
  void aDocumentThatIsTooLargeByItselfIsRefused() throws Exception {
    List<Change> batch = batch(0);
    String large = batch.get(11).id();
    bulk(
        request ->
            new String(request.body(), StandardCharsets.UTF_8).contains(large)
                ? Reply.page(413)
                : healthy(request));
    try (ElasticsearchSink sink = timeless()) {
      List<Outcome> outcomes = sink.write(batch).outcomes();

      assertThat(outcomes.get(11).status()).isEqualTo(Status.REFUSED);
      assertThat(outcomes.get(11).reason()).isEqualTo("request-too-large");
      assertThat(Collections.frequency(outcomes, Outcome.WRITTEN)).isEqualTo(BATCH - 1);
    }
  }

  static Stream<Arguments> lastingFaults() {
    Reply denied = Reply.error(401, "security_exception");
    Reply page = Reply.page(403);
    return Stream.of(
        Arguments.of("401", denied, SinkException.Kind.AUTH),
        Arguments.of("403 of a proxy", page, SinkException.Kind.AUTH),
        Arguments.of(
            "404", Reply.error(404, "index_not_found_exception"), SinkException.Kind.CONFIG),
        Arguments.of(
            "400", Reply.error(400, "illegal_argument_exception"), SinkException.Kind.CONFIG),
        Arguments.of(
            "406", Reply.error(406, "media_type_header_exception"), SinkException.Kind.CONFIG),
        Arguments.of(
            "403 of a block",
            Reply.error(403, "cluster_block_exception"),
            SinkException.Kind.BLOCKED));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lastingFaults")
  void aFaultOfTheTargetEndsTheWriteAtOnce(String name, Reply reply, SinkException.Kind kind)
      throws Exception {
    AtomicInteger requests = new AtomicInteger();
    bulk(
        request -> {
          requests.incrementAndGet();
          return reply;
        });
    try (ElasticsearchSink sink = timeless()) {
      assertThatThrownBy(() -> sink.write(batch(0)))
          .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.kind()).isEqualTo(kind))
          .hasMessageContaining(ALIAS);
    }
    assertThat(requests).hasValue(1);
    assertThat(clock.waits).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "403,security_exception,AUTH",
    "404,index_not_found_exception,CONFIG",
    "400,index_closed_exception,CONFIG",
    "403,cluster_block_exception,BLOCKED"
  })
  void anItemThatBlamesTheTargetEndsTheWriteAtOnce(int status, String type, SinkException.Kind kind)
      throws Exception {
    bulk(
        request ->
            Reply.json(
                200,
                index
                    .apply(request.body(), Integer.MAX_VALUE, id -> new Refusal(status, type))
                    .toString()));
    try (ElasticsearchSink sink = timeless()) {
      assertThatThrownBy(() -> sink.write(batch(0)))
          .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.kind()).isEqualTo(kind))
          .hasMessageContaining(type);
    }
  }

  @Test
  void aRedirectIsNotFollowedWithTheKey() throws Exception {
    AtomicInteger elsewhere = new AtomicInteger();
    try (BulkEndpoint other =
        new BulkEndpoint(
            request -> {
              elsewhere.incrementAndGet();
              return Reply.json(200, FakeIndex.aliasAnswer(ALIAS));
            })) {
      endpoint.behaviour(
          request -> Reply.page(302).header("Location", other.url() + request.path()));

      assertThatThrownBy(
              () ->
                  new ElasticsearchSinkProvider()
                      .create(Map.of("url", endpoint.url(), "api-key", "c2VjcmV0OmtleQ==")))
          .isInstanceOf(SinkException.class)
          .hasMessageContaining("http-302")
          .hasMessageNotContaining("c2VjcmV0OmtleQ==");
    }
    assertThat(elsewhere).hasValue(0);
  }

  // --- Ending early ----------------------------------------------------------------------------

  /** A write in a thread of its own, and the moment at which it waits for the third request. */
  private final class Waiting {
    private final CountDownLatch sent = new CountDownLatch(1);
    private final FutureTask<WriteResult> task;
    private final Thread thread;
    private volatile boolean interrupted;

    Waiting(ElasticsearchSink sink) {
      AtomicInteger requests = new AtomicInteger();
      bulk(
          request -> {
            Reply reply = healthy(request);
            if (requests.incrementAndGet() < 3) {
              return reply;
            }
            sent.countDown();
            return reply.ending(Ending.SILENT);
          });
      Callable<WriteResult> write =
          () -> {
            try {
              return sink.write(batch(0));
            } finally {
              interrupted = Thread.currentThread().isInterrupted();
            }
          };
      task = new FutureTask<>(write);
      thread = new Thread(task, "writer");
      thread.start();
    }

    Waiting await() throws InterruptedException {
      assertThat(sent.await(20, TimeUnit.SECONDS)).isTrue();
      return this;
    }

    void endsUnsettled(String reason) throws Exception {
      List<Outcome> outcomes = task.get(20, TimeUnit.SECONDS).outcomes();
      assertThat(outcomes.subList(0, 20)).containsOnly(Outcome.WRITTEN);
      assertThat(outcomes.subList(20, BATCH))
          .allSatisfy(
              outcome -> {
                assertThat(outcome.status()).isEqualTo(Status.UNSETTLED);
                assertThat(outcome.reason()).isEqualTo(reason);
              });
      assertThat(endpoint.isAbandoned()).as("the request is aborted").isTrue();
    }
  }

  @Test
  void anInterruptEndsTheWriteAndLeavesTheRestUnsettled() throws Exception {
    try (ElasticsearchSink sink = builder().requestLimits(10, 1 << 20).build()) {
      Waiting write = new Waiting(sink).await();
      write.thread.interrupt();

      write.endsUnsettled("interrupted");
      assertThat(write.interrupted).isTrue();
    }
  }

  @Test
  void closingEndsTheWriteAndLeavesTheRestUnsettled() throws Exception {
    ElasticsearchSink sink = builder().requestLimits(10, 1 << 20).build();
    Waiting write = new Waiting(sink).await();
    sink.close();
    sink.close();

    write.endsUnsettled("closed");
    assertThat(write.interrupted).isFalse();
  }

  @Test
  void closingEndsTheWaitForTheNextAttempt() throws Exception {
    CountDownLatch waits = new CountDownLatch(3);
    bulk(
        request -> {
          waits.countDown();
          return Reply.error(429, "busy");
        });
    ElasticsearchSink sink = builder().time(System::nanoTime, () -> 1.0, null).build();
    FutureTask<WriteResult> write = new FutureTask<>(() -> sink.write(batch(0)));
    new Thread(write, "writer").start();
    assertThat(waits.await(20, TimeUnit.SECONDS)).isTrue();
    sink.close();

    assertThat(write.get(20, TimeUnit.SECONDS).outcomes())
        .extracting(Outcome::status)
        .containsOnly(Status.UNSETTLED);
  }

  @Test
  void whateverTheMomentOfClosingWhatIsSaidToBeWrittenIs() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      for (int round = 0; round < 60; round++) {
        ElasticsearchSink sink = builder().requestLimits(5, 1 << 20).build();
        CountDownLatch start = new CountDownLatch(1);
        List<Future<WriteResult>> writes = new ArrayList<>();
        for (int lane = 0; lane < 2; lane++) {
          List<Change> batch = batch(lane);
          writes.add(
              threads.submit(
                  () -> {
                    start.countDown();
                    try {
                      return sink.write(batch);
                    } catch (IllegalStateException e) {
                      return new WriteResult(List.of());
                    }
                  }));
        }
        int spin = round * 2000;
        Future<?> closing =
            threads.submit(
                () -> {
                  start.await();
                  for (int i = 0; i < spin; i++) {
                    Thread.onSpinWait();
                  }
                  sink.close();
                  return null;
                });
        closing.get(20, TimeUnit.SECONDS);
        for (int lane = 0; lane < 2; lane++) {
          List<Outcome> outcomes = writes.get(lane).get(20, TimeUnit.SECONDS).outcomes();
          for (int i = 0; i < outcomes.size(); i++) {
            Status status = outcomes.get(i).status();
            assertThat(status).isIn(Status.WRITTEN, Status.UNSETTLED);
            if (status == Status.WRITTEN) {
              assertThat(index.versions()).containsKey(batch(lane).get(i).id());
            }
          }
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void theCallersClientIsNotClosed() throws Exception {
    builder().build().close();
    try (ElasticsearchSink sink = builder().build()) {
      assertThat(sink.write(batch(0)).count(Status.WRITTEN)).isEqualTo(BATCH);
      assertThat(index.versions()).containsOnlyKeys(ids(batch(0)));
    }
  }
}
