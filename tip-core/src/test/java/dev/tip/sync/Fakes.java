// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedReader;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.Usage;
import dev.tip.sink.Change;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.SinkInfo;
import dev.tip.sink.WriteResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Feeds and sinks in memory. */
final class Fakes {
  static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  static final FetchContext CONTEXT =
      FetchContext.builder(Usage.NON_COMMERCIAL).clock(Clock.fixed(NOW, ZoneOffset.UTC)).build();

  private Fakes() {}

  static Feed feed(FeedInfo info, List<FeedEntry> entries) {
    return feed(info, entries.iterator());
  }

  static Feed feed(FeedInfo info, Iterator<FeedEntry> entries) {
    return fetching(
        info,
        () ->
            new FetchResult.Modified(
                FeedReader.of(info, entries, () -> {}), FetchState.of(Map.of())));
  }

  static Feed fetching(FeedInfo info, Fetch fetch) {
    return new Feed() {
      @Override
      public FeedInfo info() {
        return info;
      }

      @Override
      public FetchResult fetch(FetchContext context, FetchState last)
          throws IOException, InterruptedException {
        return fetch.fetch();
      }
    };
  }

  /** A feed that breaks after its entries. */
  static Feed breaking(FeedInfo info, List<FeedEntry> entries, IOException failure) {
    Iterator<FeedEntry> inner = entries.iterator();
    return feed(
        info,
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public FeedEntry next() {
            if (inner.hasNext()) {
              return inner.next();
            }
            throw new UncheckedIOException(failure);
          }
        });
  }

  static List<FeedEntry> urls(FeedInfo info, int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> accepted(info, i)).toList();
  }

  static FeedEntry accepted(FeedInfo info, int number) {
    return new FeedEntry.Accepted(number + 1, Samples.builder(info, number).build());
  }

  /** What a fetch does. */
  interface Fetch {
    FetchResult fetch() throws IOException, InterruptedException;
  }

  /** What happens to a batch. */
  interface Writer {
    WriteResult write(List<Change> batch) throws IOException, InterruptedException;
  }

  static WriteResult all(List<Change> batch, WriteResult.Outcome outcome) {
    return new WriteResult(Stream.generate(() -> outcome).limit(batch.size()).toList());
  }

  /** A sink that remembers what it was given and how many wrote at once. */
  static class RecordingSink implements IndicatorSink {
    final List<Change> changes = new ArrayList<>();
    final AtomicInteger writing = new AtomicInteger();
    final AtomicInteger mostWriting = new AtomicInteger();
    private final SinkInfo info;
    private final Writer writer;

    RecordingSink() {
      this(batch -> all(batch, WriteResult.Outcome.WRITTEN));
    }

    RecordingSink(Writer writer) {
      this(writer, false);
    }

    RecordingSink(Writer writer, boolean redistributes) {
      this.writer = writer;
      this.info = new SinkInfo("recording", redistributes, false);
    }

    @Override
    public SinkInfo info() {
      return info;
    }

    @Override
    public WriteResult write(List<Change> batch) throws IOException, InterruptedException {
      int now = writing.incrementAndGet();
      mostWriting.accumulateAndGet(now, Math::max);
      try {
        WriteResult result = writer.write(batch);
        synchronized (changes) {
          changes.addAll(batch);
        }
        return result;
      } finally {
        writing.decrementAndGet();
      }
    }

    @Override
    public void close() {}
  }
}
