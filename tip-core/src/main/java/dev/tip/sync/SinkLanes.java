// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.sink.Change;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.WriteResult;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one run that write to the sink: all feeds share them, so the sink never sees more
 * writes at once.
 */
final class SinkLanes implements Closeable {
  /** How many batches are written at once. */
  static final int LANES = 2;

  private final IndicatorSink sink;
  private final ExecutorService threads;

  SinkLanes(IndicatorSink sink) {
    this.sink = sink;
    this.threads =
        Executors.newFixedThreadPool(
            LANES,
            task -> {
              Thread thread = new Thread(task, "tip-sink");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Returns a view of the lanes for one feed. */
  InFlight open() {
    return new InFlight();
  }

  /** Ends the threads. */
  @Override
  public void close() {
    threads.shutdownNow();
  }

  /** Changes that are written together, and what they are about. */
  static final class Batch {
    private final List<Change> changes;
    private final List<Ledger.Task> tasks;
    private final long[] ordinals;

    /** How large they are, about. */
    long bytes;

    Batch(int capacity) {
      this.changes = new ArrayList<>(capacity);
      this.tasks = new ArrayList<>(capacity);
      this.ordinals = new long[capacity];
    }

    void add(Change change, Ledger.Task task, long ordinal) {
      ordinals[changes.size()] = ordinal;
      changes.add(change);
      tasks.add(task);
    }

    int size() {
      return changes.size();
    }

    Change change(int index) {
      return changes.get(index);
    }

    Ledger.Task task(int index) {
      return tasks.get(index);
    }

    /** Returns the number of the record in the ledger. */
    long ordinal(int index) {
      return ordinals[index];
    }
  }

  /** A batch whose write ended. */
  record Ended(Batch batch, Future<WriteResult> result) {}

  /** The batches of one feed in flight. Used by one thread. */
  final class InFlight {
    private final CompletionService<WriteResult> done = new ExecutorCompletionService<>(threads);
    private final List<Write> writes = new ArrayList<>(LANES);

    boolean isEmpty() {
      return writes.isEmpty();
    }

    boolean isFull() {
      return writes.size() == LANES;
    }

    void submit(Batch batch) {
      Write write = new Write(batch);
      write.future = done.submit(write);
      writes.add(write);
    }

    /** Waits for one of the batches to end. */
    Ended take() throws InterruptedException {
      Future<WriteResult> first = done.take();
      for (Write write : writes) {
        if (write.future == first) {
          writes.remove(write);
          return new Ended(write.batch, first);
        }
      }
      throw new IllegalStateException("a write ended that was not begun");
    }

    /** Interrupts the writes; each still ends by itself, with what it knows about its batch. */
    void interrupt() {
      writes.forEach(Write::interrupt);
    }

    private final class Write implements Callable<WriteResult> {
      private final Batch batch;
      private @Nullable Future<WriteResult> future;
      private @Nullable Thread runner;
      private boolean interrupted;

      Write(Batch batch) {
        this.batch = batch;
      }

      @Override
      public WriteResult call() throws Exception {
        synchronized (this) {
          if (interrupted) {
            throw new InterruptedException();
          }
          runner = Thread.currentThread();
        }
        try {
          List<Change> changes = Collections.unmodifiableList(batch.changes);
          return Objects.requireNonNull(sink.write(changes), "the sink gave no result");
        } finally {
          synchronized (this) {
            runner = null;
            // A late interrupt was meant for this write, not for the next one on the thread.
            Thread.interrupted();
          }
        }
      }

      synchronized void interrupt() {
        interrupted = true;
        if (runner != null) {
          runner.interrupt();
        }
      }
    }
  }
}
