// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.CyberObservable;
import dev.tip.File;
import dev.tip.HashAlgorithm;
import dev.tip.InvalidIndicatorException;
import dev.tip.IpNetwork;
import dev.tip.Software.Fingerprint;
import dev.tip.format.Mapping.Kind;

/** Reads values as observables of a kind. Immutable. */
final class ValueReader {
  private static final int MAX_PORT_DIGITS = 5;
  private static final int MAX_PORT = 65_535;

  private final boolean refang;
  private final boolean mask;

  ValueReader(boolean refang, boolean mask) {
    this.refang = refang;
    this.mask = mask;
  }

  /**
   * Returns the observable.
   *
   * @throws InvalidIndicatorException if the value is none of the kind
   */
  CyberObservable read(Kind kind, CharSequence value) {
    CharSequence text = plain(value);
    return switch (kind) {
      case IP -> ip(text);
      case IP_PORT -> ip(withoutPort(text, true));
      case HOST -> host(text);
      case HOST_PORT -> host(withoutPort(text, false));
      case DOMAIN -> CyberObservable.domainName(text);
      case URL -> CyberObservable.url(text);
      case HASH -> CyberObservable.file(text);
      case MD5, SHA1, SHA256, SHA512, IMPHASH -> CyberObservable.file(algorithm(kind), text);
      case FILE_NAME -> CyberObservable.fileName(text);
      case EMAIL -> CyberObservable.emailAddr(text);
      case AS -> CyberObservable.autonomousSystem(text);
      case CERTIFICATE -> CyberObservable.x509Certificate(text);
      case JA3 -> CyberObservable.software(Fingerprint.JA3, text);
      case JA3S -> CyberObservable.software(Fingerprint.JA3S, text);
      case JA4 -> CyberObservable.software(Fingerprint.JA4, text);
      case REGISTRY_KEY -> CyberObservable.windowsRegistryKey(text, null);
      case MUTEX -> CyberObservable.mutex(text);
      case USER_ACCOUNT -> CyberObservable.userAccount(text);
      case MAC -> CyberObservable.macAddr(text);
      case ANY -> any(text);
    };
  }

  /**
   * Begins a file with a value.
   *
   * @throws InvalidIndicatorException if the value is none of the kind
   */
  void readFile(Kind kind, CharSequence value, File.Builder file) {
    switch (kind) {
      case FILE_NAME -> file.name(plain(value).toString());
      case HASH -> CyberObservable.file(plain(value)).hashes().forEach(file::hash);
      default -> file.hash(algorithm(kind), plain(value));
    }
  }

  private static HashAlgorithm algorithm(Kind kind) {
    return switch (kind) {
      case MD5 -> HashAlgorithm.MD5;
      case SHA1 -> HashAlgorithm.SHA1;
      case SHA256 -> HashAlgorithm.SHA256;
      case SHA512 -> HashAlgorithm.SHA512;
      case IMPHASH -> HashAlgorithm.IMPHASH;
      default -> throw new IllegalArgumentException("no hash of a file: " + kind);
    };
  }

  /** Returns whether a value of the kind may have a port. */
  boolean takesPort(Kind kind) {
    return kind == Kind.IP_PORT || kind == Kind.HOST_PORT || kind == Kind.ANY;
  }

  /** Returns the port of a value that has been read, or 0. */
  int port(CharSequence value) {
    CharSequence text = plain(value);
    int colon = isUrl(text) ? -1 : portColon(text);
    return colon < 0 ? 0 : portNumber(text, colon);
  }

  private CharSequence plain(CharSequence value) {
    return refang ? Refang.refang(value.toString()) : value;
  }

  private CyberObservable ip(CharSequence text) {
    return CyberObservable.ip(mask ? IpNetwork.parseMasked(text) : IpNetwork.parse(text));
  }

  private CyberObservable host(CharSequence text) {
    return isAddress(text) ? ip(text) : CyberObservable.domainName(text);
  }

  private CyberObservable any(CharSequence text) {
    if (isUrl(text)) {
      return CyberObservable.url(text);
    }
    if (indexOf(text, '@') >= 0) {
      return CyberObservable.emailAddr(text);
    }
    if (isDigest(text)) {
      return CyberObservable.file(text);
    }
    return host(withoutPort(text, false));
  }

  private static boolean isUrl(CharSequence text) {
    int colon = indexOf(text, ':');
    return colon > 0
        && colon + 2 < text.length()
        && text.charAt(colon + 1) == '/'
        && text.charAt(colon + 2) == '/';
  }

  /** Returns whether all is hexadecimal, which no host name with a dot and no address is. */
  private static boolean isDigest(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.digit(text.charAt(i), 16) < 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether it can only be an address: its last label is a number, or it has a colon. */
  private static boolean isAddress(CharSequence text) {
    if (indexOf(text, ':') >= 0) {
      return true;
    }
    int at = text.length() - 1;
    while (at >= 0 && (text.charAt(at) == '/' || isDigit(text.charAt(at)))) {
      at--;
    }
    return at < text.length() - 1 && (at < 0 || text.charAt(at) == '.');
  }

  /** Returns the place of the colon in front of the port, or -1. */
  private static int portColon(CharSequence text) {
    int last = text.length() - 1;
    while (last >= 0 && text.charAt(last) != ':') {
      last--;
    }
    boolean inBrackets = text.length() > 0 && text.charAt(0) == '[';
    if (last <= 0 || inBrackets) {
      return inBrackets && last > 0 && text.charAt(last - 1) == ']' ? last : -1;
    }
    // An address with more colons is one of IPv6.
    return indexOf(text, ':') == last ? last : -1;
  }

  private static CharSequence withoutPort(CharSequence text, boolean needed) {
    int colon = portColon(text);
    int end = text.length();
    if (colon >= 0) {
      portNumber(text, colon);
      end = colon;
    } else if (needed && indexOf(text, ':') >= 0 && text.charAt(0) != '[') {
      // Is the last group of such an IPv6 address a port?
      throw new InvalidIndicatorException("port-syntax", text);
    }
    boolean inBrackets = end > 1 && text.charAt(0) == '[' && text.charAt(end - 1) == ']';
    return inBrackets ? text.subSequence(1, end - 1) : text.subSequence(0, end);
  }

  private static int portNumber(CharSequence text, int colon) {
    long number = Numbers.parse(text, colon + 1, text.length());
    if (number < 0 || text.length() - colon - 1 > MAX_PORT_DIGITS || number > MAX_PORT) {
      throw new InvalidIndicatorException("port-syntax", text);
    }
    return (int) number;
  }

  private static int indexOf(CharSequence text, char wanted) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == wanted) {
        return i;
      }
    }
    return -1;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
