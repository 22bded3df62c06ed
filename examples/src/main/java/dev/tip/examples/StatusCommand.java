// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.sync.SyncState;
import dev.tip.sync.SyncState.FeedState;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows what is remembered of each feed and sink, and what needs attention. */
@Command(
    name = "status",
    description = "Shows what is remembered of each feed and sink, and what needs attention.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all well",
      "1:something needs attention",
      "2:the command line cannot be used",
      "3:the folder cannot be read"
    })
final class StatusCommand implements Callable<Integer> {
  /** Feeds may be asked once a day at least, so one that gave nothing for two is worth a look. */
  private static final Duration STALE = Duration.ofDays(2);

  /** What is due is done by the next run; a day later there was none. */
  private static final Duration OVERDUE = Duration.ofDays(1);

  @Spec private CommandSpec spec;

  @Mixin private StateFolder state = new StateFolder();

  @Option(names = "--json", description = "One JSON object instead of a table.")
  private boolean json;

  @Option(
      names = "--forget",
      paramLabel = "SINK",
      description =
          "Delete what is remembered of a sink that does not exist any more, by its 16 digits in the"
              + " table. Not while a run goes on. Nothing else deletes it.")
  private @Nullable String forget;

  @Override
  public Integer call() throws IOException {
    SyncState view = SyncState.of(state.path());
    PrintWriter out = spec.commandLine().getOut();
    if (forget != null) {
      return forget(view, forget, out);
    }
    Instant now = Instant.now();
    List<FeedState> feeds = view.feeds();
    if (json) {
      out.println(json(feeds, now));
    } else if (feeds.isEmpty()) {
      out.println("nothing is remembered");
    } else {
      out.print(table(feeds, now));
    }
    out.flush();
    boolean well = feeds.stream().allMatch(feed -> concerns(feed, now).isEmpty());
    return well ? Tip.OK : Tip.SOME_FAILED;
  }

  private int forget(SyncState view, String sink, PrintWriter out) throws IOException {
    try {
      int feeds = view.forget(sink);
      if (feeds == 0) {
        throw new ParameterException(
            spec.commandLine(),
            "--forget: nothing is remembered of a sink " + TextTable.shown(sink));
      }
      out.println("forgotten: " + sink + " with " + feeds + (feeds == 1 ? " feed" : " feeds"));
      out.flush();
      return Tip.OK;
    } catch (SyncState.LockedException e) {
      spec.commandLine().getErr().println("tip: " + e.getMessage());
      return Tip.SOME_FAILED;
    }
  }

  /** Returns what someone should look at, in words; usually nothing. */
  static List<String> concerns(FeedState feed, Instant now) {
    List<String> concerns = new ArrayList<>();
    feed.problem()
        .ifPresent(p -> concerns.add("cannot be read, the next run stores all anew: " + p));
    if (feed.condition() == SyncState.Condition.ABSENT) {
      concerns.add("no whole list yet");
    }
    if (feed.heldLists() > 0) {
      concerns.add(
          "list too short to believe ("
              + feed.heldRows()
              + " rows, "
              + feed.heldLists()
              + " in a row); --accept it if it is right");
    }
    if (feed.toWrite() + feed.toWithdraw() > 0) {
      concerns.add("not all is stored; the next run tries again, see tip quarantine");
    }
    if (feed.listed().filter(listed -> listed.isBefore(now.minus(STALE))).isPresent()) {
      concerns.add("no list for over two days; --forget the sink if it is gone");
    }
    if (feed.due().filter(due -> due.isBefore(now.minus(OVERDUE))).isPresent()) {
      concerns.add("overdue: no run did what was due");
    }
    return concerns;
  }

  private static String table(List<FeedState> feeds, Instant now) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "FEED",
            "SINK",
            "INDICATORS",
            "TO WRITE",
            "TO WITHDRAW",
            "LISTED",
            "NEXT DUE",
            "ASK FROM",
            "BYTES",
            "STATE"));
    Map<String, String> sinks = new TreeMap<>();
    for (FeedState feed : feeds) {
      List<String> concerns = concerns(feed, now);
      rows.add(
          List.of(
              feed.feedId(),
              feed.sink(),
              Long.toString(feed.indicators()),
              Long.toString(feed.toWrite()),
              Long.toString(feed.toWithdraw()),
              TextTable.time(feed.listed()),
              TextTable.time(feed.due()),
              TextTable.time(feed.notBefore().filter(now::isBefore)),
              Long.toString(feed.bytes()),
              concerns.isEmpty() ? "well" : TextTable.shown(String.join("; ", concerns))));
      feed.sinkIdentity().ifPresent(identity -> sinks.put(feed.sink(), identity));
    }
    StringBuilder text = new StringBuilder(TextTable.of(rows));
    for (Map.Entry<String, String> sink : sinks.entrySet()) {
      text.append(sink.getKey()).append(" is ").append(TextTable.shown(sink.getValue()));
      text.append('\n');
    }
    return text.toString();
  }

  private static String json(List<FeedState> feeds, Instant now) throws IOException {
    ObjectNode root = TextTable.JSON.createObjectNode();
    root.put("time", now.truncatedTo(ChronoUnit.SECONDS).toString());
    root.put("healthy", feeds.stream().allMatch(feed -> concerns(feed, now).isEmpty()));
    var list = root.putArray("feeds");
    for (FeedState feed : feeds) {
      ObjectNode node = list.addObject();
      node.put("feed", feed.feedId()).put("sink", feed.sink());
      feed.sinkIdentity().ifPresent(identity -> node.put("sinkIdentity", identity));
      node.put("condition", feed.condition().name());
      node.put("indicators", feed.indicators());
      node.put("toWrite", feed.toWrite()).put("toWithdraw", feed.toWithdraw());
      node.put("complete", feed.isComplete());
      put(node, "saved", feed.saved());
      put(node, "listed", feed.listed());
      put(node, "due", feed.due());
      put(node, "notBefore", feed.notBefore());
      node.put("heldLists", feed.heldLists()).put("heldRows", feed.heldRows());
      node.put("bytes", feed.bytes());
      var attention = node.putArray("attention");
      concerns(feed, now).forEach(attention::add);
    }
    return TextTable.JSON.writeValueAsString(root);
  }

  private static void put(ObjectNode node, String name, Optional<Instant> time) {
    time.ifPresent(t -> node.put(name, t.toString()));
  }
}
