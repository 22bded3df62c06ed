// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.CyberObservable;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.Terms;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the installed feeds. */
@Command(
    name = "feeds",
    description = "Lists the feeds.",
    mixinStandardHelpOptions = true,
    subcommands = CheckFeedsCommand.class)
final class FeedsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private InstalledFeeds catalogue = new InstalledFeeds();

  @Override
  public Integer call() {
    List<FeedInfo> feeds = catalogue.byId().values().stream().map(Feed::info).toList();
    PrintWriter out = spec.commandLine().getOut();
    print(feeds, out);
    return Tip.OK;
  }

  static void print(Collection<FeedInfo> feeds, PrintWriter out) {
    out.print(TextTable.of(rows(feeds)));
    Map<String, List<String>> credits = new LinkedHashMap<>();
    for (FeedInfo feed : feeds) {
      String credit = feed.terms().credit();
      if (credit != null) {
        credits.computeIfAbsent(credit, unused -> new ArrayList<>()).add(feed.id());
      }
    }
    if (!credits.isEmpty()) {
      out.println("\nCredit that stays with the data wherever it is passed on:");
      credits.forEach((credit, ids) -> out.println(credit + ": " + String.join(", ", ids)));
    }
    out.flush();
  }

  /** Says what the publishers of feeds want, a line for those with the same terms. */
  static void printTerms(Collection<FeedInfo> feeds, PrintWriter out) {
    Map<Terms, List<String>> byTerms = new LinkedHashMap<>();
    for (FeedInfo feed : feeds) {
      byTerms.computeIfAbsent(feed.terms(), unused -> new ArrayList<>()).add(feed.id());
    }
    byTerms.forEach(
        (terms, ids) ->
            out.println(
                "terms of "
                    + String.join(", ", ids)
                    + ": "
                    + terms.summary()
                    + ", "
                    + terms.reference()
                    + (terms.commercialUse() ? "" : "; no commercial use")
                    + (terms.redistribution() ? "" : "; not to be passed on")
                    + (terms.credit() == null ? "" : "; credit: " + terms.credit())));
    out.flush();
  }

  /** The table, the head first. */
  static List<List<String>> rows(Collection<FeedInfo> feeds) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("ID", "PROVIDER", "TYPES", "AUTH", "INTERVAL", "TERMS", "STATUS"));
    for (FeedInfo feed : feeds) {
      rows.add(
          List.of(
              feed.id(),
              feed.provider(),
              feed.types().stream()
                  .map(CyberObservable.Type::stixName)
                  .collect(Collectors.joining(",")),
              auth(feed),
              interval(feed.minInterval()),
              feed.terms().summary(),
              status(feed)));
    }
    return rows;
  }

  private static String auth(FeedInfo feed) {
    String secret = feed.secretName().orElse("");
    return switch (feed.auth()) {
      case NONE -> "-";
      case OPTIONAL_KEY -> secret + " (optional)";
      case KEY -> secret;
    };
  }

  private static String status(FeedInfo feed) {
    String since = feed.statusSince().map(date -> " since " + date).orElse("");
    return switch (feed.status()) {
      case ACTIVE -> "active";
      case DEGRADED -> "degraded" + since;
      case RETIRED -> "retired" + since;
    };
  }

  private static String interval(Duration d) {
    if (d.compareTo(Duration.ofHours(1)) >= 0 && d.toMinutesPart() == 0) {
      return d.toHours() + " h";
    }
    return d.toMinutes() + " min";
  }
}
