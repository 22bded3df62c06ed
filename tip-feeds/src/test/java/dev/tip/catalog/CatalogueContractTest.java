// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import dev.tip.feed.Feed;
import dev.tip.feed.FeedSettings;
import dev.tip.testkit.FeedContract;
import java.net.URI;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;

/**
 * The contract of feeds for every kind of list in the catalogue. Two cannot be asked all of it:
 * DROP states its size in bytes, so that other line ends are another list, and ESET's is an
 * archive.
 */
class CatalogueContractTest {
  private static final String HASH =
      "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";
  private static final String FINGERPRINT = "b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2";

  /** A list whose records differ in a number, between the first and last lines of its spec. */
  abstract static class Row extends FeedContract {
    private final String id;
    private final IntFunction<String> record;
    private final String bad;
    private final FeedSpec spec;

    Row(String id, IntFunction<String> record, String bad) {
      this.id = id;
      this.record = record;
      this.bad = bad;
      this.spec = FeedSpec.named(id);
    }

    @Override
    protected Feed feedAt(URI address) {
      FeedSettings settings =
          FeedSettings.builder()
              .override(id, new FeedSettings.Override(address, null, null, null))
              .build();
      return new PublicFeeds()
          .feeds(settings).stream()
              .filter(feed -> feed.info().id().equals(id))
              .findFirst()
              .orElseThrow();
    }

    @Override
    protected List<String> goodRecords() {
      return IntStream.range(10, 22).mapToObj(record).toList();
    }

    @Override
    protected String badRecord() {
      return bad;
    }

    @Override
    protected String preamble() {
      return spec.before();
    }

    @Override
    protected String trailer(int records) {
      return spec.after(records);
    }
  }

  @Nested
  class UrlHaus extends Row {
    UrlHaus() {
      super("abusech-urlhaus", i -> row("http://192.0.2." + i + ":8080/a,b"), row("ftp//x"));
    }

    private static String row(String url) {
      return "\"7\",\"2026-02-26 12:05:20\",\""
          + url
          + "\",\"online\",\"\",\"malware_download\",\"None\",\"https://urlhaus.abuse.ch/url/7/\",\"r\"";
    }
  }

  @Nested
  class MalwareBazaar extends Row {
    MalwareBazaar() {
      super("abusech-malwarebazaar", i -> row(HASH + i), row(HASH));
    }

    private static String row(String hash) {
      return "\"2026-07-30 11:06:00\", \"" + hash + '"' + ", \"n/a\"".repeat(12);
    }
  }

  @Nested
  class FeodoTracker extends Row {
    FeodoTracker() {
      super("abusech-feodotracker", i -> row("192.0.2." + i), row("192.0.2.256"));
    }

    private static String row(String address) {
      return "\"2025-12-30 13:56:31\",\""
          + address
          + "\",\"443\",\"online\",\"2026-03-12\",\"QakBot\"";
    }
  }

  @Nested
  class SslBl extends Row {
    SslBl() {
      super("abusech-sslbl", i -> row(FINGERPRINT + i), row(FINGERPRINT));
    }

    private static String row(String fingerprint) {
      return "2026-07-21 12:29:18," + fingerprint + ",VenomRAT C&C";
    }
  }

  @Nested
  class BlockIps extends Row {
    BlockIps() {
      super("emergingthreats-block-ips", i -> "198.51." + i + ".0/24", "198.51.100.1/24");
    }
  }

  @Nested
  class AbuseIpDb extends Row {
    AbuseIpDb() {
      super("abuseipdb-blacklist", i -> row("2001:db8::" + i), row("2001:db8"));
    }

    private static String row(String address) {
      return "{\"ipAddress\":\"" + address + "\",\"abuseConfidenceScore\":100}";
    }

    @Override
    protected String separator() {
      return ",\n";
    }
  }

  @Nested
  class BotvrijFilename extends Row {
    BotvrijFilename() {
      super("botvrij-filename", i -> "invoice " + i + ".exe", "a\u0001b.exe");
    }
  }

  @Nested
  class BotvrijDomain extends Row {
    BotvrijDomain() {
      super("botvrij-domain", i -> "c2-" + i + ".example", "c2 .example");
    }
  }

  @Nested
  class BotvrijIpDst extends Row {
    BotvrijIpDst() {
      super("botvrij-ip-dst", i -> "203.0.113." + i, "203.0.113");
    }
  }

  @Nested
  class BotvrijUrl extends Row {
    BotvrijUrl() {
      super("botvrij-url", i -> "http://bad.example/" + i, "ttp://bad.example/1");
    }
  }
}
