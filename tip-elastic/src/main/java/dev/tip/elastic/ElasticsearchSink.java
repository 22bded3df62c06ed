// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import dev.tip.CyberObservable;
import dev.tip.ecs.EcsEncoder;
import dev.tip.sink.Change;
import dev.tip.sink.Holdings;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.SinkException;
import dev.tip.sink.SinkInfo;
import dev.tip.sink.StoredIndicator;
import dev.tip.sink.WriteResult;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A sink that keeps indicators in an index of Elasticsearch, one document an indicator.
 *
 * <p>It writes through an alias that {@link ElasticsearchAdmin} sets up, and never creates an
 * index. The document's version is the generation: an older one never overwrites a newer one. A
 * withdrawal overwrites the document with a tombstone.
 *
 * <p>Every operation of a bulk request has an outcome of its own. What the server could not take at
 * the moment, and requests whose answer is unknown, are sent again with growing random waits until
 * the deadline; a refused document is {@link WriteResult.Status#REFUSED} with the server's error
 * type. A fault of the target (credentials, index, block) is a {@link SinkException}.
 *
 * <p>Thread-safe; it has no thread of its own. Two writers at a time use a small cluster well.
 */
public final class ElasticsearchSink implements IndicatorSink {
  /** The alias that is written to unless another is given. */
  public static final String DEFAULT_INDEX_BASE = "logs-ti_tip.indicator";

  final BulkTransport transport;
  final InFlight inFlight = new InFlight();
  final EcsEncoder encoder;
  final String indexBase;
  final String bulkPath;
  final int maxOperations;
  final int maxBytes;

  private final Duration deadline;
  private final LongSupplier nanoTime;
  private final DoubleSupplier random;
  private final Pause pause;
  private final @Nullable Calls calls;
  private final @Nullable Closeable owned;
  private final SinkInfo info;

  /** How many writes have ended, whatever became of them. */
  private final AtomicLong writes = new AtomicLong();

  private final ReentrantLock refreshing = new ReentrantLock();

  /**
   * How many writes searches see, known to the holder of the lock. At the beginning not even none
   * of them: another process may have written just before.
   */
  private long visible = -1;

  /** As many as were written at once. Each is so large that making a new one costs a collection. */
  private final Queue<BulkWrite.Body> idleBodies = new ConcurrentLinkedQueue<>();

  private ElasticsearchSink(Builder b, BulkTransport transport, String identity) {
    this.transport = transport;
    this.calls = b.calls;
    this.owned = b.owned;
    this.encoder = EcsEncoder.builder().ids(false).withdrawnValues(b.withdrawnValues).build();
    this.indexBase = b.indexBase;
    this.bulkPath = '/' + b.indexBase + "/_bulk";
    this.deadline = b.deadline;
    this.maxOperations = b.maxOperations;
    this.maxBytes = b.maxBytes;
    this.nanoTime = b.nanoTime;
    this.random = b.random;
    this.pause = b.pause != null ? b.pause : inFlight::pause;
    this.info =
        new SinkInfo(
            "elasticsearch:"
                + identity
                + ":ecs-"
                + encoder.identity()
                + ':'
                + CyberObservable.NORMALISATION_PROFILE,
            b.redistributes,
            false);
  }

  /**
   * Returns a builder of a sink over a client, which is neither changed nor closed.
   *
   * <p>The sink waits for answers as long as its own deadline says; a shorter socket timeout of the
   * client is a failed attempt.
   */
  public static Builder builder(ElasticsearchClient client) {
    Calls calls = new Calls(client);
    return new Builder(calls, calls, null);
  }

  /**
   * Returns a builder of a sink over a transport of the host.
   *
   * @param identity what changes whenever the index is another: its UUID; the sink adds the
   *     versions of its own formats
   */
  public static Builder builder(BulkTransport transport, String identity) {
    return new Builder(
        null, Objects.requireNonNull(transport), Objects.requireNonNull(identity, "identity"));
  }

  @Override
  public SinkInfo info() {
    return info;
  }

  @Override
  public WriteResult write(List<Change> batch) throws IOException, InterruptedException {
    requireReady();
    try {
      return new BulkWrite(this, batch).run();
    } finally {
      writes.incrementAndGet();
    }
  }

  private void requireReady() throws InterruptedException {
    if (isClosed()) {
      throw new IllegalStateException("the sink is closed");
    }
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted before anything was sent");
    }
  }

  /** Begins work that has until the deadline. */
  Attempts attempts() {
    return new Attempts(nanoTime, random, pause, deadline);
  }

  /**
   * Returns the active indicators of a feed at one point in time, as far as the index was
   * refreshed.
   *
   * <p>What the server cannot answer at the moment is asked again until the sink's deadline, which
   * the opening and then each page have for themselves. The stream is for one thread and must be
   * closed; between two pages it may wait for five minutes, then the server has forgotten it. It
   * throws {@link java.io.UncheckedIOException} if a page cannot be read; on an interrupt its cause
   * is an {@link java.io.InterruptedIOException}, and the thread stays interrupted.
   *
   * @return empty if the sink was made over a {@link BulkTransport}
   * @throws SinkException if the server gives no answer within the deadline or refuses it, or the
   *     sink is closed meanwhile
   * @throws InterruptedException if the thread is interrupted before the stream is open
   * @throws IllegalStateException if the sink is closed
   */
  @Override
  public Optional<Stream<StoredIndicator>> active(String feedId)
      throws IOException, InterruptedException {
    requireReady();
    if (calls == null) {
      return Optional.empty();
    }
    Attempts attempts = attempts();
    try {
      return Optional.of(
          ActiveIndicators.stream(calls.within(attempts, inFlight), attempts, indexBase, feedId));
    } catch (InterruptedCallException e) {
      throw e.asInterrupt();
    }
  }

  /**
   * Returns how many active indicators of a feed the index holds, and their highest generation. All
   * that was written before is made visible to searches first; that needs no privilege but those
   * for writing and reading. What the server cannot answer at the moment is asked again; all
   * together takes no longer than the sink's deadline.
   *
   * @return empty if the sink was made over a {@link BulkTransport}
   * @throws SinkException if the server gives no answer within the deadline or refuses it, or the
   *     sink is closed meanwhile
   * @throws InterruptedException if the thread is interrupted
   * @throws IllegalStateException if the sink is closed
   */
  @Override
  public Optional<Holdings> holdings(String feedId) throws IOException, InterruptedException {
    requireReady();
    if (calls == null) {
      return Optional.empty();
    }
    Attempts attempts = attempts();
    FeedHoldings holdings = new FeedHoldings(calls.within(attempts, inFlight), indexBase);
    try {
      showWrites(holdings, attempts);
      return Optional.of(holdings.count(feedId));
    } catch (InterruptedCallException e) {
      throw e.asInterrupt();
    }
  }

  /**
   * Returns when searches see every write that has ended; who comes while another thread sees to
   * that waits for it.
   */
  private void showWrites(FeedHoldings holdings, Attempts attempts)
      throws IOException, InterruptedException {
    long wanted = writes.get();
    if (!refreshing.tryLock(Math.max(0, attempts.left()), TimeUnit.NANOSECONDS)) {
      throw new SinkException(
          SinkException.Kind.UNREACHABLE,
          "alias "
              + indexBase
              + ": what was written did not become visible in time; check that the"
              + " server is not overloaded",
          null);
    }
    try {
      if (visible < wanted) {
        long now = writes.get();
        holdings.refresh();
        visible = now;
      }
    } finally {
      refreshing.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    if (inFlight.close() && owned != null) {
      owned.close();
    }
  }

  boolean isClosed() {
    return inFlight.isClosed();
  }

  /** Returns an empty body for one request, which grows if the size is too small. */
  BulkWrite.Body body(int size) {
    BulkWrite.Body idle = idleBodies.poll();
    return idle != null ? idle : new BulkWrite.Body(size);
  }

  /** Takes a body back that nobody reads any more. */
  void reuse(BulkWrite.Body body) {
    body.reset();
    idleBodies.add(body);
  }

  /** Collects the options of a sink. Not thread-safe. */
  public static final class Builder {
    private final @Nullable Calls calls;
    private final BulkTransport transport;
    private final @Nullable String identity;
    private @Nullable Closeable owned;
    private String indexBase = DEFAULT_INDEX_BASE;
    private Duration deadline = Duration.ofMinutes(2);
    private int maxOperations = 2000;
    private int maxBytes = 5 << 20;
    private boolean withdrawnValues;
    private boolean redistributes;
    private LongSupplier nanoTime = System::nanoTime;
    private DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();
    private @Nullable Pause pause;

    private Builder(@Nullable Calls calls, BulkTransport transport, @Nullable String identity) {
      this.calls = calls;
      this.transport = transport;
      this.identity = identity;
    }

    /**
     * Sets the alias to write to; default: {@value #DEFAULT_INDEX_BASE}.
     *
     * @throws IllegalArgumentException if it is no name that an index can have
     */
    public Builder indexBase(String indexBase) {
      this.indexBase = IndexNames.require(indexBase);
      return this;
    }

    /** Sets how long a batch is tried, or a question asked; default: two minutes. */
    public Builder deadline(Duration deadline) {
      if (deadline.isNegative() || deadline.isZero()) {
        throw new IllegalArgumentException("the deadline must be positive: " + deadline);
      }
      this.deadline = deadline;
      return this;
    }

    /**
     * Sets the limits of one request; default: 2000 operations and 5 MiB. A larger document is sent
     * alone.
     */
    public Builder requestLimits(int operations, int bytes) {
      if (operations < 1 || bytes < 1) {
        throw new IllegalArgumentException("the limits of a request must be positive");
      }
      this.maxOperations = operations;
      this.maxBytes = bytes;
      return this;
    }

    /** Sets whether a tombstone says what the indicator was about; default: false. */
    public Builder withdrawnValues(boolean withdrawnValues) {
      this.withdrawnValues = withdrawnValues;
      return this;
    }

    /** Sets whether the index passes indicators on to others than its owner; default: false. */
    public Builder redistributes(boolean redistributes) {
      this.redistributes = redistributes;
      return this;
    }

    /** Sets what is closed with the sink. */
    Builder owned(Closeable client) {
      this.owned = client;
      return this;
    }

    /** Sets clock, random numbers from 0 to 1, and wait; null for a wait that closing ends. */
    Builder time(LongSupplier nanoTime, DoubleSupplier random, @Nullable Pause pause) {
      this.nanoTime = nanoTime;
      this.random = random;
      this.pause = pause;
      return this;
    }

    /**
     * Builds the sink; over a client, it asks the server for the index behind the alias.
     *
     * @throws SinkException if the server cannot be reached, or the alias is not set up
     */
    public ElasticsearchSink build() throws IOException {
      String index = identity;
      if (index == null) {
        index = indexIdentity(Objects.requireNonNull(calls), indexBase);
      }
      return new ElasticsearchSink(this, transport, index);
    }

    private static String indexIdentity(Calls calls, String alias) throws IOException {
      Calls.Answer answer =
          calls.reach(
              "GET",
              '/' + alias,
              Map.of("filter_path", "*.aliases,*.mappings._meta,*.settings.index.uuid"),
              null);
      Calls.require(answer, "alias " + alias);
      WriteIndex index = WriteIndex.of(alias, answer.body());
      return index.settings().path("uuid").asText() + ":mapping-" + index.mapping();
    }
  }
}
