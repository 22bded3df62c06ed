// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkOptionsTest {
  private static final char[] PASSWORD = "synthetic".toCharArray();

  @TempDir static Path folder;
  private static HttpsServer server;
  private static Path certificate;
  private static Path certificateAndKey;

  @BeforeAll
  static void startServerThatAsksForACertificate() throws Exception {
    Path file = folder.resolve("key.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "k",
                "-keyalg",
                "EC",
                "-storetype",
                "PKCS12",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                "2",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.log").toFile())
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    String pem = pem("CERTIFICATE", store.getCertificate("k").getEncoded());
    certificate = Files.writeString(folder.resolve("ca.pem"), pem);
    certificateAndKey =
        Files.writeString(
            folder.resolve("client.pem"),
            pem("PRIVATE KEY", store.getKey("k", PASSWORD).getEncoded()) + pem);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(context(store)) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters ssl = getSSLContext().getDefaultSSLParameters();
            ssl.setNeedClientAuth(true);
            parameters.setSSLParameters(ssl);
          }
        });
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
  }

  @AfterAll
  static void stopServer() {
    server.stop(0);
  }

  @Test
  void certificateFileIsTrustedAndClientIdentifiesItself() throws Exception {
    NetworkOptions options = new NetworkOptions();
    options.caFile = certificate;
    options.clientCert = certificateAndKey;
    assertThat(get(options)).isEqualTo(204);
  }

  @Test
  void withoutTheCertificateFileTheServerIsNotTrusted() {
    NetworkOptions options = new NetworkOptions();
    options.clientCert = certificateAndKey;
    assertThatThrownBy(() -> get(options)).isInstanceOf(SSLException.class);
  }

  @Test
  void withoutClientCertificateTheServerRefuses() {
    NetworkOptions options = new NetworkOptions();
    options.caFile = certificate;
    assertThatThrownBy(() -> get(options)).isInstanceOf(IOException.class);
  }

  @Test
  void missingFileIsNamedWithItsOption() {
    NetworkOptions options = new NetworkOptions();
    options.caFile = folder.resolve("absent.pem");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.client(Map.of()))
        .withMessageContaining("--ca-file: cannot read")
        .withMessageContaining("absent.pem");
  }

  @Test
  void fileWithoutKeySaysHowToMakeOne() {
    NetworkOptions options = new NetworkOptions();
    options.clientCert = certificate;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.client(Map.of()))
        .withMessageContaining("openssl pkcs8 -topk8 -nocrypt");
  }

  private static int get(NetworkOptions options) throws IOException, InterruptedException {
    URI uri = URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/");
    return options
        .client(Map.of())
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private static SSLContext context(KeyStore store) throws GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    try {
      trusted.load(null, null);
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
    trusted.setCertificateEntry("k", store.getCertificate("k"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private static String pem(String type, byte[] der) {
    return "-----BEGIN "
        + type
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + type
        + "-----\n";
  }
}
