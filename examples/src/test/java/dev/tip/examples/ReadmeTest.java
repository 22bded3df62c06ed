// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.feed.FeedSettings;
import dev.tip.feed.Feeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the README to the code. */
class ReadmeTest {
  private static final Path ROOT = Files.exists(Path.of("README.md")) ? Path.of("") : Path.of("..");
  private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)\\)");
  private static final Pattern TEST =
      Pattern.compile("`([A-Z][A-Za-z]*(?:Test|IT|Properties|Contract))`");

  @ParameterizedTest
  @CsvSource({
    "## Quick start, ReadOneFeed, quick start",
    "## Your own feed, OwnFeed, own feed",
    "## Your own sink, OwnSink, own sink",
  })
  void snippetIsTheCompiledExample(String heading, String example, String region)
      throws IOException {
    String source =
        Files.readString(
            ROOT.resolve("examples/src/main/java/dev/tip/examples/" + example + ".java"));
    String code =
        between(source, "// " + region + "\n", "  // end of " + region)
            .stripTrailing()
            .stripIndent();
    String readme = readme();
    String section = readme.substring(readme.indexOf(heading + "\n"));
    assertThat(between(section, "```java\n", "```").strip()).isEqualTo(code);
  }

  @Test
  void quickStartIsShort() throws IOException {
    assertThat(between(readme(), "```java\n", "```").strip().lines()).hasSizeLessThanOrEqualTo(15);
  }

  @Test
  void feedTableIsTheCatalogue() throws IOException {
    List<List<String>> rows =
        FeedsCommand.rows(
            Feeds.installed(FeedSettings.defaults()).values().stream().map(f -> f.info()).toList());
    String table =
        rows.stream()
            .map(row -> "| " + String.join(" | ", row) + " |")
            .collect(Collectors.joining("\n"));
    int head = table.indexOf('\n');
    String expected =
        table.substring(0, head).toLowerCase(java.util.Locale.ROOT)
            + "\n"
            + "|---".repeat(rows.get(0).size())
            + "|"
            + table.substring(head);
    assertThat(between(readme(), "<!-- feeds -->\n", "<!-- end of feeds -->").strip())
        .isEqualTo(expected);
  }

  @Test
  void everythingItLinksToIsThere() throws IOException {
    for (String target : found(LINK)) {
      assertThat(ROOT.resolve(target)).exists();
    }
  }

  @Test
  void everyTestItNamesIsThere() throws IOException {
    TreeSet<String> files = new TreeSet<>();
    try (Stream<Path> all = Files.walk(ROOT.toAbsolutePath().normalize())) {
      all.map(path -> path.getFileName().toString())
          .filter(name -> name.endsWith(".java"))
          .forEach(name -> files.add(name.replace(".java", "")));
    }
    assertThat(files).containsAll(found(TEST));
  }

  private static TreeSet<String> found(Pattern pattern) throws IOException {
    TreeSet<String> texts = new TreeSet<>();
    Matcher matcher = pattern.matcher(readme());
    while (matcher.find()) {
      texts.add(matcher.group(1));
    }
    assertThat(texts).isNotEmpty();
    return texts;
  }

  private static String readme() throws IOException {
    return Files.readString(ROOT.resolve("README.md"));
  }

  private static String between(String text, String start, String end) {
    int from = text.indexOf(start);
    assertThat(from).as(start).isNotNegative();
    int to = text.indexOf(end, from + start.length());
    assertThat(to).as(end).isNotNegative();
    return text.substring(from + start.length(), to);
  }
}
