// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.tip.Confidence;
import dev.tip.CyberObservable.Type;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedInfo.Coverage;
import dev.tip.feed.FeedInfo.Role;
import dev.tip.feed.Terms;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** FastCSV is the reference of what a row means. */
class RowSplitterProperties {
  private static final String[] NAMES = "abcdefghijklmnopqrstuvwxyz".split("");
  private static final FeedInfo FEED =
      FeedInfo.builder("test")
          .name("Test")
          .provider("Test")
          .reference(URI.create("https://test.example/"))
          .description("Test")
          .role(Role.REPUTATION)
          .coverage(Coverage.SNAPSHOT)
          .timeToLive(null)
          .minInterval(Duration.ZERO)
          .terms(new Terms("none", URI.create("https://test.example/"), true, true, null))
          .types(Type.URL)
          .confidence(Confidence.HIGH)
          .build();

  @Property(tries = 5000)
  void rowsAreWhatFastCsvReads(@ForAll("rows") String row, @ForAll boolean blanksAroundQuotes)
      throws IOException {
    assertThat(split(row, blanksAroundQuotes, false)).isEqualTo(reference(row, blanksAroundQuotes));
  }

  @Property
  void unquotedRowsAreCutAtEverySeparator(@ForAll("rows") String row) throws IOException {
    LineReader lines = line(row);
    Fields fields = fields(-1);
    fields.begin(lines);

    assertThat(
            new RowSplitter(',', false, true)
                .split(lines.bytes(), lines.start(), lines.end(), fields))
        .isTrue();

    assertThat(fields.texts()).isEqualTo(stripped(List.of(row.split(",", -1))));
  }

  @Example
  void foldedTextKeepsItsSeparatorsAndQuotes() throws IOException {
    String before = ",".repeat(NAMES.length - 1);

    assertThat(split(before + "8 \"x\", 9", false, true)).endsWith("8 \"x\", 9");
    assertThat(split(before + "\"8\", 9", false, true)).endsWith("\"8\", 9");
    assertThat(split(before + "\"8, 9\"", false, true)).endsWith("8, 9");
  }

  @Provide
  Arbitrary<String> rows() {
    Arbitrary<String> part =
        Arbitraries.of("\"", "\"", "\"\"", " ", "x", "yz", "\u00e9", "\ud83d\ude00", ",", "\t");
    Arbitrary<String> field = part.list().ofMaxSize(5).map(parts -> String.join("", parts));
    return field.list().ofMinSize(1).ofMaxSize(4).map(fields -> String.join(",", fields));
  }

  private static @Nullable List<String> split(
      String row, boolean blanksAroundQuotes, boolean foldLast) throws IOException {
    LineReader lines = line(row);
    Fields fields = fields(foldLast ? NAMES.length - 1 : -1);
    fields.begin(lines);
    return new RowSplitter(',', true, blanksAroundQuotes)
            .split(lines.bytes(), lines.start(), lines.end(), fields)
        ? fields.texts()
        : null;
  }

  private static LineReader line(String row) throws IOException {
    LineReader lines =
        new LineReader(
            new ByteArrayInputStream((row + '\n').getBytes(StandardCharsets.UTF_8)),
            LineReader.MAX_LINE);
    assertThat(lines.next()).isTrue();
    return lines;
  }

  private static Fields fields(int fold) {
    Fields fields = new Fields(FEED, "rows.csv", NAMES, Set.of());
    int[] places = IntStream.range(0, NAMES.length).toArray();
    fields.layout(new Fields.Layout(places, fold, NAMES.length));
    return fields;
  }

  private static @Nullable List<String> reference(String row, boolean blanksAroundQuotes)
      throws IOException {
    try (CsvReader<CsvRecord> reader =
        CsvReader.builder()
            .commentStrategy(CommentStrategy.NONE)
            .skipEmptyLines(false)
            .allowUnclosedQuote(false)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .trimWhitespacesAroundQuotes(blanksAroundQuotes)
            .ofCsvRecord(row + '\n')) {
      return stripped(reader.iterator().next().getFields());
    } catch (CsvParseException e) {
      return null;
    }
  }

  private static List<String> stripped(List<String> fields) {
    return fields.stream().map(String::strip).toList();
  }
}
