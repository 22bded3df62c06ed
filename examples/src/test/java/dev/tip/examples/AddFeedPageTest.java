// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * Runs the examples of {@code docs/add-a-feed.md}: each is a description, the list, and what {@code
 * tip feeds check} shows of them.
 */
class AddFeedPageTest {
  private static final Path ROOT = Files.exists(Path.of("README.md")) ? Path.of("") : Path.of("..");
  private static final Pattern EXAMPLE =
      Pattern.compile(
          "```json\n(.*?)```.*?```text\n(.*?)```.*?```console\n\\$ (.*?)\n(.*?)```",
          Pattern.DOTALL);

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  record Example(String description, String list, String command, String output) {
    @Override
    public String toString() {
      return command;
    }
  }

  static Stream<Example> examples() throws IOException {
    Matcher matcher = EXAMPLE.matcher(Files.readString(ROOT.resolve("docs/add-a-feed.md")));
    List<Example> examples = new ArrayList<>();
    while (matcher.find()) {
      examples.add(
          new Example(matcher.group(1), matcher.group(2), matcher.group(3), matcher.group(4)));
    }
    return examples.stream();
  }

  private int tip(String... args) {
    CommandLine line = Tip.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return line.execute(args);
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  @Test
  void pageHasThreeExamples() throws IOException {
    assertThat(examples()).hasSize(3);
  }

  @ParameterizedTest
  @MethodSource("examples")
  void exampleShowsWhatThePageShows(Example example) throws IOException {
    String json = file("feed.json", example.description);
    String list = file("list", example.list);

    int code = tip("feeds", "check", json, "--file", list);

    assertThat(err.toString()).isEmpty();
    assertThat(out.toString().strip()).isEqualTo(example.output.strip());
    assertThat(code).isEqualTo(Tip.OK);
    assertThat(example.command).matches("tip feeds check \\S+\\.json --file \\S+");
  }

  @Test
  void describedFeedsAreListedAndSynchronised() throws IOException {
    String json = file("feed.json", examples().findFirst().orElseThrow().description);
    file("list", "192.0.2.1\n");
    file("mirror.tsv", "https://feed.example/c2.txt\tlist\n");

    assertThat(tip("feeds", "--feeds-file", json)).isEqualTo(Tip.OK);
    assertThat(out.toString()).contains("example-c2", "spamhaus-drop-v4");
    assertThat(tip("sync", "--dry-run", "--feeds-file", json, "--mirror", folder.toString()))
        .isEqualTo(Tip.OK);
    assertThat(out.toString()).contains("example-c2");
  }

  @Test
  void whatIsWrongWithDescriptionIsSaidByFileAndLine() throws IOException {
    String json = file("feed.json", "{\n  \"id\": \"Example\",\n  \"rule\": \"c2\"\n}\n");

    assertThat(tip("feeds", "check", json)).isEqualTo(Tip.USAGE);
    assertThat(err.toString())
        .contains(json + ", line 2, column 9: \"id\" has lower-case letters")
        .contains(json + ", line 3, column 3: \"rule\" means nothing here; did you mean \"role\"?");
    assertThat(tip("sync", "--dry-run", "--feeds-file", json)).isEqualTo(Tip.USAGE);
    assertThat(tip("feeds", "check", "nowhere.json")).isEqualTo(Tip.USAGE);
    assertThat(err.toString()).contains("nowhere.json is not there");
  }

  @Test
  void listThatIsNotAsDescribedIsSaidWithItsClause() throws IOException {
    String json = file("feed.json", examples().findFirst().orElseThrow().description);
    String list = file("list", "<!DOCTYPE html><html>\u001b[2J</html>");

    assertThat(tip("feeds", "check", json, "--file", list)).isEqualTo(Tip.SOME_FAILED);
    assertThat(out.toString()).contains("Not usable: example-c2: contract broken (html): ");
    file("list", "192.0.2.1\nno \u001b[2J address\n");
    assertThat(tip("feeds", "check", json, "--file", list)).isEqualTo(Tip.SOME_FAILED);
    assertThat(out.toString())
        .contains("  record 2: domain-character: \"no \\u001B[2J address\"")
        .contains("2 records, 1 indicators, 1 rejected, 0 revoked")
        .contains("Not usable: example-c2: contract broken (rejected-share): ")
        .doesNotContain("\u001b");
  }

  @Test
  void optionsThatDoNotGoTogetherAreUsageErrors() throws IOException {
    String json = file("feed.json", examples().findFirst().orElseThrow().description);

    assertThat(tip("feeds", "check", json, "--file", json, "--mirror", "x")).isEqualTo(Tip.USAGE);
    assertThat(tip("feeds", "check", json, "--file", "nowhere")).isEqualTo(Tip.USAGE);
    assertThat(tip("feeds", "check", json, "--feeds", "other")).isEqualTo(Tip.USAGE);
  }
}
