// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Thrown when a ledger is not what was written, or of another version. */
final class CorruptLedgerException extends IOException {
  private static final long serialVersionUID = 1L;

  CorruptLedgerException(String message) {
    this(message, null);
  }

  CorruptLedgerException(String message, @Nullable Throwable cause) {
    super("the ledger cannot be used: " + message, cause);
  }
}
