// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import dev.tip.format.Delimited.Header;
import java.io.ByteArrayInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DelimitedTest {

  private static Delimited.Builder table() {
    return Delimited.columns("a", "b");
  }

  private static Indicator.Builder map(Fields fields) {
    return fields.indicator(CyberObservable.mutex(fields.text("a") + "|" + fields.text("b")));
  }

  private static List<String> values(Delimited.Builder table, String body) {
    Reading reading = Reading.of(table.build(DelimitedTest::map), body);
    assertThat(reading.clause()).isNull();
    return reading.entries().stream()
        .map(
            entry ->
                entry instanceof FeedEntry.Accepted accepted
                    ? accepted.indicator().observable().value()
                    : entry instanceof FeedEntry.Rejected rejected
                        ? rejected.position() + " " + rejected.reason()
                        : entry.toString())
        .toList();
  }

  @Test
  void quotedFieldsMayHoldSeparatorsAndDoubledQuotes() {
    assertThat(values(table(), "\"1,2\",\"say \"\"x\"\"\"")).containsExactly("1,2|say \"x\"");
  }

  @Test
  void lineBreakEndsRowWithinQuotesToo() {
    assertThat(values(table(), "\"1,\n2\",3\n4,5")).containsExactly("1 csv-syntax", "2\"|3", "4|5");
  }

  @Test
  void rowsOfOtherLengthsAreRejected() {
    assertThat(values(table(), "1\n1,2,3\n1,2"))
        .containsExactly("1 too-few-columns", "2 too-many-columns", "1|2");
  }

  @Test
  void commentsAndBlankLinesAreNoRows() {
    assertThat(values(table(), "#1,2\n \t\n\n3,4\n# 5,6\n")).containsExactly("3|4");
  }

  @Test
  void missingTextsAreNoValues() {
    assertThat(values(table().missing("None").missing("n/a"), "None,n/a\nnone, None "))
        .containsExactly("null|null", "none|null");
  }

  @Test
  void headerInTheFirstRowIsNoRow() {
    assertThat(values(table().header(Header.FIRST_ROW), "# list\n\"a\",b\n1,2"))
        .containsExactly("1|2");
  }

  @Test
  void headerInCommentIsFoundAmongOtherComments() {
    assertThat(
            values(
                table().header(Header.COMMENT),
                "# a list, made by us\n# \"a\" , \"b\"\n1,2\n# a,c\n3,4"))
        .containsExactly("1|2", "3|4");
  }

  @Test
  void headerMayBeShorterThanTheTable() {
    assertThat(values(Delimited.columns("a", "b", "c").header(Header.COMMENT), "# a,b\n1,2,3"))
        .containsExactly("1|2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1,2", "# c,d\n1,2", "# a,b,c\n1,2", "# b,a\n1,2", "# x,a,b\n1,2", "# a,B\n1,2"})
  void otherHeaderInCommentBreaksTheContract(String body) {
    Delimited parser = table().header(Header.COMMENT).build(DelimitedTest::map);

    assertThat(Reading.of(parser, body)).isEqualTo(new Reading(List.of(), "header"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1,2", "b,a", "a,c", "a,b,c", "a,\"B\"", "\"a,b\""})
  void otherFirstRowBreaksTheContract(String body) {
    Delimited parser = table().header(Header.FIRST_ROW).build(DelimitedTest::map);

    assertThat(Reading.of(parser, body)).isEqualTo(new Reading(List.of(), "header"));
  }

  @Test
  void messageSaysWhichColumnChanged() {
    Delimited parser = table().header(Header.FIRST_ROW).build(DelimitedTest::map);

    assertThatThrownBy(() -> first(parser, "a,c\n")).hasMessageContaining("column 2 is not \"b\"");
    assertThatThrownBy(() -> first(parser, "a,b,c\n")).hasMessageContaining("column 3 is new");
  }

  @ParameterizedTest
  @EnumSource(
      value = Header.class,
      names = {"FIRST_ROW", "COMMENT"})
  void tableThatEndsBeforeItsHeaderBreaksTheContract(Header header) {
    Delimited parser = table().header(header).build(DelimitedTest::map);

    assertThat(Reading.of(parser, "# a list, made by us\n\n"))
        .isEqualTo(new Reading(List.of(), "header"));
    assertThat(Reading.of(parser, "")).isEqualTo(new Reading(List.of(), "header"));
  }

  @Test
  void tableWithoutRowsIsEmpty() {
    assertThat(values(table().header(Header.FIRST_ROW), "# list\na,b\n")).isEmpty();
    assertThat(values(table().header(Header.COMMENT), "# list\n# a,b\n")).isEmpty();
    assertThat(values(table(), "# list\n")).isEmpty();
  }

  private static boolean first(Delimited parser, String body) throws Exception {
    return parser
        .parse(
            new FeedBody(
                new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)), "x", null),
            Reading.FEED)
        .hasNext();
  }

  @Test
  void brokenListStaysBroken() throws Exception {
    Delimited parser = table().header(Header.FIRST_ROW).build(DelimitedTest::map);
    var entries =
        parser.parse(
            new FeedBody(
                new ByteArrayInputStream(new byte[] {'x', '\n', 'a', ',', 'b'}), "x", null),
            Reading.FEED);

    assertThatThrownBy(entries::hasNext).isInstanceOf(UncheckedIOException.class);
    assertThatThrownBy(entries::hasNext).isInstanceOf(UncheckedIOException.class);
    assertThatThrownBy(entries::next).isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void blanksAroundQuotesAreAllowedIfSaid() {
    assertThat(values(table().blanksAroundQuotes(), "\"1\", \"2,3\" \n4, 5"))
        .containsExactly("1|2,3", "4|5");
    assertThat(values(table(), "\"1\", \"2,3\"")).containsExactly("1 too-many-columns");
  }

  @Test
  void separatorsBehindTheLastColumnAreTextIfSaid() {
    assertThat(values(table().unquoted().foldLast(), "1,2,3,,\"4\"\n5"))
        .containsExactly("1|2,3,,\"4\"", "2 too-few-columns");
  }

  @Test
  void statementsInCommentsAreDeclared() {
    Reading reading =
        Reading.of(
            table().build(DelimitedTest::map),
            "# Last updated: 2026-05-17 22:17:15 (UTC)  #\n1,2\n# Number of entries: 1");

    assertThat(reading.declarations()).containsExactly("updated=2026-05-17T22:17:15Z", "records=1");
  }

  @Test
  void rowOfMostBytesIsReadAndOneMoreIsNot() {
    String most = "\"" + "x".repeat(LineReader.MAX_LINE - 5) + "\",y";
    Delimited parser =
        Delimited.columns("a", "b").build(f -> f.indicator(CyberObservable.mutex(f.require("b"))));

    assertThat(most).hasSize(LineReader.MAX_LINE - 1);
    assertThat(Reading.of(parser, most + "y\n1,2").rejections()).isEmpty();
    assertThat(Reading.of(parser, most + "yy\n1,2").rejections())
        .containsExactly("1 line-too-long");
  }

  @Test
  void columnsNeedNamesThatDiffer() {
    assertThatThrownBy(() -> Delimited.columns()).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Delimited.columns("a", "b", "a"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void builderCanGoOnWithoutChangingWhatItBuilt() {
    Delimited.Builder builder = table();
    Delimited first = builder.build(DelimitedTest::map);
    builder.missing("1").separator(';');

    assertThat(Reading.of(first, "1,2").rejections()).isEmpty();
  }
}
