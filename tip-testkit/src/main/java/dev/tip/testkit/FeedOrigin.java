// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import java.io.Closeable;

/** A web server on the loopback address that answers as scripted, and misbehaves as scripted. */
public final class FeedOrigin implements Closeable {
  private FeedOrigin() {}

  @Override
  public void close() {
    throw new UnsupportedOperationException("pending");
  }
}
