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
 * @param stream the bytes, limited; read once. Whatever cuts them short is an {@link
 *     java.io.IOException}, again and again, so that no reader takes it for the end
 * @param name the last part of the URL's path, or the member's name in the archive;
 *     attacker-controlled, never a path
 * @param lastModified when the publisher changed it, or null if unknown
 * @param maxLineLength the most bytes of one line, positive; a longer one is rejected, not kept
 */
public record FeedBody(
    InputStream stream, String name, @Nullable Instant lastModified, int maxLineLength) {
  /** The most bytes of one line unless the caller says otherwise: 1 MiB. */
  public static final int DEFAULT_MAX_LINE_LENGTH = 1 << 20;

  /** Checks that stream and name are there. */
  public FeedBody {
    Objects.requireNonNull(stream, "stream");
    Objects.requireNonNull(name, "name");
    if (maxLineLength <= 0) {
      throw new IllegalArgumentException("maxLineLength must be positive: " + maxLineLength);
    }
  }

  /** Makes a body with the default limit for lines. */
  public FeedBody(InputStream stream, String name, @Nullable Instant lastModified) {
    this(stream, name, lastModified, DEFAULT_MAX_LINE_LENGTH);
  }
}
