// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KqlQueryTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a:b | a:b",
        "a : b | a:b",
        "a:(b) | (a:b)",
        "a:(b or c) | (a:b or a:c)",
        "a:(\"b c\" or d* or not e) | (a:\"b c\" or a:d* or not a:e)",
        "a:(b and (c or d)) | (a:b and (a:c or a:d))",
        "a:(two words or one) | (a:two words or a:one)",
        "a:b AND NOT c:(d OR e) | a:b and not (c:d or c:e)",
        "(a:(b or c) or d:*) and e >= 5 | ((a:b or a:c) or d:*) and e >= 5",
        "\"a:(b or c)\" | \"a:(b or c)\"",
        "a:b\\(c | a:b\\(c",
        "a:{ b:(c or d) and e:f } | a:{(b:c or b:d) and e:f}",
        "a.*:* | a.*:*",
        "*:* | *:*",
        "plain words | plain words",
        "a:oracle or b:android | a:oracle or b:android",
      })
  void listsOfValuesAreWrittenOut(String query, String expected) {
    assertThat(KqlQuery.parse(query).withoutLists()).isEqualTo(expected);
    assertThat(KqlQuery.parse(query)).hasToString(query);
  }

  @Test
  void fieldsAreNamedOnceInOrder() {
    assertThat(
            KqlQuery.parse(
                    "@timestamp >= \"now-30d/d\" and b:(x or y) and (a:1 or not b:2) and c.*:* and"
                        + " \"d:e\" and n:{m:1 and k:{l > 2}}")
                .fields())
        .containsExactly("@timestamp", "b", "a", "c.*", "n.m", "n.k.l");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a: | ends too early",
        "a:b and | ends too early",
        "not | ends too early",
        "(a:b | ends too early",
        "a:(b or c | ends too early",
        "a:b) | has ) out of place at index 3",
        "a:b or or c:d | has or out of place at index 7",
        "a:b:c | has : out of place at index 3",
        "() | has ) out of place at index 1",
        "a:\"b | has no closing quote for index 2",
        "a:\"b\\\" | has no closing quote for index 2",
        "a:b\\ | ends in a backslash",
        "a > > 1 | has > out of place at index 4",
        "a:{b:c | ends too early",
        "a:<b> | has < out of place at index 2",
      })
  void whatKibanaWouldRefuseIsRefusedWithItsPlace(String query, String message) {
    assertThatThrownBy(() -> KqlQuery.parse(query))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({"(, (", "a:(, (", "a:{, a:{", "a:{, (", "not (, not ("})
  void deepNestingIsRefusedAndDoesNotExhaustTheStack(String first, String open) {
    assertThatThrownBy(() -> KqlQuery.parse(first + open.repeat(100_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("100 levels");
  }

  @ParameterizedTest
  @ValueSource(strings = {"threat_query", "query"})
  void aRuleWithAQueryThatIsNoKqlIsRefused(String key) {
    ThreatMatchRule.Builder builder = ThreatMatchRuleTest.valid();
    assertThatThrownBy(
            () ->
                (key.equals("query")
                        ? builder.query(QueryLanguage.KUERY, "a:(b or")
                        : builder.threatQuery(QueryLanguage.KUERY, "a:(b or"))
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(key + " is no KQL, it ends too early");
  }

  @Test
  void aQueryInLuceneIsNotReadAsKql() {
    String lucene = "a:[1 TO 5}";
    assertThat(ThreatMatchRuleTest.valid().query(QueryLanguage.LUCENE, lucene).build().query())
        .isEqualTo(lucene);
  }
}
