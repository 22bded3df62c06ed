// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.benchmarks;

import java.util.Arrays;
import java.util.Locale;

/**
 * Compares two tasks by interleaved pairs, because absolute times drift on a shared machine: the
 * result is the median of the ratios, with that of the first task against itself beside it.
 */
final class Pairs {
  private Pairs() {}

  /** A task that does a fixed amount of work. */
  interface Task {
    /** Runs once and returns how many items it handled. */
    long run() throws Exception;
  }

  /**
   * What came out.
   *
   * @param rateA items a second of the first task, median
   * @param rateB items a second of the second task, median
   * @param ratio first over second, median of the pairs
   * @param low lowest ratio
   * @param high highest ratio
   * @param selfLow lowest ratio of the first task against itself
   * @param selfHigh highest ratio of the first task against itself
   */
  record Result(
      double rateA,
      double rateB,
      double ratio,
      double low,
      double high,
      double selfLow,
      double selfHigh) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%,.0f/s against %,.0f/s: ratio %.2f (%.2f to %.2f; same against same %.2f to %.2f)",
          rateA,
          rateB,
          ratio,
          low,
          high,
          selfLow,
          selfHigh);
    }
  }

  static Result compare(int pairs, Task a, Task b) throws Exception {
    a.run();
    b.run();
    double[] ratesA = new double[pairs];
    double[] ratesB = new double[pairs];
    double[] ratios = new double[pairs];
    for (int i = 0; i < pairs; i++) {
      boolean aFirst = i % 2 == 0;
      if (aFirst) {
        ratesA[i] = rate(a);
      }
      ratesB[i] = rate(b);
      if (!aFirst) {
        ratesA[i] = rate(a);
      }
      ratios[i] = ratesA[i] / ratesB[i];
    }
    double[] self = new double[pairs / 2];
    for (int i = 0; i < self.length; i++) {
      self[i] = ratesA[2 * i] / ratesA[2 * i + 1];
    }
    Arrays.sort(self);
    Arrays.sort(ratios);
    return new Result(
        median(ratesA),
        median(ratesB),
        median(ratios),
        ratios[0],
        ratios[pairs - 1],
        self[0],
        self[self.length - 1]);
  }

  private static double rate(Task task) throws Exception {
    long start = System.nanoTime();
    long items = task.run();
    return items * 1e9 / (System.nanoTime() - start);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int mid = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[mid] : (sorted[mid - 1] + sorted[mid]) / 2;
  }
}
