// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import java.util.Locale;

/**
 * The severity of a rule, with the band of risk scores that belongs to it.
 *
 * <p>The bands are those of Elastic's own rules: low 0 to 21, medium 22 to 47, high 48 to 73,
 * critical 74 to 100. Kibana accepts any pair; a pair outside the band sorts wrongly in the alert
 * table.
 */
public enum Severity {
  /** Worth a look when there is time. */
  LOW(0, 21),
  /** Worth a look. */
  MEDIUM(22, 47),
  /** Look at it today. */
  HIGH(48, 73),
  /** Look at it now. */
  CRITICAL(74, 100);

  private final int lowest;
  private final int highest;

  Severity(int lowest, int highest) {
    this.lowest = lowest;
    this.highest = highest;
  }

  /** Returns the name as rules write it, for example {@code high}. */
  public String value() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the least risk score of the band. */
  public int lowestRiskScore() {
    return lowest;
  }

  /** Returns the greatest risk score of the band. */
  public int highestRiskScore() {
    return highest;
  }
}
