// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.catalog.FeedDescriptionException.Problem;
import dev.tip.feed.FeedSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Any bytes are feeds, or the one documented exception with a place for each problem. */
class DescriptionProperties {
  private static final List<String> GOOD =
      Catalogue.ENTRIES.stream()
          .flatMap(entry -> entry.description().stream())
          .map(DescribedFeeds::json)
          .toList();

  private static void check(byte[] bytes) {
    int lines =
        1
            + (int)
                new String(bytes, StandardCharsets.UTF_8)
                    .chars()
                    .filter(c -> c == '\n' || c == '\r')
                    .count();
    try {
      DescribedFeeds feeds = DescribedFeeds.read(new ByteArrayInputStream(bytes));
      assertThat(feeds.feeds(FeedSettings.defaults())).isNotEmpty();
    } catch (FeedDescriptionException e) {
      assertThat(e.problems()).isNotEmpty();
      for (Problem problem : e.problems()) {
        assertThat(problem.line()).isBetween(1, lines);
        assertThat(problem.column()).isPositive();
        assertThat(problem.message()).isNotBlank().doesNotContainPattern("\\p{Cntrl}");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Property
  void anyBytesAreReadOrRefused(@ForAll byte[] bytes) {
    check(bytes);
  }

  @Property
  void anyTextIsReadOrRefused(@ForAll("json") String text) {
    check(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A change of a good description is read, or refused where it is. */
  @Property(tries = 2000)
  void changedDescriptionIsReadOrRefused(
      @ForAll("good") String good,
      @ForAll int at,
      @ForAll int length,
      @ForAll("piece") String piece) {
    int from = Math.floorMod(at, good.length());
    int to = Math.min(good.length(), from + Math.floorMod(length, 12));

    check((good.substring(0, from) + piece + good.substring(to)).getBytes(StandardCharsets.UTF_8));
  }

  /** Every value of a good description in the place of every other kind of value. */
  @Property(tries = 2000)
  void otherValueIsReadOrRefused(
      @ForAll("good") String good, @ForAll int member, @ForAll("json") String value) {
    String[] lines = good.split("\n");
    int line = Math.floorMod(member, lines.length);
    int colon = lines[line].indexOf(" : ");
    if (colon > 0) {
      boolean comma = lines[line].endsWith(",");
      lines[line] = lines[line].substring(0, colon + 3) + value + (comma ? "," : "");
    }

    check(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
  }

  @Provide
  Arbitrary<String> good() {
    return Arbitraries.of(GOOD);
  }

  @Provide
  Arbitrary<String> piece() {
    return Arbitraries.oneOf(
        Arbitraries.of(
            "{", "}", "[", "]", "\"", ",", ":", "null", "true", "-1", "1e999", "={", "=", "\\u0000",
            "\n", ""),
        Arbitraries.strings().ofMaxLength(8));
  }

  @Provide
  Arbitrary<String> json() {
    Arbitrary<String> scalar =
        Arbitraries.oneOf(
            Arbitraries.of(
                "null",
                "true",
                "false",
                "0",
                "-7",
                "1e999999",
                "123456789012345678901",
                "\"\"",
                "\"={x}\"",
                "\"P1D\"",
                "\"ip\""),
            Arbitraries.strings().alpha().ofMaxLength(12).map(text -> '"' + text + '"'));
    return Arbitraries.lazyOf(
        () -> scalar,
        () -> scalar,
        () -> json().list().ofMaxSize(3).map(list -> "[" + String.join(",", list) + "]"),
        () ->
            Combinators.combine(Arbitraries.of("id", "kind", "value", "type", "x"), json())
                .as((name, value) -> "{\"" + name + "\":" + value + "}"));
  }
}
