// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.rules.KibanaPlan.Action;
import dev.tip.rules.KibanaPlan.Entry;
import dev.tip.rules.KibanaRules.Changes;
import dev.tip.rules.KibanaRules.Profile;
import dev.tip.rules.ThreatMatchRules.Options;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KibanaRulesTest {
  private final KibanaStub stub = new KibanaStub();
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void close() {
    stub.close();
  }

  private KibanaRules.Builder kibana() {
    return KibanaRules.builder(stub.address(), client)
        .apiKey(KibanaStub.KEY)
        .time(System::nanoTime, nanos -> {});
  }

  private static ThreatMatchRule rule(int n, UnaryOperator<ThreatMatchRule.Builder> change) {
    ThreatMatchRule.Builder builder =
        ThreatMatchRuleTest.valid()
            .name("Rule number " + n)
            .ruleId("00000000-0000-4000-8000-%012d".formatted(n))
            .tags(ThreatMatchRules.TAG)
            .enabled(true);
    return change.apply(builder).build();
  }

  private static ThreatMatchRule rule(int n) {
    return rule(n, b -> b);
  }

  private static String id(int n) {
    return rule(n).ruleId();
  }

  private static List<ThreatMatchRule> rules(int count) {
    List<ThreatMatchRule> rules = new ArrayList<>();
    for (int n = 1; n <= count; n++) {
      rules.add(rule(n));
    }
    return rules;
  }

  private KibanaPlan plan(List<ThreatMatchRule> rules) throws Exception {
    return kibana().build().plan(rules, Profile.FULL);
  }

  private KibanaReport apply(List<ThreatMatchRule> rules, Changes changes) throws Exception {
    return kibana().build().apply(plan(rules), changes);
  }

  @Test
  void aPlanReadsOnly() throws Exception {
    KibanaPlan plan = plan(rules(2));
    assertThat(plan.entries()).extracting(Entry::action).containsOnly(Action.CREATE);
    assertThat(plan.entries()).extracting(Entry::ruleId).containsExactly(id(1), id(2));
    assertThat(stub.requests()).extracting(KibanaStub.Request::method).containsOnly("GET");
    assertThat(stub.rules("default")).isEmpty();
  }

  @Test
  void whatIsNotThereIsCreatedDisabledThoughTheRuleSaysEnabled() throws Exception {
    KibanaReport report = apply(rules(2), Changes.create());
    assertThat(report.created()).containsExactly(id(1), id(2));
    assertThat(report.failures()).isEmpty();
    assertThat(report.warnings()).isEmpty();
    assertThat(stub.rules("default").values())
        .allSatisfy(rule -> assertThat(rule.path("enabled").booleanValue()).isFalse());
    assertThat(plan(rules(2)).entries()).extracting(Entry::action).containsOnly(Action.UNCHANGED);
  }

  @Test
  void theWholeSetIsUnchangedOnceItIsThere() throws Exception {
    List<ThreatMatchRule> set = ThreatMatchRules.standard(Options.defaults());
    assertThat(apply(set, Changes.create()).created()).hasSameSizeAs(set);
    assertThat(plan(set).entries())
        .hasSameSizeAs(set)
        .allSatisfy(entry -> assertThat(entry.action()).isEqualTo(Action.UNCHANGED));
  }

  @Test
  void whatSaysSomethingElseIsUpdatedOnlyIfTold() throws Exception {
    apply(rules(1), Changes.create());
    List<ThreatMatchRule> changed = List.of(rule(1, b -> b.note("A guide.").interval("30m")));
    Entry entry = plan(changed).entries().get(0);
    assertThat(entry.action()).isEqualTo(Action.UPDATE);
    assertThat(entry.differences()).containsExactly("interval", "note");
    assertThat(entry.enabled()).contains(false);

    KibanaReport untold = apply(changed, Changes.create());
    assertThat(untold.updated()).isEmpty();
    assertThat(stub.rules("default").get(id(1)).has("note")).isFalse();

    assertThat(apply(changed, Changes.create().update()).updated()).containsExactly(id(1));
    assertThat(stub.rules("default").get(id(1)).path("note").asText()).isEqualTo("A guide.");
    assertThat(plan(changed).entries().get(0).action()).isEqualTo(Action.UNCHANGED);
  }

  @Test
  void anUpdateKeepsWhatUsersDecide() throws Exception {
    apply(rules(1), Changes.create());
    ObjectNode rule = stub.rules("default").get(id(1));
    rule.put("enabled", true);
    rule.putArray("actions").addObject().put("id", "mail");
    rule.putArray("exceptions_list").addObject().put("list_id", "ours");
    rule.putObject("alert_suppression").putArray("group_by").add("host.id");

    List<ThreatMatchRule> changed = List.of(rule(1, b -> b.note("A guide.")));
    assertThat(apply(changed, Changes.create().update()).updated()).containsExactly(id(1));
    ObjectNode after = stub.rules("default").get(id(1));
    assertThat(after.path("note").asText()).isEqualTo("A guide.");
    for (String kept : List.of("enabled", "actions", "exceptions_list", "alert_suppression")) {
      assertThat(after.path(kept)).as(kept).isEqualTo(rule.path(kept));
    }
  }

  @Test
  void onlyTheNamedRulesAreEnabledAndByBulkAction() throws Exception {
    KibanaReport report = apply(rules(3), Changes.create().enable(Set.of(id(2), "no such rule")));
    assertThat(report.enabled()).containsExactly(id(2));
    assertThat(stub.rules("default").get(id(2)).path("enabled").booleanValue()).isTrue();
    assertThat(stub.rules("default").get(id(1)).path("enabled").booleanValue()).isFalse();
    assertThat(stub.requests("_bulk_action")).hasSize(1);
    // What is enabled already needs no request.
    assertThat(apply(rules(3), Changes.create().enable(Set.of(id(2)))).enabled()).isEmpty();
    assertThat(stub.requests("_bulk_action")).hasSize(1);
  }

  @Test
  void moreThanAHundredAreEnabledInParts() throws Exception {
    List<String> ids = rules(230).stream().map(ThreatMatchRule::ruleId).toList();
    KibanaReport report = apply(rules(230), Changes.create().enable(ids));
    assertThat(report.enabled()).containsExactlyElementsOf(ids);
    assertThat(stub.requests("_bulk_action")).hasSize(3);
  }

  @Test
  void installedRulesAreReadPageByPage() throws Exception {
    apply(rules(120), Changes.create());
    int before = stub.requests("_find").size();
    assertThat(plan(rules(120)).entries())
        .hasSize(120)
        .extracting(Entry::action)
        .containsOnly(Action.UNCHANGED);
    assertThat(stub.requests("_find")).hasSize(before + 3);
  }

  @Test
  void anImportIsSplitAtTheNumberOfRules() throws Exception {
    stub.maxObjects = 2;
    KibanaRules kibana = kibana().maxFileRules(2).build();
    KibanaReport report = kibana.apply(kibana.plan(rules(5), Profile.FULL), Changes.create());
    assertThat(report.created()).hasSize(5);
    assertThat(stub.requests("_import")).hasSize(3);
  }

  @Test
  void anImportIsSplitBeforeItIsTooLong() throws Exception {
    String guide = "x".repeat(1_000_000);
    List<ThreatMatchRule> rules = new ArrayList<>();
    for (int n = 1; n <= 12; n++) {
      rules.add(rule(n, b -> b.note(guide)));
    }
    assertThat(apply(rules, Changes.create()).created()).hasSize(12);
    assertThat(stub.requests("_import"))
        .hasSize(2)
        .allSatisfy(
            r -> assertThat(r.body().length).isLessThanOrEqualTo(RuleJson.MAX_IMPORT_BYTES));
  }

  @Test
  void whatIsAroundTheFileCountsAsWell() throws Exception {
    List<ThreatMatchRule> rules = new ArrayList<>();
    for (int n = 1; n <= 10; n++) {
      rules.add(rule(n, b -> b.note("x".repeat(1_000_000))));
    }
    int soFar = ThreatMatchRules.toNdjson(rules).length();
    int last = rule(11, b -> b.note("x")).toJson().length();
    rules.add(rule(11, b -> b.note("x".repeat(RuleJson.MAX_IMPORT_BYTES - soFar - last))));
    assertThat(ThreatMatchRules.toNdjson(rules)).hasSize(RuleJson.MAX_IMPORT_BYTES);
    assertThat(apply(rules, Changes.create()).created()).hasSize(11);
    assertThat(stub.requests("_import")).hasSize(2);
  }

  @Test
  void aRuleThatKibanaTookButComplainsOfIsAFailure() throws Exception {
    KibanaPlan plan = plan(rules(1));
    stub.fault(
        "/api/detection_engine/rules/_import",
        exchange -> {
          stub.put(RuleDocument.rule(rule(1)).put("enabled", false));
          KibanaStub.answer(
                  200,
                  "application/json",
                  "{\"success\":false,\"errors\":["
                      + KibanaStub.refusal(id(1), 400, "the exception list does not exist")
                      + "]}")
              .on(exchange);
        });
    KibanaReport report = kibana().build().apply(plan, Changes.create());
    assertThat(report.created()).isEmpty();
    assertThat(report.failures()).singleElement().matches(failure -> failure.status() == 400);
  }

  @Test
  void aRuleThatKibanaRefusesIsAFailureThoughTheStatusIs200() throws Exception {
    stub.refusals.put(id(2), KibanaStub.refusal(id(2), 400, "threat_mapping: Required"));
    KibanaReport report = apply(rules(3), Changes.create().enable(Set.of(id(2), id(3))));
    assertThat(report.created()).containsExactly(id(1), id(3));
    assertThat(report.enabled()).containsExactly(id(3));
    assertThat(report.failures())
        .singleElement()
        .satisfies(
            failure -> {
              assertThat(failure.ruleId()).isEqualTo(id(2));
              assertThat(failure.status()).isEqualTo(400);
              assertThat(failure.message()).isEqualTo("threat_mapping: Required");
            });
  }

  @Test
  void anImportThatLosesARuleIsAFailure() throws Exception {
    stub.onStore =
        (ruleId, rule) -> rule.put("type", ruleId.equals(id(1)) ? "lost" : "threat_match");
    KibanaReport report = apply(rules(2), Changes.create());
    assertThat(report.created()).containsExactly(id(2));
    assertThat(report.failures())
        .singleElement()
        .hasToString(id(1) + ": Kibana took the rule, and it is not there");
  }

  @Test
  void aRuleThatIsSeenLateIsWaitedFor() throws Exception {
    KibanaPlan plan = plan(rules(1));
    KibanaStub.Fault nothing =
        KibanaStub.answer(200, "application/json", "{\"data\":[],\"total\":0}");
    // The look before the import, and the first one after it.
    stub.fault("/api/detection_engine/rules/_find", nothing, nothing);
    KibanaReport report = kibana().build().apply(plan, Changes.create().enable(Set.of(id(1))));
    assertThat(report.failures()).isEmpty();
    assertThat(report.enabled()).containsExactly(id(1));
  }

  @Test
  void aRuleThatKibanaKeepsOtherwiseIsAWarning() throws Exception {
    stub.onStore = (ruleId, rule) -> rule.put("max_signals", 50);
    KibanaReport report = apply(rules(1), Changes.create());
    assertThat(report.created()).containsExactly(id(1));
    assertThat(report.warnings()).singleElement().asString().contains(id(1), "[max_signals]");
  }

  @Test
  void errorsOfExceptionsAndNoReasonAtAllAreFailures() throws Exception {
    KibanaPlan plan = plan(rules(1));
    stub.fault(
        "/api/detection_engine/rules/_import",
        KibanaStub.answer(
            200,
            "application/json",
            "{\"success\":false,\"errors\":[],\"exceptions_errors\":"
                + "[{\"list_id\":\"x\",\"error\":{\"status_code\":404,\"message\":\"no list\"}}]}"));
    assertThat(kibana().build().apply(plan, Changes.create()).failures())
        .extracting(KibanaReport.Failure::message)
        .containsExactly("Kibana took the rule, and it is not there", "no list");

    stub.fault(
        "/api/detection_engine/rules/_import",
        KibanaStub.answer(200, "application/json", "{\"success\":false,\"errors\":[]}"));
    assertThat(kibana().build().apply(plan, Changes.create()).failures())
        .extracting(KibanaReport.Failure::message)
        .contains("Kibana says that the import failed, and gives no reason");
  }

  @Test
  void theSameRuleFromSomebodyElseIsNoFailure() throws Exception {
    KibanaPlan plan = plan(rules(2));
    // Between the look of apply and its import: as if an answer was lost and the request repeated.
    stub.fault(
        "/api/detection_engine/rules/_import",
        exchange -> {
          stub.put(RuleDocument.rule(rule(1)));
          KibanaStub.answer(503, "text/plain", "starting").on(exchange);
        });
    KibanaReport report = kibana().build().apply(plan, Changes.create());
    assertThat(report.failures()).isEmpty();
    assertThat(report.created()).containsExactly(id(1), id(2));
  }

  @Test
  void anotherRuleOfTheSameIdIsAFailure() throws Exception {
    KibanaPlan plan = plan(rules(1));
    stub.fault(
        "/api/detection_engine/rules/_import",
        exchange -> {
          stub.put(RuleDocument.rule(rule(1, b -> b.name("Another one"))));
          KibanaStub.answer(503, "text/plain", "starting").on(exchange);
        });
    KibanaReport report = kibana().build().apply(plan, Changes.create());
    assertThat(report.created()).isEmpty();
    assertThat(report.failures()).singleElement().matches(f -> f.status() == 409);
  }

  @Test
  void aRuleThatChangedSinceThePlanStopsEverything() throws Exception {
    apply(rules(2), Changes.create());
    KibanaPlan plan = plan(List.of(rule(1, b -> b.note("A guide.")), rule(2), rule(3)));
    stub.rules("default").get(id(1)).putArray("actions").addObject().put("id", "mail");
    int before = stub.requests("_import").size();
    assertThatThrownBy(() -> kibana().build().apply(plan, Changes.create().update()))
        .isInstanceOf(KibanaException.class)
        .hasMessageContaining(id(1))
        .extracting("problem")
        .isEqualTo(KibanaException.Problem.CHANGED);
    assertThat(stub.requests("_import")).hasSize(before);
    // It matters only to those who would change that rule.
    assertThat(kibana().build().apply(plan, Changes.create()).created()).containsExactly(id(3));
  }

  @Test
  void orphansAreOursOverTheSameIndicatorsAndRemovedIfTold() throws Exception {
    apply(rules(2), Changes.create());
    stub.put(RuleDocument.rule(rule(7, b -> b.threatIndex("other").name("Another set"))));
    ObjectNode foreign = RuleDocument.rule(rule(8));
    foreign.remove("tags");
    stub.put(foreign);
    stub.put(RuleDocument.rule(rule(9))).put("immutable", true);

    KibanaPlan plan = plan(List.of(rule(1)));
    assertThat(plan.entries())
        .extracting(Entry::action)
        .containsExactly(Action.UNCHANGED, Action.ORPHAN);
    assertThat(plan.entries().get(1).ruleId()).isEqualTo(id(2));

    assertThat(apply(List.of(rule(1)), Changes.create()).removed()).isEmpty();
    assertThat(apply(List.of(rule(1)), Changes.create().removeOrphans()).removed())
        .containsExactly(id(2));
    assertThat(stub.rules("default")).containsOnlyKeys(id(1), id(7), id(8), id(9));
  }

  @Test
  void aBulkActionThatFailsForOneIsDoneForTheOthers() throws Exception {
    stub.stubborn.add(id(1));
    KibanaReport report = apply(rules(2), Changes.create().enable(Set.of(id(1), id(2))));
    assertThat(report.created()).containsExactly(id(1), id(2));
    assertThat(report.enabled()).containsExactly(id(2));
    assertThat(report.failures())
        .singleElement()
        .hasToString(id(1) + ": enable failed: no (status 500)");
  }

  @Test
  void aBulkActionThatSaysNothingOfARuleIsAFailure() throws Exception {
    apply(rules(1), Changes.create());
    KibanaPlan plan = plan(rules(1));
    stub.fault(
        "/api/detection_engine/rules/_bulk_action",
        KibanaStub.answer(200, "application/json", "{\"success\":true}"));
    KibanaReport report = kibana().build().apply(plan, Changes.create().enable(Set.of(id(1))));
    assertThat(report.enabled()).isEmpty();
    assertThat(report.failures()).singleElement().asString().contains(id(1), "says nothing");
  }

  @Test
  void aRuleThatCouldNotBeUpdatedIsNotEnabled() throws Exception {
    apply(rules(2), Changes.create());
    stub.refusals.put(id(1), KibanaStub.refusal(id(1), 400, "no"));
    List<ThreatMatchRule> changed = List.of(rule(1, b -> b.note("A guide.")), rule(2));
    KibanaReport report = apply(changed, Changes.create().update().enable(Set.of(id(1), id(2))));
    assertThat(report.updated()).isEmpty();
    assertThat(report.failures()).hasSize(1);
    assertThat(report.enabled()).containsExactly(id(2));
  }

  @Test
  void theRuleForFindingsOfHuntsGoesAlongAndOtherQueriesAreLeftAlone() throws Exception {
    ObjectNode foreign = RuleJson.of(HuntRule.builder().index("logs-other").build());
    stub.put(foreign.put("rule_id", "11111111-1111-4111-8111-111111111111"));
    List<DetectionRule> set = List.of(rule(1), HuntRule.standard());
    KibanaRules kibana = kibana().build();
    KibanaReport report = kibana.apply(kibana.plan(set, Profile.FULL), Changes.create());
    assertThat(report.created()).containsExactly(id(1), HuntRule.standard().ruleId());
    assertThat(report.failures()).isEmpty();
    assertThat(report.warnings()).isEmpty();
    assertThat(kibana.plan(set, Profile.COMPLEMENT).entries())
        .hasSize(2)
        .extracting(Entry::action)
        .containsOnly(Action.UNCHANGED);
  }

  @Test
  void aSpaceHasRulesOfItsOwn() throws Exception {
    stub.space("security");
    KibanaRules kibana = kibana().space("security").build();
    assertThat(kibana.apply(kibana.plan(rules(1), Profile.FULL), Changes.create()).created())
        .containsExactly(id(1));
    assertThat(stub.rules("security")).containsOnlyKeys(id(1));
    assertThat(stub.rules("default")).isEmpty();
    assertThatThrownBy(() -> kibana.apply(plan(rules(1)), Changes.create()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("space default");
  }

  @Test
  void twoRulesOfOneIdAreRefused() {
    assertThatThrownBy(() -> plan(List.of(rule(1), rule(1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("two rules have the id " + id(1));
  }

  /** As Elastic's rule for addresses; the rest of it does not matter here. */
  private ObjectNode prebuilt(boolean enabled) {
    ObjectNode rule =
        RuleDocument.rule(
            ThreatMatchRuleTest.valid()
                .name("Threat Intel IP Address Indicator Match")
                .ruleId("0c41e478-5263-4c69-8f9e-7dfd2c22da64")
                .index("auditbeat-*", "logs-*")
                .threatIndex("filebeat-*", "logs-ti_*")
                .threatMapping(ThreatMapping.of("source.ip", "threat.indicator.ip"))
                .build());
    rule.withArray("/threat_index").removeAll().add("filebeat-*").add("logs-ti_*");
    return stub.put(rule).put("immutable", true).put("enabled", enabled);
  }

  private static ThreatMatchRule address(int n, String modules, String... mapped) {
    ThreatMatchRule.Builder builder =
        ThreatMatchRuleTest.valid()
            .name("Address " + n)
            .ruleId(id(n))
            .tags(ThreatMatchRules.TAG)
            .threatQuery(
                QueryLanguage.KUERY,
                "@timestamp >= \"now-30d/d\" and event.module:"
                    + modules
                    + " and tip.status:active");
    for (String field : mapped) {
      builder.threatMapping(ThreatMapping.of(field, "threat.indicator.ip"));
    }
    return builder.build();
  }

  @Test
  void aPrebuiltRuleThatDoesTheSameIsSaidAndInAComplementTakesItsPlace() throws Exception {
    prebuilt(true);
    List<ThreatMatchRule> set =
        List.of(
            address(1, "ti_tip"),
            address(2, "ti_tip", "client.ip"),
            address(3, "(ti_tip or tip)"),
            rule(4));
    List<Entry> full = plan(set).entries();
    assertThat(full).extracting(Entry::action).containsOnly(Action.CREATE);
    assertThat(full.get(0).notes())
        .containsExactly(
            "Elastic's rule Threat Intel IP Address Indicator Match is enabled and finds the same");
    assertThat(full.get(1).notes()).singleElement().asString().endsWith("finds a part of it");
    assertThat(full.get(2).notes()).isEmpty();
    assertThat(full.get(3).notes()).isEmpty();

    KibanaRules kibana = kibana().build();
    KibanaPlan complement = kibana.plan(set, Profile.COMPLEMENT);
    assertThat(complement.entries())
        .extracting(Entry::action)
        .containsExactly(Action.LEFT_OUT, Action.CREATE, Action.CREATE, Action.CREATE);
    KibanaReport report = kibana.apply(complement, Changes.create().enable(Set.of(id(1))));
    assertThat(report.created()).containsExactly(id(2), id(3), id(4));
    assertThat(report.enabled()).isEmpty();
  }

  @Test
  void whatIsInstalledAndBecameSuperfluousIsAnOrphan() throws Exception {
    List<ThreatMatchRule> set = List.of(address(1, "ti_tip"));
    apply(set, Changes.create());
    prebuilt(true);
    KibanaRules kibana = kibana().build();
    KibanaPlan plan = kibana.plan(set, Profile.COMPLEMENT);
    assertThat(plan.entries()).singleElement().matches(e -> e.action() == Action.ORPHAN);
    assertThat(kibana.apply(plan, Changes.create().enable(Set.of(id(1)))).enabled()).isEmpty();
    assertThat(kibana.apply(plan, Changes.create().removeOrphans()).removed())
        .containsExactly(id(1));
    assertThat(stub.rules("default")).hasSize(1);
  }

  @Test
  void aPrebuiltRuleThatReadsAPartOfTheEventsOrOtherIndicatorsReplacesNothing() throws Exception {
    prebuilt(true);
    ThreatMatchRule wider = change(1, b -> b.index("custom-*"));
    ThreatMatchRule elsewhere = change(2, b -> b.threatIndex("custom-indicators"));
    List<Entry> entries =
        kibana().build().plan(List.of(wider, elsewhere), Profile.COMPLEMENT).entries();
    assertThat(entries).extracting(Entry::action).containsOnly(Action.CREATE);
    assertThat(entries.get(0).notes()).singleElement().asString().endsWith("finds a part of it");
    assertThat(entries.get(1).notes()).isEmpty();
  }

  @Test
  void ofTheSetOnlyTheRulesForAddressesOverlapWithElasticsForAddresses() throws Exception {
    prebuilt(true);
    List<ThreatMatchRule> set = ThreatMatchRules.standard(Options.defaults());
    assertThat(plan(set).entries())
        .filteredOn(entry -> !entry.notes().isEmpty())
        .isNotEmpty()
        .extracting(Entry::ruleId)
        .isSubsetOf(
            set.stream()
                .filter(rule -> rule.threatMapping().toString().contains("threat.indicator.ip"))
                .map(ThreatMatchRule::ruleId)
                .toList());
  }

  @Test
  void onlyAPairThatIsEnoughByItselfCounts() throws Exception {
    ObjectNode theirs = prebuilt(true);
    KibanaRules kibana = kibana().build();
    List<ThreatMatchRule> set = List.of(address(1, "ti_tip"));
    ObjectNode group = theirs.putArray("threat_mapping").addObject();
    ObjectNode entry = group.putArray("entries").addObject();
    entry.put("field", "destination.ip").put("value", "threat.indicator.ip");
    assertThat(kibana.plan(set, Profile.FULL).entries().get(0).notes()).hasSize(1);
    entry.put("negate", true);
    assertThat(kibana.plan(set, Profile.FULL).entries().get(0).notes()).isEmpty();
    entry.put("negate", false);
    group.withArray("/entries").addObject().put("field", "a").put("value", "b");
    assertThat(kibana.plan(set, Profile.FULL).entries().get(0).notes()).isEmpty();
  }

  /** A rule that the prebuilt one covers but for what is added. */
  private static ThreatMatchRule change(int n, UnaryOperator<ThreatMatchRule.Builder> change) {
    return rule(
        n,
        b ->
            change.apply(
                b.threatQuery(QueryLanguage.KUERY, "event.module:ti_tip and tip.status:active")));
  }

  @Test
  void aPrebuiltRuleThatIsDisabledOrReadsOtherEventsReplacesNothing() throws Exception {
    ObjectNode theirs = prebuilt(false);
    List<ThreatMatchRule> set = List.of(address(1, "ti_tip"));
    KibanaRules kibana = kibana().build();
    Entry entry = kibana.plan(set, Profile.COMPLEMENT).entries().get(0);
    assertThat(entry.action()).isEqualTo(Action.CREATE);
    assertThat(entry.notes()).singleElement().asString().endsWith("and is disabled");

    theirs.put("enabled", true);
    theirs.withArray("/index").removeAll().add("winlogbeat-*");
    assertThat(kibana.plan(set, Profile.COMPLEMENT).entries().get(0).notes()).isEmpty();
  }
}
