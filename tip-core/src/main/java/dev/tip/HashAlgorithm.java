// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

/** An algorithm by which a file or a certificate is known, weakest identity last. */
public enum HashAlgorithm {
  /** SHA-512, 128 hexadecimal digits. */
  SHA512("sha512", 128),
  /** SHA-256, 64 hexadecimal digits. */
  SHA256("sha256", 64),
  /** SHA-1, 40 hexadecimal digits. */
  SHA1("sha1", 40),
  /** MD5, 32 hexadecimal digits. */
  MD5("md5", 32),
  /** Hash of a PE file's import table, 32 hexadecimal digits; shared by many files. */
  IMPHASH("imphash", 32),
  /** Similarity digest of ssdeep. */
  SSDEEP("ssdeep", -1),
  /** Similarity digest TLSH, 70 hexadecimal digits with or without the prefix {@code T1}. */
  TLSH("tlsh", -1);

  private final String ecsName;
  private final int hexLength;

  HashAlgorithm(String ecsName, int hexLength) {
    this.ecsName = ecsName;
    this.hexLength = hexLength;
  }

  /** Returns the last part of the ECS field name, for example {@code sha256}. */
  public String ecsName() {
    return ecsName;
  }

  /** Returns the number of hexadecimal digits, or -1 for a digest that is not plain hexadecimal. */
  public int hexLength() {
    return hexLength;
  }

  /** Returns whether equal digests mean equal content: true for MD5 and the SHA family. */
  public boolean isCryptographic() {
    return ordinal() <= MD5.ordinal();
  }
}
