// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

/**
 * Splits a line of UTF-8 into fields after RFC 4180; a line break always ends the row.
 *
 * <p>A field that starts with a double quote ends with one, and two within stand for one; any other
 * goes as it is to the next separator. Quote and separator are ASCII, so the bytes are split before
 * they are decoded, and a field that nobody asks for never is.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc4180">RFC 4180</a>
 */
final class RowSplitter {
  private static final byte QUOTE = '"';

  private final byte separator;
  private final boolean quoted;
  private final boolean blanksAroundQuotes;

  RowSplitter(char separator, boolean quoted, boolean blanksAroundQuotes) {
    this.separator = (byte) separator;
    this.quoted = quoted;
    this.blanksAroundQuotes = blanksAroundQuotes;
  }

  /**
   * Adds the fields of a line to a record that has just begun.
   *
   * @return false if the quotes do not match
   */
  boolean split(byte[] line, int start, int end, Fields fields) {
    int fold = fields.layout().fold();
    int last = fields.layout().columns() - 1;
    int at = start;
    while (true) {
      boolean folds = fields.count() == fold;
      boolean rest = folds && fold == last;
      int open = quoted ? skipBlanks(line, at, end) : end;
      if (open < end && line[open] == QUOTE) {
        int close = indexOf(QUOTE, line, open + 1, end);
        boolean doubled = false;
        while (close + 1 < end && line[close + 1] == QUOTE) {
          doubled = true;
          close = indexOf(QUOTE, line, close + 2, end);
        }
        int next = close == end ? -1 : skipBlanks(line, close + 1, end);
        boolean closed = next == end || next >= 0 && line[next] == separator && !rest;
        if (closed) {
          fields.add(open + 1, close, doubled);
          if (next == end) {
            return true;
          }
          at = next + 1;
          continue;
        }
        if (!rest) {
          return false;
        }
      }
      int stop = rest ? end : indexOf(separator, line, at, end);
      if (folds && !rest) {
        // Those behind it are counted from the end, so that the rest is this one's.
        for (int more = columns(line, stop, end) - (last - fold); more > 0; more--) {
          stop = indexOf(separator, line, stop + 1, end);
        }
      }
      fields.add(at, stop, false);
      if (stop == end) {
        return true;
      }
      at = stop + 1;
    }
  }

  /** Returns the number of columns behind one, whose quotes are theirs where they match. */
  private int columns(byte[] line, int start, int end) {
    int count = 0;
    int at = start;
    while (at < end) {
      count++;
      int open = quoted ? skipBlanks(line, at + 1, end) : end;
      int next = -1;
      if (open < end && line[open] == QUOTE) {
        int close = indexOf(QUOTE, line, open + 1, end);
        while (close + 1 < end && line[close + 1] == QUOTE) {
          close = indexOf(QUOTE, line, close + 2, end);
        }
        next = close < end ? skipBlanks(line, close + 1, end) : -1;
        next = next >= 0 && next < end && line[next] != separator ? -1 : next;
      }
      at = next >= 0 ? next : indexOf(separator, line, at + 1, end);
    }
    return count;
  }

  private int skipBlanks(byte[] line, int start, int end) {
    int at = start;
    if (blanksAroundQuotes) {
      while (at < end && line[at] >= 0 && line[at] <= ' ' && line[at] != separator) {
        at++;
      }
    }
    return at;
  }

  private static int indexOf(byte wanted, byte[] line, int start, int end) {
    int at = start;
    while (at < end && line[at] != wanted) {
      at++;
    }
    return at;
  }
}
