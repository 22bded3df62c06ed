// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.sink.Holdings;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one feed and sink, held against what the sink says that it holds.
 *
 * @param state what is remembered
 * @param holdings what the sink says, or null if it cannot tell
 * @param difference what does not agree, in a sentence, or null if nothing is known to; also null
 *     if the sink cannot tell
 */
public record Verification(
    SyncState.FeedState state, @Nullable Holdings holdings, @Nullable String difference) {
  /** Checks that the state is there. */
  public Verification {
    Objects.requireNonNull(state, "state");
  }
}
