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
 * Runs a main class in a process whose files cannot grow beyond a limit, or for which a folder is a
 * small disk of its own: the system writes what still fits and refuses the rest.
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
    // POSIX counts in blocks of 512 bytes.
    return run(
        List.of("sh", "-c", "ulimit -f " + 2 * kibibytes + " && exec \"$0\" \"$@\""),
        main,
        arguments);
  }

  /** Returns whether this user may mount what no other process sees. */
  public static boolean canMount() throws IOException, InterruptedException {
    try {
      return new ProcessBuilder("unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      // Neither is there on this system.
      return false;
    }
  }

  /**
   * Returns what the program printed for which a folder is a disk of its own.
   *
   * @param options of mount, such as {@code size=1m} or {@code ro}
   */
  public static String runMounted(Path folder, String options, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    String mount = "mount -t tmpfs -o " + options + " none '" + folder + "'";
    return run(
        List.of("unshare", "-m", "sh", "-c", mount + " && exec \"$0\" \"$@\""), main, arguments);
  }

  private static String run(List<String> within, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(within);
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
