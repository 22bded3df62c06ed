// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Rows of text in aligned columns, and what stands in them. */
final class TextTable {
  /** Escapes everything but ASCII: what a publisher wrote must not drive a terminal. */
  static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private TextTable() {}

  /** Returns the text as it is if it is of visible ASCII, and as a JSON string otherwise. */
  static String shown(String text) throws JsonProcessingException {
    boolean plain = !text.isEmpty() && text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
    return plain ? text : JSON.writeValueAsString(text);
  }

  /** Returns a time to the second, or a hyphen. */
  static String time(Optional<Instant> time) {
    return time.map(t -> t.truncatedTo(ChronoUnit.SECONDS).toString()).orElse("-");
  }

  /**
   * Returns the rows as lines.
   *
   * @param rows all of the same length, the first one the head
   */
  static String of(List<List<String>> rows) {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder out = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String cell = row.get(i);
        line.append(cell).append(" ".repeat(widths[i] - cell.length() + 2));
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
    return out.toString();
  }
}
