// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.sink.StoredIndicator;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The ids of what a sink holds of a feed, when each was first stored, and which of them are known
 * here: sixteen bytes and a bit an id. Ids are cryptographic digests, so their first 64 bits tell
 * them apart. Not thread-safe.
 */
final class SinkIds {
  private static final int ID_LENGTH = 27;
  private static final Instant FAR = Instant.parse("9999-12-31T00:00:00Z");
  private static final long UNKNOWN = Long.MAX_VALUE >> 1;

  private final long[] heads;

  /** Milliseconds, and in the lowest bit whether it was written by a run that is not remembered. */
  private final long[] added;

  private final BitSet known = new BitSet();

  /** Those of nobody here that the list ends all the same, by how. */
  private final Map<Ledger.Task, BitSet> ended = new EnumMap<>(Ledger.Task.class);

  private final long foreign;

  private SinkIds(long[] heads, long[] added, long foreign) {
    this.heads = heads;
    this.added = added;
    this.foreign = foreign;
  }

  /**
   * Collects ids; what is none, as another program may have written it, is only counted.
   *
   * @param generation what is of a later one was not written by a run that is remembered
   */
  static SinkIds of(Stream<StoredIndicator> active, long generation) {
    long[] heads = new long[1024];
    long[] added = new long[1024];
    int count = 0;
    long foreign = 0;
    for (Iterator<StoredIndicator> i = active.iterator(); i.hasNext(); ) {
      StoredIndicator stored = i.next();
      if (!isId(stored.id())) {
        foreign++;
        continue;
      }
      if (count == heads.length) {
        heads = Arrays.copyOf(heads, 2 * count);
        added = Arrays.copyOf(added, 2 * count);
      }
      heads[count] = head(stored.id());
      added[count++] = millis(stored.added()) << 1 | (stored.generation() > generation ? 1 : 0);
    }
    SinkIds ids = new SinkIds(Arrays.copyOf(heads, count), Arrays.copyOf(added, count), foreign);
    ids.sort();
    return ids;
  }

  private static long millis(@Nullable Instant at) {
    if (at == null || at.isBefore(Instant.EPOCH) || at.isAfter(FAR)) {
      return UNKNOWN;
    }
    return at.toEpochMilli();
  }

  boolean isEmpty() {
    return heads.length == 0;
  }

  /** Returns how many ids are none of ours. */
  long foreign() {
    return foreign;
  }

  /** Marks an id as known, and returns whether the sink holds it. */
  boolean know(String id) {
    int at = Arrays.binarySearch(heads, head(id));
    if (at >= 0) {
      known.set(at);
    }
    return at >= 0;
  }

  /** Marks an id as known, and returns whether what the sink holds of it is what is remembered. */
  boolean isAsRemembered(String id) {
    int at = Arrays.binarySearch(heads, head(id));
    if (at >= 0) {
      known.set(at);
    }
    return at >= 0 && (added[at] & 1) == 0;
  }

  /** Marks an id, if the sink holds it, as one to be withdrawn. */
  void end(String id, Ledger.Task how) {
    int at = Arrays.binarySearch(heads, head(id));
    if (at >= 0) {
      ended.computeIfAbsent(how, task -> new BitSet()).set(at);
    }
  }

  /** Returns how an id was marked to be withdrawn, or that it was not. */
  Ledger.Task end(String id) {
    int at = Arrays.binarySearch(heads, head(id));
    for (Map.Entry<Ledger.Task, BitSet> marked : ended.entrySet()) {
      if (at >= 0 && marked.getValue().get(at)) {
        return marked.getKey();
      }
    }
    return Ledger.Task.NONE;
  }

  /** Returns when the sink first stored what has an id, or the other time if that is earlier. */
  long added(String id, long other) {
    int at = Arrays.binarySearch(heads, head(id));
    return at >= 0 ? Math.min(added[at] >> 1, other) : other;
  }

  /** Heapsort, because two arrays have to be sorted as one. */
  private void sort() {
    int count = heads.length;
    for (int i = count / 2 - 1; i >= 0; i--) {
      siftDown(i, count);
    }
    for (int last = count - 1; last > 0; last--) {
      swap(0, last);
      siftDown(0, last);
    }
  }

  private void siftDown(int from, int count) {
    int at = from;
    for (int child = 2 * at + 1; child < count; child = 2 * at + 1) {
      if (child + 1 < count && heads[child] < heads[child + 1]) {
        child++;
      }
      if (heads[at] >= heads[child]) {
        return;
      }
      swap(at, child);
      at = child;
    }
  }

  private void swap(int a, int b) {
    long head = heads[a];
    heads[a] = heads[b];
    heads[b] = head;
    long time = added[a];
    added[a] = added[b];
    added[b] = time;
  }

  /** Returns whether it is an id that the sink had and that nobody here knows. */
  boolean isOrphan(String id) {
    if (!isId(id)) {
      return false;
    }
    int at = Arrays.binarySearch(heads, head(id));
    return at >= 0 && !known.get(at);
  }

  private static boolean isId(String text) {
    boolean good = text.length() == ID_LENGTH;
    for (int i = 0; good && i < ID_LENGTH; i++) {
      char c = text.charAt(i);
      good =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || c == '-'
              || c == '_';
    }
    return good;
  }

  private static long head(String id) {
    // Twelve characters are nine bytes.
    return ByteBuffer.wrap(Base64.getUrlDecoder().decode(id.substring(0, 12))).getLong();
  }
}
