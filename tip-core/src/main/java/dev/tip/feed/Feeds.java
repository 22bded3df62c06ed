// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.util.Map;

/** The feeds of all installed providers. */
public final class Feeds {
  private Feeds() {}

  /**
   * Returns the feeds of all providers that the class loader of this class finds, by id, in the order of the ids.
   *
   * @throws java.util.ServiceConfigurationError if a provider cannot be created or two feeds have one id; the message
   *     names the classes
   */
  public static Map<String, Feed> installed(FeedSettings settings) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns the feeds of all providers that a class loader finds. */
  public static Map<String, Feed> installed(FeedSettings settings, ClassLoader loader) {
    throw new UnsupportedOperationException("pending");
  }
}
