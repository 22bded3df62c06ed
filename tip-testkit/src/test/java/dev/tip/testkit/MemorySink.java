// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import dev.tip.sink.Change;
import dev.tip.sink.Holdings;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.SinkException;
import dev.tip.sink.SinkInfo;
import dev.tip.sink.StoredIndicator;
import dev.tip.sink.WriteResult;
import dev.tip.sink.WriteResult.Outcome;
import dev.tip.sink.WriteResult.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A sink that keeps every rule, with a step a rule for saboteurs to spoil. */
class MemorySink implements IndicatorSink {

  /** What sinks write to. */
  static final class Target {
    final Map<String, Change> held = new TreeMap<>();
    final Set<String> refused = new HashSet<>();
    boolean down;
    boolean stalled;

    synchronized void set(boolean nowDown, boolean nowStalled) {
      down = nowDown;
      stalled = nowStalled;
      notifyAll();
    }
  }

  final Target target;
  private volatile boolean closed;

  MemorySink(Target target) {
    this.target = target;
  }

  @Override
  public SinkInfo info() {
    return new SinkInfo("memory", false, false);
  }

  @Override
  public WriteResult write(List<Change> batch) throws IOException, InterruptedException {
    if (closed) {
      throw new IllegalStateException("the sink is closed");
    }
    synchronized (target) {
      while (target.stalled && !closed) {
        target.wait();
      }
      List<Outcome> outcomes = new ArrayList<>();
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (target.down) {
        throw new SinkException(SinkException.Kind.UNREACHABLE, "switch it on", null);
      }
      for (Change change : batch) {
        outcomes.add(closed ? new Outcome(Status.UNSETTLED, "closed", null) : store(change));
      }
      return new WriteResult(outcomes);
    }
  }

  Outcome store(Change change) {
    if (target.refused.contains(change.id())) {
      return new Outcome(Status.REFUSED, "refused-on-request", null);
    }
    Change held = target.held.get(change.id());
    if (held != null && held.generation() > change.generation()) {
      return new Outcome(Status.CONFLICT, "newer-generation", null);
    }
    target.held.put(change.id(), change);
    return Outcome.WRITTEN;
  }

  @Override
  public Optional<Stream<StoredIndicator>> active(String feedId)
      throws IOException, InterruptedException {
    synchronized (target) {
      return Optional.of(
          List.copyOf(target.held.values()).stream()
              .filter(change -> change instanceof Change.Upsert)
              .filter(change -> change.feed().id().equals(feedId))
              .map(MemorySink::stored));
    }
  }

  static StoredIndicator stored(Change change) {
    return new StoredIndicator(
        change.id(),
        change.generation(),
        change instanceof Change.Upsert upsert ? upsert.added() : null);
  }

  @Override
  public Optional<Holdings> holdings(String feedId) throws IOException, InterruptedException {
    synchronized (target) {
      long active = 0;
      long generation = 0;
      for (Change change : target.held.values()) {
        if (change.feed().id().equals(feedId)) {
          active += change instanceof Change.Upsert ? 1 : 0;
          generation = Math.max(generation, change.generation());
        }
      }
      return Optional.of(new Holdings(active, generation));
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    synchronized (target) {
      target.notifyAll();
    }
  }

  boolean isClosed() {
    return closed;
  }
}
