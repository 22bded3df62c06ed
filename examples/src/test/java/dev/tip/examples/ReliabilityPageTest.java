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
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the page about faults to the tests that it names. */
class ReliabilityPageTest {
  private static final Path ROOT = Files.exists(Path.of("README.md")) ? Path.of("") : Path.of("..");
  private static final Pattern TEST =
      Pattern.compile("`([A-Z][A-Za-z]+)\\.([a-z]\\w+)`( \\(\\*profile\\*\\))?");
  private static final Pattern TEST_ANNOTATION =
      Pattern.compile("^@(Test|ParameterizedTest|RepeatedTest|Property|Example)\\b");

  /** Where the page says which rows do not go through a whole sync. */
  private static final Pattern PARTIAL = Pattern.compile("(?m)^- .*\\*\\*: (F\\d+(?:, F\\d+)*)");

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

  /** Returns the annotations right above what begins with a text, each with what is in it. */
  private static List<String> annotations(String source, String declaration) {
    Matcher at = Pattern.compile("(?m)^[ \\w]*\\b" + declaration).matcher(source);
    if (!at.find()) {
      return List.of();
    }
    List<String> above = source.substring(0, at.start()).lines().toList();
    List<String> annotations = new ArrayList<>();
    for (int i = above.size() - 1; i >= 0; i--) {
      String line = above.get(i).strip();
      if (line.isEmpty() || line.endsWith("}") || line.endsWith(";") || line.endsWith("*/")) {
        break;
      }
      annotations.add(line);
    }
    return annotations;
  }

  /** Returns what is wrong with how a page names a test, or nothing. */
  private static List<String> faults(String source, String name, String method, boolean marked) {
    List<String> own = annotations(source, "void " + method + "[(]");
    List<String> all = new ArrayList<>(own);
    all.addAll(annotations(source, "class " + name + "\\b"));
    List<String> faults = new ArrayList<>();
    if (own.stream().noneMatch(line -> TEST_ANNOTATION.matcher(line).find())) {
      faults.add("is no test");
    }
    if (all.stream().anyMatch(line -> line.startsWith("@Disabled"))) {
      faults.add("is not run");
    }
    if (all.contains("@Tag(\"faults\")") != marked) {
      faults.add(marked ? "is run by every build" : "is run in the profile only");
    }
    return faults;
  }

  @Test
  void everyTestThatIsNamedIsRunWhereThePageSays() throws IOException {
    Map<String, String> tests = tests();
    List<String> wrong = new ArrayList<>();
    Matcher named = TEST.matcher(page());
    int count = 0;
    while (named.find()) {
      count++;
      String source = tests.getOrDefault(named.group(1), "");
      boolean marked = named.group(3) != null;
      faults(source, named.group(1), named.group(2), marked)
          .forEach(fault -> wrong.add(named.group() + ' ' + fault));
    }
    assertThat(wrong).isEmpty();
    assertThat(count).isGreaterThan(FAULTS);
  }

  @Test
  void whatOnlyLooksLikeATestIsNone() {
    String source =
        """
        @Timeout(60)
        class XTest {
          @Test
          void runs() {
            helper();
          }

          private void helper() {}

          @Property(tries = 10)
          @Tag("faults")
          void runsInTheProfile(@ForAll int i) {}

          @Disabled("no")
          @ParameterizedTest
          @CsvSource({
            "a,b",
          })
          void isOff() {}
        }
        """;
    assertThat(faults(source, "XTest", "runs", false)).isEmpty();
    assertThat(faults(source, "XTest", "runs", true)).containsExactly("is run by every build");
    assertThat(faults(source, "XTest", "run", false)).containsExactly("is no test");
    assertThat(faults(source, "XTest", "helper", false)).containsExactly("is no test");
    assertThat(faults(source, "XTest", "runsInTheProfile", true)).isEmpty();
    assertThat(faults(source, "XTest", "runsInTheProfile", false))
        .containsExactly("is run in the profile only");
    assertThat(faults(source, "XTest", "isOff", false)).containsExactly("is not run");
    String off = source.replace("@Timeout(60)", "@Disabled");
    assertThat(faults(off, "XTest", "runs", false)).containsExactly("is not run");
  }

  @Test
  void everyRowButThoseThatSaySoNamesATestOfAWholeSync() throws IOException {
    Map<String, String> tests = tests();
    String page = page();
    Set<String> partial = new TreeSet<>();
    Matcher list = PARTIAL.matcher(page);
    while (list.find()) {
      partial.addAll(List.of(list.group(1).split(", ")));
    }
    assertThat(partial).isNotEmpty();
    Set<String> without = new TreeSet<>();
    Matcher row = ROW.matcher(page);
    while (row.find()) {
      Matcher named = TEST.matcher(row.group(2));
      boolean whole = tests.get("FetchFaultTest").contains("\"" + row.group(1) + " ");
      while (named.find()) {
        whole |= tests.getOrDefault(named.group(1), "").contains("FeedSync.builder()");
      }
      if (!whole) {
        without.add(row.group(1));
      }
    }
    assertThat(partial).containsAll(without);
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
