// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.benchmarks;

import dev.tip.benchmarks.Lists.Kind;
import dev.tip.sink.NdjsonSink;
import dev.tip.sync.FeedSync;
import dev.tip.sync.SyncReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A long list to NDJSON, in a heap that the caller bounds with {@code -Xmx}. */
final class HeapBudget {
  private static final int ROWS = Integer.getInteger("tip.benchmarks.rows", 1_000_000);
  private static final Path STATUS = Path.of("/proc/self/status");

  private HeapBudget() {}

  static void run() throws IOException, InterruptedException {
    run("heap", Lists.of(Kind.URLHAUS, ROWS));
  }

  /** The same with a list that comes as the only entry of a zip archive. */
  static void zip() throws IOException, InterruptedException {
    run("zip", Lists.zipped(Kind.MALWAREBAZAAR, ROWS));
  }

  private static void run(String name, Lists list) throws IOException, InterruptedException {
    Budgets.print(name + ": " + list);
    Path out = list.file().resolveSibling("out.ndjson");
    Files.deleteIfExists(out);
    long start = System.nanoTime();
    SyncReport report;
    try (NdjsonSink sink = NdjsonSink.builder(out).build()) {
      report =
          FeedSync.builder().sink(sink).context(list.context()).build().run(List.of(list.feed()));
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    if (report.anyFailed()) {
      throw new IOException(report.toTable());
    }
    Budgets.print(
        String.format(
            Locale.ROOT,
            "  %,d rows in %.1f s (%,.0f/s), %,d bytes of NDJSON; heap %d MB, %s",
            ROWS,
            seconds,
            ROWS / seconds,
            Files.size(out),
            Runtime.getRuntime().maxMemory() >> 20,
            residentSet()));
    Files.delete(out);
  }

  private static String residentSet() throws IOException {
    if (!Files.isReadable(STATUS)) {
      return "resident set unknown";
    }
    return Files.readAllLines(STATUS, StandardCharsets.UTF_8).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .map(line -> "resident set at most " + line.substring(6).strip())
        .findFirst()
        .orElse("resident set unknown");
  }
}
