// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.Terms;
import dev.tip.sink.Change;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

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
}
