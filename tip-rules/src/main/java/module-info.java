// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/**
 * Indicator match rules of Elastic Security for the indicators that tip writes.
 *
 * <p>{@link dev.tip.rules.ThreatMatchRules#standard} gives the whole set; {@link
 * dev.tip.rules.ThreatMatchRule#builder} makes own rules.
 */
@NullMarked
module dev.tip.rules {
  requires transitive dev.tip.core;
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.toml;

  exports dev.tip.rules;
}
