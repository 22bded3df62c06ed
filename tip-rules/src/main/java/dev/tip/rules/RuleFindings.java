// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

/** Takes what is found in a rule. */
@FunctionalInterface
interface RuleFindings {
  /**
   * Takes a finding.
   *
   * @param field where it is
   * @param sentence what is wrong, text of the rule in it made safe to show
   */
  void add(RuleFinding.Code code, String field, String sentence);
}
