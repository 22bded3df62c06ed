// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.function.LongSupplier;

/** Says where the time went. */
final class Stopwatch {
  private final LongSupplier nanoTime;
  private final List<String> laps = new ArrayList<>();
  private long last;

  Stopwatch(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.last = nanoTime.getAsLong();
  }

  /** Adds what the launcher has measured, in whole seconds. */
  Stopwatch launcher(Properties properties) {
    for (String step : List.of("resolve", "build")) {
      String seconds = properties.getProperty("tip.launch." + step);
      if (seconds != null) {
        laps.add(step + " " + seconds + " s");
      }
    }
    return this;
  }

  /** Ends a step. */
  void lap(String name) {
    long now = nanoTime.getAsLong();
    laps.add(String.format(Locale.ROOT, "%s %.1f s", name, (now - last) / 1e9));
    last = now;
  }

  @Override
  public String toString() {
    return String.join(", ", laps);
  }
}
