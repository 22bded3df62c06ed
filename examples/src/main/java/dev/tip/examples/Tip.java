// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code tip} command. */
@Command(
    name = "tip",
    description = "Collects indicators of compromise from public threat lists.",
    mixinStandardHelpOptions = true,
    version = "tip 0.1.0-SNAPSHOT",
    subcommands = {
      FeedsCommand.class,
      InstallCommand.class,
      SyncCommand.class,
      StatusCommand.class,
      ShowCommand.class,
      QuarantineCommand.class,
      VerifyCommand.class,
      PurgeCommand.class,
      RulesCommand.class,
      HuntCommand.class,
      DemoCommand.class
    })
public final class Tip {
  /** Everything ended well. */
  static final int OK = 0;

  /** Some feed failed. */
  static final int SOME_FAILED = 1;

  /** The command line cannot be used. */
  static final int USAGE = 2;

  /** Nothing could be stored. */
  static final int NOTHING_STORED = 3;

  /** A fault of tip itself, as {@code EX_SOFTWARE} of sysexits.h. */
  static final int FAULT = 70;

  private Tip() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] args) {
    EmbeddedServer.tidyAtExit(System.getProperties());
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Tip());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(Tip::explain);
    line.setParameterExceptionHandler(Tip::complain);
    return line;
  }

  /** Says what is wrong with the command line; the whole help would hide it. */
  private static int complain(ParameterException failure, String[] args) {
    CommandLine line = failure.getCommandLine();
    PrintWriter err = line.getErr();
    err.println("tip: " + failure.getMessage());
    UnmatchedArgumentException.printSuggestions(failure, err);
    err.print("Usage: " + line.getHelp().abbreviatedSynopsis());
    err.println("See " + line.getCommandSpec().qualifiedName() + " --help");
    err.flush();
    return USAGE;
  }

  /** Says what went wrong in a sentence; a stack trace helps nobody at a terminal. */
  private static int explain(Exception failure, CommandLine line, ParseResult parsed) {
    if (failure instanceof InterruptedException) {
      line.getErr().println("tip: interrupted");
      return NOTHING_STORED;
    }
    if (failure instanceof IOException || failure instanceof IllegalArgumentException) {
      line.getErr().println("tip: " + sentence(failure));
      return failure instanceof IOException ? NOTHING_STORED : USAGE;
    }
    line.getErr().println("tip: this is a fault of tip; please report it with what follows");
    failure.printStackTrace(line.getErr());
    return FAULT;
  }

  /** The message of a failure; that of the file system is no more than the name of the file. */
  static String sentence(Exception failure) {
    if (failure instanceof FileSystemException e && e.getReason() == null) {
      String why =
          e instanceof NoSuchFileException
              ? "is not there, or its folder is not"
              : e instanceof AccessDeniedException
                  ? "may not be read or written"
                  : e instanceof FileAlreadyExistsException
                      ? "is there already, and is no folder"
                      : "cannot be used";
      return e.getFile() + " " + why;
    }
    return failure.getMessage() != null ? failure.getMessage() : failure.toString();
  }
}
