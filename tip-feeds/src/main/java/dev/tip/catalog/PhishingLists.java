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
import static dev.tip.CyberObservable.Type.URL;
import static dev.tip.feed.FeedInfo.Role.PHISHING;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;

import dev.tip.CyberObservable;
import dev.tip.catalog.Entry.Publisher;
import dev.tip.feed.FeedInfo.Auth;
import dev.tip.feed.FeedInfo.Status;
import dev.tip.feed.FeedParser;
import dev.tip.format.Delimited;
import dev.tip.format.Delimited.Header;
import dev.tip.format.JsonRecords;
import dev.tip.format.Lines;
import dev.tip.format.Mapping;
import dev.tip.format.Mapping.Kind;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Lists of phishing. */
final class PhishingLists {
  private static final Publisher OPENPHISH =
      new Publisher(
          "OpenPhish",
          "not for commercial use; no redistribution",
          "https://openphish.com/terms.html",
          false,
          false);
  private static final Publisher PHISHTANK =
      AttackLists.unstated("PhishTank", "https://phishtank.org/developer_info.php");
  private static final Publisher CERT_PL =
      new Publisher(
          "CERT Polska",
          "free to use; passing on is not spoken of",
          "https://cert.pl/en/warning-list/",
          true,
          false);
  private static final Publisher PHISHING_DATABASE =
      new Publisher(
              "Phishing.Database",
              "MIT",
              "https://github.com/Phishing-Database/Phishing.Database",
              true,
              true)
          .credit("Copyright (c) Phishing.Database contributors, MIT licence");
  private static final Publisher PHISHUNT =
      new Publisher("phishunt.io", "CC0", "https://phishunt.io/", true, true);
  private static final Publisher TWEETFEED =
      new Publisher("TweetFeed", "CC0", "https://github.com/0xDanielLopez/TweetFeed", true, true);

  private static final FeedParser URLS = Lines.of(Mapping.of(Kind.URL, "value"));
  private static final FeedParser HOSTS = Lines.of(Mapping.of(Kind.HOST, "value"));
  private static final FeedParser ADDRESSES = Lines.of(Mapping.of(Kind.IP, "value"));

  private static final Mapping PHISH =
      Mapping.of(Kind.URL, "url")
          .externalId("phish_id")
          .reference("phish_detail_url")
          .firstSeen("submission_time")
          .tag("target");

  private static final FeedParser PHISHTANK_CSV =
      Delimited.columns(
              "phish_id",
              "url",
              "phish_detail_url",
              "submission_time",
              "verified",
              "verification_time",
              "online",
              "target")
          .header(Header.FIRST_ROW)
          .foldInto("url")
          .build(PHISH);

  private static final FeedParser CERT_PL_JSON =
      JsonRecords.array("")
          .build(
              Mapping.of(Kind.HOST, "DomainAddress")
                  .externalId("RegisterPositionId")
                  .firstSeen("InsertDate")
                  .revokedIf("DeleteDate"));

  private static final FeedParser PHISHUNT_JSON =
      JsonRecords.array("").build(Mapping.of(Kind.URL, "url").tag("company"));

  /** A value with a comma stands in quotes or not, by the day. */
  private static final FeedParser TWEETFEED_CSV =
      Delimited.columns("date", "user", "type", "value", "tags", "link")
          .foldInto("value")
          .build(
              Mapping.byType(
                      "value",
                      "type",
                      Map.of(
                          "url", Kind.URL,
                          "domain", Kind.HOST,
                          "ip", Kind.IP,
                          "md5", Kind.MD5,
                          "sha1", Kind.SHA1,
                          "sha256", Kind.SHA256))
                  .firstSeen("date")
                  .provider("user")
                  .tags("tags", ' ')
                  .reference("link"));

  static final List<Entry> ENTRIES =
      List.of(
          new Entry("openphish", "OpenPhish community feed", OPENPHISH, "https://openphish.com/")
              .lists("URLs of phishing pages that are up", URL)
              .means(PHISHING, HIGH, "pages that the publisher has looked at")
              .snapshot(ofDays(7), ofHours(12))
              .marker("://")
              .at(
                  "https://raw.githubusercontent.com/openphish/public_feed/refs/heads/main/feed.txt",
                  URLS),
          phishTank("phishtank", "online-valid.csv")
              .marker("phish_id,url")
              .at("https://data.phishtank.com/data/online-valid.csv", PHISHTANK_CSV),
          phishTank("phishtank-json", "online-valid.json")
              .marker("\"phish_id\"")
              .at(
                  "https://data.phishtank.com/data/online-valid.json",
                  JsonRecords.array("").build(PHISH)),
          certPl("cert-pl", "json").marker("DomainAddress").at(at("json"), CERT_PL_JSON),
          certPl("cert-pl-text", "txt").at(at("txt"), HOSTS),
          phishingDatabase("domains-ACTIVE", "Domains that are up", DOMAIN_NAME, IPV4_ADDR)
              .at(phishingList("domains-ACTIVE"), HOSTS),
          phishingDatabase("links-ACTIVE", "URLs that are up", URL)
              .marker("://")
              .at(phishingList("links-ACTIVE"), URLS),
          phishingDatabase("IPs-ACTIVE", "Addresses that are up", IPV4_ADDR, IPV6_ADDR)
              .at(phishingList("IPs-ACTIVE"), ADDRESSES),
          phishingDatabase("domains-NEW-today", "Domains new today", DOMAIN_NAME, IPV4_ADDR)
              .window(ofDays(30), ofHours(1))
              .mayBeEmpty()
              .at(phishingList("domains-NEW-today"), HOSTS),
          phishingDatabase("links-NEW-today", "URLs new today", URL)
              .window(ofDays(30), ofHours(1))
              .mayBeEmpty()
              .at(phishingList("links-NEW-today"), URLS),
          phishunt("phishunt", "json")
              .marker("\"url\"")
              .at("https://phishunt.io/feed.json", PHISHUNT_JSON),
          phishunt("phishunt-text", "text").marker("://").at("https://phishunt.io/feed.txt", URLS),
          tweetFeed("today", 1).mayBeEmpty().at(tweets("today"), TWEETFEED_CSV),
          tweetFeed("week", 6).at(tweets("week"), TWEETFEED_CSV),
          tweetFeed("month", 24).at(tweets("month"), TWEETFEED_CSV));

  private PhishingLists() {}

  private static Entry phishTank(String id, String file) {
    return new Entry(id, "PhishTank " + file, PHISHTANK, "https://phishtank.org/")
        .lists("URLs of phishing pages that people have confirmed and that are up", URL)
        .means(PHISHING, HIGH, "confirmed by votes of several people")
        .snapshot(ofDays(7), ofHours(24))
        .keyedLocation("https://data.phishtank.com/data/{secret}/" + file)
        .auth(Auth.OPTIONAL_KEY, "PHISHTANK_APP_KEY")
        .status(Status.DEGRADED, null, "does not answer everybody; gives no new keys");
  }

  private static Entry certPl(String id, String format) {
    return new Entry(
            id, "CERT.PL warning list, " + format, CERT_PL, "https://cert.pl/en/warning-list/")
        .lists("Domains of phishing and fraud of the last six months", DOMAIN_NAME, IPV4_ADDR)
        .means(PHISHING, HIGH, "each name was checked by a person")
        .snapshot(ofDays(30), ofHours(1));
  }

  private static String at(String format) {
    return "https://hole.cert.pl/domains/v2/domains." + format;
  }

  private static Entry phishingDatabase(
      String list, String which, CyberObservable.Type type, CyberObservable.Type... more) {
    return new Entry(
            "phishing-database-" + list.toLowerCase(Locale.ROOT),
            "Phishing.Database " + list,
            PHISHING_DATABASE,
            "https://github.com/Phishing-Database/Phishing.Database")
        .lists(which + ", from many lists of phishing", type, more)
        .means(PHISHING, MEDIUM, "collected by program and tested for being up")
        .snapshot(ofDays(7), ofHours(24));
  }

  private static String phishingList(String list) {
    return "https://raw.githubusercontent.com/Phishing-Database/Phishing.Database/master/phishing-"
        + list
        + ".txt";
  }

  private static Entry phishunt(String id, String form) {
    return new Entry(id, "phishunt, " + form, PHISHUNT, "https://phishunt.io/")
        .lists("URLs of suspicious pages that are up", URL)
        .means(PHISHING, MEDIUM, "found by program, not confirmed")
        .snapshot(ofDays(7), ofHours(6));
  }

  private static Entry tweetFeed(String list, int hours) {
    return new Entry("tweetfeed-" + list, "TweetFeed " + list, TWEETFEED, "https://tweetfeed.live/")
        .lists("What researchers post, mostly phishing", URL, DOMAIN_NAME, IPV4_ADDR, FILE)
        .means(PHISHING, LOW, "posts of anybody, which the publisher asks not to block unseen")
        .window(ofDays(30), ofHours(hours));
  }

  private static String tweets(String list) {
    return "https://raw.githubusercontent.com/0xDanielLopez/TweetFeed/master/" + list + ".csv";
  }
}
