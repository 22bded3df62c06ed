// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedReader;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.Terms;
import dev.tip.sink.Change;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Synthetic indicators. */
final class Samples {
  static final Instant ADDED = Instant.parse("2026-11-01T00:00:00Z");
  static final Instant LISTED = Instant.parse("2026-11-20T00:00:00Z");

  private Samples() {}

  static FeedInfo feed(String id, FeedInfo.Role role) {
    return FeedInfo.builder(id)
        .provider("Samples")
        .reference(URI.create("https://feed.example/"))
        .confidence(Confidence.HIGH)
        .role(role)
        .coverage(FeedInfo.Coverage.SNAPSHOT)
        .terms(new Terms("free", URI.create("https://feed.example/terms"), true, true, null))
        .types(CyberObservable.Type.DOMAIN_NAME)
        .build();
  }

  static Change.Upsert upsert(CyberObservable observable, FeedInfo feed) {
    return upsert(observable, feed, 1);
  }

  static Change.Upsert upsert(CyberObservable observable, FeedInfo feed, long generation) {
    return new Change.Upsert(
        Indicator.builder(observable, feed).build(), generation, Change.Cause.NEW, ADDED, LISTED);
  }

  static Change.Withdraw withdraw(CyberObservable observable, FeedInfo feed, long generation) {
    return new Change.Withdraw(
        Indicator.builder(observable, feed).build(), generation, Change.Reason.DELISTED, LISTED);
  }

  static List<Change> domains(int count, FeedInfo feed) {
    return IntStream.range(0, count)
        .<Change>mapToObj(i -> upsert(CyberObservable.domainName("d" + i + ".example"), feed))
        .toList();
  }

  /** Returns a feed that gives these entries each time, and says nothing that it wants to know. */
  static Feed list(FeedInfo info, List<FeedEntry> entries) {
    return new Feed() {
      @Override
      public FeedInfo info() {
        return info;
      }

      @Override
      public FetchResult fetch(FetchContext context, @Nullable FetchState last) {
        return new FetchResult.Modified(
            FeedReader.of(info, entries.iterator(), () -> {}), FetchState.of(Map.of()));
      }
    };
  }

  static FeedEntry entry(int number, FeedInfo feed, String... tags) {
    return new FeedEntry.Accepted(
        number + 1,
        Indicator.builder(CyberObservable.domainName("d" + number + ".example"), feed)
            .tags(List.of(tags))
            .build());
  }

  /** Returns a feed of numbered names. */
  static Feed list(FeedInfo info, int from, int to) {
    return list(info, IntStream.range(from, to).mapToObj(number -> entry(number, info)).toList());
  }
}
