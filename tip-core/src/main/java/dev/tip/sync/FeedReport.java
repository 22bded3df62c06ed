// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.feed.FeedOutcome;

/** What a sync did with one feed. */
public final class FeedReport {
  private FeedReport() {}

  /** Returns how it ended. */
  public FeedOutcome outcome() {
    throw new UnsupportedOperationException("pending");
  }
}
