// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.util.Throwables;
import org.elasticsearch.client.Request;
import org.elasticsearch.client.ResponseException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerConnectionTest {
  @Test
  void aRedirectIsNotFollowedWithTheKey() throws IOException {
    AtomicInteger elsewhere = new AtomicInteger();
    HttpServer other = serve(null, elsewhere);
    HttpServer first = serve(url(other) + "/stolen", new AtomicInteger());
    try (ServerConnection connection =
        ServerConnection.open(url(first), "a2V5", new NetworkOptions(), Map.of())) {
      assertThatThrownBy(() -> connection.rest().performRequest(new Request("GET", "/")))
          .isInstanceOfSatisfying(
              ResponseException.class,
              e -> assertThat(e.getResponse().getStatusLine().getStatusCode()).isEqualTo(302));
      assertThat(elsewhere).hasValue(0);
    } finally {
      first.stop(0);
      other.stop(0);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "es.example:9200",
        "ftp://es.example",
        "https://me:s3cret@es.example",
        "https://me:s3cret@e s.example",
        "https://es.example/path",
        "https://es.example?key=s3cret",
        "https://es.example#s3cret"
      })
  void anAddressThatCannotBeUsedIsNotRepeated(String url) {
    assertThatThrownBy(() -> ServerConnection.open(url, null, new NetworkOptions(), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(Throwables.getStackTrace(e)).doesNotContain("s3cret"));
  }

  private static HttpServer serve(@Nullable String location, AtomicInteger requests)
      throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.incrementAndGet();
          if (location != null) {
            exchange.getResponseHeaders().add("Location", location);
          }
          exchange.sendResponseHeaders(location == null ? 200 : 302, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static String url(HttpServer server) {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }
}
