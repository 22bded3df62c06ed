// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

/** Counts what one fetch costs, and holds the bytes against their limits. Not thread-safe. */
final class Meter {
  private final FeedInfo feed;
  private final FetchContext limits;
  private final ByteBudget received;
  private final ByteBudget inflated;
  private long requests;

  Meter(FeedInfo feed, FetchContext limits) {
    this.feed = feed;
    this.limits = limits;
    this.received =
        new ByteBudget(feed.id(), limits.maxBodyBytes(), "were sent or announced", null);
    this.inflated = layer();
  }

  /** Returns a budget, with the limits of what is decompressed, for one layer of a body. */
  ByteBudget layer() {
    return new ByteBudget(feed.id(), limits.maxInflatedBytes(), "came out of the body", received);
  }

  void request() {
    requests++;
  }

  /** Returns the budget of the bytes as they come. */
  ByteBudget received() {
    return received;
  }

  /** Returns the budget of the bytes after decompression. */
  ByteBudget inflated() {
    return inflated;
  }

  Transfer read() {
    return new Transfer(requests, received.spent(), inflated.spent());
  }
}
