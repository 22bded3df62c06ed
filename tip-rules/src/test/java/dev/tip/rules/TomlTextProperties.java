// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.time.LocalDate;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.tomlj.Toml;

class TomlTextProperties {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Property
  void anyTextSurvivesBothReaders(@ForAll("hostile") String text) throws Exception {
    ObjectNode file = JsonNodeFactory.instance.objectNode();
    file.putObject("metadata").put("maturity", text);
    ObjectNode rule = file.putObject("rule");
    rule.put("description", text).put("note", text).put("setup", text + "\n");
    rule.put("query", text).put("threat_query", text);
    rule.putArray("tags").add(text).add("x");
    rule.putArray("threat_filters").addObject().putObject("query").put(text, text);
    checkBothReaders(file);
  }

  @Property
  void aBuiltRuleSurvivesBothReaders(@ForAll("hostile") String text) throws Exception {
    ThreatMatchRule rule;
    try {
      rule =
          ThreatMatchRule.builder("hostile")
              .name("Hostile")
              .description(text)
              .ruleId("00000000-0000-4000-8000-000000000000")
              .severity(Severity.LOW)
              .author("a")
              .license("Apache-2.0")
              .index("x-*")
              .query(QueryLanguage.LUCENE, text)
              .threatIndex("t")
              .threatQuery(QueryLanguage.KUERY, "a:" + KqlQuery.phrase(text))
              .threatMapping(ThreatMapping.of("a", "b"))
              .threatFilter("event.kind", line(text))
              .falsePositives(text)
              .note(text)
              .setup(text)
              .dates(LocalDate.EPOCH, LocalDate.EPOCH)
              .build();
    } catch (IllegalArgumentException e) {
      assertThat(text).as("only blank text is refused: %s", e.getMessage()).isBlank();
      return;
    }
    ObjectNode file = JsonNodeFactory.instance.objectNode();
    file.set("rule", JSON.readTree(rule.toJson()));
    assertThat(normalised(new TomlMapper().readTree(rule.toToml()).get("rule")))
        .isEqualTo(normalised(file.get("rule")));
    assertThat(rule.toJson()).doesNotContain("\n");
    assertThat(KqlQuery.parse(rule.threatQuery()).fields()).containsExactly("a");
  }

  private static String line(String text) {
    return "x" + text.replaceAll("[\\x00-\\x1f\\x7f-\\x9f]", "");
  }

  private static void checkBothReaders(ObjectNode file) throws Exception {
    String toml = TomlText.of(file);
    assertThat(normalised(new TomlMapper().readTree(toml))).as(toml).isEqualTo(normalised(file));
    var tomlj = Toml.parse(toml);
    assertThat(tomlj.errors()).as(toml).isEmpty();
    assertThat(normalised(JSON.readTree(tomlj.toJson()))).as(toml).isEqualTo(normalised(file));
  }

  /** Whatever could end a string, start a key, or be no character of TOML. */
  @Provide
  Arbitrary<String> hostile() {
    Arbitrary<String> pieces =
        Arbitraries.of(
            "\"",
            "\"\"\"",
            "'",
            "'''",
            "\\",
            "\\u",
            "\\\"",
            "\n",
            "\r",
            "\r\n",
            "\t",
            " ",
            "#",
            "=",
            "[rule]",
            "[[rule.threat_mapping]]",
            "\nevil = true\n",
            "\u0000",
            "\u001b",
            "\u007f",
            "\u0085",
            "\u2028",
            "\u00e9",
            "\ud83d\ude00",
            "\uffff",
            "a",
            "0123456789 ",
            "x".repeat(125),
            "{",
            "}",
            "$",
            "%s",
            "*",
            ":",
            " or *:*");
    return pieces.list().ofMaxSize(12).map(list -> String.join("", list));
  }

  /**
   * Returns a value as it is after the formatter: text with white space collapsed, Markdown as it
   * is, line breaks as TOML readers give them.
   */
  static JsonNode normalised(JsonNode value) {
    return normalised("", value);
  }

  private static JsonNode normalised(String key, JsonNode value) {
    if (value.isObject()) {
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      value.properties().forEach(p -> object.set(p.getKey(), normalised(p.getKey(), p.getValue())));
      return object;
    }
    if (value.isArray()) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      value.forEach(item -> array.add(normalised(key, item)));
      return array;
    }
    if (value.isTextual() && !key.equals("note") && !key.equals("setup")) {
      return JsonNodeFactory.instance.textNode(TomlText.collapse(value.textValue()));
    }
    return value.isIntegralNumber()
        ? JsonNodeFactory.instance.numberNode(value.longValue())
        : value;
  }
}
