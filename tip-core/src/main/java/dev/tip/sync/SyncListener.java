// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.feed.FeedEntry;

/**
 * Is told how a sync goes on. Calls about one feed come from one thread at a time; feeds that run
 * in parallel call at the same time.
 *
 * <p>An implementation returns quickly and throws nothing. What it throws unchecked changes no
 * feed's outcome: it is logged once, and the listener is told nothing more of that run.
 */
public interface SyncListener {

  /**
   * A feed is about to be fetched.
   *
   * @implSpec does nothing
   */
  default void feedStarted(String feedId) {}

  /**
   * More of a feed has been read; called every few thousand records.
   *
   * @param records how many records have been read so far
   * @implSpec does nothing
   */
  default void progress(String feedId, long records) {}

  /**
   * A record could not be used. Its text comes from the publisher: escape it before it is shown.
   *
   * @implSpec does nothing
   */
  default void rejected(String feedId, FeedEntry.Rejected entry) {}

  /**
   * The sink has settled more changes.
   *
   * @param changes how many changes of the feed have been settled so far, stored or not
   * @implSpec does nothing
   */
  default void settled(String feedId, long changes) {}

  /**
   * A feed has ended, well or not.
   *
   * @implSpec does nothing
   */
  default void feedFinished(FeedReport report) {}
}
