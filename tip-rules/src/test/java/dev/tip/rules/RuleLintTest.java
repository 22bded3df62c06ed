// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.rules.RuleFinding.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RuleLintTest {
  private static final String GUARDED_FLOWS =
      "destination.ip:* and (not event.action:network_flow or flow.final:true) and not"
          + " event.outcome:failure and not event.type:denied";

  static List<ThreatMatchRule> rules() {
    return ThreatMatchRulesTest.rules();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void noShippedRuleHasAFinding(ThreatMatchRule rule) throws Exception {
    assertThat(RuleLint.check(rule)).isEmpty();
    assertThat(RuleLint.check(RuleFile.toml(rule.fileName(), rule.toToml()))).isEmpty();
    assertThat(RuleLint.check(RuleFile.ndjson("x.ndjson", rule.toJson()).get(0))).isEmpty();
  }

  /** A rule that has one finding and no other. */
  record Bad(Code code, String what, String key, Consumer<ObjectNode> change) {
    @Override
    public String toString() {
      return code.value() + " " + what;
    }
  }

  static Stream<Bad> bad() {
    return Stream.of(
        bad(Code.SCHEMA, "unknown key", rule -> rule.put("severty", "high")),
        bad(Code.SCHEMA, "missing key", rule -> rule.remove("description")),
        bad(Code.SCHEMA, "version in a file", rule -> rule.put("version", 1)),
        bad(Code.SCHEMA, "wrong type", rule -> rule.put("enabled", "yes")),
        bad(Code.SCHEMA, "bad id", rule -> rule.put("rule_id", "05E36722")),
        bad(Code.SCHEMA, "bad value", rule -> rule.put("severity", "grave")),
        bad(
            Code.SCHEMA,
            "four fields of suppression",
            rule ->
                rule.putObject("alert_suppression")
                    .putArray("group_by")
                    .add("a")
                    .add("b")
                    .add("c")
                    .add("d")),
        bad(Code.TYPE, "of 2021", rule -> rule.put("type", "threat_matching")),
        bad(Code.OTHER_TYPE, "query", rule -> rule.put("type", "query")),
        new Bad(
            Code.MAPPING_OUTSIDE_RULE,
            "of 2021",
            "threat_list_ip_packets_high",
            file -> file.set("threat_mapping", rule(file).remove("threat_mapping"))),
        bad(Code.KQL, "syntax", rule -> rule.put("query", "destination.ip:(* or")),
        bad(Code.KQL, "empty", rule -> rule.put("threat_query", "")),
        bad(Code.KQL, "too long", rule -> rule.put("query", "a ".repeat(50_001))),
        bad(
            Code.LUCENE,
            "query",
            rule -> rule.put("language", "lucene").put("query", "destination.ip:[1 TO 2}")),
        bad(Code.UNKNOWN_INDICATOR_FIELD, "of 2021", rule -> value(rule, "threat.ip")),
        bad(
            Code.UNKNOWN_INDICATOR_FIELD,
            "misspelt",
            rule -> value(rule, "threat.indicator.file.hash.sha265")),
        bad(
            Code.UNKNOWN_INDICATOR_FIELD,
            "no field of ours",
            rule -> value(rule, "tip.indicator.network")),
        bad(
            Code.UNKNOWN_EVENT_FIELD,
            "none of this index",
            "threat_list_hash_fim_sha256_high",
            rule -> {
              entry(rule).put("field", "process.hash.sha256");
              rule.put("query", "process.hash.sha256:*");
            }),
        bad(
            Code.UNKNOWN_EVENT_FIELD,
            "none at all",
            "threat_list_hash_auditbeat_high",
            rule -> {
              ObjectNode group = (ObjectNode) rule.get("threat_mapping").get(0);
              rule.putArray("threat_mapping").add(group);
              entry(rule).put("field", "file.hash.sha265");
              rule.put("query", "file.hash.sha265:*");
              rule.put(
                  "threat_query",
                  rule.get("threat_query").asText() + " and threat.indicator.file.hash.md5:*");
            }),
        bad(
            Code.MIXED_TYPES,
            "address and keyword",
            rule -> value(rule, "threat.indicator.url.full")),
        bad(
            Code.DIGITS,
            "certificate and file",
            "threat_list_certificate_tls_high",
            rule -> value(rule, "threat.indicator.file.hash.sha1")),
        bad(
            Code.NEGATION,
            "negated alone",
            "threat_list_ip_packets_high",
            true,
            rule -> entry(rule).put("negate", true)),
        bad(
            Code.SAME_FIELD,
            "of 2021",
            "threat_list_hash_fim_sha256_high",
            rule -> {
              value(rule, "file.hash.sha256");
              rule.put("threat_indicator_path", "file");
            }),
        bad(
            Code.SLOW_PATH,
            "a hash that the index does not map",
            "threat_list_hash_defend_process_high",
            rule -> pair(rule, "process.hash.sha512", "threat.indicator.file.hash.sha512")),
        bad(
            Code.SLOW_PATH,
            "a hash that the index maps later",
            "threat_list_hash_fim_sha1_high",
            rule -> pair(rule, "file.hash.md5", "threat.indicator.file.hash.md5")),
        bad(
            Code.SLOW_PATH,
            "two entries",
            rule ->
                ((ArrayNode) rule.get("threat_mapping").get(0).get("entries"))
                    .addObject()
                    .put("field", "network.transport")
                    .put("type", "mapping")
                    .put("value", "threat.indicator.description")),
        bad(
            Code.SLOW_PATH,
            "port",
            rule -> pair(rule, "destination.port", "threat.indicator.port")),
        bad(
            Code.SEVERAL_VALUES,
            "answers",
            "threat_list_domain_dns_high",
            rule -> pair(rule, "dns.resolved_ip", "threat.indicator.ip")),
        bad(
            Code.SIBLINGS,
            "registered domain",
            "threat_list_domain_dns_high",
            rule -> pair(rule, "dns.question.registered_domain", "threat.indicator.url.domain")),
        bad(
            Code.KIND_GUARD,
            "type left out",
            "threat_list_domain_dns_high",
            rule -> drop(rule, "threat_query", "threat.indicator.type:\"domain-name\" and ")),
        bad(
            Code.KIND_GUARD,
            "more than one type",
            "threat_list_domain_dns_high",
            rule ->
                replace(
                    rule,
                    "threat_query",
                    "threat.indicator.type:\"domain-name\"",
                    "threat.indicator.type:(domain-name or url*)")),
        bad(
            Code.UNBOUNDED_THREAT_QUERY,
            "no date",
            rule -> drop(rule, "threat_query", "@timestamp >= \"now-30d/d\" and ")),
        bad(
            Code.UNBOUNDED_THREAT_QUERY,
            "date that does not move",
            rule -> replace(rule, "threat_query", "now-30d/d", "2026-01-01")),
        bad(
            Code.UNBOUNDED_THREAT_QUERY,
            "two years",
            rule -> replace(rule, "threat_query", "now-30d/d", "now-2y")),
        bad(
            Code.EXPIRY_GUARD,
            "status left out",
            rule -> drop(rule, "threat_query", "tip.status:active and ")),
        bad(
            Code.EXPIRY_GUARD,
            "copies of transforms",
            rule -> {
              rule.putArray("threat_index").add("logs-ti_*");
              rule.put(
                  "threat_query",
                  "@timestamp >= \"now-30d/d\" and event.module:(threatintel or ti_*) and"
                      + " threat.indicator.ip:*");
            }),
        bad(
            Code.NULL_GUARD,
            "events",
            "threat_list_hash_auditbeat_high",
            rule -> rule.put("query", "event.module:file_integrity")),
        bad(
            Code.NULL_GUARD,
            "indicators",
            rule -> drop(rule, "threat_query", " and threat.indicator.ip:*")),
        bad(
            Code.NOISY_LISTS,
            "any role",
            rule ->
                rule.put(
                    "threat_query",
                    "@timestamp >= \"now-30d/d\" and tip.status:active and threat.indicator.ip:*")),
        bad(
            Code.SOURCE_IP,
            "unguarded",
            rule -> {
              pair(rule, "source.ip", "threat.indicator.ip");
              rule.put(
                  "query",
                  GUARDED_FLOWS.replace("destination.ip:*", "(source.ip:* or destination.ip:*)"));
            }),
        bad(
            Code.DIRECTION,
            "asked for",
            rule ->
                rule.put("query", GUARDED_FLOWS + " and network.direction:(outbound or egress)")),
        bad(
            Code.LONG_CONNECTION,
            "no guard",
            rule ->
                rule.put(
                    "query",
                    "destination.ip:* and not event.outcome:failure and not event.type:denied")),
        bad(
            Code.LONG_CONNECTION,
            "a guard that lets most pass",
            rule ->
                rule.put(
                    "query",
                    GUARDED_FLOWS.replace(
                        "flow.final:true", "flow.final:true or event.duration >= 60000000000"))),
        bad(
            Code.REFUSED_TRAFFIC,
            "failed",
            rule -> rule.put("query", GUARDED_FLOWS.replace(" and not event.outcome:failure", ""))),
        bad(
            Code.REFUSED_TRAFFIC,
            "denied",
            rule -> rule.put("query", GUARDED_FLOWS.replace(" and not event.type:denied", ""))),
        bad(Code.MAX_SIGNALS, "left out", rule -> rule.remove("max_signals")),
        bad(Code.MAX_SIGNALS, "too many", rule -> rule.put("max_signals", 1001)),
        bad(
            Code.MAX_SIGNALS,
            "without note",
            rule -> rule.put("max_signals", 1000).remove("setup")),
        bad(Code.PAGE, "too large", rule -> rule.put("concurrent_searches", 2)),
        bad(Code.SCHEDULE, "left out", rule -> rule.remove("from")),
        bad(Code.SCHEDULE, "gap", rule -> rule.put("from", "now-30m")),
        bad(Code.SCHEDULE, "no overlap", rule -> rule.put("from", "now-1h")),
        bad(Code.SCHEDULE, "too far", rule -> rule.put("from", "now-26h")),
        bad(Code.TIMESTAMP_OVERRIDE, "left out", rule -> rule.remove("timestamp_override")),
        bad(
            Code.INDICATOR_PATH,
            "left out",
            "threat_list_cidr_packets_high",
            rule -> rule.remove("threat_indicator_path")),
        bad(Code.THREAT_LANGUAGE, "left out", rule -> rule.remove("threat_language")),
        bad(Code.THREAT_INDEX, "of 2021", rule -> rule.putArray("threat_index").add("elastic-tip")),
        bad(Code.INDEX, "both", rule -> rule.put("data_view_id", "x")),
        bad(Code.INDEX, "none", "threat_list_hash_auditbeat_high", rule -> rule.remove("index")),
        bad(Code.RISK_SCORE, "of 2021", rule -> rule.put("risk_score", 99)),
        bad(Code.LICENSE, "of 2021", rule -> rule.put("license", "Elastic License")),
        bad(Code.TAGS, "of 2021", rule -> rule.putArray("tags").add("ioc")),
        bad(Code.TAGS, "twice", rule -> rule.putArray("tags").add("OS: Linux").add("OS: Linux")),
        bad(Code.TIMELINE, "half", rule -> rule.remove("timeline_title")),
        new Bad(
            Code.MIN_STACK,
            "no comment",
            "threat_list_ip_packets_high",
            file -> ((ObjectNode) file.get("metadata")).put("min_stack_version", "9.3.0")),
        new Bad(
            Code.DATES,
            "backwards",
            "threat_list_ip_packets_high",
            file -> ((ObjectNode) file.get("metadata")).put("updated_date", "2020/01/01")));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void aBadRuleHasExactlyThatFinding(Bad bad) throws Exception {
    ObjectNode file = RuleFile.of(named(bad.key)).content().deepCopy();
    bad.change.accept(file);
    List<RuleFinding> findings = RuleLint.check(RuleFile.of("bad.toml", file));
    assertThat(findings).extracting(RuleFinding::code).containsExactly(bad.code);
    assertThat(findings.get(0).sentence()).endsWith(".").doesNotContain("\n");
    assertThat(findings.get(0).fix()).endsWith(".");
    assertThat(findings.get(0).field()).isNotEmpty();
  }

  @Test
  void thereIsABadRuleForEachCode() {
    Set<Code> tested =
        bad().map(Bad::code).collect(Collectors.toCollection(() -> EnumSet.noneOf(Code.class)));
    assertThat(tested).containsExactly(Code.values());
  }

  /** A guard is one by what it does, however it is written. */
  @Test
  void guardsOfAnotherFormCount() throws Exception {
    ObjectNode file = RuleFile.of(named("threat_list_ip_packets_high")).content().deepCopy();
    rule(file)
        .put(
            "query",
            "destination.ip:* and not (event.action:network_flow and not flow.final:true) and not"
                + " (event.outcome:fail* or event.type:(denied or error))")
        .put(
            "threat_query",
            "not @timestamp < now-14d and tip.status:act* and threat.indicator.ip:* and not"
                + " tip.indicator.role:(scanner or anonymiser or reputation)");
    assertThat(RuleLint.check(RuleFile.of("x.toml", file))).isEmpty();
  }

  @Test
  void filtersCountAsGuards() throws Exception {
    ObjectNode file = RuleFile.of(named("threat_list_ip_packets_high")).content().deepCopy();
    ObjectNode rule = rule(file);
    drop(rule, "threat_query", "@timestamp >= \"now-30d/d\" and ");
    drop(rule, "threat_query", "tip.status:active and ");
    ArrayNode filters = (ArrayNode) rule.get("threat_filters");
    filters
        .addObject()
        .putObject("query")
        .putObject("range")
        .putObject("@timestamp")
        .put("gte", "now-7d");
    filters.add(ThreatFilter.of("tip.status", "active").toNode());
    assertThat(RuleLint.check(RuleFile.of("x.toml", file))).isEmpty();
    ((ObjectNode) filters.get(filters.size() - 1).get("meta")).put("disabled", true);
    assertThat(RuleLint.check(RuleFile.of("x.toml", file)))
        .extracting(RuleFinding::code)
        .containsExactly(Code.EXPIRY_GUARD);
  }

  /** The example that only shows what the formatter writes has what a rule should not have. */
  @Test
  void theExampleOfTheFormatterIsNoModel() throws Exception {
    Path sample = Path.of("../../shared/data/elastic/sample-rules/rule.formatted.toml");
    assumeTrue(Files.isRegularFile(sample), "the samples are not part of the project");
    assertThat(RuleLint.check(RuleFile.read(sample).get(0)))
        .extracting(RuleFinding::code)
        .contains(Code.SOURCE_IP, Code.LONG_CONNECTION, Code.SLOW_PATH);
  }

  @Test
  void theExampleOfKibanaIsReadAndItsServerKeysAreNoFault() throws Exception {
    Path sample = Path.of("../../shared/data/elastic/sample-rules/rules.export.ndjson");
    assumeTrue(Files.isRegularFile(sample), "the samples are not part of the project");
    List<RuleFile> rules = RuleFile.read(sample);
    assertThat(rules).hasSize(1);
    assertThat(RuleLint.check(rules.get(0)))
        .extracting(RuleFinding::code)
        .doesNotContain(Code.SCHEMA);
  }

  @Test
  void manyEntriesTakeLinearTime() throws Exception {
    ObjectNode file = RuleFile.of(named("threat_list_ip_packets_high")).content().deepCopy();
    ArrayNode groups = rule(file).putArray("threat_mapping");
    for (int i = 0; i < 20_000; i++) {
      groups
          .addObject()
          .putArray("entries")
          .addObject()
          .put("field", "field" + i)
          .put("type", "mapping")
          .put("value", "threat.indicator.ip")
          .put("negate", true);
    }
    String ndjson = rule(file) + "\n";
    long start = System.nanoTime();
    assertThat(RuleLint.check(RuleFile.ndjson("x.ndjson", ndjson).get(0))).isNotEmpty();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
  }

  @Test
  void theDocumentedCodesAreThoseThatExist() throws IOException {
    String page = Files.readString(Path.of("../docs/rules.md"));
    String table =
        Arrays.stream(Code.values())
            .map(
                code ->
                    "| `%s` | %s | %s |"
                        .formatted(
                            code.value(),
                            code.effect() == RuleFinding.Effect.REFUSES ? "refuses" : "warns",
                            code.meaning()))
            .collect(Collectors.joining("\n"));
    assertThat(page).as("the table of docs/rules.md should be:%n%s", table).contains(table);
  }

  private static Bad bad(Code code, String what, Consumer<ObjectNode> change) {
    return bad(code, what, "threat_list_ip_packets_high", change);
  }

  private static Bad bad(Code code, String what, String key, Consumer<ObjectNode> change) {
    return bad(code, what, key, false, change);
  }

  private static Bad bad(
      Code code, String what, String key, boolean newStack, Consumer<ObjectNode> change) {
    return new Bad(
        code,
        what,
        key,
        file -> {
          if (newStack) {
            ((ObjectNode) file.get("metadata"))
                .put("min_stack_version", "9.2.0")
                .put("min_stack_comments", "DOES NOT MATCH");
          }
          change.accept(rule(file));
        });
  }

  private static ObjectNode rule(ObjectNode file) {
    return (ObjectNode) file.get("rule");
  }

  private static ObjectNode entry(ObjectNode rule) {
    return (ObjectNode) rule.get("threat_mapping").get(0).get("entries").get(0);
  }

  /** Compares with another field of indicators, and asks for it. */
  private static void value(ObjectNode rule, String name) {
    replace(rule, "threat_query", entry(rule).get("value").asText() + ":*", name + ":*");
    entry(rule).put("value", name);
  }

  private static void pair(ObjectNode rule, String field, String value) {
    ((ArrayNode) rule.get("threat_mapping"))
        .addObject()
        .putArray("entries")
        .addObject()
        .put("field", field)
        .put("type", "mapping")
        .put("value", value);
  }

  private static void drop(ObjectNode rule, String key, String text) {
    replace(rule, key, text, "");
  }

  private static void replace(ObjectNode rule, String key, String text, String by) {
    String query = rule.get(key).asText();
    assertThat(query).contains(text);
    rule.put(key, query.replace(text, by));
  }

  private static ThreatMatchRule named(String key) {
    return rules().stream().filter(r -> r.key().equals(key)).findFirst().orElseThrow();
  }
}
