// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReadmeTest {
  private static final Path ROOT = Files.exists(Path.of("README.md")) ? Path.of("") : Path.of("..");

  @Test
  void quickStartIsTheCompiledExample() throws IOException {
    String source =
        Files.readString(ROOT.resolve("examples/src/main/java/dev/tip/examples/ReadOneFeed.java"));
    String region =
        between(source, "// quick start\n", "    // end of quick start")
            .stripTrailing()
            .stripIndent();
    String readme =
        between(Files.readString(ROOT.resolve("README.md")), "```java\n", "```").strip();
    assertThat(readme).isEqualTo(region);
    assertThat(readme.lines()).hasSizeLessThanOrEqualTo(15);
  }

  private static String between(String text, String start, String end) {
    int from = text.indexOf(start);
    assertThat(from).as(start).isNotNegative();
    int to = text.indexOf(end, from + start.length());
    assertThat(to).as(end).isNotNegative();
    return text.substring(from + start.length(), to);
  }
}
