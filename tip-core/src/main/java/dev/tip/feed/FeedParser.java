// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.IOException;
import java.util.Iterator;

/**
 * Turns a body into entries. A parser is pure: it knows a format, not a network, and may be used by
 * several threads.
 */
@FunctionalInterface
public interface FeedParser {

  /**
   * Reads a body lazily; memory does not follow its size.
   *
   * <p>A bad record becomes {@link FeedEntry.Rejected}. A body that is not of the format at all
   * ends in a {@link FeedException} with outcome {@link FeedOutcome#CONTRACT_BROKEN}, inside
   * iteration wrapped in {@link java.io.UncheckedIOException}. An I/O error of the stream is never
   * swallowed. Any other exception is a bug of the parser; {@link FeedReader} makes a broken
   * contract of it, clause {@code parser}, so that it costs this feed and no other.
   *
   * @param body the body; the caller closes it
   * @param feed the feed that the indicators belong to
   * @return entries, one or more a record, with ascending positions
   * @throws IOException if reading fails
   */
  Iterator<FeedEntry> parse(FeedBody body, FeedInfo feed) throws IOException;
}
