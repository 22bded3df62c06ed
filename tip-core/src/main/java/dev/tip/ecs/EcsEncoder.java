// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.ecs;

import dev.tip.sink.Change;
import java.io.IOException;
import java.io.OutputStream;

/** Writes indicators as documents of Elastic Common Schema. Immutable and thread-safe. */
public final class EcsEncoder {
  /** The version of Elastic Common Schema that documents follow. */
  public static final String ECS_VERSION = "9.5.0";

  private EcsEncoder() {}

  /** Returns the encoder. */
  public static EcsEncoder create() {
    return new EcsEncoder();
  }

  /** Writes one document without line break: an indicator, or for a withdrawal its tombstone. */
  public void write(Change change, OutputStream out) throws IOException {
    throw new UnsupportedOperationException("pending");
  }
}
