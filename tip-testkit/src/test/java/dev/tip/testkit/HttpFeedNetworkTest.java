// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.feed.FeedException;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.feed.HttpFeed;
import dev.tip.testkit.FeedOrigin.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The caller's proxy and trust, and connections that do not come about. */
class HttpFeedNetworkTest extends HttpFeedTestCase {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir Path folder;

  /** A certificate that nobody but the test trusts. */
  private SSLContext identity(String subjectAlternativeName) throws Exception {
    Path store = folder.resolve("keys.p12");
    Files.deleteIfExists(store);
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "origin",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=origin",
                "-ext",
                "san=" + subjectAlternativeName,
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(keyStore(store), PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private SSLContext trust() throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry(
        "origin", keyStore(folder.resolve("keys.p12")).getCertificate("origin"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static KeyStore keyStore(Path file) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    return store;
  }

  private FetchContext over(HttpClient.Builder clientOfTheCaller) {
    return context().httpClient(clientOfTheCaller.connectTimeout(PATIENCE).build()).build();
  }

  private static HttpFeed feedAt(FeedOrigin origin) {
    return HttpFeed.builder(Names.info().build())
        .location(origin.uri(PATH).toString())
        .parser(Names::parse)
        .build();
  }

  @Test
  void trustOfTheCallerIsUsed() throws Exception {
    try (FeedOrigin secure = FeedOrigin.start(identity("ip:127.0.0.1"))) {
      secure.on(PATH, Reply.ok(LIST));

      assertThat(names(feedAt(secure), over(HttpClient.newBuilder().sslContext(trust()))))
          .isEqualTo(Names.RECORDS);

      FeedException e = failure(feedAt(secure), context().build());
      assertThat(e.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
      assertThat(e).hasMessageContaining("TLS").hasMessageContaining("certificate");
      assertThat(secure.requests()).hasSize(1);
    }
  }

  @Test
  void certificateOfAnotherHostIsRefused() throws Exception {
    try (FeedOrigin secure = FeedOrigin.start(identity("dns:other.example"))) {
      secure.on(PATH, Reply.ok(LIST));

      FeedException e = failure(feedAt(secure), over(HttpClient.newBuilder().sslContext(trust())));

      assertThat(e.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
      assertThat(e).hasMessageContaining("TLS");
      assertThat(secure.requests()).isEmpty();
    }
  }

  @Test
  void redirectFromHttpsToPlainHttpIsRefusedAlsoWherePlainHttpIsAllowed() throws Exception {
    origin.on(PATH, Reply.ok(LIST));
    try (FeedOrigin secure = FeedOrigin.start(identity("ip:127.0.0.1"))) {
      secure.on(PATH, Reply.redirect(302, address().toString()));
      HttpFeed feed = Names.feed(Names.info(), secure.uri(PATH)).build();

      FeedException e = failure(feed, over(HttpClient.newBuilder().sslContext(trust())));

      assertThat(e.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
      assertThat(e).hasMessageContaining("plain http");
      assertThat(origin.requests()).isEmpty();
    }
  }

  @Test
  void secretIsNotCarriedFromPlainHttpToHttps() throws Exception {
    try (FeedOrigin secure = FeedOrigin.start(identity("ip:127.0.0.1"))) {
      origin.on(PATH, Reply.redirect(301, secure.uri(PATH).toString()));
      secure.on(PATH, Reply.ok(LIST));

      assertThat(names(keyedFeed(), over(HttpClient.newBuilder().sslContext(trust()))))
          .isEqualTo(Names.RECORDS);

      assertThat(secure.requests().get(0).header("Auth-Key")).isEmpty();
    }
  }

  @Test
  void plainTextWhereTlsIsExpectedIsNoConnection() {
    HttpFeed feed =
        HttpFeed.builder(Names.info().build())
            .location(address().toString().replace("http:", "https:"))
            .parser(Names::parse)
            .build();

    assertThat(failure(feed, context().build()).outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
  }

  @Test
  void proxyOfTheCallerIsUsed() throws Exception {
    InetSocketAddress proxy =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), origin.uri("/").getPort());
    origin.on("http://list.example/all.txt", Reply.ok(LIST));
    HttpFeed feed =
        HttpFeed.builder(Names.info().build())
            .location("http://list.example/all.txt")
            .plainHttp()
            .parser(Names::parse)
            .build();

    assertThat(names(feed, over(HttpClient.newBuilder().proxy(ProxySelector.of(proxy)))))
        .isEqualTo(Names.RECORDS);
  }

  @Test
  void proxyThatAsksForAPasswordIsNamed() {
    InetSocketAddress proxy =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), origin.uri("/").getPort());
    origin.on("http://list.example/all.txt", Reply.status(407));
    origin.on("list.example:443", Reply.status(407));
    FetchContext context = over(HttpClient.newBuilder().proxy(ProxySelector.of(proxy)));
    for (String location :
        new String[] {"http://list.example/all.txt", "https://list.example/all.txt"}) {
      HttpFeed feed =
          HttpFeed.builder(Names.info().build())
              .location(location)
              .plainHttp()
              .parser(Names::parse)
              .build();

      FeedException e = failure(feed, context);

      assertThat(e.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
      assertThat(e).hasMessageContaining("proxy");
    }
  }

  @Test
  void refusedConnectionIsUnreachable() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    HttpFeed feed =
        HttpFeed.builder(Names.info().build())
            .location("http://127.0.0.1:" + port + "/list")
            .plainHttp()
            .parser(Names::parse)
            .build();

    FeedException e = failure(feed, context().build());

    assertThat(e.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
    assertThat(e).hasMessageContaining("refused");
    assertThat(e.transfer()).hasValueSatisfying(t -> assertThat(t.requests()).isEqualTo(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"soon", "-5", "99999999999999999999", "1, 2", ""})
  void lengthThatIsNoneIsNoAnswer(String length) {
    FeedException e = failure(Reply.ok(LIST).header("Content-Length", length));

    assertThat(e.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
  }

  @Test
  void connectionThatBreaksBeforeTheAnswerIsUnreachable() {
    assertThat(failure(Reply.ok(LIST).reset(0)).outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
    assertThat(failure(Reply.raw(new byte[0]))).hasMessageContaining("broke before the answer");
  }
}
