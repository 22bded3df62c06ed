// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.Iterator;
import java.util.stream.Stream;

/**
 * The ids of what a sink holds of a feed, and which of them are known here: eight bytes and a bit
 * an id. Ids are cryptographic digests, so their first 64 bits tell them apart. Not thread-safe.
 */
final class SinkIds {
  private static final int ID_LENGTH = 27;

  private final long[] heads;
  private final BitSet known = new BitSet();

  private SinkIds(long[] heads) {
    this.heads = heads;
  }

  /** Collects ids; what is none, as another program may have written it, is left out. */
  static SinkIds of(Stream<String> ids) {
    long[] heads = new long[1024];
    int count = 0;
    for (Iterator<String> i = ids.iterator(); i.hasNext(); ) {
      String id = i.next();
      if (isId(id)) {
        if (count == heads.length) {
          heads = Arrays.copyOf(heads, 2 * count);
        }
        heads[count++] = head(id);
      }
    }
    long[] sorted = Arrays.copyOf(heads, count);
    Arrays.sort(sorted);
    return new SinkIds(sorted);
  }

  boolean isEmpty() {
    return heads.length == 0;
  }

  /** Marks an id as known, and returns whether the sink holds it. */
  boolean know(String id) {
    int at = Arrays.binarySearch(heads, head(id));
    if (at >= 0) {
      known.set(at);
    }
    return at >= 0;
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
