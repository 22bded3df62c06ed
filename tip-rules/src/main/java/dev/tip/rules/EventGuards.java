// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tip.rules.QueryProbe.Truth;
import dev.tip.rules.RuleFinding.Code;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Asks the {@code query} of a rule which events it lets pass that it should not. */
final class EventGuards {
  private static final String KEY = "query";

  /** Of a connection of 65 minutes, reported every ten seconds. */
  private static final int REPORTS = 390;

  private static final int MAX_ALERTS_OF_A_CONNECTION = 10;
  private static final long TEN_SECONDS = 10_000_000_000L;

  private final JsonNode rule;
  private final JsonNode filters;
  private final Collection<String> fields;
  private final RuleFindings findings;

  /**
   * Creates it.
   *
   * @param fields the mapped fields of events
   */
  EventGuards(JsonNode rule, Collection<String> fields, RuleFindings findings) {
    this.rule = rule;
    this.filters = rule.path("filters");
    this.fields = fields;
    this.findings = findings;
  }

  void check(KqlNode query) {
    if (!fields.isEmpty() && passes(query, QueryProbe.unknown().without(fields))) {
      findings.add(Code.NULL_GUARD, KEY, "Events without any of the compared fields pass.");
    }
    inbound(query);
    if (fields.stream().anyMatch(f -> f.startsWith("source.") || f.startsWith("destination."))) {
      flows().forEach(flow -> flow(query, flow));
    }
    refused(query);
  }

  private void inbound(KqlNode query) {
    boolean quiet =
        rule.path("severity").asText().equals("low") && !rule.path("enabled").asBoolean();
    if (quiet || fields.stream().noneMatch(EventGuards::isOriginator)) {
      return;
    }
    QueryProbe scan =
        QueryProbe.unknown()
            .with("source.ip", "203.0.113.7")
            .with("client.ip", "203.0.113.7")
            .with("destination.ip", "10.0.0.5")
            .with("server.ip", "10.0.0.5")
            .with("event.type", "connection", "start", "end")
            .with("event.outcome")
            .with("flow.final", true)
            .with("event.duration", TEN_SECONDS);
    boolean found =
        Stream.of(
                scan.with("network.direction"),
                scan.with("network.direction", "inbound"),
                scan.with("network.direction", "ingress"))
            .anyMatch(event -> passes(query, event));
    if (found) {
      findings.add(Code.SOURCE_IP, KEY, "A connection from outside to a host of yours passes.");
    }
  }

  private static boolean isOriginator(String field) {
    return field.startsWith("source.") && field.endsWith("ip") || field.equals("client.ip");
  }

  /** Returns an open flow as each sensor reports it whose events the rule may read. */
  private List<QueryProbe> flows() {
    List<String> patterns =
        StreamSupport.stream(rule.path("index").spliterator(), false)
            .map(JsonNode::asText)
            .toList();
    List<QueryProbe> flows = new ArrayList<>();
    if (rule.has("data_view_id")) {
      // Only Kibana knows whether there are flows in it.
      return flows;
    }
    QueryProbe flow =
        QueryProbe.unknown()
            .with("event.action", "network_flow")
            .with("event.kind", "event")
            .with("event.category", "network")
            .with("event.outcome")
            .with("network.direction")
            .with("source.ip", "10.0.0.5")
            .with("destination.ip", "203.0.113.7");
    if (patterns.isEmpty() || patterns.stream().anyMatch(p -> reads(p, "packetbeat-"))) {
      flows.add(flow.with("event.dataset", "flow").with("event.module"));
    }
    if (patterns.isEmpty()
        || patterns.stream().anyMatch(p -> reads(p, "logs-network_traffic.flow-"))) {
      flows.add(flow.with("event.dataset", "network_traffic.flow"));
    }
    return flows;
  }

  private static boolean reads(String pattern, String beginning) {
    return FieldTable.reads(pattern, beginning);
  }

  private void flow(KqlNode query, QueryProbe flow) {
    QueryProbe end = flow.with("flow.final", true).with("event.type", "connection", "end");
    if (!passes(query, end)
        && Stream.of("outbound", "egress", "external")
            .anyMatch(d -> passes(query, end.with("network.direction", d)))) {
      findings.add(Code.DIRECTION, KEY, "A flow without direction does not pass.");
    }
    QueryProbe open = flow.with("flow.final", false).with("event.type", "connection");
    int alerts = 0;
    for (int i = 1; i < REPORTS && alerts <= MAX_ALERTS_OF_A_CONNECTION; i++) {
      alerts += passes(query, open.with("event.duration", i * TEN_SECONDS)) ? 1 : 0;
    }
    if (alerts > MAX_ALERTS_OF_A_CONNECTION) {
      findings.add(
          Code.LONG_CONNECTION,
          KEY,
          "More than %d of the %d reports of one connection of 65 minutes pass."
              .formatted(MAX_ALERTS_OF_A_CONNECTION, REPORTS));
    }
  }

  private void refused(KqlNode query) {
    boolean connections =
        fields.stream()
            .anyMatch(
                f ->
                    Stream.of("source.", "destination.", "client.", "server.", "url.", "tls.")
                        .anyMatch(f::startsWith));
    QueryProbe event = QueryProbe.unknown();
    if (connections
        && (passes(
                query,
                event.with("event.outcome", "failure").with("event.type", "connection", "start"))
            || passes(
                query,
                event
                    .with("event.outcome", "success")
                    .with("event.type", "connection", "start", "denied")))) {
      findings.add(Code.REFUSED_TRAFFIC, KEY, "A connection that was refused or failed passes.");
    }
  }

  private boolean passes(KqlNode query, QueryProbe event) {
    return event.fulfils(query) != Truth.NO
        && StreamSupport.stream(filters.spliterator(), false)
            .allMatch(filter -> event.passes(filter) != Truth.NO);
  }
}
