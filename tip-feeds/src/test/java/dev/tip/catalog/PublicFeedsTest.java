// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tip.Confidence;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.Feeds;
import dev.tip.feed.HttpFeed;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PublicFeedsTest {

  @Test
  void feedsAreInstalledUnderTheirIds() {
    assertThat(Feeds.installed(FeedSettings.defaults()).keySet())
        .containsAll(Catalogue.ENTRIES.stream().map(Entry::id).toList())
        .contains("botvrij-misp", "certfr-misp", "circl-osint", "csirt-italia-misp")
        .contains("eset-misp", "otx-pulses", "tweetfeed-misp");
  }

  @Test
  void whatIsNotOverriddenStays() {
    FeedInfo plain = feed(FeedSettings.defaults()).info();
    FeedInfo changed = feed(override(null, null, null, null)).info();

    assertThat(changed).usingRecursiveComparison().isEqualTo(plain);
  }

  @Test
  void addressIntervalTimeToLiveAndConfidenceCanBeOverridden() {
    Feed feed =
        feed(
            override(
                URI.create("https://mirror.example/hosts.csv"),
                Duration.ofMinutes(7),
                Duration.ofDays(3),
                Confidence.LOW));

    assertThat(((HttpFeed) feed).location()).isEqualTo("https://mirror.example/hosts.csv");
    assertThat(feed.info().minInterval()).isEqualTo(Duration.ofMinutes(7));
    assertThat(feed.info().timeToLive()).hasValue(Duration.ofDays(3));
    assertThat(feed.info().confidence()).isEqualTo(Confidence.LOW);
  }

  @Test
  void overrideOfAFeedThatIsNotThereIsRefused() {
    FeedSettings settings =
        FeedSettings.builder()
            .override(
                "abusech-urlhouse", new FeedSettings.Override(null, null, null, Confidence.LOW))
            .build();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Feeds.installed(settings))
        .withMessageContaining("abusech-urlhouse");
  }

  @Test
  void anotherOriginHasNoAuthentication() {
    FeedInfo info = feed(override(URI.create("https://mirror.example/x"), null, null, null)).info();

    assertThat(info.auth()).isEqualTo(FeedInfo.Auth.NONE);
    assertThat(info.secretName()).isEmpty();
  }

  private static FeedSettings override(
      @Nullable URI location,
      @Nullable Duration interval,
      @Nullable Duration timeToLive,
      @Nullable Confidence confidence) {
    return FeedSettings.builder()
        .override(
            "abusech-urlhaus",
            new FeedSettings.Override(location, interval, timeToLive, confidence))
        .build();
  }

  private static Feed feed(FeedSettings settings) {
    return new PublicFeeds()
        .feeds(settings).stream()
            .filter(feed -> feed.info().id().equals("abusech-urlhaus"))
            .findFirst()
            .orElseThrow();
  }
}
