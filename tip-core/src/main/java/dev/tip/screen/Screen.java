// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.screen;

import dev.tip.Indicator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides what must never be published although a feed lists it. Implementations are thread-safe
 * and fast: they are asked once per indicator.
 */
@FunctionalInterface
public interface Screen {

  /**
   * Returns why an indicator must not be published.
   *
   * @return a stable code in kebab case, for example {@code special-purpose-address}, or null to
   *     let it pass
   */
  @Nullable String check(Indicator indicator);

  /** Returns a screen that asks this one and then the other. */
  default Screen and(Screen other) {
    Objects.requireNonNull(other);
    return indicator -> {
      String reason = check(indicator);
      return reason != null ? reason : other.check(indicator);
    };
  }

  /**
   * Returns a screen that refuses addresses which no host on the internet has, as {@code
   * special-purpose-address}: private, loopback, link-local, shared, benchmark, multicast and
   * reserved ones, networks that contain or lie in such a range, and URLs of such a host.
   *
   * <p>The ranges are those of the IANA registries of special-purpose addresses (RFC 6890) that are
   * not globally reachable, IPv4 and IPv6 multicast (RFC 5771, RFC 4291) and {@code fec0::/10} (RFC
   * 3879). Documentation ranges pass: no traffic has them, and examples need some.
   */
  static Screen specialPurpose() {
    return SpecialPurposeAddresses.INSTANCE;
  }

  /** Returns a screen that lets everything pass. */
  static Screen none() {
    return indicator -> null;
  }
}
