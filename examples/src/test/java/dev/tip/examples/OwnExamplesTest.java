// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.Terms;
import dev.tip.sink.Change;
import dev.tip.sink.WriteResult;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnExamplesTest {
  private static final URI PAGE = URI.create("https://feed.example/");
  private static final Instant NOW = Instant.parse("2026-11-24T00:00:00Z");
  private static final FeedInfo FEED =
      FeedInfo.builder("example-names")
          .provider("Example")
          .reference(PAGE)
          .role(FeedInfo.Role.C2)
          .coverage(FeedInfo.Coverage.SNAPSHOT)
          .types(CyberObservable.Type.DOMAIN_NAME)
          .terms(new Terms("free to use", PAGE, true, true, null))
          .build();

  @Test
  void ownFeedAcceptsNamesAndRejectsTheRestWithPositions() {
    byte[] text = "Bad.Example\nnot a name\n".getBytes(StandardCharsets.UTF_8);
    List<FeedEntry> entries = new ArrayList<>();
    OwnFeed.parse(new FeedBody(new ByteArrayInputStream(text), "names.txt", null), FEED)
        .forEachRemaining(entries::add);
    assertThat(entries).hasSize(2);
    assertThat(entries.get(0))
        .isInstanceOfSatisfying(
            FeedEntry.Accepted.class,
            e -> assertThat(e.indicator().observable().value()).isEqualTo("bad.example"));
    assertThat(entries.get(1))
        .isInstanceOfSatisfying(
            FeedEntry.Rejected.class, e -> assertThat(e.position()).isEqualTo(2));
  }

  @Test
  void ownSinkKeepsTheHigherGeneration() {
    Indicator bad = Indicator.builder(CyberObservable.domainName("bad.example"), FEED).build();
    OwnSink sink = new OwnSink();
    sink.write(List.of(new Change.Upsert(bad, 2, Change.Cause.NEW, NOW, NOW)));
    assertThat(sink.values()).containsExactly("bad.example");
    WriteResult late = sink.write(List.of(new Change.Upsert(bad, 1, Change.Cause.NEW, NOW, NOW)));
    assertThat(late.count(WriteResult.Status.CONFLICT)).isOne();
    sink.write(List.of(new Change.Withdraw(bad, 3, Change.Reason.DELISTED, NOW)));
    assertThat(sink.values()).isEmpty();
  }
}
