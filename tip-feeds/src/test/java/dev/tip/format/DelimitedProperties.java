// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.FeedBody;
import dev.tip.format.Delimited.Header;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

class DelimitedProperties {
  private static final String[] COLUMNS = {"a", "b", "c"};

  @Provide
  Arbitrary<byte[]> bytes() {
    return ListText.bytes();
  }

  /** Every dialect: separator, header, quotes, blanks around them, folding, missing texts. */
  @Provide
  Arbitrary<Delimited.Builder> dialects() {
    return Combinators.combine(
            Arbitraries.of(',', ';', '\t'),
            Arbitraries.of(Header.class),
            Arbitraries.of(true, false),
            Arbitraries.of(true, false),
            Arbitraries.of("", "a", "b", "c"),
            Arbitraries.integers().between(0, 7))
        .as(
            (separator, header, unquoted, blanks, fold, bits) -> {
              Delimited.Builder builder =
                  Delimited.columns(COLUMNS).separator(separator).header(header).missing("None");
              if (unquoted) {
                builder.unquoted();
              }
              if (blanks) {
                builder.blanksAroundQuotes();
              }
              if (!fold.isEmpty()) {
                builder.foldInto(fold);
              }
              if ((bits & 1) > 0) {
                builder.optionalFrom("b");
              }
              if ((bits & 2) > 0) {
                builder.orColumns("a", "c");
              }
              if (bits > 3 && (header == Header.COMMENT || header == Header.FIRST_ROW)) {
                builder.anyOrder();
              }
              return builder;
            });
  }

  @Property
  void anyBytesEndInEntriesOrBrokenContract(
      @ForAll("bytes") byte[] body,
      @ForAll("dialects") Delimited.Builder dialect,
      @ForAll @IntRange(min = 1, max = 40) int maxLine) {
    Reading reading = Reading.of(dialect.build(DelimitedProperties::map), body, 5, maxLine);

    assertThat(reading.clause()).isIn(null, "header", "encoding");
    assertThat(reading.positions()).isSorted().doesNotHaveDuplicates();
  }

  @Property
  void everyRowIsCountedOnce(@ForAll("bytes") byte[] body) {
    Reading reading = Reading.of(Delimited.columns(COLUMNS).build(DelimitedProperties::map), body);

    List<Long> expected = new ArrayList<>();
    long number = 0;
    for (byte[] line : ListText.lines(body)) {
      number++;
      if (!ListText.strip(line).isEmpty() && line[0] != '#') {
        expected.add(number);
      }
    }
    if (!"encoding".equals(reading.clause())) {
      assertThat(reading.positions()).isEqualTo(expected);
    }
  }

  @Property
  void sizeOfChunksChangesNothing(
      @ForAll("bytes") byte[] body,
      @ForAll("dialects") Delimited.Builder dialect,
      @ForAll @IntRange(min = 1, max = 9) int chunk) {
    Delimited parser = dialect.build(DelimitedProperties::map);

    assertThat(Reading.of(parser, body, chunk, FeedBody.DEFAULT_MAX_LINE_LENGTH))
        .isEqualTo(Reading.of(parser, body));
  }

  @Provide
  Arbitrary<List<List<String>>> tables() {
    Arbitrary<String> field =
        Arbitraries.strings()
            .withChars("ab ,;\t\"#'\\=+-@üΩ\u2028")
            .ofMaxLength(8)
            .map(String::strip);
    return field.list().ofSize(COLUMNS.length).list().ofMaxSize(6);
  }

  @Property
  void tableIsReadAsWritten(
      @ForAll("tables") List<List<String>> table,
      @ForAll("separators") char separator,
      @ForAll("ends") String end,
      @ForAll boolean blanks,
      @ForAll Header header,
      @ForAll boolean byteOrderMark) {
    StringBuilder body = new StringBuilder(byteOrderMark ? "\uFEFF" : "");
    body.append("# a list").append(end);
    String names = String.join(String.valueOf(separator), COLUMNS);
    if (header != Header.NONE) {
      body.append(header == Header.FIRST_ROW ? "" : "# ").append(names).append(end);
    }
    String between = separator + (blanks ? " " : "");
    for (List<String> row : table) {
      body.append(
              row.stream()
                  .map(field -> '"' + field.replace("\"", "\"\"") + '"')
                  .collect(joining(between)))
          .append(end);
    }
    Delimited.Builder dialect =
        Delimited.columns(COLUMNS).separator(separator).header(header).missing("None");
    if (blanks) {
      dialect.blanksAroundQuotes();
    }

    assertThat(rows(dialect, body.toString())).isEqualTo(nulls(table));
  }

  @Property
  void unquotedTableIsReadAsWritten(
      @ForAll("tables") List<List<String>> table, @ForAll("ends") String end) {
    List<List<String>> plain =
        table.stream()
            .map(row -> row.stream().map(field -> "x" + field.replace(",", "")).toList())
            .toList();
    String body = plain.stream().map(row -> String.join(",", row)).collect(joining(end));

    assertThat(rows(Delimited.columns(COLUMNS).unquoted(), body)).isEqualTo(nulls(plain));
  }

  @Property
  void separatorsInTheLastColumnAreItsText(@ForAll("tables") List<List<String>> table) {
    List<List<String>> plain =
        table.stream()
            .map(
                row ->
                    List.of(
                        "x" + row.get(0).replace(",", ""),
                        row.get(1).replace(",", ""),
                        ("y" + row.get(2)).strip()))
            .toList();
    String body = plain.stream().map(row -> String.join(",", row) + '\n').collect(joining());

    assertThat(rows(Delimited.columns(COLUMNS).unquoted().foldInto("c"), body))
        .isEqualTo(nulls(plain));
  }

  @Property
  void separatorsInAMiddleColumnAreItsText(
      @ForAll("tables") List<List<String>> table, @ForAll boolean quoted) {
    List<List<String>> plain =
        table.stream()
            .map(
                row ->
                    List.of(
                        "x" + row.get(0).replace(",", ""),
                        ("y" + row.get(1).replace("\"", "")).strip(),
                        "z" + row.get(2).replace(",", "").replace("\"", "")))
            .toList();
    String body = plain.stream().map(row -> String.join(",", row) + '\n').collect(joining());
    Delimited.Builder dialect = Delimited.columns(COLUMNS).foldInto("b");

    assertThat(rows(quoted ? dialect : dialect.unquoted(), body)).isEqualTo(nulls(plain));
  }

  @Provide
  Arbitrary<Character> separators() {
    return Arbitraries.of(',', ';', '\t', '|');
  }

  @Provide
  Arbitrary<String> ends() {
    return Arbitraries.of("\n", "\r", "\r\n");
  }

  private static List<List<@Nullable String>> rows(Delimited.Builder dialect, String body) {
    List<List<@Nullable String>> rows = new ArrayList<>();
    Delimited parser =
        dialect.build(
            fields -> {
              rows.add(Arrays.stream(COLUMNS).map(fields::text).collect(Collectors.toList()));
              return fields.indicator(CyberObservable.mutex("row"));
            });
    Reading reading = Reading.of(parser, body.getBytes(StandardCharsets.UTF_8));
    assertThat(reading.clause()).isNull();
    assertThat(reading.rejections()).isEmpty();
    return rows;
  }

  /** A blank field has no value. */
  private static List<List<@Nullable String>> nulls(List<List<String>> table) {
    List<List<@Nullable String>> rows = new ArrayList<>();
    for (List<String> row : table) {
      rows.add(row.stream().map(f -> f.isBlank() ? null : f.strip()).collect(Collectors.toList()));
    }
    return rows;
  }

  private static Indicator.Builder map(Fields fields) {
    return fields.indicator(
        CyberObservable.mutex(
            Arrays.stream(COLUMNS).map(fields::text).map(String::valueOf).collect(joining("|"))));
  }
}
