// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an indicator is about: a STIX 2.1 cyber-observable in canonical form.
 *
 * <p>Immutable. Two observables are equal exactly when type and {@linkplain #value() canonical value} are.
 */
public sealed interface CyberObservable {

  /** Returns the type. */
  Type type();

  /** Returns the canonical value; {@link #parse} of it gives an equal observable. */
  String value();

  /** The types, by their STIX and ECS names. */
  enum Type {
    /** An IPv4 address or network. */
    IPV4_ADDR("ipv4-addr"),
    /** An IPv6 address or network. */
    IPV6_ADDR("ipv6-addr"),
    /** An autonomous system. */
    AUTONOMOUS_SYSTEM("autonomous-system"),
    /** A host name. */
    DOMAIN_NAME("domain-name"),
    /** A URL. */
    URL("url"),
    /** An e-mail address. */
    EMAIL_ADDR("email-addr"),
    /** A file, by hashes or name. */
    FILE("file"),
    /** A certificate, by fingerprints. */
    X509_CERTIFICATE("x509-certificate"),
    /** Client or server software, by TLS fingerprint. */
    SOFTWARE("software"),
    /** A Windows registry key or value. */
    WINDOWS_REGISTRY_KEY("windows-registry-key"),
    /** A mutex. */
    MUTEX("mutex"),
    /** A user account. */
    USER_ACCOUNT("user-account"),
    /** A hardware address. */
    MAC_ADDR("mac-addr");

    private final String stixName;

    Type(String stixName) {
      this.stixName = stixName;
    }

    /** Returns the STIX name, which is the expected value of ECS {@code threat.indicator.type}. */
    public String stixName() {
      return stixName;
    }
  }

  /** Reads a canonical value back. */
  static CyberObservable parse(Type type, String canonicalValue) {
    throw new UnsupportedOperationException("pending");
  }

  /** An IPv4 address or network. */
  record Ipv4Addr(IpNetwork network) implements CyberObservable {
    @Override
    public Type type() {
      return Type.IPV4_ADDR;
    }

    @Override
    public String value() {
      return network.toString();
    }
  }

  /** An IPv6 address or network. */
  record Ipv6Addr(IpNetwork network) implements CyberObservable {
    @Override
    public Type type() {
      return Type.IPV6_ADDR;
    }

    @Override
    public String value() {
      return network.toString();
    }
  }

  /** An autonomous system; the value is the decimal number. */
  record AutonomousSystem(long number) implements CyberObservable {
    @Override
    public Type type() {
      return Type.AUTONOMOUS_SYSTEM;
    }

    @Override
    public String value() {
      return Long.toString(number);
    }
  }

  /** A host name in lower-case A-labels without trailing dot. */
  record DomainName(String value) implements CyberObservable {
    @Override
    public Type type() {
      return Type.DOMAIN_NAME;
    }
  }

  /** A URL; the value is the sensor form, {@link #original()} the feed's own bytes. */
  final class Url implements CyberObservable {
    private Url() {}

    @Override
    public Type type() {
      return Type.URL;
    }

    @Override
    public String value() {
      throw new UnsupportedOperationException("pending");
    }

    /** Returns the URL as the feed wrote it (after refanging, where the feed asks for it). */
    public String original() {
      throw new UnsupportedOperationException("pending");
    }

    /** Returns the scheme in lower case. */
    public String scheme() {
      throw new UnsupportedOperationException("pending");
    }

    /** Returns the host: canonical host name, IPv4 text, or IPv6 text without brackets. */
    public String host() {
      throw new UnsupportedOperationException("pending");
    }

    /** Returns the address if the host is one. */
    public @Nullable IpNetwork hostAddress() {
      throw new UnsupportedOperationException("pending");
    }

    /** Returns the port of the URL, or -1 where it is absent or the default. */
    public int port() {
      throw new UnsupportedOperationException("pending");
    }

    /** Returns the path, starting with a slash. */
    public String path() {
      throw new UnsupportedOperationException("pending");
    }

    /** Returns the query without question mark. */
    public @Nullable String query() {
      throw new UnsupportedOperationException("pending");
    }
  }

  /** An e-mail address; the domain part is canonical, the local part is lower-cased. */
  record EmailAddr(String value) implements CyberObservable {
    @Override
    public Type type() {
      return Type.EMAIL_ADDR;
    }
  }

  /** A file known by hashes, name or path. */
  final class File implements CyberObservable {
    private File() {}

    @Override
    public Type type() {
      return Type.FILE;
    }

    @Override
    public String value() {
      throw new UnsupportedOperationException("pending");
    }

    /** Returns the hashes, lower case, in the order of {@link HashAlgorithm}. */
    public Map<HashAlgorithm, String> hashes() {
      throw new UnsupportedOperationException("pending");
    }

    /** Returns the file name. */
    public @Nullable String name() {
      throw new UnsupportedOperationException("pending");
    }

    /** Returns the size in bytes, or -1. */
    public long size() {
      throw new UnsupportedOperationException("pending");
    }

    /** Returns the path. */
    public @Nullable String path() {
      throw new UnsupportedOperationException("pending");
    }

    /** Returns the media type. */
    public @Nullable String mimeType() {
      throw new UnsupportedOperationException("pending");
    }

    /** Returns a builder. */
    public static Builder builder() {
      throw new UnsupportedOperationException("pending");
    }

    /** Builds a file; at least one hash, a name or a path is needed. */
    public static final class Builder {
      private Builder() {}

      /** Adds a hash in any letter case. */
      public Builder hash(HashAlgorithm algorithm, CharSequence digest) {
        throw new UnsupportedOperationException("pending");
      }

      /** Sets the name. */
      public Builder name(String name) {
        throw new UnsupportedOperationException("pending");
      }

      /** Sets the size in bytes. */
      public Builder size(long size) {
        throw new UnsupportedOperationException("pending");
      }

      /** Sets the path. */
      public Builder path(String path) {
        throw new UnsupportedOperationException("pending");
      }

      /** Sets the media type. */
      public Builder mimeType(String mimeType) {
        throw new UnsupportedOperationException("pending");
      }

      /** Builds it. */
      public File build() {
        throw new UnsupportedOperationException("pending");
      }
    }
  }

  /** A certificate known by MD5, SHA-1 or SHA-256 fingerprints, lower case. */
  final class X509Certificate implements CyberObservable {
    private X509Certificate() {}

    @Override
    public Type type() {
      return Type.X509_CERTIFICATE;
    }

    @Override
    public String value() {
      throw new UnsupportedOperationException("pending");
    }

    /** Returns the fingerprints, lower case. */
    public Map<HashAlgorithm, String> hashes() {
      throw new UnsupportedOperationException("pending");
    }
  }

  /** Software known by a TLS fingerprint. */
  record Software(Fingerprint kind, String fingerprint) implements CyberObservable {
    /** The kinds of fingerprint. */
    public enum Fingerprint {
      /** JA3, client side, MD5. */
      JA3,
      /** JA3S, server side, MD5. */
      JA3S,
      /** JA4, client side. */
      JA4
    }

    @Override
    public Type type() {
      return Type.SOFTWARE;
    }

    @Override
    public String value() {
      throw new UnsupportedOperationException("pending");
    }
  }

  /** A registry key or value. */
  record WindowsRegistryKey(String hive, String key, @Nullable String valueName) implements CyberObservable {
    @Override
    public Type type() {
      return Type.WINDOWS_REGISTRY_KEY;
    }

    @Override
    public String value() {
      throw new UnsupportedOperationException("pending");
    }
  }

  /** A mutex by exact name. */
  record Mutex(String value) implements CyberObservable {
    @Override
    public Type type() {
      return Type.MUTEX;
    }
  }

  /** A user account by name. */
  record UserAccount(String value) implements CyberObservable {
    @Override
    public Type type() {
      return Type.USER_ACCOUNT;
    }
  }

  /** A hardware address as ECS writes it, {@code 00-00-5E-00-53-23}. */
  record MacAddr(String value) implements CyberObservable {
    @Override
    public Type type() {
      return Type.MAC_ADDR;
    }
  }

  /** Returns an address or network; host bits set are refused. */
  static CyberObservable ip(CharSequence text) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns an address or network. */
  static CyberObservable ip(IpNetwork network) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns an AS from {@code 64496} or {@code AS64496}. */
  static AutonomousSystem autonomousSystem(CharSequence text) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns a host name. */
  static DomainName domainName(CharSequence text) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns a URL. */
  static Url url(CharSequence text) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns an e-mail address. */
  static EmailAddr emailAddr(CharSequence text) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns a file by one hash. */
  static File file(HashAlgorithm algorithm, CharSequence digest) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns a file by its MD5, SHA-1, SHA-256 or SHA-512, told by the length. */
  static File file(CharSequence digest) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns a file by name. */
  static File fileName(CharSequence name) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns a certificate by fingerprint, told by the length; colons are allowed. */
  static X509Certificate x509Certificate(CharSequence fingerprint) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns software by fingerprint. */
  static Software software(Software.Fingerprint kind, CharSequence fingerprint) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns a registry key, optionally with the name of a value. */
  static WindowsRegistryKey windowsRegistryKey(CharSequence key, @Nullable CharSequence valueName) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns a mutex. */
  static Mutex mutex(CharSequence name) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns a user account. */
  static UserAccount userAccount(CharSequence name) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns a hardware address. */
  static MacAddr macAddr(CharSequence text) {
    throw new UnsupportedOperationException("pending");
  }
}
