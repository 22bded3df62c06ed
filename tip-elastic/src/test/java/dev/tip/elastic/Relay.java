// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.rest_client.RestClientTransport;
import dev.tip.elastic.BulkEndpoint.Behaviour;
import dev.tip.elastic.BulkEndpoint.Reply;
import dev.tip.elastic.BulkEndpoint.Request;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.apache.http.HttpHost;
import org.elasticsearch.client.RestClient;

/** Stands between a client and a real server, and passes on what a test does not want spoilt. */
final class Relay implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final BulkEndpoint endpoint;
  private final RestClientTransport transport;

  Relay(Behaviour behaviour) throws IOException {
    endpoint = new BulkEndpoint(behaviour);
    transport =
        new RestClientTransport(
            RestClient.builder(HttpHost.create(endpoint.url())).build(), new JacksonJsonpMapper());
  }

  /** A client that knows the server by the relay only. */
  ElasticsearchClient client() {
    return new ElasticsearchClient(transport);
  }

  /** Returns the server's answer. */
  static Reply pass(String serverUrl, Request request) throws IOException {
    return pass(serverUrl, request, request.body());
  }

  /** Returns the server's answer to the request with another body. */
  static Reply pass(String serverUrl, Request request, byte[] body) throws IOException {
    HttpRequest.Builder passed =
        HttpRequest.newBuilder(URI.create(serverUrl + request.path()))
            .method(request.method(), BodyPublishers.ofByteArray(body));
    for (String name : List.of("content-type", "accept")) {
      if (request.headers().containsKey(name)) {
        passed.header(name, request.headers().get(name));
      }
    }
    try {
      HttpResponse<byte[]> answer = HTTP.send(passed.build(), BodyHandlers.ofByteArray());
      return Reply.json(answer.statusCode(), answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    transport.close();
    endpoint.close();
  }
}
