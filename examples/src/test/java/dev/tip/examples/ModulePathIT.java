// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.feed.FeedSettings;
import dev.tip.feed.Feeds;
import dev.tip.rules.ThreatMatchRules;
import dev.tip.testkit.FeedContract;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged jars on the module path of a tool that embeds them: they resolve, the services of
 * all modules are found, and the contracts can be extended and run from outside.
 */
class ModulePathIT {
  private static final Path SOURCES = Path.of("src", "test", "resources", "module-path");
  private static final Path BIN = Path.of(System.getProperty("java.home"), "bin");

  @TempDir static Path folder;
  private static String modulePath;

  @BeforeAll
  static void compile() throws Exception {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String jars =
        Arrays.stream(classPath.split(File.pathSeparator, -1))
            .filter(entry -> entry.endsWith(".jar"))
            // The command is no module, and nobody embeds it.
            .filter(entry -> !Path.of(entry).getFileName().toString().startsWith("examples-"))
            .collect(Collectors.joining(File.pathSeparator));
    assertThat(jars)
        .as("the jars of the modules, which the package phase makes")
        .contains("tip-core-");
    modulePath = folder.resolve("embedder") + File.pathSeparator + jars;
    List<String> command =
        new ArrayList<>(
            List.of("javac", "-d", folder.resolve("embedder").toString(), "--module-path", jars));
    try (Stream<Path> files = Files.walk(SOURCES)) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .map(Path::toString)
          .forEach(command::add);
    }
    assertThat(run(command)).isEmpty();
  }

  /** Returns what was said; ends in an error unless it ended well. */
  private static List<String> run(List<String> command) throws IOException, InterruptedException {
    List<String> whole = new ArrayList<>(command);
    whole.set(0, BIN.resolve(command.get(0)).toString());
    Path said = folder.resolve("said");
    Process process =
        new ProcessBuilder(whole).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(said)).isZero();
    return Files.readAllLines(said);
  }

  @Test
  void modulesResolveAndServicesAreFoundAndContractsRun() throws Exception {
    long rules =
        Arrays.stream(FeedContract.class.getDeclaredMethods())
            .filter(method -> method.isAnnotationPresent(Test.class))
            .count();

    List<String> said =
        run(List.of("java", "--module-path", modulePath, "--module", "embedder/embedder.Main"));

    assertThat(said)
        .contains(
            "module dev.tip.elastic",
            "feeds " + Feeds.installed(FeedSettings.defaults()).size(),
            "sinks [elasticsearch, ndjson]",
            "rules " + ThreatMatchRules.standard(ThreatMatchRules.Options.defaults()).size(),
            "contract " + rules + " of " + rules);
  }
}
