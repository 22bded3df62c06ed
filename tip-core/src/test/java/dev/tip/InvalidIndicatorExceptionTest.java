// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InvalidIndicatorExceptionTest {
  @Test
  void messageEscapesAndCutsTheText() {
    assertThat(new InvalidIndicatorException("some-reason", "a\n\"\\~\u007f\u00e9"))
        .hasMessage("some-reason: \"a\\u000a\\u0022\\u005c~\\u007f\\u00e9\"");
    assertThat(new InvalidIndicatorException("some-reason", "x".repeat(120)))
        .hasMessage("some-reason: \"" + "x".repeat(120) + '"');
    assertThat(new InvalidIndicatorException("some-reason", "x".repeat(121)))
        .hasMessage("some-reason: \"" + "x".repeat(120) + "...\"");
  }

  @Test
  void carriesReasonButNoStackTrace() {
    InvalidIndicatorException e = new InvalidIndicatorException("some-reason", "");
    assertThat(e.reason()).isEqualTo("some-reason");
    assertThat(e.getStackTrace()).isEmpty();
  }
}
