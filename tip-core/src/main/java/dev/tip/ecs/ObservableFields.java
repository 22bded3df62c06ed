// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.ecs;

import dev.tip.AutonomousSystem;
import dev.tip.CyberObservable;
import dev.tip.DomainName;
import dev.tip.EmailAddr;
import dev.tip.File;
import dev.tip.HashAlgorithm;
import dev.tip.IpNetwork;
import dev.tip.Ipv4Addr;
import dev.tip.Ipv6Addr;
import dev.tip.MacAddr;
import dev.tip.Mutex;
import dev.tip.Software;
import dev.tip.Url;
import dev.tip.UserAccount;
import dev.tip.WindowsRegistryKey;
import dev.tip.X509Certificate;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a document says of its observable, by kind: in {@code threat.indicator} where ECS has a
 * field, else in {@code tip.indicator}, and in {@code related}.
 */
final class ObservableFields {
  private ObservableFields() {}

  /** Returns what {@code threat.indicator.name} shows. */
  static String name(CyberObservable observable) {
    return switch (observable.type()) {
      case FILE -> name((File) observable);
      case X509_CERTIFICATE -> name((X509Certificate) observable);
      case SOFTWARE -> ((Software) observable).fingerprint();
      case WINDOWS_REGISTRY_KEY -> path((WindowsRegistryKey) observable);
      case AUTONOMOUS_SYSTEM -> "AS" + observable.value();
      case IPV4_ADDR, IPV6_ADDR, DOMAIN_NAME, URL, EMAIL_ADDR, MUTEX, USER_ACCOUNT, MAC_ADDR ->
          observable.value();
    };
  }

  private static String name(File file) {
    String hash = shownHash(file.hashes());
    String name = hash != null ? hash : file.name() != null ? file.name() : file.path();
    return name != null ? name : file.value();
  }

  private static String name(X509Certificate certificate) {
    String hash = shownHash(certificate.hashes());
    return hash != null ? hash : certificate.value();
  }

  /** SHA-256 first, because that is what Kibana shows; then the strongest. */
  private static @Nullable String shownHash(Map<HashAlgorithm, String> hashes) {
    String sha256 = hashes.get(HashAlgorithm.SHA256);
    return sha256 != null || hashes.isEmpty() ? sha256 : hashes.values().iterator().next();
  }

  /** Writes the part of {@code threat.indicator} that depends on the kind. */
  static void writeThreat(CyberObservable observable, DocumentWriter out) throws IOException {
    if (observable instanceof File file) {
      writeFile(file, out);
    } else if (observable instanceof Url url) {
      writeUrl(url, out);
    } else if (observable instanceof DomainName domain) {
      out.open(Field.URL).text(Field.DOMAIN, domain.value());
      out.end();
    } else if (observable instanceof EmailAddr email) {
      out.open(Field.EMAIL).text(Field.ADDRESS, email.value());
      out.end();
    } else if (observable instanceof WindowsRegistryKey key) {
      out.open(Field.REGISTRY);
      out.text(Field.HIVE, hive(key));
      out.text(Field.KEY, key.key());
      out.text(Field.PATH, path(key));
      out.text(Field.VALUE, key.valueName());
      out.end();
    } else {
      IpNetwork network = network(observable);
      if (network != null && network.isSingleAddress()) {
        out.text(Field.IP, network.toString());
      }
    }
  }

  private static void writeFile(File file, DocumentWriter out) throws IOException {
    out.open(Field.FILE);
    out.text(Field.NAME, file.name());
    out.text(Field.PATH, file.path());
    out.text(Field.MIME_TYPE, file.mimeType());
    if (file.size() >= 0) {
      out.number(Field.SIZE, file.size());
    }
    // ECS has the import hash below pe, all others below hash.
    String imphash = file.hashes().get(HashAlgorithm.IMPHASH);
    if (file.hashes().size() > (imphash != null ? 1 : 0)) {
      out.open(Field.HASH);
      for (Map.Entry<HashAlgorithm, String> hash : file.hashes().entrySet()) {
        if (hash.getKey() != HashAlgorithm.IMPHASH) {
          out.text(field(hash.getKey()), hash.getValue());
        }
      }
      out.end();
    }
    if (imphash != null) {
      out.open(Field.PE).text(Field.IMPHASH, imphash);
      out.end();
    }
    out.end();
  }

  private static void writeUrl(Url url, DocumentWriter out) throws IOException {
    out.open(Field.URL);
    out.text(Field.FULL, url.value());
    out.text(Field.ORIGINAL, url.original());
    out.text(Field.SCHEME, url.scheme());
    // ECS keeps the brackets of an IPv6 host.
    String host = url.host();
    out.text(Field.DOMAIN, host.indexOf(':') >= 0 ? '[' + host + ']' : host);
    if (url.port() >= 0) {
      out.number(Field.PORT, url.port());
    }
    out.text(Field.PATH, url.path());
    out.text(Field.QUERY, url.query());
    out.end();
  }

  /** Writes the part of {@code tip.indicator} that depends on the kind. */
  static void writeTip(CyberObservable observable, DocumentWriter out) throws IOException {
    if (observable instanceof X509Certificate certificate) {
      out.open(Field.TLS).open(Field.SERVER).open(Field.HASH);
      for (Map.Entry<HashAlgorithm, String> hash : certificate.hashes().entrySet()) {
        // The event side, tls.server.hash.*, is upper case.
        out.text(field(hash.getKey()), hash.getValue().toUpperCase(Locale.ROOT));
      }
      out.end(3);
    } else if (observable instanceof Software software) {
      switch (software.kind()) {
        case JA3 -> writeFingerprint(Field.CLIENT, Field.JA3, software, out);
        case JA3S -> writeFingerprint(Field.SERVER, Field.JA3S, software, out);
        case JA4 -> writeFingerprint(Field.CLIENT, Field.JA4, software, out);
      }
    } else if (observable instanceof AutonomousSystem as) {
      out.open(Field.AS).number(Field.NUMBER, as.number());
      out.end();
    } else if (observable instanceof Mutex mutex) {
      out.text(Field.MUTEX, mutex.value());
    } else if (observable instanceof UserAccount user) {
      out.open(Field.USER).text(Field.NAME, user.value());
      out.end();
    } else if (observable instanceof MacAddr mac) {
      out.text(Field.MAC, mac.value());
    } else {
      IpNetwork network = network(observable);
      if (network != null && !network.isSingleAddress()) {
        out.text(Field.CIDR, network.toString());
      }
    }
  }

  private static void writeFingerprint(
      Field side, Field kind, Software software, DocumentWriter out) throws IOException {
    out.open(Field.TLS).open(side).text(kind, software.fingerprint());
    out.end(2);
  }

  /** Writes {@code related}, which pages search when they look for a value in any role. */
  static void writeRelated(CyberObservable observable, DocumentWriter out) throws IOException {
    if (observable instanceof File file) {
      related(Field.HASH, cryptographic(file.hashes()), out);
    } else if (observable instanceof X509Certificate certificate) {
      related(Field.HASH, cryptographic(certificate.hashes()), out);
    } else if (observable instanceof Software software) {
      related(Field.HASH, List.of(software.fingerprint()), out);
    } else if (observable instanceof DomainName domain) {
      related(Field.HOSTS, List.of(domain.value()), out);
    } else if (observable instanceof Url url) {
      related(url.hostAddress() != null ? Field.IP : Field.HOSTS, List.of(url.host()), out);
    } else {
      IpNetwork network = network(observable);
      if (network != null && network.isSingleAddress()) {
        related(Field.IP, List.of(network.toString()), out);
      }
    }
  }

  private static List<String> cryptographic(Map<HashAlgorithm, String> hashes) {
    List<String> values = new ArrayList<>(hashes.size());
    hashes.forEach(
        (algorithm, hash) -> {
          if (algorithm.isCryptographic()) {
            values.add(hash);
          }
        });
    return values;
  }

  private static void related(Field field, List<String> values, DocumentWriter out)
      throws IOException {
    if (!values.isEmpty()) {
      out.open(Field.RELATED).texts(field, values);
      out.end();
    }
  }

  private static @Nullable IpNetwork network(CyberObservable observable) {
    if (observable instanceof Ipv4Addr ip) {
      return ip.network();
    }
    return observable instanceof Ipv6Addr ip ? ip.network() : null;
  }

  private static String path(WindowsRegistryKey key) {
    String path = hive(key) + '\\' + key.key();
    return key.valueName() != null ? path + '\\' + key.valueName() : path;
  }

  /** ECS {@code registry.hive} is the abbreviated name, as sensors write it. */
  private static String hive(WindowsRegistryKey key) {
    return switch (key.hive()) {
      case "HKEY_LOCAL_MACHINE" -> "HKLM";
      case "HKEY_CURRENT_USER" -> "HKCU";
      case "HKEY_USERS" -> "HKU";
      case "HKEY_CLASSES_ROOT" -> "HKCR";
      case "HKEY_CURRENT_CONFIG" -> "HKCC";
      default -> key.hive();
    };
  }

  private static Field field(HashAlgorithm algorithm) {
    return switch (algorithm) {
      case SHA512 -> Field.SHA512;
      case SHA256 -> Field.SHA256;
      case SHA1 -> Field.SHA1;
      case MD5 -> Field.MD5;
      case IMPHASH -> Field.IMPHASH;
      case SSDEEP -> Field.SSDEEP;
      case TLSH -> Field.TLSH;
    };
  }
}
