// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.feed.Feed;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.Feeds;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.Usage;
import java.io.IOException;

/** Prints the indicators of one feed, without a sink and without state. */
@SuppressWarnings("NullAway") // The list is there: tip-feeds is a dependency of this module.
public final class ReadOneFeed {
  private ReadOneFeed() {}

  /** Reads the Spamhaus DROP list. */
  public static void main(String[] args) throws IOException, InterruptedException {
    printDrop(FeedSettings.defaults());
  }

  // quick start
  static void printDrop(FeedSettings settings) throws IOException, InterruptedException {
    Feed feed = Feeds.installed(settings).get("spamhaus-drop-v4");
    FetchContext context =
        FetchContext.builder(Usage.NON_COMMERCIAL)
            .userAgent("my-tool/1.0 (security@my-company.example)")
            .build();
    try (FetchResult result = feed.fetch(context, null)) {
      if (result instanceof FetchResult.Modified list) {
        list.reader()
            .indicators(rejected -> System.err.println("rejected: " + rejected.reason()))
            .forEach(indicator -> System.out.println(indicator.observable().value()));
      }
    }
  }
  // end of quick start
}
