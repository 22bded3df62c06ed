// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.benchmarks;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import dev.tip.benchmarks.Lists.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Measures the budgets, each by its name.
 *
 * <p>{@code csv}: a CSV list to indicators against FastCSV that touches every field. {@code plain}:
 * a plain list to indicators against bare lines. {@code heap}: a long list to NDJSON in a bounded
 * heap; {@code zip}: likewise one in a zip archive. {@code documents}: STIX, MISP, OTX and OpenIOC
 * to indicators. {@code delta}: later runs against the first. {@code index}, {@code feed}, {@code
 * encode}: what {@link ServerBudgets} measures. {@code preview}: how long the preview of a rule
 * takes.
 */
public final class Budgets {
  private static final int PAIRS = 11;

  private Budgets() {}

  /** Runs the named measurements and prints what they gave. */
  public static void main(String[] args) throws Exception {
    print(Machine.describe());
    for (String name : args.length == 0 ? new String[] {"csv", "plain"} : args) {
      switch (name) {
        case "csv" -> csv();
        case "delta" -> DeltaBudget.run();
        case "documents" -> DocumentBudget.run();
        case "heap" -> HeapBudget.run();
        case "plain" -> plain();
        case "preview" -> PreviewBudget.run();
        case "zip" -> HeapBudget.zip();
        case "index", "feed", "encode" -> server(name);
        default -> throw new IllegalArgumentException("no such measurement: " + name);
      }
    }
  }

  private static void csv() throws Exception {
    for (Kind kind : List.of(Kind.URLHAUS, Kind.MALWAREBAZAAR)) {
      Lists list = Lists.of(kind, 400_000);
      print("csv: " + list);
      report(Pairs.compare(PAIRS, list::read, () -> fastCsv(list.file())));
    }
  }

  private static void plain() throws Exception {
    Lists list = Lists.of(Kind.IPV4, 2_000_000);
    print("plain: " + list);
    report(Pairs.compare(PAIRS, list::read, () -> lines(list.file())));
  }

  private static void report(Pairs.Result result) {
    print("  " + result);
    print("  " + result.byCpu());
  }

  private static void server(String name) throws Exception {
    try (ServerBudgets server = ServerBudgets.start()) {
      switch (name) {
        case "index" -> server.index();
        case "feed" -> server.feed();
        default -> server.encode();
      }
    }
  }

  private static long fastCsv(Path file) throws IOException {
    long rows = 0;
    long length = 0;
    try (CsvReader<CsvRecord> reader =
        CsvReader.builder().commentStrategy(CommentStrategy.SKIP).ofCsvRecord(file)) {
      for (CsvRecord row : reader) {
        for (int i = 0; i < row.getFieldCount(); i++) {
          length += row.getField(i).length();
        }
        rows++;
      }
    }
    return length > 0 ? rows : 0;
  }

  private static long lines(Path file) throws IOException {
    long lines = 0;
    long length = 0;
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        length += line.length();
        lines++;
      }
    }
    return length > 0 ? lines : 0;
  }

  @SuppressWarnings("SystemOut")
  static void print(Object text) {
    System.out.printf(Locale.ROOT, "%s%n", text);
  }
}
