// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * How a sink reaches Elasticsearch's bulk API; made for hosts that bring a client of their own.
 *
 * <p>Thread-safe. The sink retries, waits and gives up; a transport that retries as well only makes
 * it slower.
 */
@FunctionalInterface
public interface BulkTransport {

  /**
   * Sends a request and completes with the answer, whatever its status.
   *
   * <p>The future completes exceptionally, with an {@link IOException} as cause, if there is no
   * answer or the answer is not Elasticsearch's. The sink cancels it when it no longer waits; the
   * request should then be aborted. The body is used for another request once the future completed:
   * a transport that completes it early must have stopped reading. This method itself neither waits
   * nor throws.
   */
  CompletableFuture<Response> send(Request request);

  /**
   * A {@code POST} of newline-delimited JSON. Its media type is {@code application/x-ndjson}, or
   * the form of it that the client uses with its {@code Accept} header: the server refuses a
   * request that mixes the two forms.
   *
   * @param path the path, starting with a slash, with nothing to be escaped
   * @param query the parameters, not escaped
   * @param body the body, backed by an array; not changed until the future completes
   */
  record Request(String path, Map<String, String> query, ByteBuffer body) {
    /** Checks that all is there. */
    public Request {
      Objects.requireNonNull(path, "path");
      query = Map.copyOf(query);
      Objects.requireNonNull(body, "body");
    }
  }

  /**
   * An answer.
   *
   * @param status the HTTP status
   * @param retryAfter the header {@code Retry-After}, or null
   * @param body the body, JSON, received to its end: reading it must not wait. The sink closes it.
   */
  record Response(int status, @Nullable String retryAfter, InputStream body) {
    /** Checks that the body is there. */
    public Response {
      Objects.requireNonNull(body, "body");
    }
  }
}
