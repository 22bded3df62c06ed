// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.DefaultTransportOptions;
import co.elastic.clients.transport.ElasticsearchTransport;
import co.elastic.clients.transport.ElasticsearchTransportBase;
import co.elastic.clients.transport.TransportOptions;
import co.elastic.clients.transport.http.TransportHttpClient;
import co.elastic.clients.util.BinaryData;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.elastic.RulePreviewException.Kind;
import dev.tip.rules.RuleFile;
import dev.tip.rules.ThreatMatchRule;
import dev.tip.rules.ThreatMatchRules;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the preview says of servers that do not run the rule. */
class RulePreviewTest {
  private static final ThreatMatchRule RULE =
      ThreatMatchRules.standard(ThreatMatchRules.Options.defaults()).get(0);

  /** Runs the rule against a server that opens points in time and answers all else alike. */
  private static void run(int status, String text) throws Exception {
    Answers server =
        (path, body) -> {
          if (path.endsWith("/_pit")) {
            return new Answer(200, "{\"id\":\"x\"}");
          }
          return path.endsWith("/_field_caps")
              ? new Answer(200, "{\"fields\":{}}")
              : new Answer(status, text);
        };
    run(server);
  }

  private static RulePreviewResult run(Answers server) throws IOException {
    ElasticsearchTransport transport =
        new ElasticsearchTransportBase(
            new Wire(server), DefaultTransportOptions.EMPTY, new JacksonJsonpMapper()) {};
    return RulePreview.of(new ElasticsearchClient(transport)).run(RULE);
  }

  @Test
  void aDataViewIsNotTakenForAllIndices() throws Exception {
    ObjectNode rule = (ObjectNode) new ObjectMapper().readTree(RULE.toJson());
    rule.remove("index");
    rule.put("data_view_id", "security-solution-default");
    ThreatMatchRule onDataView =
        RuleFile.ndjson("x.ndjson", rule.toString()).get(0).toRule(RULE.created());
    ElasticsearchTransport transport =
        new ElasticsearchTransportBase(
            new Wire((path, body) -> new Answer(500, "{}")),
            DefaultTransportOptions.EMPTY,
            new JacksonJsonpMapper()) {};
    assertThatThrownBy(() -> RulePreview.of(new ElasticsearchClient(transport)).run(onDataView))
        .isInstanceOfSatisfying(
            RulePreviewException.class,
            e -> assertThat(e.kind()).isEqualTo(RulePreviewException.Kind.NO_INDEX));
  }

  private interface Answers {
    Answer to(String path, String body) throws IOException;
  }

  private record Answer(int statusCode, String text) implements TransportHttpClient.Response {
    @Override
    public TransportHttpClient.Node node() {
      return new TransportHttpClient.Node("http://server.example/");
    }

    @Override
    public @Nullable String header(String name) {
      return switch (name.toLowerCase(Locale.ROOT)) {
        case "x-elastic-product" -> "Elasticsearch";
        case "content-type" -> "application/json";
        default -> null;
      };
    }

    @Override
    public List<String> headers(String name) {
      String value = header(name);
      return value == null ? List.of() : List.of(value);
    }

    @Override
    public BinaryData body() {
      return BinaryData.of(text.getBytes(StandardCharsets.UTF_8), "application/json");
    }

    @Override
    public Object originalResponse() {
      return this;
    }

    @Override
    public void close() {}
  }

  /** A connection to a server that is not there. */
  private record Wire(Answers server) implements TransportHttpClient {
    @Override
    public Response performRequest(
        String endpoint, @Nullable Node node, Request request, TransportOptions options) {
      throw new UnsupportedOperationException("it cannot be interrupted");
    }

    @Override
    public CompletableFuture<Response> performRequestAsync(
        String endpoint, @Nullable Node node, Request request, TransportOptions options) {
      StringBuilder body = new StringBuilder();
      Iterable<ByteBuffer> parts = request.body();
      if (parts != null) {
        parts.forEach(part -> body.append(StandardCharsets.UTF_8.decode(part.duplicate())));
      }
      try {
        return CompletableFuture.completedFuture(server.to(request.path(), body.toString()));
      } catch (IOException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    @Override
    public void close() {}
  }

  @Test
  void aServerWithoutKqlIsTold() {
    String body =
        """
        {"error":{"root_cause":[{"type":"parsing_exception","reason":"unknown query [kql]"}],
        "type":"x_content_parse_exception","reason":"[1:34] [bool] failed to parse field [filter]",
        "caused_by":{"type":"parsing_exception","reason":"unknown query [kql]"}},"status":400}
        """;
    assertThatThrownBy(() -> run(400, body))
        .isInstanceOf(RulePreviewException.class)
        .hasMessageContaining("does not know the query type kql")
        .extracting(e -> ((RulePreviewException) e).kind())
        .isEqualTo(Kind.NO_KQL);
  }

  @ParameterizedTest
  @CsvSource({"401, DENIED", "403, DENIED", "404, NO_INDEX", "400, REFUSED", "503, UNAVAILABLE"})
  void eachRefusalHasItsKind(int status, Kind kind) {
    String body =
        "{\"error\":{\"type\":\"some_exception\",\"reason\":\"the \\u001b[31mreason\"},"
            + "\"status\":"
            + status
            + '}';
    assertThatThrownBy(() -> run(status, body))
        .isInstanceOf(RulePreviewException.class)
        .hasMessageContaining("the \\u001b[31mreason")
        .extracting(e -> ((RulePreviewException) e).kind())
        .isEqualTo(kind);
  }

  @Test
  void aServerThatDoesNotAnswerIsNoRefusal() {
    assertThatThrownBy(
            () ->
                run(
                    (path, body) -> {
                      throw new ConnectException("refused");
                    }))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(RulePreviewException.class);
  }

  @Test
  void aShardThatCannotCountIsTold() throws Exception {
    String counted =
        "{\"count\":0,\"_shards\":{\"failures\":[{\"reason\":{\"reason\":\"gone\"}}]}}";
    RulePreviewResult result =
        run(
            (path, body) -> {
              if (path.endsWith("/_count")) {
                return new Answer(200, counted);
              }
              return new Answer(
                  200, path.endsWith("/_field_caps") ? "{\"fields\":{}}" : "{\"id\":\"x\"}");
            });
    assertThat(result.warnings()).contains("a shard gave no answer: gone");
  }

  /** The server may give a point in time another id with each answer. */
  @Test
  void theNewestIdOfAPointInTimeIsUsed() throws Exception {
    List<String> used = new ArrayList<>();
    run(
        (path, body) -> {
          if (path.endsWith("/_count")) {
            return new Answer(200, "{\"count\":1}");
          }
          if (path.endsWith("/_field_caps")) {
            return new Answer(200, "{\"fields\":{}}");
          }
          if (path.endsWith("/_search")) {
            return new Answer(200, "{\"pit_id\":\"renewed\",\"hits\":{\"hits\":[]}}");
          }
          if (path.equals("/_pit")) {
            used.add(body);
          }
          return new Answer(200, "{\"id\":\"first\"}");
        });
    assertThat(used).contains("{\"id\":\"renewed\"}");
  }

  @Test
  void aPageShrinksByTheFormulasOfKibanaAndAlwaysShrinks() {
    assertThat(RulePreviewSearches.TooManyClausesException.pageSize(4096, false, 1, 9000))
        .isEqualTo(2047);
    assertThat(RulePreviewSearches.TooManyClausesException.pageSize(4096, true, 1, 9000))
        .isEqualTo(1023);
    assertThat(RulePreviewSearches.TooManyClausesException.pageSize(4096, true, 1, 1023))
        .isEqualTo(511);
    assertThat(RulePreviewSearches.TooManyClausesException.pageSize(1, true, 4, 2)).isEqualTo(1);
  }
}
