// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option of every command that looks at what sync remembers. */
final class StateFolder {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--state",
      required = true,
      paramLabel = "DIR",
      description = "Folder that sync remembers in.")
  private Path path;

  /**
   * Returns the folder.
   *
   * @throws ParameterException if it is none
   */
  Path path() {
    if (!Files.isDirectory(path)) {
      throw new ParameterException(spec.commandLine(), "--state: " + path + " is no folder");
    }
    return path;
  }
}
