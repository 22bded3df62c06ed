// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

/** Waits between attempts; replaced in tests. */
@FunctionalInterface
interface Pause {
  /**
   * Waits, or less if the sink is closed meanwhile.
   *
   * @param nanos how long
   */
  void await(long nanos) throws InterruptedException;
}
