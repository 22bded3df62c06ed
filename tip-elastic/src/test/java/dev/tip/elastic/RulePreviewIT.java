// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tip.elastic.RulePreview.Direction;
import dev.tip.elastic.RulePreview.Path;
import dev.tip.rules.QueryLanguage;
import dev.tip.rules.Severity;
import dev.tip.rules.ThreatMapping;
import dev.tip.rules.ThreatMatchRule;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The algorithm, on documents that are made for it. {@link RulesFireIT} runs the real rules. */
@ExtendWith(Server.Shared.class)
class RulePreviewIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant NOW = Instant.now();
  private static final ThreatMapping ADDRESS =
      ThreatMapping.of("destination.ip", "threat.indicator.ip");
  private static final ThreatMapping HASH =
      ThreatMapping.of("file.hash.sha256", "threat.indicator.file.hash.sha256");
  private static final ThreatMapping BLOCK =
      ThreatMapping.of("destination.ip", "tip.indicator.cidr");

  private final Server server;

  RulePreviewIT(Server server) {
    this.server = server;
  }

  @BeforeEach
  void indices() throws Exception {
    create("preview-events", "event-mapping.json");
    create("preview-indicators", "indicator-mapping.json");
  }

  private void create(String index, String mapping) throws Exception {
    try (InputStream in = RulePreviewIT.class.getResourceAsStream(mapping)) {
      server.ok(
          "PUT",
          '/' + index,
          "{\"mappings\":" + new String(in.readAllBytes(), StandardCharsets.UTF_8) + '}');
    }
  }

  @AfterEach
  void noIndices() throws Exception {
    server.ok("DELETE", "/preview-events,preview-indicators", "");
  }

  @ParameterizedTest
  @EnumSource
  void aSharedAddressMakesAnEnrichedAlert(Direction direction) throws Exception {
    event("e1", "{'destination':{'ip':'203.0.113.9'}}");
    event("e2", "{'destination':{'ip':'203.0.113.10'}}");
    indicator(
        "i1", "{'threat':{'feed':{'name':'List'},'indicator':{'ip':'203.0.113.9','name':'bad'}}}");

    RulePreviewResult result = run(rule(ADDRESS), direction);

    assertThat(result.direction()).isEqualTo(direction);
    assertThat(result.path(ADDRESS)).isEqualTo(Path.TERMS);
    assertThat(result.eventCount()).isEqualTo(2);
    assertThat(result.indicatorCount()).isEqualTo(1);
    assertThat(result.warnings()).isEmpty();
    assertThat(result.alerts())
        .singleElement()
        .satisfies(
            alert -> {
              assertThat(alert.index()).isEqualTo("preview-events");
              assertThat(alert.id()).isEqualTo("e1");
              assertThat(alert.timestamp()).contains(Instant.ofEpochMilli(NOW.toEpochMilli()));
              assertThat(alert.matches())
                  .singleElement()
                  .satisfies(
                      match -> {
                        assertThat(match.field()).isEqualTo("destination.ip");
                        assertThat(match.indicatorField()).isEqualTo("threat.indicator.ip");
                        assertThat(match.atomic()).isEqualTo("203.0.113.9");
                        assertThat(match.indicatorId()).isEqualTo("i1");
                        assertThat(match.indicatorIndex()).isEqualTo("preview-indicators");
                        assertThat(match.feedName()).contains("List");
                        assertThat(JSON.readTree(match.toJson()))
                            .isEqualTo(
                                json(
                                    "{'indicator':{'ip':'203.0.113.9','name':'bad'},"
                                        + "'feed':{'name':'List'},"
                                        + "'matched':{'field':'destination.ip','id':'i1',"
                                        + "'index':'preview-indicators','type':'indicator_match_rule',"
                                        + "'atomic':'203.0.113.9'}}"));
                      });
            });
  }

  private ThreatMatchRule rule(ThreatMapping... groups) {
    return builder(groups).build();
  }

  private static ThreatMatchRule.Builder builder(ThreatMapping... groups) {
    return ThreatMatchRule.builder("preview_it")
        .name("Preview")
        .description("Of the tests.")
        .ruleId("00000000-0000-4000-8000-000000000001")
        .severity(Severity.LOW)
        .author("tests")
        .license("Apache-2.0")
        .index("preview-events*")
        .query(QueryLanguage.KUERY, "event.kind:event")
        .threatIndex("preview-indicators")
        .threatQuery(QueryLanguage.KUERY, "@timestamp >= \"now-30d/d\"")
        .threatMapping(groups)
        .timestampOverride("event.ingested")
        .dates(LocalDate.EPOCH, LocalDate.EPOCH);
  }

  private RulePreviewResult run(ThreatMatchRule rule, Direction direction) throws Exception {
    return RulePreview.builder(server.client()).direction(direction).build().run(rule);
  }

  private void event(String id, String fields) throws Exception {
    put("preview-events", id, fields, "{'@timestamp':'%s','event':{'kind':'event'}}");
  }

  private void indicator(String id, String fields) throws Exception {
    put("preview-indicators", id, fields, "{'@timestamp':'%s'}");
  }

  private void put(String index, String id, String fields, String base) throws Exception {
    JsonNode document =
        JSON.readerForUpdating(json(base.formatted(NOW))).readValue(json(fields).traverse());
    server.ok("PUT", '/' + index + "/_doc/" + id + "?refresh=true", document.toString());
  }

  private static JsonNode json(String text) throws Exception {
    return JSON.readTree(text.replace('\'', '"'));
  }
}
