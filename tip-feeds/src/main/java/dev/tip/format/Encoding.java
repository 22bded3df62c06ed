// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/** The encoding of lists: UTF-8, with or without a byte order mark. */
final class Encoding {
  private static final int MARK_LENGTH = 3;

  private Encoding() {}

  /**
   * Returns the bytes behind a byte order mark of UTF-8.
   *
   * @throws FeedException if there is a byte order mark of UTF-16
   */
  static InputStream utf8(FeedBody body, FeedInfo feed) throws IOException {
    PushbackInputStream in = new PushbackInputStream(body.stream(), MARK_LENGTH);
    byte[] mark = in.readNBytes(MARK_LENGTH);
    if (mark.length >= 2) {
      int first = (mark[0] & 0xff) << 8 | mark[1] & 0xff;
      if (first == 0xfeff || first == 0xfffe) {
        throw FeedException.contractBroken(
            feed.id(), "encoding", "the list is UTF-16, but lists are read as UTF-8", null);
      }
      if (first == 0xefbb && mark.length == MARK_LENGTH && mark[2] == (byte) 0xbf) {
        return in;
      }
    }
    in.unread(mark);
    return in;
  }
}
