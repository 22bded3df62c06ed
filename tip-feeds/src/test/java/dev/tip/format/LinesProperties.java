// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.FeedBody;
import dev.tip.format.Lines.Syntax;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class LinesProperties {

  @Provide
  Arbitrary<byte[]> bytes() {
    return ListText.bytes();
  }

  @Provide
  Arbitrary<Lines.Builder> dialects() {
    return Combinators.combine(Arbitraries.integers().between(0, 7), Arbitraries.of(Syntax.class))
        .as(
            (bits, syntax) -> {
              Lines.Builder builder = Lines.builder().syntax(syntax).banner(bits / 4);
              if ((bits & 1) > 0) {
                builder.comments("#", ";", "//");
              }
              if ((bits & 2) > 0) {
                builder.trailingComment('#');
              }
              if ((bits & 4) > 0) {
                builder.sections();
              }
              return builder;
            });
  }

  @Property
  void anyBytesEndInEntriesOrBrokenContract(
      @ForAll("bytes") byte[] body,
      @ForAll("dialects") Lines.Builder dialect,
      @ForAll @IntRange(min = 1, max = 40) int maxLine) {
    Reading reading = Reading.of(dialect.build(LinesProperties::map), body, 5, maxLine);

    assertThat(reading.clause()).isIn(null, "json", "encoding");
    // The values of one line share their position.
    assertThat(reading.positions()).isSorted();
  }

  @Property
  void valuesAreWhatIsLeftOfLines(@ForAll("bytes") byte[] body) {
    List<String> values = new ArrayList<>();
    Lines parser =
        Lines.of(
            line -> {
              values.add(line.position() + " " + line.value());
              assertThat(line.comment()).isNull();
              assertThat(line.section()).isNull();
              return map(line);
            });

    Reading reading = Reading.of(parser, body);

    List<String> expected = new ArrayList<>();
    long number = 0;
    for (byte[] line : ListText.lines(body)) {
      number++;
      String text = ListText.strip(line);
      if (!text.isEmpty() && !text.startsWith("#")) {
        expected.add(number + " " + text);
      }
    }
    if (reading.clause() == null) {
      assertThat(values).isEqualTo(expected);
      assertThat(reading.positions()).hasSameSizeAs(expected);
    }
  }

  @Property
  void sizeOfChunksChangesNothing(
      @ForAll("bytes") byte[] body,
      @ForAll("dialects") Lines.Builder dialect,
      @ForAll @IntRange(min = 1, max = 9) int chunk) {
    Lines parser = dialect.build(LinesProperties::map);

    assertThat(Reading.of(parser, body, chunk, FeedBody.DEFAULT_MAX_LINE_LENGTH))
        .isEqualTo(Reading.of(parser, body));
  }

  @Provide
  Arbitrary<List<String>> names() {
    Arbitrary<String> label =
        Arbitraries.strings().withChars("abz09-_").ofMinLength(1).ofMaxLength(5);
    return Combinators.combine(label, label)
        .as((first, second) -> first + '.' + second + ".example")
        .list()
        .uniqueElements()
        .ofMaxSize(6);
  }

  /** The same names in each syntax, as publishers write them. */
  @Property
  void namesAreReadAsWrittenInEverySyntax(@ForAll("names") List<String> names) {
    assertThat(values(Syntax.HOSTS, "0.0.0.0 %s\n", names)).isEqualTo(names);
    assertThat(values(Syntax.HOSTS, "127.0.0.1\t%s\r\n", names)).isEqualTo(names);
    assertThat(values(Syntax.ADBLOCK, "||%s^\n", names)).isEqualTo(names);
    assertThat(values(Syntax.ADBLOCK, "||%s^$all\n", names)).isEqualTo(names);
    assertThat(values(Syntax.DNSMASQ, "address=/%s/0.0.0.0\n", names)).isEqualTo(names);
    assertThat(values(Syntax.DNSMASQ, "local=/%s/\n", names)).isEqualTo(names);
    assertThat(values(Syntax.WILDCARDS, "*.%s\n", names)).isEqualTo(names);
    assertThat(values(Syntax.RPZ, "%s CNAME .\n", names)).isEqualTo(names);
    assertThat(values(Syntax.RPZ, "%1$s CNAME .\n*.%1$s CNAME .\n", names)).isEqualTo(names);
  }

  private static List<String> values(Syntax syntax, String format, List<String> names) {
    List<String> values = new ArrayList<>();
    StringBuilder body = new StringBuilder();
    names.forEach(name -> body.append(String.format(Locale.ROOT, format, name)));
    Lines parser =
        Lines.builder()
            .syntax(syntax)
            .build(
                line -> {
                  values.add(line.value().toString());
                  return map(line);
                });
    assertThat(Reading.of(parser, body.toString()).rejections()).isEmpty();
    return values;
  }

  @Provide
  Arbitrary<String> words() {
    return Arbitraries.strings().withChars("ab#;ü:/.").ofMinLength(1).ofMaxLength(6);
  }

  @Property
  void trailingCommentNeedsWhiteSpaceBeforeItsSign(
      @ForAll @Size(min = 1, max = 4) List<@net.jqwik.api.From("words") String> words,
      @ForAll("gaps") String gap) {
    List<String> seen = new ArrayList<>();
    Lines parser =
        Lines.builder()
            .comments("//")
            .trailingComment('#')
            .build(
                line -> {
                  seen.add(line.value() + "|" + line.comment());
                  return map(line);
                });
    String text = String.join(gap, words);

    Reading.of(parser, text.getBytes(StandardCharsets.UTF_8));

    int sign = text.startsWith("//") ? -1 : text.indexOf(gap + "#");
    String expected =
        sign < 0
            ? text + "|null"
            : text.substring(0, sign) + "|" + text.substring(sign + gap.length() + 1).strip();
    assertThat(seen).isEqualTo(text.startsWith("//") ? List.of() : List.of(expected));
  }

  @Provide
  Arbitrary<String> gaps() {
    return Arbitraries.of(" ", "\t", "  ", " \t");
  }

  private static Indicator.Builder map(Line line) {
    String text = line.value() + "|" + line.comment() + "|" + line.section();
    return line.indicator(CyberObservable.mutex(text));
  }
}
