// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when Kibana cannot be asked or refuses a request as a whole. Its message says what to do,
 * and holds neither the API key nor control characters.
 */
public final class KibanaException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Problem problem;

  KibanaException(Problem problem, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.problem = Objects.requireNonNull(problem);
  }

  /** Returns what is wrong. */
  public Problem problem() {
    return problem;
  }

  /** What is wrong. More can be added. */
  public enum Problem {
    /** No connection, or it broke off; what was being sent may have been done or not. */
    UNREACHABLE,
    /** What answers is no Kibana: a web page, a redirect, no JSON, or more than can be. */
    NOT_KIBANA,
    /** Older than the rules are made for. */
    TOO_OLD,
    /** The API key is missing, wrong, expired or revoked. */
    UNAUTHORIZED,
    /** The API key lacks a privilege. */
    FORBIDDEN,
    /** The licence of the cluster does not cover it. */
    LICENCE,
    /** The space does not exist. */
    NO_SPACE,
    /** Too busy, or not up yet, until the deadline. */
    BUSY,
    /** No answer until the deadline; what was being sent may have been done or not. */
    TIMED_OUT,
    /** Kibana does not take the request. */
    REFUSED,
    /** The installed rules are no longer those that the plan was made for. */
    CHANGED
  }
}
