// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import java.io.IOException;

/** Frames in key order, one at a time: {@code int frameLength, int keyLength, key, properties}. */
interface Source {
  /** The bytes of a frame before its key. */
  int HEADER = 2 * Integer.BYTES;

  /** Moves to the next frame and returns whether there is one. */
  boolean advance() throws IOException;

  /** Returns the array that holds the frame, valid until the next move. */
  byte[] data();

  /** Returns where the key starts. */
  int keyStart();

  /** Returns where key ends and properties start. */
  int keyEnd();

  /** Returns where the frame ends. */
  int end();
}
