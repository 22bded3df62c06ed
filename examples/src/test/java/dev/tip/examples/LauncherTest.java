// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the launcher with a Java that only notes what it was asked to run. */
@EnabledOnOs(OS.LINUX)
class LauncherTest {
  @TempDir Path root;

  @BeforeEach
  void prepare() throws IOException {
    Path source = Files.exists(Path.of("tip")) ? Path.of("") : Path.of("..");
    for (String file : List.of("tip", "pom.xml")) {
      Files.copy(source.resolve(file), root.resolve(file));
    }
    Files.createDirectories(root.resolve("jdk/bin"));
    executable(
        "java",
        """
        if [ "$1" = -version ]; then
          echo 'openjdk version "17.0.1" 2021-10-19' >&2
        else
          echo "$*" >> "%s/calls"
        fi
        """
            .formatted(root));
    executable("javac", "");
    executable("mvn", "[ \"$1\" = -v ] && echo 'Apache Maven 3.9.9'\n");
    // Newer than all sources, so that nothing is built.
    Files.createDirectories(root.resolve("examples/target"));
    Files.createFile(root.resolve("examples/target/tip.jar"));
  }

  private void executable(String name, String script) throws IOException {
    Path file =
        Files.createFile(
            root.resolve("jdk/bin").resolve(name),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.writeString(file, "#!/bin/sh\n" + script);
  }

  /** Returns the exit code; what was said is in a file. */
  private int run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("sh", root.resolve("tip").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.put("JAVA_HOME", root.resolve("jdk").toString());
    environment.put("PATH", root.resolve("jdk/bin") + ":" + environment.get("PATH"));
    return builder.redirectOutput(root.resolve("said").toFile()).start().waitFor();
  }

  @Test
  void argumentsReachTheCommandAsTheyAre() throws Exception {
    assertThat(run("rules", "--out", "a b")).isZero();
    assertThat(root.resolve("calls"))
        .content()
        .endsWith("-jar " + root.resolve("examples/target/tip.jar") + " rules --out a b\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo --help", "demo -h", "sync --embedded --help"})
  void helpOfWhatHasAServerGetsNone(String arguments) throws Exception {
    assertThat(run(arguments.split(" ", -1))).isZero();
    assertThat(root.resolve("said")).content().doesNotContain("Elasticsearch");
    assertThat(root.resolve("calls")).content().endsWith(arguments + "\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "sync --embedded"})
  void whatHasAServerGetsItThroughMavenAndSaysSoIfItCannot(String arguments) throws Exception {
    assertThat(run(arguments.split(" ", -1))).isEqualTo(2);
    assertThat(root.resolve("said")).content().contains("getting Elasticsearch", "Maven could not");
    assertThat(root.resolve("calls")).doesNotExist();
  }
}
