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
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.apache.http.HttpEntity;
import org.elasticsearch.client.ResponseException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests over the caller's client: its connections, credentials and headers, but bytes in and
 * bytes out.
 *
 * <p>An interrupt ends the wait for an answer with an {@link InterruptedCallException}, and the
 * thread stays interrupted.
 */
final class Calls implements BulkTransport {
  /**
   * Parameters of a search. Without them, a shard that fails takes its documents out of the answer,
   * and nothing says so.
   */
  static final Map<String, String> WHOLE_ANSWERS = Map.of("allow_partial_search_results", "false");

  private static final Logger LOG = LoggerFactory.getLogger(Calls.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** How long a request may take that nobody depends on. */
  private static final long RELEASE_NANOS = TimeUnit.SECONDS.toNanos(10);

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
  private final InFlight inFlight;
  private final @Nullable Attempts attempts;

  /** Creates requests that are tried once, for as long as the client waits. */
  Calls(ElasticsearchClient client) {
    this(client._transport(), client._transportOptions(), new InFlight(), null);
  }

  private Calls(
      ElasticsearchTransport transport,
      TransportOptions options,
      InFlight inFlight,
      @Nullable Attempts attempts) {
    this.transport = transport;
    this.options = options;
    this.inFlight = inFlight;
    this.attempts = attempts;
  }

  /**
   * Returns the same requests, tried again while the server has no answer or one that may be
   * another soon. For one thread.
   *
   * @param attempts until when, all requests together
   */
  Calls within(Attempts attempts, InFlight inFlight) {
    return new Calls(transport, options, inFlight, attempts);
  }

  /** Returns the same requests, tried again as above, which only the deadline ends. */
  Calls within(Attempts attempts) {
    return within(attempts, inFlight);
  }

  private record Call(
      String method, String path, Map<String, String> query, @Nullable BinaryData body) {}

  /**
   * An answer of the server to a request of the administration.
   *
   * @param body the body, a missing node if there is none
   * @param retryAfter the header {@code Retry-After}, or null
   */
  record Answer(int status, JsonNode body, @Nullable String retryAfter) {
    boolean ok() {
      return status < 300;
    }

    /** An operation of a bulk request, as the answer to a request of its own. */
    static Answer ofItem(JsonNode item) {
      return new Answer(item.path("status").asInt(), item, null);
    }

    Fault fault() {
      return Fault.of(status, errorType());
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
      throws SinkException, InterruptedCallException {
    return reach(new Call(method, path, query, data(body)));
  }

  /**
   * Sends operations of the bulk API and returns the answer, whatever its status.
   *
   * @param lines newline-delimited JSON
   * @throws SinkException if there is none; the message says what to do
   */
  Answer bulk(String path, Map<String, String> query, byte[] lines)
      throws SinkException, InterruptedCallException {
    return reach(new Call("POST", path, query, BinaryData.of(lines, NDJSON_TYPE)));
  }

  private Answer reach(Call call) throws SinkException, InterruptedCallException {
    while (true) {
      try {
        Answer answer = perform(call, left());
        if (!answer.fault().isPassing() || !again(answer.retryAfter())) {
          return answer;
        }
      } catch (InterruptedCallException e) {
        throw e;
      } catch (IOException e) {
        if (is(e, SSLHandshakeException.class) || !again(null)) {
          throw unreachable(e);
        }
      }
    }
  }

  private long left() {
    return attempts == null ? Long.MAX_VALUE : attempts.left();
  }

  /**
   * Waits after an attempt that failed.
   *
   * @param retryAfter what the server says about that, or null
   * @return whether there is another one; false unless these requests are tried again
   */
  boolean again(@Nullable String retryAfter) throws InterruptedCallException {
    try {
      return attempts != null
          && !inFlight.isClosed()
          && attempts.failed(retryAfter)
          && !inFlight.isClosed();
    } catch (InterruptedException e) {
      throw new InterruptedCallException(e);
    }
  }

  private static SinkException unreachable(IOException e) {
    String advice;
    if (is(e, SSLHandshakeException.class)) {
      advice =
          "Elasticsearch cannot be reached; its certificate is not trusted, or is for another name:"
              + " name the file of its authority, and the host as the certificate does: ";
    } else if (is(e, AlienAnswerException.class)) {
      advice =
          "the answer is not that of Elasticsearch, or is cut; check that the address is its own,"
              + " and what a proxy before it does: ";
    } else {
      advice = "Elasticsearch cannot be reached; check its address and that it is up: ";
    }
    return new SinkException(
        SinkException.Kind.UNREACHABLE, advice + Escaped.of(String.valueOf(e.getMessage())), e);
  }

  private static boolean is(Throwable failure, Class<? extends IOException> type) {
    Throwable cause = failure;
    while (cause != null && !type.isInstance(cause)) {
      cause = cause.getCause();
    }
    return cause != null;
  }

  /** Something answered, but not Elasticsearch. */
  private static final class AlienAnswerException extends IOException {
    private static final long serialVersionUID = 1L;

    AlienAnswerException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Lets the server forget a point in time. It does so by itself after a while, and what was read
   * stays read: a failure is only logged.
   */
  void closePointInTime(String id) {
    try {
      Answer answer =
          perform(
              new Call("DELETE", "/_pit", Map.of(), data(object().put("id", id))), RELEASE_NANOS);
      if (!answer.ok()) {
        LOG.debug("a point in time was not closed: status {}", answer.status());
      }
    } catch (IOException e) {
      LOG.debug("a point in time was not closed", e);
    }
  }

  /** Returns the answer to one attempt, whatever its status; throws if there is none. */
  Answer call(String method, String path, Map<String, String> query, @Nullable JsonNode body)
      throws IOException {
    return perform(new Call(method, path, query, data(body)), left());
  }

  private static @Nullable BinaryData data(@Nullable JsonNode body) {
    return body == null
        ? null
        : BinaryData.of(body.toString().getBytes(StandardCharsets.UTF_8), JSON_TYPE);
  }

  private Answer perform(Call call, long nanos) throws IOException {
    Response response;
    try {
      response = inFlight.await(send(call), nanos);
    } catch (InterruptedException e) {
      throw new InterruptedCallException(e);
    }
    JsonNode tree;
    try (InputStream content = response.body()) {
      tree = JSON.readTree(content);
    } catch (JsonProcessingException e) {
      if (response.status() < 300) {
        throw new AlienAnswerException("no JSON, or the end of it is missing", e);
      }
      // The page of a proxy; the status says enough.
      tree = MissingNode.getInstance();
    }
    if (response.status() < 300 && !tree.isObject()) {
      throw new AlienAnswerException("no JSON object", null);
    }
    return new Answer(response.status(), tree, response.retryAfter());
  }

  /** Returns the answer if the server did what was asked. */
  static Answer require(Answer answer, String what) throws SinkException {
    if (answer.ok()) {
      return answer;
    }
    throw failure(answer, what);
  }

  /** Returns the exception for an answer after which nothing more can be done. */
  static SinkException failure(Answer answer, String what) {
    String type = answer.errorType();
    return answer
        .fault()
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
    return send(new Call("POST", request.path(), request.query(), body));
  }

  private CompletableFuture<Response> send(Call call) {
    CompletableFuture<BinaryResponse> sent = transport.performRequestAsync(call, ENDPOINT, options);
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
    if (cause instanceof TransportException e && e.statusCode() >= 200) {
      throw new AlienAnswerException("the header X-Elastic-Product is missing", e);
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
