// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.FeedInfo;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes the indicators of one feed in any order and gives them back sorted by type and canonical
 * value, repeats merged.
 *
 * <p>Memory is bounded by the buffer and one block for each of at most {@value #FAN_IN} runs. What
 * fits into the buffer never touches the disk. Not thread-safe.
 */
final class Spool implements Closeable {
  /** The buffer for the sort, in bytes. */
  static final int DEFAULT_BUFFER = 8 << 20;

  private static final int FAN_IN = 64;

  private final Path directory;
  private final IndicatorCodec codec;
  private final ByteWriter record = new ByteWriter(1024);
  private final List<List<RunFile.Run>> levels = new ArrayList<>();
  private @Nullable SortBuffer buffer;
  private @Nullable RunFile file;
  private long repeated;

  /**
   * Creates an empty spool.
   *
   * @param directory where runs go that do not fit into memory
   * @param bufferBytes how much is sorted in memory
   */
  Spool(FeedInfo feed, Path directory, int bufferBytes) {
    this.directory = directory;
    this.codec = new IndicatorCodec(feed);
    this.buffer = new SortBuffer(bufferBytes);
  }

  /** Adds an indicator of the feed. */
  void add(Indicator indicator) throws IOException {
    record.clear();
    IndicatorCodec.encodeKey(indicator.observable(), record);
    int keyLength = record.length();
    IndicatorCodec.encodeProperties(indicator, record);
    add(keyLength);
  }

  /**
   * Adds that there is no statement about an observable, whatever else is added.
   *
   * @param kind {@link IndicatorCodec#REVOKED} or {@link IndicatorCodec#SCREENED}
   */
  void addEnd(CyberObservable observable, int kind) throws IOException {
    record.clear();
    IndicatorCodec.encodeKey(observable, record);
    int keyLength = record.length();
    IndicatorCodec.encodeEnd(kind, record);
    add(keyLength);
  }

  private void add(int keyLength) throws IOException {
    SortBuffer into = open();
    if (!into.add(record.data(), keyLength, record.length())) {
      spill(into);
      into.add(record.data(), keyLength, record.length());
    }
  }

  /** Returns everything in order. Ends adding; can be called once. */
  Merge sorted() throws IOException {
    List<Source> sources = new ArrayList<>();
    SortBuffer last = open();
    RunFile runs = file;
    buffer = null;
    if (runs != null) {
      // The largest runs are the oldest; merging the newest first keeps the last merge within the
      // fan-in.
      int total = levels.stream().mapToInt(List::size).sum();
      for (int i = 0; total > FAN_IN && i < levels.size(); i++) {
        total -= levels.get(i).size() - 1;
        List<RunFile.Run> merged = new ArrayList<>(List.of(combine(runs, levels.get(i))));
        levels.set(i, merged);
      }
      levels.forEach(sources::addAll);
    }
    if (!last.isEmpty()) {
      sources.add(last.sorted());
    }
    return new Merge(codec, sources);
  }

  /** Returns how many repeats were merged while writing runs; the merge itself counts the rest. */
  long repeated() {
    return repeated;
  }

  /** Returns whether something had to be written to disk. */
  boolean isOnDisk() {
    return file != null;
  }

  private SortBuffer open() {
    SortBuffer open = buffer;
    if (open == null) {
      throw new IllegalStateException("the spool has been sorted or closed");
    }
    return open;
  }

  private void spill(SortBuffer from) throws IOException {
    RunFile runs = file;
    if (runs == null) {
      runs = new RunFile(directory);
      file = runs;
    }
    RunFile.Run run = combine(runs, List.of(from.sorted()));
    from.clear();
    for (int level = 0; ; level++) {
      if (level == levels.size()) {
        levels.add(new ArrayList<>());
      }
      List<RunFile.Run> peers = levels.get(level);
      peers.add(run);
      if (peers.size() < FAN_IN) {
        return;
      }
      run = combine(runs, peers);
      peers.clear();
    }
  }

  private RunFile.Run combine(RunFile runs, List<? extends Source> sources) throws IOException {
    Merge merge = new Merge(codec, sources);
    RunFile.Run run = runs.append(merge);
    repeated += merge.repeated();
    return run;
  }

  /** Deletes what is on disk. */
  @Override
  public void close() throws IOException {
    buffer = null;
    RunFile runs = file;
    file = null;
    if (runs != null) {
      runs.close();
    }
  }
}
