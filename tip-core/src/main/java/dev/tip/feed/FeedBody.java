// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.InputStream;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One decompressed body of a feed, or one member of its archive.
 *
 * @param stream the bytes, limited; read once
 * @param name the last part of the URL's path, or the member's name in the archive; attacker-controlled, never a path
 * @param lastModified when the publisher changed it, or null if unknown
 */
public record FeedBody(InputStream stream, String name, @Nullable Instant lastModified) {
  /** Checks that stream and name are there. */
  public FeedBody {
    Objects.requireNonNull(stream, "stream");
    Objects.requireNonNull(name, "name");
  }
}
