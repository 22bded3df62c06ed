// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainTextTest {
  @Test
  void blankTextIsNone() {
    assertThat(PlainText.clean(null, 3)).isNull();
    assertThat(PlainText.clean("", 3)).isNull();
    assertThat(PlainText.clean(" \u00a0\n", 3)).isNull();
  }

  @Test
  void whiteSpaceAroundGoesAndWithinStays() {
    assertThat(PlainText.clean(" a b\u3000", 9)).isEqualTo("a b");
    assertThat(PlainText.clean("a ", 9)).isEqualTo("a");
    assertThat(PlainText.clean(" a", 9)).isEqualTo("a");
    assertThat(PlainText.clean("ab  cd", 4)).isEqualTo("ab");
    assertThat(PlainText.clean("  abc", 3)).isEqualTo("abc");
  }

  @Test
  void textIsCutToItsLengthAndNoPairInTwo() {
    assertThat(PlainText.clean("abcd", 4)).isEqualTo("abcd");
    assertThat(PlainText.clean("abcde", 4)).isEqualTo("abcd");
    assertThat(PlainText.clean("abc\ud83d\ude00", 4)).isEqualTo("abc");
    assertThat(PlainText.clean("abc\ud83d\ude00", 5)).isEqualTo("abc\ud83d\ude00");
    assertThat(PlainText.cut("abcd", 4)).isEqualTo("abcd");
    assertThat(PlainText.cut("abcde", 4)).isEqualTo("abcd");
    assertThat(PlainText.cut("abc\ud83d\ude00", 4)).isEqualTo("abc");
    assertThat(PlainText.cut("abc\ud83d\ude00x", 5)).isEqualTo("abc\ud83d\ude00");
  }

  @ParameterizedTest
  @ValueSource(
      chars = {'\0', '\t', '\n', '\u001f', '\u007f', '\u0080', '\u009f', '\u2028', '\u2029'})
  void controlCharactersBecomeBlanks(char c) {
    assertThat(PlainText.clean("a" + c + "b", 9)).isEqualTo("a b");
  }

  @ParameterizedTest
  @ValueSource(chars = {' ', '!', '~', '\u00a0', '\u2027', '\u202a', '\ufffd'})
  void otherCharactersStay(char c) {
    assertThat(PlainText.clean("a" + c + "b", 9)).isEqualTo("a" + c + "b");
  }

  @Test
  void unpairedSurrogatesAreReplaced() {
    assertThat(PlainText.clean("a\ud800", 9)).isEqualTo("a\ufffd");
    assertThat(PlainText.clean("\udc00\ud800x", 9)).isEqualTo("\ufffd\ufffdx");
    assertThat(PlainText.clean("\ud83d\ude00\ude00", 9)).isEqualTo("\ud83d\ude00\ufffd");
  }

  @Test
  void lesserOfTwoTextsHasNoNull() {
    assertThat(PlainText.min(null, null)).isNull();
    assertThat(PlainText.min("a", null)).isEqualTo("a");
    assertThat(PlainText.min(null, "a")).isEqualTo("a");
    assertThat(PlainText.min("a", "b")).isEqualTo("a");
    assertThat(PlainText.min("b", "a")).isEqualTo("a");
  }
}
