// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.elastic.HuntEstimate;
import dev.tip.elastic.HuntIndex;
import dev.tip.elastic.HuntReport;
import dev.tip.elastic.RetroHunt;
import dev.tip.feed.Feed;
import dev.tip.sync.SyncState;
import dev.tip.sync.SyncState.FeedState;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Searches old events for indicators. */
@Command(
    name = "hunt",
    description = {
      "Searches old events for indicators that were listed only later, as the rules would have found"
          + " them.",
      "The key needs to read the events only; with --write, also to create findings."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the hunt is through, whatever it found",
      "1:it came to a limit, or something could not be read",
      "2:the command line cannot be used",
      "3:the server cannot be asked, or the folder not be used"
    })
final class HuntCommand implements Callable<Integer> {
  private static final String NOW = "now-";

  @Spec private CommandSpec spec;

  @Mixin private ServerOptions server = new ServerOptions();

  @Mixin private InstalledFeeds catalogue = new InstalledFeeds();

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description =
          "Since when events are searched: now-30d or 2026-11-01T00:00:00Z. Default:"
              + " ${DEFAULT-VALUE}.",
      defaultValue = "now-30d")
  private String from = "now-30d";

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description =
          "Folder that sync remembers in: its indicators are hunted for, and a hunt that did not"
              + " come to its end goes on. Default: those of the index, see --index-base.")
  private @Nullable Path state;

  @Option(
      names = "--added",
      paramLabel = "TIME",
      converter = TimeSpan.class,
      description = "Only indicators that were first stored within this time, for example 1d.")
  private @Nullable Duration added;

  @Option(
      names = "--estimate",
      description = "Say how many searches it takes over how many events, and search nothing.")
  private boolean estimateOnly;

  @Option(
      names = "--ndjson",
      paramLabel = "FILE",
      description = "File to append the findings to, one document a line; - is standard output.")
  private @Nullable String ndjson;

  @Option(
      names = "--write",
      description = "Store the findings in logs-tip.hunt, from which a rule makes alerts.")
  private boolean write;

  @Option(
      names = "--install",
      description = "With --write: set up that index first. Needs more privileges.")
  private boolean install;

  @Option(
      names = "--max-findings",
      paramLabel = "N",
      description = "End after so many findings. Default: ${DEFAULT-VALUE}.",
      defaultValue = "1000")
  private int maxFindings;

  @Option(
      names = "--max-searches",
      paramLabel = "N",
      description = "End after so many searches. Default: ${DEFAULT-VALUE}.",
      defaultValue = "500")
  private int maxSearches;

  @Option(
      names = "--restart",
      description = "With --state: forget a hunt that did not come to its end, and begin anew.")
  private boolean restart;

  @Override
  public Integer call() throws IOException {
    check();
    // Standard output may carry the findings, so everything for people goes to standard error then.
    PrintWriter out =
        "-".equals(ndjson) ? spec.commandLine().getErr() : spec.commandLine().getOut();
    Instant now = Clock.systemUTC().instant();
    try (ServerConnection connection = server.connect();
        RetroHunt hunt = hunt(connection, now)) {
      boolean whole = collect(hunt, now, out);
      estimate(hunt, out);
      if (estimateOnly) {
        hunt.discard();
        return whole ? Tip.OK : Tip.SOME_FAILED;
      }
      HuntIndex index = write ? HuntIndex.of(connection.client()) : null;
      if (index != null && install) {
        index.install();
      }
      HuntReport report;
      try (Writer file = open()) {
        HuntOutput output = new HuntOutput(index, file);
        report = hunt.run(output);
        output.print(report, out);
      }
      return whole && report.isComplete() ? Tip.OK : Tip.SOME_FAILED;
    }
  }

  private void check() {
    if (install && !write) {
      throw usageError("--install goes with --write");
    }
    if (restart && state == null) {
      throw usageError("--restart goes with --state");
    }
    if (state != null && !Files.isDirectory(state)) {
      throw usageError("--state: " + state + " is no folder");
    }
    if (maxFindings < 1 || maxSearches < 1) {
      throw usageError("--max-findings and --max-searches are positive");
    }
  }

  private RetroHunt hunt(ServerConnection connection, Instant now) throws IOException {
    RetroHunt.Builder builder =
        RetroHunt.builder(connection.client())
            .window(window(now))
            .indicatorIndex(server.indexBase())
            .limits(maxFindings, maxSearches);
    if (state != null && !estimateOnly) {
      // Not the folder of sync: neither is to wait for the other.
      builder.folder(state.resolve("hunt-by-hand"));
    }
    return builder.build();
  }

  private Duration window(Instant now) {
    try {
      Duration window =
          from.startsWith(NOW)
              ? new TimeSpan().convert(from.substring(NOW.length()))
              : Duration.between(Instant.parse(from), now);
      if (!window.isNegative() && !window.isZero()) {
        return window;
      }
    } catch (DateTimeParseException | TypeConversionException e) {
      throw usageError("--from is like now-30d or 2026-11-01T00:00:00Z, not " + from);
    }
    throw usageError("--from is not in the past: " + from);
  }

  /** Returns whether all indicators could be read. */
  private boolean collect(RetroHunt hunt, Instant now, PrintWriter out) throws IOException {
    if (restart) {
      hunt.discard();
    }
    if (hunt.pending() > 0) {
      out.println("goes on with the hunt that did not come to its end; --restart begins anew");
      return true;
    }
    Instant since = added == null ? Instant.EPOCH : now.minus(added);
    if (state == null) {
      hunt.addActive(server.indexBase(), since);
      return true;
    }
    List<FeedState> unreadable =
        SyncState.of(state)
            .indicators(
                catalogue.byId().values().stream().map(Feed::info).toList(), since, hunt::add);
    for (FeedState feed : unreadable) {
      out.println("left out, because it cannot be read: " + feed.feedId());
    }
    return unreadable.isEmpty();
  }

  private static void estimate(RetroHunt hunt, PrintWriter out) throws IOException {
    HuntEstimate estimate = hunt.estimate();
    out.printf(
        Locale.ROOT,
        "%d indicators, %d of which the rules compare, in %d events: at least %d searches%n",
        estimate.indicators(),
        estimate.compared(),
        estimate.documents(),
        estimate.searches());
    out.flush();
  }

  private @Nullable Writer open() throws IOException {
    if (ndjson == null) {
      return null;
    }
    if (ndjson.equals("-")) {
      // Not closed with the file that it stands for.
      PrintWriter standard = spec.commandLine().getOut();
      return new Writer() {
        @Override
        public void write(char[] text, int from, int length) {
          standard.write(text, from, length);
        }

        @Override
        public void flush() {
          standard.flush();
        }

        @Override
        public void close() {
          standard.flush();
        }
      };
    }
    return Files.newBufferedWriter(
        Path.of(ndjson), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private ParameterException usageError(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
