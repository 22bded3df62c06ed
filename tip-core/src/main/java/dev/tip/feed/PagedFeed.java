// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A feed that is read in several requests, one after the other, from where the last fetch ended: a
 * server with pages, or an index of files. Immutable and thread-safe.
 *
 * <p>Each page is fetched like an {@link HttpFeed}, with the same checks, limits and exceptions;
 * the page after it is asked for when its entries have been read. Behind each page comes a {@link
 * FeedEntry.Checkpoint}. Once half of {@linkplain FetchContext#timeout() the time limit} has
 * passed, or after {@value #MAX_PAGES} pages, no further page is asked for: the list ends there
 * without an error, and the next fetch, which may be at once, goes on behind it. So such a feed has
 * to be of {@linkplain FeedInfo.Coverage#INCREMENTAL incremental} coverage.
 *
 * <p>The first request is conditional if it is the first one of the last fetch. A page that fails
 * ends the fetch with its {@link FeedException}. If the publisher cannot read the first request
 * (status 400) because of what is remembered, the list is read from its beginning.
 *
 * <p>The state has the keys {@code location}, {@code fetched-at}, {@code first}, {@code etag},
 * {@code last-modified} and {@code unfinished}, and those of the {@link Pages}.
 */
public final class PagedFeed implements Feed {
  /** The most pages of one fetch. */
  public static final int MAX_PAGES = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(PagedFeed.class);
  private static final String LOCATION = "location";
  private static final String FETCHED_AT = "fetched-at";
  private static final String FIRST = "first";
  private static final String UNFINISHED = "unfinished";

  private final FeedInfo info;
  private final FeedInfo page;
  private final URI location;
  private final Function<FetchState, Pages> start;
  private final Consumer<HttpFeed.Builder> requests;

  private PagedFeed(
      FeedInfo info,
      URI location,
      Consumer<HttpFeed.Builder> requests,
      Function<FetchState, Pages> start) {
    this.info = info;
    ContentContract.Builder contract = ContentContract.builder().mayBeEmpty().maxRejectedShare(1);
    info.contract().marker().ifPresent(contract::marker);
    for (String type : info.contract().mediaTypes()) {
      contract.mediaTypes(type);
    }
    this.page = info.toBuilder().minInterval(Duration.ZERO).contract(contract.build()).build();
    this.location = location;
    this.requests = requests;
    this.start = start;
  }

  /**
   * Returns a feed.
   *
   * @param info what it is; its contract holds for all pages together, media types and marker for
   *     each of them
   * @param location the address that it goes by, without secrets
   * @param requests says of a page's request what {@link HttpFeed.Builder} can be told, for example
   *     its headers; address and parser are set
   * @param start makes the walk through the pages of one fetch, from the state of the last one;
   *     that state is empty if there is none
   * @throws IllegalArgumentException if the requests cannot be made as told
   */
  public static PagedFeed of(
      FeedInfo info,
      URI location,
      Consumer<HttpFeed.Builder> requests,
      Function<FetchState, Pages> start) {
    PagedFeed feed =
        new PagedFeed(
            Objects.requireNonNull(info, "info"),
            Objects.requireNonNull(location, "location"),
            Objects.requireNonNull(requests, "requests"),
            Objects.requireNonNull(start, "start"));
    feed.request(new Page(location, "page", (body, of) -> Collections.emptyIterator(), true));
    return feed;
  }

  /** The way through the pages of one fetch; used by one thread. */
  public interface Pages {
    /** Returns the next page, or null at the end; asked when the last one was read to its end. */
    @Nullable Page next() throws FeedException;

    /** Is told what the current page says about itself, in headers or in its body. */
    void declared(FeedEntry.Declared declared);

    /** Returns what to remember once everything up to the end of the current page is stored. */
    Map<String, String> cursor();
  }

  /**
   * A page.
   *
   * @param address where it is
   * @param name what to call it
   * @param parser what reads it
   * @param required whether its absence (status 404 or 410) ends the fetch; otherwise it is a
   *     rejected record with the reason {@code page-gone}
   */
  public record Page(URI address, String name, FeedParser parser, boolean required) {
    /** Checks that all is there. */
    public Page {
      Objects.requireNonNull(address, "address");
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(parser, "parser");
    }
  }

  @Override
  public FeedInfo info() {
    return info;
  }

  /** Returns id and address without secrets. */
  @Override
  public String toString() {
    return info.id() + " at " + location;
  }

  @Override
  public FetchResult fetch(FetchContext context, @Nullable FetchState last)
      throws IOException, InterruptedException {
    Instant now = context.clock().instant();
    FetchState before =
        last != null && last.get(LOCATION).equals(Optional.of(location.toString()))
            ? last
            : FetchState.of(Map.of());
    if (context.mirror().isEmpty()) {
      checkDue(before, now);
    }
    Walk walk = new Walk(context, before, now);
    try {
      return walk.begin();
    } catch (FeedException e) {
      if (e.status() != 400 || walk.pages.cursor().isEmpty()) {
        throw e;
      }
      LOG.debug("{}: the publisher does not know what is remembered", info.id());
      return new Walk(context, FetchState.of(Map.of()), now).begin();
    }
  }

  private void checkDue(FetchState before, Instant now) throws FeedException {
    Instant at = before.get(FETCHED_AT).map(PagedFeed::instant).orElse(null);
    if (at == null || before.get(UNFINISHED).isPresent()) {
      return;
    }
    Instant dueAt = new LastFetch("", at, null, null).dueAt(info.minInterval(), now);
    if (dueAt != null) {
      throw FeedException.notDue(
          info.id(), dueAt, "fetched at " + at + "; the next request is due at " + dueAt);
    }
  }

  private static @Nullable Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      return null;
    }
  }

  private HttpFeed request(Page of) {
    // Statements are those of the feed itself, and not of one that promises less.
    HttpFeed.Builder request =
        HttpFeed.builder(page)
            .location(of.address().toString())
            .parser((body, unused) -> of.parser().parse(body, info));
    requests.accept(request);
    return request.build();
  }

  /** One fetch. */
  private final class Walk implements Iterator<FeedEntry>, Closeable {
    private final FetchContext context;
    private final FetchState before;
    private final Instant now;
    private final long startNanos = System.nanoTime();
    private final Pages pages;
    private final ArrayDeque<FeedEntry> ready = new ArrayDeque<>();
    private @Nullable String first;
    private FetchState heard = FetchState.of(Map.of());
    private FetchResult.@Nullable Modified current;
    private Iterator<FeedEntry> entries = Collections.emptyIterator();
    private Transfer spent = Transfer.NONE;
    private int count;
    private boolean ended;
    private boolean closed;

    Walk(FetchContext context, FetchState before, Instant now) {
      this.context = context;
      this.before = before;
      this.now = now;
      this.pages = start.apply(before);
    }

    FetchResult begin() throws IOException, InterruptedException {
      Page page = pages.next();
      if (page == null) {
        throw new IllegalStateException(info.id() + ": a walk without a page");
      }
      first = page.address().toString();
      FetchState known =
          before.get(FIRST).equals(Optional.of(first))
              ? validators(before, first)
              : FetchState.of(Map.of());
      FetchResult result = request(page).fetch(context, known);
      heard = result.state();
      if (!(result instanceof FetchResult.Modified modified)) {
        return new FetchResult.NotModified(state(cursorBefore(), true), result.transfer());
      }
      open(page, modified);
      return new FetchResult.Modified(
          FeedReader.of(info, this, this, this::transfer), state(cursorBefore(), true));
    }

    private FetchState validators(FetchState from, String address) {
      Map<String, String> values = new HashMap<>();
      values.put(LOCATION, address);
      for (String key : new String[] {"etag", "last-modified"}) {
        from.get(key).ifPresent(value -> values.put(key, value));
      }
      return FetchState.of(values);
    }

    private Map<String, String> cursorBefore() {
      Map<String, String> values = new HashMap<>(before.asMap());
      for (String key :
          new String[] {LOCATION, FETCHED_AT, FIRST, UNFINISHED, "etag", "last-modified"}) {
        values.remove(key);
      }
      return values;
    }

    private FetchState state(Map<String, String> cursor, boolean finished) {
      Map<String, String> values = new HashMap<>(cursor);
      if (context.mirror().isEmpty()) {
        values.put(LOCATION, location.toString());
        values.put(FETCHED_AT, now.toString());
        if (!finished) {
          values.put(UNFINISHED, "true");
        } else if (first != null) {
          values.put(FIRST, first);
          validators(heard, first).asMap().forEach(values::putIfAbsent);
        }
      }
      return FetchState.of(values);
    }

    private void open(Page page, FetchResult.Modified modified) {
      count++;
      current = modified;
      entries = modified.reader().iterator();
      ready.add(new FeedEntry.Declared(FeedEntry.Declared.MEMBER, page.name()));
    }

    @Override
    public boolean hasNext() {
      try {
        while (ready.isEmpty() && !ended) {
          advance();
        }
        return !ready.isEmpty();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        InterruptedIOException interrupted =
            new InterruptedIOException(info.id() + ": interrupted between pages");
        interrupted.initCause(e);
        throw new UncheckedIOException(interrupted);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public FeedEntry next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.remove();
    }

    private void advance() throws IOException, InterruptedException {
      if (entries.hasNext()) {
        FeedEntry entry = entries.next();
        if (entry instanceof FeedEntry.Declared declared) {
          pages.declared(declared);
        } else {
          ready.add(entry);
        }
        return;
      }
      finishPage();
      Page page = pages.next();
      boolean finished = page == null;
      boolean enough =
          count >= MAX_PAGES || System.nanoTime() - startNanos > context.timeout().toNanos() / 2;
      ready.add(new FeedEntry.Checkpoint(state(pages.cursor(), finished)));
      if (page == null || enough) {
        ended = true;
        LOG.debug("{}: {} pages{}", info.id(), count, finished ? "" : ", and there are more");
        return;
      }
      try {
        FetchResult result = request(page).fetch(context, null);
        if (!(result instanceof FetchResult.Modified modified)) {
          throw new IllegalStateException("an unconditional request was answered conditionally");
        }
        open(page, modified);
      } catch (FeedException e) {
        e.transfer().ifPresent(this::spend);
        if (e.outcome() != FeedOutcome.GONE || page.required()) {
          throw e;
        }
        count++;
        ready.add(new FeedEntry.Declared(FeedEntry.Declared.MEMBER, page.name()));
        ready.add(new FeedEntry.Rejected(1, page.name(), "page-gone"));
      }
    }

    private void finishPage() throws IOException {
      FetchResult.Modified finished = current;
      if (finished != null) {
        current = null;
        finished.close();
        spend(finished.transfer());
      }
    }

    private void spend(Transfer more) {
      spent = spent.plus(more);
    }

    private Transfer transfer() {
      FetchResult.Modified open = current;
      return open == null ? spent : spent.plus(open.transfer());
    }

    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        ended = true;
        entries = Collections.emptyIterator();
        FetchResult.Modified open = current;
        if (open != null) {
          open.close();
        }
      }
    }
  }
}
