// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class KqlQueryProperties {
  @Property
  void aPhraseHoldsAnyText(@ForAll("hostile") String text) {
    String phrase = KqlQuery.phrase(text);
    KqlQuery query = KqlQuery.parse("a:" + phrase + " and b:(" + phrase + " or c)");
    assertThat(query.fields()).containsExactly("a", "b");
    assertThat(query.withoutLists()).isEqualTo("a:" + phrase + " and (b:" + phrase + " or b:c)");
  }

  @Property
  void anyTextIsTakenApartOrRefused(@ForAll("hostile") String text) {
    try {
      KqlQuery.parse(text);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageMatching("(?s)(has|ends|is) .*");
    }
  }

  @Property
  void withoutListsIsStableAndHasTheSameFields(@ForAll("queries") String text) {
    KqlQuery query = KqlQuery.parse(text);
    KqlQuery again = KqlQuery.parse(query.withoutLists());
    assertThat(again.withoutLists()).isEqualTo(query.withoutLists());
    assertThat(again.fields()).isEqualTo(query.fields());
  }

  @Provide
  Arbitrary<String> hostile() {
    Arbitrary<String> pieces =
        Arbitraries.of(
            "\"",
            "\\",
            "\\\"",
            "(",
            ")",
            "{",
            "}",
            ":",
            "<",
            ">",
            "=",
            "*",
            " or ",
            " and ",
            " not ",
            "*:*",
            "a",
            "\n",
            "\u00a0",
            "\ud83d\ude00",
            "\u0000");
    return pieces.list().ofMaxSize(20).map(list -> String.join("", list));
  }

  @Provide
  Arbitrary<String> queries() {
    Arbitrary<String> field = Arbitraries.of("a", "b.c", "d.*");
    Arbitrary<String> value = Arbitraries.of("x", "y*", "\"z or (\"", "two words", "v\\:w");
    Arbitrary<String> values =
        Arbitraries.lazyOf(
            () -> value,
            () -> value.map(v -> "not " + v),
            () -> joined(value).map(list -> '(' + list + ')'));
    Arbitrary<String> term =
        Arbitraries.oneOf(
            Combinators.combine(field, joined(values)).as((f, v) -> f + ":(" + v + ')'),
            Combinators.combine(field, value).as((f, v) -> f + " : " + v),
            field.map(f -> f + " >= 5"));
    return joined(term);
  }

  private static Arbitrary<String> joined(Arbitrary<String> parts) {
    return Combinators.combine(
            parts.list().ofMinSize(1).ofMaxSize(4), Arbitraries.of(" or ", " AND "))
        .as((List<String> list, String operator) -> String.join(operator, list));
  }
}
