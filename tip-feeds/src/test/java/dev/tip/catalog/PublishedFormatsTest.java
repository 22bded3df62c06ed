// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tip.Confidence;
import dev.tip.CyberObservable.Type;
import dev.tip.catalog.Entry.Publisher;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedInfo.Role;
import dev.tip.feed.FeedParser;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.Mirror;
import dev.tip.feed.Usage;
import dev.tip.format.Delimited;
import dev.tip.format.Delimited.Header;
import dev.tip.format.Lines;
import dev.tip.format.Lines.Syntax;
import dev.tip.format.Mapping;
import dev.tip.format.Mapping.Kind;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Reads files of publishers that are no list of the mirror, where the folder is beside the project:
 * other days and other lists of feeds, and formats that no feed of the catalogue has. The numbers
 * are of distinct values, and were counted with other tools.
 */
class PublishedFormatsTest {
  private static final FeedParser ZEEK =
      Delimited.columns("indicator", "indicator_type", "meta.source", "meta.do_notice", "meta.desc")
          .header(Header.NONE)
          .separator('\t')
          .unquoted()
          .build(
              Mapping.byType(
                  "indicator",
                  "indicator_type",
                  Map.of(
                      "Intel::ADDR", Kind.IP,
                      "Intel::DOMAIN", Kind.DOMAIN,
                      "Intel::EMAIL", Kind.EMAIL,
                      "Intel::FILE_HASH", Kind.HASH,
                      "Intel::URL", Kind.URL)));

  @ParameterizedTest
  @CsvSource({
    "c2intelfeeds-ips, c2intelfeeds/IPC2s-30day.csv, ipv4-addr=1756",
    "c2intelfeeds-ips-unverified, c2intelfeeds/unverified_IPC2s-30day.csv, ipv4-addr=2195 ipv6-addr=3",
    "c2intelfeeds-domains, c2intelfeeds/domainC2s-30day-filter-abused.csv, domain-name=542",
    "c2intelfeeds-domains, c2intelfeeds/domainC2s-30day.csv, domain-name=565",
    "c2intelfeeds-domain-paths, c2intelfeeds/domainC2swithURL-30day-filter-abused.csv, domain-name=542",
    "c2intelfeeds-domain-ips, c2intelfeeds/domainC2swithURLwithIP-30day-filter-abused.csv, domain-name=542 ipv4-addr=434",
    "c2intelfeeds-dns, c2intelfeeds/DNSC2Domains-30day.csv, domain-name=361 ipv4-addr=147",
    "firehol-webclient, firehol/2022-02/firehol_webclient.netset, ipv4-addr=953",
    "firehol-level2, firehol/2022-02/et_block.netset, ipv4-addr=1467",
    "firehol-level2, firehol/2022-02/cidr_report_bogons.netset, ipv4-addr=6502",
    "firehol-level2, firehol/2022-02/spamhaus_edrop.netset, ipv4-addr=55",
    "tweetfeed-week, tweetfeed/csv/week.csv, domain-name=575 file=116 ipv4-addr=162 url=682",
    "tweetfeed-week, tweetfeed/csv/20210809.csv, file=36 ipv4-addr=135 url=232",
    "tweetfeed-week, tweetfeed/csv/20230515.csv, domain-name=299 file=74 ipv4-addr=152 url=336",
    "tweetfeed-week, tweetfeed/csv/20250310.csv, domain-name=303 file=23 ipv4-addr=98 url=393",
    "tweetfeed-week, tweetfeed/csv/20260820.csv, domain-name=32 file=32 ipv4-addr=25 url=55",
  })
  void otherListsOfAFeedAreReadWhole(String id, String file, String byType) throws Exception {
    Entry entry =
        Catalogue.ENTRIES.stream().filter(e -> e.id().equals(id)).findFirst().orElseThrow();

    assertThat(read(entry, file)).isEqualTo(byType);
  }

  @ParameterizedTest
  @CsvSource({
    "Amnesty_NSO_Domains, domain-name=1407 email-addr=17",
    "abuse-ch-malware, file=828",
    "alienvault, ipv4-addr=609",
    "censys, domain-name=353 ipv4-addr=1",
    "compromised-ips, ipv4-addr=539",
    "drb_ra_ip, ipv4-addr=153",
    "gru-aa25, domain-name=57 ipv4-addr=65",
    "lockbit_ip, ipv4-addr=11",
    "openphish, url=300",
    "ragnar, ipv4-addr=31",
    "sip, ipv4-addr=2157",
  })
  void intelligenceFilesOfZeekAreReadWhole(String file, String byType) throws Exception {
    assertThat(read(entry(ZEEK), "zeek-intel/" + file + ".intel")).isEqualTo(byType);
  }

  @ParameterizedTest
  @CsvSource({
    "ADBLOCK, agh-online.txt, domain-name=619 ipv4-addr=2234",
    "DNSMASQ, dnsmasq-online.conf, domain-name=619",
    "HOSTS, hosts-online.txt, domain-name=619",
    "RPZ, rpz-online.conf, domain-name=619",
    "WILDCARDS, wildcard-online.txt, domain-name=619 ipv4-addr=2234",
    "PLAIN, domains-online.txt, domain-name=619 ipv4-addr=2234",
    "PLAIN, dnscrypt-blocked-ips-online.txt, ipv4-addr=2234",
    "PLAIN, dnscrypt-blocked-names-online.txt, domain-name=619",
  })
  void oneListIsTheSameInEachSyntax(Syntax syntax, String file, String byType) throws Exception {
    FeedParser parser = Lines.builder().syntax(syntax).build(Mapping.of(Kind.HOST, "value"));

    assertThat(read(entry(parser), "urlhaus-filter/2025-07-19/urlhaus-filter-" + file))
        .isEqualTo(byType);
  }

  private static Entry entry(FeedParser parser) {
    return new Entry(
            "example-list",
            "Example",
            new Publisher("Example", "CC0", "https://feed.example/terms", true, true),
            "https://feed.example/")
        .lists("A list of the tests", Type.DOMAIN_NAME)
        .means(Role.C2, Confidence.LOW, "made for tests")
        .snapshot(ofDays(1), ofHours(1))
        .at("https://feed.example/list", parser);
  }

  /** Returns how many distinct values of each type there are, and what was rejected. */
  private static String read(Entry entry, String file) throws Exception {
    Path folder = PublishedListsTest.find();
    assumeTrue(folder != null, "no published lists beside the project");
    FetchContext context =
        FetchContext.builder(Usage.NON_COMMERCIAL)
            .mirror(Mirror.of(URI.create(entry.location()), folder.resolve(file)))
            .build();
    Map<String, Set<String>> byType = new TreeMap<>();
    try (FetchResult result = entry.feed(null).fetch(context, null)) {
      for (FeedEntry found : ((FetchResult.Modified) result).reader()) {
        if (found instanceof FeedEntry.Accepted accepted) {
          byType
              .computeIfAbsent(
                  accepted.indicator().observable().type().stixName(), type -> new HashSet<>())
              .add(accepted.indicator().observable().value());
        } else if (found instanceof FeedEntry.Rejected bad) {
          byType.computeIfAbsent(bad.reason(), reason -> new HashSet<>()).add(bad.text());
        }
      }
    }
    return byType.entrySet().stream()
        .map(entries -> entries.getKey() + "=" + entries.getValue().size())
        .collect(Collectors.joining(" "));
  }
}
