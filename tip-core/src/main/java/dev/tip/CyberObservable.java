// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an indicator is about: a STIX 2.1 cyber-observable in canonical form. Immutable.
 *
 * <p>The factories here, and the builders of the types that have one, decide the canonical form.
 * Two observables are equal exactly when type and {@linkplain #value() canonical value} are; what
 * else a type knows is not part of its identity.
 *
 * @see <a href="https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html#_mlbmudhl16lr">STIX
 *     Cyber-observable Objects</a>
 */
public abstract sealed class CyberObservable
    permits AutonomousSystem,
        DomainName,
        EmailAddr,
        File,
        Ipv4Addr,
        Ipv6Addr,
        MacAddr,
        Mutex,
        Software,
        Url,
        UserAccount,
        WindowsRegistryKey,
        X509Certificate {
  /**
   * The name and version of the rules by which values become canonical, written down in {@code
   * docs/normalisation.md}. It changes whenever one input gets another value, and with it ids.
   */
  public static final String NORMALISATION_PROFILE = "tip-1";

  private final Type type;

  CyberObservable(Type type) {
    this.type = type;
  }

  /** Returns the type. */
  public final Type type() {
    return type;
  }

  /** Returns the canonical value; {@link #parse} of it gives an equal observable. */
  public abstract String value();

  /**
   * Returns the union of what two equal observables know besides their value: associative,
   * commutative and idempotent.
   */
  CyberObservable merge(CyberObservable equal) {
    return this;
  }

  /** Returns whether an equal observable knows the same besides its value. */
  boolean hasSameProperties(CyberObservable equal) {
    return true;
  }

  @Override
  public final boolean equals(@Nullable Object o) {
    return o instanceof CyberObservable other
        && type == other.type
        && value().equals(other.value());
  }

  @Override
  public final int hashCode() {
    return value().hashCode();
  }

  /** Returns type and value, for people. */
  @Override
  public final String toString() {
    return type.stixName() + ' ' + value();
  }

  /**
   * Reads a canonical value back.
   *
   * @throws InvalidIndicatorException if the value is not one of the type; reason {@code
   *     not-canonical} if it would be after normalisation
   */
  public static CyberObservable parse(Type type, String canonicalValue) {
    CyberObservable observable =
        switch (type) {
          case IPV4_ADDR, IPV6_ADDR -> ip(canonicalValue);
          case AUTONOMOUS_SYSTEM -> autonomousSystem(canonicalValue);
          case DOMAIN_NAME -> domainName(canonicalValue);
          case URL -> url(canonicalValue);
          case EMAIL_ADDR -> emailAddr(canonicalValue);
          case FILE -> File.parseValue(canonicalValue);
          case X509_CERTIFICATE -> x509Certificate(canonicalValue);
          case SOFTWARE -> Software.parseValue(canonicalValue);
          case WINDOWS_REGISTRY_KEY -> WindowsRegistryKey.parseValue(canonicalValue);
          case MUTEX -> mutex(canonicalValue);
          case USER_ACCOUNT -> userAccount(canonicalValue);
          case MAC_ADDR -> macAddr(canonicalValue);
        };
    if (observable.type != type) {
      throw new InvalidIndicatorException("address-family", canonicalValue);
    }
    if (!observable.value().equals(canonicalValue)) {
      throw new InvalidIndicatorException("not-canonical", canonicalValue);
    }
    return observable;
  }

  /**
   * Returns an address or network; host bits set are refused.
   *
   * @return an {@link Ipv4Addr} or {@link Ipv6Addr}
   * @throws InvalidIndicatorException if it is neither
   */
  public static CyberObservable ip(CharSequence text) {
    return ip(IpNetwork.parse(text));
  }

  /**
   * Returns an address or network.
   *
   * @return an {@link Ipv4Addr} or {@link Ipv6Addr}
   */
  public static CyberObservable ip(IpNetwork network) {
    return network.isIpv4() ? new Ipv4Addr(network) : new Ipv6Addr(network);
  }

  /**
   * Returns an AS from {@code 64496} or {@code AS64496}.
   *
   * @throws InvalidIndicatorException if it is none
   */
  public static AutonomousSystem autonomousSystem(CharSequence text) {
    return AutonomousSystem.of(text);
  }

  /**
   * Returns a host name.
   *
   * @throws InvalidIndicatorException if it is none, an address or a single label
   */
  public static DomainName domainName(CharSequence text) {
    return new DomainName(HostNames.canonical(text));
  }

  /**
   * Returns a URL of the schemes http, https, ftp, ws and wss.
   *
   * @throws InvalidIndicatorException if it is none, or longer than 8191 characters
   */
  public static Url url(CharSequence text) {
    return Urls.parse(text);
  }

  /**
   * Returns an e-mail address.
   *
   * @throws InvalidIndicatorException if it is none
   */
  public static EmailAddr emailAddr(CharSequence text) {
    return EmailAddr.of(text);
  }

  /**
   * Returns a file by one hash.
   *
   * @throws InvalidIndicatorException if it is not a digest of the algorithm
   */
  public static File file(HashAlgorithm algorithm, CharSequence digest) {
    return File.ofHash(algorithm, digest);
  }

  /**
   * Returns a file by its MD5, SHA-1, SHA-256 or SHA-512, told by the length.
   *
   * @throws InvalidIndicatorException if it is none of them
   */
  public static File file(CharSequence digest) {
    return File.ofHash(Digests.algorithm(digest), digest);
  }

  /**
   * Returns a file by name.
   *
   * @throws InvalidIndicatorException if it is blank, longer than 1024 or holds controls
   */
  public static File fileName(CharSequence name) {
    return File.builder().name(name.toString()).build();
  }

  /**
   * Returns a certificate by fingerprint, told by the length; colons are allowed.
   *
   * @throws InvalidIndicatorException if it is no MD5, SHA-1 or SHA-256
   */
  public static X509Certificate x509Certificate(CharSequence fingerprint) {
    CharSequence digits = Digests.withoutColons(fingerprint);
    HashAlgorithm algorithm = Digests.certificateAlgorithm(digits);
    return new X509Certificate(Map.of(algorithm, Digests.canonical(algorithm, digits)));
  }

  /**
   * Returns software by fingerprint.
   *
   * @throws InvalidIndicatorException if it is not of that kind
   */
  public static Software software(Software.Fingerprint kind, CharSequence fingerprint) {
    return new Software(kind, Digests.tlsFingerprint(kind, fingerprint));
  }

  /**
   * Returns a registry key, optionally with the name of a value.
   *
   * @param key {@code HIVE\path}, the hive by its long or short name ({@code HKLM})
   * @param valueName the name of a value; null or blank means the key
   * @throws InvalidIndicatorException if it is none
   */
  public static WindowsRegistryKey windowsRegistryKey(
      CharSequence key, @Nullable CharSequence valueName) {
    return WindowsRegistryKey.of(key, valueName);
  }

  /**
   * Returns a mutex.
   *
   * @throws InvalidIndicatorException if the name is blank, longer than 1024 or holds controls
   */
  public static Mutex mutex(CharSequence name) {
    return new Mutex(PlainText.require(name, Mutex.MAX));
  }

  /**
   * Returns a user account.
   *
   * @throws InvalidIndicatorException if the name is blank, longer than 1024 or holds controls
   */
  public static UserAccount userAccount(CharSequence name) {
    return new UserAccount(PlainText.require(name, UserAccount.MAX));
  }

  /**
   * Returns a hardware address from twelve digits, plain or with colons, hyphens or dots.
   *
   * @throws InvalidIndicatorException if it is none
   */
  public static MacAddr macAddr(CharSequence text) {
    return MacAddr.of(text);
  }

  /** The types, by their STIX and ECS names. */
  public enum Type {
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
}
