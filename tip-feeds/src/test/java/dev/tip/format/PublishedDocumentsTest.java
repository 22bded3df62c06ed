// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Reads documents as their publishers wrote them, where a folder with them is beside the project;
 * what is expected was counted with another program. They are not part of the project, because
 * their terms differ.
 */
class PublishedDocumentsTest {
  private static @Nullable Path folder;

  @BeforeAll
  static void findDocuments() {
    for (Path p = Path.of("").toAbsolutePath(); p != null && folder == null; p = p.getParent()) {
      Path candidate = p.resolve("shared/data/feeds");
      folder = Files.isDirectory(candidate) ? candidate : null;
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "amnesty/2023-03-29_android_campaign|{domain-name=2183, file=1} {stix-pattern-path=3}",
        "amnesty/2021-12-16_cytrox|{domain-name=336, file=6} {stix-pattern-path=1}",
        "stix2/unit42|{domain-name=35, email-addr=1, file=120, ipv4-addr=33, url=139} {stix-pattern-path=2}",
        "stix2/oasis-examples|{domain-name=27, file=6, ipv4-addr=23} {domain-character=1, json-path=1, stix-pattern-matches=2, stix-pattern-path=2}",
        "tweetfeed/taxii/pages|{domain-name=18, file=10, ipv4-addr=9, url=20} {}",
        "talos/2024|{domain-name=11, file=33, ipv4-addr=8, url=16, windows-registry-key=1} {}",
        "talos/2025|{domain-name=7, file=59, ipv4-addr=13, url=8} {}",
        "talos/2026|{domain-name=22, email-addr=2, file=203, ipv4-addr=43, url=43} {url-scheme=14}",
        "elastic-labs|{domain-name=12, file=315, ipv4-addr=30, url=3, x509-certificate=6} {stix-pattern-syntax=6, stix-type=1, url-scheme=2}",
        "tweetfeed/misp|{domain-name=1013, file=207, ipv4-addr=375, url=1401} {}",
        "eset|{file=228} {misp-type=2}",
        "misp/pymisp_existing_event.json|{domain-name=18, file=37, ipv4-addr=11} {misp-type=15}",
        "otx/pulses_2015.json|{domain-name=19, email-addr=1, file=58, ipv4-addr=9, url=5} {otx-type=1, url-scheme=1}",
        "openioc|{domain-name=44, email-addr=1, file=121, ipv4-addr=15} {openioc-and=45, openioc-condition=32, openioc-term=6}",
      })
  void distinctValuesByType(String path, String expected) throws IOException {
    Path all = folder;
    assumeTrue(all != null, "no published documents beside the project");
    Map<String, Set<String>> found = new TreeMap<>();
    Map<String, Integer> rejected = new TreeMap<>();
    try (Stream<Path> files = Files.walk(all.resolve(path))) {
      for (Path file : files.filter(PublishedDocumentsTest::isDocument).sorted().toList()) {
        Reading reading = Reading.of(parser(file), Files.readAllBytes(file));
        if (reading.clause() != null) {
          rejected.merge(reading.clause(), 1, Integer::sum);
        }
        for (FeedEntry entry : reading.entries()) {
          if (entry instanceof FeedEntry.Accepted accepted) {
            var observable = accepted.indicator().observable();
            found
                .computeIfAbsent(observable.type().stixName(), t -> new HashSet<>())
                .add(observable.value());
          } else if (entry instanceof FeedEntry.Rejected refused) {
            rejected.merge(refused.reason(), 1, Integer::sum);
          }
        }
      }
    }
    Map<String, Integer> counts = new TreeMap<>();
    found.forEach((type, set) -> counts.put(type, set.size()));

    assertThat(counts + " " + rejected).isEqualTo(expected);
  }

  private static boolean isDocument(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".ioc")
        || name.endsWith(".stix2")
        || name.endsWith(".json") && !name.startsWith("manifest") && !name.contains("misp-");
  }

  private static FeedParser parser(Path file) {
    String path = file.toString();
    if (path.endsWith(".ioc")) {
      return OpenIoc.of();
    }
    if (path.contains("/otx/")) {
      return OtxPulses.of();
    }
    return path.contains("misp") || path.contains("/eset/")
        ? MispEvents.of()
        : StixObjects.indicators();
  }
}
