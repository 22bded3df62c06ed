// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.CyberObservable;
import dev.tip.feed.FeedBody;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinesTest {
  private static final Lines PLAIN =
      Lines.of(line -> line.indicator(CyberObservable.mutex(line.value())));

  @Test
  void lineEndsOfAllKindsMayBeMixed() {
    assertThat(Reading.of(PLAIN, "a\rb\r\nc\n\r\n\n\rd").positions())
        .containsExactly(1L, 2L, 3L, 7L);
  }

  @Test
  void valueWithNulIsForTheModelToRefuse() {
    assertThat(Reading.of(PLAIN, "a\u0000b\nc").rejections())
        .containsExactly("1 text-control-character");
  }

  @Test
  void whatIsNoUtf8BecomesReplacementCharacter() {
    List<String> values = new ArrayList<>();
    Lines parser =
        Lines.of(
            line -> {
              values.add(line.value().toString());
              return null;
            });

    Reading reading = Reading.of(parser, new byte[] {'a', (byte) 0xff, 'b', '\n', 'c'});

    assertThat(values).containsExactly("a\ufffdb", "c");
    assertThat(reading.rejections()).containsExactly("1 nothing-stated", "2 nothing-stated");
  }

  @Test
  void utf16BreaksTheContract() {
    assertThat(Reading.of(PLAIN, "\uFEFFa".getBytes(StandardCharsets.UTF_16LE)).clause())
        .isEqualTo("encoding");
    assertThat(Reading.of(PLAIN, "\uFEFFa".getBytes(StandardCharsets.UTF_16BE)).clause())
        .isEqualTo("encoding");
  }

  @Test
  void byteOrderMarkIsNoPartOfTheFirstValue() {
    assertThat(Reading.of(PLAIN, "\uFEFFa")).isEqualTo(Reading.of(PLAIN, "a"));
    assertThat(Reading.of(PLAIN, "\uFEFF").entries()).isEmpty();
    assertThat(Reading.of(PLAIN, new byte[] {(byte) 0xef, (byte) 0xbb}).positions()).hasSize(1);
    assertThat(Reading.of(PLAIN, new byte[] {(byte) 0xef, (byte) 0xbb, 'a'}).positions())
        .hasSize(1);
  }

  @Test
  void longLineIsRejectedAndTheNextOneRead() {
    String body = "a\n" + "b".repeat(LineReader.MAX_LINE + 1) + "\nc";

    Reading reading = Reading.of(PLAIN, body);

    assertThat(reading.positions()).containsExactly(1L, 2L, 3L);
    assertThat(reading.rejections()).containsExactly("2 line-too-long");
  }

  @Test
  void limitOfTheBodyIsKept() {
    byte[] body = "aaaa\nbbbbb\n".getBytes(StandardCharsets.UTF_8);

    assertThat(Reading.of(PLAIN, body, 100, 4).rejections()).containsExactly("2 line-too-long");
  }

  @Test
  void jsonObjectIsAnErrorMessage() {
    assertThat(Reading.of(PLAIN, "# list\n {\"error\":\"quota\"}").clause()).isEqualTo("json");
  }

  @Test
  void jsonBehindTheFirstValueIsOneValueOfMany() {
    assertThat(Reading.of(PLAIN, "a\n{\"b\"\n").clause()).isNull();
    assertThat(Reading.of(PLAIN, "{1A2B}.exe\n{\n").clause()).isNull();
    assertThat(Reading.of(PLAIN, "{").positions()).containsExactly(1L);
  }

  @Test
  void sectionIsTheCommentJustAboveTheFirstValueAndHoldsUntilTheNext() {
    String longOne = "x".repeat(65);
    String body =
        "# banner\n#\n# one\n#\na\nb\n# two \nc\n# "
            + longOne
            + "\nd\n# "
            + longOne.substring(1)
            + "\ne";

    assertThat(sections(body)).containsExactly("one", "one", "two", "null", longOne.substring(1));
  }

  @Test
  void statementOfTheListIsNoSection() {
    assertThat(sections("# one\n# Number of entries: 1\na")).containsExactly("one");
  }

  private static List<String> sections(String body) {
    List<String> sections = new ArrayList<>();
    Lines parser =
        Lines.builder()
            .sections()
            .build(
                line -> {
                  sections.add(String.valueOf(line.section()));
                  return null;
                });
    Reading.of(parser, body);
    return sections;
  }

  @Test
  void eachCommentSignStartsComment() {
    Lines parser =
        Lines.builder()
            .comments(";", "//")
            .build(line -> line.indicator(CyberObservable.mutex(line.value())));

    assertThat(Reading.of(parser, "; a\n// b\n/ c\n# d\n  ;e\n;\n/").positions())
        .containsExactly(3L, 4L, 7L);
  }

  @Test
  void builderRefusesSignsThatCannotWork() {
    assertThatThrownBy(() -> Lines.builder().comments("#", ""))
        .isInstanceOf(IllegalArgumentException.class);
    for (char sign : new char[] {' ', '\n', '\u007f', 'ü'}) {
      assertThatThrownBy(() -> Lines.builder().trailingComment(sign))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("U+" + (int) sign);
    }
    assertThat(Lines.builder().trailingComment('!').trailingComment('~')).isNotNull();
  }

  @Test
  void recordKnowsItsFeedAndBody() {
    List<String> seen = new ArrayList<>();
    Lines parser =
        Lines.of(
            line -> {
              seen.add(line.feed().id() + " " + line.bodyName() + " " + line.position());
              return null;
            });

    Reading.of(
        parser, "\n\na".getBytes(StandardCharsets.UTF_8), 1, FeedBody.DEFAULT_MAX_LINE_LENGTH);

    assertThat(seen).containsExactly("example-list list.txt 3");
  }
}
