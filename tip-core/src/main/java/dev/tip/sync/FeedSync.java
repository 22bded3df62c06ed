// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.feed.Feed;
import dev.tip.feed.FetchContext;
import dev.tip.screen.Screen;
import dev.tip.sink.IndicatorSink;
import java.util.Collection;

/** Brings feeds into a sink. */
public final class FeedSync {
  private FeedSync() {}

  /** Returns a builder. */
  public static Builder builder() {
    throw new UnsupportedOperationException("pending");
  }

  /** Runs the feeds and reports; does not throw for what a feed or the sink does wrong. */
  public SyncReport run(Collection<Feed> feeds) throws InterruptedException {
    throw new UnsupportedOperationException("pending");
  }

  /** Collects the parts of a sync. Not thread-safe. */
  public static final class Builder {
    private Builder() {}

    /** Sets the sink; required. */
    public Builder sink(IndicatorSink sink) {
      throw new UnsupportedOperationException("pending");
    }

    /** Sets what fetches may use; required. */
    public Builder context(FetchContext context) {
      throw new UnsupportedOperationException("pending");
    }

    /** Sets the screen; default: {@link Screen#none()}. */
    public Builder screen(Screen screen) {
      throw new UnsupportedOperationException("pending");
    }

    /** Builds it. */
    public FeedSync build() {
      throw new UnsupportedOperationException("pending");
    }
  }
}
