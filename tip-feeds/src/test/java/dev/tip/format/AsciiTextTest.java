// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AsciiTextTest {

  @Test
  void viewIsThePartOfTheBytes() {
    AsciiText text = new AsciiText();
    assertThat(text.length()).isZero();

    text.set("xabcdx".getBytes(StandardCharsets.US_ASCII), 1, 5);

    assertThat(text).hasToString("abcd").hasSize(4);
    assertThat(text.charAt(0)).isEqualTo('a');
    assertThat(text.charAt(3)).isEqualTo('d');
    assertThat(text.subSequence(1, 3)).isEqualTo("bc");
    assertThat(text.subSequence(0, 0)).isEqualTo("");
  }

  @Test
  void nothingBesideThePartIsShown() {
    AsciiText text = new AsciiText();
    text.set("xabcdx".getBytes(StandardCharsets.US_ASCII), 1, 5);

    assertThatThrownBy(() -> text.charAt(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> text.charAt(4)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> text.subSequence(-1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> text.subSequence(2, 5)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> text.subSequence(3, 2)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
