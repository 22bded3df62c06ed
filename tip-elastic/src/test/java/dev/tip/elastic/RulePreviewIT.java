// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static dev.tip.elastic.RulePreviewDocuments.index;
import static dev.tip.elastic.RulePreviewDocuments.json;
import static dev.tip.elastic.RulePreviewDocuments.merged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.elastic.RulePreview.Direction;
import dev.tip.elastic.RulePreview.Path;
import dev.tip.elastic.RulePreviewException.Kind;
import dev.tip.rules.QueryLanguage;
import dev.tip.rules.Severity;
import dev.tip.rules.ThreatMapping;
import dev.tip.rules.ThreatMatchRule;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    server.ok("PUT", "/preview-events", index("event-mapping.json"));
    server.ok("PUT", "/preview-indicators", index("indicator-mapping.json"));
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

  @Test
  void kibanaChoosesTheDirectionByCounts() throws Exception {
    RulePreview preview = RulePreview.of(server.client());
    event("e1", "{'destination':{'ip':'203.0.113.9'}}");
    indicator("i1", "{'threat':{'indicator':{'ip':'203.0.113.9'}}}");
    assertThat(preview.run(rule(ADDRESS)).direction()).isEqualTo(Direction.INDICATORS_FIRST);

    indicator("i2", "{'threat':{'indicator':{'ip':'203.0.113.10'}}}");
    assertThat(preview.run(rule(ADDRESS)).direction()).isEqualTo(Direction.EVENTS_FIRST);
    assertThat(preview.run(rule(ADDRESS)).alerts()).hasSize(1);
  }

  @Test
  void withoutEventsOrIndicatorsNothingIsSearched() throws Exception {
    indicator("i1", "{'threat':{'indicator':{'ip':'203.0.113.9'}}}");
    assertThat(RulePreview.of(server.client()).run(rule(ADDRESS)))
        .returns(0L, RulePreviewResult::eventCount)
        .returns(1L, RulePreviewResult::indicatorCount)
        .returns(2, RulePreviewResult::searches)
        .satisfies(result -> assertThat(result.alerts()).isEmpty());
  }

  @ParameterizedTest
  @EnumSource
  void aBlockIsComparedDocumentByDocument(Direction direction) throws Exception {
    event("inside", "{'destination':{'ip':'203.0.113.9'}}");
    event("outside", "{'destination':{'ip':'203.0.113.16'}}");
    event("inside-v6", "{'destination':{'ip':'2001:db8::5'}}");
    indicator("i1", "{'tip':{'indicator':{'cidr':'203.0.113.0/28'}}}");
    indicator("i2", "{'tip':{'indicator':{'cidr':'2001:db8::/64'}}}");

    RulePreviewResult result = run(rule(BLOCK), direction);

    assertThat(result.path(BLOCK)).isEqualTo(Path.MATCH);
    assertThat(ids(result)).containsExactlyInAnyOrder("inside", "inside-v6");
    assertThat(result.warnings()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void eachGroupTakesItsOwnPath(Direction direction) throws Exception {
    event("address", "{'destination':{'ip':'203.0.113.9'}}");
    event("block", "{'destination':{'ip':'198.51.100.9'}}");
    indicator("i1", "{'threat':{'indicator':{'ip':'203.0.113.9'}}}");
    indicator("i2", "{'tip':{'indicator':{'cidr':'198.51.100.0/28'}}}");

    RulePreviewResult result = run(rule(ADDRESS, BLOCK), direction);

    assertThat(result.path(ADDRESS)).isEqualTo(Path.TERMS);
    assertThat(result.path(BLOCK)).isEqualTo(Path.MATCH);
    assertThat(ids(result)).containsExactlyInAnyOrder("address", "block");
  }

  @ParameterizedTest
  @EnumSource
  void aFieldThatNoIndexMapsCostsAllGroupsTheFastPath(Direction direction) throws Exception {
    event("e1", "{'destination':{'ip':'203.0.113.9'}}");
    indicator("i1", "{'threat':{'indicator':{'ip':'203.0.113.9'}}}");
    ThreatMapping unmapped = ThreatMapping.of("no.such.field", "threat.indicator.ip");

    RulePreviewResult result = run(rule(ADDRESS, unmapped), direction);

    assertThat(result.path(ADDRESS)).isEqualTo(Path.MATCH);
    assertThat(ids(result)).containsExactly("e1");
    assertThat(result.warnings())
        .singleElement()
        .asString()
        .contains("no index of preview-events* maps no.such.field");
  }

  @ParameterizedTest
  @EnumSource
  void allFieldsOfAGroupMustBeEqual(Direction direction) throws Exception {
    ThreatMapping both = ADDRESS.and("file.hash.sha256", "threat.indicator.file.hash.sha256");
    event("both", "{'destination':{'ip':'203.0.113.9'},'file':{'hash':{'sha256':'aa'}}}");
    event("one", "{'destination':{'ip':'203.0.113.9'},'file':{'hash':{'sha256':'bb'}}}");
    event("null", "{'destination':{'ip':'203.0.113.9'}}");
    indicator(
        "i1", "{'threat':{'indicator':{'ip':'203.0.113.9','file':{'hash':{'sha256':'aa'}}}}}");
    indicator("i2", "{'threat':{'indicator':{'ip':'203.0.113.9'}}}");

    RulePreviewResult result = run(rule(both), direction);

    assertThat(result.path(both)).isEqualTo(Path.MATCH);
    assertThat(result.eventCount()).as("one lacks a mapped field").isEqualTo(2);
    assertThat(result.indicatorCount()).isEqualTo(1);
    assertThat(result.alerts())
        .singleElement()
        .satisfies(
            alert -> {
              assertThat(alert.id()).isEqualTo("both");
              assertThat(alert.matches())
                  .extracting(RulePreviewResult.Match::field)
                  .containsExactly("destination.ip", "file.hash.sha256");
            });
  }

  @ParameterizedTest
  @CsvSource({"203.0.113.9", "2001:db8::1"})
  void otherTextOfTheSameAddressMakesNoAlertEventsFirst(String address) throws Exception {
    event("e1", "{'destination':{'ip':'" + address + "'}}");
    String other = address.equals("2001:db8::1") ? "2001:DB8:0::1" : "::ffff:" + address;
    indicator("i1", "{'threat':{'indicator':{'ip':'" + other + "'}}}");

    RulePreviewResult indicatorsFirst = run(rule(ADDRESS), Direction.INDICATORS_FIRST);
    assertThat(ids(indicatorsFirst)).containsExactly("e1");
    assertThat(indicatorsFirst.alerts().get(0).matches()).as("enrichment").isEmpty();

    RulePreviewResult eventsFirst = run(rule(ADDRESS), Direction.EVENTS_FIRST);
    assertThat(ids(eventsFirst)).isEmpty();
    assertThat(eventsFirst.warnings())
        .singleElement()
        .asString()
        .contains("1 indicators are equal", "not as text", "i1");
  }

  @Test
  void aSecondValueOfAnEventIsFoundIndicatorsFirstOnly() throws Exception {
    event("e1", "{'destination':{'ip':['192.0.2.1','203.0.113.9']}}");
    indicator("i1", "{'threat':{'indicator':{'ip':'203.0.113.9'}}}");

    RulePreviewResult indicatorsFirst = run(rule(ADDRESS), Direction.INDICATORS_FIRST);
    assertThat(ids(indicatorsFirst)).containsExactly("e1");
    assertThat(indicatorsFirst.alerts().get(0).matches()).isEmpty();
    RulePreviewResult eventsFirst = run(rule(ADDRESS), Direction.EVENTS_FIRST);
    assertThat(ids(eventsFirst)).isEmpty();
    assertThat(eventsFirst.warnings())
        .singleElement()
        .asString()
        .contains("several values in destination.ip");
  }

  @Test
  void aSecondValueOfAnIndicatorIsFoundEventsFirstOnly() throws Exception {
    event("e1", "{'file':{'hash':{'sha256':'bb'}}}");
    indicator("i1", "{'threat':{'indicator':{'file':{'hash':{'sha256':['aa','bb']}}}}}");

    assertThat(ids(run(rule(HASH), Direction.INDICATORS_FIRST))).isEmpty();
    assertThat(ids(run(rule(HASH), Direction.EVENTS_FIRST))).containsExactly("e1");
  }

  @ParameterizedTest
  @EnumSource
  void theTimestampCountsWhereTheOneThatOverridesItIsMissing(Direction direction) throws Exception {
    String early = NOW.minusSeconds(7200).toString();
    String there = "'destination':{'ip':'203.0.113.9'}";
    event(
        "late", "{'@timestamp':'" + early + "','event':{'ingested':'" + NOW + "'}," + there + "}");
    event("now", "{" + there + "}");
    event("early", "{'@timestamp':'" + early + "'," + there + "}");
    event("long-here", "{'event':{'ingested':'" + early + "'}," + there + "}");
    indicator("i1", "{'threat':{'indicator':{'ip':'203.0.113.9'}}}");

    assertThat(ids(run(rule(ADDRESS), direction))).containsExactlyInAnyOrder("late", "now");
  }

  @Test
  void theTimeRangeIsGivenOrTheRulesOwn() throws Exception {
    event("old", "{'@timestamp':'2001-02-03T04:05:06Z','destination':{'ip':'203.0.113.9'}}");
    indicator("i1", "{'threat':{'indicator':{'ip':'203.0.113.9'}}}");
    Instant day = Instant.parse("2001-02-03T00:00:00Z");

    assertThat(
            ids(
                RulePreview.builder(server.client())
                    .timeRange(day, day.plusSeconds(86_400))
                    .build()
                    .run(rule(ADDRESS))))
        .containsExactly("old");
    Instant after = Instant.parse("2001-02-03T05:00:00Z");
    RulePreviewResult result =
        RulePreview.builder(server.client())
            .clock(Clock.fixed(after, ZoneOffset.UTC))
            .build()
            .run(rule(ADDRESS));
    assertThat(ids(result)).containsExactly("old");
    assertThat(result.from()).isEqualTo(after.minusSeconds(65 * 60));
    assertThat(result.to()).isEqualTo(after);
    assertThatThrownBy(() -> RulePreview.builder(server.client()).timeRange(after, day))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @EnumSource
  void theRunEndsAtMaxSignalsNewestFirstAndSaysSo(Direction direction) throws Exception {
    for (int i = 0; i < 5; i++) {
      event(
          "e" + i,
          "{'@timestamp':'%s','destination':{'ip':'203.0.113.9'}}".formatted(NOW.minusSeconds(i)));
    }
    indicator("i1", "{'threat':{'indicator':{'ip':'203.0.113.9'}}}");

    RulePreviewResult result = run(builder(ADDRESS).maxSignals(3).build(), direction);
    assertThat(ids(result)).containsExactly("e0", "e1", "e2");
    assertThat(result.isTruncated()).isTrue();
    assertThat(result.warnings()).singleElement().asString().contains("max_signals = 3");

    assertThat(run(builder(ADDRESS).maxSignals(5).build(), direction).isTruncated()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void anEventWithSeveralIndicatorsIsOneAlertWithAllOfThem(Direction direction) throws Exception {
    event("e1", "{'destination':{'ip':'203.0.113.9'}}");
    for (int i = 0; i < 205; i++) {
      indicator("i" + i, "{'threat':{'indicator':{'ip':'203.0.113.9'}}}");
    }

    RulePreviewResult result = run(builder(ADDRESS).itemsPerSearch(100).build(), direction);

    assertThat(result.alerts())
        .singleElement()
        .satisfies(alert -> assertThat(alert.matches()).hasSize(200));
    assertThat(result.warnings()).singleElement().asString().contains("more than 200");
  }

  @ParameterizedTest
  @EnumSource
  void smallPagesFindTheSame(Direction direction) throws Exception {
    for (int i = 0; i < 7; i++) {
      event("e" + i, "{'destination':{'ip':'203.0.113." + i + "'}}");
      indicator("i" + i, "{'threat':{'indicator':{'ip':'203.0.113." + 2 * i + "'}}}");
    }
    assertThat(ids(run(builder(ADDRESS).itemsPerSearch(2).build(), direction)))
        .containsExactlyInAnyOrder("e0", "e2", "e4", "e6");
  }

  @ParameterizedTest
  @EnumSource
  void aQueryThatIsTooLargeIsTriedAgainWithSmallerPages(Direction direction) throws Exception {
    int many = 6_000;
    StringBuilder bulk = new StringBuilder();
    for (int i = 0; i < many; i++) {
      String address = "10.%d.%d".formatted(i / 250, i % 250);
      bulk.append("{\"index\":{\"_index\":\"preview-events\",\"_id\":\"e")
          .append(i)
          .append("\"}}\n");
      bulk.append(
          json(
              "{'@timestamp':'%s','event':{'kind':'event'},'destination':{'ip':'%s.7'}}"
                  .formatted(NOW, address)));
      bulk.append("\n{\"index\":{\"_index\":\"preview-indicators\"}}\n");
      bulk.append(
          json(
              "{'@timestamp':'%s','tip':{'indicator':{'cidr':'%s.%d/30'}}}"
                  .formatted(NOW, address, i % 100 == 0 ? 4 : 128)));
      bulk.append('\n');
    }
    server.ok("POST", "/_bulk?refresh=true", bulk.toString());

    RulePreviewResult result = run(rule(BLOCK), direction);

    assertThat(result.alerts()).hasSize(60);
    assertThat(result.warnings())
        .allSatisfy(warning -> assertThat(warning).contains("clauses", "started over"));
  }

  @Test
  void elasticsOwnQueriesAreUnderstood() throws Exception {
    event("e1", "{'destination':{'ip':'203.0.113.9'}}");
    indicator(
        "i1",
        "{'event':{'module':'ti_tip','category':['threat'],'kind':'enrichment'},"
            + "'threat':{'indicator':{'ip':'203.0.113.9'}}}");
    ThreatMatchRule.Builder rule =
        builder(ADDRESS)
            .query(QueryLanguage.KUERY, "source.ip:* or destination.ip:*")
            .threatQuery(
                QueryLanguage.KUERY,
                "@timestamp >= \"now-30d/d\" and event.module:(threatintel or ti_*) and"
                    + " threat.indicator.ip:* and not labels.is_ioc_transform_source:\"true\"")
            .threatFilter("event.category", "threat");
    assertThat(ids(RulePreview.of(server.client()).run(rule.build()))).containsExactly("e1");

    assertThat(
            RulePreview.of(server.client())
                .run(rule.threatFilter("event.kind", "event").build())
                .indicatorCount())
        .as("each filter must hold")
        .isZero();
  }

  @Test
  void queriesMayBeInLucene() throws Exception {
    event("e1", "{'destination':{'ip':'203.0.113.9'}}");
    event("e2", "{'destination':{'ip':'203.0.113.9'},'event':{'kind':'alert'}}");
    indicator("i1", "{'threat':{'indicator':{'ip':'203.0.113.9'}}}");
    ThreatMatchRule rule =
        builder(ADDRESS)
            .query(QueryLanguage.LUCENE, "event.kind:eve*")
            .threatQuery(QueryLanguage.LUCENE, "threat.indicator.ip:\"203.0.113.0/24\"")
            .build();
    assertThat(ids(RulePreview.of(server.client()).run(rule))).containsExactly("e1");
  }

  @Test
  void aPatternThatMatchesNoIndexFindsNothingAndSaysSo() throws Exception {
    indicator("i1", "{'threat':{'indicator':{'ip':'203.0.113.9'}}}");
    RulePreviewResult result =
        RulePreview.of(server.client())
            .run(over("preview-absent-*", "preview-indicators", ADDRESS).build());
    assertThat(result.alerts()).isEmpty();
    assertThat(result.warnings())
        .singleElement()
        .asString()
        .contains("no index of preview-absent-* maps destination.ip");
  }

  @Test
  void anIndexThatIsMissingIsAnErrorWithItsName() {
    ThreatMatchRule rule = over("preview-events*", "no-such-alias", ADDRESS).build();
    assertThatThrownBy(() -> RulePreview.of(server.client()).run(rule))
        .isInstanceOf(RulePreviewException.class)
        .hasMessageContaining("no-such-alias")
        .extracting(e -> ((RulePreviewException) e).kind())
        .isEqualTo(Kind.NO_INDEX);
  }

  @Test
  void aQueryThatTheServerRefusesIsTold() throws Exception {
    event("e1", "{'destination':{'ip':'203.0.113.9'}}");
    indicator("i1", "{'threat':{'indicator':{'ip':'203.0.113.9'}}}");
    ThreatMatchRule rule =
        builder(ADDRESS).query(QueryLanguage.LUCENE, "destination.ip:[1 TO").build();
    assertThatThrownBy(() -> RulePreview.of(server.client()).run(rule))
        .isInstanceOf(RulePreviewException.class)
        .hasMessageContaining("refuses a query of the rule")
        .extracting(e -> ((RulePreviewException) e).kind())
        .isEqualTo(Kind.REFUSED);
  }

  @Test
  void anIndicatorWithoutTheObjectFailsAsInKibana() throws Exception {
    event("e1", "{'destination':{'ip':'203.0.113.9'}}");
    indicator("i1", "{'threat':{'indicator':{'ip':'203.0.113.9'}},'other':'text'}");

    ThreatMatchRule absent = builder(ADDRESS).threatIndicatorPath("absent.path").build();
    assertThat(run(absent, Direction.EVENTS_FIRST).alerts().get(0).matches().get(0).toJson())
        .startsWith("{\"indicator\":{},");
    ThreatMatchRule text = builder(ADDRESS).threatIndicatorPath("other").build();
    assertThatThrownBy(() -> run(text, Direction.EVENTS_FIRST))
        .isInstanceOf(RulePreviewException.class)
        .hasMessageContaining("indicator i1 has no object at other");
  }

  private static List<String> ids(RulePreviewResult result) {
    return result.alerts().stream().map(RulePreviewResult.Alert::id).toList();
  }

  private ThreatMatchRule rule(ThreatMapping... groups) {
    return builder(groups).build();
  }

  private static ThreatMatchRule.Builder builder(ThreatMapping... groups) {
    return over("preview-events*", "preview-indicators", groups);
  }

  private static ThreatMatchRule.Builder over(
      String index, String threatIndex, ThreatMapping... groups) {
    return ThreatMatchRule.builder("preview_it")
        .name("Preview")
        .description("Of the tests.")
        .ruleId("00000000-0000-4000-8000-000000000001")
        .severity(Severity.LOW)
        .author("tests")
        .license("Apache-2.0")
        .index(index)
        .query(QueryLanguage.KUERY, "event.kind:event")
        .threatIndex(threatIndex)
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
    ObjectNode document = merged(json(base.formatted(NOW)), json(fields));
    server.ok("PUT", '/' + index + "/_doc/" + id + "?refresh=true", document.toString());
  }
}
