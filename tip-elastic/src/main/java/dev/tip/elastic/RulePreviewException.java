// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import java.io.IOException;
import java.util.Objects;

/**
 * Thrown when a server cannot or will not run a rule. Its message says what to do, and holds no
 * secret.
 */
public final class RulePreviewException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  RulePreviewException(Kind kind, String message) {
    super(message);
    this.kind = Objects.requireNonNull(kind);
  }

  /** Returns what is wrong. */
  public Kind kind() {
    return kind;
  }

  /** What is wrong. */
  public enum Kind {
    /** The server does not know the {@code kql} query: it is too old, or a build without it. */
    NO_KQL,
    /** The rule names no index, or one without wildcard that does not exist. */
    NO_INDEX,
    /** The credentials or the privileges behind them are refused. */
    DENIED,
    /** A query of the rule is refused; Kibana would show the rule as failed. */
    REFUSED,
    /** The server is overloaded or broken; try again. */
    UNAVAILABLE
  }
}
