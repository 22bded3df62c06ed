// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.feed.FeedInfo;
import dev.tip.sink.Holdings;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.StoredIndicator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds what is remembered of one feed against what the sink says that it has: before a run does
 * anything, and after its writes. They may disagree because the state is an older copy, or
 * documents were deleted, or the sink did not keep what it took.
 */
final class Inventory {
  /** As long as rules see what was written; without its value it cannot be written again. */
  private static final Duration SEEN_BY_RULES = Duration.ofDays(30);

  private static final Logger LOG = LoggerFactory.getLogger(FeedSync.class);

  private final IndicatorSink sink;
  private final FeedInfo feed;
  private final Tally tally;
  private boolean older;
  private boolean doubted;
  private FeedMemory.Strangers strangers = FeedMemory.Strangers.NONE;

  Inventory(IndicatorSink sink, FeedInfo feed, Tally tally) {
    this.sink = sink;
    this.feed = feed;
    this.tally = tally;
  }

  /**
   * Compares, before anything is done.
   *
   * @throws IOException if the sink does not say: what is remembered cannot be trusted then
   */
  void compare(FeedMemory memory) throws IOException, InterruptedException {
    strangers = memory.settled().strangers();
    Holdings found = sink.holdings(feed.id()).orElse(null);
    tally.holdings = found;
    Ledger.Header header = memory.header();
    if (found == null || header == null) {
      return;
    }
    older = isNewer(found, header.generation());
    String difference =
        difference(
            found, header.generation(), memory.active(), memory.openTasks(), strangers.number());
    doubted = difference != null;
    if (doubted) {
      tally.note(difference + "; a whole list puts it right");
    }
  }

  private static boolean isNewer(Holdings found, long generation) {
    return found.generation() > generation;
  }

  /**
   * Returns what is wrong with what a sink holds, or null if nothing is known to be.
   *
   * @param generation the generation that is remembered
   * @param active how many indicators the sink is to hold
   * @param open how many changes of them are not done, or negative if that is not known
   * @param strangers how many more it may hold, as documents that nobody here knows
   */
  static @Nullable String difference(
      Holdings found, long generation, long active, long open, long strangers) {
    if (isNewer(found, generation)) {
      return "the sink has newer changes than are remembered";
    }
    if (open < 0
        || found.active() >= active - open && found.active() <= active + open + strangers) {
      return null;
    }
    return "the sink holds " + found.active() + " active indicators where it should " + active;
  }

  /** Returns whether the sink has changes of runs that are not remembered. */
  boolean isOlder() {
    return older;
  }

  /** Returns whether the sink has something else than is remembered. */
  boolean isDoubted() {
    return doubted;
  }

  /** Returns the highest generation that the sink told of, or 0. */
  long generation() {
    return tally.holdings == null ? 0 : tally.holdings.generation();
  }

  /** Returns how many active indicators the sink told of, or 0. */
  long active() {
    return tally.holdings == null ? 0 : tally.holdings.active();
  }

  /** Returns how many active documents are nobody's, as far as is known. */
  FeedMemory.Strangers strangers() {
    return strangers;
  }

  /**
   * Returns the ids of what is active, or null if the sink cannot tell.
   *
   * @param generation the last that is remembered
   * @throws IOException if the sink does not say
   */
  @Nullable SinkIds ids(long generation) throws IOException, InterruptedException {
    try (Stream<StoredIndicator> active = sink.active(feed.id()).orElse(null)) {
      return active == null ? null : SinkIds.of(active, generation);
    } catch (UncheckedIOException e) {
      throw Objects.requireNonNull(e.getCause());
    }
  }

  /**
   * Withdraws what the sink holds, nothing is remembered of, and has ended: a whole list of
   * everything lacks it, the list or the screen ended it, or its time since it was last written is
   * over. What stays of it is counted, and when the first of it ends.
   *
   * @param isOfEverything whether there is a list, and it has all that the feed holds true
   * @return whether all of it is done; otherwise it is still due
   */
  boolean withdrawOrphans(
      SinkIds ids, Delivery delivery, long generation, long now, boolean isOfEverything)
      throws IOException, InterruptedException {
    if (delivery.isStopped()) {
      return false;
    }
    Stream<StoredIndicator> again;
    try {
      again = sink.active(feed.id()).orElse(Stream.empty());
    } catch (IOException e) {
      silent(e);
      return false;
    }
    Orphans orphans = new Orphans(ids, now, isOfEverything);
    try (again) {
      if (!delivery.withdraw(
          again
              .filter(stored -> ids.isOrphan(stored.id()))
              .map(orphans::judge)
              .filter(orphan -> orphan.task() != Ledger.Task.NONE)
              .iterator(),
          generation)) {
        return false;
      }
    } catch (UncheckedIOException e) {
      silent(Objects.requireNonNull(e.getCause()));
      return false;
    }
    strangers = new FeedMemory.Strangers(ids.foreign() + orphans.left, orphans.due);
    return true;
  }

  /** Decides which of the indicators that nobody here knows have ended. */
  private final class Orphans {
    private final SinkIds ids;
    private final long now;
    private final boolean isOfEverything;
    private final long timeToLive = feed.timeToLive().orElse(SEEN_BY_RULES).toMillis();
    private long left;
    private long due = Long.MAX_VALUE;

    Orphans(SinkIds ids, long now, boolean isOfEverything) {
      this.ids = ids;
      this.now = now;
      this.isOfEverything = isOfEverything;
    }

    Delivery.Orphan judge(StoredIndicator stored) {
      // A generation is no less than the time of its run; of one that is not told, it is now.
      long written = stored.generation() > 0 ? stored.generation() : now;
      long end = Math.min(written, Long.MAX_VALUE - 1 - timeToLive) + timeToLive;
      Ledger.Task task = ids.end(stored.id());
      if (task == Ledger.Task.NONE && isOfEverything) {
        task = Ledger.Task.WITHDRAW_DELISTED;
      } else if (task == Ledger.Task.NONE && end <= now) {
        task = Ledger.Task.WITHDRAW_EXPIRED;
      }
      if (task == Ledger.Task.NONE) {
        left++;
        due = Math.min(due, end);
      }
      return new Delivery.Orphan(stored.id(), task);
    }
  }

  /**
   * Compares after the writes.
   *
   * @param active how many indicators the sink is to hold
   * @param open how many changes of them are not done
   * @param generation what the newest change is of that was written, or 0 if none was
   * @return what is wrong, or null if nothing is, or the sink does not say
   */
  @Nullable String verify(long active, long open, long generation) throws InterruptedException {
    Holdings found;
    try {
      found = sink.holdings(feed.id()).orElse(null);
    } catch (IOException e) {
      silent(e);
      return null;
    }
    tally.holdings = found;
    if (found == null) {
      return null;
    }
    if (found.generation() < generation) {
      return "the sink does not have what it took last";
    }
    String difference = difference(found, Long.MAX_VALUE, active, open, strangers.number());
    if (difference == null && open == 0) {
      // A document that was nobody's may have become that of a listed indicator since.
      long left = found.active() - active;
      strangers =
          left == 0 ? FeedMemory.Strangers.NONE : new FeedMemory.Strangers(left, strangers.due());
    }
    return difference;
  }

  private void silent(IOException e) {
    LOG.warn("{}: the sink could not tell what it holds; it is asked again", feed.id(), e);
    tally.note("the sink could not tell what it holds: " + e.getMessage());
  }
}
