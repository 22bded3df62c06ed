// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import dev.tip.ecs.EcsWriter;
import dev.tip.sink.Change;
import dev.tip.sink.SinkException;
import dev.tip.sink.WriteResult;
import dev.tip.sink.WriteResult.Outcome;
import dev.tip.sink.WriteResult.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One batch on its way: sends what is pending, reads the outcome of each operation and sends again
 * what may still succeed, until all is settled, the deadline is over or somebody ends it.
 */
final class BulkWrite {
  private static final int USUAL_DOCUMENT = 1400;
  private static final Map<String, String> QUERY =
      Map.of(
          "require_alias",
          "true",
          "filter_path",
          "took,errors,items.*._id,items.*.status,items.*.error.type,items.*.error.reason");

  private final ElasticsearchSink sink;
  private final List<Change> batch;
  private final @Nullable Outcome[] outcomes;
  private final ArrayDeque<Integer> pending;
  private final Attempts attempts;
  private int maxOperations;

  /** What the server has not refused as too large. */
  private int ceiling;

  private Trouble last = new Trouble(Fault.RETRY, "deadline", "", null);

  BulkWrite(ElasticsearchSink sink, List<Change> batch) {
    this.sink = sink;
    this.batch = batch;
    this.outcomes = new Outcome[batch.size()];
    this.pending = new ArrayDeque<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      pending.add(i);
    }
    this.attempts = sink.attempts();
    this.maxOperations = sink.maxOperations;
    this.ceiling = sink.maxOperations;
  }

  /**
   * Why operations are still pending.
   *
   * @param reason a stable code: the server's error type, or one of our own
   * @param detail a sentence, escaped
   */
  private record Trouble(Fault fault, String reason, String detail, @Nullable Throwable cause) {}

  /**
   * A part of the batch in one request.
   *
   * @param changes positions in the batch
   */
  private record Chunk(List<Integer> changes, List<String> ids, Body body) {}

  WriteResult run() throws SinkException {
    while (!pending.isEmpty()) {
      if (sink.isClosed()) {
        return unsettled("closed");
      }
      if (attempts.left() <= 0) {
        return giveUp();
      }
      try {
        settle(nextChunk());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return unsettled("interrupted");
      }
    }
    return result();
  }

  private Chunk nextChunk() {
    List<Integer> changes = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    long expected = (long) Math.min(maxOperations, pending.size()) * USUAL_DOCUMENT;
    Body body = sink.body((int) Math.min(expected, sink.maxBytes));
    try (EcsWriter documents = sink.encoder.writer(body)) {
      while (changes.size() < maxOperations && !pending.isEmpty()) {
        int before = body.size();
        int next = pending.remove();
        String id = documents.writeBulk(batch.get(next), null);
        documents.flush();
        if (body.size() > sink.maxBytes && !changes.isEmpty()) {
          body.cut(before);
          pending.addFirst(next);
          break;
        }
        changes.add(next);
        ids.add(id);
      }
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail to be written", e);
    }
    return new Chunk(changes, ids, body);
  }

  /** Sends the chunk, and waits until the next request may be sent. */
  private void settle(Chunk chunk) throws SinkException, InterruptedException {
    BulkTransport.Response response;
    try {
      response = send(chunk);
    } catch (IOException e) {
      again(chunk.changes(), new Trouble(Fault.RETRY, "no-answer", text(e), e), null);
      return;
    }
    if (response.status() != 200) {
      refused(chunk, response);
      return;
    }
    List<BulkAnswer.Item> items;
    try (InputStream body = response.body()) {
      items = BulkAnswer.items(body, chunk.ids());
    } catch (IOException e) {
      again(chunk.changes(), new Trouble(Fault.RETRY, "bad-answer", text(e), e), null);
      return;
    }
    settle(chunk, items);
  }

  private BulkTransport.Response send(Chunk chunk) throws IOException, InterruptedException {
    BulkTransport.Request request =
        new BulkTransport.Request(sink.bulkPath, QUERY, chunk.body().bytes());
    BulkTransport.Response response =
        sink.inFlight.await(sink.transport.send(request), attempts.left());
    sink.reuse(chunk.body());
    return response;
  }

  private void refused(Chunk chunk, BulkTransport.Response response)
      throws SinkException, InterruptedException {
    BulkAnswer.Item error;
    try (InputStream body = response.body()) {
      error = BulkAnswer.error(response.status(), body);
    } catch (IOException e) {
      // A proxy's page; the status says enough.
      error = new BulkAnswer.Item(response.status(), "", "");
    }
    Trouble trouble = trouble(error);
    switch (trouble.fault()) {
      case TOO_LARGE -> {
        if (chunk.changes().size() == 1) {
          outcomes[chunk.changes().get(0)] =
              new Outcome(Status.REFUSED, "request-too-large", trouble.detail());
          return;
        }
        putBack(chunk.changes());
        maxOperations = Math.max(1, chunk.changes().size() / 2);
        ceiling = maxOperations;
      }
      // The bodies are well-formed; a server that refuses a whole one does not speak our dialect.
      case DOCUMENT, AUTH, CONFIG, BLOCKED -> throw failure(trouble);
      case NONE, CONFLICT, RETRY, BLOCKED_FOR_NOW ->
          again(chunk.changes(), trouble, response.retryAfter());
    }
  }

  private void settle(Chunk chunk, List<BulkAnswer.Item> items)
      throws SinkException, InterruptedException {
    List<Integer> retries = new ArrayList<>();
    @Nullable Trouble passing = null;
    for (int i = 0; i < items.size(); i++) {
      BulkAnswer.Item item = items.get(i);
      int change = chunk.changes().get(i);
      switch (item.fault()) {
        case NONE -> outcomes[change] = Outcome.WRITTEN;
        case CONFLICT -> outcomes[change] = outcome(Status.CONFLICT, item);
        case DOCUMENT, TOO_LARGE -> outcomes[change] = outcome(Status.REFUSED, item);
        case AUTH, CONFIG, BLOCKED -> throw failure(trouble(item));
        case RETRY, BLOCKED_FOR_NOW -> {
          retries.add(change);
          passing = trouble(item);
        }
      }
    }
    if (passing == null) {
      attempts.succeeded();
      maxOperations = Math.max(maxOperations, Math.min(ceiling, maxOperations * 2));
    } else {
      again(retries, passing, null);
    }
  }

  private void again(List<Integer> changes, Trouble trouble, @Nullable String retryAfter)
      throws InterruptedException {
    putBack(changes);
    last = trouble;
    if (trouble.fault() == Fault.BLOCKED_FOR_NOW) {
      // One operation finds out as well as a thousand whether the block is gone.
      maxOperations = 1;
    }
    attempts.failed(retryAfter);
  }

  private void putBack(List<Integer> changes) {
    for (int i = changes.size() - 1; i >= 0; i--) {
      pending.addFirst(changes.get(i));
    }
  }

  /** The deadline is over: says so for each change, or throws if nothing was settled at all. */
  private WriteResult giveUp() throws SinkException {
    if (Arrays.stream(outcomes).allMatch(outcome -> outcome == null)) {
      throw failure(last);
    }
    return unsettled(last.reason());
  }

  private WriteResult unsettled(String reason) {
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] == null) {
        outcomes[i] =
            new Outcome(Status.UNSETTLED, reason, last.detail().isEmpty() ? null : last.detail());
      }
    }
    return result();
  }

  private WriteResult result() {
    List<Outcome> all = new ArrayList<>(outcomes.length);
    for (Outcome outcome : outcomes) {
      if (outcome == null) {
        throw new IllegalStateException("a change without outcome");
      }
      all.add(outcome);
    }
    return new WriteResult(all);
  }

  private static Outcome outcome(Status status, BulkAnswer.Item item) {
    Trouble trouble = trouble(item);
    return new Outcome(status, trouble.reason(), trouble.detail());
  }

  private static Trouble trouble(BulkAnswer.Item item) {
    String reason = item.type().isEmpty() ? "http-" + item.status() : Escaped.of(item.type());
    return new Trouble(item.fault(), reason, Escaped.of(item.reason()), null);
  }

  private SinkException failure(Trouble trouble) {
    return trouble
        .fault()
        .failure("alias " + sink.indexBase, trouble.reason(), trouble.detail(), trouble.cause());
  }

  private static String text(IOException e) {
    Throwable cause = e.getMessage() == null && e.getCause() != null ? e.getCause() : e;
    return Escaped.of(String.valueOf(cause.getMessage()));
  }

  /** A body that grows, and can take back what made it too large. */
  static final class Body extends ByteArrayOutputStream {
    Body(int size) {
      super(size);
    }

    void cut(int size) {
      count = size;
    }

    ByteBuffer bytes() {
      return ByteBuffer.wrap(buf, 0, count);
    }
  }
}
