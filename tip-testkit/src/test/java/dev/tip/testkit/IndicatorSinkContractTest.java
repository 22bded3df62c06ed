// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.opentest4j.TestAbortedException;

/** One saboteur a rule: each must fail its rule and no other. */
@Timeout(120)
class IndicatorSinkContractTest {
  @FunctionalInterface
  private interface Rule {
    void check(IndicatorSinkContract contract) throws Exception;
  }

  private static final Map<String, Rule> RULES = new LinkedHashMap<>();

  static {
    RULES.put("S-01", IndicatorSinkContract::emptyBatchHasNoOutcomes);
    RULES.put("S-02", IndicatorSinkContract::everyChangeHasAnOutcome);
    RULES.put("S-03", IndicatorSinkContract::twiceIsOnce);
    RULES.put("S-04", IndicatorSinkContract::refusedChangeIsNamed);
    RULES.put("S-05", IndicatorSinkContract::outageIsSaid);
    RULES.put("S-06", IndicatorSinkContract::severalThreadsWrite);
    RULES.put("S-07", IndicatorSinkContract::closedSinkTakesNothing);
    RULES.put("S-08", IndicatorSinkContract::batchIsNeitherChangedNorKept);
    RULES.put("S-09", IndicatorSinkContract::interruptEndsTheWrite);
    RULES.put("S-10", IndicatorSinkContract::olderGenerationDoesNotOverwrite);
    RULES.put("S-11", IndicatorSinkContract::withdrawnIndicatorIsNotActive);
    RULES.put("S-12", IndicatorSinkContract::closingTwiceIsClosingOnce);
    RULES.put("S-13", IndicatorSinkContract::closedSinkLeavesNoThread);
    RULES.put("S-14", IndicatorSinkContract::identityIsStable);
    RULES.put("S-15", IndicatorSinkContract::activeIndicatorsAreThoseThatAreNotWithdrawn);
    RULES.put("S-16", IndicatorSinkContract::closingEndsAWrite);
    RULES.put("S-17", IndicatorSinkContract::holdingsCountWhatWasJustWritten);
  }

  private static final Map<String, Function<MemorySink.Target, IndicatorSink>> SABOTEURS =
      new LinkedHashMap<>();

  static {
    SABOTEURS.put("S-01", EmptyBatchFails::new);
    SABOTEURS.put("S-02", LastOfSevenIsForgotten::new);
    SABOTEURS.put("S-03", SecondTimeIsRefused::new);
    SABOTEURS.put("S-04", WrongOneIsNamed::new);
    SABOTEURS.put("S-05", OutageIsHidden::new);
    SABOTEURS.put("S-06", OnlyOneThreadAtATime::new);
    SABOTEURS.put("S-07", WritesAfterClose::new);
    SABOTEURS.put("S-08", KeepsTheBatch::new);
    SABOTEURS.put("S-09", ForgetsTheInterrupt::new);
    SABOTEURS.put("S-10", LastOneWins::new);
    SABOTEURS.put("S-11", IgnoresWithdrawals::new);
    SABOTEURS.put("S-12", SecondCloseFails::new);
    SABOTEURS.put("S-13", LeavesAThread::new);
    SABOTEURS.put("S-14", IdentityCountsWrites::new);
    SABOTEURS.put("S-15", TellsWithdrawnIds::new);
    SABOTEURS.put("S-16", CloseEndsNothing::new);
    SABOTEURS.put("S-17", TellsHoldingsOfBefore::new);
  }

  @TestFactory
  Stream<DynamicTest> saboteurFailsItsRuleAndNoOther() {
    return RULES.keySet().stream()
        .map(
            rule ->
                DynamicTest.dynamicTest(
                    rule, () -> assertThat(failures(SABOTEURS.get(rule))).containsExactly(rule)));
  }

  @Test
  void goodSinkFailsNoRule() throws Exception {
    assertThat(failures(MemorySink::new)).isEmpty();
  }

  @Test
  void everyRuleIsATestAndHasASaboteur() {
    long tests =
        Stream.of(IndicatorSinkContract.class.getDeclaredMethods())
            .filter(method -> method.isAnnotationPresent(Test.class))
            .count();

    assertThat(SABOTEURS.keySet()).isEqualTo(RULES.keySet()).hasSize((int) tests);
  }

  @Test
  void sinkThatClaimsNothingIsHeldToThat() throws Exception {
    MemorySinkContractTest modest = new MemorySinkContractTest();
    modest.abilities = Set.of();

    assertThat(failures(modest)).containsExactly("S-15", "S-17");
  }

  private static Set<String> failures(Function<MemorySink.Target, IndicatorSink> sink)
      throws Exception {
    MemorySinkContractTest contract = new MemorySinkContractTest();
    contract.sinks = sink;
    contract.patience = Duration.ofMillis(500);
    return failures(contract);
  }

  private static Set<String> failures(IndicatorSinkContract contract) throws Exception {
    Set<String> failed = new TreeSet<>();
    for (Map.Entry<String, Rule> rule : RULES.entrySet()) {
      try {
        rule.getValue().check(contract);
      } catch (TestAbortedException e) {
        // A rule that does not apply has not failed.
      } catch (AssertionError | IOException | RuntimeException | ExecutionException e) {
        failed.add(rule.getKey());
      }
    }
    return failed;
  }

  private static final class EmptyBatchFails extends MemorySink {
    EmptyBatchFails(Target target) {
      super(target);
    }

    @Override
    public WriteResult write(List<Change> batch) throws IOException, InterruptedException {
      WriteResult result = super.write(batch);
      return batch.isEmpty() ? new WriteResult(List.of(Outcome.WRITTEN)) : result;
    }
  }

  private static final class LastOfSevenIsForgotten extends MemorySink {
    LastOfSevenIsForgotten(Target target) {
      super(target);
    }

    @Override
    public WriteResult write(List<Change> batch) throws IOException, InterruptedException {
      List<Outcome> outcomes = super.write(batch).outcomes();
      return new WriteResult(outcomes.size() == 7 ? outcomes.subList(0, 6) : outcomes);
    }
  }

  private static final class SecondTimeIsRefused extends MemorySink {
    SecondTimeIsRefused(Target target) {
      super(target);
    }

    @Override
    Outcome store(Change change) {
      Change held = target.held.get(change.id());
      return held == change && change instanceof Change.Upsert
          ? new Outcome(Status.REFUSED, "already-there", null)
          : super.store(change);
    }
  }

  private static final class WrongOneIsNamed extends MemorySink {
    WrongOneIsNamed(Target target) {
      super(target);
    }

    @Override
    public WriteResult write(List<Change> batch) throws IOException, InterruptedException {
      List<Outcome> outcomes = new ArrayList<>(super.write(batch).outcomes());
      Collections.rotate(outcomes, 1);
      return new WriteResult(outcomes);
    }
  }

  private static final class OutageIsHidden extends MemorySink {
    OutageIsHidden(Target target) {
      super(target);
    }

    @Override
    public WriteResult write(List<Change> batch) throws IOException, InterruptedException {
      try {
        return super.write(batch);
      } catch (SinkException e) {
        return new WriteResult(Collections.nCopies(batch.size(), Outcome.WRITTEN));
      }
    }
  }

  private static final class OnlyOneThreadAtATime extends MemorySink {
    private final Thread owner;

    OnlyOneThreadAtATime(Target target) {
      super(target);
      owner = Thread.currentThread();
    }

    @Override
    public WriteResult write(List<Change> batch) throws IOException, InterruptedException {
      if (Thread.currentThread() != owner && batch.size() == 20) {
        throw new IllegalStateException("written to by another thread");
      }
      return super.write(batch);
    }
  }

  private static final class WritesAfterClose implements IndicatorSink {
    private final MemorySink.Target target;
    private MemorySink inner;

    WritesAfterClose(MemorySink.Target target) {
      this.target = target;
      this.inner = new MemorySink(target);
    }

    @Override
    public SinkInfo info() {
      return inner.info();
    }

    @Override
    public WriteResult write(List<Change> batch) throws IOException, InterruptedException {
      MemorySink sink = inner;
      return (sink.isClosed() ? new MemorySink(target) : sink).write(batch);
    }

    @Override
    public Optional<Stream<StoredIndicator>> active(String feedId)
        throws IOException, InterruptedException {
      return inner.active(feedId);
    }

    @Override
    public Optional<Holdings> holdings(String feedId) throws IOException, InterruptedException {
      return inner.holdings(feedId);
    }

    @Override
    public void close() throws IOException {
      inner.close();
    }
  }

  private static final class KeepsTheBatch extends MemorySink {
    private List<Change> kept = List.of();

    KeepsTheBatch(Target target) {
      super(target);
    }

    @Override
    public synchronized WriteResult write(List<Change> batch)
        throws IOException, InterruptedException {
      List<Change> before = kept;
      if (batch instanceof ArrayList) {
        kept = batch;
      }
      synchronized (target) {
        before.forEach(this::store);
      }
      return super.write(batch);
    }
  }

  private static final class ForgetsTheInterrupt extends MemorySink {
    ForgetsTheInterrupt(Target target) {
      super(target);
    }

    @Override
    public WriteResult write(List<Change> batch) throws IOException, InterruptedException {
      boolean unused = Thread.interrupted();
      return super.write(batch);
    }
  }

  private static final class LastOneWins extends MemorySink {
    LastOneWins(Target target) {
      super(target);
    }

    @Override
    Outcome store(Change change) {
      if (target.refused.contains(change.id())) {
        return super.store(change);
      }
      target.held.put(change.id(), change);
      return Outcome.WRITTEN;
    }
  }

  private static final class IgnoresWithdrawals extends MemorySink {
    IgnoresWithdrawals(Target target) {
      super(target);
    }

    @Override
    Outcome store(Change change) {
      return change instanceof Change.Withdraw withdraw
              && withdraw.reason() == Change.Reason.DELISTED
          ? Outcome.WRITTEN
          : super.store(change);
    }
  }

  private static final class SecondCloseFails extends MemorySink {
    SecondCloseFails(Target target) {
      super(target);
    }

    @Override
    public void close() throws IOException {
      if (isClosed()) {
        throw new IOException("closed already");
      }
      super.close();
    }
  }

  private static final class LeavesAThread extends MemorySink {
    LeavesAThread(Target target) {
      super(target);
      CountDownLatch never = new CountDownLatch(1);
      Thread thread =
          new Thread(
              () -> {
                try {
                  never.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              },
              "left-behind");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private static final class IdentityCountsWrites extends MemorySink {
    private final AtomicInteger writes = new AtomicInteger();

    IdentityCountsWrites(Target target) {
      super(target);
    }

    @Override
    public SinkInfo info() {
      return new SinkInfo("memory-" + writes, false, false);
    }

    @Override
    Outcome store(Change change) {
      writes.incrementAndGet();
      return super.store(change);
    }
  }

  private static final class TellsWithdrawnIds extends MemorySink {
    TellsWithdrawnIds(Target target) {
      super(target);
    }

    @Override
    public Optional<Stream<StoredIndicator>> active(String feedId) {
      synchronized (target) {
        return Optional.of(List.copyOf(target.held.values()).stream().map(MemorySink::stored));
      }
    }
  }

  private static final class CloseEndsNothing extends MemorySink {
    CloseEndsNothing(Target target) {
      super(target);
    }

    @Override
    public WriteResult write(List<Change> batch) throws IOException, InterruptedException {
      synchronized (target) {
        while (target.stalled) {
          target.wait();
        }
      }
      return super.write(batch);
    }
  }

  /** As a search that does not see yet what was written last. */
  private static final class TellsHoldingsOfBefore extends MemorySink {
    private Optional<Holdings> before = Optional.of(new Holdings(0, 0));

    TellsHoldingsOfBefore(Target target) {
      super(target);
    }

    @Override
    public Optional<Holdings> holdings(String feedId) throws IOException, InterruptedException {
      Optional<Holdings> told = before;
      before = super.holdings(feedId);
      return told;
    }
  }
}
