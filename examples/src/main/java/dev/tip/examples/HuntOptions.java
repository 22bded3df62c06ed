// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.elastic.HuntEstimate;
import dev.tip.elastic.HuntIndex;
import dev.tip.elastic.HuntReport;
import dev.tip.elastic.RetroHunt;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a sync that hunts in old events for what is new. */
final class HuntOptions {
  @Option(
      names = "--hunt",
      paramLabel = "TIME",
      converter = TimeSpan.class,
      description =
          "With --elasticsearch and --state: search the events of this time, for example 30d, for"
              + " what a list has for the first time. The first list of a feed is not searched for."
              + " Findings go to logs-tip.hunt; one run makes at most 1000 and 500 searches, and"
              + " the next goes on.")
  private @Nullable Duration window;

  @Option(
      names = "--hunt-api-key-env",
      paramLabel = "NAME",
      description =
          "With --hunt: environment variable with the API key that reads events and creates"
              + " findings.")
  private @Nullable String apiKeyVariable;

  boolean areGiven() {
    return window != null || apiKeyVariable != null;
  }

  /** Returns what is wrong with them, or null. */
  @Nullable String problem(boolean storesInElasticsearch, @Nullable Path state, boolean dryRun) {
    if (window == null) {
      return apiKeyVariable == null ? null : "--hunt-api-key-env goes with --hunt";
    }
    return storesInElasticsearch && state != null && !dryRun
        ? null
        : "--hunt goes with --elasticsearch and --state, and not with --dry-run";
  }

  ServerConnection connect(ServerOptions server) {
    return server.connect(apiKeyVariable);
  }

  /** Opens a hunt that keeps what is still to be done in the state folder. */
  RetroHunt open(ServerConnection connection, Path state, String indexBase) throws IOException {
    RetroHunt.Builder hunt = RetroHunt.builder(connection.client()).indicatorIndex(indexBase);
    if (window != null) {
      hunt.window(window);
    }
    return hunt.folder(state.resolve("hunt")).build();
  }

  /**
   * Hunts, and says what came of it.
   *
   * @return whether nothing is left to be done
   */
  static boolean run(RetroHunt hunt, ServerConnection connection, PrintWriter out) {
    try {
      if (hunt.pending() > 0) {
        HuntEstimate estimate = hunt.estimate();
        out.printf(
            Locale.ROOT,
            "hunt: %d new indicators in %d events, at least %d searches%n",
            estimate.indicators(),
            estimate.documents(),
            estimate.searches());
      }
      HuntOutput output = new HuntOutput(HuntIndex.of(connection.client()), null);
      HuntReport report = hunt.run(output);
      output.print(report, out);
      return report.isComplete();
    } catch (IOException e) {
      // What was synchronised is stored all the same.
      out.println("hunt: " + Tip.sentence(e) + "; the next run goes on with it");
      out.flush();
      return false;
    }
  }
}
