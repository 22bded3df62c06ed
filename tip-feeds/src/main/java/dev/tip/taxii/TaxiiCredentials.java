// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.taxii;

import dev.tip.feed.Authorization;
import dev.tip.feed.HttpFeed;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How the secret of a feed is sent to a TAXII server.
 *
 * @param authorization in the header {@code Authorization}, or null
 * @param header in a header of the server's own, or null
 */
public record TaxiiCredentials(@Nullable Authorization authorization, @Nullable String header) {
  /** No secret is sent. */
  public static final TaxiiCredentials NONE = new TaxiiCredentials(null, null);

  /** The secret is {@code user:password}. */
  public static final TaxiiCredentials BASIC = new TaxiiCredentials(Authorization.BASIC, null);

  /** The secret is a bearer token. */
  public static final TaxiiCredentials BEARER = new TaxiiCredentials(Authorization.BEARER, null);

  /** Returns that the secret is the value of a header. */
  public static TaxiiCredentials header(String name) {
    return new TaxiiCredentials(null, Objects.requireNonNull(name, "name"));
  }

  void sendWith(HttpFeed.Builder request) {
    if (authorization != null) {
      request.authorization(authorization);
    } else if (header != null) {
      request.secretHeader(header);
    }
  }
}
