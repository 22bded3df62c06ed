// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.InvalidIndicatorException;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedProvider;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.HttpFeed;
import dev.tip.feed.Mirror;
import dev.tip.feed.Terms;
import dev.tip.feed.Usage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
          .confidence(Confidence.MEDIUM)
          .types(CyberObservable.Type.DOMAIN_NAME)
          .terms(new Terms("free to use", PAGE, true, true, null))
          .build();

  /** Prints the list; with an argument, what a mirror folder holds in its place. */
  public static void main(String[] args) throws IOException, InterruptedException {
    FetchContext context =
        FetchContext.builder(Usage.COMMERCIAL)
            .mirror(args.length == 0 ? null : Mirror.open(Path.of(args[0])))
            .build();
    Feed feed = new OwnFeed().feeds(FeedSettings.defaults()).get(0);
    try (FetchResult result = feed.fetch(context, null)) {
      if (result instanceof FetchResult.Modified list) {
        list.reader()
            .indicators(rejected -> System.err.println("rejected: " + rejected.reason()))
            .forEach(indicator -> System.out.println(indicator.observable().value()));
      }
    }
  }

  // own feed
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
  // end of own feed
}
