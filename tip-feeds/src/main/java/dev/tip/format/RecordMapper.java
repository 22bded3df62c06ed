// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.Indicator;
import org.jspecify.annotations.Nullable;

/**
 * Says what a record states. A mapper is pure and may be used by several threads.
 *
 * @param <R> the kind of record
 */
@FunctionalInterface
public interface RecordMapper<R extends FeedRecord> {

  /**
   * Returns what the record states.
   *
   * @param record the record; it is used again for the next one, so keep nothing but its texts
   * @return the statement, or null if the record states nothing that can be used, which rejects it
   *     with the reason {@code nothing-stated}
   * @throws dev.tip.InvalidIndicatorException if the record cannot be used; it is rejected with the
   *     exception's reason
   */
  Indicator.@Nullable Builder map(R record);
}
