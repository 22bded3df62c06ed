// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that uses the network. */
final class NetworkOptions {
  private static final String KEY_BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String KEY_END = "-----END PRIVATE KEY-----";

  @Option(
      names = "--proxy",
      paramLabel = "HOST:PORT",
      description = "HTTP proxy; default: HTTPS_PROXY, except for hosts in NO_PROXY.")
  @Nullable String proxy;

  @Option(
      names = "--ca-file",
      paramLabel = "PEM",
      description = "Certificates to trust besides those of the Java installation.")
  @Nullable Path caFile;

  @Option(
      names = "--client-cert",
      paramLabel = "PEM",
      description = "Certificate chain and unencrypted PKCS#8 key to identify with.")
  @Nullable Path clientCert;

  /**
   * Returns a client that follows no redirect.
   *
   * @throws IllegalArgumentException if an option cannot be used; the message says what to do
   */
  HttpClient client(Map<String, String> environment) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(20));
    ProxySelector selector = proxySelector(environment);
    if (selector != null) {
      builder.proxy(selector);
    }
    SSLContext tls = tls();
    if (tls != null) {
      builder.sslContext(tls);
    }
    return builder.build();
  }

  /**
   * Returns what chooses the proxy, or null if there is none.
   *
   * @throws IllegalArgumentException if an address cannot be used; the message says what to do
   */
  @Nullable ProxySelector proxySelector(Map<String, String> environment) {
    return EnvironmentProxy.of(proxy, environment);
  }

  /**
   * Returns what to trust and how to identify, or null for the defaults of the Java installation.
   *
   * @throws IllegalArgumentException if a file cannot be used; the message says what to do
   */
  @Nullable SSLContext tls() {
    if (caFile == null && clientCert == null) {
      return null;
    }
    TrustManager[] trust = null;
    KeyManager[] keys = null;
    if (caFile != null) {
      trust = read("--ca-file", caFile, NetworkOptions::trust);
    }
    if (clientCert != null) {
      keys = read("--client-cert", clientCert, NetworkOptions::keys);
    }
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys, trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java installation has no TLS", e);
    }
  }

  private static <T> T read(String option, Path file, Loader<T> loader) {
    try {
      return loader.load(file);
    } catch (IOException e) {
      throw new IllegalArgumentException(option + ": cannot read " + file, e);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(option + ": " + file + ": " + e.getMessage(), e);
    }
  }

  private static List<X509Certificate> installed() throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    List<X509Certificate> certificates = new ArrayList<>();
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager trusts) {
        certificates.addAll(List.of(trusts.getAcceptedIssuers()));
      }
    }
    return certificates;
  }

  private static TrustManager[] trust(Path file) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int n = 0;
    for (Certificate certificate : certificates(file)) {
      store.setCertificateEntry("ca-" + n++, certificate);
    }
    // Besides, not instead: the lists are at public addresses, the server behind a CA of its own.
    for (X509Certificate certificate : installed()) {
      store.setCertificateEntry("ca-" + n++, certificate);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static KeyManager[] keys(Path file) throws IOException, GeneralSecurityException {
    List<Certificate> chain = certificates(file);
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    int from = text.indexOf(KEY_BEGIN);
    int to = text.indexOf(KEY_END, Math.max(from, 0));
    if (from < 0 || to < 0) {
      throw new InvalidKeySpecException(
          "no unencrypted PKCS#8 key; openssl pkcs8 -topk8 -nocrypt makes one");
    }
    byte[] der;
    try {
      der = Base64.getMimeDecoder().decode(text.substring(from + KEY_BEGIN.length(), to));
    } catch (IllegalArgumentException e) {
      throw new InvalidKeySpecException("the key is not base64", e);
    }
    String algorithm = ((X509Certificate) chain.get(0)).getPublicKey().getAlgorithm();
    PrivateKey key =
        KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    char[] none = new char[0];
    store.setKeyEntry("client", key, none, chain.toArray(Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, none);
    return factory.getKeyManagers();
  }

  /** The certificates of a PEM file; a key beside them is passed over. */
  private static List<Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    String begin = "-----BEGIN CERTIFICATE-----";
    String end = "-----END CERTIFICATE-----";
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    StringBuilder pem = new StringBuilder();
    for (int from = text.indexOf(begin); from >= 0; from = text.indexOf(begin, from + 1)) {
      int to = text.indexOf(end, from);
      if (to < 0) {
        break;
      }
      pem.append(text, from, to).append(end).append('\n');
    }
    if (pem.length() == 0) {
      throw new GeneralSecurityException("no certificate in PEM form");
    }
    try (InputStream in =
        new ByteArrayInputStream(pem.toString().getBytes(StandardCharsets.ISO_8859_1))) {
      Collection<? extends Certificate> found =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      return List.copyOf(found);
    }
  }

  @FunctionalInterface
  private interface Loader<T> {
    T load(Path file) throws IOException, GeneralSecurityException;
  }
}
