// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.CyberObservable;
import dev.tip.File;
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

  /**
   * Returns a file by a hash, before which its name may stand with a bar between.
   *
   * @param hash the name of the algorithm
   */
  static CyberObservable file(String hash, String value) {
    HashAlgorithm algorithm = hashAlgorithm(hash);
    if (algorithm == null) {
      throw new InvalidIndicatorException("misp-type", hash);
    }
    // A name can have a bar in it, a hash has none.
    int bar = value.lastIndexOf('|');
    File.Builder file = File.builder().hash(algorithm, value.substring(bar + 1).strip());
    if (bar > 0) {
      describe(file, value.substring(0, bar));
    }
    return file.build();
  }

  /** Names a file that is known by its hash; a name that cannot be written down is left out. */
  static void describe(File.Builder file, String name) {
    try {
      file.name(name);
    } catch (InvalidIndicatorException e) {
      // The hash is the file.
    }
  }
}
