// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

class JsonRecordsProperties {
  private static final JsonFactory JSON = new JsonFactory();

  @Provide
  Arbitrary<byte[]> bytes() {
    return ListText.bytes();
  }

  @Provide
  Arbitrary<JsonRecords> parsers() {
    return Arbitraries.of(
        lines(JsonRecordsProperties::map),
        array("data", JsonRecordsProperties::map),
        array("", JsonRecordsProperties::map),
        JsonRecords.keyed("a", "a", "c").build(JsonRecordsProperties::map));
  }

  private static JsonRecords lines(RecordMapper<Fields> mapper) {
    return JsonRecords.lines("a", "c")
        .metadata("type", "meta")
        .records("n")
        .size("s")
        .build(mapper);
  }

  private static JsonRecords array(String path, RecordMapper<Fields> mapper) {
    return JsonRecords.array(path, "a", "c").updated("meta.at").records("meta.n").build(mapper);
  }

  @Property
  void anyBytesEndInEntriesOrBrokenContract(
      @ForAll("bytes") byte[] body,
      @ForAll("parsers") JsonRecords parser,
      @ForAll @IntRange(min = 1, max = 40) int maxLine) {
    Reading reading = Reading.of(parser, body, 5, maxLine);

    assertThat(reading.clause())
        .isIn(null, "json-syntax", "json-path", "encoding", "declared-size");
    assertThat(reading.positions()).isSorted().doesNotHaveDuplicates();
  }

  @Property
  void everyLineIsCountedOnce(@ForAll("bytes") byte[] body) {
    JsonRecords parser = JsonRecords.lines("a", "c").build(JsonRecordsProperties::map);
    Reading reading = Reading.of(parser, body);

    List<Long> expected = new ArrayList<>();
    long number = 0;
    for (byte[] line : ListText.lines(body)) {
      number++;
      if (!ListText.strip(line).isEmpty()) {
        expected.add(number);
      }
    }
    if (reading.clause() == null) {
      assertThat(reading.positions()).isEqualTo(expected);
    }
  }

  @Property
  void sizeOfChunksChangesNothing(
      @ForAll("bytes") byte[] body,
      @ForAll("parsers") JsonRecords parser,
      @ForAll @IntRange(min = 1, max = 9) int chunk) {
    assertThat(Reading.of(parser, body, chunk, FeedBody.DEFAULT_MAX_LINE_LENGTH))
        .isEqualTo(Reading.of(parser, body));
  }

  /** An object: a text that may be missing, and a list. */
  record Sample(@Nullable String a, List<String> c, boolean between) {}

  @Provide
  Arbitrary<List<Sample>> samples() {
    Arbitrary<String> text =
        Arbitraries.strings().withChars("ab ,\"\\/{}[]\n\t\u0000üΩ\u2028").ofMaxLength(8);
    return Combinators.combine(
            text.injectNull(0.2), text.list().ofMaxSize(3), Arbitraries.of(true, false))
        .as(Sample::new)
        .list()
        .ofMaxSize(5);
  }

  @Property
  void objectsAreReadAsWritten(@ForAll("samples") List<Sample> samples, @ForAll boolean asLines) {
    StringBuilder body = new StringBuilder();
    if (!asLines) {
      body.append("{\"meta\":{\"n\":").append(samples.size()).append("},\"data\":[");
    }
    for (int i = 0; i < samples.size(); i++) {
      body.append(i > 0 && !asLines ? "," : "").append(write(samples.get(i))).append('\n');
    }
    body.append(asLines ? "" : "],\"next\":null}");
    List<Sample> read = new ArrayList<>();
    RecordMapper<Fields> mapper =
        fields -> {
          read.add(new Sample(fields.text("a"), fields.list("c"), false));
          return map(fields);
        };

    Reading reading = Reading.of(asLines ? lines(mapper) : array("data", mapper), body.toString());

    assertThat(reading.clause()).isNull();
    assertThat(read).isEqualTo(samples.stream().map(JsonRecordsProperties::expected).toList());
    assertThat(reading.positions()).hasSameSizeAs(samples);
    assertThat(reading.declarations())
        .isEqualTo(asLines ? List.of() : List.of("records=" + samples.size()));
  }

  private static Sample expected(Sample sample) {
    String a = sample.a == null || sample.a.isBlank() ? null : sample.a.strip();
    return new Sample(
        a, sample.c.stream().map(String::strip).filter(s -> !s.isEmpty()).toList(), false);
  }

  /** What is rejected is shown as it was written, wherever it stands in the document. */
  @Property(tries = 300)
  void rejectedElementIsShownAsReceived(
      @ForAll @IntRange(min = 0, max = 9_000) int before,
      @ForAll @IntRange(min = 0, max = 9_000) int length,
      @ForAll("badElements") String bad,
      @ForAll @IntRange(min = 1, max = 3_000) int chunk) {
    String element = bad.replace("@", "x".repeat(length));
    String body =
        "{\"data\":[ {\"a\":\"" + "y".repeat(before) + "\"} , " + element + " ,{\"a\":\"z\"}]}";

    Reading reading =
        Reading.of(
            array("data", JsonRecordsProperties::rejectLong),
            body.getBytes(StandardCharsets.UTF_8),
            chunk,
            FeedBody.DEFAULT_MAX_LINE_LENGTH);

    FeedEntry.Rejected rejected =
        reading.entries().stream()
            .filter(FeedEntry.Rejected.class::isInstance)
            .map(FeedEntry.Rejected.class::cast)
            .filter(r -> r.position() == 2)
            .findFirst()
            .orElseThrow();
    assertThat(rejected.text())
        .isEqualTo(element.substring(0, Math.min(element.length(), FeedEntry.Rejected.MAX_TEXT)));
  }

  @Provide
  Arbitrary<String> badElements() {
    return Arbitraries.of(
        "\"@\"",
        "[\"@\"]",
        "17",
        "null",
        "{\"a\":{\"b\":\"@\"}}",
        "{\"x\":\"@\",\"a\":\"1\",\"a\":\"2\"}",
        "{\"x\":\"@\"}");
  }

  private static Indicator.@Nullable Builder rejectLong(Fields fields) {
    return fields.text("a") == null ? null : map(fields).description("long enough");
  }

  private static String write(Sample sample) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeNumberField("other", 1.5);
      json.writeStringField("a", sample.a);
      if (sample.between) {
        json.writeObjectFieldStart("nested");
        json.writeStringField("a", "not this one");
        json.writeEndObject();
      }
      json.writeArrayFieldStart("c");
      for (String element : sample.c) {
        json.writeString(element);
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }

  private static Indicator.Builder map(Fields fields) {
    return fields.indicator(CyberObservable.mutex(fields.text("a") + "|" + fields.list("c")));
  }
}
