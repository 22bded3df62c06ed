// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import dev.tip.Indicator;
import java.io.Closeable;
import java.io.IOException;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The entries of one fetch, read once, lazily, by one thread.
 *
 * <p>It counts what it hands out and, at the end, holds the counts against the feed's {@link ContentContract}. So
 * iteration ends normally only if the list was whole: a broken contract is a {@link FeedException} wrapped in {@link
 * java.io.UncheckedIOException}. Whoever must not act on half a list reads to the end before acting.
 */
public final class FeedReader implements Iterable<FeedEntry>, Closeable {
  private FeedReader() {}

  /**
   * Returns a reader over entries of a feed.
   *
   * @param resource what to close with the reader
   */
  public static FeedReader of(FeedInfo feed, Iterator<FeedEntry> entries, Closeable resource) {
    throw new UnsupportedOperationException("pending");
  }

  /**
   * Returns the entries.
   *
   * @throws IllegalStateException if called twice
   */
  @Override
  public Iterator<FeedEntry> iterator() {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns the entries as a stream whose close closes this. */
  public Stream<FeedEntry> stream() {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns the accepted statements; rejected records go to the consumer. */
  public Stream<Indicator> indicators(Consumer<? super FeedEntry.Rejected> quarantine) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns what has been read so far. */
  public Counts counts() {
    throw new UnsupportedOperationException("pending");
  }

  @Override
  public void close() throws IOException {
    throw new UnsupportedOperationException("pending");
  }

  /**
   * What has been read: {@code records = rejected + revoked + parsed}.
   *
   * @param records data rows
   * @param rejected records that could not be used
   * @param revoked records that take a statement back
   * @param parsed records with at least one statement
   * @param indicators statements; one record can make several
   */
  public record Counts(long records, long rejected, long revoked, long parsed, long indicators) {}
}
