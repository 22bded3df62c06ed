// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.feed.FeedInfo;
import dev.tip.sink.Holdings;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.StoredIndicator;
import java.io.IOException;
import java.io.UncheckedIOException;
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
  private static final Logger LOG = LoggerFactory.getLogger(FeedSync.class);

  private final IndicatorSink sink;
  private final FeedInfo feed;
  private final Tally tally;
  private boolean older;
  private boolean doubted;
  private long strangers;

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
        difference(found, header.generation(), memory.active(), memory.openTasks(), strangers);
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
  long strangers() {
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
   * Withdraws what the sink holds and the whole list does not have, and of which nothing is
   * remembered. A list that is not of everything says nothing about it.
   *
   * @return whether all of it is done
   */
  boolean withdrawOrphans(SinkIds ids, Delivery delivery, long generation)
      throws IOException, InterruptedException {
    if (delivery.isStopped()) {
      return false;
    }
    strangers = ids.foreign();
    if (feed.coverage() != FeedInfo.Coverage.SNAPSHOT) {
      strangers += ids.unknown();
      return true;
    }
    Stream<StoredIndicator> again;
    try {
      again = sink.active(feed.id()).orElse(Stream.empty());
    } catch (IOException e) {
      silent(e);
      return false;
    }
    try (again) {
      return delivery.withdraw(
          again.map(StoredIndicator::id).filter(ids::isOrphan).iterator(), generation);
    } catch (UncheckedIOException e) {
      silent(Objects.requireNonNull(e.getCause()));
      return false;
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
    String difference = difference(found, Long.MAX_VALUE, active, open, strangers);
    if (difference == null && open == 0) {
      // A document that was nobody's may have become that of a listed indicator since.
      strangers = found.active() - active;
    }
    return difference;
  }

  private void silent(IOException e) {
    LOG.warn("{}: the sink could not tell what it holds; it is asked again", feed.id(), e);
    tally.note("the sink could not tell what it holds: " + e.getMessage());
  }
}
