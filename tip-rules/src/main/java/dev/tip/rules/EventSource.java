// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import dev.tip.HashAlgorithm;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A source of events that the shipped rules read. */
public enum EventSource {
  /** The file integrity module of Auditbeat. */
  AUDITBEAT(
      "auditbeat",
      "Auditbeat File Integrity Events",
      List.of("auditbeat-*"),
      List.of(),
      List.of("Domain: Endpoint", "Data Source: Auditbeat"),
      new Files("Auditbeat saw the creation or change of", "file.hash.", true)),
  /** The File Integrity Monitoring integration of Elastic Agent. */
  FIM(
      "fim",
      "File Integrity Monitoring Events",
      List.of("logs-fim.event-*"),
      List.of("fim"),
      List.of("Domain: Endpoint", "Data Source: File Integrity Monitoring"),
      new Files("File Integrity Monitoring saw the creation or change of", "file.hash.", true)),
  /** Starts of processes as Elastic Defend sees them. */
  DEFEND_PROCESS(
      "defend_process",
      "Elastic Defend Process Events",
      List.of("logs-endpoint.events.process-*"),
      List.of("endpoint"),
      List.of("Domain: Endpoint", "Data Source: Elastic Defend"),
      new Files("Elastic Defend saw a process run from", "process.hash.", false)),
  /** Libraries and drivers as Elastic Defend sees them loaded. */
  DEFEND_LIBRARY(
      "defend_library",
      "Elastic Defend Library Events",
      List.of("logs-endpoint.events.library-*"),
      List.of("endpoint"),
      List.of("Domain: Endpoint", "Data Source: Elastic Defend"),
      new Files("Elastic Defend saw a process load", "dll.hash.", false)),
  /** Changes of files as Elastic Defend sees them. */
  DEFEND_FILE(
      "defend_file",
      "Elastic Defend File Events",
      List.of("logs-endpoint.events.file-*"),
      List.of("endpoint"),
      List.of("Domain: Endpoint", "Data Source: Elastic Defend"),
      new Files("Elastic Defend saw the creation or change of", "file.hash.", false)),
  /** Packetbeat, and the Network Packet Capture integration of Elastic Agent. */
  PACKETS(
      "packets",
      "Network Traffic",
      List.of("packetbeat-*", "logs-network_traffic.*"),
      List.of("network_traffic"),
      List.of("Domain: Network", "Data Source: Packetbeat", "Data Source: Network Packet Capture"),
      null),
  /** Connections as Elastic Defend sees them. */
  DEFEND_NETWORK(
      "defend_network",
      "Elastic Defend Network Events",
      List.of("logs-endpoint.events.network-*"),
      List.of("endpoint"),
      List.of("Domain: Endpoint", "Domain: Network", "Data Source: Elastic Defend"),
      null),
  /** Flows that routers and firewalls export, as the NetFlow integration stores them. */
  NETFLOW(
      "netflow",
      "NetFlow Records",
      List.of("logs-netflow.log-*"),
      List.of("netflow"),
      List.of("Domain: Network", "Data Source: NetFlow"),
      null),
  /** Changes of the Windows registry as Elastic Defend sees them. */
  DEFEND_REGISTRY(
      "defend_registry",
      "Elastic Defend Registry Events",
      List.of("logs-endpoint.events.registry-*"),
      List.of("endpoint"),
      List.of("Domain: Endpoint", "OS: Windows", "Data Source: Elastic Defend"),
      null),
  /** E-mail as gateways and providers report it. */
  EMAIL(
      "email",
      "E-Mail Events",
      List.of("filebeat-*", "logs-*"),
      List.of(),
      List.of("Domain: Email"),
      null),
  /** Look-ups of names as Packetbeat and the Network Packet Capture integration see them. */
  DNS(
      "dns",
      "DNS Traffic",
      List.of("packetbeat-*", "logs-network_traffic.dns-*"),
      List.of("network_traffic"),
      List.of("Domain: Network", "Data Source: Packetbeat", "Data Source: Network Packet Capture"),
      null),
  /** TLS handshakes as Packetbeat and the Network Packet Capture integration see them. */
  TLS(
      "tls",
      "TLS Traffic",
      List.of("packetbeat-*", "logs-network_traffic.tls-*"),
      List.of("network_traffic"),
      List.of("Domain: Network", "Data Source: Packetbeat", "Data Source: Network Packet Capture"),
      null),
  /** Requests over plain HTTP as Packetbeat and the Network Packet Capture integration see them. */
  HTTP(
      "http",
      "HTTP Traffic",
      List.of("packetbeat-*", "logs-network_traffic.http-*"),
      List.of("network_traffic"),
      List.of("Domain: Network", "Data Source: Packetbeat", "Data Source: Network Packet Capture"),
      null);

  /**
   * Packetbeat reports an open flow every ten seconds. This takes its last report, and of one that
   * stays open the reports of its second minute, so that an hour-long connection makes a few alerts
   * and not hundreds. Units: nanoseconds.
   */
  private static final String LONG_FLOWS =
      "(not event.action:network_flow or flow.final:true or "
          + "(event.duration >= 60000000000 and event.duration < 70000000000))";

  /** Elastic Defend merges events of one process: one can tell of start and end. */
  private static final String NOT_AN_END = "(event.type:start or not event.type:end)";

  /** Documents without these fields pass. */
  private static final String NOT_REFUSED = "not event.outcome:failure and not event.type:denied";

  final String key;
  final String title;
  final List<String> index;
  final List<String> integrations;
  final List<String> tags;
  private final @Nullable Files files;

  EventSource(
      String key,
      String title,
      List<String> index,
      List<String> integrations,
      List<String> tags,
      @Nullable Files files) {
    this.key = key;
    this.title = title;
    this.index = index;
    this.integrations = integrations;
    this.tags = tags;
    this.files = files;
  }

  /**
   * What a source says of files.
   *
   * @param phrase a sentence that goes on with "a file"
   * @param field where hashes are, as far as the name of the algorithm
   * @param sha512 whether it knows SHA-512 besides MD5, SHA-1 and SHA-256
   */
  record Files(String phrase, String field, boolean sha512) {
    List<HashAlgorithm> algorithms() {
      return sha512
          ? List.of(
              HashAlgorithm.MD5, HashAlgorithm.SHA1, HashAlgorithm.SHA256, HashAlgorithm.SHA512)
          : List.of(HashAlgorithm.MD5, HashAlgorithm.SHA1, HashAlgorithm.SHA256);
    }
  }

  /** Returns what it says of files, if it does. */
  Optional<Files> files() {
    return Optional.ofNullable(files);
  }

  /** Returns whether it tells of connections of all kinds. */
  boolean tellsOfConnections() {
    return this == PACKETS || this == DEFEND_NETWORK || this == NETFLOW;
  }

  /**
   * Returns whether the source of a connection is who opened it. NetFlow has a record for each
   * direction, and the answer of a listed server would look like a connection from it.
   */
  boolean tellsWhoOpened() {
    return this == PACKETS || this == DEFEND_NETWORK;
  }

  /**
   * Returns sets of hashes that an index maps all or none of. The template of File Integrity
   * Monitoring maps SHA-1 only; each other field comes to be with the first event that has one.
   */
  List<List<HashAlgorithm>> hashes() {
    if (files == null) {
      return List.of();
    }
    return this == FIM
        ? files.algorithms().stream().map(List::of).toList()
        : List.of(files.algorithms());
  }

  /**
   * Returns the fields whose values make several alerts one: who, and what matched. Kibana takes
   * three; of several hashes of one file its path stands for them.
   */
  String[] suppressedBy(List<ThreatMapping> mapping) {
    String who =
        switch (this) {
          case PACKETS, DNS, TLS, HTTP, NETFLOW -> "source.ip";
          case EMAIL -> "email.to.address";
          case AUDITBEAT,
              FIM,
              DEFEND_PROCESS,
              DEFEND_LIBRARY,
              DEFEND_FILE,
              DEFEND_NETWORK,
              DEFEND_REGISTRY ->
              "host.name";
        };
    String matched = mapping.get(0).entries().get(0).field();
    if (mapping.size() == 1) {
      return matched.equals(who)
          ? new String[] {who, "destination.ip"}
          : new String[] {who, matched};
    }
    return new String[] {who, this == DEFEND_PROCESS ? "process.executable" : path(matched)};
  }

  private static String path(String hash) {
    return hash.substring(0, hash.indexOf('.')) + ".path";
  }

  /** Returns the query for events that fulfil a condition and are neither repeats nor refused. */
  String query(String condition) {
    return switch (this) {
      case AUDITBEAT, FIM -> "event.module:file_integrity and " + condition;
      // A look-up that failed is left in: asking for a listed name is the sign.
      case DEFEND_LIBRARY, DEFEND_FILE, DEFEND_REGISTRY, EMAIL, DNS -> condition;
      // The end of a process has its hash as well, and would be a second alert for one run.
      case DEFEND_PROCESS -> condition + " and " + NOT_AN_END;
      case TLS, HTTP, NETFLOW -> condition + " and " + NOT_REFUSED;
      case PACKETS -> condition + " and " + LONG_FLOWS + " and " + NOT_REFUSED;
      // The end of a connection is left out, unless the event tells of its start as well.
      case DEFEND_NETWORK -> condition + " and " + NOT_AN_END + " and " + NOT_REFUSED;
    };
  }
}
