// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.InvalidIndicatorException;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedProvider;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.HttpFeed;
import dev.tip.feed.Terms;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A provider of one feed: a list of host names, one a line. */
public final class OwnFeed implements FeedProvider {
  private static final URI PAGE = URI.create("https://feed.example/about");
  private static final FeedInfo INFO =
      FeedInfo.builder("example-names")
          .provider("Example")
          .reference(PAGE)
          .role(FeedInfo.Role.C2)
          .coverage(FeedInfo.Coverage.SNAPSHOT)
          .types(CyberObservable.Type.DOMAIN_NAME)
          .terms(new Terms("free to use", PAGE, true, true, null))
          .build();

  @Override
  public List<Feed> feeds(FeedSettings settings) {
    String address = "https://feed.example/names.txt";
    return List.of(HttpFeed.builder(INFO).location(address).parser(OwnFeed::parse).build());
  }

  static Iterator<FeedEntry> parse(FeedBody body, FeedInfo feed) {
    AtomicLong line = new AtomicLong();
    return new BufferedReader(new InputStreamReader(body.stream(), StandardCharsets.UTF_8))
        .lines()
        .map(text -> entry(line.incrementAndGet(), text, feed))
        .iterator();
  }

  private static FeedEntry entry(long position, String text, FeedInfo feed) {
    try {
      CyberObservable name = CyberObservable.domainName(text);
      return new FeedEntry.Accepted(position, Indicator.builder(name, feed).build());
    } catch (InvalidIndicatorException e) {
      return new FeedEntry.Rejected(position, text, e.reason());
    }
  }
}
