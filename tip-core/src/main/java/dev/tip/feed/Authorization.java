// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** How a secret stands in the header {@code Authorization}. */
public enum Authorization {
  /** The secret is {@code user:password} (RFC 7617). */
  BASIC("Basic "),
  /** The secret is a token (RFC 6750). */
  BEARER("Bearer ");

  private final String prefix;

  Authorization(String prefix) {
    this.prefix = prefix;
  }

  /** Returns the value of the header. */
  String value(String secret) {
    return prefix
        + (this == BASIC
            ? Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8))
            : secret);
  }
}
