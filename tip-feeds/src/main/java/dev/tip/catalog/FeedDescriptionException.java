// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** Thrown when a description of feeds cannot be used; it has everything that is wrong with it. */
public final class FeedDescriptionException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  FeedDescriptionException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  FeedDescriptionException(int line, int column, String message) {
    this(List.of(new Problem(line, column, message)));
  }

  /** Returns what is wrong, in the order of the file; at least one. */
  public List<Problem> problems() {
    return problems;
  }

  /**
   * Something that is wrong.
   *
   * @param file the file, or the empty text if it is not known
   * @param line where it stands, from 1
   * @param column where it stands, in characters from 1
   * @param message what is wrong and what to do
   */
  public record Problem(String file, int line, int column, String message) {
    /** Takes control characters out of the message, since it may quote the file. */
    public Problem {
      message = message.replaceAll("\\p{Cntrl}", " ");
    }

    Problem(int line, int column, String message) {
      this("", line, column, message);
    }

    Problem in(String name) {
      return new Problem(name, line, column, message);
    }

    @Override
    public String toString() {
      return (file.isEmpty() ? "" : file + ", ")
          + "line "
          + line
          + ", column "
          + column
          + ": "
          + message;
    }
  }
}
