// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;

/**
 * Compares two tasks by interleaved pairs, because absolute times drift on a shared machine: the
 * result is the median of the ratios, with that of the first task against itself beside it.
 */
final class Pairs {
  private static final int WARM_UP = 3;

  private Pairs() {}

  /** A task that does a fixed amount of work. */
  interface Task {
    /** Runs once and returns how many items it handled. */
    long run() throws Exception;
  }

  /** What came out: rates are items a second, a ratio is the first task's over the second's. */
  record Result(double rateA, double rateB, Spread wall, Spread cpu, Spread self) {
    /** Returns the ratio by CPU time of the thread, for tasks that do all in it. */
    String byCpu() {
      return "by CPU time of the thread: ratio " + cpu;
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%,.0f/s against %,.0f/s: ratio %s; same against same %s",
          rateA,
          rateB,
          wall,
          self);
    }
  }

  /** Ratios: the median, the lowest and the highest. */
  record Spread(double median, double low, double high) {
    static Spread of(double[] ratios) {
      double[] sorted = ratios.clone();
      Arrays.sort(sorted);
      return new Spread(Pairs.median(ratios), sorted[0], sorted[sorted.length - 1]);
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.2f (%.2f to %.2f)", median, low, high);
    }
  }

  private record Run(double rate, double cpuRate) {
    static Run of(Task task) throws Exception {
      ThreadMXBean threads = ManagementFactory.getThreadMXBean();
      long cpuStart = threads.getCurrentThreadCpuTime();
      long start = System.nanoTime();
      long items = task.run();
      long wall = System.nanoTime() - start;
      long cpu = Math.max(1, threads.getCurrentThreadCpuTime() - cpuStart);
      return new Run(items * 1e9 / wall, items * 1e9 / cpu);
    }
  }

  /** Runs a pair more often than asked, first, because code is slow until it is compiled. */
  static Result compare(int pairs, Task a, Task b) throws Exception {
    for (int i = 0; i < WARM_UP; i++) {
      Run.of(a);
      Run.of(b);
    }
    double[] ratesA = new double[pairs];
    double[] ratesB = new double[pairs];
    double[] wall = new double[pairs];
    double[] cpu = new double[pairs];
    double[] self = new double[pairs];
    for (int i = 0; i < pairs; i++) {
      // The order changes, so that neither task always meets what the other left behind.
      Run runB = i % 2 == 0 ? null : Run.of(b);
      Run runA = Run.of(a);
      if (runB == null) {
        runB = Run.of(b);
      }
      ratesA[i] = runA.rate;
      ratesB[i] = runB.rate;
      wall[i] = runA.rate / runB.rate;
      cpu[i] = runA.cpuRate / runB.cpuRate;
      self[i] = Run.of(a).rate / runA.rate;
    }
    return new Result(
        median(ratesA), median(ratesB), Spread.of(wall), Spread.of(cpu), Spread.of(self));
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int mid = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[mid] : (sorted[mid - 1] + sorted[mid]) / 2;
  }
}
