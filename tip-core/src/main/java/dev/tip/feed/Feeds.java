// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/** The feeds of all installed providers. */
public final class Feeds {
  private Feeds() {}

  /**
   * Returns the feeds of all providers that the class loader of this class finds and of those in
   * the settings, by id, in the order of the ids.
   *
   * @throws ServiceConfigurationError if a provider cannot be created or two feeds have one id; the
   *     message names the classes. A list that silently is not there would be a blind spot.
   * @throws IllegalArgumentException if the settings override a feed that nobody provides, or a
   *     provider in them gives a feed an id that is taken; the message names it
   */
  public static SortedMap<String, Feed> installed(FeedSettings settings) {
    return collect(settings, ServiceLoader.load(FeedProvider.class, Feeds.class.getClassLoader()));
  }

  /**
   * Returns the feeds of all providers that a class loader finds and of those in the settings, by
   * id, in the order of the ids.
   *
   * @throws ServiceConfigurationError as {@link #installed(FeedSettings)}
   * @throws IllegalArgumentException as {@link #installed(FeedSettings)}
   */
  public static SortedMap<String, Feed> installed(FeedSettings settings, ClassLoader loader) {
    return collect(settings, ServiceLoader.load(FeedProvider.class, loader));
  }

  private static SortedMap<String, Feed> collect(
      FeedSettings settings, Iterable<FeedProvider> providers) {
    SortedMap<String, Feed> feeds = new TreeMap<>();
    Map<String, String> owners = new HashMap<>();
    for (FeedProvider provider : providers) {
      String owner = provider.getClass().getName();
      for (Feed feed : provider.feeds(settings)) {
        String id = feed.info().id();
        String other = owners.putIfAbsent(id, owner);
        if (other != null) {
          throw new ServiceConfigurationError(
              "two feeds are called " + id + ": one of " + other + ", one of " + owner);
        }
        feeds.put(id, feed);
      }
    }
    for (FeedProvider provider : settings.providers()) {
      for (Feed feed : provider.feeds(settings)) {
        String id = feed.info().id();
        if (feeds.putIfAbsent(id, feed) != null) {
          throw new IllegalArgumentException(
              "a feed is called " + id + " already; give yours an id of its own");
        }
      }
    }
    for (String id : settings.overridden()) {
      if (!feeds.containsKey(id)) {
        throw new IllegalArgumentException(
            "no feed is called "
                + id
                + ", which the settings override; there are "
                + feeds.keySet());
      }
    }
    return Collections.unmodifiableSortedMap(feeds);
  }
}
