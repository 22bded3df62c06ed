// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import java.util.List;

/** What a sync did. */
public final class SyncReport {
  private SyncReport() {}

  /** Returns the reports of the feeds, in the order of the run. */
  public List<FeedReport> feeds() {
    throw new UnsupportedOperationException("pending");
  }
}
