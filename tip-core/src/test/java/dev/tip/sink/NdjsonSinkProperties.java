// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.InvalidIndicatorException;
import dev.tip.ecs.JsonText;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.Terms;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class NdjsonSinkProperties {
  /** Text that ends lines, breaks out of strings, or is no Unicode. */
  @Provide
  Arbitrary<String> hostile() {
    return Arbitraries.oneOf(
        Arbitraries.of(
                "\n",
                "\r\n",
                "\u2028",
                "\u2029",
                "\u0085",
                "\"",
                "\\",
                "\\u0022",
                "}",
                "{",
                "\0",
                "\u001b[31m",
                "\ud800",
                "\udfff",
                "\ud83d\ude00",
                "\uffff",
                "\ufeff",
                "</script>",
                "\"}\n{\"index\":{}}",
                "\u007f",
                "\u202e",
                "a",
                " ")
            .list()
            .ofMaxSize(8)
            .map(parts -> String.join("", parts)),
        Arbitraries.strings().ofMaxLength(100));
  }

  private static Change change(String text) {
    FeedInfo feed =
        FeedInfo.builder("example-list")
            .name(text.isBlank() ? "Example" : text)
            .provider(text.isBlank() ? "Example" : text)
            .description(text)
            .reference(URI.create("https://feed.example/list"))
            .role(FeedInfo.Role.C2)
            .coverage(FeedInfo.Coverage.SNAPSHOT)
            .terms(new Terms("free", URI.create("https://feed.example/terms"), true, true, null))
            .types(CyberObservable.Type.MUTEX)
            .build();
    CyberObservable observable;
    try {
      observable = CyberObservable.mutex(text);
    } catch (InvalidIndicatorException e) {
      observable = CyberObservable.mutex("m");
    }
    Indicator indicator =
        Indicator.builder(observable, feed)
            .description(text)
            .software(text)
            .provider(text)
            .tag(text)
            .reference(text)
            .externalId(text)
            .original(text)
            .build();
    return text.length() % 3 == 0
        ? new Change.Withdraw(indicator, 2, Change.Reason.DELISTED, Instant.EPOCH)
        : new Change.Upsert(indicator, 1, Change.Cause.NEW, Instant.EPOCH, Instant.EPOCH);
  }

  @Property
  void everyLineIsOneDocument(@ForAll @Size(max = 5) List<@From("hostile") String> texts)
      throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (NdjsonSink sink = NdjsonSink.builder(out).build()) {
      sink.write(texts.stream().map(NdjsonSinkProperties::change).toList());
    }

    assertThat(lines(out.toByteArray())).hasSameSizeAs(texts);
  }

  @Property
  void everySecondLineIsAnActionOnRequest(
      @ForAll @Size(max = 5) List<@From("hostile") String> texts, @ForAll("hostile") String alias)
      throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (NdjsonSink sink = NdjsonSink.builder(out).bulk(alias).build()) {
      sink.write(texts.stream().map(NdjsonSinkProperties::change).toList());
    }

    List<Map<String, Object>> lines = lines(out.toByteArray());
    assertThat(lines).hasSize(2 * texts.size());
    for (int i = 0; i < lines.size(); i += 2) {
      assertThat(lines.get(i)).containsKeys("index._id", "index._index");
      assertThat(lines.get(i + 1)).containsEntry("tip.indicator.id", lines.get(i).get("index._id"));
    }
  }

  /** The documents of what is strict UTF-8, ends with a line feed and has no other line break. */
  private static List<Map<String, Object>> lines(byte[] content) throws Exception {
    String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    List<Map<String, Object>> documents = new ArrayList<>();
    int start = 0;
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      String line = text.substring(start, end);
      assertThat(line.chars()).noneMatch(c -> c < ' ');
      documents.add(JsonText.flat(line.getBytes(UTF_8)));
      start = end + 1;
    }
    assertThat(start).as("the last line ends").isEqualTo(text.length());
    return documents;
  }
}
