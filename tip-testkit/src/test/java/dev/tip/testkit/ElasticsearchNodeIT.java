// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElasticsearchNodeIT {
  private static final Path ZIP = Path.of(System.getProperty("tip.elasticsearch.zip"));
  private static final List<Path> KQL =
      Stream.of(System.getProperty("tip.elasticsearch.kql").split(":", -1)).map(Path::of).toList();

  @Test
  void findsByKqlWhatWasIndexedAndKeepsItOverACrash() throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    try (ElasticsearchNode node = ElasticsearchNode.builder(ZIP).kql(KQL).start()) {
      String url = node.url();
      assertThat(url).startsWith("http://127.0.0.1:");
      send(http, "PUT", url + "/t", "{\"mappings\":{\"properties\":{\"ip\":{\"type\":\"ip\"}}}}");
      send(http, "PUT", url + "/t/_doc/1?refresh=true", "{\"ip\":\"192.0.2.7\"}");
      String query = "{\"query\":{\"kql\":{\"query\":\"ip: \\\"192.0.2.0/24\\\"\"}}}";
      assertThat(send(http, "POST", url + "/t/_search", query)).contains("192.0.2.7");

      long before = node.pid();
      node.kill();
      assertThatThrownBy(() -> send(http, "GET", url + "/t/_count", ""))
          .isInstanceOf(IOException.class);
      node.restart();

      assertThat(node.pid()).isNotEqualTo(before);
      assertThat(node.url()).isEqualTo(url);
      assertThat(send(http, "POST", url + "/t/_search", query)).contains("192.0.2.7");
    }
  }

  @Test
  void aSecureNodeAsksForTrustAndAPassword() throws Exception {
    Path ca;
    try (ElasticsearchNode node = ElasticsearchNode.builder(ZIP).security(true).start()) {
      ca = node.caFile().orElseThrow();
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(node.url() + "/_security/api_key"))
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString("{\"name\":\"writer\"}"));
      HttpClient trusting = HttpClient.newBuilder().sslContext(trust(ca)).build();

      assertThatThrownBy(
              () -> HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString()))
          .isInstanceOf(SSLHandshakeException.class);
      assertThat(trusting.send(request.build(), BodyHandlers.discarding()).statusCode())
          .isEqualTo(401);
      String user = node.user().orElseThrow();
      assertThat(status(trusting, request, user + ":wrong-password")).isEqualTo(401);
      assertThat(status(trusting, request, user + ":" + node.password().orElseThrow()))
          .isEqualTo(200);
    }
    assertThat(ca).doesNotExist();
  }

  @Test
  void isGoneWithItsFilesAfterItsProcessWasKilled(@TempDir Path temp) throws Exception {
    Path handoff = temp.resolve("handoff.properties");
    // Below a module-info.java a JDK from 22 on would compile the whole module.
    Path source = temp.resolve("dev/tip/testkit/ElasticsearchNode.java");
    Files.createDirectories(source.getParent());
    Files.copy(Path.of("src/main/java/dev/tip/testkit/ElasticsearchNode.java"), source);
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                source.toString(),
                "serve",
                "--zip",
                ZIP.toString(),
                "--handoff",
                handoff.toString())
            .redirectErrorStream(true)
            .redirectOutput(temp.resolve("out.log").toFile())
            .start();
    try (WatchService watch = temp.getFileSystem().newWatchService()) {
      temp.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      for (int i = 0; i < 180 && parent.isAlive() && !Files.exists(handoff); i++) {
        var key = watch.poll(1, TimeUnit.SECONDS);
        if (key != null) {
          key.pollEvents();
          key.reset();
        }
      }
      assertThat(handoff).as(Files.readString(temp.resolve("out.log"))).exists();
      Properties given = new Properties();
      try (InputStream in = Files.newInputStream(handoff)) {
        given.load(in);
      }
      HttpClient http = HttpClient.newHttpClient();
      assertThat(send(http, "GET", given.getProperty("url") + "/_cluster/health", ""))
          .contains("\"number_of_nodes\":1");
      ProcessHandle server =
          ProcessHandle.of(Long.parseLong(given.getProperty("pid"))).orElseThrow();
      ProcessHandle supervisor = server.parent().orElseThrow();
      List<ProcessHandle> family = Stream.concat(Stream.of(server), server.descendants()).toList();

      parent.destroyForcibly();

      supervisor.onExit().get(30, TimeUnit.SECONDS);
      for (ProcessHandle process : family) {
        process.onExit().get(30, TimeUnit.SECONDS);
      }
      assertThatThrownBy(() -> send(http, "GET", given.getProperty("url"), ""))
          .isInstanceOf(IOException.class);
      assertThat(Path.of(given.getProperty("folder"))).doesNotExist();
    } finally {
      parent.destroyForcibly();
    }
  }

  @Test
  void aServerThatCannotStartSaysWhy() {
    assertThatThrownBy(() -> ElasticsearchNode.builder(ZIP).setting("no.such.setting", "1").start())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("unknown setting [no.such.setting]");
  }

  private static int status(HttpClient http, HttpRequest.Builder request, String credentials)
      throws IOException, InterruptedException {
    String basic = Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    return http.send(
            request.setHeader("Authorization", "Basic " + basic).build(), BodyHandlers.discarding())
        .statusCode();
  }

  private static String send(HttpClient http, String method, String url, String body)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isBetween(200, 201);
    return response.body();
  }

  private static SSLContext trust(Path ca) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (InputStream in = Files.newInputStream(ca)) {
      store.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
