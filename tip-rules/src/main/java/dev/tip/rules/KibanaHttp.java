// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.rules.KibanaException.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Requests to one Kibana: what goes along with each, how long they may take together, and what an
 * answer means that is none. For one thread; a new one for each piece of work.
 */
final class KibanaHttp {
  /** Waits between attempts; replaced in tests. */
  @FunctionalInterface
  interface Pause {
    void await(long nanos) throws InterruptedException;
  }

  private static final String API_VERSION = "2023-10-31";
  private static final int MAX_ANSWER_BYTES = 32 << 20;
  private static final int MAX_TEXT = 300;
  private static final long FIRST_WAIT = TimeUnit.SECONDS.toNanos(1);
  private static final long LONGEST_WAIT = TimeUnit.MINUTES.toNanos(1);

  private final HttpClient client;
  private final String base;
  private final @Nullable String apiKey;
  private final LongSupplier nanoTime;
  private final Pause pause;
  private final Duration deadline;
  private final long end;

  /**
   * Begins a piece of work.
   *
   * @param base address of Kibana without slash at the end
   * @param deadline how long all its requests may take together
   */
  KibanaHttp(
      HttpClient client,
      String base,
      @Nullable String apiKey,
      LongSupplier nanoTime,
      Pause pause,
      Duration deadline) {
    this.client = client;
    this.base = base;
    this.apiKey = apiKey;
    this.nanoTime = nanoTime;
    this.pause = pause;
    this.deadline = deadline;
    this.end = nanoTime.getAsLong() + deadline.toNanos();
  }

  /** Waits, not beyond the deadline. */
  void await(Duration time) throws InterruptedException {
    long left = end - nanoTime.getAsLong();
    if (left > 0) {
      pause.await(Math.min(left, time.toNanos()));
    }
  }

  Answer get(String path) throws KibanaException, InterruptedException {
    return send(path, null, BodyPublishers.noBody(), 0);
  }

  Answer post(String path, String contentType, byte[] body)
      throws KibanaException, InterruptedException {
    return send(path, contentType, BodyPublishers.ofByteArray(body), body.length);
  }

  private Answer send(String path, @Nullable String contentType, BodyPublisher body, int bytes)
      throws KibanaException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .header("Accept", "application/json")
            .header("elastic-api-version", API_VERSION);
    if (apiKey != null) {
      request.header("Authorization", "ApiKey " + apiKey);
    }
    if (contentType == null) {
      request.GET();
    } else {
      request.header("kbn-xsrf", "tip").header("Content-Type", contentType).POST(body);
    }
    long wait = FIRST_WAIT;
    while (true) {
      HttpResponse<byte[]> response = exchange(request);
      if (response.statusCode() != 429 && response.statusCode() != 503) {
        return answer(path, response, bytes);
      }
      long asked = retryAfterNanos(response.headers().firstValue("Retry-After").orElse(null));
      long pauseFor = Math.min(LONGEST_WAIT, Math.max(wait, asked));
      if (end - nanoTime.getAsLong() <= pauseFor) {
        throw new KibanaException(
            Problem.BUSY,
            "Kibana answers with status %d%s and nothing else within %s; try again later"
                .formatted(
                    response.statusCode(),
                    response.statusCode() == 429 ? " (too many requests)" : " (not available)",
                    deadline),
            null);
      }
      pause.await(pauseFor);
      wait *= 2;
    }
  }

  /**
   * One request and its whole body. The timeout of {@link HttpRequest} ends with the headers, so
   * the wait for the body has to be bounded here.
   */
  private HttpResponse<byte[]> exchange(HttpRequest.Builder request)
      throws KibanaException, InterruptedException {
    long left = end - nanoTime.getAsLong();
    if (left <= 0) {
      throw timedOut();
    }
    CompletableFuture<HttpResponse<byte[]>> pending =
        client.sendAsync(request.build(), head -> new Bounded(MAX_ANSWER_BYTES));
    try {
      return pending.get(left, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw timedOut();
    } catch (ExecutionException e) {
      throw failed(e.getCause());
    } finally {
      pending.cancel(true);
    }
  }

  private KibanaException timedOut() {
    return new KibanaException(
        Problem.TIMED_OUT,
        "Kibana did not answer within %s; what was sent may have been done, so plan again before"
                .formatted(deadline)
            + " the next attempt",
        null);
  }

  private KibanaException failed(@Nullable Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof TooLongException) {
        return new KibanaException(
            Problem.NOT_KIBANA,
            "the answer has more than %d bytes, which no answer of Kibana to this has"
                .formatted(MAX_ANSWER_BYTES),
            null);
      }
    }
    String why = cause == null ? "" : cause.getClass().getSimpleName();
    String said = cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage();
    return new KibanaException(
        Problem.UNREACHABLE,
        "no connection to Kibana, or it broke off (%s); check address, port, proxy and certificates"
            .formatted(plain(why + said)),
        cause);
  }

  private Answer answer(String path, HttpResponse<byte[]> response, int bytes)
      throws KibanaException {
    int status = response.statusCode();
    ObjectNode json = null;
    try {
      json = RuleJson.read(response.body());
    } catch (IOException e) {
      if (status == 200) {
        throw notKibana(response.body());
      }
    }
    // A bulk action that failed for some rules is answered with 500 and the whole result.
    if (json != null
        && (status == 200 || status == 404 || status == 500 && json.has("attributes"))) {
      return new Answer(status, json, response.body().length);
    }
    String said = json == null ? "" : plain(json.path("message").asText(""));
    throw refused(path, status, said, bytes);
  }

  private static KibanaException notKibana(byte[] body) {
    int first = 0;
    while (first < body.length && Character.isWhitespace(body[first])) {
      first++;
    }
    boolean page = first < body.length && body[first] == '<';
    return new KibanaException(
        Problem.NOT_KIBANA,
        page
            ? "the answer is a web page; is there a login in front of Kibana, or is the path wrong?"
            : "the answer is no JSON object, as Kibana's are; is this the address of Kibana?",
        null);
  }

  private KibanaException refused(String path, int status, String said, int bytes) {
    String quoted = said.isEmpty() ? "" : "; it says: " + said;
    if (status / 100 == 3) {
      return new KibanaException(
          Problem.NOT_KIBANA,
          "the address answers with a redirect (status %d), which is not followed, because it would"
                  .formatted(status)
              + " take the API key along; give Kibana's own address with its base path, if it has"
              + " one",
          null);
    }
    if (status == 401) {
      return new KibanaException(
          Problem.UNAUTHORIZED,
          apiKey == null
              ? "Kibana wants an API key"
              : "Kibana does not accept the API key; it must be the encoded form that Elasticsearch"
                  + " gives when it makes the key, of the same cluster, not expired and not"
                  + " invalidated"
                  + quoted,
          null);
    }
    if (status == 403 || status == 400) {
      String low = said.toLowerCase(Locale.ROOT);
      if (low.contains("license") || low.contains("subscription")) {
        return new KibanaException(
            Problem.LICENCE, "the licence of the cluster does not cover this" + quoted, null);
      }
    }
    if (status == 403) {
      return new KibanaException(
          Problem.FORBIDDEN,
          "the API key may not use %s; its role needs Security (in later versions Rules) with All in this"
                  .formatted(withoutQuery(path))
              + " space, and Actions and Connectors with Read where rules have actions"
              + quoted,
          null);
    }
    if (status == 413) {
      return new KibanaException(
          Problem.REFUSED,
          "a request of %d bytes is too large for Kibana or a proxy before it; import fewer rules at a"
                  .formatted(bytes)
              + " time"
              + quoted,
          null);
    }
    if (status == 502 || status == 504) {
      return new KibanaException(
          Problem.UNREACHABLE,
          "a proxy answers with status %d for Kibana; what was sent may have been done"
              .formatted(status),
          null);
    }
    return new KibanaException(
        Problem.REFUSED,
        "Kibana answers %s with status %d%s".formatted(withoutQuery(path), status, quoted),
        null);
  }

  private static String withoutQuery(String path) {
    int query = path.indexOf('?');
    return query < 0 ? path : path.substring(0, query);
  }

  /** A text of a server as it may be shown: on one line, not long, and without the API key. */
  String plain(String text) {
    String known = apiKey == null ? text : text.replace(apiKey, "[API key]");
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < known.length() && out.length() < MAX_TEXT; i++) {
      char c = known.charAt(i);
      boolean harmless = c >= ' ' && c < 0x7f || Character.isLetterOrDigit(c);
      out.append(harmless ? c : c == '\n' || c == '\t' || c == '\r' ? ' ' : '\ufffd');
    }
    return out.toString().strip();
  }

  /**
   * The seconds of RFC 9110 section 10.2.3, up to the longest wait. A date counts as absent: it
   * needs a clock that agrees with the server's, and Kibana sends none.
   */
  private static long retryAfterNanos(@Nullable String header) {
    String text = header == null ? "" : header.strip();
    if (text.isEmpty() || text.length() > 9 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return 0;
    }
    return TimeUnit.SECONDS.toNanos(Integer.parseInt(text));
  }

  /**
   * An answer that is one.
   *
   * @param code 200, 404, or 500 for a bulk action that failed in part
   * @param bytes how long it was
   */
  record Answer(int code, ObjectNode json, int bytes) {}

  private static final class TooLongException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** A body of at most so many bytes. */
  private static final class Bounded implements HttpResponse.BodySubscriber<byte[]> {
    private final int max;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    Bounded(int max) {
      this.max = max;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
      return whole;
    }

    @Override
    public void onSubscribe(Flow.Subscription to) {
      subscription = to;
      to.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        if (buffer.remaining() > max - bytes.size()) {
          if (subscription != null) {
            subscription.cancel();
          }
          whole.completeExceptionally(new TooLongException());
          return;
        }
        byte[] part = new byte[buffer.remaining()];
        buffer.get(part);
        bytes.write(part, 0, part.length);
      }
    }

    @Override
    public void onError(Throwable thrown) {
      whole.completeExceptionally(thrown);
    }

    @Override
    public void onComplete() {
      whole.complete(bytes.toByteArray());
    }
  }
}
