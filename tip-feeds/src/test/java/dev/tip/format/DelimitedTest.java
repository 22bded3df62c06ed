// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import dev.tip.format.Delimited.Header;
import java.io.ByteArrayInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
    assertThat(values(table().unquoted().foldInto("b"), "1,2,3,,\"4\"\n5"))
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

  @Test
  void separatorsInTheMiddleColumnAreItsText() {
    Delimited.Builder tweets =
        Delimited.columns("date", "user", "type", "value", "tags", "link")
            .unquoted()
            .foldInto("value");

    assertThat(values(tweets, "value", "d,u,url,http://x.example/a,b,c,#t,l"))
        .isEqualTo("http://x.example/a,b,c");
    assertThat(values(tweets, "tags", "d,u,url,http://x.example/a,b,c,,l")).isEqualTo("null");
    assertThat(values(tweets, "link", "d,u,url,,,#t,l")).isEqualTo("l");
    assertThat(values(tweets, "value", "d,u,url,v,#t")).isEqualTo("too-few-columns");
  }

  @Test
  void quotedColumnsBehindTheMiddleOneKeepTheirSeparators() {
    Delimited.Builder table = Delimited.columns("id", "url", "online", "target").foldInto("url");

    assertThat(values(table, "url", "7,http://x.example/a,b,yes,\"Other, Inc.\""))
        .isEqualTo("http://x.example/a,b");
    assertThat(values(table, "target", "7,http://x.example/a,b,yes,\"Other, Inc.\""))
        .isEqualTo("Other, Inc.");
    assertThat(values(table, "url", "7,\"http://x.example/a,b\",yes,Other"))
        .isEqualTo("http://x.example/a,b");
    assertThat(values(table, "url", "7,http://x.example/\"a,b\",yes,Other"))
        .isEqualTo("http://x.example/\"a,b\"");
    assertThat(values(table, "url", "7,http://x.example/a,\"b,yes,Other"))
        .isEqualTo("http://x.example/a,\"b");
  }

  @Test
  void rowMayEndBeforeAnOptionalColumn() {
    Delimited.Builder table = Delimited.columns("a", "b", "c").optionalFrom("b");

    assertThat(values(table, "a", "1")).isEqualTo("1");
    assertThat(values(table, "c", "1,2")).isEqualTo("null");
    assertThat(values(table, "c", "1,2,3")).isEqualTo("3");
    assertThat(values(table, "c", "1,2,3,4")).isEqualTo("too-many-columns");
  }

  @Test
  void headerTellsWhichOfItsColumnsTheTableHas() {
    Delimited.Builder table =
        Delimited.columns("a", "b", "new", "c").orColumns("a", "b", "c").header(Header.COMMENT);

    assertThat(values(table, "c", "# a,b,new,c\n1,2,3,4")).isEqualTo("4");
    assertThat(values(table, "c", "# a,b,c\n1,2,4")).isEqualTo("4");
    assertThat(values(table, "new", "# a,b,c\n1,2,4")).isEqualTo("null");
    assertThat(values(table, "c", "# a,b,c\n1,2,3,4")).isEqualTo("too-many-columns");
    assertThat(values(table, "c", "# a,b\n1,2,3,4")).isEqualTo("4");
    assertThat(Reading.of(build(table, "c"), "# a,c,b\n1,2,3").clause()).isEqualTo("header");
  }

  @Test
  void headerMayGiveTheOrder() {
    Delimited.Builder zeek =
        Delimited.columns("indicator", "indicator_type", "meta.desc")
            .separator('\t')
            .unquoted()
            .missing("-")
            .header(Header.COMMENT)
            .anyOrder();
    String body =
        "#separator \\x09\n#fields\tindicator_type\tmeta.if_in\tindicator\nIntel::ADDR\t-\t192.0.2.9";

    assertThat(values(zeek, "indicator", body)).isEqualTo("192.0.2.9");
    assertThat(values(zeek, "meta.desc", body)).isEqualTo("null");
    assertThat(
            Reading.of(build(zeek, "indicator"), "#fields\tindicator_type\tmeta.desc\nx\ty")
                .clause())
        .isEqualTo("header");
    assertThat(
            Reading.of(
                    build(zeek, "indicator"), "#fields\tindicator\tmeta.desc\tmeta.desc\nx\ty\tz")
                .clause())
        .isEqualTo("header");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> build(Delimited.columns("a").anyOrder(), "a"));
  }

  @Test
  void optionalHeaderIsNoRow() {
    Delimited.Builder table =
        Delimited.columns("Start", "End", "Netblock").header(Header.OPTIONAL).separator('\t');

    assertThat(values(table, "Start", "Start\tEnd\tNetblock\n1\t2\t3")).isEqualTo("1");
    assertThat(values(table, "Start", "# Start\tEnd\tNetblock\n1\t2\t3")).isEqualTo("1");
    assertThat(values(table, "Start", "1\t2\t3")).isEqualTo("1");
    assertThat(Reading.of(build(table, "Start"), "# nothing").clause()).isNull();
    assertThat(Reading.of(build(table, "Start"), "Start\tEnd\tPrefix\n1\t2\t3").clause())
        .isEqualTo("header");
  }

  @Test
  void commentsMayStartWithOtherSigns() {
    Delimited.Builder table = Delimited.columns("a").comments(";", "Threatview");

    assertThat(values(table, "a", "; x\nThreatview.io Feed\n#1")).isEqualTo("#1");
    assertThatIllegalArgumentException().isThrownBy(() -> table.comments("#", ""));
    assertThatIllegalArgumentException().isThrownBy(() -> table.foldInto("b"));
    assertThatIllegalArgumentException().isThrownBy(() -> table.optionalFrom("b"));
  }

  /** Returns the value of a column in the rows, or why they were rejected. */
  private static String values(Delimited.Builder table, String column, String body) {
    List<String> values = new ArrayList<>();
    Delimited parser =
        table.build(
            fields -> {
              values.add(String.valueOf(fields.text(column)));
              return fields.indicator(CyberObservable.mutex("row"));
            });
    Reading reading = Reading.of(parser, body);
    assertThat(reading.clause()).isNull();
    reading.rejections().forEach(text -> values.add(text.substring(text.indexOf(' ') + 1)));
    return String.join(";", values);
  }

  private static Delimited build(Delimited.Builder table, String column) {
    return table.build(
        fields -> fields.indicator(CyberObservable.mutex(String.valueOf(fields.text(column)))));
  }
}
