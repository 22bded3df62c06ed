// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.elasticsearch._types.ElasticsearchException;
import co.elastic.clients.elasticsearch._types.ErrorCause;
import co.elastic.clients.transport.ElasticsearchTransport;
import co.elastic.clients.transport.ElasticsearchTransportBase;
import co.elastic.clients.transport.TransportException;
import co.elastic.clients.transport.TransportOptions;
import co.elastic.clients.transport.endpoints.BinaryEndpoint;
import co.elastic.clients.transport.endpoints.BinaryResponse;
import co.elastic.clients.transport.http.TransportHttpClient;
import co.elastic.clients.util.BinaryData;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.sink.SinkException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLHandshakeException;
import org.apache.http.HttpEntity;
import org.elasticsearch.client.ResponseException;
import org.jspecify.annotations.Nullable;

/**
 * Requests over the caller's client: its connections, credentials and headers, but bytes in and
 * bytes out.
 */
final class Calls implements BulkTransport {
  /**
   * Parameters of a search. Without them, a shard that fails takes its documents out of the answer,
   * and nothing says so.
   */
  static final Map<String, String> WHOLE_ANSWERS = Map.of("allow_partial_search_results", "false");

  private static final ObjectMapper JSON = new ObjectMapper();

  // The client's own vendor type: it sends such a type as Accept, and the server wants both alike.
  private static final String JSON_TYPE = ElasticsearchTransportBase.JSON_CONTENT_TYPE;
  private static final String NDJSON_TYPE = JSON_TYPE.replace("json", "x-ndjson");

  private static final BinaryEndpoint<Call> ENDPOINT =
      new BinaryEndpoint<>(
          "tip",
          Call::method,
          Call::path,
          call -> Map.of(),
          Call::query,
          call -> Map.of(),
          Call::body,
          null);

  private final ElasticsearchTransport transport;
  private final TransportOptions options;

  Calls(ElasticsearchClient client) {
    this.transport = client._transport();
    this.options = client._transportOptions();
  }

  private record Call(
      String method, String path, Map<String, String> query, @Nullable BinaryData body) {}

  /**
   * An answer of the server to a request of the administration.
   *
   * @param body the body, a missing node if there is none
   */
  record Answer(int status, JsonNode body) {
    boolean ok() {
      return status < 300;
    }

    /** An operation of a bulk request, as the answer to a request of its own. */
    static Answer ofItem(JsonNode item) {
      return new Answer(item.path("status").asInt(), item);
    }

    String errorType() {
      return body.path("error").path("type").asText("");
    }

    String errorReason() {
      return Escaped.of(body.path("error").path("reason").asText(""));
    }
  }

  /**
   * Returns the answer, whatever its status.
   *
   * @throws SinkException if there is none; the message says what to do
   */
  Answer reach(String method, String path, Map<String, String> query, @Nullable JsonNode body)
      throws SinkException {
    try {
      return call(method, path, query, body);
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  /**
   * Sends operations of the bulk API and returns the answer, whatever its status.
   *
   * @param lines newline-delimited JSON
   * @throws SinkException if there is none; the message says what to do
   */
  Answer bulk(String path, Map<String, String> query, byte[] lines) throws SinkException {
    try {
      return perform(new Call("POST", path, query, BinaryData.of(lines, NDJSON_TYPE)));
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private static SinkException unreachable(IOException e) {
    return new SinkException(
        SinkException.Kind.UNREACHABLE,
        "Elasticsearch cannot be reached; "
            + (isRefusedCertificate(e)
                ? "its certificate is not trusted, or is for another name: name the file of its"
                    + " authority, and the host as the certificate does: "
                : "check its address and that it is up: ")
            + Escaped.of(String.valueOf(e.getMessage())),
        e);
  }

  private static boolean isRefusedCertificate(Throwable failure) {
    Throwable cause = failure;
    while (cause != null && !(cause instanceof SSLHandshakeException)) {
      cause = cause.getCause();
    }
    return cause != null;
  }

  /** Returns the answer, whatever its status; throws if there is none. */
  Answer call(String method, String path, Map<String, String> query, @Nullable JsonNode body)
      throws IOException {
    BinaryData data = body == null ? null : BinaryData.of(JSON.writeValueAsBytes(body), JSON_TYPE);
    return perform(new Call(method, path, query, data));
  }

  private Answer perform(Call call) throws IOException {
    try (BinaryResponse response = transport.performRequest(call, ENDPOINT, options);
        InputStream content = response.content()) {
      JsonNode tree = JSON.readTree(content);
      return new Answer(200, tree);
    } catch (ElasticsearchException | IOException e) {
      Response refusal = refusal(e);
      try (InputStream content = refusal.body()) {
        return new Answer(refusal.status(), JSON.readTree(content));
      } catch (JsonProcessingException notJson) {
        // The page of a proxy; the status says enough.
        return new Answer(refusal.status(), MissingNode.getInstance());
      }
    }
  }

  /** Returns the answer if the server did what was asked. */
  static Answer require(Answer answer, String what) throws SinkException {
    if (answer.ok()) {
      return answer;
    }
    String type = answer.errorType();
    throw Fault.of(answer.status(), type)
        .failure(
            what,
            type.isEmpty() ? "http-" + answer.status() : Escaped.of(type),
            answer.errorReason(),
            null);
  }

  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  static JsonNode read(InputStream json) throws IOException {
    return JSON.readTree(json);
  }

  private static ObjectNode errorOf(ElasticsearchException e) {
    ObjectNode body = object();
    body.set("error", nodeOf(e.error()));
    return body;
  }

  private static ObjectNode nodeOf(@Nullable ErrorCause cause) {
    ObjectNode node = object();
    node.put("type", cause == null ? "" : cause.type());
    node.put("reason", cause == null ? "" : cause.reason());
    if (cause != null && !cause.rootCause().isEmpty()) {
      ArrayNode roots = node.putArray("root_cause");
      cause.rootCause().forEach(root -> roots.add(nodeOf(root)));
    }
    if (cause != null && cause.causedBy() != null) {
      node.set("caused_by", nodeOf(cause.causedBy()));
    }
    return node;
  }

  @Override
  public CompletableFuture<Response> send(Request request) {
    ByteBuffer bytes = request.body();
    BinaryData body =
        BinaryData.of(
            bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining(), NDJSON_TYPE);
    CompletableFuture<BinaryResponse> sent =
        transport.performRequestAsync(
            new Call("POST", request.path(), request.query(), body), ENDPOINT, options);
    CompletableFuture<Response> answer = new CompletableFuture<>();
    var unusedSent =
        sent.whenComplete(
            (response, failure) -> {
              try {
                answer.complete(
                    failure == null
                        ? new Response(200, null, response.content())
                        : refusal(failure));
              } catch (IOException e) {
                answer.completeExceptionally(e);
              }
            });
    var unusedAnswer =
        answer.whenComplete(
            (response, failure) -> {
              if (answer.isCancelled()) {
                sent.cancel(true);
              }
            });
    return answer;
  }

  /** The client throws for an answer that refuses the request; here it is an answer. */
  private static Response refusal(Throwable failure) throws IOException {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof ElasticsearchException e) {
      return new Response(
          e.status(),
          retryAfter(e.httpResponse()),
          new ByteArrayInputStream(errorOf(e).toString().getBytes(StandardCharsets.UTF_8)));
    }
    if (cause instanceof TransportException e && e.statusCode() >= 300) {
      return new Response(e.statusCode(), retryAfter(e.response()), InputStream.nullInputStream());
    }
    // The client hands most statuses through, and throws what is below it for the others.
    if (cause instanceof ResponseException e) {
      HttpEntity entity = e.getResponse().getEntity();
      return new Response(
          e.getResponse().getStatusLine().getStatusCode(),
          e.getResponse().getHeader("Retry-After"),
          entity == null ? InputStream.nullInputStream() : entity.getContent());
    }
    if (cause instanceof IOException e) {
      throw e;
    }
    throw new IOException("no answer: " + cause, cause);
  }

  private static @Nullable String retryAfter(TransportHttpClient.@Nullable Response response) {
    return response == null ? null : response.header("Retry-After");
  }
}
