// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import org.jspecify.annotations.Nullable;

/** The bytes that may still be read: of one body, or of all members of an archive together. */
final class ByteBudget {
  /** Text of lists is packed to a third, of the most uniform ones to a thirtieth. */
  private static final int MAX_RATIO = 100;

  /** The start of a body may be more uniform than all of it. */
  private static final long RATIO_FROM = 1 << 20;

  private final String feedId;
  private final long limit;
  private final String what;
  private final @Nullable ByteBudget packed;
  private long spent;

  /**
   * @param what what is counted, for the message
   * @param packed what the bytes are unpacked from, or null if they are as they came
   */
  ByteBudget(String feedId, long limit, String what, @Nullable ByteBudget packed) {
    this.feedId = feedId;
    this.limit = limit;
    this.what = what;
    this.packed = packed;
  }

  long spent() {
    return spent;
  }

  void spend(long bytes) throws FeedException {
    spent += bytes;
    if (spent > limit) {
      throw tooLarge();
    }
    if (packed != null && spent > RATIO_FROM && spent / MAX_RATIO > packed.spent) {
      throw FeedException.contractBroken(
          feedId,
          "compression",
          "it inflates to more than " + MAX_RATIO + " times its size, which no list does",
          null);
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
