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
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  @Test
  void ownFeedPrintsTheNamesOfItsList(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("names.txt"), "bad.example\nworse.example\n");
    Files.writeString(folder.resolve("mirror.tsv"), "https://feed.example/names.txt\tnames.txt\n");
    assertThat(printed(() -> OwnFeed.main(new String[] {folder.toString()})))
        .containsExactly("bad.example", "worse.example");
  }

  @Test
  void ownSinkHoldsWhatTheListsHave() throws Exception {
    try (DemoFeeds lists = DemoFeeds.start(Clock.systemUTC())) {
      assertThat(printed(() -> OwnSink.print(lists.settings())))
          .containsExactlyInAnyOrder("192.0.2.224/27", "203.0.113.0/25", "2001:db8:bad::/48");
    }
  }

  @Test
  void quickStartPrintsTheNetworksOfTheList() throws Exception {
    try (DemoFeeds lists = DemoFeeds.start(Clock.systemUTC())) {
      assertThat(printed(() -> ReadOneFeed.printDrop(lists.settings())))
          .containsExactly("203.0.113.0/25", "192.0.2.224/27");
    }
  }

  private static List<String> printed(Callable example) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      example.call();
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private interface Callable {
    void call() throws Exception;
  }
}
