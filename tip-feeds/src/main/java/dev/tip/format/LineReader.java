// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Lines as bytes, ended by LF, CRLF, CR or the end, without an object a line. Of a line beyond the
 * limit only the beginning is kept.
 */
final class LineReader {
  /** The most bytes of a line, whatever is asked for: a URL of 8191 characters has 32764. */
  static final int MAX_LINE = 1 << 16;

  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGH_BITS = ONES << 7;
  private static final long LINE_FEEDS = ONES * '\n';
  private static final long CARRIAGE_RETURNS = ONES * '\r';

  private static final int KEPT_OF_LONG_LINE = 4096;

  private final InputStream in;
  private final int maxLine;
  private final byte[] buffer = new byte[2 * MAX_LINE];
  private int position;
  private int limit;
  private boolean skipLineFeed;
  private long dropped;

  private byte[] line = buffer;
  private int start;
  private int end;
  private boolean ascii;
  private boolean tooLong;
  private long number;
  private long offset;

  /**
   * Makes a reader.
   *
   * @param maxLine the most bytes of a line, positive; what is beyond {@link #MAX_LINE} counts as
   *     that
   */
  LineReader(InputStream in, int maxLine) {
    this.in = in;
    this.maxLine = Math.min(maxLine, MAX_LINE);
  }

  /** Reads the next line; false at the end. */
  boolean next() throws IOException {
    if (position == limit && !fill()) {
      return false;
    }
    if (skipLineFeed) {
      skipLineFeed = false;
      if (buffer[position] == '\n') {
        position++;
        if (position == limit && !fill()) {
          return false;
        }
      }
    }
    number++;
    offset = dropped + position;
    int at = position;
    long or = 0;
    while (true) {
      while (at + Long.BYTES <= limit) {
        long word = (long) WORDS.get(buffer, at);
        long ends = zeroBytes(word ^ LINE_FEEDS) | zeroBytes(word ^ CARRIAGE_RETURNS);
        if (ends != 0) {
          int bytes = Long.numberOfTrailingZeros(ends) / Byte.SIZE;
          or |= word & ~(-1L << bytes * Byte.SIZE);
          at += bytes;
          break;
        }
        or |= word;
        at += Long.BYTES;
      }
      while (at < limit) {
        byte b = buffer[at];
        if (b == '\n' || b == '\r') {
          end(at, or);
          position = at + 1;
          skipLineFeed = b == '\r';
          return true;
        }
        or |= b & 0xff;
        at++;
      }
      int length = at - position;
      if (length > maxLine) {
        end(at, or);
        position = limit;
        skipRest();
        return true;
      }
      if (!fill()) {
        end(position + length, or);
        position = limit;
        return true;
      }
      at = position + length;
    }
  }

  /** Returns the high bit of the first byte that is zero; of those before it, none. */
  private static long zeroBytes(long word) {
    return (word - ONES) & ~word & HIGH_BITS;
  }

  private void end(int at, long or) {
    ascii = (or & HIGH_BITS) == 0;
    tooLong = at - position > maxLine;
    if (tooLong) {
      // Skipping the rest overwrites the buffer.
      end = Math.min(maxLine, KEPT_OF_LONG_LINE);
      line = Arrays.copyOfRange(buffer, position, position + end);
      start = 0;
    } else {
      line = buffer;
      start = position;
      end = at;
    }
  }

  private void skipRest() throws IOException {
    while (position < limit || fill()) {
      byte b = buffer[position++];
      if (b == '\n' || b == '\r') {
        skipLineFeed = b == '\r';
        return;
      }
    }
  }

  /** Moves what is unread to the front and reads more; false at the end. */
  private boolean fill() throws IOException {
    System.arraycopy(buffer, position, buffer, 0, limit - position);
    dropped += position;
    limit -= position;
    position = 0;
    int read = in.read(buffer, limit, buffer.length - limit);
    if (read < 0) {
      return false;
    }
    limit += read;
    return true;
  }

  /** Returns the bytes that the line stands in, from {@link #start()} to {@link #end()}. */
  byte[] bytes() {
    return line;
  }

  int start() {
    return start;
  }

  int end() {
    return end;
  }

  /** Returns whether the line has ASCII only. */
  boolean ascii() {
    return ascii;
  }

  /** Returns whether the line is beyond the limit and only its beginning is here. */
  boolean tooLong() {
    return tooLong;
  }

  /** Returns whether the line has blanks only. */
  boolean isBlank() {
    int i = start;
    while (i < end && isBlank(line[i])) {
      i++;
    }
    return i == end;
  }

  /** Returns whether a byte is white space within a line. */
  static boolean isBlank(byte b) {
    return b == ' ' || b == '\t' || b == '\f' || b == 0x0b;
  }

  /** Returns the number of the line, from 1. */
  long number() {
    return number;
  }

  /** Returns the number of bytes before the line. */
  long offset() {
    return offset;
  }

  /** Returns the line, with U+FFFD for what is no UTF-8. */
  String text() {
    return new String(line, start, end - start, StandardCharsets.UTF_8);
  }
}
