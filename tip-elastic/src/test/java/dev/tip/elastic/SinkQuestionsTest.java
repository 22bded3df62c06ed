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
import dev.tip.feed.FeedInfo;
import dev.tip.sink.Holdings;
import dev.tip.sink.SinkException;
import dev.tip.sink.StoredIndicator;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sink says of its index while the server misbehaves, the thread or the sink ends. */
@Timeout(60)
class SinkQuestionsTest {
  private static final String ALIAS = ElasticsearchSink.DEFAULT_INDEX_BASE;
  private static final FeedInfo FEED = Samples.feed("sink-questions", FeedInfo.Role.C2);
  private static final Holdings TWO = new Holdings(2, 7);

  /** Where requests of the questions go. */
  private static final String ALIAS_LOOKUP = "GET /" + ALIAS + '?';

  private static final String REFRESH = "POST /" + ALIAS + "/_bulk?refresh";
  private static final String COUNT = "POST /" + ALIAS + "/_search";
  private static final String OPEN = "POST /" + ALIAS + "/_pit";
  private static final String PAGE = "POST /_search";
  private static final String CLOSE = "DELETE /_pit";

  private final FakeIndex index = new FakeIndex();
  private final AtomicLong nanos = new AtomicLong();
  private final List<Long> waits = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger refreshes = new AtomicInteger();
  private BulkEndpoint endpoint;
  private RestClientTransport transport;

  @BeforeEach
  void open() throws IOException {
    endpoint = new BulkEndpoint(this::healthy);
    transport =
        new RestClientTransport(
            RestClient.builder(HttpHost.create(endpoint.url())).build(), new JacksonJsonpMapper());
  }

  @AfterEach
  void close() throws IOException {
    transport.close();
    endpoint.close();
  }

  private static boolean isFor(Request request, String start) {
    return (request.method() + ' ' + request.path()).startsWith(start);
  }

  private Reply healthy(Request request) throws IOException {
    if (isFor(request, REFRESH)) {
      refreshes.incrementAndGet();
      return Reply.json(
          200,
          item(
              "\"status\":409,\"error\":{\"type\":\"version_conflict_engine_exception\","
                  + "\"shard\":\"0\""));
    }
    if (request.isBulk()) {
      return Reply.json(200, index.bulk(request.body()));
    }
    if (isFor(request, COUNT)) {
      return Reply.json(
          200, "{\"aggregations\":{\"active\":{\"doc_count\":2},\"generation\":{\"value\":7.0}}}");
    }
    if (isFor(request, PAGE)) {
      return Reply.json(
          200,
          "{\"hits\":{\"hits\":[{\"_id\":\"one\",\"_source\":{},\"sort\":[1]},"
              + "{\"_id\":\"two\",\"_source\":{},\"sort\":[2]}]}}");
    }
    return Reply.json(
        200,
        isFor(request, OPEN)
            ? "{\"id\":\"pit\"}".getBytes(StandardCharsets.UTF_8)
            : FakeIndex.aliasAnswer(ALIAS));
  }

  private static String item(String fields) {
    return "{\"items\":[{\"index\":{" + fields + "}}}]}";
  }

  /** Answers the first requests to a place in another way. */
  private void first(int count, String place, Behaviour other) {
    AtomicInteger requests = new AtomicInteger();
    endpoint.behaviour(
        request ->
            isFor(request, place) && requests.getAndIncrement() < count
                ? other.reply(request)
                : healthy(request));
  }

  private ElasticsearchSink.Builder builder() {
    return ElasticsearchSink.builder(new ElasticsearchClient(transport));
  }

  /** A sink whose waits take no time and are as long as they can be. */
  private ElasticsearchSink timeless() throws IOException {
    return builder()
        .time(
            nanos::get,
            () -> 1.0,
            wait -> {
              waits.add(TimeUnit.NANOSECONDS.toMillis(wait));
              nanos.addAndGet(wait);
            })
        .build();
  }

  /** A question that goes to a place. */
  private static Object ask(ElasticsearchSink sink, String place)
      throws IOException, InterruptedException {
    if (List.of(ALIAS_LOOKUP, REFRESH, COUNT).contains(place)) {
      return sink.holdings(FEED.id()).orElseThrow();
    }
    try (Stream<StoredIndicator> active = sink.active(FEED.id()).orElseThrow()) {
      return active.map(StoredIndicator::id).toList();
    }
  }

  private static Object rightAnswer(String place) {
    return List.of(OPEN, PAGE, CLOSE).contains(place) ? List.of("one", "two") : TWO;
  }

  // --- What searches see -----------------------------------------------------------------------

  @Test
  void whatAnotherProcessWroteBeforeIsSeenByTheFirstQuestion() throws Exception {
    try (ElasticsearchSink sink = builder().build()) {
      assertThat(sink.holdings(FEED.id())).contains(TWO);
      assertThat(sink.holdings(FEED.id())).contains(TWO);
      assertThat(refreshes).as("nothing was written since").hasValue(1);
    }
  }

  @Test
  void whoAsksWhileAnotherMakesWritesVisibleWaitsForThat() throws Exception {
    CountDownLatch refreshing = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    try (ElasticsearchSink sink = builder().build()) {
      sink.write(List.copyOf(Samples.domains(2, FEED)));
      first(
          1,
          REFRESH,
          request -> {
            refreshing.countDown();
            await(end);
            return healthy(request);
          });
      FutureTask<Object> one = start(() -> ask(sink, REFRESH));
      await(refreshing);
      FutureTask<Object> other = start(() -> ask(sink, REFRESH));

      assertThatThrownBy(() -> other.get(500, TimeUnit.MILLISECONDS))
          .as("counted before it was visible")
          .isInstanceOf(TimeoutException.class);
      end.countDown();

      assertThat(one.get()).isEqualTo(TWO);
      assertThat(other.get()).isEqualTo(TWO);
      assertThat(refreshes).as("one for both").hasValue(1);
    }
  }

  @Test
  void whatIsWrittenDuringARefreshIsMadeVisibleByTheNext() throws Exception {
    CountDownLatch refreshing = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    first(
        1,
        REFRESH,
        request -> {
          refreshing.countDown();
          await(end);
          return healthy(request);
        });
    try (ElasticsearchSink sink = builder().build()) {
      FutureTask<Object> one = start(() -> ask(sink, REFRESH));
      await(refreshing);
      sink.write(List.copyOf(Samples.domains(2, FEED)));
      end.countDown();
      assertThat(one.get()).isEqualTo(TWO);

      assertThat(sink.holdings(FEED.id())).contains(TWO);
      assertThat(refreshes).hasValue(2);
    }
  }

  @Test
  void aRefreshThatFailedIsDoneByTheNext() throws Exception {
    try (ElasticsearchSink sink = builder().build()) {
      first(1, REFRESH, request -> Reply.error(403, "security_exception"));
      assertThatThrownBy(() -> sink.holdings(FEED.id())).isInstanceOf(SinkException.class);

      assertThat(sink.holdings(FEED.id())).contains(TWO);
      assertThat(refreshes).hasValue(1);
    }
  }

  // --- Faults that pass, and that do not -------------------------------------------------------

  static Stream<Arguments> passingFaults() {
    List<Arguments> faults = new ArrayList<>();
    for (String place : List.of(ALIAS_LOOKUP, REFRESH, COUNT, OPEN, PAGE)) {
      faults.add(Arguments.of("429", place, Reply.error(429, "circuit_breaking_exception")));
      faults.add(Arguments.of("503", place, Reply.error(503, "cluster_block_exception")));
      faults.add(Arguments.of("page of 502", place, Reply.page(502)));
      faults.add(Arguments.of("reset", place, Reply.json(200, "{}").ending(Ending.RESET)));
      faults.add(Arguments.of("page of 200", place, Reply.page(200)));
      faults.add(Arguments.of("cut JSON", place, Reply.json(200, "{\"took\":1,")));
    }
    faults.add(
        Arguments.of(
            "429 of a shard",
            REFRESH,
            Reply.json(
                200,
                item("\"status\":429,\"error\":{\"type\":\"es_rejected_execution_exception\""))));
    return faults.stream();
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("passingFaults")
  void aFaultThatPassesIsWaitedFor(String name, String place, Reply fault) throws Exception {
    try (ElasticsearchSink sink = timeless()) {
      first(2, place, request -> fault);

      assertThat(ask(sink, place)).isEqualTo(rightAnswer(place));
    }
    assertThat(waits).containsExactly(200L, 400L);
  }

  @ParameterizedTest
  @ValueSource(strings = {ALIAS_LOOKUP, REFRESH, COUNT, OPEN, PAGE})
  void aFaultThatStaysIsSaidAtTheDeadline(String place) throws Exception {
    try (ElasticsearchSink sink = timeless()) {
      first(1000, place, request -> Reply.error(429, "circuit_breaking_exception"));

      assertThatThrownBy(() -> ask(sink, place))
          .satisfies(SinkQuestionsTest::isUnreachable)
          .hasMessageContaining("circuit_breaking_exception");
    }
    assertThat(waits).startsWith(200L, 400L, 800L).hasSize(11);
    assertThat(nanos).hasValue(Duration.ofMinutes(2).toNanos());
  }

  private static void isUnreachable(Throwable failure) {
    Throwable cause = failure instanceof UncheckedIOException ? failure.getCause() : failure;
    assertThat(cause)
        .isInstanceOfSatisfying(
            SinkException.class,
            e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.UNREACHABLE));
  }

  @Test
  void aRefusalIsSaidAtOnce() throws Exception {
    try (ElasticsearchSink sink = timeless()) {
      endpoint.behaviour(request -> Reply.error(403, "security_exception"));
      for (String place : List.of(COUNT, OPEN)) {
        assertThatThrownBy(() -> ask(sink, place))
            .isInstanceOfSatisfying(
                SinkException.class, e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.AUTH));
      }
    }
    assertThat(waits).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {ALIAS_LOOKUP, REFRESH, COUNT, OPEN, PAGE})
  void aServerThatDoesNotAnswerIsLeftAtTheDeadline(String place) throws Exception {
    Duration deadline = Duration.ofMillis(400);
    try (ElasticsearchSink sink = builder().deadline(deadline).build()) {
      first(1, place, request -> healthy(request).ending(Ending.SILENT));
      long start = System.nanoTime();

      assertThatThrownBy(() -> ask(sink, place)).satisfies(SinkQuestionsTest::isUnreachable);

      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(deadline, deadline.plusSeconds(2));
      assertThat(endpoint.isAbandoned()).as("the request is aborted").isTrue();
    }
  }

  static Stream<Reply> alienAnswers() {
    return Stream.of(
        Reply.page(200),
        Reply.json(200, "<html>"),
        Reply.json(200, "{\"cut\":"),
        Reply.json(200, "[]"),
        Reply.json(200, ""));
  }

  @ParameterizedTest
  @MethodSource("alienAnswers")
  void anAnswerThatIsNotElasticsearchsIsNotTakenForNone(Reply answer) {
    endpoint.behaviour(request -> answer);

    assertThatThrownBy(() -> builder().build())
        .satisfies(SinkQuestionsTest::isUnreachable)
        .hasMessageContaining("the answer is not that of Elasticsearch")
        .hasMessageNotContaining("cannot be reached");
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 429, 500})
  void whatWasReadStaysReadIfThePointInTimeCannotBeClosed(int status) throws Exception {
    try (ElasticsearchSink sink = timeless()) {
      for (Reply reply :
          List.of(
              Reply.error(status, "search_context_missing_exception"),
              Reply.json(status, "").ending(Ending.RESET))) {
        CountDownLatch asked = new CountDownLatch(1);
        first(
            1,
            CLOSE,
            request -> {
              asked.countDown();
              return reply;
            });

        assertThat(ask(sink, CLOSE)).isEqualTo(List.of("one", "two"));
        await(asked);
      }
    }
    assertThat(waits).isEmpty();
  }

  // --- Ending early ----------------------------------------------------------------------------

  /** A question that waits, in a thread of its own: for an answer, or for the next attempt. */
  private static final class Waiting {
    private final CountDownLatch sent = new CountDownLatch(1);
    private final FutureTask<Object> task;
    private final Thread thread;
    private volatile boolean interrupted;

    Waiting(Callable<Object> question) {
      task =
          new FutureTask<>(
              () -> {
                try {
                  return question.call();
                } finally {
                  interrupted = Thread.currentThread().isInterrupted();
                }
              });
      thread = new Thread(task, "question");
    }

    Throwable failure() throws Exception {
      try {
        throw new AssertionError("it ended with " + task.get(20, TimeUnit.SECONDS));
      } catch (ExecutionException e) {
        return e.getCause();
      }
    }
  }

  static Stream<Arguments> waits() {
    return Stream.of(ALIAS_LOOKUP, REFRESH, COUNT, OPEN, PAGE)
        .flatMap(place -> Stream.of(true, false).map(silent -> Arguments.of(place, silent)));
  }

  private Waiting waiting(ElasticsearchSink sink, String place, boolean silent) throws Exception {
    Waiting question = new Waiting(() -> ask(sink, place));
    first(
        1000,
        place,
        request -> {
          question.sent.countDown();
          return silent
              ? healthy(request).ending(Ending.SILENT)
              : Reply.error(429, "busy").header("Retry-After", "30");
        });
    question.thread.start();
    await(question.sent);
    return question;
  }

  @ParameterizedTest(name = "{0}, silent: {1}")
  @MethodSource("waits")
  void anInterruptEndsTheQuestion(String place, boolean silent) throws Exception {
    try (ElasticsearchSink sink = builder().build()) {
      Waiting question = waiting(sink, place, silent);
      question.thread.interrupt();

      Throwable failure = question.failure();
      if (place.equals(PAGE)) {
        assertThat(failure)
            .isInstanceOf(UncheckedIOException.class)
            .hasCauseInstanceOf(InterruptedIOException.class);
      } else {
        assertThat(failure).isInstanceOf(InterruptedException.class);
      }
      assertThat(question.interrupted).isEqualTo(place.equals(PAGE));
    }
  }

  @ParameterizedTest(name = "{0}, silent: {1}")
  @MethodSource("waits")
  void closingEndsTheQuestion(String place, boolean silent) throws Exception {
    ElasticsearchSink sink = builder().build();
    Waiting question = waiting(sink, place, silent);
    sink.close();

    isUnreachable(question.failure());
    assertThat(question.interrupted).isFalse();
  }

  @Test
  void anInterruptEndsTheWaitForTheRefreshOfAnother() throws Exception {
    try (ElasticsearchSink sink = builder().build()) {
      Waiting one = waiting(sink, REFRESH, true);
      Waiting other = new Waiting(() -> ask(sink, REFRESH));
      other.thread.start();
      other.thread.interrupt();

      assertThat(other.failure()).isInstanceOf(InterruptedException.class);
      one.thread.interrupt();
      assertThat(one.failure()).isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void aThreadThatIsInterruptedAndASinkThatIsClosedAreAskedNothing() throws Exception {
    ElasticsearchSink sink = builder().build();
    AtomicInteger requests = new AtomicInteger();
    endpoint.behaviour(
        request -> {
          requests.incrementAndGet();
          return healthy(request);
        });
    for (String place : List.of(COUNT, OPEN)) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> ask(sink, place)).isInstanceOf(InterruptedException.class);
      assertThat(Thread.interrupted()).isFalse();
    }
    sink.close();
    for (String place : List.of(COUNT, OPEN)) {
      assertThatThrownBy(() -> ask(sink, place))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
    assertThat(requests).hasValue(0);
  }

  private static FutureTask<Object> start(Callable<Object> question) {
    FutureTask<Object> task = new FutureTask<>(question);
    new Thread(task, "question").start();
    return task;
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
