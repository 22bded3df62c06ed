// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sink;

/**
 * What a sink holds of one feed.
 *
 * @param active number of active indicators
 * @param generation the highest generation of what is held, withdrawals that are still kept
 *     included; 0 if nothing is held
 */
public record Holdings(long active, long generation) {
  /** Checks that neither is negative. */
  public Holdings {
    if (active < 0 || generation < 0) {
      throw new IllegalArgumentException(
          "neither may be negative: active " + active + ", generation " + generation);
    }
  }
}
