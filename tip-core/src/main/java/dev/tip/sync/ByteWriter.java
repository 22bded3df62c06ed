// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import java.util.Arrays;

/** A growing byte array that records are written into. Not thread-safe. */
final class ByteWriter {
  private byte[] data;
  private int length;

  ByteWriter(int capacity) {
    data = new byte[capacity];
  }

  /** Returns the array behind this, valid until the next write. */
  byte[] data() {
    return data;
  }

  int length() {
    return length;
  }

  void clear() {
    length = 0;
  }

  void writeByte(int value) {
    ensure(1);
    data[length++] = (byte) value;
  }

  void writeInt(int value) {
    ensure(Integer.BYTES);
    length += Integer.BYTES;
    setInt(length - Integer.BYTES, value);
  }

  /** Overwrites four bytes that are written already. */
  void setInt(int at, int value) {
    data[at] = (byte) (value >>> 24);
    data[at + 1] = (byte) (value >>> 16);
    data[at + 2] = (byte) (value >>> 8);
    data[at + 3] = (byte) value;
  }

  /** Writes seven bits a byte, lowest first, the top bit of each byte saying that more follow. */
  void writeVarLong(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      data[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    data[length++] = (byte) rest;
  }

  void write(byte[] source, int offset, int count) {
    ensure(count);
    System.arraycopy(source, offset, data, length, count);
    length += count;
  }

  /**
   * Writes UTF-8 without a length. A lone surrogate, which JSON can smuggle into a string, becomes
   * three bytes: it must come back as it was, because ids are derived from the text.
   */
  void writeText(String text) {
    int chars = text.length();
    ensure(Math.multiplyExact(chars, 3));
    int n = length;
    byte[] d = data;
    for (int i = 0; i < chars; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        d[n++] = (byte) c;
      } else if (c < 0x800) {
        d[n++] = (byte) (0xc0 | c >> 6);
        d[n++] = (byte) (0x80 | c & 0x3f);
      } else if (Character.isHighSurrogate(c)
          && i + 1 < chars
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        int point = Character.toCodePoint(c, text.charAt(++i));
        d[n++] = (byte) (0xf0 | point >> 18);
        d[n++] = (byte) (0x80 | point >> 12 & 0x3f);
        d[n++] = (byte) (0x80 | point >> 6 & 0x3f);
        d[n++] = (byte) (0x80 | point & 0x3f);
      } else {
        d[n++] = (byte) (0xe0 | c >> 12);
        d[n++] = (byte) (0x80 | c >> 6 & 0x3f);
        d[n++] = (byte) (0x80 | c & 0x3f);
      }
    }
    length = n;
  }

  private void ensure(int more) {
    if (data.length - length < more) {
      int wanted = Math.addExact(length, more);
      data = Arrays.copyOf(data, Math.max(wanted, (int) Math.min(2L * data.length, 1 << 30)));
    }
  }
}
