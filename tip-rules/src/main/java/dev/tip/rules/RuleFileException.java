// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file that holds no rules: it is no TOML or no JSON, or too large. The message says where. */
public final class RuleFileException extends IOException {
  private static final long serialVersionUID = 1;

  RuleFileException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
