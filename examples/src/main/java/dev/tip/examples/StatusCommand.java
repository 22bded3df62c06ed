// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedInfo;
import dev.tip.sync.SyncState;
import dev.tip.sync.SyncState.FeedState;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
  /**
   * Most feeds may be asked once a day at least, so one that gave nothing for two is worth a look;
   * one that may be asked more rarely, when it gave nothing twice.
   */
  private static final Duration STALE = Duration.ofDays(2);

  /** What is due is done by the next run; a day later there was none. */
  private static final Duration OVERDUE = Duration.ofDays(1);

  @Spec private CommandSpec spec;

  @Mixin private StateFolder state = new StateFolder();

  @Mixin private InstalledFeeds catalogue = new InstalledFeeds();

  @Option(names = "--json", description = "One JSON object instead of a table.")
  private boolean json;

  @Option(
      names = "--forget",
      paramLabel = "SINK[/FEED]",
      description =
          "Delete what is remembered of a sink that does not exist any more, by its 16 digits in the"
              + " table, or of one feed of it that is not fetched any more. Not while a run goes on."
              + " Nothing else deletes it.")
  private @Nullable String forget;

  @Override
  public Integer call() throws IOException {
    SyncState view = SyncState.of(state.path());
    PrintWriter out = spec.commandLine().getOut();
    if (forget != null) {
      return forget(view, forget, out);
    }
    Instant now = Instant.now();
    Map<String, Feed> installed = catalogue.byId();
    // In order of feed and sink, as they come.
    Map<FeedState, List<String>> feeds = new LinkedHashMap<>();
    for (FeedState feed : view.feeds()) {
      Feed known = installed.get(feed.feedId());
      feeds.put(feed, concerns(feed, known == null ? null : known.info(), now));
    }
    boolean well = feeds.values().stream().allMatch(List::isEmpty);
    if (json) {
      out.println(json(feeds, well, now));
    } else if (feeds.isEmpty()) {
      out.println("nothing is remembered");
    } else {
      out.print(table(feeds, now));
    }
    out.flush();
    return well ? Tip.OK : Tip.SOME_FAILED;
  }

  private int forget(SyncState view, String what, PrintWriter out) throws IOException {
    int slash = what.indexOf('/');
    String sink = slash < 0 ? what : what.substring(0, slash);
    try {
      int feeds =
          slash < 0 ? view.forget(sink) : view.forget(sink, what.substring(slash + 1)) ? 1 : 0;
      if (feeds == 0) {
        throw new ParameterException(
            spec.commandLine(),
            "--forget: nothing is remembered of "
                + TextTable.shown(what)
                + "; it is SINK or SINK/FEED, as tip status shows them");
      }
      out.println(
          "forgotten: "
              + what
              + (slash >= 0 ? "" : " with " + feeds + (feeds == 1 ? " feed" : " feeds")));
      out.flush();
      return Tip.OK;
    } catch (SyncState.LockedException e) {
      spec.commandLine().getErr().println("tip: " + e.getMessage());
      return Tip.SOME_FAILED;
    }
  }

  /**
   * Returns what someone should look at, in words; usually nothing.
   *
   * @param info the feed, or null if it is not installed
   */
  static List<String> concerns(FeedState feed, @Nullable FeedInfo info, Instant now) {
    List<String> concerns = new ArrayList<>();
    feed.problem()
        .ifPresent(p -> concerns.add("cannot be read, the next run stores all anew: " + p));
    if (feed.heldLists() > 0) {
      concerns.add(
          "list too short to believe ("
              + feed.heldRows()
              + " rows, "
              + feed.heldLists()
              + " in a row); --accept it if it is right");
    }
    if (feed.olderLists() > 0) {
      concerns.add(
          "list older than the one before ("
              + feed.olderLists()
              + " in a row); --accept it if it is right");
    }
    if (feed.toWrite() + feed.toWithdraw() > 0) {
      concerns.add("not all is stored; the next run tries again, see tip quarantine");
    }
    if (feed.condition() == SyncState.Condition.READABLE && !feed.isComplete()) {
      concerns.add(
          "the sink may hold something else than is remembered; the next whole list puts it right");
    }
    // Nothing can come of a feed that its publisher gave up.
    if (info == null || info.status() != FeedInfo.Status.RETIRED) {
      addLate(feed, info, now, concerns);
    }
    return concerns;
  }

  private static void addLate(
      FeedState feed, @Nullable FeedInfo info, Instant now, List<String> concerns) {
    if (feed.condition() == SyncState.Condition.ABSENT) {
      concerns.add("no whole list yet");
    }
    Duration stale = STALE;
    if (info != null && info.minInterval().multipliedBy(2).compareTo(STALE) > 0) {
      stale = info.minInterval().multipliedBy(2);
    }
    if (feed.listed().filter(now.minus(stale)::isAfter).isPresent()) {
      concerns.add(
          "no list for over "
              + (stale.toDays() == 2 ? "two days" : stale.toHours() + " hours")
              + "; if it is not fetched any more, --forget "
              + feed.sink()
              + '/'
              + feed.feedId()
              + ", and if the sink is gone, --forget "
              + feed.sink());
    }
    if (feed.due().filter(now.minus(OVERDUE)::isAfter).isPresent()) {
      concerns.add("overdue: no run did what was due");
    }
  }

  private static String table(Map<FeedState, List<String>> feeds, Instant now) throws IOException {
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
    for (Map.Entry<FeedState, List<String>> entry : feeds.entrySet()) {
      FeedState feed = entry.getKey();
      List<String> concerns = entry.getValue();
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

  private static String json(Map<FeedState, List<String>> feeds, boolean well, Instant now)
      throws IOException {
    ObjectNode root = TextTable.JSON.createObjectNode();
    root.put("time", now.truncatedTo(ChronoUnit.SECONDS).toString());
    root.put("healthy", well);
    var list = root.putArray("feeds");
    for (Map.Entry<FeedState, List<String>> entry : feeds.entrySet()) {
      FeedState feed = entry.getKey();
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
      node.put("heldLists", feed.heldLists())
          .put("heldRows", feed.heldRows())
          .put("olderLists", feed.olderLists());
      node.put("bytes", feed.bytes());
      var attention = node.putArray("attention");
      entry.getValue().forEach(attention::add);
    }
    return TextTable.JSON.writeValueAsString(root);
  }

  private static void put(ObjectNode node, String name, Optional<Instant> time) {
    time.ifPresent(t -> node.put(name, t.toString()));
  }
}
