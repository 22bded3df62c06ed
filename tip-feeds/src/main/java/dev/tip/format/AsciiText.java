// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** ASCII bytes as text, to be moved from line to line. */
final class AsciiText implements CharSequence {
  private byte[] bytes = new byte[0];
  private int start;
  private int length;

  void set(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.start = start;
    this.length = end - start;
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public char charAt(int index) {
    return (char) bytes[start + Objects.checkIndex(index, length)];
  }

  @Override
  public CharSequence subSequence(int from, int to) {
    Objects.checkFromToIndex(from, to, length);
    return new String(bytes, start + from, to - from, StandardCharsets.US_ASCII);
  }

  @Override
  public String toString() {
    return new String(bytes, start, length, StandardCharsets.US_ASCII);
  }
}
