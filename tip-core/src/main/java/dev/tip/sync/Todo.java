// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import java.util.Arrays;
import java.util.stream.LongStream;

/** What of a ledger was handed to the sink, and which of that is not done. Not thread-safe. */
final class Todo {
  /** More than this are not told apart: all records from the first of them on are done again. */
  private static final int MAX_OPEN = 100_000;

  private final long records;
  private long to;
  private long[] open = new long[8];
  private int count;

  /**
   * Creates it; nothing has been handed over.
   *
   * @param records how many records the ledger has
   */
  Todo(long records) {
    this.records = records;
  }

  void sent(SinkLanes.Batch batch) {
    to = batch.ordinal(batch.size() - 1) + 1;
  }

  void allSent() {
    to = records;
  }

  void open(SinkLanes.Batch batch) {
    for (int i = 0; i < batch.size(); i++) {
      open(batch.ordinal(i));
    }
  }

  void open(long ordinal) {
    if (count == open.length) {
      open = Arrays.copyOf(open, 2 * count);
    }
    open[count++] = ordinal;
  }

  /** Returns whether everything that was handed over is done. */
  boolean isDone() {
    return count == 0;
  }

  /** Returns the first record that is to be done from here on, whatever is known of later ones. */
  long to() {
    return count <= MAX_OPEN ? to : Arrays.stream(open, 0, count).min().orElse(to);
  }

  /** Returns the records that are not done although they were handed over, here and there. */
  long[] open(Todo other) {
    return LongStream.concat(known(), other.known()).sorted().toArray();
  }

  private LongStream known() {
    return count <= MAX_OPEN ? Arrays.stream(open, 0, count) : LongStream.empty();
  }
}
