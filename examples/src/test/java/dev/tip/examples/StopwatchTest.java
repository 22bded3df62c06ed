// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class StopwatchTest {
  @Test
  void stepsOfTheLauncherComeBeforeItsOwn() {
    Deque<Long> times = new ArrayDeque<>(List.of(0L, 1_500_000_000L, 1_600_000_000L));
    Properties launch = new Properties();
    launch.setProperty("tip.launch.resolve", "4");
    launch.setProperty("tip.launch.build", "31");
    Stopwatch stopwatch = new Stopwatch(times::remove).launcher(launch);
    stopwatch.lap("server");
    stopwatch.lap("feeds");
    assertThat(stopwatch).hasToString("resolve 4 s, build 31 s, server 1.5 s, feeds 0.1 s");
  }
}
