// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sink;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A place where indicators are stored.
 *
 * <p>A sink is thread-safe, works synchronously per batch, and is idempotent: the same change
 * written twice has the effect of one. It starts no thread that outlives {@link #close()} and does
 * not close a client it was given.
 */
public interface IndicatorSink extends AutoCloseable {

  /** Returns what the sink is. */
  SinkInfo info();

  /**
   * Stores changes and returns when every one of them is settled or known not to be.
   *
   * <p>Ends within the sink's deadline whatever the server does. An interrupt, and a concurrent
   * {@link #close()}, end it soon with the rest as {@link WriteResult.Status#UNSETTLED}. The batch
   * is neither changed nor kept.
   *
   * @param batch changes, each id at most once; may be empty
   * @return one outcome a change, in the order of the batch
   * @throws SinkException if nothing of the batch could be tried or the target itself is unfit; the
   *     batch may be written again when that is mended
   * @throws InterruptedException if the thread was interrupted before anything was sent
   * @throws IllegalStateException if the sink is closed
   */
  WriteResult write(List<Change> batch) throws IOException, InterruptedException;

  /**
   * Returns the active indicators of a feed, in any order and each once, if the sink can tell. They
   * are what was {@link WriteResult.Status#WRITTEN} when it was called; writing may go on while the
   * stream is read.
   *
   * <p>A sync asks when a state was lost or {@link #holdings} differ from what is remembered.
   *
   * @return a stream, to be closed, that throws {@link java.io.UncheckedIOException} if the target
   *     cannot be read on
   * @throws SinkException if the target cannot be asked
   * @throws InterruptedException if the thread was interrupted
   * @throws IllegalStateException if the sink is closed
   * @implSpec returns empty
   */
  default Optional<Stream<StoredIndicator>> active(String feedId)
      throws IOException, InterruptedException {
    return Optional.empty();
  }

  /**
   * Returns how much the sink holds of a feed, if it can tell. Every change that it said to be
   * {@link WriteResult.Status#WRITTEN} before the call counts.
   *
   * <p>With a state folder, a sync asks before it fetches a feed, and ends the feed as {@link
   * dev.tip.feed.FeedOutcome#SINK_FAILED} if the sink does not say; and after it wrote. A sink that
   * tells this is to tell {@link #active} as well: a difference is only found out there.
   *
   * @throws SinkException if the target cannot be asked
   * @throws InterruptedException if the thread was interrupted
   * @throws IllegalStateException if the sink is closed
   * @implSpec returns empty
   */
  default Optional<Holdings> holdings(String feedId) throws IOException, InterruptedException {
    return Optional.empty();
  }

  /** Closes the sink; closing twice is closing once. */
  @Override
  void close() throws IOException;
}
