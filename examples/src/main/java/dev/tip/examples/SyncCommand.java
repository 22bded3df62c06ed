// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.elastic.ElasticsearchSink;
import dev.tip.elastic.HuntIndex;
import dev.tip.elastic.RetroHunt;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.feed.HttpFeed;
import dev.tip.feed.Mirror;
import dev.tip.feed.Usage;
import dev.tip.screen.Screen;
import dev.tip.sink.Change;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.IndicatorSinkProvider;
import dev.tip.sink.NdjsonSink;
import dev.tip.sink.SinkInfo;
import dev.tip.sink.WriteResult;
import dev.tip.sync.FeedReport;
import dev.tip.sync.FeedSync;
import dev.tip.sync.SyncReport;
import dev.tip.sync.SyncState;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Brings feeds into a sink. */
@Command(
    name = "sync",
    description = "Fetches feeds and stores their indicators.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all well",
      "1:some feed failed",
      "2:the command line cannot be used",
      "3:nothing could be stored"
    })
final class SyncCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private FeedChoice feeds = new FeedChoice();

  @Mixin private InstalledFeeds catalogue = new InstalledFeeds();

  @Mixin private ServerOptions server = new ServerOptions();

  @Option(
      names = "--embedded",
      description = "An Elasticsearch of its own on the loopback address, gone afterwards.")
  private boolean embedded;

  @Option(
      names = "--ndjson",
      paramLabel = "FILE",
      description =
          "File to append to, one ECS document a line, of which the last of an id holds; - is"
              + " standard output.")
  private @Nullable String ndjson;

  @Option(
      names = "--dry-run",
      description =
          "Read and count, store nothing. With --state: hold the lists against what is remembered of"
              + " the sink, and change nothing there; --elasticsearch or --ndjson says which sink if"
              + " it is of several.")
  private boolean dryRun;

  @Option(
      names = "--install",
      description =
          "With --elasticsearch: set up index and aliases first, where they are not there yet."
              + " Needs more privileges than storing does.")
  private boolean install;

  @Mixin private InstallOptions installing = new InstallOptions();

  @Mixin private HuntOptions hunting = new HuntOptions();

  @Option(names = "--keep", description = "With --embedded: keep the server running until Ctrl-C.")
  private boolean keep;

  @Option(
      names = "--mirror",
      paramLabel = "DIR",
      description =
          "Folder that stands in for the network. Its mirror.tsv, or this table, has a line a list:"
              + " address, tab, file.")
  private @Nullable Path mirror;

  @Option(
      names = "--usage",
      paramLabel = "USE",
      description =
          "commercial or non-commercial; some feeds' terms forbid one. Default: non-commercial.")
  private String usage = "non-commercial";

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description =
          "Folder to remember in what is stored, so that the next run sends only what changed and"
              + " withdraws what is gone. Default: every run stores everything.")
  private @Nullable Path state;

  @Option(
      names = "--accept",
      split = ",",
      paramLabel = "ID",
      description = "With --state: feeds whose lists are believed however short or old they are.")
  private List<String> accepted = List.of();

  @Option(
      names = "--every",
      paramLabel = "TIME",
      converter = TimeSpan.class,
      description =
          "Run again and again, this long from start to start, for example 1h or 30m, until the"
              + " process is ended. Feeds are asked no more often than they allow.")
  private @Nullable Duration every;

  @Option(
      names = "--health",
      paramLabel = "FILE",
      description = "JSON file for a monitor: last run, last success and outcome of every feed.")
  private @Nullable Path health;

  @Option(names = "--report", paramLabel = "FILE", description = "File for the report as JSON.")
  private @Nullable Path report;

  @Override
  public Integer call() throws IOException, InterruptedException {
    checkCombinations();
    // Standard output may carry the documents, so everything for people goes to standard error
    // then.
    PrintWriter out =
        "-".equals(ndjson) ? spec.commandLine().getErr() : spec.commandLine().getOut();
    Mirror opened = mirror == null ? null : open(mirror);
    List<Feed> selected = select(opened, out);
    FetchContext context =
        FetchContext.builder(usage())
            .httpClient(server.network().client(System.getenv()))
            .secrets(name -> Optional.ofNullable(System.getenv(name)))
            .mirror(opened)
            .build();
    return every == null ? once(selected, context, out) : again(every, selected, context, out);
  }

  /** Runs until the thread is interrupted; a run that cannot begin is no reason to end. */
  private int again(Duration interval, List<Feed> selected, FetchContext context, PrintWriter out) {
    CountDownLatch never = new CountDownLatch(1);
    while (true) {
      long start = System.nanoTime();
      int code;
      try {
        code = once(selected, context, out);
        long left = interval.toNanos() - (System.nanoTime() - start);
        if (never.await(Math.max(left, 0), TimeUnit.NANOSECONDS)) {
          return code;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Tip.OK;
      } catch (IOException e) {
        spec.commandLine().getErr().println("tip: " + Tip.sentence(e));
        try {
          if (health != null) {
            new HealthFile(health).write(context.clock().instant().toString(), Tip.sentence(e));
          }
          if (never.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
            return Tip.NOTHING_STORED;
          }
        } catch (InterruptedException | IOException second) {
          spec.commandLine().getErr().println("tip: " + Tip.sentence(second));
          return Tip.NOTHING_STORED;
        }
      }
    }
  }

  private int once(List<Feed> selected, FetchContext context, PrintWriter out)
      throws IOException, InterruptedException {
    try (ReportFile file = report == null ? null : ReportFile.open(report)) {
      return call(selected, context, out, file);
    }
  }

  private int call(
      List<Feed> selected, FetchContext context, PrintWriter out, @Nullable ReportFile file)
      throws IOException, InterruptedException {
    if (server.isGiven()) {
      try (ServerConnection connection = server.connect();
          IndicatorSink sink = elasticsearch(connection, install)) {
        return hunting.areGiven()
            ? hunt(selected, context, sink, out, file)
            : run(selected, context, sink, out, file);
      }
    }
    if (dryRun) {
      return run(selected, context, new SinkToLookAt(identity(out)), out, file);
    }
    if (ndjson != null) {
      return run(selected, context, ndjson(ndjson), out, file);
    }
    try (EmbeddedServer own = EmbeddedServer.start(System.getProperties());
        ServerConnection connection = ServerConnection.local(own.url())) {
      int code = run(selected, context, elasticsearch(connection, true), out, file);
      if (keep) {
        own.keep(out);
      }
      return code;
    }
  }

  /** Runs, and hunts for what the feeds list for the first time. */
  private int hunt(
      List<Feed> selected,
      FetchContext context,
      IndicatorSink sink,
      PrintWriter out,
      @Nullable ReportFile file)
      throws IOException, InterruptedException {
    Path folder = Objects.requireNonNull(state);
    try (ServerConnection reading = hunting.connect(server);
        RetroHunt hunt = hunting.open(reading, folder, server.indexBase())) {
      // Of a feed that the sink does not have yet, all is new, and most of it old.
      Set<String> known = SyncState.of(folder).completeFeeds(sink.info());
      int code = run(selected, context, hunt.collecting(sink, known), out, file);
      return HuntOptions.run(hunt, reading, out) ? code : Math.max(code, Tip.SOME_FAILED);
    }
  }

  /** Returns the identity of the sink whose memory a dry run looks at. */
  private String identity(PrintWriter out) throws IOException {
    if (ndjson != null && !ndjson.equals("-")) {
      return NdjsonSink.builder(Path.of(ndjson)).look().identity();
    }
    if (state == null || ndjson != null || !Files.isDirectory(state)) {
      return "none";
    }
    Map<String, String> remembered = new TreeMap<>();
    for (SyncState.FeedState feed : SyncState.of(state).feeds()) {
      feed.sinkIdentity()
          .ifPresentOrElse(
              identity -> remembered.put(feed.sink(), identity),
              () -> remembered.putIfAbsent(feed.sink(), ""));
    }
    if (remembered.isEmpty()) {
      return "none";
    }
    String only = remembered.values().iterator().next();
    if (remembered.size() > 1 || only.isEmpty()) {
      throw usageError(
          "--dry-run: say with --elasticsearch or --ndjson which sink; "
              + state
              + " remembers "
              + remembered.size()
              + ", see tip status");
    }
    out.println("held against what is remembered of " + TextTable.shown(only));
    return only;
  }

  /** Stands for a sink in a dry run, which gives it nothing. */
  private record SinkToLookAt(String identity) implements IndicatorSink {
    @Override
    public SinkInfo info() {
      return new SinkInfo(identity, false, true);
    }

    @Override
    public WriteResult write(List<Change> batch) {
      throw new IllegalStateException("a dry run writes nothing");
    }

    @Override
    public void close() {}
  }

  private void checkCombinations() {
    boolean told = server.isGiven() || ndjson != null;
    if (!told && !embedded && !dryRun) {
      throw usageError("say where to: --elasticsearch, --embedded, --ndjson, or --dry-run");
    }
    if (server.isGiven() && ndjson != null || told && embedded) {
      throw usageError("--elasticsearch, --embedded and --ndjson: one of them");
    }
    server.check();
    if (dryRun && (embedded || install)) {
      throw usageError("--dry-run goes with neither --embedded nor --install");
    }
    if (dryRun && told && state == null) {
      throw usageError("--dry-run with a target goes with --state");
    }
    if (install && !server.isGiven()) {
      throw usageError("--install goes with --elasticsearch");
    }
    if (installing.areGiven() && !install) {
      throw usageError("--reader-alias and --replace-legacy go with --install");
    }
    String problem = hunting.problem(server.isGiven(), state, dryRun);
    if (problem != null) {
      throw usageError(problem);
    }
    if (state != null && Files.exists(state) && !Files.isDirectory(state)) {
      throw usageError("--state: " + state + " is no folder");
    }
    if (!accepted.isEmpty() && state == null) {
      throw usageError("--accept goes with --state");
    }
    if (every != null && embedded) {
      throw usageError("--every does not go with --embedded");
    }
    if (keep && !embedded) {
      throw usageError("--keep goes with --embedded");
    }
  }

  private int run(
      List<Feed> selected,
      FetchContext context,
      IndicatorSink to,
      PrintWriter out,
      @Nullable ReportFile file)
      throws IOException, InterruptedException {
    Set<String> known =
        state == null || dryRun ? Set.of() : SyncState.of(state).completeFeeds(to.info());
    SyncReport result;
    try (to) {
      FeedSync.Builder sync = FeedSync.builder();
      if (state != null) {
        sync.state(state);
      }
      accepted.forEach(sync::accept);
      result =
          sync.sink(to)
              .context(context)
              .screen(Screen.specialPurpose())
              .dryRun(dryRun)
              .listener(Progress.on(spec.commandLine().getErr(), System.getProperties()))
              .build()
              .run(selected);
    }
    if (dryRun) {
      out.println("dry run: nothing was written");
    } else if (state != null) {
      printNewTerms(selected, known, result, out);
    }
    // Who runs it again and again reads a log.
    out.print(every == null ? result.toTable() : result.started() + " " + result.summary() + '\n');
    out.flush();
    if (file != null) {
      file.write(result);
    }
    if (health != null) {
      new HealthFile(health).write(result);
    }
    return exitCode(result);
  }

  private static void printNewTerms(
      List<Feed> selected, Set<String> known, SyncReport result, PrintWriter out) {
    Set<String> stored = new HashSet<>();
    for (FeedReport feed : result.feeds()) {
      if (feed.outcome() == FeedOutcome.PUBLISHED && !known.contains(feed.feedId())) {
        stored.add(feed.feedId());
      }
    }
    FeedsCommand.printTerms(
        selected.stream().map(Feed::info).filter(info -> stored.contains(info.id())).toList(), out);
  }

  private int exitCode(SyncReport result) {
    if (!dryRun && result.nothingStored()) {
      return Tip.NOTHING_STORED;
    }
    for (FeedReport feed : result.feeds()) {
      if (failed(feed)) {
        return Tip.SOME_FAILED;
      }
    }
    return Tip.OK;
  }

  /** A feed that was not asked for by name and cannot run here is shown, but is no failure. */
  private boolean failed(FeedReport feed) {
    return switch (feed.outcome()) {
      case PUBLISHED, UNCHANGED, NOT_DUE, RETIRED -> false;
      case AUTH_MISSING, TERMS_NOT_ACCEPTED -> feeds.names(feed.feedId());
      case HELD,
          RATE_LIMITED,
          AUTH_REJECTED,
          GONE,
          UNREACHABLE,
          CONTRACT_BROKEN,
          SINK_FAILED,
          INCOMPLETE,
          LOCKED,
          CANCELLED ->
          true;
    };
  }

  private Usage usage() {
    return switch (usage) {
      case "commercial" -> Usage.COMMERCIAL;
      case "non-commercial" -> Usage.NON_COMMERCIAL;
      default -> throw usageError("--usage is commercial or non-commercial, not " + usage);
    };
  }

  private List<Feed> select(@Nullable Mirror opened, PrintWriter out) {
    Map<String, Feed> installed = catalogue.byId();
    feeds.check(installed.keySet());
    List<Feed> selected = new ArrayList<>();
    List<String> absent = new ArrayList<>();
    for (Feed feed : installed.values()) {
      if (feeds.isOfAll() && opened != null && !mirrored(feed, opened)) {
        absent.add(feed.info().id());
      } else if (feeds.includes(feed.info().id())) {
        selected.add(feed);
      }
    }
    for (String id : accepted) {
      if (!installed.containsKey(id)) {
        throw usageError("--accept: no feed is called " + id + "; tip feeds lists them");
      }
    }
    if (!absent.isEmpty()) {
      out.println("not in the mirror: " + String.join(", ", absent));
    }
    if (selected.isEmpty()) {
      throw usageError("no feed to fetch; tip feeds lists them");
    }
    return selected;
  }

  private Mirror open(Path folder) {
    try {
      return Mirror.open(folder);
    } catch (IOException e) {
      throw usageError("--mirror: " + Tip.sentence(e));
    }
  }

  private static boolean mirrored(Feed feed, Mirror mirror) {
    return feed instanceof HttpFeed http && mirror.file(URI.create(http.location())).isPresent();
  }

  private IndicatorSink elasticsearch(ServerConnection connection, boolean install)
      throws IOException {
    if (install) {
      installing.install(connection, server.indexBase());
      if (hunting.areGiven()) {
        HuntIndex.of(connection.client()).install();
      }
    }
    return ElasticsearchSink.builder(connection.client()).indexBase(server.indexBase()).build();
  }

  private static IndicatorSink ndjson(String file) throws IOException {
    for (IndicatorSinkProvider provider : ServiceLoader.load(IndicatorSinkProvider.class)) {
      if (provider.name().equals("ndjson")) {
        return provider.create(Map.of("file", file));
      }
    }
    throw new IllegalStateException("no sink provider called ndjson is installed");
  }

  private ParameterException usageError(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
