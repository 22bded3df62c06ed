// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.Indicator;
import dev.tip.InvalidIndicatorException;
import dev.tip.feed.FeedEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Entries read as they are asked for. */
abstract class EntryIterator implements Iterator<FeedEntry> {
  private final ArrayDeque<FeedEntry> ready = new ArrayDeque<>();
  private boolean atEnd;
  private @Nullable RuntimeException failure;

  /**
   * Reads on, and emits what it finds.
   *
   * @return false at the end
   */
  abstract boolean read() throws IOException;

  final void emit(FeedEntry entry) {
    ready.add(entry);
  }

  final void emitIfPresent(@Nullable FeedEntry entry) {
    if (entry != null) {
      ready.add(entry);
    }
  }

  /** Returns the record just read as received, as far as it is kept. */
  abstract String text();

  final void reject(long position, String reason) {
    emit(new FeedEntry.Rejected(position, text(), reason));
  }

  final <R extends FeedRecord> void map(RecordMapper<R> mapper, R record) {
    Indicator.Builder statement;
    try {
      statement = mapper.map(record);
    } catch (InvalidIndicatorException e) {
      reject(record.position(), e.reason());
      return;
    }
    if (statement == null) {
      reject(record.position(), "nothing-stated");
    } else {
      emit(new FeedEntry.Accepted(record.position(), statement.build()));
    }
  }

  @Override
  public final boolean hasNext() {
    if (failure != null) {
      // A broken list must not look finished to whoever asks again.
      throw failure;
    }
    try {
      while (ready.isEmpty() && !atEnd) {
        atEnd = !read();
      }
    } catch (IOException e) {
      failure = new UncheckedIOException(e);
      throw failure;
    } catch (RuntimeException e) {
      failure = e;
      throw e;
    }
    return !ready.isEmpty();
  }

  @Override
  public final FeedEntry next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }
}
