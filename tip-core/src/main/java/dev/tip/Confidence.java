// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

/**
 * How sure a feed is of an indicator, on the scale of ECS {@code threat.indicator.confidence}.
 *
 * <p>The constants are in ascending order.
 *
 * @see <a href="https://www.elastic.co/docs/reference/ecs/ecs-threat">ECS threat fields</a>
 */
public enum Confidence {
  /** The feed does not say. */
  NOT_SPECIFIED("Not Specified"),
  /** The feed states that there is no confidence. */
  NONE("None"),
  /** Low, 1 to 29 on the STIX scale. */
  LOW("Low"),
  /** Medium, 30 to 69 on the STIX scale. */
  MEDIUM("Medium"),
  /** High, 70 to 100 on the STIX scale. */
  HIGH("High");

  private final String ecsValue;

  Confidence(String ecsValue) {
    this.ecsValue = ecsValue;
  }

  /** Returns the value that ECS expects, for example {@code Not Specified}. */
  public String ecsValue() {
    return ecsValue;
  }

  /**
   * Returns the level of a confidence number, after STIX 2.1 appendix A ("None, Low, Med, High").
   *
   * @param score 0 to 100
   * @throws IllegalArgumentException if the score is outside 0 to 100
   */
  public static Confidence ofScore(int score) {
    if (score < 0 || score > 100) {
      throw new IllegalArgumentException("confidence score outside 0 to 100: " + score);
    }
    if (score == 0) {
      return NONE;
    }
    return score < 30 ? LOW : score < 70 ? MEDIUM : HIGH;
  }
}
