// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Thrown when a stored record is not what was written: a disk or another program changed it. */
final class CorruptRecordException extends IOException {
  private static final long serialVersionUID = 1L;

  CorruptRecordException(String message) {
    this(message, null);
  }

  CorruptRecordException(String message, @Nullable Throwable cause) {
    super("stored record is corrupt: " + message, cause);
  }
}
