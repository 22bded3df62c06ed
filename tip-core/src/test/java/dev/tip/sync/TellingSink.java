// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.sink.Change;
import dev.tip.sink.Holdings;
import dev.tip.sink.SinkException;
import dev.tip.sink.StoredIndicator;
import dev.tip.sink.WriteResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A sink that keeps what it is given, and tells. */
class TellingSink extends Fakes.RecordingSink {
  final Map<String, Change> held = new TreeMap<>();

  /** Ids that another program stored under every feed. */
  final List<String> foreign = new ArrayList<>();

  boolean forgets;
  boolean keepsOld;
  boolean hidesIds;
  String refused = "";
  @Nullable IOException silence;
  Run beforeHoldings = () -> {};

  /** What another process does meanwhile. */
  interface Run {
    void go() throws InterruptedException;
  }

  @Override
  public synchronized WriteResult write(List<Change> batch)
      throws IOException, InterruptedException {
    super.write(batch);
    List<WriteResult.Outcome> outcomes = new ArrayList<>();
    for (Change change : batch) {
      outcomes.add(take(change));
    }
    if (forgets) {
      forgets = false;
      held.remove(batch.get(0).id());
    }
    return new WriteResult(outcomes);
  }

  WriteResult.Outcome take(Change change) {
    if (change.id().equals(refused)) {
      return new WriteResult.Outcome(WriteResult.Status.REFUSED, "refused", "not this one");
    }
    Change before = held.get(change.id());
    if (before != null && before.generation() > change.generation()) {
      return new WriteResult.Outcome(WriteResult.Status.CONFLICT, "newer", null);
    }
    if (!keepsOld || before == null) {
      held.put(change.id(), change);
    }
    return WriteResult.Outcome.WRITTEN;
  }

  private Stream<Change> of(String feedId) {
    return held.values().stream().filter(change -> change.feed().id().equals(feedId));
  }

  synchronized Set<String> activeIds(String feedId) {
    Set<String> ids = new HashSet<>();
    of(feedId).filter(Change.Upsert.class::isInstance).forEach(change -> ids.add(change.id()));
    return ids;
  }

  @Override
  public synchronized Optional<Stream<StoredIndicator>> active(String feedId) throws IOException {
    if (hidesIds) {
      throw new SinkException(SinkException.Kind.UNREACHABLE, "no ids", null);
    }
    List<StoredIndicator> active = new ArrayList<>();
    foreign.forEach(id -> active.add(new StoredIndicator(id, 0, null)));
    for (Change change : of(feedId).toList()) {
      if (change instanceof Change.Upsert upsert) {
        active.add(new StoredIndicator(change.id(), change.generation(), upsert.added()));
      }
    }
    return Optional.of(active.stream());
  }

  @Override
  public Optional<Holdings> holdings(String feedId) throws IOException, InterruptedException {
    beforeHoldings.go();
    return Optional.of(held(feedId));
  }

  private synchronized Holdings held(String feedId) throws IOException {
    if (silence != null) {
      throw silence;
    }
    return new Holdings(
        (long) activeIds(feedId).size() + foreign.size(),
        of(feedId).mapToLong(Change::generation).max().orElse(0));
  }
}
