// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import java.time.Duration;
import java.util.List;

/**
 * What a hunt did.
 *
 * @param indicators how many indicators were hunted for to the end
 * @param left how many are left for the next run, because this one came to one of its limits
 * @param findings how many findings were handed out
 * @param searches how many searches were made
 * @param warnings sentences on what may be missing, none if all is well
 * @param took how long it took
 */
public record HuntReport(
    long indicators, long left, long findings, int searches, List<String> warnings, Duration took) {
  /** Copies the warnings. */
  public HuntReport {
    warnings = List.copyOf(warnings);
  }

  /** Returns whether nothing is left to be done. */
  public boolean isComplete() {
    return left == 0;
  }
}
