// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class RuleLintProperties {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  @Property
  void anyTextIsARuleFileOrRefused(@ForAll("hostile") String text) {
    try {
      RuleLint.check(RuleFile.toml("x.toml", text));
    } catch (RuleFileException e) {
      assertThat(e.getMessage()).startsWith("x.toml").doesNotContain("\n");
    }
    try {
      RuleFile.ndjson("x.ndjson", text).forEach(RuleLint::check);
    } catch (RuleFileException e) {
      assertThat(e.getMessage()).startsWith("x.ndjson").doesNotContain("\n");
    }
  }

  /** Any value in place of any part of a good rule is looked at without an exception. */
  @Property
  void anyValueAnywhereIsLookedAt(
      @ForAll("values") JsonNode value, @ForAll("places") int place, @ForAll boolean ofKibana)
      throws Exception {
    ObjectNode file =
        RuleFile.of(ThreatMatchRulesTest.rules().get(place % 38)).content().deepCopy();
    List<Runnable> changes = new ArrayList<>();
    collect(file, value, changes);
    changes.get(place % changes.size()).run();
    List<RuleFinding> findings =
        ofKibana && file.get("rule").isObject()
            ? RuleLint.check(RuleFile.ndjson("x.ndjson", file.get("rule").toString()).get(0))
            : RuleLint.check(RuleFile.of("x.toml", file));
    assertThat(findings)
        .allSatisfy(
            f ->
                assertThat(f.field() + f.sentence())
                    .doesNotContain("\n", "\u001b", "\u202e")
                    .hasSizeLessThan(1000));
  }

  private static void collect(JsonNode node, JsonNode value, List<Runnable> changes) {
    if (node instanceof ObjectNode object) {
      object
          .fieldNames()
          .forEachRemaining(
              key -> {
                changes.add(() -> object.set(key, value));
                collect(object.get(key), value, changes);
              });
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        int at = i;
        changes.add(() -> array.set(at, value));
        collect(array.get(i), value, changes);
      }
    }
  }

  @Provide
  Arbitrary<Integer> places() {
    return Arbitraries.integers().between(0, 100_000);
  }

  @Provide
  Arbitrary<JsonNode> values() {
    Arbitrary<JsonNode> plain =
        Arbitraries.of(
            NODES.nullNode(),
            NODES.booleanNode(true),
            NODES.numberNode(0),
            NODES.numberNode(-1),
            NODES.numberNode(1.5),
            NODES.numberNode(Long.MAX_VALUE),
            NODES.numberNode(new java.math.BigInteger("9".repeat(40))),
            NODES.textNode(""),
            NODES.textNode("*"),
            NODES.textNode("now-"),
            NODES.textNode("now-999999999999d"),
            NODES.textNode("-1d"),
            NODES.textNode("a\u001b[2J\n\u202e"),
            NODES.textNode("\ud800"),
            NODES.textNode("x".repeat(5000)),
            NODES.textNode("a:1/2 or b:\"1.2.3.4/99\" or source.ip:1.2.3.4/x"),
            NODES.textNode("destination.ip:99999999999.1.1.1/8"),
            NODES.textNode("threat."),
            NODES.textNode("."),
            NODES.arrayNode(),
            NODES.objectNode(),
            NODES.arrayNode().add(NODES.nullNode()).add("x").add(3),
            NODES.objectNode().put("entries", 1).put("\n", 2));
    return Arbitraries.oneOf(
        plain,
        plain.map(v -> NODES.arrayNode().add(v)),
        plain.map(v -> NODES.objectNode().set("query", v)),
        plain.map(v -> NODES.objectNode().set("entries", NODES.arrayNode().add(v))));
  }

  @Provide
  Arbitrary<String> hostile() {
    return Arbitraries.of(
            "[rule]\n",
            "[[rule.threat_mapping]]\n",
            "[metadata]\n",
            "type = \"threat_match\"\n",
            "query = '''\n",
            "threat_query = \"\"\"\n",
            "risk_score = 99999999999999999999999\n",
            "risk_score = 0x7fffffffffffffffffff\n",
            "a = 1e999999999\n",
            "d = 2026-13-45T99:00:00Z\n",
            "[".repeat(50_000),
            "{\"a\":".repeat(2_000),
            "a = " + "[".repeat(50_000),
            "a = " + "{a=".repeat(2_000),
            "a.".repeat(3_000) + "b = 1\n",
            "{\"type\":\"threat_match\"",
            ",\"threat_mapping\":[{\"entries\":[{}]}]",
            ",\"query\":\"((((\"",
            "}",
            "{}\n",
            "\n",
            "\"",
            "'''",
            "=",
            "\\u",
            "\u0000",
            "\ud83d",
            "#")
        .list()
        .ofMaxSize(10)
        .map(list -> String.join("", list));
  }
}
