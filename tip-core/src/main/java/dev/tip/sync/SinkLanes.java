// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.sink.Change;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.WriteResult;
import java.io.Closeable;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ConcurrentHashMap;
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

  /** A batch and what became of it. */
  record Written(List<Change> batch, WriteResult result) {}

  /** The batches of one feed in flight. Used by one thread. */
  final class InFlight {
    private final CompletionService<Written> done = new ExecutorCompletionService<>(threads);
    private final Set<Write> writes = ConcurrentHashMap.newKeySet();
    private int count;

    boolean isEmpty() {
      return count == 0;
    }

    boolean isFull() {
      return count == LANES;
    }

    void submit(List<Change> batch) {
      Write write = new Write(batch);
      writes.add(write);
      done.submit(write);
      count++;
    }

    /** Waits for one of the batches to end. */
    Future<Written> take() throws InterruptedException {
      Future<Written> first = done.take();
      count--;
      return first;
    }

    /** Interrupts the writes; each still ends by itself, with what it knows about its batch. */
    void interrupt() {
      writes.forEach(Write::interrupt);
    }

    private final class Write implements Callable<Written> {
      private final List<Change> batch;
      private @Nullable Thread runner;
      private boolean interrupted;

      Write(List<Change> batch) {
        this.batch = batch;
      }

      @Override
      public Written call() throws Exception {
        synchronized (this) {
          if (interrupted) {
            throw new InterruptedException();
          }
          runner = Thread.currentThread();
        }
        try {
          return new Written(
              batch, Objects.requireNonNull(sink.write(batch), "the sink gave no result"));
        } finally {
          synchronized (this) {
            runner = null;
            // A late interrupt was meant for this write, not for the next one on the thread.
            Thread.interrupted();
          }
          writes.remove(this);
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
