// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.Terms;
import dev.tip.sink.Change;
import dev.tip.sink.Holdings;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.SinkInfo;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a {@linkplain FeedSync.Builder#state state folder} remembers, to be looked at: of each feed
 * and sink how much the sink is to hold and what is open, and whether and why one observable is
 * there.
 *
 * <p>Looking takes no lock and writes nothing, so it never stands in the way of a run; beside one
 * it shows what was remembered just before or after. Ledgers are read as streams, in a few
 * megabytes of memory however large they are. A file that is damaged is {@link
 * Condition#UNREADABLE}, and the others are read all the same. Only {@code forget} changes the
 * folder. Immutable and thread-safe.
 */
public final class SyncState {
  /** The most findings of one look-up. */
  static final int MAX_FINDINGS = 1000;

  private static final int SINK_DIGITS = 16;
  private static final int MAX_FEED_ID = 64;
  private static final String LEDGER = ".ledger";
  private static final String SETTLED = ".settled";

  /** What a run may leave of one feed and one sink; the last two are what it is found by. */
  private static final List<String> ENDINGS =
      List.of(".draft", ".settled.part", ".ledger.corrupt", SETTLED, LEDGER);

  private final Path folder;

  private SyncState(Path folder) {
    this.folder = folder;
  }

  /** Returns a view of a folder, of which nothing is read yet. */
  public static SyncState of(Path folder) {
    return new SyncState(Objects.requireNonNull(folder, "folder"));
  }

  /** Whether what is remembered of a feed and a sink can be used. */
  public enum Condition {
    /** All of the ledger was read, and its checksums hold. */
    READABLE,
    /** There is no ledger: no list of the feed was whole yet, or it is lost. */
    ABSENT,
    /**
     * The ledger is damaged, of another version or may not be read. A run puts one aside that is
     * damaged or of another version, and all is stored anew.
     */
    UNREADABLE
  }

  /** How far the sink is with an indicator. */
  public enum Status {
    /** The sink has it. */
    STORED,
    /** The next run writes it: it is new to the sink, or the sink has an older statement. */
    TO_BE_WRITTEN,
    /** The next run withdraws it; until then the sink has it. */
    TO_BE_WITHDRAWN,
    /** It was withdrawn, and is forgotten when the feed's next list is stored. */
    WITHDRAWN
  }

  /** Why an indicator is an answer. */
  public enum Match {
    /** Type and canonical value are those asked for. */
    EXACT,
    /** It is a network that the address or network asked for lies in. */
    NETWORK,
    /** It is known by a stronger hash, and has the one asked for as well. */
    HASH
  }

  /**
   * What a ledger says in numbers; times in epoch milliseconds, either end of the range if none.
   */
  private record Sums(
      long indicators,
      long toWrite,
      long toWithdraw,
      boolean complete,
      long strangers,
      long generation,
      long saved,
      long listed,
      long due) {
    static final Sums NONE =
        new Sums(0, 0, 0, false, 0, 0, Long.MIN_VALUE, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** What is remembered of one feed and one sink. Immutable. */
  public static final class FeedState {
    private final String name;
    private final Condition condition;
    private final @Nullable String problem;
    private final long bytes;
    private final @Nullable String identity;
    private final FeedMemory.Patience patience;
    private final Sums sums;

    /** Creates one that cannot be read. */
    private FeedState(String name, String problem, long bytes) {
      this.name = name;
      this.condition = Condition.UNREADABLE;
      this.problem = problem;
      this.bytes = bytes;
      this.identity = null;
      this.patience = FeedMemory.Patience.NONE;
      this.sums = Sums.NONE;
    }

    private FeedState(String name, Condition condition, long bytes, FeedMemory memory, Sums sums) {
      this.name = name;
      this.condition = condition;
      this.problem = null;
      this.bytes = bytes;
      String sink = memory.sink();
      // The file can be anything: only what gives the key is what the key was made of.
      this.identity = sink != null && FeedMemory.sinkKey(sink).equals(key(name)) ? sink : null;
      this.patience = memory.patience();
      this.sums = sums;
    }

    /** Returns the id of the feed. */
    public String feedId() {
      return feed(name);
    }

    /** Returns what stands for the sink's identity: sixteen hexadecimal digits. */
    public String sink() {
      return key(name);
    }

    /** Returns the identity of the sink, empty if it is not known. */
    public Optional<String> sinkIdentity() {
      return Optional.ofNullable(identity);
    }

    /**
     * Returns whether the ledger can be used. Without one that can, counts of indicators are 0, and
     * it is not known when the feed was listed and what is due. What a publisher is waited for, and
     * lists that were too short, are known if it is {@link Condition#ABSENT} and 0 or empty if it
     * is {@link Condition#UNREADABLE}.
     */
    public Condition condition() {
      return condition;
    }

    /** Returns what is wrong, empty unless it is {@link Condition#UNREADABLE}. */
    public Optional<String> problem() {
      return Optional.ofNullable(problem);
    }

    /** Returns the size of the ledger in bytes, 0 if it is not there. */
    public long bytes() {
      return bytes;
    }

    /** Returns how many indicators the sink is to hold. */
    public long indicators() {
      return sums.indicators();
    }

    /** Returns how many of them the next run writes because they are not known to be stored. */
    public long toWrite() {
      return sums.toWrite();
    }

    /** Returns how many others the next run withdraws because they are not known to be. */
    public long toWithdraw() {
      return sums.toWithdraw();
    }

    /**
     * Returns whether nothing speaks against it that the sink holds what is remembered of the feed,
     * and nothing else but what is {@linkplain #toWrite still} {@linkplain #toWithdraw open}: a
     * whole list was stored, what the sink had beside it was withdrawn or, where nothing is known
     * of it, counted, and by all that the sink told since, it holds as many indicators as it
     * should. A sink that cannot tell is believed. False without a ledger that can be used. If it
     * is false, the next run asks the feed for all of its list and, if the feed gives it, the sink
     * for what it holds.
     */
    public boolean isComplete() {
      return sums.complete();
    }

    /** Returns when the ledger was last written: something had changed or was due then. */
    public Optional<Instant> saved() {
      return time(sums.saved());
    }

    /**
     * Returns when the feed last gave a whole list, or said that the one before had not changed.
     */
    public Optional<Instant> listed() {
      return time(sums.listed());
    }

    /** Returns when the first indicator has to be written again or ends, if any ever has to. */
    public Optional<Instant> due() {
      return time(sums.due());
    }

    /** Returns before when the publisher does not want to be asked again, if it said so. */
    public Optional<Instant> notBefore() {
      return time(patience.notBefore());
    }

    /** Returns how many lists in a row were too short to believe; usually 0. */
    public int heldLists() {
      return patience.held();
    }

    /** Returns how many indicators the last list that was too short had. */
    public long heldRows() {
      return patience.heldRows();
    }

    /** Returns how many lists in a row were older than the one before; usually 0. */
    public int olderLists() {
      return patience.older();
    }

    private @Nullable String difference(Holdings held) {
      return switch (condition) {
        case UNREADABLE -> "what is remembered cannot be read: " + problem;
        case ABSENT ->
            "the sink holds " + held.active() + " active indicators of which nothing is remembered";
        case READABLE ->
            Inventory.difference(
                held,
                sums.generation(),
                sums.indicators(),
                sums.toWrite() + sums.toWithdraw(),
                sums.strangers());
      };
    }

    @Override
    public String toString() {
      return name + ' ' + condition;
    }
  }

  /** An indicator that is an answer, as one feed states it for one sink. Immutable. */
  public static final class Finding {
    private final String name;
    private final Match match;
    private final CyberObservable observable;
    private final @Nullable Indicator indicator;
    private final Ledger.Task task;
    private final Status status;
    private final Instant added;
    private final Instant written;
    private final Instant listed;
    private final Optional<Instant> ends;

    private Finding(
        String name,
        Match match,
        Indicator indicator,
        boolean feedIsKnown,
        Ledger.Reader at,
        Status status,
        long listed,
        long ends) {
      this.name = name;
      this.match = match;
      this.observable = indicator.observable();
      this.indicator = feedIsKnown ? indicator : null;
      this.task = at.task();
      this.status = status;
      this.added = Instant.ofEpochMilli(at.added());
      this.written = Instant.ofEpochMilli(at.written());
      this.listed = Instant.ofEpochMilli(listed);
      this.ends = time(ends);
    }

    /** Returns the id of the feed. */
    public String feedId() {
      return feed(name);
    }

    /** Returns what stands for the sink, as {@link FeedState#sink}. */
    public String sink() {
      return key(name);
    }

    /** Returns why this is an answer. */
    public Match match() {
      return match;
    }

    /** Returns what the indicator is about. */
    public CyberObservable observable() {
      return observable;
    }

    /** Returns the statement, empty if the look-up was not told about the feed. */
    public Optional<Indicator> indicator() {
      return Optional.ofNullable(indicator);
    }

    /** Returns how far the sink is with it. */
    public Status status() {
      return status;
    }

    /** Returns why it was last written or is to be, empty if that is not remembered. */
    public Optional<Change.Cause> cause() {
      return Optional.ofNullable(task.cause);
    }

    /** Returns why it is withdrawn, empty unless it is. */
    public Optional<Change.Reason> reason() {
      return Optional.ofNullable(task.reason);
    }

    /** Returns when it was first stored. */
    public Instant added() {
      return added;
    }

    /** Returns when it was last written, empty if that is still to be done. */
    public Optional<Instant> written() {
      return status == Status.TO_BE_WRITTEN ? Optional.empty() : Optional.of(written);
    }

    /** Returns when the feed was last known to list it. */
    public Instant listed() {
      return listed;
    }

    /**
     * Returns when its time is over unless it is listed again. Empty if it has no end but that of
     * being listed, if the look-up was not told about the feed, or if it is withdrawn.
     */
    public Optional<Instant> ends() {
      return ends;
    }

    @Override
    public String toString() {
      return feedId() + ' ' + observable + ' ' + status;
    }
  }

  /** The answer of a look-up. Immutable. */
  public static final class Answer {
    private final List<Finding> findings;
    private final List<FeedState> unreadable;
    private final boolean cut;

    private Answer(List<Finding> findings, List<FeedState> unreadable, boolean cut) {
      this.findings = List.copyOf(findings);
      this.unreadable = List.copyOf(unreadable);
      this.cut = cut;
    }

    /** Returns what was found, by feed and sink. */
    public List<Finding> findings() {
      return findings;
    }

    /** Returns the ledgers that could not be read as far as needed, so that more may be in them. */
    public List<FeedState> unreadable() {
      return unreadable;
    }

    /** Returns whether more than 1000 were found, and the rest left out. */
    public boolean isCut() {
      return cut;
    }

    /** Returns whether some sink holds one of the findings, or is to hold it. */
    public boolean isListed() {
      return findings.stream().anyMatch(f -> f.status() != Status.WITHDRAWN);
    }
  }

  /** Thrown when what is to be changed belongs to a run that goes on. */
  public static final class LockedException extends IOException {
    private static final long serialVersionUID = 1L;

    private LockedException(Path folder) {
      super("a run has the state in " + folder + "; wait until it is through");
    }
  }

  /**
   * Reads all that is remembered, and checks it.
   *
   * @return in order of feed and sink
   * @throws IOException if the folder cannot be listed, {@link NoSuchFileException} or {@link
   *     NotDirectoryException} if it is none; {@link ClosedByInterruptException} if the thread is
   *     interrupted
   */
  public List<FeedState> feeds() throws IOException {
    List<FeedState> states = new ArrayList<>();
    for (String name : names()) {
      states.add(read(name));
    }
    return List.copyOf(states);
  }

  /**
   * Returns the feeds of which a sink is known to hold what is remembered, as {@link
   * FeedState#isComplete} says it. No records are read.
   *
   * @return ids of feeds; none if there is no folder
   * @throws IOException if the folder cannot be listed
   */
  public Set<String> completeFeeds(SinkInfo sink) throws IOException {
    Set<String> feeds = new TreeSet<>();
    if (!Files.isDirectory(folder)) {
      return feeds;
    }
    String key = FeedMemory.sinkKey(sink.identity());
    for (String name : names()) {
      if (key(name).equals(key)) {
        // One that cannot be read is not complete.
        FeedState ignored =
            attempt(
                name,
                () -> {
                  FeedMemory memory = FeedMemory.look(folder, name);
                  if (memory.header() != null && memory.settled().isComplete()) {
                    feeds.add(feed(name));
                  }
                });
      }
    }
    return feeds;
  }

  /**
   * Hands out the indicators that sinks hold or are to hold. Of a feed that several sinks have, the
   * ledger that was written last counts.
   *
   * @param feeds what is known of feeds; the others are left out
   * @param addedSince leaves out those that were first stored before
   * @return the ledgers that could not be read to their end, so that some may be missing
   * @throws IOException as {@link #feeds}, or if the consumer throws it
   */
  public List<FeedState> indicators(
      Collection<FeedInfo> feeds, Instant addedSince, IndicatorConsumer consumer)
      throws IOException {
    Map<String, FeedInfo> known = new HashMap<>();
    feeds.forEach(feed -> known.put(feed.id(), feed));
    List<FeedState> unreadable = new ArrayList<>();
    Map<String, String> newest = new TreeMap<>();
    Map<String, Long> times = new HashMap<>();
    for (String name : names()) {
      FeedState problem =
          attempt(
              name,
              () -> {
                Ledger.Header header = FeedMemory.look(folder, name).header();
                if (header != null
                    && header.time() > times.getOrDefault(feed(name), Long.MIN_VALUE)) {
                  times.put(feed(name), header.time());
                  newest.put(feed(name), name);
                }
              });
      if (problem != null) {
        unreadable.add(problem);
      }
    }
    for (Map.Entry<String, String> ledger : newest.entrySet()) {
      FeedInfo feed = known.get(ledger.getKey());
      if (feed != null) {
        handOut(ledger.getValue(), feed, addedSince, consumer, unreadable);
      }
    }
    return List.copyOf(unreadable);
  }

  /** Takes indicators one by one. */
  @FunctionalInterface
  public interface IndicatorConsumer {
    /**
     * Takes one.
     *
     * @throws IOException if that is not possible; ends the reading
     */
    void accept(Indicator indicator) throws IOException;
  }

  private void handOut(
      String name,
      FeedInfo feed,
      Instant addedSince,
      IndicatorConsumer consumer,
      List<FeedState> unreadable)
      throws IOException {
    IOException[] refused = new IOException[1];
    FeedState problem =
        attempt(
            name,
            () -> {
              try (Opened opened = open(name)) {
                Ledger.Reader reader = opened.reader;
                IndicatorCodec codec = new IndicatorCodec(feed);
                while (reader != null && reader.advance()) {
                  if (reader.task().reason == null
                      && !Instant.ofEpochMilli(reader.added()).isBefore(addedSince)) {
                    Indicator indicator = StateSearch.decode(codec, reader);
                    try {
                      consumer.accept(indicator);
                    } catch (IOException e) {
                      refused[0] = e;
                      throw e;
                    }
                  }
                }
              }
            });
    if (refused[0] != null) {
      throw refused[0];
    }
    if (problem != null) {
      unreadable.add(problem);
    }
  }

  /**
   * Looks for statements about observables. An address or a network is found in the networks around
   * it too, and a file or certificate by any of its hashes.
   *
   * <p>Ledgers are in order of type and value, and read no further than needed; what comes behind
   * is not checked.
   *
   * @param observables what to look for, for example all that a text could mean
   * @param feeds what is known of feeds; of the others a finding has no indicator
   * @throws IOException as {@link #feeds}
   */
  public Answer find(Collection<? extends CyberObservable> observables, Collection<FeedInfo> feeds)
      throws IOException {
    Map<String, FeedInfo> known = new HashMap<>();
    feeds.forEach(feed -> known.put(feed.id(), feed));
    StateSearch search = new StateSearch(observables);
    List<Finding> findings = new ArrayList<>();
    List<FeedState> unreadable = new ArrayList<>();
    for (String name : names()) {
      FeedState problem = attempt(name, () -> find(name, search, known, findings));
      if (problem != null) {
        unreadable.add(problem);
      }
    }
    boolean cut = findings.size() > MAX_FINDINGS;
    return new Answer(cut ? findings.subList(0, MAX_FINDINGS) : findings, unreadable, cut);
  }

  /**
   * Holds what is remembered of a sink against what it says that it holds, without fetching
   * anything. Whatever differs is put right by the next whole list of the feed.
   *
   * @param sink is asked for {@link IndicatorSink#holdings}, and given nothing
   * @param feedIds feeds of which the sink may hold something, beside those that are remembered;
   *     one of which nothing is remembered nor held is left out
   * @return in order of feed
   * @throws IOException as {@link #feeds}, or if the sink cannot be asked
   * @throws InterruptedException if the thread is interrupted
   */
  public List<Verification> verify(IndicatorSink sink, Collection<String> feedIds)
      throws IOException, InterruptedException {
    String key = FeedMemory.sinkKey(sink.info().identity());
    Set<String> names = names();
    names.removeIf(name -> !key(name).equals(key));
    feedIds.forEach(id -> names.add(id + '-' + key));
    List<Verification> all = new ArrayList<>();
    for (String name : names) {
      Verification one = verify(sink, name);
      boolean isNothing =
          one.state().condition() == Condition.ABSENT
              && (one.holdings() == null || one.holdings().active() == 0);
      if (!isNothing) {
        all.add(one);
      }
    }
    return List.copyOf(all);
  }

  private Verification verify(IndicatorSink sink, String name)
      throws IOException, InterruptedException {
    FeedState state = read(name);
    while (true) {
      Holdings held = sink.holdings(feed(name)).orElse(null);
      String difference = held == null ? null : state.difference(held);
      FeedState now = difference == null ? state : read(name);
      if (now.sums.generation() == state.sums.generation()) {
        return new Verification(state, held, difference);
      }
      // A run began to write something else between the two looks.
      state = now;
    }
  }

  /**
   * Deletes all that is remembered of a sink: for one that does not exist any more, as nothing else
   * ever deletes it. The sink itself is not touched. If it does exist, the next run stores the
   * whole of every list again.
   *
   * @param sink as {@link FeedState#sink} returns it
   * @return how many feeds were remembered for it; 0 if none
   * @throws LockedException if a run has the folder; nothing is deleted then
   * @throws IOException if the folder is none, or a file cannot be deleted; what is left can be
   *     forgotten again
   */
  public int forget(String sink) throws IOException {
    Objects.requireNonNull(sink, "sink");
    return forget(name -> key(name).equals(sink));
  }

  /**
   * Deletes what is remembered of one feed and one sink: for a feed that nobody fetches any more,
   * as a feed that is not run is neither withdrawn nor forgotten. The sink itself is not touched.
   * If the feed is run again, its whole list is stored again.
   *
   * @param sink as {@link FeedState#sink} returns it
   * @param feedId as {@link FeedState#feedId} returns it
   * @return whether anything was remembered
   * @throws LockedException as {@link #forget(String)}
   * @throws IOException as {@link #forget(String)}
   */
  public boolean forget(String sink, String feedId) throws IOException {
    Objects.requireNonNull(sink, "sink");
    Objects.requireNonNull(feedId, "feedId");
    return forget(name -> key(name).equals(sink) && feed(name).equals(feedId)) > 0;
  }

  private int forget(Predicate<String> isMeant) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new NotDirectoryException(folder.toString());
    }
    StateLock lock = StateLock.take(folder);
    if (lock == null) {
      throw new LockedException(folder);
    }
    try {
      Set<String> left = names();
      Set<String> meant = left.stream().filter(isMeant).collect(Collectors.toSet());
      left.removeAll(meant);
      Set<String> feeds = left.stream().map(SyncState::feed).collect(Collectors.toSet());
      for (String name : meant) {
        // First what it is not found by, so that a second attempt finds what is left.
        Files.deleteIfExists(DeadLetters.changesFile(folder, name));
        if (!feeds.contains(feed(name))) {
          Files.deleteIfExists(DeadLetters.recordsFile(folder, feed(name)));
        }
        for (String ending : ENDINGS) {
          Files.deleteIfExists(folder.resolve(name + ending));
        }
      }
      return meant.size();
    } finally {
      lock.release();
    }
  }

  /** What is read of a ledger. */
  private interface Part {
    void read() throws IOException;
  }

  /** Reads, and returns what is wrong, or null. */
  private @Nullable FeedState attempt(String name, Part part) throws IOException {
    try {
      for (String ending : List.of(LEDGER, SETTLED)) {
        Path file = folder.resolve(name + ending);
        // Not opened: a pipe would never answer.
        if (Files.exists(file) && !Files.isRegularFile(file)) {
          return new FeedState(name, file.getFileName() + " is not a plain file", 0);
        }
      }
      part.read();
      return null;
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (CorruptLedgerException | CorruptRecordException e) {
      return new FeedState(name, String.valueOf(e.getMessage()), size(name));
    } catch (IOException e) {
      return new FeedState(name, e.toString(), size(name));
    }
  }

  private FeedState read(String name) throws IOException {
    List<FeedState> state = new ArrayList<>(1);
    FeedState unreadable = attempt(name, () -> state.add(count(name)));
    return unreadable != null ? unreadable : state.get(0);
  }

  private FeedState count(String name) throws IOException {
    try (Opened opened = open(name)) {
      FeedMemory memory = opened.memory;
      Ledger.Reader reader = opened.reader;
      if (reader == null) {
        return new FeedState(name, Condition.ABSENT, size(name), memory, Sums.NONE);
      }
      long indicators = 0;
      long toWrite = 0;
      long toWithdraw = 0;
      while (reader.advance()) {
        Ledger.Task task = reader.task();
        boolean open = task != Ledger.Task.NONE && !memory.settled().isDone(task, reader.ordinal());
        if (task.reason == null) {
          indicators++;
          toWrite += open ? 1 : 0;
        } else {
          toWithdraw += open ? 1 : 0;
        }
      }
      Ledger.Header header = reader.header();
      Sums sums =
          new Sums(
              indicators,
              toWrite,
              toWithdraw,
              memory.settled().isComplete(),
              memory.settled().strangers().number(),
              header.generation(),
              header.time(),
              Math.max(header.listing(), memory.settled().confirmed()),
              Math.min(header.due(), memory.settled().strangers().due()));
      return new FeedState(name, Condition.READABLE, size(name), memory, sums);
    }
  }

  /** Adds the findings of a ledger, until there is one too many. */
  private void find(
      String name, StateSearch search, Map<String, FeedInfo> feeds, List<Finding> findings)
      throws IOException {
    try (Opened opened = open(name)) {
      Ledger.Reader reader = opened.reader;
      if (reader == null) {
        return;
      }
      String feedId = feed(name);
      FeedInfo feed = feeds.get(feedId);
      IndicatorCodec codec = new IndicatorCodec(feed != null ? feed : unknown(feedId));
      int next = 0;
      while (reader.advance()) {
        next = search.skip(next, reader);
        if (search.isOver(next, reader)) {
          return;
        }
        Match match = search.match(next, reader, codec);
        if (match == null) {
          continue;
        }
        if (findings.size() > MAX_FINDINGS) {
          return;
        }
        findings.add(finding(name, match, feed, codec, opened.memory, reader));
      }
    }
  }

  private static Finding finding(
      String name,
      Match match,
      @Nullable FeedInfo feed,
      IndicatorCodec codec,
      FeedMemory memory,
      Ledger.Reader reader)
      throws IOException {
    Ledger.Task task = reader.task();
    FeedMemory.Settled settled = memory.settled();
    boolean done = task == Ledger.Task.NONE || settled.isDone(task, reader.ordinal());
    Status status =
        task.reason != null
            ? done ? Status.WITHDRAWN : Status.TO_BE_WITHDRAWN
            : done ? Status.STORED : Status.TO_BE_WRITTEN;
    boolean inLastList = reader.listed() == reader.header().listing();
    long listed = inLastList ? Math.max(reader.listed(), settled.confirmed()) : reader.listed();
    long ends =
        task.reason != null
            ? Long.MAX_VALUE
            : Plan.end(
                reader.data(),
                reader.propertiesStart(),
                reader.end(),
                listed,
                feed == null ? Long.MAX_VALUE : Plan.timeToLive(feed));
    return new Finding(
        name, match, StateSearch.decode(codec, reader), feed != null, reader, status, listed, ends);
  }

  /** What is remembered, and its ledger opened, which is null if there is none. */
  private record Opened(FeedMemory memory, Ledger.@Nullable Reader reader)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      if (reader != null) {
        reader.close();
      }
    }
  }

  /** Opens a ledger together with what has been done of it. */
  private Opened open(String name) throws IOException {
    while (true) {
      FeedMemory memory = FeedMemory.look(folder, name);
      if (memory.header() == null) {
        return new Opened(memory, null);
      }
      Ledger.Reader reader = null;
      try {
        reader = memory.read(Ledger.Reader::open);
        if (reader.header().equals(memory.header())) {
          Opened opened = new Opened(memory, reader);
          reader = null;
          return opened;
        }
      } catch (NoSuchFileException e) {
        // As below.
      } finally {
        if (reader != null) {
          reader.close();
        }
      }
      // A run put another one in its place meanwhile.
    }
  }

  private long size(String name) {
    Path ledger = folder.resolve(name + LEDGER);
    try {
      return Files.size(ledger);
    } catch (IOException e) {
      return 0;
    }
  }

  private Set<String> names() throws IOException {
    Set<String> names = new TreeSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String text = file.getFileName().toString();
        int end = text.lastIndexOf('.');
        if ((text.endsWith(LEDGER) || text.endsWith(SETTLED)) && isName(text, end)) {
          names.add(text.substring(0, end));
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return names;
  }

  /** Returns whether it is a feed's id, a hyphen and a sink's key: no other file is one of ours. */
  private static boolean isName(String text, int end) {
    int hyphen = end - SINK_DIGITS - 1;
    boolean good =
        hyphen > 0 && hyphen <= MAX_FEED_ID && text.charAt(hyphen) == '-' && text.charAt(0) >= 'a';
    for (int i = 0; good && i < end; i++) {
      char c = text.charAt(i);
      boolean digit = c >= '0' && c <= '9';
      good = i > hyphen ? digit || c >= 'a' && c <= 'f' : digit || c >= 'a' && c <= 'z' || c == '-';
    }
    return good;
  }

  /** Stands in where nothing is known of a feed, to read its records. */
  private static FeedInfo unknown(String feedId) {
    URI nowhere = URI.create("about:blank");
    return FeedInfo.builder(feedId)
        .provider(feedId)
        .reference(nowhere)
        .role(FeedInfo.Role.REPUTATION)
        .coverage(FeedInfo.Coverage.WINDOW)
        .terms(new Terms("unknown", nowhere, false, false, null))
        .types(CyberObservable.Type.URL)
        .build();
  }

  private static String feed(String name) {
    return name.substring(0, name.length() - SINK_DIGITS - 1);
  }

  private static String key(String name) {
    return name.substring(name.length() - SINK_DIGITS);
  }

  /** Both ends of the range of numbers stand for no time. */
  private static Optional<Instant> time(long millis) {
    return millis == Long.MIN_VALUE || millis == Long.MAX_VALUE
        ? Optional.empty()
        : Optional.of(Instant.ofEpochMilli(millis));
  }
}
