// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.Indicator;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** The frames of several sources in key order, those with equal keys merged into one. */
final class Merge {
  private final IndicatorCodec codec;
  private final Source[] heap;
  private final ByteWriter frame = new ByteWriter(1024);
  private int size;
  private int keyLength;
  private long repeated;

  Merge(IndicatorCodec codec, List<? extends Source> sources) throws IOException {
    this.codec = codec;
    this.heap = new Source[sources.size()];
    for (Source source : sources) {
      if (source.advance()) {
        heap[size++] = source;
      }
    }
    for (int i = size / 2 - 1; i >= 0; i--) {
      sink(i);
    }
  }

  /** Moves to the next key and returns whether there is one. */
  boolean next() throws IOException {
    if (size == 0) {
      return false;
    }
    take(heap[0]);
    advanceFirst();
    while (size > 0 && isRepeat(heap[0])) {
      if (!isSame(heap[0])) {
        merge(heap[0]);
      } else if (kind() == IndicatorCodec.STATED) {
        repeated++;
      }
      advanceFirst();
    }
    return true;
  }

  /** Returns the current frame, valid until the next move. */
  byte[] frame() {
    return frame.data();
  }

  int frameLength() {
    return frame.length();
  }

  int keyStart() {
    return Source.HEADER;
  }

  int keyEnd() {
    return Source.HEADER + keyLength;
  }

  /** Returns the kind of the current record, see {@link IndicatorCodec#kind}. */
  int kind() throws CorruptRecordException {
    return IndicatorCodec.kind(frame.data(), keyEnd(), frame.length());
  }

  /** Returns the current indicator. */
  Indicator indicator() throws CorruptRecordException {
    return codec.decode(frame.data(), Source.HEADER, Source.HEADER + keyLength, frame.length());
  }

  /** Returns the id of what the current record is about, whatever its kind. */
  String id() throws CorruptRecordException {
    return codec.id(frame.data(), Source.HEADER, Source.HEADER + keyLength);
  }

  /** Returns how many statements so far were about the observable of another, or were revoked. */
  long repeated() {
    return repeated;
  }

  private void take(Source source) {
    frame.clear();
    int start = source.keyStart() - Source.HEADER;
    frame.write(source.data(), start, source.end() - start);
    keyLength = source.keyEnd() - source.keyStart();
  }

  private boolean isRepeat(Source source) {
    return source.keyEnd() - source.keyStart() == keyLength
        && Arrays.equals(
            source.data(),
            source.keyStart(),
            source.keyEnd(),
            frame.data(),
            Source.HEADER,
            Source.HEADER + keyLength);
  }

  private boolean isSame(Source source) {
    return Arrays.equals(
        source.data(),
        source.keyStart(),
        source.end(),
        frame.data(),
        Source.HEADER,
        frame.length());
  }

  private void merge(Source source) throws CorruptRecordException {
    int kind = kind();
    int other = IndicatorCodec.kind(source.data(), source.keyEnd(), source.end());
    if (kind == IndicatorCodec.STATED || other == IndicatorCodec.STATED) {
      repeated++;
    }
    if (kind != IndicatorCodec.STATED || other != IndicatorCodec.STATED) {
      // An end wins over statements, and a revocation over a refusal.
      if (other < 0 && (kind == IndicatorCodec.STATED || other > kind)) {
        take(source);
      }
      return;
    }
    Indicator merged =
        indicator()
            .merge(codec.decode(source.data(), source.keyStart(), source.keyEnd(), source.end()));
    ByteWriter body = new ByteWriter(frame.length() + 256);
    IndicatorCodec.encodeKey(merged.observable(), body);
    keyLength = body.length();
    IndicatorCodec.encodeProperties(merged, body);
    frame.clear();
    frame.writeInt(Source.HEADER + body.length());
    frame.writeInt(keyLength);
    frame.write(body.data(), 0, body.length());
  }

  private void advanceFirst() throws IOException {
    if (!heap[0].advance()) {
      heap[0] = heap[--size];
    }
    sink(0);
  }

  private void sink(int from) {
    if (size == 0) {
      return;
    }
    int at = from;
    Source moving = heap[at];
    for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && compare(heap[child + 1], heap[child]) < 0) {
        child++;
      }
      if (compare(moving, heap[child]) <= 0) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = moving;
  }

  private static int compare(Source a, Source b) {
    return Arrays.compareUnsigned(
        a.data(), a.keyStart(), a.keyEnd(), b.data(), b.keyStart(), b.keyEnd());
  }
}
