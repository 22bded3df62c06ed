// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.net.URI;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A publisher's terms of use, as data.
 *
 * @param summary one line for people, for example {@code CC0} or {@code fair use, credit Spamhaus}
 * @param reference where the terms stand
 * @param commercialUse whether commercial use is allowed without a contract
 * @param redistribution whether the data may be passed on
 * @param credit the text that must stay with the data, or null; every document of the feed has it
 */
public record Terms(
    String summary,
    URI reference,
    boolean commercialUse,
    boolean redistribution,
    @Nullable String credit) {
  /** Checks that summary and reference are there. */
  public Terms {
    Objects.requireNonNull(summary, "summary");
    Objects.requireNonNull(reference, "reference");
  }

  /** Returns whether this use is allowed. */
  public boolean allows(Usage usage) {
    return commercialUse || usage == Usage.NON_COMMERCIAL;
  }
}
