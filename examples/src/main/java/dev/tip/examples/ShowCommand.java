// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedInfo;
import dev.tip.sync.SyncState;
import dev.tip.sync.SyncState.Answer;
import dev.tip.sync.SyncState.FeedState;
import dev.tip.sync.SyncState.Finding;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows where a value is listed, since when and why. */
@Command(
    name = "show",
    description = "Shows which feeds list a value, since when, and why it is stored or not.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:listed",
      "1:not listed, or what is remembered cannot be read",
      "2:the command line cannot be used",
      "3:the folder cannot be read"
    })
final class ShowCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "VALUE",
      description =
          "Address, network, domain, URL, hash or other value, as it was pasted: hxxp:// and [.] are"
              + " understood. An address is looked for in networks too.")
  private String value;

  @Mixin private StateFolder state = new StateFolder();

  @Mixin private InstalledFeeds catalogue = new InstalledFeeds();

  @Override
  public Integer call() throws IOException {
    List<CyberObservable> meanings = PastedValue.meanings(value);
    if (meanings.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), TextTable.shown(value) + " is no value that a feed can list");
    }
    List<FeedInfo> feeds = catalogue.byId().values().stream().map(Feed::info).toList();
    Answer answer = SyncState.of(state.path()).find(meanings, feeds);
    PrintWriter out = spec.commandLine().getOut();
    if (!answer.findings().isEmpty()) {
      out.print(table(answer.findings()));
      for (Finding finding : answer.findings()) {
        if (finding.indicator().isPresent()) {
          out.println(finding.feedId() + ": " + says(finding.indicator().get()));
        }
      }
      if (answer.isCut()) {
        out.println("and more, which are left out");
      }
    }
    if (!answer.isListed()) {
      out.println(TextTable.shown(value) + ": not listed");
    }
    out.flush();
    for (FeedState unreadable : answer.unreadable()) {
      spec.commandLine()
          .getErr()
          .println(
              "tip: "
                  + unreadable.feedId()
                  + " in sink "
                  + unreadable.sink()
                  + " cannot be read, so it may list it: "
                  + TextTable.shown(unreadable.problem().orElse("")));
    }
    return answer.isListed() ? Tip.OK : Tip.SOME_FAILED;
  }

  private static String table(List<Finding> findings) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "FEED", "VALUE", "STATE", "WHY", "ADDED", "WRITTEN", "LAST LISTED", "ENDS", "SINK"));
    for (Finding finding : findings) {
      rows.add(
          List.of(
              finding.feedId(),
              finding.observable().type().stixName()
                  + ' '
                  + TextTable.shown(finding.observable().value()),
              words(finding.status()),
              why(finding),
              TextTable.time(Optional.of(finding.added())),
              TextTable.time(finding.written()),
              TextTable.time(Optional.of(finding.listed())),
              TextTable.time(finding.ends()),
              finding.sink()));
    }
    return TextTable.of(rows);
  }

  private static String why(Finding finding) {
    String match =
        switch (finding.match()) {
          case EXACT -> "listed";
          case NETWORK -> "network that contains it";
          case HASH -> "has this hash too";
        };
    return match
        + finding.cause().map(cause -> ", " + words(cause)).orElse("")
        + finding.reason().map(reason -> ", " + words(reason)).orElse("");
  }

  private static String words(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** What the feed says of it; its words are the publisher's. */
  private static String says(Indicator indicator) throws IOException {
    List<String> parts = new ArrayList<>();
    parts.add(indicator.feed().role().value());
    parts.add("confidence " + words(indicator.confidence()));
    indicator.software().ifPresent(parts::add);
    indicator.description().ifPresent(parts::add);
    if (!indicator.tags().isEmpty()) {
      parts.add("tags " + String.join(" ", indicator.tags()));
    }
    indicator.firstSeen().ifPresent(time -> parts.add("first seen " + time));
    indicator.lastSeen().ifPresent(time -> parts.add("last seen " + time));
    if (!indicator.ports().isEmpty()) {
      parts.add(
          "ports "
              + indicator.ports().stream().map(String::valueOf).collect(Collectors.joining(" ")));
    }
    parts.addAll(indicator.references());
    return TextTable.shown(String.join(", ", parts));
  }
}
