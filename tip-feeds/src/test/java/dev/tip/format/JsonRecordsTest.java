// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.FeedEntry;
import dev.tip.format.Mapping.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonRecordsTest {
  private static final JsonRecords LINES = JsonRecords.lines("a", "c").build(JsonRecordsTest::map);
  private static final JsonRecords ARRAY =
      JsonRecords.array("x.data", "a", "c")
          .records("x.n")
          .updated("at")
          .build(JsonRecordsTest::map);
  private static final JsonRecords STATED =
      JsonRecords.lines("a")
          .metadata("type", "metadata")
          .records("records")
          .updated("timestamp")
          .size("size")
          .build(fields -> fields.indicator(CyberObservable.mutex(fields.require("a"))));

  private static Indicator.Builder map(Fields fields) {
    return fields.indicator(CyberObservable.mutex(fields.text("a") + "|" + fields.list("c")));
  }

  private static List<String> values(JsonRecords parser, String body) {
    Reading reading = Reading.of(parser, body);
    assertThat(reading.clause()).isNull();
    return reading.entries().stream()
        .filter(FeedEntry.Accepted.class::isInstance)
        .map(entry -> ((FeedEntry.Accepted) entry).indicator().observable().value())
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      quoteCharacter = '`',
      value = {
        "{\"a\":\"x\"} x|[]",
        "{\"a\":\"\\u00e9\"} é|[]",
        "{\"a\":17} 17|[]",
        "{\"a\":1e9} 1e9|[]",
        "{\"a\":true} true|[]",
        "{\"a\":null} null|[]",
        "{\"a\":\"\"} null|[]",
        "{\"b\":{\"a\":\"y\"},\"a\":\"x\"} x|[]",
        "{\"a\":\"x\",\"b\":[{\"a\":1}]} x|[]",
        "{\"c\":[\"1\",2,null,\"\",true]} `null|[1, 2, true]`",
        "{\"c\":\"1,,2\"} `null|[1, 2]`",
        "{\"c\":null} null|[]",
        "{} null|[]",
      })
  void fieldsAreScalarsAndArraysOfThem(String json, String value) {
    assertThat(values(LINES, json)).containsExactly(value);
    assertThat(values(ARRAY, "{\"x\":{\"data\":[" + json + "]}}")).containsExactly(value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      quoteCharacter = '`',
      value = {
        "{\"a\":{}} json-field-type",
        "{\"c\":[[1]]} json-field-type",
        "{\"c\":[{}]} json-field-type",
        "{\"a\":1,\"a\":2} json-duplicate-field",
        "{\"a\":1,\"a\":{\"b\":2}} json-duplicate-field",
        "[] json-not-an-object",
        "17 json-not-an-object",
        "\"{}\" json-not-an-object",
        "null json-not-an-object",
      })
  void recordsOfAnotherShapeAreRejected(String json, String reason) {
    assertThat(Reading.of(LINES, json + "\n{}").rejections()).containsExactly("1 " + reason);
    assertThat(Reading.of(ARRAY, "{\"x\":{\"data\":[" + json + ",{}]}}").rejections())
        .containsExactly("1 " + reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{\"a\"",
        "{\"a\":1}}",
        "{\"a\":1}{}",
        "{\"a\":1} x",
        "{'a':1}",
        "{a:1}",
        "{\"a\":1,}",
        "{\"a\":NaN}",
        "{\"a\":01}",
        "{\"a\":\"\\x\"}",
        "text",
      })
  void badLineCostsNoOther(String line) {
    assertThat(Reading.of(LINES, "{}\n" + line + "\n{}"))
        .satisfies(
            reading -> {
              assertThat(reading.positions()).containsExactly(1L, 2L, 3L);
              assertThat(reading.rejections()).containsExactly("2 json-syntax");
            });
  }

  @Test
  void lineThatIsNoUtf8IsRejected() {
    byte[] line = {'{', '"', 'a', '"', ':', '"', (byte) 0xc0, (byte) 0x80, '"', '}'};

    assertThat(Reading.of(LINES, line).rejections()).containsExactly("1 json-syntax");
  }

  @Test
  void tooDeepLineIsRejectedAndTooDeepArrayIsBroken() {
    String deep = "{\"b\":" + "[".repeat(40) + "]".repeat(40) + "}";

    assertThat(Reading.of(LINES, deep).rejections()).containsExactly("1 json-syntax");
    assertThat(Reading.of(ARRAY, "{\"x\":{\"data\":[" + deep + "]}}").clause())
        .isEqualTo("json-syntax");
  }

  @Test
  void fieldsOfRecordHaveOneLimitTogether() {
    String half = "\"" + "x".repeat(LineReader.MAX_LINE / 2) + "\"";
    String rest = "\"" + "x".repeat(LineReader.MAX_LINE / 2 + 1) + "\"";
    JsonRecords parser =
        JsonRecords.array("", "a", "c").build(f -> f.indicator(CyberObservable.mutex("m")));

    assertThat(Reading.of(parser, "[{\"a\":" + half + ",\"c\":[" + half + "]}]").rejections())
        .isEmpty();
    assertThat(
            Reading.of(parser, "[{\"a\":" + half + ",\"c\":[" + rest + ",1]},{\"a\":1}]")
                .rejections())
        .containsExactly("1 json-record-too-long");
  }

  @Test
  void elementsOfFieldHaveLimit() {
    String thousand = "1,".repeat(999) + "1";

    assertThat(Reading.of(LINES, "{\"c\":[" + thousand + "]}").rejections())
        .doesNotContain("1 json-array-too-long");
    assertThat(Reading.of(LINES, "{\"c\":[" + thousand + ",1]}").rejections())
        .containsExactly("1 json-array-too-long");
  }

  @Test
  void undeclaredTextMayBeLong() {
    String body = "{\"x\":{\"data\":[{\"b\":\"" + "x".repeat(200_000) + "\",\"a\":\"1\"}]}}";

    assertThat(values(ARRAY, body)).containsExactly("1|[]");
  }

  @Test
  void manyUndeclaredNamesAreNotCollected() {
    StringBuilder body = new StringBuilder("{\"x\":{\"data\":[{");
    for (int i = 0; i < 100_000; i++) {
      body.append("\"name").append(i).append("\":0,");
    }

    assertThat(values(ARRAY, body + "\"a\":\"1\"}]}}")).containsExactly("1|[]");
  }

  @Test
  void metadataIsNoRecord() {
    String rows = "{\"a\":\"1\"}\n{\"a\":\"2\"}\n";
    String metadata =
        "{\"type\":\"metadata\",\"timestamp\":1784798042,\"size\":"
            + rows.length()
            + ",\"records\":2}\n";

    Reading reading = Reading.of(STATED, rows + metadata);

    assertThat(reading.clause()).isNull();
    assertThat(reading.positions()).containsExactly(1L, 2L);
    assertThat(reading.declarations()).containsExactly("records=2", "updated=2026-07-23T09:14:02Z");
  }

  @ParameterizedTest
  @ValueSource(strings = {"19", "21", "\"x\"", "null", "-20"})
  void anotherSizeBreaksTheContract(String size) {
    String rows = "{\"a\":\"1\"}\n{\"a\":\"2\"}\n";

    assertThat(Reading.of(STATED, rows + "{\"type\":\"metadata\",\"size\":" + size + "}").clause())
        .isEqualTo("declared-size");
  }

  @Test
  void metadataWithoutStatementsDeclaresNothing() {
    JsonRecords parser = JsonRecords.lines("a").metadata("type", "m").build(JsonRecordsTest::map0);

    assertThat(Reading.of(parser, "{\"type\":\"m\",\"records\":1}").entries()).isEmpty();
    assertThat(Reading.of(STATED, "{\"type\":\"metadata\",\"size\":0}").entries()).isEmpty();
    assertThat(
            Reading.of(STATED, "{\"type\":\"metadata\",\"size\":0,\"timestamp\":\"soon\"}")
                .entries())
        .isEmpty();
  }

  private static Indicator.Builder map0(Fields fields) {
    return fields.indicator(CyberObservable.mutex(fields.require("a")));
  }

  @Test
  void typeOfAnotherValueIsRecord() {
    assertThat(Reading.of(STATED, "{\"type\":\"data\",\"a\":\"1\"}").positions())
        .containsExactly(1L);
  }

  @Test
  void fieldThatTellsMetadataMayBeRead() {
    JsonRecords parser =
        JsonRecords.lines("type")
            .metadata("type", "m")
            .records("type")
            .build(fields -> fields.indicator(CyberObservable.mutex(fields.require("type"))));

    assertThat(Reading.of(parser, "{\"type\":\"m\"}\n{\"type\":\"x\"}").declarations())
        .containsExactly("records=m");
  }

  @Test
  void statementsOfDocumentStandAtTheirPath() {
    Reading reading =
        Reading.of(
            ARRAY,
            "{\"n\":9,\"at\":\"2026-01-02T03:04:05+01:00\",\"x\":{\"n\":1,\"data\":[{\"n\":7,\"at\":1}],"
                + "\"y\":{\"n\":8},\"z\":[{\"n\":6}]}}");

    assertThat(reading.declarations()).containsExactly("updated=2026-01-02T02:04:05Z", "records=1");
    assertThat(reading.positions()).containsExactly(1L);
  }

  @Test
  void secondsAreTimeToo() {
    assertThat(Reading.of(ARRAY, "{\"at\":1784798042,\"x\":{\"data\":[]}}").declarations())
        .containsExactly("updated=2026-07-23T09:14:02Z");
    assertThat(Reading.of(ARRAY, "{\"at\":178479804200,\"x\":{\"data\":[]}}").declarations())
        .isEmpty();
    assertThat(Reading.of(ARRAY, "{\"at\":-1,\"x\":{\"data\":[]}}").declarations()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "17",
        "{\"x\":[]}",
        "{\"data\":[]}",
        "{\"x\":{\"data\":{}}}",
        "{\"x\":{\"y\":{\"data\":[]}}}",
        "{\"x\":[{\"data\":[]}]}",
        "{\"errors\":[{\"status\":429}]}"
      })
  void documentWithoutTheArrayBreaksTheContract(String body) {
    assertThat(Reading.of(ARRAY, body)).isEqualTo(new Reading(List.of(), "json-path"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"x\":{\"data\":[{\"a\":1}",
        "{\"x\":{\"data\":[{\"a\":1},",
        "{\"x\":{\"data\":[{\"a\":1}]",
        "{\"x\":{\"data\":[{\"a\":1}]}",
        "{\"x\":{\"data\":[{\"a\":1}]}}{}",
        "{\"x\":{\"data\":[{\"a\":1}]}} 1",
        "{\"x\":{\"data\":[{\"a\":1}]}} x",
        "{\"x\":{\"data\":[{\"a\":1} {}]}}",
      })
  void cutOrOverlongDocumentBreaksTheContract(String body) {
    Reading reading = Reading.of(ARRAY, body);

    assertThat(reading.clause()).isEqualTo("json-syntax");
    assertThat(reading.positions()).hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void onlyTheFirstArrayAtThePathIsRead() {
    assertThat(values(ARRAY, "{\"x\":{\"data\":[{\"a\":1}],\"data\":[{\"a\":2}]}}"))
        .containsExactly("1|[]");
  }

  @Test
  void arrayMayBeTheDocument() {
    JsonRecords parser = JsonRecords.array("", "a", "c").build(JsonRecordsTest::map);

    assertThat(values(parser, "\uFEFF [{\"a\":1},\n{\"a\":2}]\n")).containsExactly("1|[]", "2|[]");
    assertThat(values(parser, "[]")).isEmpty();
  }

  @Test
  void rejectedElementIsShownAsReceived() {
    Reading reading = Reading.of(ARRAY, "{\"x\":{\"data\":[ {\"a\" : {}} , 17]}}");

    assertThat(reading.entries())
        .containsExactly(
            new FeedEntry.Rejected(1, "{\"a\" : {}}", "json-field-type"),
            new FeedEntry.Rejected(2, "17", "json-not-an-object"));
  }

  @Test
  void documentThatIsNoUtf8IsReadWithReplacements() {
    byte[] body = "{\"x\":{\"data\":[{\"a\":\"?\"}]}}".getBytes(StandardCharsets.UTF_8);
    body["{\"x\":{\"data\":[{\"a\":\"".length()] = (byte) 0xff;

    assertThat(Reading.of(ARRAY, body).entries().get(0))
        .isInstanceOfSatisfying(
            FeedEntry.Accepted.class,
            entry -> assertThat(entry.indicator().observable().value()).isEqualTo("\ufffd|[]"));
  }

  @Test
  void membersOfAnObjectAreRecordsWithTheirNames() {
    JsonRecords keyed =
        JsonRecords.keyed("id")
            .missing("None")
            .build(Mapping.of(Kind.DOMAIN, "name").externalId("id").description("what"));

    Reading reading =
        Reading.of(
            keyed,
            "\n{\"7\":[{\"name\":\"a.example\",\"what\":\"None\"}],\"8\":{\"name\":\"b.example\"},"
                + "\"9\":[],\"10\":[{\"name\":\"c.example\"},5,{\"name\":\"d.example\",\"id\":\"x\"}]}");

    assertThat(reading.entries())
        .filteredOn(FeedEntry.Accepted.class::isInstance)
        .extracting(entry -> ((FeedEntry.Accepted) entry).indicator())
        .extracting(i -> i.observable().value() + i.externalIds() + i.description().orElse(""))
        .containsExactly("a.example[7]", "b.example[8]", "c.example[10]", "d.example[x]");
    assertThat(reading.rejections()).containsExactly("4 json-not-an-object");
    assertThat(Reading.of(keyed, "{}").clause()).isNull();
    assertThat(Reading.of(keyed, "[]").clause()).isEqualTo("json-path");
    assertThat(Reading.of(keyed, "{\"error\":\"quota\"}").clause()).isEqualTo("json-path");
    assertThat(Reading.of(keyed, "{\"7\":[{\"name\":\"a.example\"").clause())
        .isEqualTo("json-syntax");
  }

  @Test
  void answerSaysWhyThereIsNoList() {
    JsonRecords api =
        JsonRecords.array("data")
            .answer("query_status", List.of("no_results"), List.of("unknown_auth_key"))
            .build(Mapping.of(Kind.DOMAIN, "name"));

    assertThat(Reading.of(api, "{\"query_status\":\"no_results\"}").clause()).isNull();
    assertThat(Reading.of(api, "{\"query_status\":\"no_results\",\"data\":\"none\"}").clause())
        .isNull();
    assertThat(Reading.of(api, "{\"query_status\":\"illegal_days\"}").clause())
        .isEqualTo("json-path");
    assertThat(
            Reading.of(api, "{\"query_status\":\"ok\",\"data\":[{\"name\":\"a.example\"}]}")
                .positions())
        .hasSize(1);
    assertThat(Reading.of(api, "{\"query_status\":\"unknown_auth_key\"}").clause())
        .isEqualTo("AUTH_REJECTED");
  }
}
