// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.util.List;

/**
 * Lists feeds. Found with {@link java.util.ServiceLoader}: a public class with a public constructor
 * without parameters, named in {@code META-INF/services} and, in a module, by {@code provides}.
 */
public interface FeedProvider {

  /**
   * Returns the provider's feeds. Does no I/O.
   *
   * @param settings what the host wants changed or added
   * @throws IllegalArgumentException if a setting cannot be used; the message names it
   */
  List<Feed> feeds(FeedSettings settings);
}
