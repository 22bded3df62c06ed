// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.feed.FeedEntry;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a listener's failures away from the run: the first is logged, and the listener is told
 * nothing more. Thread-safe if the listener is.
 */
final class GuardedListener implements SyncListener {
  private static final Logger LOG = LoggerFactory.getLogger(FeedSync.class);

  private final SyncListener listener;
  private final AtomicBoolean failed = new AtomicBoolean();

  GuardedListener(SyncListener listener) {
    this.listener = listener;
  }

  @Override
  public void feedStarted(String feedId) {
    tell(l -> l.feedStarted(feedId));
  }

  @Override
  public void progress(String feedId, long records) {
    tell(l -> l.progress(feedId, records));
  }

  @Override
  public void rejected(String feedId, FeedEntry.Rejected entry) {
    tell(l -> l.rejected(feedId, entry));
  }

  @Override
  public void settled(String feedId, long changes) {
    tell(l -> l.settled(feedId, changes));
  }

  @Override
  public void feedFinished(FeedReport report) {
    tell(l -> l.feedFinished(report));
  }

  private void tell(Consumer<SyncListener> news) {
    if (failed.get()) {
      return;
    }
    try {
      news.accept(listener);
    } catch (RuntimeException e) {
      if (failed.compareAndSet(false, true)) {
        LOG.error("the listener failed and is told nothing more of this run", e);
      }
    }
  }
}
