// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import java.nio.charset.StandardCharsets;

/** Reads what {@link ByteWriter} wrote, and trusts none of it. Not thread-safe. */
final class ByteReader {
  private final byte[] data;
  private final int end;
  private int position;

  ByteReader(byte[] data, int start, int end) {
    this.data = data;
    this.position = start;
    this.end = end;
  }

  int remaining() {
    return end - position;
  }

  int readByte() throws CorruptRecordException {
    need(1);
    return data[position++] & 0xff;
  }

  int readInt() throws CorruptRecordException {
    need(Integer.BYTES);
    int value = 0;
    for (int i = 0; i < Integer.BYTES; i++) {
      value = value << 8 | data[position++] & 0xff;
    }
    return value;
  }

  long readVarLong() throws CorruptRecordException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int b = readByte();
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw new CorruptRecordException("number does not end");
  }

  /** Reads a length or a count, which cannot exceed the bytes that are left. */
  int readCount() throws CorruptRecordException {
    long count = readVarLong();
    if (count < 0 || count > remaining()) {
      throw new CorruptRecordException("count " + count + " exceeds the record");
    }
    return (int) count;
  }

  String readText(int bytes) throws CorruptRecordException {
    need(bytes);
    int start = position;
    position += bytes;
    for (int i = start; i < position; i++) {
      if (data[i] < 0) {
        return decodeText(start, position);
      }
    }
    return new String(data, start, bytes, StandardCharsets.ISO_8859_1);
  }

  private String decodeText(int start, int stop) throws CorruptRecordException {
    StringBuilder out = new StringBuilder(stop - start);
    int i = start;
    while (i < stop) {
      int lead = data[i++] & 0xff;
      int more = lead < 0x80 ? 0 : lead < 0xc0 ? -1 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
      if (more < 0 || more > stop - i) {
        throw new CorruptRecordException("text is not UTF-8");
      }
      int point = more == 0 ? lead : lead & (0x3f >> more);
      for (int k = 0; k < more; k++) {
        point = point << 6 | data[i++] & 0x3f;
      }
      if (!Character.isValidCodePoint(point)) {
        throw new CorruptRecordException("text is not UTF-8");
      }
      out.appendCodePoint(point);
    }
    return out.toString();
  }

  private void need(int bytes) throws CorruptRecordException {
    if (bytes < 0 || bytes > remaining()) {
      throw new CorruptRecordException("record ends early");
    }
  }
}
