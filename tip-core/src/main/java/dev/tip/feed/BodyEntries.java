// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The entries of one body, packed or not: what {@link HttpFeed} gives to its reader.
 *
 * <p>The parser's word that the entries have ended is not enough: the rest of the body is read too,
 * so that a connection that breaks behind the last record is noticed.
 */
final class BodyEntries implements Iterator<FeedEntry>, Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpFeed.class);

  private final FeedInfo feed;
  private final FeedParser parser;
  private final FetchContext limits;
  private final InputStream source;
  private final @Nullable Instant lastModified;
  private final Meter meter;
  private final Sniffer sniffer;
  private final long startNanos = System.nanoTime();

  private @Nullable Archive archive;
  private Iterator<ZipEntry> members = Collections.emptyIterator();
  private @Nullable ZipEntry announced;
  private @Nullable BudgetStream body;
  private Iterator<FeedEntry> entries = Collections.emptyIterator();
  private boolean ended;
  private boolean closed;

  private BodyEntries(
      FeedInfo feed,
      FeedParser parser,
      FetchContext limits,
      Meter meter,
      InputStream source,
      @Nullable Instant lastModified) {
    this.feed = feed;
    this.parser = parser;
    this.limits = limits;
    this.source = source;
    this.lastModified = lastModified;
    this.meter = meter;
    this.sniffer = new Sniffer(feed);
  }

  /**
   * Starts to read.
   *
   * @param meter counts the bytes
   * @param source the bytes as received; closed with the entries, and if this fails
   * @param name what to call the body
   * @param wanted which members of an archive to read, or null if the feed is no archive; if a zip
   *     archive comes all the same, its first member is read
   */
  static BodyEntries open(
      FeedInfo feed,
      FeedParser parser,
      @Nullable Predicate<String> wanted,
      FetchContext limits,
      Meter meter,
      InputStream source,
      String name,
      @Nullable Instant lastModified)
      throws IOException {
    BodyEntries opened = new BodyEntries(feed, parser, limits, meter, source, lastModified);
    boolean started = false;
    try {
      opened.start(wanted, name);
      started = true;
    } finally {
      if (!started) {
        opened.close();
      }
    }
    return opened;
  }

  private void start(@Nullable Predicate<String> wanted, String name) throws IOException {
    Sniffer.Unpacked unpacked = sniffer.unpack(new BudgetStream(source, meter.received()), meter);
    if (unpacked.zip()) {
      archive = Archive.spool(feed.id(), unpacked.stream(), limits.temporaryFolder(), wanted);
      members = archive.members().iterator();
      LOG.debug("{}: archive of {} bytes", feed.id(), meter.received().spent());
    } else if (wanted == null) {
      parse(unpacked.stream(), name);
    } else {
      // An error page is named as such.
      sniffer.check(unpacked.stream());
      throw FeedException.contractBroken(feed.id(), "archive", "the body is no zip archive", null);
    }
  }

  private void parse(InputStream unpacked, String name) throws IOException {
    BudgetStream checked = new BudgetStream(sniffer.check(unpacked), meter.inflated());
    body = checked;
    FeedBody unclosed =
        new FeedBody(new Unclosed(checked), name, lastModified, limits.maxLineLength());
    try {
      entries = parser.parse(unclosed, feed);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (RuntimeException e) {
      throw FeedException.parserFailed(feed.id(), "before the first record", bodyFailure(e));
    }
  }

  @Override
  public boolean hasNext() {
    try {
      while (announced == null && !parserHasNext()) {
        finishBody();
        if (!members.hasNext()) {
          ended = true;
          return false;
        }
        announced = members.next();
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean parserHasNext() throws IOException {
    try {
      return entries.hasNext();
    } catch (RuntimeException e) {
      throw bodyFailure(e);
    }
  }

  @Override
  public FeedEntry next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    ZipEntry member = announced;
    try {
      if (member != null) {
        announced = null;
        openMember(member);
        return new FeedEntry.Declared(FeedEntry.Declared.MEMBER, member.getName());
      }
      return parserNext();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private FeedEntry parserNext() throws IOException {
    try {
      return entries.next();
    } catch (RuntimeException e) {
      throw bodyFailure(e);
    }
  }

  /** Whatever a parser makes of a failing body, the body's own failure is what happened. */
  private RuntimeException bodyFailure(RuntimeException e) throws IOException {
    IOException failure = body == null ? null : body.failure();
    if (failure != null) {
      throw failure;
    }
    return e;
  }

  private void openMember(ZipEntry member) throws IOException {
    if (archive == null) {
      throw new IllegalStateException("a member without an archive");
    }
    InputStream in = archive.open(member);
    if (member.getSize() == 0) {
      // Repositories have empty files; an archive of nothing else has no record, which is noticed.
      in.close();
      entries = Collections.emptyIterator();
    } else {
      parse(in, member.getName());
    }
  }

  private void finishBody() throws IOException {
    BudgetStream finished = body;
    if (finished != null) {
      finished.transferTo(OutputStream.nullOutputStream());
      if (archive != null) {
        finished.close();
      }
      body = null;
    }
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    entries = Collections.emptyIterator();
    members = Collections.emptyIterator();
    try (source) {
      BudgetStream open = body;
      if (open != null) {
        open.close();
      }
      if (archive != null) {
        archive.close();
      }
    } finally {
      LOG.debug(
          "{}: {} bytes received, {} after decompression, {} ms{}",
          feed.id(),
          meter.received().spent(),
          meter.inflated().spent(),
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos),
          ended ? "" : ", not read to the end");
    }
  }

  /** The body without its close: what is behind the last record still has to be read. */
  private static final class Unclosed extends FilterInputStream {
    private Unclosed(InputStream in) {
      super(in);
    }

    @Override
    public void close() {}
  }
}
