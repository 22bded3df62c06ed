// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import java.util.Collection;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option of every command that can be kept to some feeds. */
final class FeedChoice {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--feeds",
      split = ",",
      paramLabel = "ID",
      description = "Feeds, by id; a trailing * stands for any ending. Default: all.")
  private List<String> patterns = List.of();

  /** Returns whether nothing was chosen, which means all feeds. */
  boolean isOfAll() {
    return patterns.isEmpty();
  }

  /** Returns whether a feed was chosen by its whole id. */
  boolean names(String feedId) {
    return patterns.contains(feedId);
  }

  /** Returns whether a feed was chosen. */
  boolean includes(String feedId) {
    return isOfAll() || patterns.stream().anyMatch(pattern -> matches(pattern, feedId));
  }

  /**
   * Checks that everything chosen is there.
   *
   * @param known the ids of all feeds
   * @throws ParameterException if something is not
   */
  void check(Collection<String> known) {
    for (String pattern : patterns) {
      if (known.stream().noneMatch(feedId -> matches(pattern, feedId))) {
        throw new ParameterException(
            spec.commandLine(), "no feed is called " + pattern + "; tip feeds lists them");
      }
    }
  }

  private static boolean matches(String pattern, String feedId) {
    return pattern.endsWith("*")
        ? feedId.startsWith(pattern.substring(0, pattern.length() - 1))
        : feedId.equals(pattern);
  }
}
