// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import static dev.tip.Confidence.HIGH;
import static dev.tip.Confidence.LOW;
import static dev.tip.Confidence.MEDIUM;
import static dev.tip.CyberObservable.Type.AUTONOMOUS_SYSTEM;
import static dev.tip.CyberObservable.Type.DOMAIN_NAME;
import static dev.tip.CyberObservable.Type.EMAIL_ADDR;
import static dev.tip.CyberObservable.Type.FILE;
import static dev.tip.CyberObservable.Type.IPV4_ADDR;
import static dev.tip.CyberObservable.Type.IPV6_ADDR;
import static dev.tip.CyberObservable.Type.URL;
import static dev.tip.CyberObservable.Type.X509_CERTIFICATE;
import static dev.tip.HashAlgorithm.IMPHASH;
import static dev.tip.HashAlgorithm.MD5;
import static dev.tip.HashAlgorithm.SHA1;
import static dev.tip.HashAlgorithm.SSDEEP;
import static dev.tip.HashAlgorithm.TLSH;
import static dev.tip.feed.FeedInfo.Role.C2;
import static dev.tip.feed.FeedInfo.Role.MALWARE_DISTRIBUTION;
import static dev.tip.feed.FeedInfo.Role.PHISHING;
import static dev.tip.feed.FeedInfo.Role.REPUTATION;
import static dev.tip.feed.FeedInfo.Role.SCANNER;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.Tlp;
import dev.tip.catalog.Entry.Publisher;
import dev.tip.feed.FeedInfo.Auth;
import dev.tip.feed.FeedInfo.Status;
import dev.tip.feed.FeedParser;
import dev.tip.feed.Terms;
import dev.tip.format.Delimited;
import dev.tip.format.Delimited.Header;
import dev.tip.format.Fields;
import dev.tip.format.JsonRecords;
import dev.tip.format.Line;
import dev.tip.format.Lines;
import dev.tip.format.Mapping;
import dev.tip.format.Mapping.Kind;
import java.net.URI;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The table of public feeds. {@code docs/interpretation.md} says why each is read as it is.
 *
 * <p>Formats, intervals and terms are those on the publishers' pages, which the rows refer to.
 */
final class Catalogue {
  static final String ABUSECH_KEY = "ABUSECH_AUTH_KEY";
  private static final String ABUSEIPDB_KEY = "ABUSEIPDB_API_KEY";
  private static final List<String> SSLBL_KINDS =
      List.of("C&C", "malware distribution", "MITM", "sinkhole");

  static final Publisher ABUSE_CH =
      new Publisher(
          "abuse.ch",
          terms(
              "not-for-profit use; commercial use needs a subscription",
              "https://abuse.ch/terms-of-use/",
              false,
              false,
              null));
  static final Publisher FEODO =
      new Publisher(
          "abuse.ch", terms("CC0", "https://feodotracker.abuse.ch/blocklist/", true, true, null));
  static final Publisher PROOFPOINT =
      new Publisher(
          "Proofpoint Emerging Threats",
          terms(
              "BSD 3-clause",
              "https://rules.emergingthreats.net/OPEN_download_instructions.html",
              true,
              true,
              "Copyright (c) Emerging Threats, all rights reserved, BSD 3-clause licence"));
  private static final Publisher ESET =
      new Publisher(
          "ESET",
          terms(
              "BSD 2-clause",
              "https://github.com/eset/malware-ioc/blob/master/LICENSE",
              true,
              true,
              "Copyright (c) ESET, BSD 2-clause licence"));
  private static final Publisher ABUSEIPDB_COM =
      new Publisher(
          "AbuseIPDB",
          terms(
              "own use, also commercial; republishing prohibited",
              "https://www.abuseipdb.com/legal",
              true,
              false,
              null));
  private static final Publisher SPAMHAUS =
      new Publisher(
          "Spamhaus",
          terms(
              "free for any use; credit and date stay with the data",
              "https://www.spamhaus.org/drop/terms/",
              true,
              true,
              "(c) The Spamhaus Project SLU, https://www.spamhaus.org/drop/"));
  private static final Publisher BOTVRIJ =
      new Publisher(
          "Botvrij.eu",
          terms(
              "free to use; no resale, alone or bundled",
              "https://www.botvrij.eu/",
              true,
              false,
              null));

  static final FeedParser URLHAUS_CSV =
      Delimited.columns(
              "id",
              "dateadded",
              "url",
              "url_status",
              "last_online",
              "threat",
              "tags",
              "urlhaus_link",
              "reporter")
          .header(Header.COMMENT)
          .missing("None")
          .build(
              Mapping.of(Kind.URL, "url")
                  .firstSeen("dateadded")
                  .lastSeen("last_online")
                  .description("threat")
                  .tags("tags")
                  .reference("urlhaus_link")
                  .provider("reporter")
                  .externalId("id"));

  static final FeedParser MALWAREBAZAAR_CSV =
      Delimited.columns(
              "first_seen_utc",
              "sha256_hash",
              "md5_hash",
              "sha1_hash",
              "reporter",
              "file_name",
              "file_type_guess",
              "mime_type",
              "signature",
              "clamav",
              "vtpercent",
              "imphash",
              "ssdeep",
              "tlsh")
          .header(Header.COMMENT)
          .blanksAroundQuotes()
          .missing("n/a")
          .build(
              Mapping.of(Kind.SHA256, "sha256_hash")
                  .hash(MD5, "md5_hash")
                  .hash(SHA1, "sha1_hash")
                  .hash(IMPHASH, "imphash")
                  .hash(SSDEEP, "ssdeep")
                  .hash(TLSH, "tlsh")
                  .fileName("file_name")
                  .mimeType("mime_type")
                  .firstSeen("first_seen_utc")
                  .provider("reporter")
                  .software("signature")
                  .tag("file_type_guess"));

  private static final FeedParser FEODO_CSV =
      Delimited.columns(
              "first_seen_utc", "dst_ip", "dst_port", "c2_status", "last_online", "malware")
          .header(Header.FIRST_ROW)
          .build(
              Mapping.of(Kind.IP, "dst_ip")
                  .port("dst_port")
                  .firstSeen("first_seen_utc")
                  .lastSeen("last_online")
                  .software("malware"));

  private static final FeedParser SSLBL_CSV =
      Delimited.columns("Listingdate", "SHA1", "Listingreason")
          .header(Header.COMMENT)
          .unquoted()
          .foldInto("Listingreason")
          .build(Catalogue::sslbl);

  private static final FeedParser DROP_JSON =
      JsonRecords.lines()
          .metadata("type", "metadata")
          .records("records")
          .updated("timestamp")
          .size("size")
          .build(Mapping.of(Kind.IP, "cidr").externalId("sblid"));

  private static final FeedParser ASNDROP_JSON =
      JsonRecords.lines()
          .metadata("type", "metadata")
          .records("records")
          .updated("timestamp")
          .size("size")
          .build(Mapping.of(Kind.AS, "asn").description("asname").country("cc"));

  private static final FeedParser ABUSEIPDB_JSON =
      JsonRecords.array("data")
          .updated("meta.generatedAt")
          .build(
              Mapping.of(Kind.IP, "ipAddress")
                  .country("countryCode")
                  .score("abuseConfidenceScore")
                  .lastSeen("lastReportedAt"));

  private static final FeedParser BLOCK_IPS =
      Lines.builder().sections().build(Mapping.of(Kind.IP, "value").tag("section"));

  private static final FeedParser ESET_HASHES = Lines.of(Catalogue::eset);

  private static final FeedParser DROP_TXT =
      Lines.builder()
          .comments(";")
          .trailingComment(';')
          .build(Mapping.of(Kind.IP, "value").externalId("comment"));

  private static final String BOTVRIJ_LISTS = "https://www.botvrij.eu/data/ioclist.";

  private static final List<Entry> FIRST =
      List.of(
          entry("abusech-urlhaus", "URLhaus", ABUSE_CH, "https://urlhaus.abuse.ch/")
              .lists("URLs that spread malware, added in the last 30 days", URL)
              .means(MALWARE_DISTRIBUTION, HIGH, "the publisher probes what is reported")
              .window(ofDays(30), ofMinutes(30))
              .marker("URLhaus")
              .counted()
              .keyedLocation("https://urlhaus-api.abuse.ch/v2/files/exports/{secret}/recent.csv")
              .auth(Auth.OPTIONAL_KEY, ABUSECH_KEY)
              .at("https://urlhaus.abuse.ch/downloads/csv_recent/", URLHAUS_CSV),
          entry("abusech-malwarebazaar", "MalwareBazaar", ABUSE_CH, "https://bazaar.abuse.ch/")
              .lists("Malware samples of the last two days", FILE)
              .means(MALWARE_DISTRIBUTION, HIGH, "exact hashes of samples that were vetted")
              .window(ofDays(90), ofHours(1))
              .marker("MalwareBazaar")
              .counted()
              .secretHeader("Auth-Key")
              .auth(Auth.OPTIONAL_KEY, ABUSECH_KEY)
              .at("https://bazaar.abuse.ch/export/csv/recent/", MALWAREBAZAAR_CSV),
          entry("abusech-feodotracker", "Feodo Tracker", FEODO, "https://feodotracker.abuse.ch/")
              .lists("Botnet command and control servers of the last 30 days", IPV4_ADDR, IPV6_ADDR)
              .means(C2, HIGH, "each server answered the botnet's own protocol")
              .snapshot(ofDays(30), ofHours(1))
              .marker("dst_ip")
              .counted()
              .mayBeEmpty()
              .status(Status.DEGRADED, null, "few or no rows since the botnets were taken down")
              .at("https://feodotracker.abuse.ch/downloads/ipblocklist.csv", FEODO_CSV),
          entry("abusech-sslbl", "SSLBL", ABUSE_CH, "https://sslbl.abuse.ch/")
              .lists("Certificates of botnet command and control servers", X509_CERTIFICATE)
              .means(C2, HIGH, "exact fingerprints, each seen with malware")
              .snapshot(null, ofHours(1))
              .marker("SSL Certificate Blacklist")
              .counted()
              .at("https://sslbl.abuse.ch/blacklist/sslblacklist.csv", SSLBL_CSV),
          entry(
                  "emergingthreats-block-ips",
                  "Block IPs",
                  PROOFPOINT,
                  "https://rules.emergingthreats.net/")
              .lists("Firewall list made of Spamhaus DROP, DShield and Feodo", IPV4_ADDR)
              .means(REPUTATION, MEDIUM, "lists of others, copied once a day")
              .snapshot(ofDays(14), ofHours(24))
              .marker("Emerging Threats")
              .at("https://rules.emergingthreats.net/fwrules/emerging-Block-IPs.txt", BLOCK_IPS),
          entry("eset-malware-ioc", "malware-ioc", ESET, "https://github.com/eset/malware-ioc")
              .lists("Hashes of malware from ESET's research, by campaign", FILE)
              .means(MALWARE_DISTRIBUTION, HIGH, "exact hashes of analysed samples")
              .snapshot(null, ofHours(24))
              .members("/samples.md5", "/samples.sha1", "/samples.sha256")
              .at(
                  "https://codeload.github.com/eset/malware-ioc/zip/refs/heads/master",
                  ESET_HASHES),
          entry("abuseipdb-blacklist", "AbuseIPDB", ABUSEIPDB_COM, "https://www.abuseipdb.com/")
              .lists("Addresses most reported for attacks", IPV4_ADDR, IPV6_ADDR)
              .means(SCANNER, MEDIUM, "reports of many; each record has a score of its own")
              .window(ofDays(7), ofHours(6))
              .tlp(Tlp.AMBER_STRICT)
              .marker("\"data\"")
              .header("Accept", "application/json")
              .secretHeader("Key")
              .auth(Auth.KEY, ABUSEIPDB_KEY)
              .at(
                  "https://api.abuseipdb.com/api/v2/blacklist?confidenceMinimum=100",
                  ABUSEIPDB_JSON),
          drop("v4", "DROP", "IPv4 networks run by criminals", IPV4_ADDR),
          drop("v6", "DROPv6", "IPv6 networks run by criminals", IPV6_ADDR),
          spamhaus("spamhaus-asndrop", "ASN-DROP")
              .lists("Autonomous systems run by criminals", AUTONOMOUS_SYSTEM)
              .means(REPUTATION, HIGH, "as DROP")
              .marker("\"asn\"")
              .counted()
              .at("https://www.spamhaus.org/drop/asndrop.json", ASNDROP_JSON),
          dropText("drop", "IPv4 networks run by criminals, as text", IPV4_ADDR),
          dropText("dropv6", "IPv6 networks run by criminals, as text", IPV6_ADDR),
          spamhaus("spamhaus-edrop", "EDROP")
              .lists("IPv4 networks run by criminals, sub-allocated", IPV4_ADDR)
              .means(REPUTATION, HIGH, "as DROP")
              .marker("EDROP")
              .mayBeEmpty()
              .status(Status.RETIRED, LocalDate.of(2024, 4, 10), "merged into spamhaus-drop-v4")
              .at("https://www.spamhaus.org/drop/edrop.txt", DROP_TXT),
          botvrij("filename", "Names of files that malware drops", FILE)
              .means(MALWARE_DISTRIBUTION, LOW, "a name alone says little")
              .at(BOTVRIJ_LISTS + "filename.raw", plain(Kind.FILE_NAME)),
          botvrij("domain", "Domains from published reports", DOMAIN_NAME)
              .means(MALWARE_DISTRIBUTION, MEDIUM, "from published reports, up to six months old")
              .at(BOTVRIJ_LISTS + "domain.raw", plain(Kind.DOMAIN)),
          botvrij("ip-dst", "Addresses from published reports", IPV4_ADDR)
              .means(MALWARE_DISTRIBUTION, MEDIUM, "from published reports, up to six months old")
              .at(BOTVRIJ_LISTS + "ip-dst.raw", plain(Kind.IP)),
          botvrij("url", "URLs from published reports", URL)
              .means(MALWARE_DISTRIBUTION, MEDIUM, "from published reports, up to six months old")
              .at(BOTVRIJ_LISTS + "url.raw", plain(Kind.URL)),
          botvrij("hostname", "Host names from published reports", DOMAIN_NAME)
              .means(MALWARE_DISTRIBUTION, MEDIUM, "from published reports, up to six months old")
              .at(BOTVRIJ_LISTS + "hostname.raw", plain(Kind.DOMAIN)),
          botvrij("ip-src", "Addresses that attacked, from published reports", IPV4_ADDR)
              .means(SCANNER, MEDIUM, "from published reports, up to six months old")
              .at(BOTVRIJ_LISTS + "ip-src.raw", plain(Kind.IP)),
          botvrij("md5", "MD5s of malware from published reports", FILE)
              .means(MALWARE_DISTRIBUTION, HIGH, "exact hashes from published reports")
              .at(BOTVRIJ_LISTS + "md5.raw", plain(Kind.MD5)),
          botvrij("sha1", "SHA-1s of malware from published reports", FILE)
              .means(MALWARE_DISTRIBUTION, HIGH, "exact hashes from published reports")
              .at(BOTVRIJ_LISTS + "sha1.raw", plain(Kind.SHA1)),
          botvrij("sha256", "SHA-256s of malware from published reports", FILE)
              .means(MALWARE_DISTRIBUTION, HIGH, "exact hashes from published reports")
              .at(BOTVRIJ_LISTS + "sha256.raw", plain(Kind.SHA256)),
          botvrij("email-src", "Senders of malicious mail from published reports", EMAIL_ADDR)
              .means(PHISHING, MEDIUM, "from published reports; senders are forged")
              .at(BOTVRIJ_LISTS + "email-src.raw", plain(Kind.EMAIL)));

  static final List<Entry> ENTRIES =
      Stream.of(
              FIRST,
              AbuseChLists.ENTRIES,
              AttackLists.ENTRIES,
              PhishingLists.ENTRIES,
              MalwareLists.ENTRIES)
          .flatMap(List::stream)
          .toList();

  private Catalogue() {}

  private static Terms terms(
      String summary,
      String reference,
      boolean commercial,
      boolean passOn,
      @Nullable String credit) {
    return new Terms(summary, URI.create(reference), commercial, passOn, credit);
  }

  private static Entry entry(String id, String name, Publisher publisher, String reference) {
    return new Entry(id, name, publisher, reference);
  }

  private static Entry drop(
      String version, String name, String description, CyberObservable.Type type) {
    return spamhaus("spamhaus-drop-" + version, name)
        .lists(description, type)
        .means(REPUTATION, HIGH, "whole networks without legitimate use, listed by hand")
        .marker("\"cidr\"")
        .counted()
        .at("https://www.spamhaus.org/drop/drop_" + version + ".json", DROP_JSON);
  }

  private static Entry dropText(String file, String description, CyberObservable.Type type) {
    return spamhaus("spamhaus-" + file + "-text", file + ".txt")
        .lists(description, type)
        .means(REPUTATION, HIGH, "as DROP")
        .marker("/")
        .status(Status.DEGRADED, null, "to be retired; use the list in JSON")
        .at("https://www.spamhaus.org/drop/" + file + ".txt", DROP_TXT);
  }

  private static Entry spamhaus(String id, String name) {
    return entry(id, name, SPAMHAUS, "https://www.spamhaus.org/blocklists/do-not-route-or-peer/")
        .snapshot(ofDays(30), ofHours(12));
  }

  private static Entry botvrij(String list, String description, CyberObservable.Type type) {
    return entry("botvrij-" + list, "Botvrij.eu " + list, BOTVRIJ, "https://www.botvrij.eu/")
        .lists(description, type)
        .snapshot(ofDays(180), ofHours(24))
        .mayBeEmpty()
        .status(Status.DEGRADED, null, "little new data");
  }

  private static FeedParser plain(Kind kind) {
    return Lines.of(Mapping.of(kind, "value"));
  }

  private static Indicator.Builder sslbl(Fields r) {
    Indicator.Builder certificate =
        r.indicator(CyberObservable.x509Certificate(r.require("SHA1")))
            .firstSeen(r.time("Listingdate"))
            .description(r.text("Listingreason"));
    String reason = r.text("Listingreason");
    for (String kind : SSLBL_KINDS) {
      if (reason != null && reason.endsWith(" " + kind)) {
        String family = reason.substring(0, reason.length() - kind.length());
        return certificate.software(family).tag(kind);
      }
    }
    return certificate;
  }

  /** Tags with the directories between the archive's own and the file. */
  private static Indicator.Builder eset(Line line) {
    String name = line.bodyName();
    int start = name.indexOf('/') + 1;
    int end = name.lastIndexOf('/');
    return line.indicator(CyberObservable.file(line.value()))
        .tag(start < end ? name.substring(start, end) : null);
  }
}
