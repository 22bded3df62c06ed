// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.InvalidIndicatorException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FieldsTest {
  private final Fields fields =
      new Fields(Reading.FEED, "list.txt", new String[] {"a", "b"}, Set.of("None"));

  private Fields with(String text) {
    fields.begin(1);
    fields.set(0, text);
    return fields;
  }

  @Test
  void textLosesWhiteSpaceAroundIt() {
    assertThat(with(" x y\t").text("a")).isEqualTo("x y");
  }

  @Test
  void blankAndMissingTextsAreNoValue() {
    assertThat(with(" \t").text("a")).isNull();
    assertThat(with(" None ").text("a")).isNull();
    assertThat(with("none").text("a")).isEqualTo("none");
    assertThat(with("x").text("b")).isNull();
  }

  @Test
  void requiredFieldWithoutValueRejectsTheRecord() {
    assertThat(with("x").require("a")).isEqualTo("x");
    assertThatThrownBy(() -> with("None").require("a")).satisfies(reason("field-missing"));
  }

  @Test
  void textThatIsNoTimeRejectsTheRecord() {
    assertThat(with("2026-01-02").time("a")).isEqualTo(Instant.parse("2026-01-02T00:00:00Z"));
    assertThat(with("").time("a")).isNull();
    assertThatThrownBy(() -> with("soon").time("a")).satisfies(reason("time-syntax"));
  }

  @Test
  void textThatIsNoNumberRejectsTheRecord() {
    assertThat(with("0").number("a", 7)).isZero();
    assertThat(with("17").number("a", 7)).isEqualTo(17);
    assertThat(with("").number("a", 7)).isEqualTo(7);
    assertThat(with("999999999999999999").number("a", 7)).isEqualTo(999_999_999_999_999_999L);
    for (String text : new String[] {"-1", "+1", "1.0", "1e3", "x", "1234567890123456789", "1 2"}) {
      assertThatThrownBy(() -> with(text).number("a", 7)).satisfies(reason("number-syntax"));
    }
  }

  @Test
  void listIsWhatStandsBetweenCommas() {
    assertThat(with(" x, ,y,x,").list("a")).containsExactly("x", "y", "x");
    assertThat(with("x").list("a")).containsExactly("x");
    assertThat(with("None").list("a")).isEmpty();
    assertThat(with(",").list("a")).isEmpty();
  }

  @Test
  void elementsOfArrayAreTheList() {
    fields.begin(1);
    fields.set(0, List.of("x,y", "z"));

    assertThat(fields.list("a")).containsExactly("x,y", "z");
    assertThat(fields.text("a")).isNull();
  }

  @Test
  void undeclaredFieldIsMistakeOfTheFormat() {
    assertThatThrownBy(() -> with("x").text("c"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("c");
    assertThatThrownBy(() -> with("x").list("c")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nothingIsLeftOfTheLastRecord() {
    fields.begin(1);
    fields.set(0, List.of("x"));
    fields.set(0, "z");
    fields.begin(2);

    assertThat(fields.list("a")).isEmpty();
    assertThat(fields.text("a")).isNull();
    assertThat(fields.position()).isEqualTo(2);
    assertThat(fields.count()).isZero();
  }

  private static java.util.function.Consumer<Throwable> reason(String reason) {
    return thrown ->
        assertThat(thrown)
            .isInstanceOfSatisfying(
                InvalidIndicatorException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
