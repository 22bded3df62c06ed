// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.elastic.ElasticsearchSink;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.Feeds;
import dev.tip.sink.Holdings;
import dev.tip.sync.SyncState;
import dev.tip.sync.SyncState.FeedState;
import dev.tip.sync.Verification;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Holds what is remembered against what the index has. */
@Command(
    name = "verify",
    description = {
      "Holds what is remembered of each feed against what the index has; fetches and changes"
          + " nothing.",
      "Counts indicators, and compares generations. The next whole list puts right what differs."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:they agree",
      "1:something differs",
      "2:the command line cannot be used",
      "3:the folder cannot be read, or the server not be asked"
    })
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ServerOptions server = new ServerOptions();

  @Mixin private StateFolder state = new StateFolder();

  @Option(names = "--json", description = "One JSON object instead of a table.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    SyncState view = SyncState.of(state.path());
    List<Verification> found;
    String identity;
    try (ServerConnection connection = server.connect();
        ElasticsearchSink sink =
            ElasticsearchSink.builder(connection.client()).indexBase(server.indexBase()).build()) {
      identity = sink.info().identity();
      found = view.verify(sink, Feeds.installed(FeedSettings.defaults()).keySet());
    }
    boolean agrees = found.stream().allMatch(one -> one.difference() == null);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(found, identity, agrees));
    } else if (found.isEmpty()) {
      out.println("nothing is remembered of this index, and it holds nothing of a known feed");
    } else {
      out.print(table(found));
    }
    out.flush();
    return agrees ? Tip.OK : Tip.SOME_FAILED;
  }

  private static String table(List<Verification> found) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("FEED", "REMEMBERED", "OPEN", "STORED", "RESULT"));
    for (Verification one : found) {
      FeedState feed = one.state();
      Holdings held = one.holdings();
      rows.add(
          List.of(
              feed.feedId(),
              Long.toString(feed.indicators()),
              Long.toString(feed.toWrite() + feed.toWithdraw()),
              held == null ? "-" : Long.toString(held.active()),
              one.difference() == null ? "agrees" : TextTable.shown(one.difference())));
    }
    return TextTable.of(rows);
  }

  private static String json(List<Verification> found, String identity, boolean agrees)
      throws IOException {
    ObjectNode root = TextTable.JSON.createObjectNode();
    root.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    root.put("sinkIdentity", identity).put("agrees", agrees);
    var list = root.putArray("feeds");
    for (Verification one : found) {
      FeedState feed = one.state();
      ObjectNode node = list.addObject();
      node.put("feed", feed.feedId()).put("sink", feed.sink());
      node.put("condition", feed.condition().name());
      node.put("remembered", feed.indicators());
      node.put("toWrite", feed.toWrite()).put("toWithdraw", feed.toWithdraw());
      Holdings held = one.holdings();
      if (held != null) {
        node.put("stored", held.active()).put("generation", held.generation());
      }
      node.put("agrees", one.difference() == null);
      if (one.difference() != null) {
        node.put("difference", one.difference());
      }
    }
    return TextTable.JSON.writeValueAsString(root);
  }
}
