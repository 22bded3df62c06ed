// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import dev.tip.Indicator;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one fetch, read once, lazily, by one thread.
 *
 * <p>It counts what it hands out and, at the end, holds the counts against the feed's {@link
 * ContentContract}. So iteration ends normally only if the list was whole: a broken contract is a
 * {@link FeedException} wrapped in {@link UncheckedIOException}. Whoever must not act on half a
 * list reads to the end before acting.
 *
 * <p>Not thread-safe.
 */
public final class FeedReader implements Iterable<FeedEntry>, Closeable {
  private final FeedInfo feed;
  private final Checked entries;
  private final Closeable resource;
  private boolean handedOut;
  private boolean closed;

  private FeedReader(FeedInfo feed, Iterator<FeedEntry> entries, Closeable resource) {
    this.feed = feed;
    this.entries = new Checked(feed, entries);
    this.resource = resource;
  }

  /**
   * Returns a reader over entries of a feed.
   *
   * @param feed the feed, whose contract the entries are held against
   * @param entries the entries, with ascending positions
   * @param resource what to close with the reader
   */
  public static FeedReader of(FeedInfo feed, Iterator<FeedEntry> entries, Closeable resource) {
    return new FeedReader(
        Objects.requireNonNull(feed, "feed"),
        Objects.requireNonNull(entries, "entries"),
        Objects.requireNonNull(resource, "resource"));
  }

  /**
   * Returns the entries. Its methods throw {@link UncheckedIOException} around a {@link
   * FeedException} if the list is broken, or around another {@link IOException} if reading fails.
   *
   * @throws IllegalStateException if called twice, or after {@link #close()}
   */
  @Override
  public Iterator<FeedEntry> iterator() {
    if (handedOut || closed) {
      throw new IllegalStateException(
          feed.id() + ": entries are read once; fetch again to read them again");
    }
    handedOut = true;
    return entries;
  }

  /**
   * Returns the entries as a stream whose close closes this.
   *
   * @throws IllegalStateException if the entries have been asked for before
   */
  public Stream<FeedEntry> stream() {
    Spliterator<FeedEntry> once =
        Spliterators.spliteratorUnknownSize(
            iterator(), Spliterator.ORDERED | Spliterator.NONNULL);
    return StreamSupport.stream(once, false)
        .onClose(
            () -> {
              try {
                close();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  /**
   * Returns the accepted statements as a stream whose close closes this.
   *
   * @param quarantine gets the rejected records, in their order, on the reading thread
   * @throws IllegalStateException if the entries have been asked for before
   */
  public Stream<Indicator> indicators(Consumer<? super FeedEntry.Rejected> quarantine) {
    Objects.requireNonNull(quarantine, "quarantine");
    return stream()
        .<Indicator>mapMulti(
            (entry, out) -> {
              if (entry instanceof FeedEntry.Accepted accepted) {
                out.accept(accepted.indicator());
              } else if (entry instanceof FeedEntry.Rejected rejected) {
                quarantine.accept(rejected);
              }
            });
  }

  /** Returns what has been read so far. */
  public Counts counts() {
    return entries.counts();
  }

  /** Closes the connection or file behind it; closing twice is closing once. */
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      resource.close();
    }
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
  public record Counts(
      long records, long rejected, long revoked, long parsed, long indicators) {}

  /** Counts on the way through, and judges at the end. */
  private static final class Checked implements Iterator<FeedEntry> {
    private final FeedInfo feed;
    private final Iterator<FeedEntry> entries;
    private long rejected;
    private long revoked;
    private long parsed;
    private long indicators;
    private long lastPosition = -1;
    private @Nullable String declared;
    private boolean judged;

    Checked(FeedInfo feed, Iterator<FeedEntry> entries) {
      this.feed = feed;
      this.entries = entries;
    }

    Counts counts() {
      return new Counts(rejected + revoked + parsed, rejected, revoked, parsed, indicators);
    }

    @Override
    public boolean hasNext() {
      if (entries.hasNext()) {
        return true;
      }
      if (!judged) {
        judge();
        judged = true;
      }
      return false;
    }

    @Override
    public FeedEntry next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      FeedEntry entry = entries.next();
      if (entry instanceof FeedEntry.Accepted accepted) {
        indicators++;
        if (accepted.position() != lastPosition) {
          parsed++;
          lastPosition = accepted.position();
        }
      } else if (entry instanceof FeedEntry.Rejected bad) {
        // A record that made a statement is parsed, whatever else is wrong with it.
        if (bad.position() != lastPosition) {
          rejected++;
          lastPosition = bad.position();
        }
      } else if (entry instanceof FeedEntry.Revoked taken) {
        if (taken.position() != lastPosition) {
          revoked++;
          lastPosition = taken.position();
        }
      } else if (entry instanceof FeedEntry.Declared said) {
        if (said.key().equals(FeedEntry.Declared.MEMBER)) {
          lastPosition = -1;
        } else if (said.key().equals(FeedEntry.Declared.RECORDS)) {
          declared = said.value();
        }
      }
      return entry;
    }

    private void judge() {
      ContentContract contract = feed.contract();
      long records = rejected + revoked + parsed;
      if (declared == null && contract.declaresRecords()) {
        throw broken(
            "trailer",
            "the list ends after "
                + records
                + " records without stating their number: it is cut, or its format changed");
      }
      if (declared != null && !declared.equals(Long.toString(records))) {
        throw broken(
            "declared-count",
            "the list states " + quote(declared) + " records and has " + records);
      }
      if (records == 0 && !contract.mayBeEmpty()) {
        throw broken("empty", "the list has no record, which this feed never has when healthy");
      }
      if (rejected > contract.maxRejectedShare() * records) {
        throw broken(
            "rejected-share",
            rejected + " of " + records + " records cannot be used: its format changed");
      }
    }

    private UncheckedIOException broken(String clause, String message) {
      return new UncheckedIOException(
          FeedException.contractBroken(feed.id(), clause, message, null));
    }

    private static String quote(String declared) {
      StringBuilder out = new StringBuilder("\"");
      for (int i = 0; i < Math.min(declared.length(), 40); i++) {
        char c = declared.charAt(i);
        out.append(c >= ' ' && c < 0x7f ? c : '?');
      }
      return out.append('"').toString();
    }
  }
}
