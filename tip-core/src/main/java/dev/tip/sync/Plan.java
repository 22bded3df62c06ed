// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.Indicator;
import dev.tip.feed.FeedInfo;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a feed says now against the ledger, and writes the next ledger with what is to be done
 * in the sink.
 *
 * <p>An indicator is withdrawn only if its feed revoked it, its time is over, the screen refuses it
 * now, or a whole list of a feed that lists everything lacks it. What rules look at goes by the
 * time of the last write, so every record is written again before it is twenty days old, on days
 * that are spread by key.
 */
final class Plan {
  static final long DAY = 86_400_000L;

  /**
   * A slot is passed at most a day before a run comes along, if there is one a day, so nothing gets
   * older than twenty days.
   */
  static final long REFRESH_PERIOD = 19 * DAY;

  private static final String EXPIRED = "expired";

  private final FeedInfo feed;
  private final FeedMemory memory;
  private final Tally tally;
  private final long now;
  private final boolean held;
  private final @Nullable SinkIds sinkIds;
  private final IndicatorCodec codec;
  private final long digest;
  private final Ledger.@Nullable Writer out;
  private final CRC32C crc = new CRC32C();
  private final long timeToLive;
  private boolean ofOtherRow;
  private long lastListing = Long.MIN_VALUE;
  private long confirmed = Long.MIN_VALUE;

  /**
   * Creates it.
   *
   * @param held whether the list is not believed as far as it lacks something
   * @param sinkIds what the sink holds, if it may be more than is remembered; gets to know what is
   * @param out where the next ledger goes, or null to count only
   */
  Plan(
      FeedInfo feed,
      FeedMemory memory,
      Tally tally,
      long now,
      boolean held,
      @Nullable SinkIds sinkIds,
      Ledger.@Nullable Writer out) {
    this.feed = feed;
    this.memory = memory;
    this.tally = tally;
    this.now = now;
    this.held = held;
    this.sinkIds = sinkIds;
    this.codec = new IndicatorCodec(feed);
    this.digest = FeedMemory.digest(feed);
    this.out = out;
    this.timeToLive = timeToLive(feed);
  }

  /**
   * Returns how long a statement of the feed holds, in milliseconds; the largest number if ever.
   */
  static long timeToLive(FeedInfo feed) {
    return feed.timeToLive().map(ttl -> ttl.toMillis()).orElse(Long.MAX_VALUE);
  }

  /** Returns whether something is due although the feed gave nothing new. */
  static boolean isDue(FeedMemory memory, long now) {
    Ledger.Header header = memory.header();
    return header != null
        && (header.due() <= now
            || memory.settled().strangers().due() <= now
            || memory.hasOpenTasks());
  }

  /**
   * Goes through list and ledger.
   *
   * @param list the whole list, or null if the feed gave none
   * @param isConfirmed whether the feed said that its list is as it was
   * @return the time at which those records were listed that the last whole list had
   */
  long run(@Nullable Merge list, boolean isConfirmed) throws IOException, InterruptedException {
    Ledger.Header header = memory.header();
    if (header == null) {
      while (list != null && list.next()) {
        Delivery.checkInterrupts();
        fresh(list);
      }
      return now;
    }
    ofOtherRow = header.feed() != digest;
    lastListing = header.listing();
    confirmed = isConfirmed ? now : memory.settled().confirmed();
    try (Ledger.Reader old = memory.read(Ledger.Reader::open)) {
      if (list == null) {
        while (old.advance()) {
          Delivery.checkInterrupts();
          absent(old, false);
        }
      } else {
        hold(list, old);
      }
    }
    return listing(list != null);
  }

  private void hold(Merge list, Ledger.Reader old) throws IOException, InterruptedException {
    boolean more = list.next();
    boolean moreOld = old.advance();
    while (more || moreOld) {
      Delivery.checkInterrupts();
      int order = !more ? 1 : !moreOld ? -1 : compare(list, old);
      if (order < 0) {
        fresh(list);
      } else if (order > 0) {
        absent(old, true);
      } else {
        known(list, old);
      }
      if (order <= 0) {
        more = list.next();
      }
      if (order >= 0) {
        moreOld = old.advance();
      }
    }
  }

  private static int compare(Merge list, Ledger.Reader old) {
    return Arrays.compareUnsigned(
        list.frame(), list.keyStart(), list.keyEnd(), old.data(), old.keyStart(), old.keyEnd());
  }

  /** A record of the list that is not in the ledger. */
  private void fresh(Merge list) throws IOException {
    if (list.kind() != IndicatorCodec.STATED) {
      endUnknown(list, ending(list));
    } else if (isOver(list)) {
      tally.kept--;
      Tally.count(tally.screened, EXPIRED, 1);
      endUnknown(list, Ledger.Task.WITHDRAW_EXPIRED);
    } else {
      put(list, Ledger.Task.ADD, now, now);
    }
  }

  /** The sink may hold it although nothing is remembered of it. */
  private void endUnknown(Merge list, Ledger.Task how) throws IOException {
    if (sinkIds != null) {
      sinkIds.end(list.id(), how);
    }
  }

  private static Ledger.Task ending(Merge list) throws IOException {
    return list.kind() == IndicatorCodec.REVOKED
        ? Ledger.Task.WITHDRAW_REVOKED
        : Ledger.Task.WITHDRAW_SCREENED;
  }

  /** A record that is in both. */
  private void known(Merge list, Ledger.Reader old) throws IOException {
    boolean done = old.task() != Ledger.Task.NONE && isDone(old);
    boolean withdrawn = old.task().reason != null;
    if (withdrawn && done) {
      fresh(list);
      return;
    }
    if (list.kind() != IndicatorCodec.STATED) {
      withdraw(old, ending(list));
    } else if (isOver(list)) {
      tally.kept--;
      Tally.count(tally.screened, EXPIRED, 1);
      withdraw(old, Ledger.Task.WITHDRAW_EXPIRED);
    } else if (withdrawn) {
      // It may be gone from the sink or not: as if it were new, but known for as long as it was.
      put(list, Ledger.Task.CHANGE, old.added(), now);
    } else if (old.task() != Ledger.Task.NONE && !done) {
      put(list, old.task(), old.added(), now);
    } else if (ofOtherRow || !saysTheSame(list, old)) {
      put(list, Ledger.Task.CHANGE, old.added(), now);
    } else if (isRefreshDue(list.frame(), list.keyStart(), list.keyEnd(), old.written())) {
      put(list, Ledger.Task.REFRESH, old.added(), now);
    } else if (isMissing(list)) {
      put(list, Ledger.Task.RESTORE, old.added(), now);
    } else {
      tally.unchanged++;
      put(list, Ledger.Task.NONE, old.added(), old.written());
    }
  }

  /** Returns whether the sink told what it holds, and lacks this or has what a later run wrote. */
  private boolean isMissing(Merge list) throws IOException {
    return sinkIds != null && !sinkIds.isAsRemembered(list.indicator().id());
  }

  private boolean isMissing(Ledger.Reader old) throws IOException {
    return sinkIds != null && !sinkIds.isAsRemembered(indicator(old).id());
  }

  private Indicator indicator(Ledger.Reader of) throws IOException {
    return codec.decode(of.data(), of.keyStart(), of.keyEnd(), of.propertiesStart(), of.end());
  }

  /** A record that the list lacks, or about which there is no list. */
  private void absent(Ledger.Reader old, boolean listIsThere) throws IOException {
    boolean done = old.task() == Ledger.Task.NONE || isDone(old);
    if (old.task().reason != null) {
      if (!done) {
        withdraw(old, old.task());
      }
      return;
    }
    if (listIsThere && !held && feed.coverage() == FeedInfo.Coverage.SNAPSHOT) {
      withdraw(old, Ledger.Task.WITHDRAW_DELISTED);
      return;
    }
    boolean inLastList = old.listed() == lastListing;
    long listed = inLastList ? Math.max(old.listed(), confirmed) : old.listed();
    long end = end(old.data(), old.propertiesStart(), old.end(), listed, timeToLive);
    Ledger.Task task = Ledger.Task.NONE;
    if (end <= now) {
      withdraw(old, Ledger.Task.WITHDRAW_EXPIRED);
      return;
    } else if (!done) {
      task = old.task();
    } else if (ofOtherRow) {
      task = Ledger.Task.CHANGE;
    } else if (isRefreshDue(old.data(), old.keyStart(), old.keyEnd(), old.written())) {
      task = Ledger.Task.REFRESH;
    } else if (isMissing(old)) {
      task = Ledger.Task.RESTORE;
    }
    long written = old.written();
    if (task != Ledger.Task.NONE) {
      tally.indicators++;
      tally.kept++;
      written = now;
    }
    put(old, task, written, listed, end);
  }

  /** Returns the time at which those records were listed that the last whole list had. */
  private long listing(boolean listIsThere) {
    return listIsThere ? now : Math.max(lastListing, confirmed);
  }

  private boolean isDone(Ledger.Reader old) {
    return memory.settled().isDone(old.task(), old.ordinal());
  }

  private boolean isOver(Merge list) throws IOException {
    return IndicatorCodec.validUntil(list.frame(), list.keyEnd(), list.frameLength()) <= now;
  }

  /**
   * Returns when a record's time is over. Being listed counts as being seen: the publisher's own
   * date is no later, unless it is wrong, and then must not keep the record for ever.
   *
   * @param timeToLive in milliseconds, the largest number if there is none
   */
  static long end(byte[] data, int propertiesStart, int end, long listed, long timeToLive)
      throws IOException {
    long validUntil = IndicatorCodec.validUntil(data, propertiesStart, end);
    return validUntil != Long.MAX_VALUE || timeToLive == Long.MAX_VALUE
        ? validUntil
        : listed + timeToLive;
  }

  private boolean saysTheSame(Merge list, Ledger.Reader old) throws IOException {
    int passing = IndicatorCodec.passingStart(list.frame(), list.keyEnd(), list.frameLength());
    int oldPassing = IndicatorCodec.passingStart(old.data(), old.propertiesStart(), old.end());
    return Arrays.equals(
        list.frame(), list.keyEnd(), passing, old.data(), old.propertiesStart(), oldPassing);
  }

  private long phase(byte[] data, int keyStart, int keyEnd) {
    crc.reset();
    crc.update(data, keyStart, keyEnd - keyStart);
    return crc.getValue() % (REFRESH_PERIOD / DAY) * DAY;
  }

  private boolean isRefreshDue(byte[] data, int keyStart, int keyEnd, long written) {
    long phase = phase(data, keyStart, keyEnd);
    return slot(now, phase) > slot(written, phase);
  }

  private static long slot(long time, long phase) {
    return Math.floorDiv(time - phase, REFRESH_PERIOD);
  }

  private long nextRefresh(byte[] data, int keyStart, int keyEnd, long written) {
    long phase = phase(data, keyStart, keyEnd);
    return (slot(written, phase) + 1) * REFRESH_PERIOD + phase;
  }

  private void put(Merge list, Ledger.Task task, long added, long written) throws IOException {
    if (out == null) {
      tally.done(task);
      return;
    }
    byte[] data = list.frame();
    Ledger.Task put = task;
    long since = added;
    if (sinkIds != null) {
      String id = list.indicator().id();
      if (sinkIds.know(id) && task == Ledger.Task.ADD) {
        put = Ledger.Task.RESTORE;
      }
      since = sinkIds.added(id, added);
    }
    long end = end(data, list.keyEnd(), list.frameLength(), now, timeToLive);
    long refresh = nextRefresh(data, list.keyStart(), list.keyEnd(), written);
    out.add(
        data,
        list.keyStart(),
        list.keyEnd(),
        list.keyEnd(),
        list.frameLength(),
        put,
        since,
        written,
        now,
        Math.min(end, refresh));
  }

  private void put(Ledger.Reader old, Ledger.Task task, long written, long listed, long end)
      throws IOException {
    if (out == null) {
      tally.done(task);
      return;
    }
    if (sinkIds != null) {
      sinkIds.know(indicator(old).id());
    }
    long refresh = nextRefresh(old.data(), old.keyStart(), old.keyEnd(), written);
    out.add(
        old.data(),
        old.keyStart(),
        old.keyEnd(),
        old.propertiesStart(),
        old.end(),
        task,
        old.added(),
        written,
        listed,
        Math.min(end, refresh));
  }

  private void withdraw(Ledger.Reader old, Ledger.Task task) throws IOException {
    put(old, task, old.written(), old.listed(), Long.MAX_VALUE);
  }
}
