// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.rest_client.RestClientTransport;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tip.testkit.ElasticsearchNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.http.HttpHost;
import org.elasticsearch.client.RestClient;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The Elasticsearch that the module's integration tests share, with what they need to look into it
 * past the code under test. A test takes it as a parameter and works in indices of its own.
 */
final class Server implements AutoCloseable {
  static final Path ZIP = Path.of(System.getProperty("tip.elasticsearch.zip", "absent"));

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ElasticsearchNode node;
  private final RestClientTransport transport;
  private final HttpClient http = HttpClient.newHttpClient();

  private Server() throws IOException, InterruptedException {
    this(
        ElasticsearchNode.builder(ZIP)
            .kql(
                Stream.of(System.getProperty("tip.elasticsearch.kql", "absent").split(":", -1))
                    .map(Path::of)
                    .toList()));
  }

  /** Starts one that is not shared. */
  Server(ElasticsearchNode.Builder options) throws IOException, InterruptedException {
    node = options.start();
    transport =
        new RestClientTransport(
            RestClient.builder(HttpHost.create(node.url())).build(), new JacksonJsonpMapper());
  }

  /** Starts it for the first test that asks, and closes it after the last of the run. */
  static final class Shared implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == Server.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(Namespace.create(Server.class))
          .getOrComputeIfAbsent(Server.class, type -> start(), Server.class);
    }

    private static Server start() {
      try {
        return new Server();
      } catch (IOException e) {
        throw new IllegalStateException("the server of the tests does not start", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }

  ElasticsearchNode node() {
    return node;
  }

  String url() {
    return node.url();
  }

  ElasticsearchClient client() {
    return new ElasticsearchClient(transport);
  }

  /** What the server answered. */
  record Answer(int status, JsonNode body) {}

  Answer call(String method, String path, String body) throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        http.send(
            HttpRequest.newBuilder(URI.create(node.url() + path))
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofByteArray());
    return new Answer(response.statusCode(), JSON.readTree(response.body()));
  }

  /** Returns the body of an answer that must be a success. */
  JsonNode ok(String method, String path, String body) throws IOException, InterruptedException {
    Answer answer = call(method, path, body);
    if (answer.status() >= 300) {
      throw new AssertionError(method + ' ' + path + ": " + answer);
    }
    return answer.body();
  }

  /** Returns the hits of a query over what was written until now. */
  List<JsonNode> find(String index, String query) throws IOException, InterruptedException {
    ok("POST", '/' + index + "/_refresh", "");
    JsonNode found =
        ok("POST", '/' + index + "/_search", "{\"size\":1000,\"query\":" + query + '}');
    return Stream.iterate(0, i -> i + 1)
        .limit(found.path("hits").path("hits").size())
        .map(i -> found.path("hits").path("hits").path(i))
        .toList();
  }

  @Override
  public void close() throws IOException {
    transport.close();
    node.close();
  }
}
