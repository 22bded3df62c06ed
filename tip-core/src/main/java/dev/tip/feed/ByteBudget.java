// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

/** The bytes that may still be read: of one body, or of all members of an archive together. */
final class ByteBudget {
  private final String feedId;
  private final long limit;
  private final String what;
  private long spent;

  /**
   * @param what what is counted and where the limit is set, for the message
   */
  ByteBudget(String feedId, long limit, String what) {
    this.feedId = feedId;
    this.limit = limit;
    this.what = what;
  }

  long spent() {
    return spent;
  }

  void spend(long bytes) throws FeedException {
    spent += bytes;
    if (spent > limit) {
      throw tooLarge();
    }
  }

  /** Refuses what announces more than there is, before it is read. */
  void announce(long bytes) throws FeedException {
    if (bytes > limit) {
      throw tooLarge();
    }
  }

  private FeedException tooLarge() {
    return FeedException.contractBroken(
        feedId,
        "too-large",
        "more than " + limit + " bytes " + what + "; raise the limit if the list has grown",
        null);
  }
}
