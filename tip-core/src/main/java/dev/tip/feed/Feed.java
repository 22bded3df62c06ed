// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One threat list that can be fetched. Implementations are immutable and thread-safe.
 *
 * <p>{@link HttpFeed} is the implementation for everything that is one HTTP resource.
 */
public interface Feed {

  /** Returns what the feed is: who publishes it, on which terms, and what it promises. */
  FeedInfo info();

  /**
   * Fetches the feed.
   *
   * @param context the caller's client, clock, secrets and limits
   * @param last the state of the last fetch whose entries are stored, or null
   * @return the entries, to be read and closed by the caller, or the statement that nothing changed
   * @throws FeedException if the feed as a whole gives nothing usable; its outcome says why
   * @throws IOException if something on this machine fails
   * @throws InterruptedException if the thread is interrupted
   */
  FetchResult fetch(FetchContext context, @Nullable FetchState last)
      throws IOException, InterruptedException;
}
