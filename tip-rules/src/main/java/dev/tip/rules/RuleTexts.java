// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

/** The prose of the shipped rules, Markdown. */
final class RuleTexts {
  private static final String WHICH_LIST =
      """
      ## Triage and analysis

      ### Which list, and what does it say

      - `threat.enrichments.feed.name` names the list, `threat.enrichments.indicator.reference` its page about
        this entry where there is one, `threat.enrichments.indicator.first_seen` when it was first seen.
      - `threat.enrichments.matched.field` and `threat.enrichments.matched.atomic` say what matched.
      - Several lists with the same entry weigh more than one. An entry that was removed since then shows as
        `tip.status: withdrawn` in the index of the indicators.
      """;

  private static final String FILE =
      """

      ### What happened on the host

      - Which process wrote or ran the file, as which user, and where did that process come from? Look at the
        events of the same host in the minutes before.
      - Search all hosts for the hash, and for the path: the first host that had it is where to start.
      - A hash cannot collide by chance. A benign file with this hash means a wrong entry in the list; ask its
        publisher to remove it and add a rule exception until then.

      ### What to do

      - Isolate the host if the file ran. Keep a copy of the file before it is removed.
      - Look for the other indicators of the same malware: `threat.enrichments.indicator` often names it.
      """;

  private static final String NETWORK =
      """

      ### What happened on the network

      - Which process on `source.ip` opened the connection? Endpoint events of the same minute tell.
      - How much went out: compare `source.bytes` with `destination.bytes`, and look for repeats in even
        intervals.
      - Addresses change hands. A shared host, a cloud address or a long time since
        `threat.enrichments.indicator.last_seen` weakens the finding; a name look-up of a listed domain just
        before strengthens it.
      - A connection that was refused is left out. One without an answer is not: a host that asks is already
        worth a look.

      ### What to do

      - Block the address at the edge, then look at the host: the connection is a sign, not the cause.
      - Search older events for the same address. The host may have been in contact before the list knew it.
      """;

  private static final String NAME =
      """

      ### What asked, and what came of it

      - Which process on the host asked, and what was it before? Endpoint events of the same minute tell. A mail
        gateway, a proxy or a resolver asks for others: look for the host behind it.
      - Was there a connection after the look-up or an answer to the request? Compare with the network events of
        the host in the minutes after.
      - Only the very name or URL is compared. Search for its siblings and for what else is below the same domain.

      ### What to do

      - Block the name, then look at the host: the request is a sign, not the cause.
      - Search older events for the same name. The host may have asked before the list knew it.
      """;

  private static final String INBOUND =
      """

      ### What came in, and what came of it

      - Which port of `destination.ip` was it, and is it meant to be open? A web or mail server is visited by
        everybody.
      - Did more come back than an error page: compare `destination.bytes` with other visits, and look at the log of
        the service for a log-in at that time.
      - Did the host open connections of its own in the minutes after, or start a process that it never starts?

      ### What to do

      - Block the address at the edge if the service is not meant for it.
      - Close the port if nobody needs it from outside.
      """;

  private static final String MAIL =
      """

      ### What came in, and who opened it

      - Who received it, and was it delivered or held back? Search for its subject and its other senders.
      - A sender's address can be forged: see whether the mail passed SPF, DKIM and DMARC.
      - Did one of those who got it open a link or a file in the minutes after? Look at the events of their hosts.

      ### What to do

      - Remove the mail from all boxes and tell those who got it.
      - Have passwords changed that were entered on a linked page.
      """;

  private static final String REGISTRY =
      """

      ### What happened on the host

      - Which process wrote it, as which user, and where did that process come from?
      - What does the value start or change? Paths below `Run` start a program at the next log-in.
      - Search all hosts for the path: the first host that had it is where to start.

      ### What to do

      - Keep a copy of the key and of the file it points to before they are removed.
      - Look for the other indicators of the same malware: `threat.enrichments.indicator` often names it.
      """;

  private static final String INDICATORS =
      """
      ## Setup

      The rule reads indicators from `%s`, which tip writes. Those it has not renewed for 30 days do not
      count, so the synchronisation has to run at least weekly.

      One run makes at most 999 alerts. If that is reached, Kibana shows a warning at the rule, and the
      cause is usually one host: look at it first, then narrow the rule with an exception.

      The rule goes by `event.ingested`. Elastic Agent sets it; Beats need an ingest pipeline that does, or
      events that arrive late are not seen.
      """;

  private RuleTexts() {}

  static String hashNote() {
    return WHICH_LIST + FILE;
  }

  static String networkNote() {
    return WHICH_LIST + NETWORK;
  }

  static String inboundNote() {
    return WHICH_LIST + INBOUND;
  }

  static String mailNote() {
    return WHICH_LIST + MAIL;
  }

  static String registryNote() {
    return WHICH_LIST + REGISTRY;
  }

  static String nameNote() {
    return WHICH_LIST + NAME;
  }

  static String setup(EventSource source, String threatIndex) {
    return INDICATORS.formatted(threatIndex) + "\n" + events(source);
  }

  private static String events(EventSource source) {
    return switch (source) {
      case AUDITBEAT ->
          """
          Auditbeat computes SHA-1 only, unless its file integrity module has
          `hash_types: [md5, sha1, sha256, sha512]`; most lists hold SHA-256 or MD5. Its `paths` have to name
          the folders that users can write to.
          """;
      case FIM ->
          """
          The integration computes SHA-1 only, unless its hash types are set to md5, sha1, sha256 and sha512;
          most lists hold SHA-256 or MD5. A rule for a hash that is not computed finds nothing.
          """;
      case DEFEND_PROCESS, DEFEND_LIBRARY, DEFEND_FILE ->
          """
          Elastic Defend puts SHA-256 into its events and leaves MD5 and SHA-1 out, unless the advanced
          settings `events.hash.md5` and `events.hash.sha1` of the operating system are switched on.
          """;
      case PACKETS ->
          """
          Packetbeat or the Network Packet Capture integration has to report flows. An open flow is reported
          every `period`; the rule takes its last report and those of its second minute. Addresses inside a
          tunnel are a second value of `destination.ip`, which Kibana compares unreliably: let the ingest
          pipeline keep the inner one.
          """;
      case NETFLOW ->
          """
          The NetFlow Records integration has to receive the exports of routers or firewalls. Most exporters
          report an open flow again and again, at their active timeout: each report is an alert. A long timeout
          keeps them few, and alert suppression makes them one where the licence has it.
          """;
      case DEFEND_REGISTRY ->
          """
          Elastic Defend has to collect registry events on Windows; it does by default. Paths are compared
          letter by letter, in the case in which they were written.
          """;
      case EMAIL ->
          """
          A mail gateway or provider has to report mails with `email.from.address`. Addresses are compared letter
          by letter; indicators are in lower case, so let the ingest pipeline write the field in lower case.
          """;
      case DNS ->
          """
          Packetbeat or the Network Packet Capture integration has to see DNS. Names are compared as they were
          asked for, and some resolvers vary upper and lower case: let the ingest pipeline write
          `dns.question.name` in lower case. Look-ups over HTTPS or TLS are not seen.
          """;
      case TLS ->
          """
          Packetbeat or the Network Packet Capture integration has to see TLS, with `fingerprints: [sha1]` for
          certificates. From TLS 1.3 on the server's certificate is encrypted and not seen; the name and the
          fingerprint of the client are.
          """;
      case HTTP ->
          """
          Packetbeat or the Network Packet Capture integration has to see plain HTTP; what HTTPS carries is
          not seen. `url.full` is what the sensor makes of the request: the port 80 left out, the query
          sorted and encoded again, passwords masked. A URL that a list writes in another form is not found.
          """;
      case DEFEND_NETWORK ->
          """
          Elastic Defend has to collect network events; it does by default.
          """;
    };
  }
}
