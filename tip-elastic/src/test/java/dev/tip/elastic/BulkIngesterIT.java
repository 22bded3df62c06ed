// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.elasticsearch._helpers.bulk.BulkIngester;
import co.elastic.clients.elasticsearch._helpers.bulk.BulkListener;
import co.elastic.clients.elasticsearch._types.VersionType;
import co.elastic.clients.elasticsearch.core.BulkRequest;
import co.elastic.clients.elasticsearch.core.BulkResponse;
import co.elastic.clients.elasticsearch.core.bulk.BulkOperation;
import co.elastic.clients.elasticsearch.core.bulk.BulkResponseItem;
import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.BackoffPolicy;
import co.elastic.clients.transport.rest_client.RestClientTransport;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tip.ecs.EcsEncoder;
import dev.tip.ecs.EcsWriter;
import dev.tip.elastic.BulkEndpoint.Reply;
import dev.tip.elastic.FaultScript.Mode;
import dev.tip.elastic.FaultScript.Position;
import dev.tip.feed.FeedInfo;
import dev.tip.sink.Change;
import dev.tip.sink.SinkException;
import dev.tip.sink.WriteResult.Outcome;
import dev.tip.sink.WriteResult.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.http.HttpHost;
import org.elasticsearch.client.RestClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The sink beside the client's own BulkIngester: the same documents, ten requests of a hundred, the
 * same faults. What comes out of the ingester is written down and not judged.
 */
@Tag("faults")
class BulkIngesterIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final FeedInfo FEED = Samples.feed("bulk-ingester", FeedInfo.Role.C2);
  private static final List<Change> CHANGES = Samples.domains(1000, FEED);
  private static final List<String> IDS = CHANGES.stream().map(Change::id).toList();
  private static final int BATCH = CHANGES.size() / FaultScript.BATCHES;
  private static final Duration BOUND = Duration.ofSeconds(15);

  /** It would say a line a document. */
  private static final Logger INGESTER_LOG = Logger.getLogger(BulkIngester.class.getName());

  /** What a client says of each document by its id: whether it is stored. */
  private interface Writer {
    void write(ElasticsearchClient client, Map<String, Boolean> said) throws Exception;
  }

  /** What came of a thousand documents. */
  private record Cell(int delivered, int failed, int unaccounted, boolean hung) {
    @Override
    public String toString() {
      return delivered + "/" + failed + "/" + unaccounted + (hung ? " hung" : "");
    }
  }

  @Test
  void tableOfFaults() throws Exception {
    Map<String, Writer> writers =
        Map.of(
            "1 ElasticsearchSink", BulkIngesterIT::sink,
            "2 BulkIngester", (client, said) -> ingester(client, said, b -> b),
            "3 BulkIngester, tuned",
                (client, said) ->
                    ingester(
                        client,
                        said,
                        b ->
                            b.maxConcurrentRequests(4)
                                .flushInterval(50, TimeUnit.MILLISECONDS)
                                .backoffPolicy(BackoffPolicy.exponentialBackoff(50L, 8))),
            "4 BulkIngester, back-off alone",
                (client, said) ->
                    ingester(
                        client,
                        said,
                        b -> b.backoffPolicy(BackoffPolicy.exponentialBackoff(50L, 8))));
    INGESTER_LOG.setLevel(Level.OFF);
    StringBuilder table = new StringBuilder();
    for (String name : writers.keySet().stream().sorted().toList()) {
      table.append(name.substring(2)).append('\n');
      int whole = 0;
      Map<Mode, List<Cell>> rows = new EnumMap<>(Mode.class);
      for (FaultScript script : FaultScript.all(new FakeIndex(), IDS).toList()) {
        Cell cell = run(writers.get(name), script.mode(), script.position());
        rows.computeIfAbsent(script.mode(), mode -> new ArrayList<>()).add(cell);
      }
      for (Map.Entry<Mode, List<Cell>> row : rows.entrySet()) {
        boolean all = row.getValue().stream().allMatch(cell -> cell.delivered == CHANGES.size());
        whole += all && Mode.eleven().contains(row.getKey()) ? 1 : 0;
        table.append(String.format(Locale.ROOT, "  %-28s %s%n", row.getKey(), row.getValue()));
      }
      table.append("  of the eleven delivered at every place: ").append(whole).append('\n');
      if (name.startsWith("1")) {
        assertThat(whole).isEqualTo(11);
        assertThat(rows.values())
            .allSatisfy(
                cells -> assertThat(cells).noneMatch(cell -> cell.hung || cell.unaccounted > 0));
      }
    }
    Files.writeString(Path.of("target", "bulk-ingester.txt"), table);
    System.out.print(table);
  }

  private static Cell run(Writer writer, Mode mode, Position position) throws Exception {
    FakeIndex index = new FakeIndex();
    FaultScript script = new FaultScript(index, mode, position, IDS);
    Map<String, Boolean> said = new ConcurrentHashMap<>();
    boolean hung = false;
    try (BulkEndpoint endpoint =
            new BulkEndpoint(
                request ->
                    request.isBulk()
                        ? script.reply(request)
                        : Reply.json(
                            200, FakeIndex.aliasAnswer(ElasticsearchSink.DEFAULT_INDEX_BASE)));
        RestClientTransport transport =
            new RestClientTransport(
                RestClient.builder(HttpHost.create(endpoint.url()))
                    .setRequestConfigCallback(c -> c.setSocketTimeout(2000))
                    .build(),
                new JacksonJsonpMapper())) {
      FutureTask<Void> write =
          new FutureTask<>(
              () -> {
                writer.write(new ElasticsearchClient(transport), said);
                return null;
              });
      Thread thread = new Thread(write, "writer");
      thread.setDaemon(true);
      thread.start();
      try {
        write.get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        hung = true;
      }
    }
    Map<String, Boolean> last = Map.copyOf(said);
    int delivered = (int) last.values().stream().filter(stored -> stored).count();
    assertThat(index.versions().keySet())
        .as("said to be stored")
        .containsAll(last.keySet().stream().filter(last::get).toList());
    return new Cell(delivered, last.size() - delivered, IDS.size() - last.size(), hung);
  }

  private static void sink(ElasticsearchClient client, Map<String, Boolean> said) throws Exception {
    try (ElasticsearchSink sink =
        ElasticsearchSink.builder(client).deadline(Duration.ofSeconds(10)).build()) {
      for (int at = 0; at < CHANGES.size(); at += BATCH) {
        List<Change> batch = CHANGES.subList(at, at + BATCH);
        try {
          List<Outcome> outcomes = sink.write(batch).outcomes();
          for (int i = 0; i < BATCH; i++) {
            said.put(batch.get(i).id(), outcomes.get(i).status() == Status.WRITTEN);
          }
        } catch (SinkException e) {
          batch.forEach(change -> said.put(change.id(), false));
        }
      }
    }
  }

  /** As its documentation shows it. */
  private static void ingester(
      ElasticsearchClient client,
      Map<String, Boolean> said,
      UnaryOperator<BulkIngester.Builder<String>> options)
      throws IOException {
    BulkListener<String> listener =
        new BulkListener<>() {
          @Override
          public void beforeBulk(long execution, BulkRequest request, List<String> ids) {}

          @Override
          public void afterBulk(
              long execution, BulkRequest request, List<String> ids, BulkResponse response) {
            for (int i = 0; i < ids.size(); i++) {
              BulkResponseItem item = response.items().get(i);
              said.merge(ids.get(i), item.error() == null, Boolean::logicalOr);
            }
          }

          @Override
          public void afterBulk(
              long execution, BulkRequest request, List<String> ids, Throwable failure) {
            ids.forEach(id -> said.merge(id, false, Boolean::logicalOr));
          }
        };
    try (BulkIngester<String> ingester =
        BulkIngester.of(
            b -> options.apply(b.client(client).maxOperations(BATCH).listener(listener)))) {
      for (Change change : CHANGES) {
        ingester.add(operation(change), change.id());
      }
    }
  }

  private static BulkOperation operation(Change change) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try (EcsWriter documents = EcsEncoder.builder().ids(false).build().writer(line)) {
      documents.write(change);
    }
    JsonNode document = JSON.readTree(line.toString(StandardCharsets.UTF_8));
    return BulkOperation.of(
        b ->
            b.index(
                i ->
                    i.index(ElasticsearchSink.DEFAULT_INDEX_BASE)
                        .id(change.id())
                        .version(change.generation())
                        .versionType(VersionType.ExternalGte)
                        .document(document)));
  }
}
