// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchState;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is remembered of one feed and one sink: a {@link Ledger}, and a small file with what has
 * been done of it since and what the feed wants to remember. Both can be deleted: the list is then
 * stored anew.
 *
 * <p>The small file names the ledger that it belongs to. Beside another one, for example one that
 * was restored from a copy, it counts for nothing: nothing of that ledger is known to be done, and
 * the feed is asked for the whole list.
 */
final class FeedMemory implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(FeedSync.class);
  private static final long MAX_SETTLED_FILE = 4 << 20;
  private static final String FETCH = "fetch.";
  private static final String SINK = "sink";

  private final Path ledger;
  private final Path settledFile;
  private final Path draft;
  private final boolean lasting;
  private final boolean readOnly;
  private @Nullable String sink;
  private Ledger.@Nullable Header header;
  private Settled settled = Settled.NOTHING;
  private Patience patience = Patience.NONE;
  private @Nullable String loss;

  /** What has been done of a ledger, and what the feed wants to remember. Immutable. */
  static final class Settled {
    static final Settled NOTHING =
        new Settled(
            0, Long.MIN_VALUE, ListTime.UNKNOWN, 0, 0, new long[0], false, Strangers.NONE, null);

    private final long generation;
    private final long confirmed;
    private final long stated;
    private final long upsertsTo;
    private final long withdrawalsTo;
    private final long[] open;
    private final boolean complete;
    private final Strangers strangers;
    private final @Nullable FetchState fetch;

    /**
     * Creates it.
     *
     * @param generation the ledger that this is about
     * @param confirmed when the feed last said that its list is as it was, in epoch milliseconds
     * @param stated when the last list that was believed was made, as it said; {@link
     *     ListTime#UNKNOWN} if none ever did
     * @param upsertsTo the first record to be written that was not handed to the sink
     * @param withdrawalsTo the first record to be withdrawn that was not
     * @param open the records before those that are not done all the same, in order; not copied
     * @param complete whether the sink is known to hold nothing of the feed but what is remembered
     * @param strangers what the sink holds all the same
     * @param fetch what the feed wants to remember, or null to ask for everything
     */
    Settled(
        long generation,
        long confirmed,
        long stated,
        long upsertsTo,
        long withdrawalsTo,
        long[] open,
        boolean complete,
        Strangers strangers,
        @Nullable FetchState fetch) {
      this.generation = generation;
      this.confirmed = confirmed;
      this.stated = stated;
      this.upsertsTo = upsertsTo;
      this.withdrawalsTo = withdrawalsTo;
      this.open = open;
      this.complete = complete;
      this.strangers = strangers;
      this.fetch = fetch;
    }

    long confirmed() {
      return confirmed;
    }

    long stated() {
      return stated;
    }

    boolean isComplete() {
      return complete;
    }

    @Nullable FetchState fetch() {
      return fetch;
    }

    /** Returns the same after the feed said that its list is as it was. */
    Settled confirmed(long at, @Nullable FetchState state) {
      return new Settled(
          generation, at, stated, upsertsTo, withdrawalsTo, open, complete, strangers, state);
    }

    Strangers strangers() {
      return strangers;
    }

    boolean isDone(Ledger.Task task, long ordinal) {
      long to = task.reason != null ? withdrawalsTo : upsertsTo;
      return ordinal < to && Arrays.binarySearch(open, ordinal) < 0;
    }
  }

  /**
   * What the sink holds of a feed beyond what is remembered.
   *
   * @param number how many documents
   * @param due when the first of them ends, in epoch milliseconds; the largest number if none of
   *     them is an indicator
   */
  record Strangers(long number, long due) {
    static final Strangers NONE = new Strangers(0, Long.MAX_VALUE);

    /** Returns whether indicators are among them, of which nothing but the id is known. */
    boolean areOrphans() {
      return due != Long.MAX_VALUE;
    }
  }

  /**
   * What a publisher is waited for.
   *
   * @param notBefore when it may be asked again, in epoch milliseconds
   * @param held how often in a row its list was too short to believe
   * @param heldRows how many rows that list had
   * @param older how often in a row its list was older than the one before
   * @param olderStated when that list was made, as it said
   * @param failures how often in a row it could not be fetched
   * @param failedAs how that ended last, or null if it could be fetched
   */
  record Patience(
      long notBefore,
      int held,
      long heldRows,
      int older,
      long olderStated,
      int failures,
      @Nullable FeedOutcome failedAs) {
    static final Patience NONE = ofList(0, 0);

    /** Waits for nothing but another list as short as this one. */
    static Patience ofList(int held, long rows) {
      return new Patience(Long.MIN_VALUE, held, rows, 0, ListTime.UNKNOWN, 0, null);
    }

    /** Waits for nothing but another list as old as this one. */
    static Patience ofOlder(int older, long stated) {
      return new Patience(Long.MIN_VALUE, 0, 0, older, stated, 0, null);
    }
  }

  private FeedMemory(Path folder, String name, boolean lasting, boolean readOnly) {
    this.ledger = folder.resolve(name + ".ledger");
    this.settledFile = folder.resolve(name + ".settled");
    this.draft = folder.resolve(name + ".draft");
    this.lasting = lasting;
    this.readOnly = readOnly;
  }

  /**
   * Opens what is remembered, which is nothing if it cannot be read.
   *
   * @param state the folder of all feeds, or null to remember nothing beyond the run
   * @param temporary where files go that are deleted again
   * @param readOnly whether it is looked at only
   */
  static FeedMemory open(
      @Nullable Path state, Path temporary, FeedInfo feed, String sinkIdentity, boolean readOnly)
      throws IOException {
    if (state == null) {
      return new FeedMemory(temporary, "tip-" + UUID.randomUUID(), false, readOnly);
    }
    FeedMemory memory =
        new FeedMemory(state, feed.id() + '-' + sinkKey(sinkIdentity), true, readOnly);
    memory.read();
    memory.sink = sinkIdentity;
    return memory;
  }

  /**
   * Looks at what is remembered under a name, which is a feed's id, a hyphen and a {@link
   * #sinkKey}.
   *
   * @throws CorruptLedgerException if the ledger cannot be used
   */
  static FeedMemory look(Path state, String name) throws IOException {
    FeedMemory memory = new FeedMemory(state, name, true, true);
    memory.load();
    return memory;
  }

  /** Returns what stands for a sink in the names of files: sixteen hexadecimal digits. */
  static String sinkKey(String identity) {
    return HexFormat.of().formatHex(sha256(identity.getBytes(StandardCharsets.UTF_8)), 0, 8);
  }

  private void read() throws IOException {
    try {
      load();
    } catch (CorruptLedgerException e) {
      if (readOnly) {
        loss = e.getMessage();
      } else {
        forget(e);
      }
    }
  }

  private void load() throws IOException {
    Settled done = readSettled();
    try (Ledger.Reader reader = Ledger.Reader.open(ledger)) {
      header = reader.header();
    } catch (NoSuchFileException e) {
      return;
    }
    if (done.generation != header.generation()) {
      // A run may have replaced both files in between.
      done = readSettled();
    }
    settled = done.generation == header.generation() ? done : Settled.NOTHING;
  }

  private Settled readSettled() throws IOException {
    Properties values = new Properties();
    try {
      if (Files.size(settledFile) > MAX_SETTLED_FILE) {
        throw new IllegalArgumentException("it is too large");
      }
      try (InputStream in = Files.newInputStream(settledFile)) {
        values.load(in);
      }
      Map<String, String> fetch = new HashMap<>();
      for (String key : values.stringPropertyNames()) {
        if (key.startsWith(FETCH)) {
          fetch.put(key.substring(FETCH.length()), values.getProperty(key));
        }
      }
      patience =
          new Patience(
              number(values, "not-before"),
              Math.toIntExact(number(values, "held")),
              number(values, "held-rows"),
              Math.toIntExact(numberOr(values, "older", 0)),
              numberOr(values, "older-stated", ListTime.UNKNOWN),
              Math.toIntExact(numberOr(values, "failures", 0)),
              values.containsKey("failed-as")
                  ? FeedOutcome.valueOf(values.getProperty("failed-as"))
                  : null);
      sink = values.getProperty(SINK);
      return new Settled(
          number(values, "generation"),
          number(values, "confirmed"),
          numberOr(values, "stated", ListTime.UNKNOWN),
          number(values, "upserts-to"),
          number(values, "withdrawals-to"),
          Stream.of(values.getProperty("open", "").split(",", -1))
              .filter(ordinal -> !ordinal.isEmpty())
              .mapToLong(Long::parseLong)
              .sorted()
              .toArray(),
          values.containsKey("complete"),
          strangers(values),
          values.containsKey("fetched") ? FetchState.of(fetch) : null);
    } catch (NoSuchFileException e) {
      return Settled.NOTHING;
    } catch (IllegalArgumentException | ArithmeticException e) {
      LOG.warn("{} cannot be used; the next run writes it anew: {}", settledFile, e.getMessage());
      return Settled.NOTHING;
    }
  }

  private static Strangers strangers(Properties values) {
    return values.containsKey("strangers")
        ? new Strangers(
            number(values, "strangers"), numberOr(values, "strangers-due", Long.MAX_VALUE))
        : Strangers.NONE;
  }

  private static long number(Properties values, String key) {
    return Long.parseLong(values.getProperty(key, ""));
  }

  /** Of files that an earlier version wrote, some are not there. */
  private static long numberOr(Properties values, String key, long otherwise) {
    return values.containsKey(key) ? number(values, key) : otherwise;
  }

  /**
   * Puts a ledger aside that turned out to be unreadable: nothing is remembered from here on.
   *
   * @throws IOException if it cannot be moved
   */
  void forget(CorruptLedgerException e) throws IOException {
    Path aside = aside();
    move(ledger, aside);
    LOG.warn(
        "{} cannot be used and is now {}; the list is stored anew: {}",
        ledger,
        aside.getFileName(),
        e.getMessage());
    loss = "what was remembered of it could not be read, so all of it is stored anew";
    header = null;
    settled = Settled.NOTHING;
  }

  private Path aside() {
    return ledger.resolveSibling(ledger.getFileName() + ".corrupt");
  }

  /** Returns what to tell about a ledger that could not be read, or null. */
  @Nullable String loss() {
    return loss;
  }

  /** Returns the identity of the sink, or null if it was looked up by its key and is not known. */
  @Nullable String sink() {
    return sink;
  }

  /** Returns the header of the ledger, or null if there is none. */
  Ledger.@Nullable Header header() {
    return header;
  }

  Settled settled() {
    return settled;
  }

  Patience patience() {
    return patience;
  }

  /** Returns how many indicators the sink is to hold; 0 if nothing is known. */
  long active() {
    Ledger.Header h = header;
    return h == null ? 0 : h.records() - h.withdrawals();
  }

  /** Returns whether anything of the ledger is known not to be done. */
  boolean hasOpenTasks() {
    return openTasks() != 0;
  }

  /** Returns how many changes are not done, or -1 if some were not even tried. */
  long openTasks() {
    Ledger.Header h = header;
    if (h == null) {
      return 0;
    }
    boolean untried =
        settled.upsertsTo < h.records() && h.upserts() > 0
            || settled.withdrawalsTo < h.records() && h.withdrawals() > 0;
    return untried ? -1 : settled.open.length;
  }

  Ledger.Reader read(ReaderOf which) throws IOException {
    return which.open(ledger);
  }

  /** Which records are read. */
  interface ReaderOf {
    Ledger.Reader open(Path file) throws IOException;
  }

  /** Begins another ledger. */
  Ledger.Writer draft(long generation, long time, long feed) throws IOException {
    Files.deleteIfExists(draft);
    return new Ledger.Writer(draft, lasting, generation, time, feed);
  }

  /** Puts the ledger that was begun in place of the other, at once. */
  void replace(Ledger.Header with) throws IOException {
    move(draft, ledger);
    header = with;
    settled = Settled.NOTHING;
  }

  /** Remembers what was done. */
  void settle(Settled done) throws IOException {
    settled = done;
    save();
    if (lasting && done.complete) {
      // Nothing of what could not be read is missing any more.
      Files.deleteIfExists(aside());
    }
  }

  /** Remembers what the publisher is waited for. */
  void bePatient(Patience with) throws IOException {
    if (!with.equals(patience)) {
      patience = with;
      save();
    }
  }

  private void save() throws IOException {
    Settled done = settled;
    if (!lasting) {
      return;
    }
    Properties values = new Properties();
    values.setProperty("generation", Long.toString(done.generation));
    values.setProperty("confirmed", Long.toString(done.confirmed));
    if (done.stated != ListTime.UNKNOWN) {
      values.setProperty("stated", Long.toString(done.stated));
    }
    values.setProperty("not-before", Long.toString(patience.notBefore));
    values.setProperty("held", Integer.toString(patience.held));
    values.setProperty("held-rows", Long.toString(patience.heldRows));
    if (patience.older > 0) {
      values.setProperty("older", Integer.toString(patience.older));
      values.setProperty("older-stated", Long.toString(patience.olderStated));
    }
    if (patience.failedAs != null) {
      values.setProperty("failures", Integer.toString(patience.failures));
      values.setProperty("failed-as", patience.failedAs.name());
    }
    values.setProperty("upserts-to", Long.toString(done.upsertsTo));
    values.setProperty("withdrawals-to", Long.toString(done.withdrawalsTo));
    values.setProperty(
        "open", LongStream.of(done.open).mapToObj(Long::toString).collect(Collectors.joining(",")));
    if (sink != null) {
      values.setProperty(SINK, sink);
    }
    if (done.strangers.number() > 0) {
      values.setProperty("strangers", Long.toString(done.strangers.number()));
      values.setProperty("strangers-due", Long.toString(done.strangers.due()));
    }
    if (done.complete) {
      values.setProperty("complete", "yes");
    }
    if (done.fetch != null) {
      values.setProperty("fetched", "yes");
      done.fetch.asMap().forEach((key, value) -> values.setProperty(FETCH + key, value));
    }
    Path part = settledFile.resolveSibling(settledFile.getFileName() + ".part");
    try (FileChannel channel =
        FileChannel.open(
            part,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      OutputStream out = Channels.newOutputStream(channel);
      values.store(out, null);
      out.flush();
      channel.force(true);
    }
    move(part, settledFile);
  }

  private void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException(
          to.getParent() + " is on a file system without atomic renames; use another folder", e);
    }
    if (lasting) {
      forceFolder(to.getParent());
    }
  }

  /** Makes a rename last; a system that cannot open folders makes it last by itself. */
  private static void forceFolder(@Nullable Path folder) throws IOException {
    if (folder == null || !folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return;
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Returns a number for what a feed's row says that is in every one of its documents: if it
   * changes, all of them do.
   */
  static long digest(FeedInfo feed) {
    String text =
        String.join(
            "\n",
            feed.provider(),
            feed.name(),
            feed.reference().toString(),
            feed.role().name(),
            feed.description().orElse(""));
    byte[] digest = sha256(text.getBytes(StandardCharsets.UTF_8));
    long number = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      number = number << 8 | digest[i] & 0xff;
    }
    return number;
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java runtime lacks SHA-256, which all must have", e);
    }
  }

  /** Deletes what is not to last. */
  @Override
  public void close() throws IOException {
    if (readOnly) {
      return;
    }
    Files.deleteIfExists(draft);
    if (!lasting) {
      Files.deleteIfExists(ledger);
    }
  }
}
