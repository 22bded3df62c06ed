// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.Indicator;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FeedReader;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.screen.Screen;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.SinkException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of one feed into the sink, once. Whatever goes wrong on it becomes the outcome of its
 * report.
 *
 * <p>All of it happens on the calling thread but {@link IndicatorSink#write}.
 */
final class FeedRun {
  private static final Logger LOG = LoggerFactory.getLogger(FeedSync.class);
  private static final int PROGRESS_EVERY = 4096;

  /** How many lists in a row are as short before that is believed. */
  private static final int TIMES_TO_BELIEVE = 3;

  /** A list of fewer rows may lose all of them on one day. */
  private static final int MIN_ROWS_FOR_BAND = 20;

  /** How a fetch ends that is not to be tried by every start of a process. */
  private static final Set<FeedOutcome> FAILED_FETCHES =
      Set.of(FeedOutcome.UNREACHABLE, FeedOutcome.CONTRACT_BROKEN, FeedOutcome.GONE);

  private static final long MINUTE = 60_000;
  private static final int MAX_FAILURES = 30;

  private static final String REJECTED_SHARE = "rejected-share";
  private static final String OLDER = "older";
  private static final String CANCELLED = "the run was cancelled";

  private final Feed feed;
  private final FeedInfo info;
  private final Parts parts;
  private final Tally tally = new Tally();
  private final DeadLetters letters;
  private final Delivery delivery;
  private final Inventory inventory;
  private Actor actor = Actor.SYNC;

  /** Whether the list is so short that what it lacks is not believed to be gone. */
  private boolean held;

  /** Whether the publisher was not asked, because of an earlier run. */
  private boolean isPatient;

  private final ListTime listTime = new ListTime();

  private @Nullable FetchState fetched;

  private @Nullable String restReason;

  /** Whose code runs, so that a failure which nobody expects is put down to the right one. */
  private enum Actor {
    FEED("feed-error", "the feed's own code"),
    SCREEN("screen-error", "the screen"),
    SINK("sink-error", "the sink"),
    SYNC("sync-error", "tip itself");

    private final String reason;
    private final String who;

    Actor(String reason, String who) {
      this.reason = reason;
      this.who = who;
    }
  }

  /**
   * What is the same for all feeds of a run.
   *
   * @param silence why the sink did not answer a question of this run, if it did not
   */
  record Parts(
      IndicatorSink sink,
      FetchContext context,
      Screen screen,
      SyncListener listener,
      Path directory,
      @Nullable Path state,
      int bufferBytes,
      boolean dryRun,
      Set<String> accepted,
      Instant now,
      long generation,
      AtomicReference<@Nullable SinkException> silence) {}

  FeedRun(Feed feed, Parts parts, SinkLanes lanes) {
    this.feed = feed;
    this.info = feed.info();
    this.parts = parts;
    this.letters = DeadLetters.of(parts.dryRun() ? null : parts.state(), info.id(), parts.now());
    this.inventory = new Inventory(parts.sink(), info, tally);
    this.delivery = new Delivery(info, parts.now(), parts.listener(), lanes, tally, letters);
  }

  /** Returns the report of a feed whose turn did not come. */
  static FeedReport skipped(
      Feed feed, FeedOutcome outcome, String message, @Nullable Throwable cause) {
    Tally tally = new Tally();
    tally.end(outcome, message, cause);
    return new FeedReport(feed.info().id(), tally, Duration.ZERO);
  }

  /** Runs it. The thread's interrupt status is kept: set means that the run was cancelled. */
  FeedReport run() {
    long start = System.nanoTime();
    attempt(
        () -> {
          parts.listener().feedStarted(info.id());
          if (mayRun()) {
            try {
              sync();
            } finally {
              letters.close(tally.sinkOperations > 0);
            }
          }
        });
    settleRest();
    FeedReport report =
        new FeedReport(info.id(), tally, Duration.ofNanos(System.nanoTime() - start));
    log(report);
    return report;
  }

  /** A part of the way. */
  private interface Part {
    void go() throws IOException, InterruptedException;
  }

  /**
   * Goes a part of the way; what goes wrong on it becomes the outcome.
   *
   * @return whether it was gone to its end
   */
  private boolean attempt(Part part) {
    try {
      part.go();
      return true;
    } catch (FeedException e) {
      end(e);
    } catch (UncheckedIOException e) {
      if (actor != Actor.FEED) {
        fellOver(e);
      } else if (e.getCause() instanceof FeedException cause) {
        end(cause);
      } else {
        end(Objects.requireNonNull(e.getCause()));
      }
    } catch (InterruptedException e) {
      cancelled();
    } catch (IOException e) {
      end(e);
    } catch (RuntimeException e) {
      fellOver(e);
    }
    return false;
  }

  private void cancelled() {
    Thread.currentThread().interrupt();
    delivery.stop();
    tally.end(FeedOutcome.CANCELLED, CANCELLED);
  }

  private boolean mayRun() {
    if (!info.terms().allows(parts.context().usage())) {
      tally.end(
          FeedOutcome.TERMS_NOT_ACCEPTED,
          "its terms forbid this use ("
              + info.terms().summary()
              + ", "
              + info.terms().reference()
              + "); leave the feed out, or make a contract with the publisher");
      return false;
    }
    actor = Actor.SINK;
    boolean redistributes = parts.sink().info().redistributes();
    actor = Actor.SYNC;
    if (redistributes && !info.terms().redistribution()) {
      tally.end(
          FeedOutcome.TERMS_NOT_ACCEPTED,
          "the sink passes indicators on, which its terms forbid ("
              + info.terms().summary()
              + ", "
              + info.terms().reference()
              + "); leave the feed out, or use a sink of your own");
      return false;
    }
    return true;
  }

  private void sync() throws IOException, InterruptedException {
    actor = Actor.SINK;
    String sink = parts.sink().info().identity();
    actor = Actor.SYNC;
    letters.sink(sink);
    try (FeedMemory memory =
            FeedMemory.open(parts.state(), parts.directory(), info, sink, parts.dryRun());
        Spool spool = new Spool(info, parts.directory(), parts.bufferBytes())) {
      if (parts.state() != null && !parts.dryRun()) {
        actor = Actor.SINK;
        compare(memory);
        actor = Actor.SYNC;
      }
      boolean heard = mayAsk(memory) && attempt(() -> fetch(last(memory), spool));
      actor = Actor.SYNC;
      if (delivery.isStopped()) {
        return;
      }
      // What is remembered has to be looked after also while its feed is down; but not by an older
      // copy, whose open withdrawals may be listed again.
      FeedMemory.Patience patience = memory.patience();
      boolean whole = heard && tally.outcome == FeedOutcome.PUBLISHED;
      if (whole && isOlder(memory)) {
        patience = holdOlder(memory);
        whole = false;
      }
      if (whole || !inventory.isOlder() && Plan.isDue(memory, now())) {
        Merge list = whole ? spool.sorted() : null;
        tally.repeated = spool.repeated();
        tally.kept -= spool.repeated();
        patience = whole ? judgeLength(memory) : patience;
        update(memory, list);
        tally.note(memory.loss());
        rememberPatience(memory, patience);
        return;
      }
      if (heard
          && tally.outcome == FeedOutcome.UNCHANGED
          && !parts.dryRun()
          && memory.header() != null) {
        memory.settle(memory.settled().confirmed(now(), fetched));
      }
      rememberPatience(memory, patience);
    }
  }

  /** Asks the sink what it has, unless it did not answer another feed of this run. */
  private void compare(FeedMemory memory) throws IOException, InterruptedException {
    SinkException silence = parts.silence().get();
    if (silence != null) {
      throw new SinkException(
          silence.kind(),
          "the sink is not asked what it holds, as it did not answer for another feed of this run: "
              + silence.getMessage(),
          silence);
    }
    try {
      inventory.compare(memory);
    } catch (SinkException e) {
      if (e.kind() == SinkException.Kind.UNREACHABLE) {
        parts.silence().set(e);
      }
      throw e;
    }
  }

  /** Returns what the feed wanted to remember; nothing if its whole list is wanted. */
  private @Nullable FetchState last(FeedMemory memory) {
    FeedMemory.Settled settled = memory.settled();
    return settled.isComplete() && !inventory.isDoubted() ? settled.fetch() : null;
  }

  /** Keeps to what a publisher asked for in an earlier run. */
  private boolean mayAsk(FeedMemory memory) {
    long notBefore = memory.patience().notBefore();
    if (notBefore <= now()) {
      return true;
    }
    Instant at = Instant.ofEpochMilli(notBefore);
    FeedOutcome failedAs = memory.patience().failedAs();
    if (failedAs == null) {
      tally.end(FeedOutcome.RATE_LIMITED, "the publisher asked to come back at " + at);
    } else {
      tally.end(
          failedAs,
          "the last "
              + memory.patience().failures()
              + " fetches failed; the publisher is asked again from "
              + at);
    }
    isPatient = true;
    tally.retryAt = at;
    return false;
  }

  private void rememberPatience(FeedMemory memory, FeedMemory.Patience patience)
      throws IOException {
    if (parts.dryRun()) {
      return;
    }
    if (isPatient) {
      return;
    }
    long notBefore =
        tally.outcome == FeedOutcome.RATE_LIMITED && tally.retryAt != null
            ? tally.retryAt.toEpochMilli()
            : Long.MIN_VALUE;
    int failures = 0;
    FeedOutcome failedAs = null;
    if (FAILED_FETCHES.contains(tally.outcome)) {
      failures = Math.min(memory.patience().failures() + 1, MAX_FAILURES);
      failedAs = tally.outcome;
      notBefore = failures < 2 ? notBefore : now() + backOff(failures);
    }
    memory.bePatient(
        new FeedMemory.Patience(
            notBefore,
            patience.held(),
            patience.heldRows(),
            patience.older(),
            patience.olderStated(),
            failures,
            failedAs));
  }

  /** A minute after the second failure, then twice as long each time, up to the interval. */
  private long backOff(int failures) {
    return Math.min(MINUTE << failures - 2, info.minInterval().toMillis());
  }

  /**
   * Decides whether a list is older than the last one, as when a cache has gone back. A third list
   * in a row that is, and none of which is older than the one before it, is believed.
   */
  private boolean isOlder(FeedMemory memory) {
    // Changes since a cursor are no list.
    return info.coverage() != FeedInfo.Coverage.INCREMENTAL
        && listTime.isBefore(memory.settled().stated())
        && !parts.accepted().contains(info.id())
        && timesOlder(memory) < TIMES_TO_BELIEVE;
  }

  private int timesOlder(FeedMemory memory) {
    FeedMemory.Patience last = memory.patience();
    boolean goesOn = last.older() > 0 && listTime.stated() >= last.olderStated();
    return goesOn ? last.older() + 1 : 1;
  }

  /**
   * Ends a feed whose list is an older one. Nothing of it is used: what it has and the last one has
   * not was taken off the list since.
   */
  private FeedMemory.Patience holdOlder(FeedMemory memory) {
    restReason = OLDER;
    tally.clause = OLDER;
    tally.end(
        FeedOutcome.HELD,
        "the list is of "
            + Instant.ofEpochMilli(listTime.stated())
            + " and the one before was of "
            + Instant.ofEpochMilli(memory.settled().stated())
            + "; nothing of it is used until three lists in a row are older, or you accept it");
    return FeedMemory.Patience.ofOlder(timesOlder(memory), listTime.stated());
  }

  /**
   * Decides whether a list of a feed that lists everything is too short to believe. A third list in
   * a row that is about as short is.
   */
  private FeedMemory.Patience judgeLength(FeedMemory memory) {
    // Of a state that was lost, the sink knows how long the lists were.
    long active = Math.max(memory.active(), inventory.active());
    long rows = tally.kept;
    boolean isShort =
        info.coverage() == FeedInfo.Coverage.SNAPSHOT
            && active >= MIN_ROWS_FOR_BAND
            && rows < active * info.contract().minShareOfLast();
    if (!isShort || parts.accepted().contains(info.id())) {
      return FeedMemory.Patience.NONE;
    }
    FeedMemory.Patience last = memory.patience();
    boolean isSame = last.held() > 0 && Math.abs(rows - last.heldRows()) <= last.heldRows() / 5;
    int times = isSame ? last.held() + 1 : 1;
    if (times >= TIMES_TO_BELIEVE) {
      return FeedMemory.Patience.NONE;
    }
    held = true;
    return FeedMemory.Patience.ofList(times, rows);
  }

  private void fetch(@Nullable FetchState last, Spool spool)
      throws IOException, InterruptedException {
    actor = Actor.FEED;
    try (FetchResult result = feed.fetch(parts.context(), last)) {
      fetched = result.state();
      if (!(result instanceof FetchResult.Modified modified)) {
        tally.outcome = FeedOutcome.UNCHANGED;
        tally.transferred(result.transfer());
        return;
      }
      try {
        read(modified.reader(), spool);
      } finally {
        tally.transferred(modified.transfer());
      }
    }
  }

  private long now() {
    return parts.now().toEpochMilli();
  }

  /** Reads to the end: only there it is known whether the list is whole. */
  private void read(FeedReader reader, Spool spool) throws IOException, InterruptedException {
    long entries = 0;
    try {
      for (FeedEntry entry : reader) {
        if (++entries % PROGRESS_EVERY == 0) {
          parts.listener().progress(info.id(), reader.counts().records());
        }
        if (entry instanceof FeedEntry.Accepted accepted) {
          tally.used(accepted.position());
          accept(accepted.indicator(), spool);
        } else if (entry instanceof FeedEntry.Rejected rejected) {
          tally.rejected(rejected.position(), rejected.reason());
          actor = Actor.SYNC;
          letters.add(rejected);
          actor = Actor.FEED;
          parts.listener().rejected(info.id(), rejected);
        } else if (entry instanceof FeedEntry.Revoked revoked) {
          tally.used(revoked.position());
          actor = Actor.SYNC;
          spool.addEnd(revoked.observable(), IndicatorCodec.REVOKED);
          actor = Actor.FEED;
        } else if (entry instanceof FeedEntry.Checkpoint checkpoint) {
          fetched = checkpoint.state();
        } else if (entry instanceof FeedEntry.Declared declared) {
          if (declared.key().equals(FeedEntry.Declared.MEMBER)) {
            tally.memberStarts();
          }
          listTime.add(declared, parts.now());
        }
        // Not before: the reader has counted the entry.
        if (entries % PROGRESS_EVERY == 0) {
          Delivery.checkInterrupts();
        }
      }
      letters.listEnded();
      parts.listener().progress(info.id(), reader.counts().records());
    } finally {
      FeedReader.Counts counts = reader.counts();
      tally.records = counts.records();
      tally.revoked = counts.revoked();
      tally.parsed = counts.parsed();
    }
  }

  private void accept(Indicator indicator, Spool spool) throws IOException {
    // Counted before anything can fail: the reader has handed it out, so it has to end somewhere.
    tally.indicators++;
    tally.kept++;
    actor = Actor.SCREEN;
    String reason = parts.screen().check(indicator);
    actor = Actor.SYNC;
    if (reason != null) {
      tally.kept--;
      Tally.count(tally.screened, reason, 1);
      spool.addEnd(indicator.observable(), IndicatorCodec.SCREENED);
    } else {
      spool.add(indicator);
    }
    actor = Actor.FEED;
  }

  /**
   * Makes the next ledger and does what it says.
   *
   * @param list the whole list, or null if the feed gave none
   */
  private void update(FeedMemory memory, @Nullable Merge list)
      throws IOException, InterruptedException {
    boolean confirmed = list == null && tally.outcome == FeedOutcome.UNCHANGED;
    if (parts.dryRun()) {
      count(memory, list, confirmed);
      return;
    }
    Ledger.Header before = memory.header();
    long last = before == null ? 0 : before.generation();
    long generation = Math.max(parts.generation(), Math.max(last, inventory.generation()) + 1);
    long confirmedAt = confirmed ? now() : memory.settled().confirmed();
    // A list that is not believed is asked for again, whether it has changed or not.
    FetchState state = held ? null : heardSomething() ? fetched : memory.settled().fetch();
    boolean isDated = list != null && listTime.stated() != ListTime.UNKNOWN;
    long stated = isDated ? listTime.stated() : memory.settled().stated();
    long active = Math.max(memory.active(), inventory.active());
    boolean complete = memory.settled().isComplete() && !inventory.isDoubted();
    SinkIds sinkIds = null;
    // What nobody here remembers ends by a list, or when its time is over.
    FeedMemory.Strangers strangers = inventory.strangers();
    boolean asks = list != null ? !complete || strangers.areOrphans() : strangers.due() <= now();
    if (asks && parts.state() != null) {
      actor = Actor.SINK;
      sinkIds = inventory.ids(last);
      actor = Actor.SYNC;
    }
    // Nothing to hold a first list against.
    boolean isFirst = before == null && sinkIds != null && sinkIds.isEmpty();
    Ledger.Header planned = plan(memory, list, confirmed, generation, isFirst ? null : sinkIds);
    memory.replace(planned);
    Todo upserts = new Todo(planned.records());
    Todo withdrawals = new Todo(planned.records());
    try {
      if (planned.upserts() > 0) {
        delivery.send(memory.read(Ledger.Reader::upserts), upserts, generation);
      }
      // What the feed moved from one observable to another is stored before it is withdrawn.
      if (planned.withdrawals() > 0) {
        delivery.send(memory.read(Ledger.Reader::withdrawals), withdrawals, generation);
      }
      boolean ended =
          sinkIds == null
              || isFirst
              || !held
                  && inventory.withdrawOrphans(
                      sinkIds,
                      delivery,
                      generation,
                      now(),
                      list != null && info.coverage() == FeedInfo.Coverage.SNAPSHOT);
      if (list != null && !complete) {
        complete = !held && ended;
      }
      delivery.judge();
      if (complete && !verify(planned, generation, upserts.open(withdrawals).length)) {
        complete = false;
        state = null;
      }
      judgeHeld(active);
    } finally {
      memory.settle(
          new FeedMemory.Settled(
              generation,
              confirmedAt,
              stated,
              upserts.to(),
              withdrawals.to(),
              upserts.open(withdrawals),
              complete,
              inventory.strangers(),
              state));
    }
  }

  /** Returns whether the sink has what it should, as far as it tells and anything was written. */
  private boolean verify(Ledger.Header planned, long generation, long open)
      throws InterruptedException {
    if (parts.state() == null || delivery.isStopped() || tally.sinkOperations == 0) {
      return true;
    }
    long written = tally.added + tally.changed + tally.refreshed + tally.withdrawn + tally.expired;
    actor = Actor.SINK;
    String difference =
        inventory.verify(
            planned.records() - planned.withdrawals(), open, written > 0 ? generation : 0);
    actor = Actor.SYNC;
    if (difference != null) {
      tally.unverified(difference);
    }
    return difference == null;
  }

  /** Counts what the next ledger would say, and writes nothing. */
  private void count(FeedMemory memory, @Nullable Merge list, boolean confirmed)
      throws IOException, InterruptedException {
    try {
      new Plan(info, memory, tally, now(), held, null, null).run(list, confirmed);
    } finally {
      countRepeats(list);
    }
    judgeHeld(memory.active());
    if (parts.state() != null && list != null && !memory.settled().isComplete()) {
      tally.note("what the sink may hold that is not remembered is not counted");
    }
  }

  private void judgeHeld(long active) {
    if (held && tally.outcome == FeedOutcome.PUBLISHED) {
      tally.clause = "band";
      tally.end(
          FeedOutcome.HELD,
          "the list has "
              + tally.kept
              + " indicators after "
              + active
              + "; what it lacks is kept until three lists in a row are as short, or you accept"
              + " it");
    }
  }

  private Ledger.Header plan(
      FeedMemory memory,
      @Nullable Merge list,
      boolean confirmed,
      long generation,
      @Nullable SinkIds sinkIds)
      throws IOException, InterruptedException {
    try (Ledger.Writer out = memory.draft(generation, now(), FeedMemory.digest(info))) {
      return out.finish(
          new Plan(info, memory, tally, now(), held, sinkIds, out).run(list, confirmed));
    } catch (CorruptLedgerException e) {
      memory.forget(e);
      throw e;
    } finally {
      countRepeats(list);
    }
  }

  private void countRepeats(@Nullable Merge list) {
    if (list != null) {
      tally.repeated += list.repeated();
      tally.kept -= list.repeated();
    }
  }

  private boolean heardSomething() {
    return tally.outcome == FeedOutcome.PUBLISHED || tally.outcome == FeedOutcome.UNCHANGED;
  }

  private void end(FeedException e) {
    tally.end(e.outcome(), e.getMessage(), e);
    tally.clause = e.clause().orElse(null);
    if (REJECTED_SHARE.equals(tally.clause)) {
      // Held against the share at the end of the list only, and the letters say what is wrong.
      letters.listEnded();
    }
    tally.retryAt = e.retryAt().orElse(null);
    e.transfer().ifPresent(tally::transferred);
    if (e.getCause() instanceof RuntimeException) {
      LOG.error("{}: ended by this", info.id(), e);
    } else {
      LOG.debug("{}: ended by this", info.id(), e);
    }
  }

  private void end(IOException e) {
    if (e instanceof ClosedByInterruptException || Thread.currentThread().isInterrupted()) {
      cancelled();
      return;
    }
    if (actor == Actor.SINK) {
      delivery.sinkFailed(e);
    } else if (e instanceof CorruptLedgerException) {
      restReason = "ledger";
      tally.end(
          FeedOutcome.INCOMPLETE,
          (parts.dryRun()
                  ? "what is remembered of it cannot be read; a run would put it aside, and the one"
                      + " after it store all of it anew ("
                  : "what was remembered of it could not be read and was put aside; the next run"
                      + " stores all of it anew (")
              + e.getMessage()
              + ")",
          e);
    } else if (actor == Actor.SYNC) {
      restReason = "temporary-files";
      tally.end(
          FeedOutcome.INCOMPLETE,
          "temporary files in "
              + parts.directory()
              + (parts.state() == null ? "" : " or the state in " + parts.state())
              + " cannot be written or read back; make space there or set another folder: "
              + e,
          e);
    } else {
      restReason = "local-failure";
      tally.end(FeedOutcome.INCOMPLETE, "fetching failed on this machine: " + e, e);
    }
  }

  /**
   * Ends the feed because some code threw what it should not: the other feeds go on. The message
   * names only the kind of exception, whose own words may be anything.
   */
  private void fellOver(RuntimeException e) {
    LOG.error("{}: {} failed unexpectedly", info.id(), actor.who, e);
    restReason = actor.reason;
    tally.end(
        actor == Actor.SINK ? FeedOutcome.SINK_FAILED : FeedOutcome.INCOMPLETE,
        actor.who
            + " failed unexpectedly with "
            + e.getClass().getName()
            + ", see the log; report it to its author",
        e);
  }

  /** Counts what was kept and never settled, and holds the sums against each other. */
  private void settleRest() {
    String reason = restReason != null ? restReason : delivery.reason();
    tally.failRest(
        reason != null ? reason : tally.outcome.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    String discrepancy = tally.discrepancy();
    if (discrepancy != null) {
      LOG.error("{}: counts do not add up: {}", info.id(), discrepancy);
      if (tally.outcome.isHealthy()) {
        tally.end(FeedOutcome.INCOMPLETE, "counts do not add up, please report it: " + discrepancy);
      }
    }
  }

  private void log(FeedReport r) {
    LOG.info(
        "{}: {} records={} rejected={} indicators={} repeated={} screened={} added={} changed={}"
            + " refreshed={} unchanged={} withdrawn={} expired={} failed={} requests={} bytes={}"
            + " in {} ms",
        r.feedId(),
        r.status(),
        r.records(),
        r.rejected(),
        r.indicators(),
        r.repeated(),
        r.screened(),
        r.added(),
        r.changed(),
        r.refreshed(),
        r.unchanged(),
        r.withdrawn(),
        r.expired(),
        r.failed(),
        r.requests(),
        r.bytes(),
        r.duration().toMillis());
  }
}
