// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedInfo;
import java.io.IOException;

/**
 * Entries of a list of lines. Blank lines are no records, and lines beyond the limit are bad ones.
 */
abstract class LineEntries extends EntryIterator {
  final LineReader lines;

  LineEntries(FeedBody body, FeedInfo feed, boolean leavesOut) throws IOException {
    super(leavesOut);
    this.lines = new LineReader(Encoding.utf8(body, feed), body.maxLineLength());
  }

  /** Reads the current line, which is neither blank nor too long, and emits what it finds. */
  abstract void line() throws IOException;

  /** Checks, behind the last line, that the list may end there. */
  void end() throws IOException {}

  @Override
  final boolean read() throws IOException {
    if (!lines.next()) {
      end();
      return false;
    }
    if (lines.tooLong()) {
      reject(lines.number(), "line-too-long");
    } else if (!lines.isBlank()) {
      line();
    }
    return true;
  }

  @Override
  final String text() {
    return lines.text();
  }
}
