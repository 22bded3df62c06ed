// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.rules.ThreatMatchRule;
import dev.tip.rules.ThreatMatchRules.Options;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that gives the rules of tip away, and asks no Elasticsearch. */
final class RuleSetOptions {
  @Mixin private RuleOptions options = new RuleOptions();

  @Option(
      names = "--index-base",
      paramLabel = "NAME",
      description =
          "Alias that tip writes to, as with tip sync: another name of --threat-index. Default:"
              + " ${DEFAULT-VALUE}.",
      defaultValue = Options.DEFAULT_THREAT_INDEX)
  private String indexBase;

  /**
   * Returns the rules.
   *
   * @throws IllegalArgumentException if an option cannot be used; the message names it
   */
  List<ThreatMatchRule> rules() {
    return options.rules(indexBase);
  }
}
