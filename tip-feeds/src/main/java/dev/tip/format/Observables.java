// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.CyberObservable;
import dev.tip.HashAlgorithm;
import dev.tip.InvalidIndicatorException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Observables of formats that say what kind of thing a value is, and say it loosely. */
final class Observables {
  private Observables() {}

  /** Returns a host: an address, where one is listed as a name, is an address. */
  static CyberObservable host(String text) {
    if (mayBeAddress(text)) {
      try {
        return CyberObservable.ip(text);
      } catch (InvalidIndicatorException e) {
        return CyberObservable.domainName(text);
      }
    }
    return CyberObservable.domainName(text);
  }

  private static boolean mayBeAddress(String text) {
    if (text.indexOf(':') >= 0) {
      return true;
    }
    boolean good = !text.isEmpty();
    for (int i = 0; good && i < text.length(); i++) {
      char c = text.charAt(i);
      good = c >= '0' && c <= '9' || c == '.' || c == '/' || c == ' ';
    }
    return good;
  }

  /** Returns the algorithm by a name in any spelling ({@code SHA-256}, {@code sha256}), or null. */
  static @Nullable HashAlgorithm hashAlgorithm(String name) {
    return switch (name.toUpperCase(Locale.ROOT).replace("-", "").replace("_", "")) {
      case "MD5" -> HashAlgorithm.MD5;
      case "SHA1" -> HashAlgorithm.SHA1;
      case "SHA256" -> HashAlgorithm.SHA256;
      case "SHA512" -> HashAlgorithm.SHA512;
      case "IMPHASH" -> HashAlgorithm.IMPHASH;
      case "SSDEEP" -> HashAlgorithm.SSDEEP;
      case "TLSH" -> HashAlgorithm.TLSH;
      default -> null;
    };
  }

  /** Returns the cryptographic algorithm with digests of this length, or null. */
  static @Nullable HashAlgorithm byLength(CharSequence digest) {
    for (HashAlgorithm algorithm : HashAlgorithm.values()) {
      if (algorithm.isCryptographic() && algorithm.hexLength() == digest.length()) {
        return algorithm;
      }
    }
    return null;
  }
}
