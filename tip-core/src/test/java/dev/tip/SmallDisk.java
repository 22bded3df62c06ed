// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs a main class in a process whose files cannot grow beyond a limit: the system writes what
 * still fits and refuses the rest, as on a full disk.
 */
public final class SmallDisk {
  private SmallDisk() {}

  /**
   * Returns what the program printed.
   *
   * @param kibibytes the most that a file may have
   */
  public static String run(int kibibytes, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    // POSIX counts in blocks of 512 bytes.
    command.addAll(List.of("sh", "-c", "ulimit -f " + 2 * kibibytes + " && exec \"$0\" \"$@\""));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("the program failed: " + printed);
      }
      return printed;
    } finally {
      process.destroyForcibly();
    }
  }
}
