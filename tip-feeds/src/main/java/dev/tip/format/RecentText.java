// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.feed.FeedEntry.Rejected;
import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import org.jspecify.annotations.Nullable;

/** Text that is read ahead of, and remembers how the current record was written. */
final class RecentText extends FilterReader {
  private final StringBuilder window = new StringBuilder();
  private long windowStart;
  private long recordStart;

  /** The begin of the record, once the window has moved on. */
  private @Nullable String kept;

  RecentText(Reader in) {
    super(in);
  }

  /** Says where the current record begins: the number of characters before it. */
  void begin(long start) {
    recordStart = Math.max(start, windowStart);
    kept = null;
  }

  /** Returns the current record up to a place, or the begin of a long one. */
  String record(long end) {
    return kept != null ? kept : text(end);
  }

  private String text(long end) {
    int from = (int) (recordStart - windowStart);
    long to = Math.min(end - windowStart, Math.min(window.length(), from + Rejected.MAX_TEXT));
    return window.substring(from, Math.max(from, (int) to));
  }

  @Override
  public int read(char[] buffer, int offset, int length) throws IOException {
    int read = super.read(buffer, offset, length);
    if (read > 0) {
      forget();
      window.append(buffer, offset, read);
    }
    return read;
  }

  private void forget() {
    long end = windowStart + window.length();
    if (kept == null && end - recordStart >= Rejected.MAX_TEXT) {
      kept = text(end);
    }
    long needed = kept == null ? recordStart : end;
    window.delete(0, (int) (needed - windowStart));
    windowStart = needed;
  }
}
