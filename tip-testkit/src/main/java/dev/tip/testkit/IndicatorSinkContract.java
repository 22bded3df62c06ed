// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.Terms;
import dev.tip.sink.Change;
import dev.tip.sink.Holdings;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.SinkException;
import dev.tip.sink.StoredIndicator;
import dev.tip.sink.WriteResult;
import dev.tip.sink.WriteResult.Outcome;
import dev.tip.sink.WriteResult.Status;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The rules for a sink, as tests. Extend it and say how to open your sink and how to look into what
 * it writes to; {@code docs/contracts.md} explains each rule by its number.
 *
 * <p>Every test writes indicators of its own, so the target need not be emptied between tests. What
 * a target cannot be made to do is left out of {@link #abilities()}; the rules that need it are
 * then skipped, or test that it is not claimed.
 */
public abstract class IndicatorSinkContract {
  private static final Instant ADDED = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LISTED = Instant.parse("2026-01-02T00:00:00Z");

  private final String run = UUID.randomUUID().toString().substring(0, 13);
  private final FeedInfo feed = feed("contract-" + run);
  private int count;

  /** For subclasses. */
  protected IndicatorSinkContract() {}

  /** What a sink or its target can be made to do. */
  public enum Ability {
    /** {@link #refuse} works. */
    REFUSE,
    /** {@link #down} works. */
    OUTAGE,
    /** {@link #stall} works. */
    STALL,
    /** The sink tells the ids it holds. */
    ACTIVE_IDS,
    /** The sink tells how much it holds. */
    HOLDINGS
  }

  /**
   * A record that the target holds.
   *
   * @param id the id of the indicator
   * @param generation the generation of the change that wrote it
   * @param active whether it is an indicator, not a withdrawal
   */
  public record Stored(String id, long generation, boolean active) {
    /** Checks that the id is there. */
    public Stored {
      Objects.requireNonNull(id, "id");
    }
  }

  /** Opens a new sink on the target. The contract closes it. */
  protected abstract IndicatorSink open() throws Exception;

  /**
   * Returns what the target holds for the ids, read past the sink: at most one record an id, or for
   * an append-only sink all of them in the order they were written.
   */
  protected abstract List<Stored> stored(Set<String> ids) throws Exception;

  /** Returns what sink and target can be made to do. */
  protected abstract Set<Ability> abilities();

  /** Makes the target refuse every change of the indicator from now on. */
  protected void refuse(String id) throws Exception {
    throw new UnsupportedOperationException("declared, but not implemented: REFUSE");
  }

  /** Takes the target down, or up again. */
  protected void down(boolean down) throws Exception {
    throw new UnsupportedOperationException("declared, but not implemented: OUTAGE");
  }

  /** Makes the target take what is written but not answer, or answer again. */
  protected void stall(boolean stalled) throws Exception {
    throw new UnsupportedOperationException("declared, but not implemented: STALL");
  }

  /** Returns how long a write may take that ends early; default: 15 seconds. */
  protected Duration patience() {
    return Duration.ofSeconds(15);
  }

  // --- The rules -------------------------------------------------------------------------------

  /** S-01. */
  @Test
  @DisplayName("S-01 an empty batch has no outcomes")
  protected void emptyBatchHasNoOutcomes() throws Exception {
    try (IndicatorSink sink = open()) {
      assertEquals(List.of(), sink.write(List.of()).outcomes(), "S-01: outcomes of an empty batch");
    }
  }

  /** S-02. */
  @Test
  @DisplayName("S-02 every change has an outcome, and what is written is stored")
  protected void everyChangeHasAnOutcome() throws Exception {
    List<Change> batch = upserts(7, 1);
    try (IndicatorSink sink = open()) {
      WriteResult result = sink.write(batch);

      assertEquals(batch.size(), result.outcomes().size(), "S-02: outcomes of 7 changes");
      assertEquals(7, result.count(Status.WRITTEN), () -> "S-02: " + result);
    }
    assertEquals(active(batch), new HashSet<>(stored(ids(batch))), "S-02: what is stored");
  }

  /** S-03. */
  @Test
  @DisplayName("S-03 a batch written twice has the effect of one")
  protected void twiceIsOnce() throws Exception {
    List<Change> batch = upserts(3, 1);
    try (IndicatorSink sink = open()) {
      sink.write(batch);
      WriteResult again = sink.write(batch);

      assertEquals(3, again.count(Status.WRITTEN), () -> "S-03: the second time: " + again);
      List<Stored> stored = stored(ids(batch));
      assertEquals(active(batch), new HashSet<>(stored), "S-03: what is stored");
      if (!sink.info().appendOnly()) {
        assertEquals(3, stored.size(), "S-03: records of 3 indicators");
      }
    }
  }

  /** S-04. */
  @Test
  @DisplayName("S-04 a refused change is named, at its place, and only it")
  protected void refusedChangeIsNamed() throws Exception {
    assumeTrue(abilities().contains(Ability.REFUSE), "the target refuses nothing on request");
    List<Change> batch = upserts(5, 1);
    refuse(batch.get(1).id());
    try (IndicatorSink sink = open()) {
      List<Outcome> outcomes = sink.write(batch).outcomes();

      assertEquals(5, outcomes.size(), "S-04: outcomes of 5 changes");
      for (int i = 0; i < 5; i++) {
        Status wanted = i == 1 ? Status.REFUSED : Status.WRITTEN;
        assertEquals(wanted, outcomes.get(i).status(), "S-04: outcome " + i + " of " + outcomes);
      }
      String reason = outcomes.get(1).reason();
      assertTrue(reason != null && !reason.isBlank(), "S-04: a refusal has a reason");
    }
    Set<Stored> wanted = active(batch);
    wanted.removeIf(record -> record.id().equals(batch.get(1).id()));
    assertEquals(wanted, new HashSet<>(stored(ids(batch))), "S-04: what is stored");
  }

  /** S-05. */
  @Test
  @DisplayName("S-05 an outage is said, and the same batch works afterwards")
  protected void outageIsSaid() throws Exception {
    assumeTrue(abilities().contains(Ability.OUTAGE), "the target cannot be taken down");
    List<Change> batch = upserts(3, 1);
    try (IndicatorSink sink = open()) {
      down(true);
      try {
        WriteResult result = sink.write(batch);
        assertEquals(3, result.outcomes().size(), "S-05: outcomes of 3 changes");
        assertEquals(3, result.count(Status.UNSETTLED), () -> "S-05: during the outage: " + result);
      } catch (SinkException e) {
        assertNotNull(e.getMessage(), "S-05: the exception says what to do");
      } finally {
        down(false);
      }
      WriteResult after = sink.write(batch);
      assertEquals(3, after.count(Status.WRITTEN), () -> "S-05: after the outage: " + after);
    }
    assertEquals(active(batch), new HashSet<>(stored(ids(batch))), "S-05: what is stored");
  }

  /** S-06. */
  @Test
  @DisplayName("S-06 several threads may write at the same time")
  protected void severalThreadsWrite() throws Exception {
    List<List<Change>> batches = new ArrayList<>();
    List<Change> all = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      batches.add(upserts(20, 1));
      all.addAll(batches.get(i));
    }
    ExecutorService writers = Executors.newFixedThreadPool(4);
    try (IndicatorSink sink = open()) {
      List<Future<WriteResult>> results = new ArrayList<>();
      for (List<Change> batch : batches) {
        results.add(writers.submit(() -> sink.write(batch)));
      }
      for (Future<WriteResult> result : results) {
        assertEquals(20, result.get().count(Status.WRITTEN), () -> "S-06: " + result);
      }
      List<Stored> stored = stored(ids(all));
      assertEquals(active(all), new HashSet<>(stored), "S-06: what is stored");
      assertEquals(all.size(), stored.size(), "S-06: records");
    } finally {
      writers.shutdownNow();
      assertTrue(writers.awaitTermination(30, TimeUnit.SECONDS), "S-06: the writers end");
    }
  }

  /** S-07. */
  @Test
  @DisplayName("S-07 a closed sink takes nothing")
  protected void closedSinkTakesNothing() throws Exception {
    List<Change> batch = upserts(1, 1);
    IndicatorSink sink = open();
    sink.close();

    assertThrows(IllegalStateException.class, () -> sink.write(batch), "S-07: after close");
    assertEquals(List.of(), stored(ids(batch)), "S-07: what is stored");
  }

  /** S-08. */
  @Test
  @DisplayName("S-08 the batch is neither changed nor kept")
  protected void batchIsNeitherChangedNorKept() throws Exception {
    List<Change> first = upserts(3, 1);
    List<Change> second = upserts(3, 1);
    List<Change> batch = new ArrayList<>(first);
    try (IndicatorSink sink = open()) {
      sink.write(batch);
      assertEquals(first, batch, "S-08: the batch after the write");

      Collections.copy(batch, second);
      sink.write(upserts(1, 1));
    }
    assertEquals(active(first), new HashSet<>(stored(ids(first))), "S-08: what is stored");
    assertEquals(
        List.of(), stored(ids(second)), "S-08: what came into the list after the write returned");
  }

  /** S-09. */
  @Test
  @DisplayName("S-09 an interrupt ends the write, and is not forgotten")
  protected void interruptEndsTheWrite() throws Exception {
    List<Change> batch = upserts(3, 1);
    try (IndicatorSink sink = open()) {
      Interrupted end =
          inTime(
              "S-09: an interrupted write",
              () -> {
                Thread.currentThread().interrupt();
                try {
                  WriteResult result = sink.write(batch);
                  return new Interrupted(result, Thread.interrupted());
                } catch (InterruptedException e) {
                  return new Interrupted(null, true);
                }
              });
      assertTrue(end.known(), "S-09: the thread is still interrupted, or it is thrown");
      List<Stored> stored = stored(ids(batch));
      WriteResult result = end.result();
      if (result == null) {
        assertEquals(List.of(), stored, "S-09: an InterruptedException says that nothing was sent");
      } else {
        assertEquals(3, result.outcomes().size(), "S-09: outcomes of 3 changes");
        for (int i = 0; i < 3; i++) {
          String id = batch.get(i).id();
          assertTrue(
              result.outcomes().get(i).status() != Status.WRITTEN
                  || stored.stream().anyMatch(record -> record.id().equals(id)),
              "S-09: what is said to be written is stored");
        }
      }
      WriteResult after = sink.write(batch);
      assertEquals(3, after.count(Status.WRITTEN), () -> "S-09: the same batch again: " + after);
    }
  }

  private record Interrupted(@Nullable WriteResult result, boolean known) {}

  /** S-10. */
  @Test
  @DisplayName("S-10 an older generation does not overwrite a newer one")
  protected void olderGenerationDoesNotOverwrite() throws Exception {
    Indicator indicator = indicator();
    Change newer = upsert(indicator, 5);
    Change older = upsert(indicator, 4);
    try (IndicatorSink sink = open()) {
      sink.write(List.of(newer));
      Outcome outcome = sink.write(List.of(older)).outcomes().get(0);
      List<Stored> stored = stored(Set.of(indicator.id()));

      if (sink.info().appendOnly()) {
        assertEquals(Status.WRITTEN, outcome.status(), "S-10: an append-only sink appends");
        assertEquals(List.of(record(newer), record(older)), stored, "S-10: both records, in order");
      } else {
        assertEquals(Status.CONFLICT, outcome.status(), "S-10: the older generation");
        assertEquals(List.of(record(newer)), stored, "S-10: what is stored");
      }
    }
  }

  /** S-11. */
  @Test
  @DisplayName("S-11 a withdrawn indicator is no longer active, also when withdrawn twice")
  protected void withdrawnIndicatorIsNotActive() throws Exception {
    Indicator indicator = indicator();
    Change withdraw = new Change.Withdraw(indicator, 2, Change.Reason.DELISTED, LISTED);
    try (IndicatorSink sink = open()) {
      sink.write(List.of(upsert(indicator, 1)));
      for (int i = 0; i < 2; i++) {
        Outcome outcome = sink.write(List.of(withdraw)).outcomes().get(0);
        assertEquals(Status.WRITTEN, outcome.status(), "S-11: withdrawal " + (i + 1));
        List<Stored> stored = stored(Set.of(indicator.id()));
        if (sink.info().appendOnly()) {
          assertFalse(stored.isEmpty(), "S-11: an append-only sink says it in a record");
          assertEquals(
              record(withdraw), stored.get(stored.size() - 1), "S-11: the last record says it");
        } else {
          assertTrue(
              stored.stream().noneMatch(Stored::active), () -> "S-11: still active: " + stored);
        }
      }
    }
  }

  /** S-12. */
  @Test
  @DisplayName("S-12 closing twice is closing once")
  protected void closingTwiceIsClosingOnce() throws Exception {
    IndicatorSink sink = open();
    sink.write(upserts(1, 1));
    sink.close();
    sink.close();
  }

  /** S-13. */
  @Test
  @DisplayName("S-13 a closed sink leaves no thread")
  protected void closedSinkLeavesNoThread() throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    try (IndicatorSink sink = open()) {
      sink.write(upserts(1, 1));
    }
    Set<Thread> left = new HashSet<>(Thread.getAllStackTraces().keySet());
    left.removeAll(before);
    long end = System.nanoTime() + patience().toNanos();
    for (Thread thread : left) {
      thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
    }
    left.removeIf(thread -> !thread.isAlive());
    assertEquals(Set.of(), left, "S-13: threads that are left");
  }

  /** S-14. */
  @Test
  @DisplayName("S-14 the identity is there and does not change with what is written")
  protected void identityIsStable() throws Exception {
    try (IndicatorSink sink = open()) {
      String identity = sink.info().identity();
      assertFalse(identity.isBlank(), "S-14: the identity is blank");
      sink.write(upserts(2, 1));
      assertEquals(identity, sink.info().identity(), "S-14: the identity after a write");
    }
  }

  /** S-15. */
  @Test
  @DisplayName("S-15 what is told of a feed are its active indicators, or nothing is told")
  protected void activeIndicatorsAreThoseThatAreNotWithdrawn() throws Exception {
    FeedInfo own = feed("contract-ids-" + run);
    List<Change> batch = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      batch.add(upsert(indicator(own), 1));
    }
    Change gone =
        new Change.Withdraw(
            ((Change.Upsert) batch.get(0)).indicator(), 2, Change.Reason.REVOKED, LISTED);
    try (IndicatorSink sink = open()) {
      sink.write(batch);
      sink.write(List.of(gone));
      stored(ids(batch));
      Optional<Stream<StoredIndicator>> told = sink.active(own.id());

      assertEquals(
          abilities().contains(Ability.ACTIVE_IDS), told.isPresent(), "S-15: ids are told");
      if (told.isPresent()) {
        try (Stream<StoredIndicator> active = told.get()) {
          Map<String, Instant> found = new TreeMap<>();
          active.forEach(
              one -> {
                found.put(one.id(), one.added());
                assertTrue(
                    one.generation() == 0 || one.generation() == 1,
                    () -> "S-15: the generation " + one.generation());
              });
          Map<String, Instant> wanted = new TreeMap<>();
          batch.stream().skip(1).forEach(c -> wanted.put(c.id(), ((Change.Upsert) c).added()));
          assertEquals(wanted.keySet(), found.keySet(), "S-15: the ids");
          found.values().removeIf(Objects::isNull);
          wanted.keySet().retainAll(found.keySet());
          assertEquals(wanted, found, "S-15: when they were added, if it is told");
        }
      }
    }
  }

  /** S-16. */
  @Test
  @DisplayName("S-16 closing ends a write that waits")
  protected void closingEndsAWrite() throws Exception {
    assumeTrue(abilities().contains(Ability.STALL), "the target cannot be made to stall");
    List<Change> batch = upserts(3, 1);
    IndicatorSink sink = open();
    stall(true);
    FutureTask<@Nullable WriteResult> write =
        new FutureTask<>(
            () -> {
              try {
                return sink.write(batch);
              } catch (SinkException e) {
                return null;
              }
            });
    Thread writer = new Thread(write, "contract-writer");
    writer.setDaemon(true);
    try {
      writer.start();
      // Long enough that the write waits; if it does not wait yet, closing must end it as well.
      writer.join(200);
      sink.close();
      WriteResult result = write.get(patience().toMillis(), TimeUnit.MILLISECONDS);
      if (result != null) {
        assertEquals(3, result.outcomes().size(), "S-16: outcomes of 3 changes");
        assertEquals(3, result.count(Status.UNSETTLED), () -> "S-16: " + result);
      }
    } catch (TimeoutException e) {
      fail("S-16: the write goes on after close");
    } catch (ExecutionException e) {
      // Closed before the write began.
      assertTrue(e.getCause() instanceof IllegalStateException, () -> "S-16: " + e.getCause());
    } finally {
      stall(false);
      writer.join(patience().toMillis());
    }
  }

  /** S-17. */
  @Test
  @DisplayName("S-17 holdings count what was just written, or are not told at all")
  protected void holdingsCountWhatWasJustWritten() throws Exception {
    FeedInfo own = feed("contract-holdings-" + run);
    List<Change> batch = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      batch.add(upsert(indicator(own), 5));
    }
    Change gone =
        new Change.Withdraw(
            ((Change.Upsert) batch.get(0)).indicator(), 7, Change.Reason.REVOKED, LISTED);
    try (IndicatorSink sink = open()) {
      Optional<Holdings> before = sink.holdings(own.id());
      // Another feed's indicator must not count, whatever its generation.
      sink.write(List.of(upsert(indicator(), 9)));
      sink.write(batch);
      Optional<Holdings> written = sink.holdings(own.id());
      sink.write(List.of(gone));
      Optional<Holdings> withdrawn = sink.holdings(own.id());

      if (abilities().contains(Ability.HOLDINGS)) {
        assertEquals(Optional.of(new Holdings(0, 0)), before, "S-17: before anything is written");
        assertEquals(Optional.of(new Holdings(4, 5)), written, "S-17: after four upserts");
        assertEquals(Optional.of(new Holdings(3, 7)), withdrawn, "S-17: after a withdrawal");
      } else {
        assertEquals(Optional.empty(), withdrawn, "S-17: holdings are told");
      }
    }
  }

  // --- What the rules write --------------------------------------------------------------------

  private <T> T inTime(String what, Callable<T> work) throws Exception {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = new Thread(task, "contract-writer");
    thread.setDaemon(true);
    thread.start();
    try {
      return task.get(patience().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return fail(what + " does not end within " + patience());
    }
  }

  private static FeedInfo feed(String id) {
    return FeedInfo.builder(id)
        .provider("Contract")
        .reference(URI.create("https://feed.example/"))
        .confidence(Confidence.HIGH)
        .role(FeedInfo.Role.C2)
        .coverage(FeedInfo.Coverage.SNAPSHOT)
        .terms(new Terms("free", URI.create("https://feed.example/terms"), true, true, null))
        .types(CyberObservable.Type.DOMAIN_NAME)
        .build();
  }

  private Indicator indicator() {
    return indicator(feed);
  }

  private Indicator indicator(FeedInfo feed) {
    String host = "s" + run + '-' + count++ + ".example";
    return Indicator.builder(CyberObservable.domainName(host), feed).build();
  }

  private List<Change> upserts(int number, long generation) {
    List<Change> out = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      out.add(upsert(indicator(), generation));
    }
    return Collections.unmodifiableList(out);
  }

  private static Change upsert(Indicator indicator, long generation) {
    return new Change.Upsert(indicator, generation, Change.Cause.NEW, ADDED, LISTED);
  }

  private static Stored record(Change change) {
    return new Stored(change.id(), change.generation(), change instanceof Change.Upsert);
  }

  private static Set<Stored> active(List<Change> batch) {
    return batch.stream()
        .map(IndicatorSinkContract::record)
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static Set<String> ids(List<Change> batch) {
    return batch.stream().map(Change::id).collect(Collectors.toSet());
  }
}
