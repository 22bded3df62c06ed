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
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one fetch, read once, lazily, by one thread.
 *
 * <p>It counts what it hands out and, at the end, holds the counts against the feed's {@link
 * ContentContract}. So iteration ends normally only if the list was whole: a broken contract or
 * connection is a {@link FeedException} wrapped in {@link UncheckedIOException}, and stays one
 * however often the iterator is asked again. Whoever must not act on half a list reads to the end
 * before acting.
 *
 * <p>The clauses of a contract that only the end can show are {@code declared-count} (the list says
 * how many records it has, and has another number), {@code empty}, {@code trailer} (the list does
 * not say how many records it has, but should) and {@code rejected-share}.
 *
 * <p>An iterator behind it that throws anything else unchecked, or gives null or a statement of
 * another feed, has a bug, and its list cannot be trusted: that is the clause {@code parser}, with
 * the position of the last record and the exception as cause.
 *
 * <p>An interrupt while waiting for the network ends the iteration with an {@link
 * java.io.InterruptedIOException} wrapped in {@link UncheckedIOException}; the thread stays
 * interrupted.
 */
public final class FeedReader implements Iterable<FeedEntry>, Closeable {
  private final FeedInfo feed;
  private final Iterator<FeedEntry> entries;
  private final Closeable resource;
  private final Supplier<Transfer> transfer;
  private final Tally tally;
  private boolean iterated;
  private boolean closed;

  private FeedReader(
      FeedInfo feed, Iterator<FeedEntry> entries, Closeable resource, Supplier<Transfer> transfer) {
    this.feed = Objects.requireNonNull(feed, "feed");
    this.entries = Objects.requireNonNull(entries, "entries");
    this.resource = Objects.requireNonNull(resource, "resource");
    this.transfer = Objects.requireNonNull(transfer, "transfer");
    this.tally = new Tally(feed);
  }

  /**
   * Returns a reader over entries of a feed that does not count its cost.
   *
   * @param feed the feed, whose contract is checked
   * @param entries the entries; an I/O error in them is an {@link UncheckedIOException}
   * @param resource what to close with the reader
   */
  public static FeedReader of(FeedInfo feed, Iterator<FeedEntry> entries, Closeable resource) {
    return of(feed, entries, resource, () -> Transfer.NONE);
  }

  /**
   * Returns a reader over entries of a feed.
   *
   * @param feed the feed, whose contract is checked
   * @param entries the entries; an I/O error in them is an {@link UncheckedIOException}
   * @param resource what to close with the reader
   * @param transfer tells what the fetch has cost up to then; asked also after the end
   */
  public static FeedReader of(
      FeedInfo feed, Iterator<FeedEntry> entries, Closeable resource, Supplier<Transfer> transfer) {
    return new FeedReader(feed, entries, resource, transfer);
  }

  /**
   * Returns the entries.
   *
   * @throws IllegalStateException if called twice, also through one of the streams, or after close
   */
  @Override
  public Iterator<FeedEntry> iterator() {
    if (closed) {
      throw new IllegalStateException(feed.id() + ": the reader is closed");
    }
    if (iterated) {
      throw new IllegalStateException(feed.id() + ": entries can be read once; fetch again");
    }
    iterated = true;
    return new Entries();
  }

  /**
   * Returns the entries as a sequential stream whose close closes this. A failing close is an
   * {@link UncheckedIOException}.
   *
   * @throws IllegalStateException as {@link #iterator()}
   */
  public Stream<FeedEntry> stream() {
    Spliterator<FeedEntry> spliterator =
        Spliterators.spliteratorUnknownSize(
            iterator(), Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.IMMUTABLE);
    return StreamSupport.stream(spliterator, false).onClose(this::closeUnchecked);
  }

  /**
   * Returns the accepted statements; rejected records go to the consumer. Withdrawals and what the
   * publisher says about the list are left out: read {@link #stream()} for those.
   *
   * @throws IllegalStateException as {@link #iterator()}
   */
  public Stream<Indicator> indicators(Consumer<? super FeedEntry.Rejected> quarantine) {
    Objects.requireNonNull(quarantine, "quarantine");
    return stream()
        .mapMulti(
            (entry, sink) -> {
              if (entry instanceof FeedEntry.Accepted accepted) {
                sink.accept(accepted.indicator());
              } else if (entry instanceof FeedEntry.Rejected rejected) {
                quarantine.accept(rejected);
              }
            });
  }

  /** Returns what has been read so far. */
  public Counts counts() {
    return tally.counts();
  }

  /** Returns what the fetch has cost so far. */
  public Transfer transfer() {
    return transfer.get();
  }

  /** Closes what the entries come from; a second call does nothing. */
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      resource.close();
    }
  }

  private void closeUnchecked() {
    try {
      close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What has been read: {@code records = rejected + revoked + parsed}.
   *
   * <p>A record is everything at one position. One that gives a statement is parsed, also if
   * another part of it was rejected.
   *
   * @param records data rows
   * @param rejected records that could not be used
   * @param revoked records that take a statement back
   * @param parsed records with at least one statement
   * @param indicators statements; one record can make several
   */
  public record Counts(long records, long rejected, long revoked, long parsed, long indicators) {}

  private final class Entries implements Iterator<FeedEntry> {
    private @Nullable UncheckedIOException failure;
    private boolean ended;

    @Override
    public boolean hasNext() {
      if (failure != null) {
        throw failure;
      }
      if (ended) {
        return false;
      }
      if (closed) {
        throw new IllegalStateException(feed.id() + ": the reader is closed");
      }
      try {
        if (entries.hasNext()) {
          return true;
        }
        tally.end();
        ended = true;
        return false;
      } catch (FeedException e) {
        throw failed(new UncheckedIOException(e));
      } catch (UncheckedIOException e) {
        throw failed(e);
      } catch (RuntimeException e) {
        throw failed(parserFailure(e));
      }
    }

    @Override
    public FeedEntry next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      try {
        FeedEntry entry = Objects.requireNonNull(entries.next(), "an entry is null");
        tally.add(entry);
        return entry;
      } catch (FeedException e) {
        throw failed(new UncheckedIOException(e));
      } catch (UncheckedIOException e) {
        throw failed(e);
      } catch (RuntimeException e) {
        throw failed(parserFailure(e));
      }
    }

    private UncheckedIOException failed(UncheckedIOException e) {
      failure = e;
      return e;
    }

    private UncheckedIOException parserFailure(RuntimeException e) {
      return new UncheckedIOException(FeedException.parserFailed(feed.id(), tally.where(), e));
    }
  }

  /** Counts records, and knows what the list says about their number. */
  private static final class Tally {
    private enum Kind {
      NONE,
      REJECTED,
      REVOKED,
      PARSED
    }

    private final FeedInfo feed;
    private final ContentContract contract;
    private long records;
    private long rejected;
    private long revoked;
    private long parsed;
    private long indicators;

    private long position;
    private Kind kind = Kind.NONE;

    /** Where the current member of an archive began; a list that is no archive is one member. */
    private long recordsBefore;

    private long members;
    private @Nullable String declared;
    private boolean undeclaredMember;

    private Tally(FeedInfo feed) {
      this.feed = feed;
      this.contract = feed.contract();
    }

    Counts counts() {
      return new Counts(records, rejected, revoked, parsed, indicators);
    }

    /** Says where reading is, without any text of the feed. */
    String where() {
      String file = members == 0 ? "" : " in file " + members + " of the archive";
      return kind == Kind.NONE
          ? "before the first record" + file
          : "behind the record at position " + position + file;
    }

    void add(FeedEntry entry) throws FeedException {
      if (entry instanceof FeedEntry.Accepted accepted) {
        if (!accepted.indicator().feed().equals(feed)) {
          throw new IllegalStateException(
              "a statement of another feed: " + accepted.indicator().feed());
        }
        indicators++;
        count(accepted.position(), Kind.PARSED);
      } else if (entry instanceof FeedEntry.Rejected rejection) {
        count(rejection.position(), Kind.REJECTED);
      } else if (entry instanceof FeedEntry.Revoked revocation) {
        count(revocation.position(), Kind.REVOKED);
      } else if (entry instanceof FeedEntry.Declared declaration) {
        declare(declaration);
      }
    }

    private void count(long at, Kind found) {
      if (kind == Kind.NONE || at != position) {
        records++;
        position = at;
        kind = found;
        move(found, 1);
      } else if (found.compareTo(kind) > 0) {
        move(kind, -1);
        move(found, 1);
        kind = found;
      }
    }

    private void move(Kind to, int by) {
      switch (to) {
        case REJECTED -> rejected += by;
        case REVOKED -> revoked += by;
        case PARSED -> parsed += by;
        case NONE -> throw new AssertionError("a record is of some kind");
      }
    }

    private void declare(FeedEntry.Declared declaration) throws FeedException {
      if (declaration.key().equals(FeedEntry.Declared.MEMBER)) {
        if (members > 0 || declared != null || records > 0) {
          endMember();
        }
        members++;
        declared = null;
        recordsBefore = records;
        kind = Kind.NONE;
      } else if (declaration.key().equals(FeedEntry.Declared.RECORDS)) {
        if (declared != null && !declared.equals(declaration.value())) {
          throw broken(
              "declared-count", "the list states two numbers of records, so it is not one list");
        }
        declared = declaration.value();
      }
    }

    private void endMember() throws FeedException {
      long found = records - recordsBefore;
      if (declared == null) {
        undeclaredMember = true;
      } else if (!isNumber(declared, found)) {
        throw broken(
            "declared-count",
            "the list states another number of records than the "
                + found
                + " it has; it is cut or its format has changed; nothing of it is used");
      }
    }

    private static boolean isNumber(String text, long number) {
      try {
        return Long.parseLong(text) == number;
      } catch (NumberFormatException e) {
        return false;
      }
    }

    void end() throws FeedException {
      endMember();
      if (records == 0 && !contract.mayBeEmpty()) {
        throw broken("empty", "the list has no record, which this feed never means");
      }
      if (undeclaredMember && contract.declaresRecords()) {
        throw broken("trailer", "the list does not state its number of records, so it may be cut");
      }
      if (rejected > contract.maxRejectedShare() * records) {
        throw broken(
            "rejected-share",
            rejected + " of " + records + " records cannot be used; the format may have changed");
      }
    }

    private FeedException broken(String clause, String message) {
      return FeedException.contractBroken(feed.id(), clause, message, null);
    }
  }
}
