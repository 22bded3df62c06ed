// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the page about faults to the tests that it names. */
class ReliabilityPageTest {
  private static final Path ROOT = Files.exists(Path.of("README.md")) ? Path.of("") : Path.of("..");
  private static final Pattern TEST = Pattern.compile("`([A-Z][A-Za-z]+)\\.([a-z]\\w+)`");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (F\\d+(?:, F\\d+)*) \\|(.*)\\|$");
  private static final int FAULTS = 72;

  private static String page() throws IOException {
    return Files.readString(ROOT.resolve("docs/reliability.md"));
  }

  /** Returns the texts of all tests, and of the rules for implementers, by class. */
  private static Map<String, String> tests() throws IOException {
    Map<String, String> tests = new HashMap<>();
    List<Path> folders;
    try (Stream<Path> modules = Files.list(ROOT)) {
      folders =
          Stream.concat(
                  modules.map(module -> module.resolve("src/test/java")),
                  Stream.of(ROOT.resolve("tip-testkit/src/main/java")))
              .filter(Files::isDirectory)
              .toList();
    }
    for (Path folder : folders) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          String name = file.getFileName().toString();
          tests.merge(
              name.substring(0, name.length() - ".java".length()),
              Files.readString(file),
              String::concat);
        }
      }
    }
    return tests;
  }

  @Test
  void everyTestThatIsNamedExists() throws IOException {
    Map<String, String> tests = tests();
    List<String> missing = new ArrayList<>();
    Matcher named = TEST.matcher(page());
    int count = 0;
    while (named.find()) {
      count++;
      if (!tests.getOrDefault(named.group(1), "").contains("void " + named.group(2) + "(")) {
        missing.add(named.group());
      }
    }
    assertThat(missing).isEmpty();
    assertThat(count).isGreaterThan(FAULTS);
  }

  @Test
  void everyFaultOfTheCatalogueIsInExactlyOneRowWithATestOrAReason() throws IOException {
    List<String> ids = new ArrayList<>();
    Matcher row = ROW.matcher(page());
    while (row.find()) {
      ids.addAll(List.of(row.group(1).split(", ")));
      assertThat(TEST.matcher(row.group(2)).find() || row.group(2).contains("not run"))
          .as(row.group())
          .isTrue();
    }
    assertThat(ids)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(1, FAULTS).mapToObj(id -> "F" + id).toList());
  }
}
