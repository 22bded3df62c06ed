// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.tip.benchmarks.Lists.Kind;
import dev.tip.sink.NdjsonSink;
import dev.tip.sync.FeedReport;
import dev.tip.sync.FeedSync;
import dev.tip.sync.SyncReport;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What a later run costs against the first one, and how large the ledger is. The sink encodes what
 * it gets and forgets it, so the time is the client's.
 */
final class DeltaBudget {
  private static final int ROWS = Integer.getInteger("tip.benchmarks.rows", 1_000_000);
  private static final int CHANGED_EVERY = 100;

  private DeltaBudget() {}

  static void run() throws IOException, InterruptedException {
    Lists list = Lists.of(Kind.URLHAUS, ROWS);
    Budgets.print("delta: " + list);
    Path state = list.file().resolveSibling("state");
    delete(state);
    try (NdjsonSink sink = NdjsonSink.builder(OutputStream.nullOutputStream()).build()) {
      double first = run("first", list, sink, state);
      compare(run("the same list", list, sink, state), first);
      change(list.file());
      compare(run("1 % changed", list, sink, state), first);
    }
    long bytes = 0;
    try (Stream<Path> files = Files.list(state)) {
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
    }
    Budgets.print(
        String.format(
            Locale.ROOT,
            "  ledger: %,d bytes, %.0f an indicator; heap %d MB",
            bytes,
            (double) bytes / ROWS,
            Runtime.getRuntime().maxMemory() >> 20));
    delete(state);
    // The next measurement wants the list as it is made.
    Files.delete(list.file());
  }

  private static double run(String name, Lists list, NdjsonSink sink, Path state)
      throws InterruptedException, IOException {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = system.getProcessCpuTime();
    long start = System.nanoTime();
    SyncReport report =
        FeedSync.builder()
            .sink(sink)
            .context(list.context())
            .state(state)
            .build()
            .run(List.of(list.feed()));
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuSeconds = (system.getProcessCpuTime() - cpu) / 1e9;
    if (report.anyFailed()) {
      throw new IOException(report.toTable());
    }
    FeedReport feed = report.feeds().get(0);
    Budgets.print(
        String.format(
            Locale.ROOT,
            "  %s: %,d sent, %.1f s, %.1f s of CPU time",
            name,
            feed.sinkOperations(),
            seconds,
            cpuSeconds));
    return cpuSeconds;
  }

  private static void compare(double cpuSeconds, double first) {
    Budgets.print(
        String.format(Locale.ROOT, "    CPU time against the first: %.2f", cpuSeconds / first));
  }

  private static void change(Path file) throws IOException {
    Path changed = file.resolveSibling("changed");
    try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.UTF_8);
        BufferedWriter out = Files.newBufferedWriter(changed, StandardCharsets.UTF_8)) {
      int row = 0;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        boolean isRow = line.startsWith("\"");
        if (isRow && row++ % CHANGED_EVERY == 0) {
          out.write(line.replace("\"malware_download\",\"", "\"malware_download\",\"changed,"));
        } else {
          out.write(line);
        }
        out.write("\r\n");
      }
    }
    Files.move(changed, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }
}
