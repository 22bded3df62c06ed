// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.Indicator;
import dev.tip.InvalidIndicatorException;
import dev.tip.feed.FeedEntry;
import org.jspecify.annotations.Nullable;

/**
 * Makes entries of records. Immutable.
 *
 * @param <R> the kind of record
 */
abstract class Statements<R extends FeedRecord> {

  /** Emits what a record states, or rejects it. */
  abstract void read(R record, EntryIterator to);

  /** Returns the mapping, or null if code says what records state. */
  @Nullable Mapping mapping() {
    return null;
  }

  /** Returns whether records are left out, so that a list has more of them than are emitted. */
  boolean leavesOut() {
    return false;
  }

  /** Returns statements that are made by code. */
  static <R extends FeedRecord> Statements<R> of(RecordMapper<R> mapper) {
    return new Statements<>() {
      @Override
      void read(R record, EntryIterator to) {
        Indicator.Builder statement;
        try {
          statement = mapper.map(record);
        } catch (InvalidIndicatorException e) {
          to.reject(record.position(), e.reason());
          return;
        }
        if (statement == null) {
          to.reject(record.position(), "nothing-stated");
        } else {
          to.emit(new FeedEntry.Accepted(record.position(), statement.build()));
        }
      }
    };
  }
}
