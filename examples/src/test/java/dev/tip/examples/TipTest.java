// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.Terms;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class TipTest {
  @Test
  void unknownCommandIsAUsageError() {
    assertThat(execute("nonsense")).isEqualTo(Tip.USAGE);
  }

  @Test
  void unknownOptionIsAUsageError() {
    assertThat(execute("feeds", "--nonsense")).isEqualTo(Tip.USAGE);
  }

  @Test
  void usageErrorSaysWhatIsWrongAndWhereTheHelpIsAndNoMore() {
    StringWriter err = new StringWriter();
    int code = Tip.commandLine().setErr(new PrintWriter(err)).execute("sync", "--nonsense");
    assertThat(code).isEqualTo(Tip.USAGE);
    assertThat(err.toString())
        .contains("tip: ", "--nonsense", "Usage: tip sync [OPTIONS]", "See tip sync --help");
    assertThat(err.toString().lines()).hasSizeLessThanOrEqualTo(4);
  }

  @Test
  void helpEndsWell() {
    assertThat(execute("--help")).isEqualTo(Tip.OK);
  }

  @Test
  void versionIsThatOfTheProject() throws IOException {
    Path root = Files.exists(Path.of("README.md")) ? Path.of("") : Path.of("..");
    String pom = Files.readString(root.resolve("pom.xml"));
    int from = pom.indexOf("<version>") + "<version>".length();
    StringWriter out = new StringWriter();
    Tip.commandLine().setOut(new PrintWriter(out)).execute("--version");
    assertThat(out.toString().strip())
        .isEqualTo("tip " + pom.substring(from, pom.indexOf("</version>")));
  }

  @Test
  void feedTableShowsKeyIntervalAndRetirement() {
    FeedInfo feed =
        FeedInfo.builder("example-list")
            .provider("Example")
            .reference(URI.create("https://feed.example/"))
            .role(FeedInfo.Role.C2)
            .coverage(FeedInfo.Coverage.SNAPSHOT)
            .types(CyberObservable.Type.IPV4_ADDR, CyberObservable.Type.URL)
            .auth(FeedInfo.Auth.KEY, "EXAMPLE_KEY")
            .minInterval(Duration.ofMinutes(90))
            .status(FeedInfo.Status.RETIRED, LocalDate.of(2024, 4, 10), "merged")
            .terms(
                new Terms(
                    "free to use", URI.create("https://feed.example/terms"), true, true, null))
            .build();
    StringWriter text = new StringWriter();
    FeedsCommand.print(List.of(feed), new PrintWriter(text));
    assertThat(text.toString().lines().skip(1))
        .containsExactly(
            "example-list  Example   ipv4-addr,url  EXAMPLE_KEY  90 min    free to use"
                + "  retired since 2024-04-10");
  }

  @Test
  void feedsAreListedWithTheCreditTheirPublishersWant() {
    StringWriter out = new StringWriter();
    Tip.commandLine().setOut(new PrintWriter(out)).execute("feeds");
    assertThat(out.toString().lines())
        .anyMatch(
            line ->
                line.startsWith("(c) The Spamhaus Project SLU, https://www.spamhaus.org/drop/: ")
                    && line.contains("spamhaus-drop-v4, spamhaus-drop-v6"));
  }

  private static int execute(String... args) {
    CommandLine line = Tip.commandLine();
    line.setOut(new PrintWriter(new StringWriter()));
    line.setErr(new PrintWriter(new StringWriter()));
    return line.execute(args);
  }
}
