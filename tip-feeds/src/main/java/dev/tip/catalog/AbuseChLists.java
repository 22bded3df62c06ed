// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import static dev.tip.Confidence.HIGH;
import static dev.tip.Confidence.LOW;
import static dev.tip.Confidence.MEDIUM;
import static dev.tip.CyberObservable.Type.DOMAIN_NAME;
import static dev.tip.CyberObservable.Type.FILE;
import static dev.tip.CyberObservable.Type.IPV4_ADDR;
import static dev.tip.CyberObservable.Type.IPV6_ADDR;
import static dev.tip.CyberObservable.Type.SOFTWARE;
import static dev.tip.CyberObservable.Type.URL;
import static dev.tip.HashAlgorithm.IMPHASH;
import static dev.tip.HashAlgorithm.MD5;
import static dev.tip.HashAlgorithm.SHA1;
import static dev.tip.HashAlgorithm.SSDEEP;
import static dev.tip.HashAlgorithm.TLSH;
import static dev.tip.feed.FeedInfo.Role.C2;
import static dev.tip.feed.FeedInfo.Role.MALWARE_DISTRIBUTION;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;

import dev.tip.CyberObservable;
import dev.tip.feed.FeedInfo.Auth;
import dev.tip.feed.FeedInfo.Status;
import dev.tip.feed.FeedParser;
import dev.tip.format.Delimited;
import dev.tip.format.Delimited.Header;
import dev.tip.format.JsonRecords;
import dev.tip.format.Lines;
import dev.tip.format.Mapping;
import dev.tip.format.Mapping.Kind;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The lists of abuse.ch, in the forms that it offers beside those of {@link Catalogue}. */
final class AbuseChLists {
  private static final String URLHAUS = "https://urlhaus.abuse.ch/downloads/";
  private static final String BAZAAR = "https://bazaar.abuse.ch/export/";
  private static final String THREATFOX = "https://threatfox.abuse.ch/export/";
  private static final String THREATFOX_KEYED =
      "https://threatfox-api.abuse.ch/v2/files/exports/{secret}/";
  private static final String ADDED = "Servers, URLs and files of malware, added of late";
  private static final String FEODO = "https://feodotracker.abuse.ch/downloads/ipblocklist";

  private static final Map<String, Kind> IOC_TYPES =
      Map.of(
          "ip:port", Kind.IP_PORT,
          "domain", Kind.HOST,
          "url", Kind.URL,
          "md5_hash", Kind.MD5,
          "sha1_hash", Kind.SHA1,
          "sha256_hash", Kind.SHA256);

  private static final FeedParser URLHAUS_JSON =
      JsonRecords.keyed("id")
          .build(
              Mapping.of(Kind.URL, "url")
                  .firstSeen("dateadded")
                  .lastSeen("last_online")
                  .description("threat")
                  .tags("tags")
                  .reference("urlhaus_link")
                  .provider("reporter")
                  .externalId("id"));

  private static final FeedParser URLHAUS_API =
      answer(JsonRecords.array("urls"))
          .build(
              Mapping.of(Kind.URL, "url")
                  .firstSeen("date_added")
                  .description("threat")
                  .tags("tags")
                  .reference("urlhaus_reference")
                  .provider("reporter")
                  .externalId("id"));

  private static final FeedParser PAYLOADS_CSV =
      Delimited.columns("firstseen", "url", "filetype", "md5", "sha256", "signature")
          .header(Header.COMMENT)
          .missing("None")
          .build(
              Mapping.of(Kind.SHA256, "sha256")
                  .hash(MD5, "md5")
                  .firstSeen("firstseen")
                  .software("signature")
                  .tag("filetype"));

  private static final FeedParser PAYLOADS_API =
      answer(JsonRecords.array("payloads"))
          .build(
              Mapping.of(Kind.SHA256, "sha256_hash")
                  .hash(MD5, "md5_hash")
                  .hash(IMPHASH, "imphash")
                  .hash(SSDEEP, "ssdeep")
                  .hash(TLSH, "tlsh")
                  .fileSize("file_size")
                  .firstSeen("firstseen")
                  .software("signature")
                  .tag("file_type"));

  private static final FeedParser BAZAAR_API =
      answer(JsonRecords.array("data"))
          .build(
              Mapping.of(Kind.SHA256, "sha256_hash")
                  .hash(MD5, "md5_hash")
                  .hash(SHA1, "sha1_hash")
                  .hash(IMPHASH, "imphash")
                  .hash(SSDEEP, "ssdeep")
                  .hash(TLSH, "tlsh")
                  .fileName("file_name")
                  .fileSize("file_size")
                  .mimeType("file_type_mime")
                  .firstSeen("first_seen")
                  .lastSeen("last_seen")
                  .provider("reporter")
                  .software("signature")
                  .tag("file_type")
                  .tags("tags"));

  private static final Mapping IOC =
      Mapping.byType("ioc_value", "ioc_type", IOC_TYPES)
          .firstSeen("first_seen_utc")
          .lastSeen("last_seen_utc")
          .score("confidence_level")
          .description("threat_type")
          .software("malware_printable")
          .reference("reference")
          .tags("tags")
          .provider("reporter")
          .externalId("ioc_id");

  /** There are tables with and without is_compromised, of the same month. */
  private static final FeedParser THREATFOX_CSV =
      Delimited.columns(
              "first_seen_utc",
              "ioc_id",
              "ioc_value",
              "ioc_type",
              "threat_type",
              "fk_malware",
              "malware_alias",
              "malware_printable",
              "last_seen_utc",
              "confidence_level",
              "is_compromised",
              "reference",
              "tags",
              "anonymous",
              "reporter")
          .orColumns(
              "first_seen_utc",
              "ioc_id",
              "ioc_value",
              "ioc_type",
              "threat_type",
              "fk_malware",
              "malware_alias",
              "malware_printable",
              "last_seen_utc",
              "confidence_level",
              "reference",
              "tags",
              "anonymous",
              "reporter")
          .header(Header.COMMENT)
          .blanksAroundQuotes()
          .missing("None")
          .missing("Unknown malware")
          .missing("False")
          .build(IOC.tag("=is_compromised:{is_compromised}"));

  private static final FeedParser THREATFOX_JSON =
      JsonRecords.keyed("ioc_id")
          .missing("Unknown malware")
          .missing("false")
          .build(IOC.tag("=is_compromised:{is_compromised}"));

  private static final FeedParser THREATFOX_API =
      answer(JsonRecords.array("data"))
          .missing("Unknown malware")
          .build(
              Mapping.byType("ioc", "ioc_type", IOC_TYPES)
                  .firstSeen("first_seen")
                  .lastSeen("last_seen")
                  .score("confidence_level")
                  .description("threat_type")
                  .software("malware_printable")
                  .reference("reference")
                  .tags("tags")
                  .provider("reporter")
                  .externalId("id"));

  private static final FeedParser FEODO_JSON =
      JsonRecords.array("")
          .build(
              Mapping.of(Kind.IP, "ip_address")
                  .port("port")
                  .country("country")
                  .firstSeen("first_seen")
                  .lastSeen("last_online")
                  .software("malware"));

  private static final FeedParser JA3_CSV =
      Delimited.columns("ja3_md5", "Firstseen", "Lastseen", "Listingreason")
          .header(Header.COMMENT)
          .unquoted()
          .foldInto("Listingreason")
          .build(
              Mapping.of(Kind.JA3, "ja3_md5")
                  .firstSeen("Firstseen")
                  .lastSeen("Lastseen")
                  .software("Listingreason"));

  private static final FeedParser ADDRESSES = Lines.of(Mapping.of(Kind.IP, "value"));
  private static final FeedParser HOSTS =
      Lines.builder().syntax(Lines.Syntax.HOSTS).build(Mapping.of(Kind.HOST, "value"));

  static final List<Entry> ENTRIES =
      List.of(
          urlhaus("online", "csv_online", "URLs that spread malware now", URL)
              .snapshot(ofDays(7), ofMinutes(30))
              .counted()
              .keyedLocation("https://urlhaus-api.abuse.ch/v2/files/exports/{secret}/online.csv")
              .auth(Auth.OPTIONAL_KEY, Catalogue.ABUSECH_KEY)
              .at(URLHAUS + "csv_online/", Catalogue.URLHAUS_CSV),
          urlhaus("full", "csv", "URLs that spread malware, of 90 days", URL)
              .counted()
              .at(URLHAUS + "csv/", Catalogue.URLHAUS_CSV),
          urlhaus("text", "text", "URLs that spread malware", URL)
              .marker("://")
              .at(URLHAUS + "text/", Lines.of(Mapping.of(Kind.URL, "value"))),
          urlhaus("hosts", "hostfile", "Hosts of URLs that spread malware", DOMAIN_NAME, IPV4_ADDR)
              .means(MALWARE_DISTRIBUTION, LOW, "hosts are shared, or were broken into")
              .at(URLHAUS + "hostfile/", HOSTS),
          urlhaus("json", "json_recent", "URLs that spread malware, of 30 days", URL)
              .marker("urlhaus_link")
              .at(URLHAUS + "json_recent/", URLHAUS_JSON),
          urlhaus("payloads", "payloads", "Malware that such URLs gave", FILE)
              .at(URLHAUS + "payloads/", PAYLOADS_CSV),
          api("urlhaus-api", "URLhaus API, URLs", "URLs that spread malware, of three days", URL)
              .at("https://urlhaus-api.abuse.ch/v1/urls/recent/", URLHAUS_API),
          api("urlhaus-api-payloads", "URLhaus API, payloads", "Malware that such URLs gave", FILE)
              .at("https://urlhaus-api.abuse.ch/v1/payloads/recent/", PAYLOADS_API),
          bazaar("full", "csv/full", "Malware samples of all time")
              .snapshot(null, ofHours(24))
              .counted()
              .at(BAZAAR + "csv/full/", Catalogue.MALWAREBAZAAR_CSV),
          hashes("md5", "recent", Kind.MD5),
          hashes("md5", "full", Kind.MD5),
          hashes("sha1", "recent", Kind.SHA1),
          hashes("sha1", "full", Kind.SHA1),
          hashes("sha256", "recent", Kind.SHA256),
          hashes("sha256", "full", Kind.SHA256),
          api("malwarebazaar-api", "MalwareBazaar API", "Malware samples of an hour", FILE)
              .window(ofDays(90), ofMinutes(30))
              .post("application/x-www-form-urlencoded", "query=get_recent&selector=time")
              .at("https://mb-api.abuse.ch/api/v1/", BAZAAR_API),
          threatFox("", "csv/recent", ADDED, URL, DOMAIN_NAME, IPV4_ADDR, IPV6_ADDR, FILE)
              .counted()
              .keyedLocation(THREATFOX_KEYED + "recent.csv")
              .auth(Auth.OPTIONAL_KEY, Catalogue.ABUSECH_KEY)
              .at(THREATFOX + "csv/recent/", THREATFOX_CSV),
          threatFox(
                  "-full",
                  "csv/full",
                  "Servers, URLs and files of malware that have not expired",
                  URL,
                  DOMAIN_NAME,
                  IPV4_ADDR,
                  IPV6_ADDR,
                  FILE)
              .snapshot(ofDays(180), ofHours(24))
              .counted()
              .keyedLocation(THREATFOX_KEYED + "full.csv.zip")
              .auth(Auth.OPTIONAL_KEY, Catalogue.ABUSECH_KEY)
              .at(THREATFOX + "csv/full/", THREATFOX_CSV),
          threatFox("-json", "json/recent", ADDED, URL, DOMAIN_NAME, IPV4_ADDR, IPV6_ADDR, FILE)
              .marker("\"ioc_value\"")
              .at(THREATFOX + "json/recent/", THREATFOX_JSON),
          threatFox("urls", URL),
          threatFox("domains", DOMAIN_NAME),
          threatFox("ip-port", IPV4_ADDR, IPV6_ADDR),
          threatFox("md5", FILE),
          threatFox("sha1", FILE),
          threatFox("sha256", FILE),
          threatFox("-hosts", "hostfile", "Domains of malware", DOMAIN_NAME, IPV4_ADDR)
              .at("https://threatfox.abuse.ch/downloads/hostfile/", HOSTS),
          api("threatfox-api", "ThreatFox API", ADDED, URL, DOMAIN_NAME, IPV4_ADDR, IPV6_ADDR, FILE)
              .means(C2, HIGH, "each record has a score of its own")
              .post("application/json", "{\"query\":\"get_iocs\",\"days\":3}")
              .at("https://threatfox-api.abuse.ch/api/v1/", THREATFOX_API),
          feodo("-json", "in JSON, with countries").at(FEODO + ".json", FEODO_JSON),
          feodo("-text", "without dates").marker("Feodo").counted().at(FEODO + ".txt", ADDRESSES),
          feodo("-recommended", "that are up")
              .marker("Feodo")
              .counted()
              .at(FEODO + "_recommended.txt", ADDRESSES),
          new Entry("abusech-sslbl-ja3", "SSLBL JA3", Catalogue.ABUSE_CH, "https://sslbl.abuse.ch/")
              .lists("JA3 fingerprints of malware", SOFTWARE)
              .means(C2, LOW, "benign programs have some of them too, says the publisher")
              .snapshot(null, ofHours(24))
              .marker("JA3")
              .status(Status.DEGRADED, LocalDate.of(2021, 8, 1), "nothing new since then")
              .at("https://sslbl.abuse.ch/blacklist/ja3_fingerprints.csv", JA3_CSV),
          new Entry(
                  "abusech-sslbl-ips",
                  "SSLBL botnet C2 IPs",
                  Catalogue.ABUSE_CH,
                  "https://sslbl.abuse.ch/")
              .lists("Addresses of servers with such certificates", IPV4_ADDR)
              .means(C2, HIGH, "as SSLBL")
              .snapshot(ofDays(30), ofHours(24))
              .status(Status.RETIRED, LocalDate.of(2025, 1, 3), "given up; see abusech-sslbl")
              .at("https://sslbl.abuse.ch/blacklist/sslipblacklist.csv", ADDRESSES));

  private AbuseChLists() {}

  /** All interfaces say in the same way how they end. */
  private static JsonRecords.Builder answer(JsonRecords.Builder records) {
    return records.answer(
        "query_status",
        List.of("no_result", "no_results"),
        List.of("unknown_auth_key", "unauthorized", "user_blacklisted"));
  }

  private static Entry urlhaus(
      String id,
      String path,
      String what,
      CyberObservable.Type type,
      CyberObservable.Type... more) {
    return new Entry(
            "abusech-urlhaus-" + id,
            "URLhaus " + path,
            Catalogue.ABUSE_CH,
            "https://urlhaus.abuse.ch/")
        .lists(what, type, more)
        .means(MALWARE_DISTRIBUTION, HIGH, "the publisher probes what is reported")
        .window(ofDays(30), ofHours(1))
        .marker("URLhaus");
  }

  private static Entry bazaar(String id, String path, String what) {
    return new Entry(
            "abusech-malwarebazaar-" + id,
            "MalwareBazaar " + path,
            Catalogue.ABUSE_CH,
            "https://bazaar.abuse.ch/")
        .lists(what, FILE)
        .means(MALWARE_DISTRIBUTION, HIGH, "exact hashes of samples that were vetted")
        .marker("MalwareBazaar")
        .secretHeader("Auth-Key")
        .auth(Auth.OPTIONAL_KEY, Catalogue.ABUSECH_KEY);
  }

  private static Entry hashes(String algorithm, String span, Kind kind) {
    boolean full = span.equals("full");
    String name = algorithm.toUpperCase(Locale.ROOT).replace("SHA", "SHA-");
    Entry entry =
        bazaar(
            algorithm + (full ? "-full" : ""),
            "txt/" + algorithm + "/" + span,
            name + "s of malware samples " + (full ? "of all time" : "of the last two days"));
    return (full ? entry.snapshot(null, ofHours(24)) : entry.window(ofDays(90), ofHours(1)))
        .at(
            BAZAAR + "txt/" + algorithm + "/" + span + "/",
            // They have stated one hash less than they had.
            Lines.builder().uncounted().build(Mapping.of(kind, "value")));
  }

  private static Entry threatFox(
      String id,
      String path,
      String what,
      CyberObservable.Type type,
      CyberObservable.Type... more) {
    return new Entry(
            "abusech-threatfox" + id,
            "ThreatFox " + path,
            Catalogue.ABUSE_CH,
            "https://threatfox.abuse.ch/")
        .lists(what, type, more)
        .means(C2, MEDIUM, "records without a score of their own")
        .window(ofDays(90), ofHours(1))
        .marker("ThreatFox");
  }

  private static Entry threatFox(
      String list, CyberObservable.Type type, CyberObservable.Type... more) {
    String what = "Servers, URLs and files of malware that have not expired: " + list;
    return threatFox("-" + list, "csv/" + list + "/full", what, type, more)
        .snapshot(ofDays(180), ofHours(24))
        .counted()
        .at(THREATFOX + "csv/" + list + "/full/", THREATFOX_CSV);
  }

  private static Entry feodo(String id, String which) {
    return new Entry(
            "abusech-feodotracker" + id,
            "Feodo Tracker " + id.substring(1),
            Catalogue.FEODO,
            "https://feodotracker.abuse.ch/")
        .lists("Botnet command and control servers, " + which, IPV4_ADDR, IPV6_ADDR)
        .means(C2, HIGH, "each server answered the botnet's own protocol")
        .snapshot(ofDays(30), ofHours(1))
        .mayBeEmpty()
        .status(Status.DEGRADED, null, "few or no rows since the botnets were taken down");
  }

  private static Entry api(
      String id,
      String name,
      String what,
      CyberObservable.Type type,
      CyberObservable.Type... more) {
    return new Entry("abusech-" + id, name, Catalogue.ABUSE_CH, "https://auth.abuse.ch/")
        .lists(what, type, more)
        .means(MALWARE_DISTRIBUTION, HIGH, "as the list of the same platform")
        .window(ofDays(30), ofHours(1))
        .marker("query_status")
        .mayBeEmpty()
        .secretHeader("Auth-Key")
        .auth(Auth.KEY, Catalogue.ABUSECH_KEY);
  }
}
