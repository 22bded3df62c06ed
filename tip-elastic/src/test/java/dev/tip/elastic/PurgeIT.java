// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.elastic.BulkEndpoint.Ending;
import dev.tip.elastic.BulkEndpoint.Reply;
import dev.tip.elastic.BulkEndpoint.Request;
import dev.tip.feed.FeedInfo;
import dev.tip.sink.Change;
import dev.tip.sink.SinkException;
import dev.tip.sink.WriteResult.Status;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What was withdrawn long ago is removed, and nothing else. */
@ExtendWith(Server.Shared.class)
class PurgeIT {
  private static final FeedInfo C2 = Samples.feed("purge-it", FeedInfo.Role.C2);
  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final Duration AGE = Duration.ofDays(30);

  private final Server server;
  private final String alias = "logs-ti_purge." + UUID.randomUUID();

  /** Time that passes only while somebody waits for the next attempt. */
  private final AtomicLong nanos = new AtomicLong();

  PurgeIT(Server server) {
    this.server = server;
  }

  @BeforeEach
  void install() throws IOException {
    admin(server).install();
  }

  @AfterEach
  void remove() throws Exception {
    server.ok("DELETE", '/' + alias + ".v1", "");
    server.ok("DELETE", "/_index_template/tip-indicators-" + alias, "");
  }

  private ElasticsearchAdmin admin(Server server) {
    return build(ElasticsearchAdmin.builder(server.client()));
  }

  private ElasticsearchAdmin build(ElasticsearchAdmin.Builder builder) {
    return builder
        .indexBase(alias)
        .time(() -> NOW, nanos::get, () -> 1.0, nanos::addAndGet)
        .build();
  }

  private void write(List<Change> changes) throws IOException, InterruptedException {
    try (ElasticsearchSink sink =
        ElasticsearchSink.builder(server.client()).indexBase(alias).build()) {
      assertThat(sink.write(changes).count(Status.WRITTEN)).isEqualTo(changes.size());
      assertThat(sink.holdings(C2.id())).isPresent();
    }
  }

  private static Change withdrawn(String name, Instant at) {
    Indicator indicator = Indicator.builder(CyberObservable.domainName(name), C2).build();
    return new Change.Withdraw(indicator, 2, Change.Reason.DELISTED, at);
  }

  private static Change active(String name, long generation) {
    return Samples.upsert(CyberObservable.domainName(name), C2, generation);
  }

  private List<String> statuses() throws Exception {
    return server.find(alias, "{\"match_all\":{}}").stream()
        .map(hit -> hit.path("_id").asText() + ' ' + hit.at("/_source/tip/status").asText())
        .sorted()
        .toList();
  }

  private static List<String> ids(String status, Change... changes) {
    List<String> out = new ArrayList<>();
    for (Change change : changes) {
      out.add(change.id() + ' ' + status);
    }
    return out.stream().sorted().toList();
  }

  @Test
  void whatWasWithdrawnBeforeTheAgeGoesAndTheRestStays() throws Exception {
    Change atTheAge = withdrawn("at.example", NOW.minus(AGE));
    Change younger = withdrawn("young.example", NOW.minus(AGE).plusSeconds(3600));
    // Listed long ago, but active.
    Change active = active("active.example", 1);
    write(
        List.of(
            atTheAge, younger, active, withdrawn("old.example", NOW.minus(AGE).minusMillis(1))));

    assertThat(admin(server).purgeable(AGE)).isEqualTo(1);
    assertThat(statuses()).hasSize(4);
    assertThat(admin(server).purge(AGE)).isEqualTo(1);
    assertThat(admin(server).purge(AGE)).isZero();

    List<String> left = new ArrayList<>(ids("withdrawn", atTheAge, younger));
    left.addAll(ids("active", active));
    assertThat(statuses()).containsExactlyInAnyOrderElementsOf(left);
  }

  @Test
  void manyAreRemovedPageByPage() throws Exception {
    List<Change> many = new ArrayList<>();
    for (int i = 0; i < 2500; i++) {
      many.add(withdrawn("d" + i + ".example", NOW.minus(Duration.ofDays(40))));
    }
    many.add(active("stays.example", 1));
    write(many);
    AtomicInteger largest = new AtomicInteger();
    try (Relay relay =
        new Relay(
            request -> {
              if (request.isBulk()) {
                int lines =
                    (int) new String(request.body(), StandardCharsets.UTF_8).lines().count();
                largest.accumulateAndGet(lines, Math::max);
              }
              return Relay.pass(server.url(), request);
            })) {
      assertThat(build(ElasticsearchAdmin.builder(relay.client())).purge(AGE)).isEqualTo(2500);
    }
    assertThat(largest).hasValue(1000);
    assertThat(server.find(alias, "{\"match_all\":{}}")).hasSize(1);
  }

  @Test
  void oneThatBecomesActiveAfterItWasFoundStays() throws Exception {
    Change again = active("again.example", 3);
    write(
        List.of(
            withdrawn("again.example", NOW.minus(Duration.ofDays(40))),
            withdrawn("gone.example", NOW.minus(Duration.ofDays(40)))));
    AtomicInteger bulks = new AtomicInteger();
    try (Relay relay =
        new Relay(
            request -> {
              if (request.isBulk() && bulks.getAndIncrement() == 0) {
                try {
                  write(List.of(again));
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                  throw new IOException(e);
                }
              }
              return Relay.pass(server.url(), request);
            })) {
      assertThat(build(ElasticsearchAdmin.builder(relay.client())).purge(AGE)).isEqualTo(1);
    }
    assertThat(bulks).hasValue(1);
    assertThat(statuses()).isEqualTo(ids("active", again));
  }

  /** Writes three that are to go. */
  private ElasticsearchAdmin withThree(Relay relay) throws Exception {
    Instant at = NOW.minus(Duration.ofDays(40));
    write(
        List.of(
            withdrawn("a.example", at), withdrawn("b.example", at), withdrawn("c.example", at)));
    return build(ElasticsearchAdmin.builder(relay.client()));
  }

  /** Passes a bulk request without its second operation, whose item says that it is not done. */
  private Reply withoutSecond(Request request) throws IOException {
    List<String> lines = new String(request.body(), StandardCharsets.UTF_8).lines().toList();
    String rest = lines.get(0) + '\n' + lines.get(2) + '\n';
    Reply reply = Relay.pass(server.url(), request, rest.getBytes(StandardCharsets.UTF_8));
    JsonNode answer = FakeIndex.JSON.readTree(reply.body());
    ObjectNode refused = FakeIndex.JSON.createObjectNode();
    refused
        .putObject("delete")
        .put("status", 429)
        .putObject("error")
        .put("type", "es_rejected_execution_exception");
    ((ArrayNode) answer.path("items")).insert(1, refused);
    return Reply.json(200, answer.toString());
  }

  @Test
  void oneThatTheServerCannotRemoveAtTheMomentIsTriedAgain() throws Exception {
    AtomicInteger bulks = new AtomicInteger();
    try (Relay relay =
        new Relay(
            request ->
                request.isBulk() && bulks.getAndIncrement() == 0
                    ? withoutSecond(request)
                    : Relay.pass(server.url(), request))) {
      assertThat(withThree(relay).purge(AGE)).isEqualTo(3);
    }
    assertThat(statuses()).isEmpty();
    assertThat(nanos).hasValue(200_000_000L);
  }

  @Test
  void whatWasRemovedBeforeAFaultThatStaysIsSaid() throws Exception {
    AtomicInteger bulks = new AtomicInteger();
    try (Relay relay =
        new Relay(
            request -> {
              if (!request.isBulk()) {
                return Relay.pass(server.url(), request);
              }
              return bulks.getAndIncrement() == 0
                  ? withoutSecond(request)
                  : Reply.error(429, "es_rejected_execution_exception");
            })) {
      ElasticsearchAdmin admin = withThree(relay);
      assertThatThrownBy(() -> admin.purge(AGE))
          .isInstanceOfSatisfying(
              SinkException.class,
              e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.UNREACHABLE))
          .hasMessageContaining("es_rejected_execution_exception")
          .hasMessageContaining("2 were removed before");
    }
    assertThat(statuses()).hasSize(1);
    assertThat(nanos).hasValue(Duration.ofMinutes(2).toNanos());
  }

  @Test
  void anAnswerAboutFewerThanWereToGoIsAnError() throws Exception {
    try (Relay relay =
        new Relay(
            request ->
                request.isBulk()
                    ? Reply.json(200, "{\"items\":[{\"delete\":{\"status\":200}}]}")
                    : Relay.pass(server.url(), request))) {
      ElasticsearchAdmin admin = withThree(relay);
      assertThatThrownBy(() -> admin.purge(AGE))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("not that of the bulk API");
    }
  }

  @Test
  void aPointInTimeThatCannotBeClosedDoesNotHideWhatWasRemoved() throws Exception {
    AtomicInteger closes = new AtomicInteger();
    try (Relay relay =
        new Relay(
            request -> {
              if (!request.method().equals("DELETE")) {
                return Relay.pass(server.url(), request);
              }
              closes.incrementAndGet();
              return Reply.error(404, "search_context_missing_exception");
            })) {
      assertThat(withThree(relay).purge(AGE)).isEqualTo(3);
    }
    assertThat(closes).hasValue(1);
  }

  @Test
  void anInterruptEndsItAndTheThreadStaysInterrupted() throws Exception {
    Thread purger = Thread.currentThread();
    try (Relay relay =
        new Relay(
            request -> {
              if (!request.isBulk()) {
                return Relay.pass(server.url(), request);
              }
              purger.interrupt();
              return Reply.json(200, "").ending(Ending.SILENT);
            })) {
      ElasticsearchAdmin admin = withThree(relay);
      assertThatThrownBy(() -> admin.purge(AGE)).isInstanceOf(InterruptedIOException.class);
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(statuses()).hasSize(3);
  }

  @Test
  void anAgeThatProtectsNothingIsRefused() {
    for (Duration age : List.of(Duration.ZERO, Duration.ofDays(-1), AGE.minusNanos(1))) {
      assertThatThrownBy(() -> admin(server).purge(age))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("30 days");
      assertThatThrownBy(() -> admin(server).purgeable(age))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void anAliasThatIsNotThereIsSaid() {
    ElasticsearchAdmin missing =
        ElasticsearchAdmin.builder(server.client()).indexBase(alias + "-missing").build();

    assertThatThrownBy(() -> missing.purge(AGE))
        .isInstanceOfSatisfying(
            SinkException.class, e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.CONFIG));
  }
}
