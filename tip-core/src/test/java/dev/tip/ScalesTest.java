// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scales that ECS and STIX give. */
class ScalesTest {
  @ParameterizedTest
  @CsvSource({
    "0, NONE",
    "1, LOW",
    "29, LOW",
    "30, MEDIUM",
    "69, MEDIUM",
    "70, HIGH",
    "100, HIGH",
  })
  void scoreHasTheLevelThatStixGivesIt(int score, Confidence level) {
    assertThat(Confidence.ofScore(score)).isEqualTo(level);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 101})
  void scoreOutsideTheScaleIsRefused(int score) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Confidence.ofScore(score))
        .withMessageContaining(Integer.toString(score));
  }

  @Test
  void constantsHaveTheValuesThatEcsExpects() {
    assertThat(Confidence.values())
        .extracting(Confidence::ecsValue)
        .containsExactly("Not Specified", "None", "Low", "Medium", "High");
    assertThat(Tlp.values())
        .extracting(Tlp::ecsValue)
        .containsExactly("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED");
    assertThat(HashAlgorithm.values())
        .extracting(HashAlgorithm::ecsName)
        .containsExactly("sha512", "sha256", "sha1", "md5", "imphash", "ssdeep", "tlsh");
    assertThat(HashAlgorithm.values())
        .extracting(HashAlgorithm::hexLength)
        .containsExactly(128, 64, 40, 32, 32, -1, -1);
    assertThat(HashAlgorithm.values())
        .filteredOn(HashAlgorithm::isCryptographic)
        .containsExactly(
            HashAlgorithm.SHA512, HashAlgorithm.SHA256, HashAlgorithm.SHA1, HashAlgorithm.MD5);
  }
}
