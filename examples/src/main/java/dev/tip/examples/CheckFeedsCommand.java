// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.tip.Indicator;
import dev.tip.catalog.DescribedFeeds;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedReader;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.HttpFeed;
import dev.tip.feed.Mirror;
import dev.tip.feed.Usage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tries described feeds: reads their lists once and shows what they give. */
@Command(
    name = "check",
    description = "Checks a description of feeds, and shows what their lists give. Stores nothing.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every list is as described",
      "1:a list could not be had, or is not as described",
      "2:the description or the command line cannot be used"
    })
final class CheckFeedsCommand implements Callable<Integer> {
  private static final int SHOWN = 10;
  private static final int SHOWN_TEXT = 120;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "JSON file, or folder of them.")
  private Path file;

  @Mixin private FeedChoice feeds = new FeedChoice();

  @Option(
      names = "--file",
      paramLabel = "LIST",
      description = "File with the list, read in place of its address; for one feed.")
  private @Nullable Path list;

  @Option(
      names = "--mirror",
      paramLabel = "DIR",
      description = "Folder that stands in for the network, as of sync.")
  private @Nullable Path mirror;

  @Mixin private NetworkOptions network = new NetworkOptions();

  @Override
  public Integer call() throws InterruptedException {
    List<Feed> chosen = chosen();
    boolean well = true;
    for (Feed feed : chosen) {
      well &= check(feed, context(feed));
    }
    return well ? Tip.OK : Tip.SOME_FAILED;
  }

  private List<Feed> chosen() {
    Map<String, Feed> byId = new LinkedHashMap<>();
    try {
      DescribedFeeds.read(file)
          .feeds(FeedSettings.defaults())
          .forEach(feed -> byId.put(feed.info().id(), feed));
    } catch (IOException e) {
      throw usageError(Tip.sentence(e));
    }
    feeds.check(byId.keySet());
    byId.keySet().removeIf(id -> !feeds.includes(id));
    if (list != null && (mirror != null || byId.size() > 1)) {
      throw usageError("--file is for one feed and without --mirror; choose with --feeds ID");
    }
    return List.copyOf(byId.values());
  }

  private FetchContext context(Feed feed) {
    FetchContext.Builder context =
        FetchContext.builder(Usage.NON_COMMERCIAL)
            .httpClient(network.client(System.getenv()))
            .secrets(name -> Optional.ofNullable(System.getenv(name)));
    if (list != null) {
      if (!Files.isRegularFile(list)) {
        throw usageError("--file: " + list + " is no file");
      }
      context.mirror(Mirror.of(URI.create(((HttpFeed) feed).location()), list));
    } else if (mirror != null) {
      try {
        context.mirror(Mirror.open(mirror));
      } catch (IOException e) {
        throw usageError("--mirror: " + Tip.sentence(e));
      }
    }
    return context.build();
  }

  private boolean check(Feed feed, FetchContext context) throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    out.println(feed);
    List<List<String>> good = new ArrayList<>();
    good.add(List.of("TYPE", "VALUE", "CONFIDENCE", "FIRST SEEN", "LAST SEEN", "SAYS"));
    List<String> bad = new ArrayList<>();
    String failure = null;
    FeedReader.Counts counts = null;
    try (FetchResult result = feed.fetch(context, null)) {
      FeedReader reader = ((FetchResult.Modified) result).reader();
      try {
        for (FeedEntry entry : reader) {
          if (entry instanceof FeedEntry.Accepted accepted && good.size() <= SHOWN) {
            good.add(row(accepted.indicator()));
          } else if (entry instanceof FeedEntry.Rejected rejected && bad.size() < SHOWN) {
            bad.add(
                "  record "
                    + rejected.position()
                    + ": "
                    + rejected.reason()
                    + ": "
                    + text(rejected));
          }
        }
      } finally {
        counts = reader.counts();
      }
    } catch (UncheckedIOException e) {
      IOException cause = e.getCause();
      failure = cause == null ? e.toString() : Tip.sentence(cause);
    } catch (IOException e) {
      failure = Tip.sentence(e);
    }
    print(good, bad, counts, failure, out);
    return failure == null;
  }

  private static void print(
      List<List<String>> good,
      List<String> bad,
      FeedReader.@Nullable Counts counts,
      @Nullable String failure,
      PrintWriter out) {
    if (good.size() > 1) {
      out.print(TextTable.of(good));
    }
    if (!bad.isEmpty()) {
      out.println("Cannot be used:");
      bad.forEach(out::println);
    }
    if (counts != null) {
      out.println(
          counts.records()
              + " records, "
              + counts.indicators()
              + " indicators, "
              + counts.rejected()
              + " rejected, "
              + counts.revoked()
              + " revoked");
    }
    if (failure != null) {
      out.println("Not usable: " + failure);
    }
    out.println();
    out.flush();
  }

  private static String text(FeedEntry.Rejected rejected) throws JsonProcessingException {
    String text = rejected.text();
    return TextTable.shown(text.length() > SHOWN_TEXT ? text.substring(0, SHOWN_TEXT) : text);
  }

  private static List<String> row(Indicator indicator) throws JsonProcessingException {
    List<String> says = new ArrayList<>();
    indicator.software().ifPresent(says::add);
    indicator.description().ifPresent(says::add);
    indicator.ports().forEach(port -> says.add("port " + port));
    says.addAll(indicator.tags());
    String all = String.join(", ", says);
    return List.of(
        indicator.observable().type().stixName(),
        TextTable.shown(indicator.observable().value()),
        indicator.confidence().ecsValue(),
        TextTable.time(indicator.firstSeen()),
        TextTable.time(indicator.lastSeen()),
        all.isEmpty() ? "-" : TextTable.shown(all));
  }

  private ParameterException usageError(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
