// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.elastic.BulkEndpoint.Ending;
import dev.tip.elastic.BulkEndpoint.Reply;
import dev.tip.elastic.BulkEndpoint.Request;
import dev.tip.sink.IndicatorSink;
import dev.tip.testkit.IndicatorSinkContract;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * The contract of sinks over a real server. Between sink and server is an endpoint that passes on
 * all, except where a rule wants a fault; a refusal is the server's own, of a document that the
 * endpoint has spoilt.
 */
abstract class ServerSinkContract extends IndicatorSinkContract {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STAMP = "\"@timestamp\":\"";

  private final String indexBase = "logs-ti_contract." + UUID.randomUUID();
  private final Set<String> refused = ConcurrentHashMap.newKeySet();
  private final HttpClient http = HttpClient.newHttpClient();
  private BulkEndpoint endpoint;
  private volatile boolean stalled;

  /** Returns where the server is, {@code http://host:port}. */
  abstract String serverUrl();

  @BeforeEach
  void install() throws IOException {
    endpoint = new BulkEndpoint(this::pass);
    provider(Map.of("url", endpoint.url(), "index-base", indexBase, "install", "true")).close();
  }

  @AfterEach
  void closeEndpoint() throws IOException {
    endpoint.close();
  }

  private static IndicatorSink provider(Map<String, String> settings) throws IOException {
    return new ElasticsearchSinkProvider().create(settings);
  }

  private Reply pass(Request request) throws IOException {
    byte[] body = request.body();
    if (!refused.isEmpty() && request.isBulk()) {
      body = spoilt(new String(body, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
    }
    Reply reply = Relay.pass(serverUrl(), request, body);
    return stalled && request.isBulk() ? reply.ending(Ending.SILENT) : reply;
  }

  private String spoilt(String body) {
    StringBuilder out = new StringBuilder();
    String[] lines = body.split("\n");
    for (int i = 0; i + 1 < lines.length; i += 2) {
      boolean spoil = refused.stream().anyMatch(lines[i]::contains);
      out.append(lines[i]).append('\n');
      out.append(spoil ? lines[i + 1].replace(STAMP, STAMP + "no date ") : lines[i + 1]);
      out.append('\n');
    }
    return out.toString();
  }

  private HttpResponse<byte[]> send(HttpRequest request) throws IOException {
    try {
      return http.send(request, BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  protected IndicatorSink open() throws IOException {
    return provider(Map.of("url", endpoint.url(), "index-base", indexBase, "deadline", "PT8S"));
  }

  @Override
  protected List<Stored> stored(Set<String> ids) throws IOException {
    ObjectNode search = JSON.createObjectNode().put("size", 1000).put("version", true);
    var values = search.putObject("query").putObject("ids").putArray("values");
    ids.forEach(values::add);
    ask("/_refresh", "");
    List<Stored> out = new ArrayList<>();
    for (JsonNode hit : ask("/_search", search.toString()).path("hits").path("hits")) {
      out.add(
          new Stored(
              hit.path("_id").asText(),
              hit.path("_version").asLong(),
              hit.path("_source").path("tip").path("status").asText().equals("active")));
    }
    return out;
  }

  private JsonNode ask(String path, String body) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(serverUrl() + '/' + indexBase + path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    HttpResponse<byte[]> answer = send(request);
    if (answer.statusCode() != 200) {
      throw new IOException(path + ": " + new String(answer.body(), StandardCharsets.UTF_8));
    }
    return JSON.readTree(answer.body());
  }

  @Override
  protected Set<Ability> abilities() {
    return Set.of(Ability.values());
  }

  @Override
  protected void refuse(String id) {
    refused.add(id);
  }

  @Override
  protected void down(boolean down) throws IOException {
    endpoint.down(down);
  }

  @Override
  protected void stall(boolean stalled) {
    this.stalled = stalled;
  }
}
