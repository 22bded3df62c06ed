// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an indicator is about: a STIX 2.1 cyber-observable in canonical form.
 *
 * <p>Immutable. Two observables are equal exactly when type and {@linkplain #value() canonical
 * value} are.
 */
public sealed interface CyberObservable {

  /**
   * The name and version of the rules by which values become canonical, written down in {@code
   * docs/normalisation.md}. It changes whenever one input gets another value, and with it ids.
   */
  String NORMALISATION_PROFILE = "tip-1";

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

  /**
   * Reads a canonical value back.
   *
   * @throws InvalidIndicatorException if the value is not one of the type; reason {@code
   *     not-canonical} if it would be after normalisation
   */
  static CyberObservable parse(Type type, String canonicalValue) {
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
    if (observable.type() != type) {
      throw new InvalidIndicatorException("address-family", canonicalValue);
    }
    requireSame(observable.value(), canonicalValue);
    return observable;
  }

  private static void requireSame(String canonical, String given) {
    if (!canonical.equals(given)) {
      throw new InvalidIndicatorException("not-canonical", given);
    }
  }

  /**
   * An IPv4 address or network.
   *
   * @param network the address or network
   */
  record Ipv4Addr(IpNetwork network) implements CyberObservable {
    /**
     * Checks the family.
     *
     * @throws InvalidIndicatorException if the network is IPv6
     */
    public Ipv4Addr {
      if (!network.isIpv4()) {
        throw new InvalidIndicatorException("address-family", network.toString());
      }
    }

    @Override
    public Type type() {
      return Type.IPV4_ADDR;
    }

    @Override
    public String value() {
      return network.toString();
    }
  }

  /**
   * An IPv6 address or network.
   *
   * @param network the address or network
   */
  record Ipv6Addr(IpNetwork network) implements CyberObservable {
    /**
     * Checks the family.
     *
     * @throws InvalidIndicatorException if the network is IPv4
     */
    public Ipv6Addr {
      if (network.isIpv4()) {
        throw new InvalidIndicatorException("address-family", network.toString());
      }
    }

    @Override
    public Type type() {
      return Type.IPV6_ADDR;
    }

    @Override
    public String value() {
      return network.toString();
    }
  }

  /**
   * An autonomous system; the value is the decimal number.
   *
   * @param number 1 to 4294967295
   */
  record AutonomousSystem(long number) implements CyberObservable {
    private static final long MAX = 0xffff_ffffL;

    /**
     * Checks the range.
     *
     * @throws InvalidIndicatorException if the number is not one of an AS; AS 0 is none (RFC 7607)
     */
    public AutonomousSystem {
      if (number < 1 || number > MAX) {
        throw new InvalidIndicatorException("as-range", Long.toString(number));
      }
    }

    @Override
    public Type type() {
      return Type.AUTONOMOUS_SYSTEM;
    }

    @Override
    public String value() {
      return Long.toString(number);
    }
  }

  /**
   * A host name in lower-case A-labels without trailing dot.
   *
   * @param value the canonical name
   */
  record DomainName(String value) implements CyberObservable {
    /**
     * Checks that the name is canonical.
     *
     * @throws InvalidIndicatorException if it is not; {@link #domainName} makes it so
     */
    public DomainName {
      requireSame(HostNames.canonical(value), value);
    }

    @Override
    public Type type() {
      return Type.DOMAIN_NAME;
    }
  }

  /**
   * A URL; the value is the sensor form, {@link #original()} the feed's own text.
   *
   * <p>Sensor form is what Packetbeat writes for the request as far as a URL tells: scheme and host
   * in lower case, no user information, no default port, no fragment, at least {@code /} as path,
   * the path decoded and encoded again, the query in its order.
   */
  final class Url implements CyberObservable {
    private final String original;
    private final String value;
    private final String scheme;
    private final String host;
    private final @Nullable IpNetwork hostAddress;
    private final int port;
    private final String path;
    private final @Nullable String query;

    Url(
        String original,
        String value,
        String scheme,
        String host,
        @Nullable IpNetwork hostAddress,
        int port,
        String path,
        @Nullable String query) {
      this.original = original;
      this.value = value;
      this.scheme = scheme;
      this.host = host;
      this.hostAddress = hostAddress;
      this.port = port;
      this.path = path;
      this.query = query;
    }

    @Override
    public Type type() {
      return Type.URL;
    }

    @Override
    public String value() {
      return value;
    }

    /** Returns the URL as the feed wrote it (after refanging, where the feed asks for it). */
    public String original() {
      return original;
    }

    /** Returns the scheme in lower case. */
    public String scheme() {
      return scheme;
    }

    /** Returns the host: canonical host name, IPv4 text, or IPv6 text without brackets. */
    public String host() {
      return host;
    }

    /** Returns the address if the host is one. */
    public @Nullable IpNetwork hostAddress() {
      return hostAddress;
    }

    /** Returns the port of the URL, or -1 where it is absent or the default. */
    public int port() {
      return port;
    }

    /** Returns the path of the sensor form, starting with a slash. */
    public String path() {
      return path;
    }

    /** Returns the query of the sensor form, without question mark. */
    public @Nullable String query() {
      return query;
    }

    @Override
    public boolean equals(@Nullable Object o) {
      return o instanceof Url other && value.equals(other.value);
    }

    @Override
    public int hashCode() {
      return value.hashCode();
    }

    @Override
    public String toString() {
      return "Url[value=" + value + ']';
    }
  }

  /**
   * An e-mail address; the domain part is canonical, the local part is lower-cased.
   *
   * @param value the canonical address
   */
  record EmailAddr(String value) implements CyberObservable {
    /**
     * Checks that the address is canonical.
     *
     * @throws InvalidIndicatorException if it is not; {@link #emailAddr} makes it so
     */
    public EmailAddr {
      requireSame(canonical(value), value);
    }

    private static final int MAX_LOCAL = 64;
    private static final String SPECIAL = "!#$%&'*+-/=?^_`{|}~.";

    private static String canonical(CharSequence text) {
      int at = text.length() - 1;
      while (at >= 0 && text.charAt(at) != '@') {
        at--;
      }
      if (at < 1) {
        throw new InvalidIndicatorException("email-syntax", text);
      }
      if (at > MAX_LOCAL) {
        throw new InvalidIndicatorException("email-local-too-long", text);
      }
      StringBuilder out = new StringBuilder(text.length());
      for (int i = 0; i < at; i++) {
        char c = text.charAt(i);
        if (c >= 'A' && c <= 'Z') {
          out.append((char) (c | 0x20));
        } else if (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || SPECIAL.indexOf(c) >= 0) {
          out.append(c);
        } else {
          throw new InvalidIndicatorException("email-local-character", text);
        }
      }
      String domain = HostNames.canonical(text, at + 1, text.length());
      return out.append('@').append(domain).toString();
    }

    @Override
    public Type type() {
      return Type.EMAIL_ADDR;
    }
  }

  /**
   * A file known by hashes, name or path.
   *
   * <p>The value is the strongest cryptographic hash as plain lower-case hexadecimal; where there
   * is none, the first there is of {@code imphash:…}, {@code ssdeep:…}, {@code tlsh:…}, {@code
   * name:…} and {@code path:…}.
   */
  final class File implements CyberObservable {
    private static final String NAME_PREFIX = "name:";
    private static final String PATH_PREFIX = "path:";

    private final String value;
    private final Map<HashAlgorithm, String> hashes;
    private final @Nullable String name;
    private final long size;
    private final @Nullable String path;
    private final @Nullable String mimeType;

    private File(
        String value,
        Map<HashAlgorithm, String> hashes,
        @Nullable String name,
        long size,
        @Nullable String path,
        @Nullable String mimeType) {
      this.value = value;
      this.hashes = hashes;
      this.name = name;
      this.size = size;
      this.path = path;
      this.mimeType = mimeType;
    }

    private static File ofHash(HashAlgorithm algorithm, CharSequence digest) {
      String hash = Digests.canonical(algorithm, digest);
      String value = algorithm.isCryptographic() ? hash : algorithm.ecsName() + ':' + hash;
      return new File(value, Map.of(algorithm, hash), null, -1, null, null);
    }

    private static File parseValue(String value) {
      if (value.startsWith(NAME_PREFIX)) {
        return builder().name(value.substring(NAME_PREFIX.length())).build();
      }
      if (value.startsWith(PATH_PREFIX)) {
        return builder().path(value.substring(PATH_PREFIX.length())).build();
      }
      for (HashAlgorithm algorithm : HashAlgorithm.values()) {
        String algorithmName = algorithm.ecsName();
        if (!algorithm.isCryptographic()
            && value.startsWith(algorithmName)
            && value.startsWith(":", algorithmName.length())) {
          return ofHash(algorithm, value.substring(algorithmName.length() + 1));
        }
      }
      return file(value);
    }

    File merge(File other) {
      Builder union = builder();
      union.hashes.putAll(hashes);
      other.hashes.forEach(
          (algorithm, hash) ->
              union.hashes.merge(algorithm, hash, (a, b) -> a.compareTo(b) <= 0 ? a : b));
      union.name = PlainText.min(name, other.name);
      union.path = PlainText.min(path, other.path);
      union.mimeType = PlainText.min(mimeType, other.mimeType);
      union.size = Math.max(size, other.size);
      return union.build();
    }

    boolean sameProperties(File other) {
      return hashes.equals(other.hashes)
          && size == other.size
          && Objects.equals(name, other.name)
          && Objects.equals(path, other.path)
          && Objects.equals(mimeType, other.mimeType);
    }

    @Override
    public Type type() {
      return Type.FILE;
    }

    @Override
    public String value() {
      return value;
    }

    /**
     * Returns the hashes in canonical form, in the order of {@link HashAlgorithm}; unmodifiable.
     *
     * <p>Hexadecimal digests are lower case, TLSH is {@code T1} and upper case as its tool writes
     * it, ssdeep is as received.
     */
    public Map<HashAlgorithm, String> hashes() {
      return hashes;
    }

    /** Returns the file name. */
    public @Nullable String name() {
      return name;
    }

    /** Returns the size in bytes, or -1. */
    public long size() {
      return size;
    }

    /** Returns the path. */
    public @Nullable String path() {
      return path;
    }

    /** Returns the media type. */
    public @Nullable String mimeType() {
      return mimeType;
    }

    @Override
    public boolean equals(@Nullable Object o) {
      return o instanceof File other && value.equals(other.value);
    }

    @Override
    public int hashCode() {
      return value.hashCode();
    }

    @Override
    public String toString() {
      return "File[value=" + value + ']';
    }

    /** Returns a builder. */
    public static Builder builder() {
      return new Builder();
    }

    /** Builds a file; at least one hash, a name or a path is needed. Not thread-safe. */
    public static final class Builder {
      private static final int MAX_NAME = 1024;
      private static final int MAX_PATH = 4096;
      private static final int MAX_MIME_TYPE = 256;

      private final EnumMap<HashAlgorithm, String> hashes = new EnumMap<>(HashAlgorithm.class);
      private @Nullable String name;
      private long size = -1;
      private @Nullable String path;
      private @Nullable String mimeType;

      private Builder() {}

      /**
       * Adds a hash in any letter case; a second one of the same algorithm replaces the first.
       *
       * @throws InvalidIndicatorException if it is not a digest of the algorithm
       */
      public Builder hash(HashAlgorithm algorithm, CharSequence digest) {
        hashes.put(algorithm, Digests.canonical(algorithm, digest));
        return this;
      }

      /**
       * Sets the name.
       *
       * @throws InvalidIndicatorException if it is blank, longer than 1024 or holds controls
       */
      public Builder name(String name) {
        this.name = PlainText.require(name, MAX_NAME);
        return this;
      }

      /** Sets the size in bytes; negative means unknown. */
      public Builder size(long size) {
        this.size = Math.max(size, -1);
        return this;
      }

      /**
       * Sets the path.
       *
       * @throws InvalidIndicatorException if it is blank, longer than 4096 or holds controls
       */
      public Builder path(String path) {
        this.path = PlainText.require(path, MAX_PATH);
        return this;
      }

      /**
       * Sets the media type.
       *
       * @throws InvalidIndicatorException if it is blank, longer than 256 or holds controls
       */
      public Builder mimeType(String mimeType) {
        this.mimeType = PlainText.require(mimeType, MAX_MIME_TYPE).toLowerCase(Locale.ROOT);
        return this;
      }

      /**
       * Builds it.
       *
       * @throws InvalidIndicatorException if there is neither a hash nor a name nor a path
       */
      public File build() {
        return new File(value(), Digests.unmodifiable(hashes), name, size, path, mimeType);
      }

      private String value() {
        for (Map.Entry<HashAlgorithm, String> hash : hashes.entrySet()) {
          HashAlgorithm algorithm = hash.getKey();
          return algorithm.isCryptographic()
              ? hash.getValue()
              : algorithm.ecsName() + ':' + hash.getValue();
        }
        if (name != null) {
          return NAME_PREFIX + name;
        }
        if (path != null) {
          return PATH_PREFIX + path;
        }
        throw new InvalidIndicatorException("file-without-identity", "");
      }
    }
  }

  /** A certificate known by MD5, SHA-1 or SHA-256 fingerprints; the value is the strongest. */
  final class X509Certificate implements CyberObservable {
    private final String value;
    private final Map<HashAlgorithm, String> hashes;

    private X509Certificate(Map<HashAlgorithm, String> hashes) {
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

    X509Certificate merge(X509Certificate other) {
      EnumMap<HashAlgorithm, String> union = new EnumMap<>(hashes);
      other.hashes.forEach(
          (algorithm, hash) -> union.merge(algorithm, hash, (a, b) -> a.compareTo(b) <= 0 ? a : b));
      return new X509Certificate(Digests.unmodifiable(union));
    }

    @Override
    public Type type() {
      return Type.X509_CERTIFICATE;
    }

    @Override
    public String value() {
      return value;
    }

    /** Returns the fingerprints, lower case, strongest first; unmodifiable. */
    public Map<HashAlgorithm, String> hashes() {
      return hashes;
    }

    @Override
    public boolean equals(@Nullable Object o) {
      return o instanceof X509Certificate other && value.equals(other.value);
    }

    @Override
    public int hashCode() {
      return value.hashCode();
    }

    @Override
    public String toString() {
      return "X509Certificate[value=" + value + ']';
    }
  }

  /**
   * Software known by a TLS fingerprint; the value is {@code ja3:…}, {@code ja3s:…} or {@code
   * ja4:…}.
   *
   * @param kind the kind of fingerprint
   * @param fingerprint the canonical fingerprint
   */
  record Software(Fingerprint kind, String fingerprint) implements CyberObservable {
    /**
     * Checks that the fingerprint is canonical.
     *
     * @throws InvalidIndicatorException if it is not; {@link #software} makes it so
     */
    public Software {
      requireSame(Digests.tlsFingerprint(kind, fingerprint), fingerprint);
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

    private static Software parseValue(String value) {
      for (Fingerprint kind : Fingerprint.values()) {
        if (value.startsWith(kind.prefix) && value.startsWith(":", kind.prefix.length())) {
          return software(kind, value.substring(kind.prefix.length() + 1));
        }
      }
      throw new InvalidIndicatorException("fingerprint-kind", value);
    }

    @Override
    public Type type() {
      return Type.SOFTWARE;
    }

    @Override
    public String value() {
      return kind.prefix + ':' + fingerprint;
    }
  }

  /**
   * A registry key or value.
   *
   * <p>The value is {@code HIVE\key}, and with a value name {@code HIVE\key\\name}: a key has no
   * empty component, so the first double backslash ends it.
   *
   * @param hive the long name, for example {@code HKEY_LOCAL_MACHINE}
   * @param key the path below the hive, in the letter case of the feed
   * @param valueName the name of the value, or null for the key
   */
  record WindowsRegistryKey(String hive, String key, @Nullable String valueName)
      implements CyberObservable {
    private static final int MAX_KEY = 4096;
    private static final int MAX_VALUE_NAME = 4096;
    private static final String[] HIVES = {
      "HKEY_LOCAL_MACHINE", "HKLM",
      "HKEY_CURRENT_USER", "HKCU",
      "HKEY_USERS", "HKU",
      "HKEY_CLASSES_ROOT", "HKCR",
      "HKEY_CURRENT_CONFIG", "HKCC",
    };

    /**
     * Checks that the parts are canonical.
     *
     * @throws InvalidIndicatorException if they are not; {@link #windowsRegistryKey} makes them so
     */
    public WindowsRegistryKey {
      requireSame(longHive(hive), hive);
      requireSame(canonicalKey(key), key);
      if (valueName != null) {
        requireSame(PlainText.require(valueName, MAX_VALUE_NAME), valueName);
      }
    }

    private static String longHive(String name) {
      for (int i = 0; i < HIVES.length; i++) {
        if (HIVES[i].equalsIgnoreCase(name)) {
          return HIVES[i & ~1];
        }
      }
      throw new InvalidIndicatorException("registry-hive", name);
    }

    private static String canonicalKey(String text) {
      String key = PlainText.require(text, MAX_KEY);
      if (key.endsWith("\\")) {
        key = PlainText.require(key.substring(0, key.length() - 1), MAX_KEY);
      }
      if (key.startsWith("\\") || key.endsWith("\\") || key.contains("\\\\")) {
        throw new InvalidIndicatorException("registry-key-empty-component", text);
      }
      return key;
    }

    private static WindowsRegistryKey of(CharSequence text, @Nullable CharSequence valueName) {
      String whole = PlainText.require(text, MAX_KEY + 32);
      int slash = whole.indexOf('\\');
      if (slash < 0) {
        throw new InvalidIndicatorException("registry-key-missing", text);
      }
      String name = null;
      if (valueName != null && !isBlank(valueName)) {
        name = PlainText.require(valueName, MAX_VALUE_NAME);
      }
      return new WindowsRegistryKey(
          longHive(whole.substring(0, slash)), canonicalKey(whole.substring(slash + 1)), name);
    }

    private static boolean isBlank(CharSequence text) {
      for (int i = 0; i < text.length(); i++) {
        if (!PlainText.isBlank(text.charAt(i))) {
          return false;
        }
      }
      return true;
    }

    private static WindowsRegistryKey parseValue(String value) {
      int end = value.indexOf("\\\\");
      return end < 0 ? of(value, null) : of(value.substring(0, end), value.substring(end + 2));
    }

    @Override
    public Type type() {
      return Type.WINDOWS_REGISTRY_KEY;
    }

    @Override
    public String value() {
      String path = hive + '\\' + key;
      return valueName == null ? path : path + "\\\\" + valueName;
    }
  }

  /**
   * A mutex by exact name.
   *
   * @param value the name
   */
  record Mutex(String value) implements CyberObservable {
    private static final int MAX = 1024;

    /**
     * Checks that the name is canonical.
     *
     * @throws InvalidIndicatorException if it is not; {@link #mutex} makes it so
     */
    public Mutex {
      requireSame(PlainText.require(value, MAX), value);
    }

    @Override
    public Type type() {
      return Type.MUTEX;
    }
  }

  /**
   * A user account by name, in the letter case of the feed.
   *
   * @param value the name
   */
  record UserAccount(String value) implements CyberObservable {
    private static final int MAX = 1024;

    /**
     * Checks that the name is canonical.
     *
     * @throws InvalidIndicatorException if it is not; {@link #userAccount} makes it so
     */
    public UserAccount {
      requireSame(PlainText.require(value, MAX), value);
    }

    @Override
    public Type type() {
      return Type.USER_ACCOUNT;
    }
  }

  /**
   * A hardware address as ECS writes it, {@code 00-00-5E-00-53-23}.
   *
   * @param value the canonical address
   */
  record MacAddr(String value) implements CyberObservable {
    /**
     * Checks that the address is canonical.
     *
     * @throws InvalidIndicatorException if it is not; {@link #macAddr} makes it so
     */
    public MacAddr {
      requireSame(canonical(value), value);
    }

    private static String canonical(CharSequence text) {
      StringBuilder out = new StringBuilder(17);
      int digits = 0;
      int group = 0;
      char separator = 0;
      int groupLength = 0;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        int digit = Hex.digit(c);
        if (digit >= 0) {
          if (digits == 12) {
            throw new InvalidIndicatorException("mac-syntax", text);
          }
          if (digits > 0 && (digits & 1) == 0) {
            out.append('-');
          }
          out.append((char) (c >= 'a' ? c & ~0x20 : c));
          digits++;
          group++;
        } else {
          boolean first = separator == 0;
          int expected = c == '.' ? 4 : 2;
          if (c != ':' && c != '-' && c != '.' || group != expected || !first && c != separator) {
            throw new InvalidIndicatorException("mac-syntax", text);
          }
          separator = c;
          groupLength = expected;
          group = 0;
        }
      }
      if (digits != 12 || separator != 0 && group != groupLength) {
        throw new InvalidIndicatorException("mac-syntax", text);
      }
      return out.toString();
    }

    @Override
    public Type type() {
      return Type.MAC_ADDR;
    }
  }

  /**
   * Returns an address or network; host bits set are refused.
   *
   * @return an {@link Ipv4Addr} or {@link Ipv6Addr}
   * @throws InvalidIndicatorException if it is neither
   */
  static CyberObservable ip(CharSequence text) {
    return ip(IpNetwork.parse(text));
  }

  /**
   * Returns an address or network.
   *
   * @return an {@link Ipv4Addr} or {@link Ipv6Addr}
   */
  static CyberObservable ip(IpNetwork network) {
    return network.isIpv4() ? new Ipv4Addr(network) : new Ipv6Addr(network);
  }

  /**
   * Returns an AS from {@code 64496} or {@code AS64496}.
   *
   * @throws InvalidIndicatorException if it is none
   */
  static AutonomousSystem autonomousSystem(CharSequence text) {
    int start = 0;
    if (text.length() > 2 && (text.charAt(0) | 0x20) == 'a' && (text.charAt(1) | 0x20) == 's') {
      start = 2;
    }
    int length = text.length() - start;
    if (length == 0 || length > 1 && text.charAt(start) == '0') {
      throw new InvalidIndicatorException("as-syntax", text);
    }
    long number = 0;
    for (int i = start; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw new InvalidIndicatorException("as-syntax", text);
      }
      number = Math.min(number * 10 + digit, AutonomousSystem.MAX + 1);
    }
    return new AutonomousSystem(number);
  }

  /**
   * Returns a host name.
   *
   * @throws InvalidIndicatorException if it is none, an address or a single label
   */
  static DomainName domainName(CharSequence text) {
    return new DomainName(HostNames.canonical(text));
  }

  /**
   * Returns a URL of the schemes http, https, ftp, ws and wss.
   *
   * @throws InvalidIndicatorException if it is none, or longer than 8191 characters
   */
  static Url url(CharSequence text) {
    return Urls.parse(text);
  }

  /**
   * Returns an e-mail address.
   *
   * @throws InvalidIndicatorException if it is none
   */
  static EmailAddr emailAddr(CharSequence text) {
    return new EmailAddr(EmailAddr.canonical(text));
  }

  /**
   * Returns a file by one hash.
   *
   * @throws InvalidIndicatorException if it is not a digest of the algorithm
   */
  static File file(HashAlgorithm algorithm, CharSequence digest) {
    return File.ofHash(algorithm, digest);
  }

  /**
   * Returns a file by its MD5, SHA-1, SHA-256 or SHA-512, told by the length.
   *
   * @throws InvalidIndicatorException if it is none of them
   */
  static File file(CharSequence digest) {
    return File.ofHash(Digests.algorithm(digest), digest);
  }

  /**
   * Returns a file by name.
   *
   * @throws InvalidIndicatorException if it is blank, longer than 1024 or holds controls
   */
  static File fileName(CharSequence name) {
    return File.builder().name(name.toString()).build();
  }

  /**
   * Returns a certificate by fingerprint, told by the length; colons are allowed.
   *
   * @throws InvalidIndicatorException if it is no MD5, SHA-1 or SHA-256
   */
  static X509Certificate x509Certificate(CharSequence fingerprint) {
    CharSequence digits = Digests.withoutColons(fingerprint);
    HashAlgorithm algorithm = Digests.certificateAlgorithm(digits);
    return new X509Certificate(Map.of(algorithm, Digests.canonical(algorithm, digits)));
  }

  /**
   * Returns software by fingerprint.
   *
   * @throws InvalidIndicatorException if it is not of that kind
   */
  static Software software(Software.Fingerprint kind, CharSequence fingerprint) {
    return new Software(kind, Digests.tlsFingerprint(kind, fingerprint));
  }

  /**
   * Returns a registry key, optionally with the name of a value.
   *
   * @param key {@code HIVE\path}, the hive by its long or short name ({@code HKLM})
   * @param valueName the name of a value; null or blank means the key
   * @throws InvalidIndicatorException if it is none
   */
  static WindowsRegistryKey windowsRegistryKey(CharSequence key, @Nullable CharSequence valueName) {
    return WindowsRegistryKey.of(key, valueName);
  }

  /**
   * Returns a mutex.
   *
   * @throws InvalidIndicatorException if the name is blank, longer than 1024 or holds controls
   */
  static Mutex mutex(CharSequence name) {
    return new Mutex(PlainText.require(name, Mutex.MAX));
  }

  /**
   * Returns a user account.
   *
   * @throws InvalidIndicatorException if the name is blank, longer than 1024 or holds controls
   */
  static UserAccount userAccount(CharSequence name) {
    return new UserAccount(PlainText.require(name, UserAccount.MAX));
  }

  /**
   * Returns a hardware address from twelve digits, plain or with colons, hyphens or dots.
   *
   * @throws InvalidIndicatorException if it is none
   */
  static MacAddr macAddr(CharSequence text) {
    return new MacAddr(MacAddr.canonical(text));
  }
}
