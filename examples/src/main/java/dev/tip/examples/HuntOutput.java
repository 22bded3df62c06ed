// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.elastic.HuntFinding;
import dev.tip.elastic.HuntIndex;
import dev.tip.elastic.HuntReport;
import dev.tip.elastic.RetroHunt;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where the findings of a hunt go: an index, a file of NDJSON, and a table for people. */
final class HuntOutput implements RetroHunt.Receiver {
  private static final int MAX_ROWS = 100;
  private static final int MAX_CELL = 60;

  private final @Nullable HuntIndex index;
  private final @Nullable Writer ndjson;
  private final List<List<String>> rows = new ArrayList<>();
  private long stored;

  HuntOutput(@Nullable HuntIndex index, @Nullable Writer ndjson) {
    this.index = index;
    this.ndjson = ndjson;
    rows.add(List.of("EVENT", "HOST", "FIELD", "VALUE", "LISTS", "SEVERITY"));
  }

  @Override
  public void take(List<HuntFinding> page) throws IOException {
    if (index != null) {
      stored += index.write(page);
    }
    for (HuntFinding finding : page) {
      if (ndjson != null) {
        ndjson.write(finding.toJson());
        ndjson.write('\n');
      }
      if (rows.size() <= MAX_ROWS) {
        rows.add(row(finding));
      }
    }
    if (ndjson != null) {
      ndjson.flush();
    }
  }

  private static List<String> row(HuntFinding finding) throws IOException {
    return List.of(
        finding.eventTime().toString(),
        cell(finding.host().orElse("-")),
        finding.field(),
        cell(finding.value()),
        cell(String.join(", ", finding.lists())),
        finding.rule().severity().value());
  }

  /** An event can hold anything. */
  private static String cell(String text) throws IOException {
    String shown = TextTable.shown(text);
    return shown.length() <= MAX_CELL ? shown : shown.substring(0, MAX_CELL - 1) + '…';
  }

  /** Prints the findings as a table, if there are any, and what was done. */
  void print(HuntReport report, PrintWriter out) {
    if (rows.size() > 1) {
      out.print(TextTable.of(rows));
    }
    if (report.findings() > rows.size() - 1) {
      out.printf(Locale.ROOT, "and %d more%n", report.findings() - rows.size() + 1);
    }
    out.printf(
        Locale.ROOT,
        "hunt: %d findings%s for %d indicators, %d searches, %.1f s%n",
        report.findings(),
        index == null ? "" : ", " + stored + " of them new,",
        report.indicators(),
        report.searches(),
        report.took().toMillis() / 1000.0);
    if (!report.isComplete()) {
      out.printf(Locale.ROOT, "hunt: %d indicators are left%n", report.left());
    }
    report.warnings().forEach(warning -> out.println("hunt: " + warning));
    out.flush();
  }
}
