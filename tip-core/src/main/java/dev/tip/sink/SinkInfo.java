// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sink;

import java.util.Objects;

/**
 * What a sink is.
 *
 * @param identity text that changes whenever what the sink holds can no longer be relied on:
 *     another index, another mapping, another encoder
 * @param redistributes whether the sink passes indicators on to others; it then takes only feeds
 *     whose terms allow that
 * @param appendOnly whether the sink cannot overwrite: it then gets withdrawals as records of their
 *     own
 */
public record SinkInfo(String identity, boolean redistributes, boolean appendOnly) {
  /** Checks that the identity is there. */
  public SinkInfo {
    Objects.requireNonNull(identity, "identity");
  }
}
