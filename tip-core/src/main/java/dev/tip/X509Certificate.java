// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import java.util.EnumMap;
import java.util.Map;

/** A certificate known by MD5, SHA-1 or SHA-256 fingerprints; the value is the strongest. */
public final class X509Certificate extends CyberObservable {
  private final String value;
  private final Map<HashAlgorithm, String> hashes;

  X509Certificate(Map<HashAlgorithm, String> hashes) {
    super(Type.X509_CERTIFICATE);
    this.hashes = hashes;
    this.value = hashes.values().iterator().next();
  }

  /**
   * Returns a certificate by all its fingerprints, in any letter case, with or without colons.
   *
   * @throws InvalidIndicatorException if there is none, or one is not of its algorithm, or the
   *     algorithm is not one for certificates
   */
  public static X509Certificate of(Map<HashAlgorithm, ? extends CharSequence> fingerprints) {
    EnumMap<HashAlgorithm, String> hashes = new EnumMap<>(HashAlgorithm.class);
    fingerprints.forEach(
        (algorithm, fingerprint) -> {
          CharSequence digits = Digests.withoutColons(fingerprint);
          if (Digests.certificateAlgorithm(digits) != algorithm) {
            throw new InvalidIndicatorException("fingerprint-length", fingerprint);
          }
          hashes.put(algorithm, Digests.canonical(algorithm, digits));
        });
    if (hashes.isEmpty()) {
      throw new InvalidIndicatorException("fingerprint-length", "");
    }
    return new X509Certificate(Digests.unmodifiable(hashes));
  }

  @Override
  X509Certificate merge(CyberObservable equal) {
    X509Certificate other = (X509Certificate) equal;
    return new X509Certificate(Digests.unmodifiable(Digests.union(hashes, other.hashes)));
  }

  @Override
  boolean hasSameProperties(CyberObservable equal) {
    return hashes.equals(((X509Certificate) equal).hashes);
  }

  @Override
  public String value() {
    return value;
  }

  /** Returns the fingerprints, lower case, strongest first; unmodifiable. */
  public Map<HashAlgorithm, String> hashes() {
    return hashes;
  }
}
