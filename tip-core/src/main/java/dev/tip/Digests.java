// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import dev.tip.Software.Fingerprint;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** The canonical form of digests and fingerprints. */
final class Digests {
  private static final int TLSH_LENGTH = 70;
  private static final int MAX_SSDEEP_PART = 64;
  private static final int MD5_LENGTH = HashAlgorithm.MD5.hexLength();
  private static final int JA4_LENGTH = 36;

  private Digests() {}

  static String canonical(HashAlgorithm algorithm, CharSequence text) {
    return switch (algorithm) {
      case SHA512, SHA256, SHA1, MD5, IMPHASH -> {
        if (text.length() != algorithm.hexLength()) {
          throw new InvalidIndicatorException("hash-length", text);
        }
        yield Hex.lowerCase(text, 0, text.length(), "hash-not-hexadecimal");
      }
      case SSDEEP -> ssdeep(text);
      case TLSH -> tlsh(text);
    };
  }

  /** Returns the cryptographic algorithm whose digests have the length of the text. */
  static HashAlgorithm algorithm(CharSequence text) {
    return switch (text.length()) {
      case 32 -> HashAlgorithm.MD5;
      case 40 -> HashAlgorithm.SHA1;
      case 64 -> HashAlgorithm.SHA256;
      case 128 -> HashAlgorithm.SHA512;
      default -> throw new InvalidIndicatorException("hash-length", text);
    };
  }

  static HashAlgorithm certificateAlgorithm(CharSequence text) {
    return switch (text.length()) {
      case 32 -> HashAlgorithm.MD5;
      case 40 -> HashAlgorithm.SHA1;
      case 64 -> HashAlgorithm.SHA256;
      default -> throw new InvalidIndicatorException("fingerprint-length", text);
    };
  }

  /** Returns the digits of {@code AB:CD:…}; text of another shape comes back as it is. */
  static CharSequence withoutColons(CharSequence text) {
    int length = text.length();
    if (length < 3 || length % 3 != 2 || text.charAt(2) != ':') {
      return text;
    }
    StringBuilder out = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (i % 3 != 2) {
        out.append(c);
      } else if (c != ':') {
        return text;
      }
    }
    return out;
  }

  static String tlsFingerprint(Fingerprint kind, CharSequence text) {
    return switch (kind) {
      case JA3, JA3S -> {
        if (text.length() != MD5_LENGTH) {
          throw new InvalidIndicatorException("fingerprint-length", text);
        }
        yield Hex.lowerCase(text, 0, MD5_LENGTH, "fingerprint-not-hexadecimal");
      }
      case JA4 -> ja4(text);
    };
  }

  /** Returns the hashes of both; of two of one algorithm the lesser. */
  static EnumMap<HashAlgorithm, String> union(
      Map<HashAlgorithm, String> a, Map<HashAlgorithm, String> b) {
    EnumMap<HashAlgorithm, String> union = new EnumMap<>(HashAlgorithm.class);
    union.putAll(a);
    b.forEach(
        (algorithm, hash) -> union.merge(algorithm, hash, (x, y) -> x.compareTo(y) <= 0 ? x : y));
    return union;
  }

  static Map<HashAlgorithm, String> unmodifiable(EnumMap<HashAlgorithm, String> hashes) {
    return hashes.isEmpty() ? Map.of() : Collections.unmodifiableMap(hashes.clone());
  }

  /** Protocol, version, SNI, two counts, two characters of ALPN, two truncated SHA-256. */
  private static String ja4(CharSequence text) {
    if (text.length() != JA4_LENGTH) {
      throw new InvalidIndicatorException("fingerprint-length", text);
    }
    StringBuilder out = new StringBuilder(JA4_LENGTH);
    for (int i = 0; i < JA4_LENGTH; i++) {
      char c = text.charAt(i);
      char lower = c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c;
      boolean digit = c >= '0' && c <= '9';
      boolean good =
          switch (i) {
            case 0 -> lower == 't' || lower == 'q' || lower == 'd';
            case 1, 2 -> digit || lower == 's' || lower == 'd';
            case 3 -> lower == 'd' || lower == 'i';
            case 4, 5, 6, 7 -> digit;
            case 8, 9 -> digit || lower >= 'a' && lower <= 'z';
            case 10, 23 -> c == '_';
            default -> Hex.digit(c) >= 0;
          };
      if (!good) {
        throw new InvalidIndicatorException("ja4-syntax", text);
      }
      // The ALPN characters are the client's own bytes, so their case counts.
      out.append(i == 8 || i == 9 ? c : lower);
    }
    return out.toString();
  }

  private static String tlsh(CharSequence text) {
    int start = text.length() == TLSH_LENGTH + 2 ? 2 : 0;
    if (text.length() - start != TLSH_LENGTH
        || start == 2 && ((text.charAt(0) | 0x20) != 't' || text.charAt(1) != '1')) {
      throw new InvalidIndicatorException("tlsh-syntax", text);
    }
    return "T1" + Hex.upperCase(text, start, TLSH_LENGTH, "tlsh-syntax");
  }

  /** {@code block size:digest:digest}, the digests in base64 without padding. */
  private static String ssdeep(CharSequence text) {
    int length = text.length();
    int i = 0;
    while (i < length && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
      i++;
    }
    boolean good = i > 0 && i <= 10 && text.charAt(0) != '0';
    for (int part = 0; part < 2 && good; part++) {
      good = i < length && text.charAt(i) == ':';
      int start = ++i;
      while (i < length && isBase64(text.charAt(i))) {
        i++;
      }
      good &= i > start && i - start <= MAX_SSDEEP_PART;
    }
    if (!good || i != length) {
      throw new InvalidIndicatorException("ssdeep-syntax", text);
    }
    return text.toString();
  }

  private static boolean isBase64(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '+'
        || c == '/';
  }
}
