// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** A folder that stands in for the network: air gap, tests, demonstrations. Immutable and thread-safe. */
public final class Mirror {
  private Mirror() {}

  /**
   * Opens a mirror.
   *
   * @param path a folder with a {@code mirror.tsv}, or such a table: address, tab, file relative to the table; further
   *     columns and lines that start with {@code #} are ignored
   */
  public static Mirror open(Path path) throws IOException {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns the file of an address. */
  public Optional<Path> file(URI address) {
    throw new UnsupportedOperationException("pending");
  }
}
