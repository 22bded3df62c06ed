// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class RuleJsonProperties {
  @Property
  void whatIsWrittenIsReadAgainInOrderAndWithinTheLimits(
      @ForAll("rules") List<ObjectNode> rules,
      @ForAll @IntRange(min = 1, max = 5) int maxRules,
      @ForAll @IntRange(min = 2_000, max = 4_000) int maxBytes)
      throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] file : RuleJson.files(rules, maxRules, maxBytes)) {
      assertThat(file.length).isBetween(1, maxBytes);
      assertThat(RuleJson.readLines(file)).hasSizeBetween(1, maxRules);
      all.write(file);
    }
    assertThat(RuleJson.readLines(all.toByteArray())).isEqualTo(rules);
  }

  @Property
  void whateverIsReadIsAnObjectOrASentence(@ForAll("junk") String text) {
    try {
      assertThat(RuleJson.readLines(text.getBytes(StandardCharsets.UTF_8))).isNotNull();
    } catch (IOException e) {
      assertThat(e.getMessage())
          .matches("line \\d+ is no (usable JSON( at byte \\d+)?|JSON object)");
    }
  }

  @Property
  void normalisingTwiceChangesNothingMore(@ForAll("rule") ObjectNode rule) {
    ObjectNode once = RuleJson.normalised(rule);
    assertThat(RuleJson.normalised(once)).isEqualTo(once);
    assertThat(RuleJson.differences(rule, once)).isEmpty();
    assertThat(RuleJson.differences(rule, rule)).isEmpty();
  }

  @Property
  void afterMergingNothingDiffers(
      @ForAll("rule") ObjectNode wanted, @ForAll("rule") ObjectNode installed) {
    ObjectNode merged = RuleJson.merged(wanted, installed);
    assertThat(RuleJson.differences(wanted, merged)).isEmpty();
    assertThat(merged.path("actions")).isEqualTo(RuleJson.normalised(installed).path("actions"));
    assertThat(merged.path("enabled").asBoolean()).isEqualTo(installed.path("enabled").asBoolean());
  }

  @Provide
  Arbitrary<List<ObjectNode>> rules() {
    return rule().list().ofMaxSize(12);
  }

  @Provide
  Arbitrary<ObjectNode> rule() {
    Arbitrary<String> key =
        Arbitraries.of(
            "name",
            "note",
            "tags",
            "query",
            "threat_mapping",
            "actions",
            "id",
            "to",
            "interval",
            "enabled",
            "alert_suppression",
            "exceptions_list",
            "max_signals");
    Arbitrary<Object> value =
        Arbitraries.oneOf(
            hostile().map(t -> (Object) t),
            Arbitraries.integers().map(i -> (Object) i),
            Arbitraries.of(true, false).map(b -> (Object) b),
            Arbitraries.just(List.of()),
            hostile().list().ofMaxSize(3).map(l -> (Object) l));
    return Combinators.combine(key, value)
        .as(RuleJsonProperties::field)
        .list()
        .ofMaxSize(6)
        .map(
            fields -> {
              ObjectNode all = JsonNodeFactory.instance.objectNode();
              fields.forEach(all::setAll);
              return all;
            });
  }

  private static ObjectNode field(String key, Object value) {
    ObjectNode field = JsonNodeFactory.instance.objectNode();
    if (value instanceof String text) {
      field.put(key, text);
    } else if (value instanceof Integer number) {
      field.put(key, number);
    } else if (value instanceof Boolean bool) {
      field.put(key, bool);
    } else if (value instanceof List<?> list) {
      ArrayNode array = field.putArray(key);
      list.forEach(item -> array.add((String) item));
    }
    return field;
  }

  private static Arbitrary<String> hostile() {
    return Arbitraries.strings()
        .withChars('\n', '\r', '"', '\\', '{', '}', '\u0000', '\u2028', '\u007f', 'a', 'ß')
        .ofMaxLength(12);
  }

  @Provide
  Arbitrary<String> junk() {
    return Arbitraries.strings()
        .withChars('{', '}', '[', ']', '"', ':', ',', '1', 'e', '-', '\\', '\n', ' ', 'n', 'u', 'l')
        .ofMaxLength(40);
  }
}
