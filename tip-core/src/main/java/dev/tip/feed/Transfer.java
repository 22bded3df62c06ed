// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.Serializable;

/**
 * What a fetch has cost up to the moment it is asked.
 *
 * @param requests HTTP requests made, redirects and those without an answer included; 0 for a
 *     mirror
 * @param receivedBytes bytes of the body as they came, before decompression, as far as they were
 *     read; headers and the bodies of redirects are not counted
 * @param inflatedBytes bytes of the body after decompression, as far as they were read; of an
 *     archive, those of the members read
 */
public record Transfer(long requests, long receivedBytes, long inflatedBytes)
    implements Serializable {
  /** Nothing was asked and nothing came. */
  public static final Transfer NONE = new Transfer(0, 0, 0);

  /** Returns the cost of this and of another fetch together. */
  public Transfer plus(Transfer other) {
    return new Transfer(
        requests + other.requests,
        receivedBytes + other.receivedBytes,
        inflatedBytes + other.inflatedBytes);
  }
}
