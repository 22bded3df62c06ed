// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.feed.FeedParser;
import java.util.Map;
import java.util.Optional;

/** A format that knows how it was told to read, so that a feed description can say it. */
public sealed interface ListFormat extends FeedParser permits Delimited, JsonRecords, Lines {

  /** Returns the name of the format in a feed description. */
  String type();

  /**
   * Returns what the format was told, by the names that a feed description has: texts, numbers,
   * {@code true}, lists and maps of them. Unmodifiable; defaults are not in it.
   */
  Map<String, Object> options();

  /** Returns what records state, or empty if code says it. */
  Optional<Mapping> mapping();
}
