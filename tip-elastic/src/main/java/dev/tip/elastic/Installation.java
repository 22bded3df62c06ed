// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an {@linkplain ElasticsearchAdmin#install installation} found and did. Template and aliases
 * are as they should be afterwards in any case.
 *
 * @param index the index that is written to
 * @param readerAlias the alias that shows readers what is active, or null if there is none
 * @param created whether it was made; otherwise it was there, or is where documents were moved to
 * @param movedFrom the index that had another mapping and is gone, or null if there was none
 * @param moved how many documents were moved from there, tombstones included
 * @param replaced the index that had the name of the alias for readers and is gone, or null if
 *     there was none
 */
public record Installation(
    String index,
    @Nullable String readerAlias,
    boolean created,
    @Nullable String movedFrom,
    long moved,
    @Nullable String replaced) {
  /** Checks that the index is named. */
  public Installation {
    Objects.requireNonNull(index, "index");
  }

  /** Returns whether an index was there that could stay as it was. */
  public boolean existed() {
    return !created && movedFrom == null;
  }
}
