// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.IpNetwork;
import dev.tip.Ipv4Addr;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedInfo;
import dev.tip.sync.Fakes.RecordingSink;
import dev.tip.sync.SyncState.Answer;
import dev.tip.sync.SyncState.Condition;
import dev.tip.sync.SyncState.FeedState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

class SyncStateProperties {
  private static final FeedInfo FEED = Samples.FEED;

  private Path folder = Path.of("");

  @BeforeTry
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("state");
  }

  @AfterTry
  void deleteFolder() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private void store(List<Indicator> indicators) throws Exception {
    List<FeedEntry> entries = new ArrayList<>();
    for (Indicator indicator : indicators) {
      entries.add(new FeedEntry.Accepted(entries.size() + 1, indicator));
    }
    FeedSync.builder()
        .sink(new RecordingSink())
        .context(Fakes.CONTEXT)
        .state(folder)
        .build()
        .run(List.of(Fakes.feed(FEED, entries)));
  }

  @Provide
  Arbitrary<List<Indicator>> lists() {
    return Samples.observables()
        .map(observable -> Indicator.builder(observable, FEED).build())
        .list()
        .ofMaxSize(60);
  }

  @Property(tries = 100)
  void whatIsListedIsFoundAndWhatIsNotIsNot(
      @ForAll("lists") List<Indicator> indicators, @ForAll("lists") List<Indicator> others)
      throws Exception {
    store(indicators);
    List<CyberObservable> listed = indicators.stream().map(Indicator::observable).toList();
    for (CyberObservable observable : listed) {
      assertThat(SyncState.of(folder).find(List.of(observable), List.of(FEED)).findings())
          .anyMatch(f -> f.match() == SyncState.Match.EXACT && f.observable().equals(observable));
    }
    for (Indicator other : others) {
      Answer answer = SyncState.of(folder).find(List.of(other.observable()), List.of(FEED));
      assertThat(answer.unreadable()).isEmpty();
      assertThat(answer.findings())
          .filteredOn(f -> f.match() == SyncState.Match.EXACT)
          .hasSize(listed.contains(other.observable()) ? 1 : 0);
    }
  }

  @Provide
  Arbitrary<CyberObservable> networks() {
    return Arbitraries.integers()
        .between(0, 0xffff)
        .flatMap(
            n ->
                Arbitraries.integers()
                    .between(8, 32)
                    .map(
                        prefix ->
                            CyberObservable.ip(
                                IpNetwork.parseMasked(
                                    "198.51." + (n >> 8) + '.' + (n & 0xff) + '/' + prefix))));
  }

  @Property(tries = 100)
  void networksFoundAreThoseThatContainTheAddress(
      @ForAll("networksList") List<CyberObservable> listed,
      @ForAll("networks") CyberObservable asked)
      throws Exception {
    store(listed.stream().map(o -> Indicator.builder(o, FEED).build()).toList());
    List<CyberObservable> around =
        listed.stream()
            .filter(o -> ((Ipv4Addr) o).network().contains(((Ipv4Addr) asked).network()))
            .distinct()
            .toList();

    assertThat(SyncState.of(folder).find(List.of(asked), List.of(FEED)).findings())
        .extracting(SyncState.Finding::observable)
        .containsExactlyInAnyOrderElementsOf(around);
  }

  @Provide
  Arbitrary<List<CyberObservable>> networksList() {
    return networks().list().ofMinSize(1).ofMaxSize(40);
  }

  @Property(tries = 200)
  void damagedFilesAreATypedAnswer(@ForAll long seed) throws Exception {
    Random random = new Random(seed);
    List<Indicator> indicators = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      indicators.add(Samples.url(i));
    }
    store(indicators);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> !f.endsWith("lock")).toList()) {
        if (Files.isRegularFile(file) && random.nextInt(3) > 0) {
          byte[] bytes = Files.readAllBytes(file);
          for (int i = random.nextInt(20); i >= 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
          }
          Files.write(
              file,
              random.nextBoolean() ? bytes : Arrays.copyOf(bytes, random.nextInt(bytes.length)));
        }
      }
    }

    List<FeedState> feeds = SyncState.of(folder).feeds();
    Answer answer = SyncState.of(folder).find(List.of(Samples.url(7).observable()), List.of(FEED));

    assertThat(feeds).hasSize(1);
    boolean readable = feeds.get(0).condition() == Condition.READABLE;
    assertThat(feeds.get(0).indicators()).isEqualTo(readable ? 50 : 0);
    assertThat(answer.findings().size() + answer.unreadable().size()).isEqualTo(1);
    if (readable) {
      assertThat(answer.findings()).hasSize(1);
    }
  }
}
