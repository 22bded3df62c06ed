// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedEntry.Declared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Entries read as they are asked for. */
abstract class EntryIterator implements Iterator<FeedEntry> {
  private final ArrayDeque<FeedEntry> ready = new ArrayDeque<>();
  private final boolean leavesOut;
  private final List<Declared> counts = new ArrayList<>();
  private long leftOut;
  private boolean atEnd;
  private @Nullable RuntimeException failure;

  /**
   * Creates it.
   *
   * @param leavesOut whether records are left out; what the list states of their number is told at
   *     the end then, without those
   */
  EntryIterator(boolean leavesOut) {
    this.leavesOut = leavesOut;
  }

  /**
   * Reads on, and emits what it finds.
   *
   * @return false at the end
   */
  abstract boolean read() throws IOException;

  final void emit(FeedEntry entry) {
    if (leavesOut && entry instanceof Declared said && said.key().equals(Declared.RECORDS)) {
      counts.add(said);
    } else {
      ready.add(entry);
    }
  }

  final void emitIfPresent(@Nullable FeedEntry entry) {
    if (entry != null) {
      emit(entry);
    }
  }

  private void emitCounts() {
    for (Declared said : counts) {
      long records = Numbers.parse(said.value(), 0, said.value().length());
      ready.add(
          records < leftOut
              ? said
              : new Declared(Declared.RECORDS, Long.toString(records - leftOut)));
    }
  }

  /** Returns the record just read as received, as far as it is kept. */
  abstract String text();

  final void reject(long position, String reason) {
    emit(new FeedEntry.Rejected(position, text(), reason));
  }

  /** Counts a record that is left out like a comment. */
  final void leaveOut() {
    leftOut++;
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
        if (atEnd) {
          emitCounts();
        }
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
