// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.rules.KibanaRules.Profile;
import dev.tip.rules.ThreatMatchRule;
import dev.tip.rules.ThreatMatchRules;
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

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      description =
          "full, or complement: leave out what a prebuilt rule of Elastic's does. The upload asks"
              + " Kibana which are enabled; files take all of them as installed and enabled."
              + " Default: full.")
  private Profile profile = Profile.FULL;

  /** Returns which rules are wanted. */
  Profile profile() {
    return profile;
  }

  /**
   * Returns the rules of the profile for those who cannot ask a Kibana.
   *
   * @throws IllegalArgumentException if an option cannot be used; the message names it
   */
  List<ThreatMatchRule> rules() {
    return profile == Profile.COMPLEMENT
        ? ThreatMatchRules.complement(options.with(indexBase))
        : all();
  }

  /**
   * Returns the rules of every profile.
   *
   * @throws IllegalArgumentException if an option cannot be used; the message names it
   */
  List<ThreatMatchRule> all() {
    return ThreatMatchRules.standard(options.with(indexBase));
  }
}
