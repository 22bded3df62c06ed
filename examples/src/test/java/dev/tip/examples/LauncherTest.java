// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
    return start(Map.of(), arguments)
        .redirectOutput(root.resolve("said").toFile())
        .start()
        .waitFor();
  }

  private ProcessBuilder start(Map<String, String> variables, String... arguments) {
    List<String> command = new ArrayList<>(List.of("sh", root.resolve("tip").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.put("JAVA_HOME", root.resolve("jdk").toString());
    environment.put("PATH", root.resolve("jdk/bin") + ":" + environment.get("PATH"));
    environment.putAll(variables);
    return builder;
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

  /** The server and Maven are running then, and neither may outlive the launcher. */
  @Test
  void signalEndsMavenAndLeavesNoFilesAndNoServer() throws Exception {
    String pom = Files.readString(root.resolve("pom.xml"));
    String version = property(pom, "elasticsearch.server.version");
    Path server = Files.createDirectories(root.resolve("target/elasticsearch"));
    Files.createFile(server.resolve("elasticsearch-" + version + ".zip"));
    Files.createFile(server.resolve("x-pack-kql-" + version + ".jar"));
    Files.createFile(server.resolve("antlr4-runtime-" + property(pom, "antlr.version") + ".jar"));
    Path source = root.resolve("tip-testkit/src/main/java/dev/tip/testkit/ElasticsearchNode.java");
    Files.createDirectories(source.getParent());
    Files.createFile(source);
    Files.delete(root.resolve("examples/target/tip.jar"));
    Files.delete(root.resolve("jdk/bin/mvn"));
    Path temp = Files.createDirectory(root.resolve("temp"));
    Path maven = root.resolve("maven.pid");
    executable(
        "mvn",
        """
        [ "$1" = -v ] && echo 'Apache Maven 3.9.9' && exit
        echo $$ >"%1$s.part"
        mv "%1$s.part" "%1$s"
        exec sleep 600
        """
            .formatted(maven));

    Process launcher = start(Map.of("TMPDIR", temp.toString()), "demo").start();
    try {
      awaitFile(maven);
      ProcessHandle child =
          ProcessHandle.of(Long.parseLong(Files.readString(maven).strip())).orElseThrow();
      assertThat(temp).isNotEmptyDirectory();

      launcher.destroy();

      assertThat(launcher.waitFor()).isEqualTo(143);
      child.onExit().get(30, TimeUnit.SECONDS);
      assertThat(temp).isEmptyDirectory();
      // The server is told whose end is its own.
      assertThat(root.resolve("calls")).content().contains("--parent " + launcher.pid());
    } finally {
      launcher.destroyForcibly();
    }
  }

  private static String property(String pom, String name) {
    int start = pom.indexOf('<' + name + '>') + name.length() + 2;
    return pom.substring(start, pom.indexOf('<', start));
  }

  private static void awaitFile(Path file) throws IOException, InterruptedException {
    try (WatchService watch = file.getFileSystem().newWatchService()) {
      file.getParent().register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      for (int i = 0; i < 60 && !Files.exists(file); i++) {
        WatchKey key = watch.poll(1, TimeUnit.SECONDS);
        if (key != null) {
          key.pollEvents();
          key.reset();
        }
      }
    }
    assertThat(file).exists();
  }
}
