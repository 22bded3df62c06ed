// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import static dev.tip.Confidence.LOW;
import static dev.tip.Confidence.MEDIUM;
import static dev.tip.CyberObservable.Type.IPV4_ADDR;
import static dev.tip.CyberObservable.Type.IPV6_ADDR;
import static dev.tip.feed.FeedInfo.Role.ANONYMISER;
import static dev.tip.feed.FeedInfo.Role.REPUTATION;
import static dev.tip.feed.FeedInfo.Role.SCANNER;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;

import dev.tip.catalog.Entry.Publisher;
import dev.tip.feed.FeedInfo.Status;
import dev.tip.feed.FeedParser;
import dev.tip.format.Delimited;
import dev.tip.format.Lines;
import dev.tip.format.Mapping;
import dev.tip.format.Mapping.Kind;
import java.util.List;

/** Lists of addresses that attack, scan or hide. */
final class AttackLists {
  private static final Publisher BLOCKLIST_DE =
      unstated("blocklist.de", "https://www.blocklist.de/en/export.html");
  private static final Publisher CINS =
      new Publisher(
          "Sentinel IPS",
          "may be parsed and used in any way",
          "https://cinsscore.com/",
          true,
          true);
  private static final Publisher TOR =
      unstated("Tor Project", "https://check.torproject.org/torbulkexitlist");
  private static final Publisher GREENSNOW =
      new Publisher(
          "GreenSnow", "republication strictly prohibited", "https://greensnow.co/", false, false);
  private static final Publisher BINARY_DEFENSE =
      new Publisher(
          "Binary Defense",
          "for public use only; no commercial resale",
          "https://www.binarydefense.com/banlist.txt",
          false,
          false);
  private static final Publisher IPSUM =
      new Publisher("stamparm", "Unlicense", "https://github.com/stamparm/ipsum", true, true);
  private static final Publisher FIREHOL =
      new Publisher(
          "FireHOL",
          "the terms of each list that it is made of",
          "https://iplists.firehol.org/",
          false,
          false);
  private static final Publisher DSHIELD =
      new Publisher(
              "SANS Internet Storm Center",
              "CC BY-NC-SA 2.5",
              "https://isc.sans.edu/block.txt",
              false,
              true)
          .credit("(c) SANS Internet Storm Center, DShield.org, CC BY-NC-SA 2.5");
  private static final Publisher LEVELBLUE =
      new Publisher(
          "LevelBlue",
          "not for commercial use; no redistribution",
          "https://otx.alienvault.com/legal",
          false,
          false);

  private static final FeedParser ADDRESSES = Lines.of(Mapping.of(Kind.IP, "value"));

  private static final FeedParser IPSUM_TSV =
      Delimited.columns("address", "lists")
          .separator('\t')
          .unquoted()
          .build(Mapping.of(Kind.IP, "address").score("lists", 3, 5).sightings("lists"));

  /** The names of the columns stand in a row of their own, or nowhere. */
  private static final FeedParser DSHIELD_TSV =
      Delimited.columns("start", "end", "length", "targets", "name", "country", "contact")
          .separator('\t')
          .unquoted()
          .comments("#", "Start\t")
          .optionalFrom("name")
          .missing("-")
          .build(
              Mapping.of(Kind.IP, "={start}/{length}")
                  .description("name")
                  .country("country")
                  .sightings("targets"));

  private static final FeedParser EXIT_ADDRESSES =
      Delimited.columns("keyword", "value", "date", "time")
          .separator(' ')
          .unquoted()
          .optionalFrom("date")
          .build(
              Mapping.of(Kind.IP, "value")
                  .only("keyword", "ExitAddress")
                  .lastSeen("={date} {time}"));

  private static final FeedParser REPUTATION_GENERIC =
      Lines.builder()
          .trailingComment('#')
          .build(Mapping.of(Kind.IP, "value").description("comment"));

  static final List<Entry> ENTRIES =
      List.of(
          new Entry(
                  "emergingthreats-compromised",
                  "Compromised IPs",
                  Catalogue.PROOFPOINT,
                  "https://rules.emergingthreats.net/")
              .lists("Hosts that attack because somebody broke into them", IPV4_ADDR)
              .means(SCANNER, MEDIUM, "seen by sensors; when, is not said")
              .snapshot(ofDays(7), ofHours(24))
              .at("https://rules.emergingthreats.net/blockrules/compromised-ips.txt", ADDRESSES),
          blocklistDe("all", "that attacked any service"),
          blocklistDe("ssh", "that attacked SSH"),
          blocklistDe("mail", "that attacked mail servers"),
          blocklistDe("apache", "that attacked web servers"),
          blocklistDe("imap", "that attacked IMAP, POP3 or SASL"),
          blocklistDe("ftp", "that attacked FTP"),
          blocklistDe("sip", "that attacked telephony"),
          blocklistDe("bots", "of bots that spam or attack the web"),
          blocklistDe("bruteforcelogin", "that try passwords on web sites"),
          blocklistDe("strongips", "that have attacked for months, over 5000 times"),
          new Entry("cins-army", "CINS Army", CINS, "https://cinsscore.com/")
              .lists("Addresses with the worst record at Sentinel's sensors", IPV4_ADDR)
              .means(SCANNER, MEDIUM, "always 15,000 rows, whatever their records are")
              .snapshot(ofDays(3), ofHours(12))
              .at("https://cinsscore.com/list/ci-badguys.txt", ADDRESSES),
          new Entry("dshield-block", "DShield block list", DSHIELD, "https://www.dshield.org/")
              .lists("The twenty networks that scanned most in three days", IPV4_ADDR)
              .means(SCANNER, MEDIUM, "whole /24 networks, of which some hosts scan")
              .snapshot(ofDays(7), ofHours(12))
              .marker("DShield.org Recommended Block List")
              .at("https://feeds.dshield.org/block.txt", DSHIELD_TSV),
          tor("exits", "Tor exits", "as a destination sees them")
              .at("https://check.torproject.org/torbulkexitlist", ADDRESSES),
          tor("exit-addresses", "Tor exit addresses", "and when each was seen last")
              .marker("ExitAddress")
              .at("https://check.torproject.org/exit-addresses", EXIT_ADDRESSES),
          new Entry("greensnow", "GreenSnow", GREENSNOW, "https://greensnow.co/")
              .lists("Addresses that attacked the publisher's servers", IPV4_ADDR)
              .means(SCANNER, MEDIUM, "seen by sensors; when, is not said")
              .snapshot(ofDays(7), ofHours(6))
              .at("https://blocklist.greensnow.co/greensnow.txt", ADDRESSES),
          new Entry(
                  "binarydefense-banlist",
                  "Binary Defense banlist",
                  BINARY_DEFENSE,
                  "https://www.binarydefense.com/")
              .lists("Addresses that attacked the publisher's honeypots", IPV4_ADDR)
              .means(SCANNER, MEDIUM, "seen by honeypots; when, is not said")
              .snapshot(ofDays(7), ofHours(24))
              .marker("ATIF feed")
              .at("https://www.binarydefense.com/banlist.txt", ADDRESSES),
          new Entry("ipsum", "IPsum", IPSUM, "https://github.com/stamparm/ipsum")
              .lists("Addresses with the number of public lists that have them", IPV4_ADDR)
              .means(REPUTATION, LOW, "three lists make it Medium, five High")
              .snapshot(ofDays(7), ofHours(24))
              .marker("IPsum")
              .at("https://raw.githubusercontent.com/stamparm/ipsum/master/ipsum.txt", IPSUM_TSV),
          firehol("level1", "that may be blocked by everybody, with private ranges")
              .means(REPUTATION, MEDIUM, "made of lists with few false positives"),
          firehol("level2", "that attacked in the last 48 hours")
              .means(SCANNER, MEDIUM, "made of several attack lists"),
          firehol("level3", "that attacked, spied or spread malware in the last 30 days")
              .means(SCANNER, LOW, "made of many lists, of up to 30 days"),
          firehol("webclient", "that no web client has reason to ask")
              .means(REPUTATION, MEDIUM, "made of malware and fraud lists"),
          new Entry(
                  "alienvault-reputation",
                  "OTX IP reputation",
                  LEVELBLUE,
                  "https://otx.alienvault.com/")
              .lists("Addresses of bad repute", IPV4_ADDR)
              .means(REPUTATION, LOW, "a list kept for old clients, of unknown age")
              .snapshot(ofDays(7), ofHours(24))
              .status(Status.DEGRADED, null, "kept for old clients")
              .at("https://reputation.alienvault.com/reputation.generic", REPUTATION_GENERIC));

  private AttackLists() {}

  /** A publisher who says nothing about terms; so nothing is assumed. */
  static Publisher unstated(String name, String reference) {
    return new Publisher(name, "not stated", reference, false, false);
  }

  private static Entry blocklistDe(String list, String which) {
    return new Entry(
            "blocklistde-" + list,
            "blocklist.de " + list,
            BLOCKLIST_DE,
            "https://www.blocklist.de/")
        .lists("Addresses " + which, IPV4_ADDR, IPV6_ADDR)
        .means(SCANNER, MEDIUM, "reported by the servers that were attacked")
        .snapshot(ofDays(3), ofHours(6))
        .at("https://lists.blocklist.de/lists/" + list + ".txt", ADDRESSES);
  }

  private static Entry tor(String list, String name, String more) {
    return new Entry("tor-" + list, name, TOR, "https://check.torproject.org/")
        .lists("Exits of the Tor network, " + more, IPV4_ADDR, IPV6_ADDR)
        .means(ANONYMISER, LOW, "says how somebody came, not that they are malicious")
        .snapshot(ofDays(2), ofHours(1));
  }

  private static Entry firehol(String list, String which) {
    return new Entry(
            "firehol-" + list,
            "FireHOL " + list,
            FIREHOL,
            "https://iplists.firehol.org/?ipset=firehol_" + list)
        .lists("Addresses and networks " + which, IPV4_ADDR)
        .snapshot(ofDays(7), ofHours(12))
        .marker("Entries")
        .counted()
        .at(
            "https://raw.githubusercontent.com/firehol/blocklist-ipsets/master/firehol_"
                + list
                + ".netset",
            ADDRESSES);
  }
}
