// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import dev.tip.feed.Feed;
import dev.tip.feed.FeedProvider;
import dev.tip.feed.FeedSettings;
import java.util.ArrayList;
import java.util.List;

/**
 * The catalogue of public threat feeds; {@code docs/feeds.md} lists them.
 *
 * <p>A feed's address, minimum interval, time to live and confidence can be overridden. A feed that
 * is given an address of another origin sends no key there and needs none.
 */
public final class PublicFeeds implements FeedProvider {
  /** Creates the provider. */
  public PublicFeeds() {}

  @Override
  public List<Feed> feeds(FeedSettings settings) {
    List<Feed> feeds = new ArrayList<>();
    for (Entry entry : Catalogue.ENTRIES) {
      feeds.add(entry.feed(settings.override(entry.id()).orElse(null)));
    }
    return List.copyOf(feeds);
  }
}
