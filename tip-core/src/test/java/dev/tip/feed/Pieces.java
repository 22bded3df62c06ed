// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Random;

/** Bytes that come in pieces, as the network gives them: at least one, and as many as it likes. */
final class Pieces extends InputStream {
  private final ByteArrayInputStream bytes;
  private final Random random;
  private final int largest;

  /**
   * @param seed what the sizes of the pieces are made of
   * @param largest the most bytes of a piece
   */
  Pieces(byte[] bytes, long seed, int largest) {
    this.bytes = new ByteArrayInputStream(bytes);
    this.random = new Random(seed);
    this.largest = largest;
  }

  @Override
  public int read() {
    return bytes.read();
  }

  @Override
  public int read(byte[] into, int offset, int length) {
    return bytes.read(into, offset, Math.min(length, 1 + random.nextInt(largest)));
  }
}
