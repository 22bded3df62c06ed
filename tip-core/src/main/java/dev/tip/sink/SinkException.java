// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sink;

import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a sink's target cannot be written at all. Its message says what to do, and holds no
 * secret.
 */
public final class SinkException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /**
   * Creates the exception.
   *
   * @param message a sentence that says what happened and what to do, without secrets
   */
  public SinkException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind);
  }

  /** Returns what is wrong. */
  public Kind kind() {
    return kind;
  }

  /** What is wrong with the target. */
  public enum Kind {
    /** It cannot be reached, or gave no usable answer until the deadline. */
    UNREACHABLE,
    /** It refused the credentials or the privileges behind them. */
    AUTH,
    /** It is there but not set up for this: index, alias or mapping. */
    CONFIG,
    /** It is blocked for writing, for example because its disk is full. */
    BLOCKED
  }
}
