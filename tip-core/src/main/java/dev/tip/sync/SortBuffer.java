// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Frames in memory, sorted by key in place.
 *
 * <p>The sort is a quicksort of strings that keeps the next seven bytes of each key beside its
 * index (Bentley and Sedgewick's multikey quicksort with a cache), because the keys of a URL list
 * share their first bytes and comparing from the start is most of the cost. The pivot is random: a
 * publisher must not be able to make it quadratic.
 */
final class SortBuffer {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final int CACHED = 7;
  private static final int INSERTION = 12;

  private final int capacity;
  private byte[] data;
  private int length;
  private int[] frames = new int[256];
  private long[] cache = new long[256];
  private int count;
  private final SplittableRandom random = new SplittableRandom();

  SortBuffer(int capacity) {
    this.capacity = capacity;
    this.data = new byte[Math.min(capacity, 1 << 14)];
  }

  boolean isEmpty() {
    return count == 0;
  }

  void clear() {
    length = 0;
    count = 0;
  }

  /**
   * Adds a frame.
   *
   * @return false if there is no room for it; a frame larger than the whole buffer has room when
   *     the buffer is empty
   */
  boolean add(byte[] record, int keyLength, int recordLength) {
    long wanted = (long) length + Source.HEADER + recordLength;
    if (count > 0 && (wanted > capacity || count >= capacity / 16)) {
      return false;
    }
    if (wanted > data.length) {
      long doubled = Math.min(2L * data.length, capacity);
      data = Arrays.copyOf(data, Math.toIntExact(Math.max(wanted, doubled)));
    }
    if (count == frames.length) {
      frames = Arrays.copyOf(frames, 2 * count);
      cache = new long[2 * count];
    }
    frames[count++] = length;
    INT.set(data, length, Source.HEADER + recordLength);
    INT.set(data, length + Integer.BYTES, keyLength);
    System.arraycopy(record, 0, data, length + Source.HEADER, recordLength);
    length = (int) wanted;
    return true;
  }

  /**
   * Sorts, and returns the frames in order; they are valid until the next change of this buffer.
   */
  Source sorted() {
    fill(0, count, 0);
    sort(0, count, 0);
    return new Frames();
  }

  private int keyStart(int frame) {
    return frame + Source.HEADER;
  }

  private int keyEnd(int frame) {
    return frame + Source.HEADER + (int) INT.get(data, frame + Integer.BYTES);
  }

  private void fill(int from, int to, int depth) {
    for (int i = from; i < to; i++) {
      int start = keyStart(frames[i]) + depth;
      int rest = keyEnd(frames[i]) - start;
      long word;
      // The lowest byte is how many bytes of the key are in the word: it tells the end of a key
      // from a zero byte.
      if (rest > CACHED) {
        word = ((long) LONG.get(data, start) & ~0xffL) | CACHED + 1;
      } else {
        word = 0;
        for (int k = 0; k < CACHED; k++) {
          word = word << 8 | (k < rest ? data[start + k] & 0xffL : 0);
        }
        word = word << 8 | rest;
      }
      cache[i] = word ^ Long.MIN_VALUE;
    }
  }

  private void sort(int from, int to, int depth) {
    int lo = from;
    int hi = to;
    int at = depth;
    while (hi - lo > INSERTION) {
      long pivot = pivot(lo, hi);
      int less = lo;
      int more = hi;
      int i = lo;
      while (i < more) {
        long c = cache[i];
        if (c < pivot) {
          swap(less++, i++);
        } else if (c > pivot) {
          swap(i, --more);
        } else {
          i++;
        }
      }
      boolean goesOn = (pivot & 0xff) > CACHED;
      if (goesOn) {
        fill(less, more, at + CACHED);
      }
      int smaller = less - lo;
      int equal = goesOn ? more - less : 0;
      int larger = hi - more;
      // Recursion into the two smaller parts only keeps the stack at the logarithm of the count.
      if (goesOn && equal >= smaller && equal >= larger) {
        sort(lo, less, at);
        sort(more, hi, at);
        lo = less;
        hi = more;
        at += CACHED;
      } else {
        if (equal > 0) {
          sort(less, more, at + CACHED);
        }
        if (smaller >= larger) {
          sort(more, hi, at);
          hi = less;
        } else {
          sort(lo, less, at);
          lo = more;
        }
      }
    }
    insertionSort(lo, hi, at);
  }

  private long pivot(int lo, int hi) {
    long a = cache[random.nextInt(lo, hi)];
    long b = cache[random.nextInt(lo, hi)];
    long c = cache[random.nextInt(lo, hi)];
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }

  private void insertionSort(int lo, int hi, int depth) {
    for (int i = lo + 1; i < hi; i++) {
      int frame = frames[i];
      long word = cache[i];
      int k = i - 1;
      while (k >= lo && isAfter(k, word, frame, depth)) {
        frames[k + 1] = frames[k];
        cache[k + 1] = cache[k];
        k--;
      }
      frames[k + 1] = frame;
      cache[k + 1] = word;
    }
  }

  private boolean isAfter(int index, long word, int frame, int depth) {
    if (cache[index] != word) {
      return cache[index] > word;
    }
    if ((word & 0xff) <= CACHED) {
      return false;
    }
    int other = frames[index];
    return Arrays.compareUnsigned(
            data,
            keyStart(other) + depth + CACHED,
            keyEnd(other),
            data,
            keyStart(frame) + depth + CACHED,
            keyEnd(frame))
        > 0;
  }

  private void swap(int a, int b) {
    int frame = frames[a];
    frames[a] = frames[b];
    frames[b] = frame;
    long word = cache[a];
    cache[a] = cache[b];
    cache[b] = word;
  }

  private final class Frames implements Source {
    private int next;
    private int frame;

    @Override
    public boolean advance() {
      if (next == count) {
        return false;
      }
      frame = frames[next++];
      return true;
    }

    @Override
    public byte[] data() {
      return data;
    }

    @Override
    public int keyStart() {
      return SortBuffer.this.keyStart(frame);
    }

    @Override
    public int keyEnd() {
      return SortBuffer.this.keyEnd(frame);
    }

    @Override
    public int end() {
      return frame + (int) INT.get(data, frame);
    }
  }
}
