// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

/** A rule of Elastic Security that tip makes, of whatever type. Immutable and thread-safe. */
public sealed interface DetectionRule permits ThreatMatchRule, HuntRule {
  /** Returns the id that stays the same over all changes: {@code rule_id}, a UUID. */
  String ruleId();

  /** Returns the name for people: {@code name}. */
  String name();

  /** Returns the name of the rule's file, for example {@code threat_list_ip.toml}. */
  String fileName();

  /** Returns whether the rule runs once it is in Kibana. */
  boolean enabled();

  /** Returns the rule as Kibana takes it: one JSON object on one line, without line break. */
  String toJson();

  /**
   * Returns the rule as a file of elastic/detection-rules: TOML 1.0 that a 0.5 reader takes as
   * well.
   */
  String toToml();
}
