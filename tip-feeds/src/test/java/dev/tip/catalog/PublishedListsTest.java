// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tip.CyberObservable.Type;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FeedReader;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.Mirror;
import dev.tip.feed.Usage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Reads lists as their publishers wrote them, where a folder with them is beside the project. They
 * are not part of it, because their terms differ.
 */
class PublishedListsTest {
  private static @Nullable Path folder;

  @BeforeAll
  static void findLists() {
    folder = find();
  }

  static @Nullable Path find() {
    List<Path> candidates = new ArrayList<>();
    String named = System.getProperty("tip.shared", System.getenv("TIP_SHARED"));
    if (named != null) {
      candidates.add(Path.of(named));
    }
    for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
      candidates.add(p.resolve("shared"));
    }
    return candidates.stream()
        .map(p -> p.resolve("data/feeds"))
        .filter(p -> Files.isRegularFile(p.resolve("mirror.tsv")))
        .findFirst()
        .orElse(null);
  }

  private static Path lists() {
    assumeTrue(folder != null, "no published lists beside the project");
    return folder;
  }

  @ParameterizedTest
  @CsvSource({
    "abusech-urlhaus, url, whole/urlhaus_csv_recent.csv, #, 0",
    "abusech-malwarebazaar, file, whole/malwarebazaar_recent.csv, #, 1",
    "abusech-sslbl, x509-certificate, whole/sslblacklist.csv, #, 0",
    "emergingthreats-block-ips, ipv4-addr, emergingthreats/emerging-Block-IPs_2024-12-05_first150.txt, #, 0",
    "spamhaus-drop-v4, ipv4-addr, spamhaus/drop_v4_2025-04-15.json, {\"type\", 0",
    "spamhaus-drop-v6, ipv6-addr, whole/drop_v6.json, {\"type\", 0",
  })
  void everyWholeRowIsAnIndicator(String id, String type, String file, String noRow, int cut)
      throws Exception {
    long rows;
    try (Stream<String> lines = Files.lines(lists().resolve(file))) {
      rows = lines.filter(line -> !line.isBlank() && !line.startsWith(noRow)).count();
    }

    Read read = read(id, "mirror.tsv");

    long good = rows - cut;
    assertThat(read.rejected).hasSize(cut).allMatch(r -> r.reason().equals("csv-syntax"));
    assertThat(read.byType).isEqualTo(Map.of(type, good));
    assertThat(read.counts).isEqualTo(new FeedReader.Counts(rows, cut, 0, good, good));
  }

  @Test
  void theHeaderOfFeodoTrackerIsNoIndicator() throws Exception {
    Path file = lists().resolve("abusech/feodo/ipblocklist_2024-04-04.csv");
    long rows;
    try (Stream<String> lines = Files.lines(file)) {
      rows = lines.filter(line -> line.startsWith("\"2")).count();
    }

    assertThat(read("abusech-feodotracker", "mirror.tsv").byType)
        .isEqualTo(Map.of("ipv4-addr", rows));
  }

  @Test
  void everyHashOfTheEsetArchiveIsAFile() throws Exception {
    long good = 0;
    long bad = 0;
    try (ZipFile zip = new ZipFile(lists().resolve("eset/eset-malware-ioc-master.zip").toFile())) {
      for (ZipEntry member : Collections.list(zip.entries())) {
        String name = member.getName();
        if (name.matches(".*/samples\\.(md5|sha1|sha256)")) {
          try (InputStream in = zip.getInputStream(member);
              BufferedReader lines =
                  new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line : lines.lines().map(String::strip).toList()) {
              if (line.matches("(?i)[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}")) {
                good++;
              } else if (!line.isEmpty()) {
                bad++;
              }
            }
          }
        }
      }
    }

    Read read = read("eset-malware-ioc", "mirror.tsv");

    assertThat(read.byType).isEqualTo(Map.of("file", good));
    assertThat(read.rejected).hasSize((int) bad);
  }

  /** The numbers are those of the lists themselves, or were counted with other tools. */
  @ParameterizedTest
  @CsvSource({
    "abusech-urlhaus-online, url=1500, 0",
    "abusech-urlhaus-text, url=12193, 0",
    "abusech-malwarebazaar-md5, file=507, 0",
    "abusech-feodotracker-json, ipv4-addr=4, 0",
    "abusech-threatfox-sha256, file=7202, 0",
    "spamhaus-asndrop, autonomous-system=201, 0",
    "spamhaus-drop-text, ipv4-addr=10, 0",
    "spamhaus-dropv6-text, ipv6-addr=36, 0",
    "openphish, url=300, 0",
    "phishtank, url=400, 0",
    "tor-exit-addresses, ipv4-addr=952, 0",
    "ipsum, ipv4-addr=1993, 0",
    "firehol-level1, ipv4-addr=2511, 0",
    "tweetfeed-today, domain-name=28 file=1 ipv4-addr=1 url=29, 0",
  })
  void allThatAListHasIsRead(String id, String byType, int rejected) throws Exception {
    Read read = read(id, "mirror.tsv");

    assertThat(
            read.byType.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(" ")))
        .isEqualTo(byType);
    assertThat(read.rejected).hasSize(rejected);
  }

  @Test
  void everyFeedWithAFileHasBeenRead() throws Exception {
    Mirror mirror = Mirror.open(lists().resolve("mirror.tsv"));

    assertThat(Catalogue.ENTRIES)
        .filteredOn(entry -> entry.info().status() != FeedInfo.Status.RETIRED)
        .filteredOn(entry -> mirror.file(URI.create(entry.location())).isPresent())
        .extracting(Entry::id)
        .containsExactlyInAnyOrder(
            "abusech-urlhaus",
            "abusech-urlhaus-online",
            "abusech-urlhaus-text",
            "abusech-malwarebazaar",
            "abusech-malwarebazaar-md5",
            "abusech-feodotracker",
            "abusech-feodotracker-json",
            "abusech-sslbl",
            "abusech-threatfox-sha256",
            "abusech-threatfox-urls",
            "emergingthreats-block-ips",
            "eset-malware-ioc",
            "spamhaus-drop-v4",
            "spamhaus-drop-v6",
            "spamhaus-asndrop",
            "spamhaus-drop-text",
            "spamhaus-dropv6-text",
            "openphish",
            "phishtank",
            "tor-exit-addresses",
            "ipsum",
            "firehol-level1",
            "tweetfeed-today");
  }

  @Test
  void theFirstThousandRowsOfAListAreNotTheList() {
    lists();

    assertThatThrownBy(() -> read("abusech-threatfox-urls", "mirror.tsv"))
        .isInstanceOfSatisfying(
            FeedException.class, e -> assertThat(e.clause()).hasValue("declared-count"));
  }

  @ParameterizedTest
  @CsvSource({
    "abusech-urlhaus, marker",
    "abusech-malwarebazaar, declared-count",
    "abusech-sslbl, declared-count",
  })
  void aCutListBreaksItsContract(String id, String clause) throws Exception {
    lists();

    assertThatThrownBy(() -> read(id, "mirror-cut.tsv"))
        .isInstanceOfSatisfying(
            FeedException.class,
            e -> {
              assertThat(e.outcome()).isEqualTo(FeedOutcome.CONTRACT_BROKEN);
              assertThat(e.clause()).hasValue(clause);
            });
  }

  static Stream<Entry> fetched() {
    // Any text is a name of a file.
    return Catalogue.ENTRIES.stream()
        .filter(entry -> entry.info().status() != FeedInfo.Status.RETIRED)
        .filter(entry -> !entry.id().equals("botvrij-filename"));
  }

  /** What has come instead of lists: whatever the feed, nothing of it is an indicator. */
  @ParameterizedTest
  @MethodSource("fetched")
  void nothingIsMadeOfWhatIsNoList(Entry entry) throws Exception {
    for (String name :
        List.of(
            "empty_drop.txt",
            "empty_tweetfeed_day.csv",
            "error_text_instead_of_drop.txt",
            "git_lfs_pointer_instead_of_full.csv",
            "html_403_instead_of_feed.csv",
            "json_error_instead_of_feed.json",
            "only_newlines.txt",
            "gzip_bad_3_bytes.gz",
            "no_members.zip",
            "full_truncated.csv.zip",
            "utf16le_bom.csv")) {
      FetchContext context =
          FetchContext.builder(Usage.NON_COMMERCIAL)
              .mirror(
                  Mirror.of(URI.create(entry.location()), lists().resolve("awkward").resolve(name)))
              .build();
      long accepted = 0;
      FeedException broken = null;
      try (FetchResult result = entry.feed(null).fetch(context, null)) {
        for (FeedEntry found : ((FetchResult.Modified) result).reader()) {
          accepted += found instanceof FeedEntry.Accepted ? 1 : 0;
        }
      } catch (FeedException e) {
        broken = e;
      } catch (UncheckedIOException e) {
        broken = (FeedException) e.getCause();
      }

      assertThat(accepted).as(entry.id() + " " + name).isZero();
      if (broken == null) {
        assertThat(entry.info().contract().mayBeEmpty()).as(entry.id() + " " + name).isTrue();
      } else {
        assertThat(broken.outcome()).isEqualTo(FeedOutcome.CONTRACT_BROKEN);
      }
    }
  }

  private record Read(
      Map<String, Long> byType, List<FeedEntry.Rejected> rejected, FeedReader.Counts counts) {}

  private static Read read(String id, String mirror) throws IOException, InterruptedException {
    Feed feed =
        new PublicFeeds()
            .feeds(FeedSettings.defaults()).stream()
                .filter(f -> f.info().id().equals(id))
                .findFirst()
                .orElseThrow();
    FetchContext context =
        FetchContext.builder(Usage.NON_COMMERCIAL)
            .mirror(Mirror.open(lists().resolve(mirror)))
            .build();
    Map<Type, Long> byType = new EnumMap<>(Type.class);
    List<FeedEntry.Rejected> rejected = new ArrayList<>();
    try (FetchResult result = feed.fetch(context, null)) {
      FeedReader reader = ((FetchResult.Modified) result).reader();
      for (FeedEntry entry : reader) {
        if (entry instanceof FeedEntry.Accepted accepted) {
          byType.merge(accepted.indicator().observable().type(), 1L, Long::sum);
        } else if (entry instanceof FeedEntry.Rejected bad) {
          rejected.add(bad);
        }
      }
      Map<String, Long> named = new TreeMap<>();
      byType.forEach((type, count) -> named.put(type.stixName(), count));
      return new Read(named, rejected, reader.counts());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
