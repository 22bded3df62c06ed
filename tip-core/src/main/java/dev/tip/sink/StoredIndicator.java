// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sink;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a sink tells of an indicator that it holds.
 *
 * @param id the id of the indicator, or whatever else another program stored under the feed
 * @param generation the generation of the change that was written last, or 0 if the sink cannot
 *     tell
 * @param added when it was first stored, or null if the sink cannot tell
 */
public record StoredIndicator(String id, long generation, @Nullable Instant added) {
  /** Checks that the id is there. */
  public StoredIndicator {
    Objects.requireNonNull(id, "id");
  }
}
