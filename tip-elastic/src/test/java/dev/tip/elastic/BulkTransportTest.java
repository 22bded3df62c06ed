// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.elastic.BulkTransport.Request;
import dev.tip.elastic.BulkTransport.Response;
import dev.tip.feed.FeedInfo;
import dev.tip.sink.Change;
import dev.tip.sink.SinkException;
import dev.tip.sink.WriteResult.Outcome;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A sink over a transport of the host. */
class BulkTransportTest {
  private static final List<Change> BATCH =
      Samples.domains(4, Samples.feed("transport", FeedInfo.Role.C2));

  private static byte[] bytes(Request request) {
    byte[] body = new byte[request.body().remaining()];
    request.body().duplicate().get(body);
    return body;
  }

  @Test
  void getsRequestsOfTheBulkApi() throws Exception {
    FakeIndex index = new FakeIndex();
    List<Request> requests = new ArrayList<>();
    BulkTransport transport =
        request -> {
          requests.add(request);
          try {
            return CompletableFuture.completedFuture(
                new Response(200, null, new ByteArrayInputStream(index.bulk(bytes(request)))));
          } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
          }
        };
    try (ElasticsearchSink sink =
        ElasticsearchSink.builder(transport, "index-7").indexBase("other.base").build()) {
      assertThat(sink.write(BATCH).outcomes()).hasSize(4).containsOnly(Outcome.WRITTEN);
      assertThat(sink.info().identity()).startsWith("elasticsearch:index-7:ecs-");
      assertThat(sink.active("transport")).isEmpty();
      assertThat(sink.holdings("transport")).isEmpty();
    }
    assertThat(requests)
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.path()).isEqualTo("/other.base/_bulk");
              assertThat(request.query()).containsEntry("require_alias", "true");
              assertThat(FakeIndex.operations(bytes(request))).isEqualTo(4);
            });
    assertThat(index.versions()).hasSize(4);
  }

  @Test
  void itsFailureIsTriedAgainUntilTheDeadlineAndIsTheCause() throws Exception {
    AtomicLong nanos = new AtomicLong();
    IOException failure = new IOException("the line is down\n");
    try (ElasticsearchSink sink =
        ElasticsearchSink.builder(request -> CompletableFuture.failedFuture(failure), "i")
            .time(nanos::get, () -> 1.0, nanos::addAndGet)
            .deadline(Duration.ofSeconds(10))
            .build()) {
      assertThatThrownBy(() -> sink.write(BATCH))
          .isInstanceOfSatisfying(
              SinkException.class,
              e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.UNREACHABLE))
          .hasMessageContaining("the line is down\\u000a")
          .hasRootCause(failure);
    }
    assertThat(nanos).hasValue(Duration.ofSeconds(10).toNanos());
  }

  @Test
  void itsRequestIsCancelledAtTheDeadlineAndItsAnswerClosed() throws Exception {
    List<CompletableFuture<Response>> sent = new ArrayList<>();
    try (ElasticsearchSink sink =
        ElasticsearchSink.builder(
                request -> {
                  sent.add(new CompletableFuture<>());
                  return sent.get(sent.size() - 1);
                },
                "i")
            .deadline(Duration.ofMillis(50))
            .build()) {
      assertThatThrownBy(() -> sink.write(BATCH)).isInstanceOf(SinkException.class);
    }
    assertThat(sent).isNotEmpty().allMatch(CompletableFuture::isCancelled);

    AtomicBoolean closed = new AtomicBoolean();
    ByteArrayInputStream body =
        new ByteArrayInputStream(new byte[0]) {
          @Override
          public void close() {
            closed.set(true);
          }
        };
    try (ElasticsearchSink sink =
        ElasticsearchSink.builder(
                request -> CompletableFuture.completedFuture(new Response(403, null, body)), "i")
            .build()) {
      assertThatThrownBy(() -> sink.write(BATCH)).isInstanceOf(SinkException.class);
    }
    assertThat(closed).isTrue();
  }
}
