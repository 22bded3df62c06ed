// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

/**
 * Software known by a TLS fingerprint; the value is {@code ja3:…}, {@code ja3s:…} or {@code ja4:…}.
 */
public final class Software extends CyberObservable {
  private final Fingerprint kind;
  private final String fingerprint;

  Software(Fingerprint kind, String fingerprint) {
    super(Type.SOFTWARE);
    this.kind = kind;
    this.fingerprint = fingerprint;
  }

  static Software parseValue(String value) {
    for (Fingerprint kind : Fingerprint.values()) {
      if (value.startsWith(kind.prefix) && value.startsWith(":", kind.prefix.length())) {
        return software(kind, value.substring(kind.prefix.length() + 1));
      }
    }
    throw new InvalidIndicatorException("fingerprint-kind", value);
  }

  /** Returns the kind of fingerprint. */
  public Fingerprint kind() {
    return kind;
  }

  /** Returns the canonical fingerprint. */
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public String value() {
    return kind.prefix + ':' + fingerprint;
  }

  /** The kinds of fingerprint. */
  public enum Fingerprint {
    /** JA3, client side, MD5. */
    JA3("ja3"),
    /** JA3S, server side, MD5. */
    JA3S("ja3s"),
    /** JA4, client side. */
    JA4("ja4");

    private final String prefix;

    Fingerprint(String prefix) {
      this.prefix = prefix;
    }
  }
}
