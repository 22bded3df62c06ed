// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.rules.DetectionRule;
import dev.tip.rules.ThreatMatchRules.Options;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that makes the rules of tip. */
final class RuleOptions {
  private static final String KEY_PREFIX = "threat_list_";

  @Option(
      names = "--threat-index",
      paramLabel = "NAME",
      description = "Index or alias with the indicators. Default: that of --index-base.")
  private @Nullable String threatIndex;

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      description =
          "Name space of Elastic Agent's data streams that the rules read. Default: all of them.")
  private @Nullable String namespace;

  @Option(
      names = "--name-prefix",
      paramLabel = "TEXT",
      description = "What the names of the rules begin with. Default: Threat List.")
  private @Nullable String namePrefix;

  @Option(
      names = "--suppress",
      paramLabel = "TIME",
      converter = TimeSpan.class,
      description =
          "One alert for one host and one value within this time, such as 6h; needs a Platinum"
              + " licence. Default: each event has its alert.")
  private @Nullable Duration suppress;

  /**
   * Returns what the rules are made with.
   *
   * @param indexBase the alias that tip writes to, which the rules read unless told otherwise
   * @throws IllegalArgumentException if the name space is none; the message names it
   */
  Options with(String indexBase) {
    Options.Builder options =
        Options.builder().threatIndex(threatIndex == null ? indexBase : threatIndex);
    if (namespace != null) {
      options.namespace(namespace);
    }
    if (namePrefix != null) {
      options.namePrefix(namePrefix);
    }
    if (suppress != null) {
      options.alertSuppression(suppress);
    }
    return options.build();
  }

  /** The name of the rule's file without what all of them share. */
  static String shortName(DetectionRule rule) {
    return rule.fileName().substring(KEY_PREFIX.length(), rule.fileName().indexOf('.'));
  }

  /** Returns whether people may call the rule so: by file name, its short form, or id. */
  static boolean isNamed(DetectionRule rule, String name) {
    return name.equals(rule.ruleId())
        || name.equals(shortName(rule))
        || name.equals(KEY_PREFIX + shortName(rule));
  }
}
