// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.elasticsearch.client.Request;
import org.elasticsearch.client.RestClient;

/**
 * Events as Auditbeat, Packetbeat and Elastic Defend write them, some of which touch a list of
 * {@link DemoFeeds}.
 */
final class DemoEvents {
  /** Where the events of a source go; each is a data stream that the rules read. */
  private static final Map<String, String> STREAMS =
      Map.of(
          "auditbeat", "auditbeat-8.19.21",
          "fim", "logs-fim.event-default",
          "defend-process", "logs-endpoint.events.process-default",
          "defend-library", "logs-endpoint.events.library-default",
          "defend-file", "logs-endpoint.events.file-default",
          "defend-network", "logs-endpoint.events.network-default",
          "packetbeat", "packetbeat-8.19.21",
          "packetbeat-transaction", "packetbeat-8.19.21",
          "network-traffic", "logs-network_traffic.flow-default");

  private static final Duration AGE = Duration.ofMinutes(5);
  private static final ObjectMapper JSON = new ObjectMapper();

  private DemoEvents() {}

  /**
   * An event.
   *
   * @param id its id in its index
   * @param host the host it happened on
   * @param what what happened, for people
   * @param rules the keys of the rules that must find it; none if no rule may
   * @param time when it happened
   */
  record Planted(String id, String host, String what, Set<String> rules, Instant time) {
    /** What stands for a rule where the event is older than any rule looks. */
    static final String HUNT = "hunt";
  }

  /**
   * Stores the events, ready to be searched. The time at which they were ingested comes with them:
   * the server for tests has no processor for the pipeline that sets it elsewhere.
   */
  static Map<String, Planted> plant(RestClient server, Clock clock) throws IOException {
    send(server, "PUT", "/_index_template/tip-demo", DemoFeeds.text("events/template.json"));
    Map<String, ObjectNode> shapes = new HashMap<>();
    for (String source : STREAMS.keySet()) {
      shapes.put(source, (ObjectNode) JSON.readTree(DemoFeeds.text("events/" + source + ".json")));
    }
    Map<String, Planted> planted = new LinkedHashMap<>();
    StringBuilder bulk = new StringBuilder();
    for (String line : DemoFeeds.text("events/planted.tsv").split("\n", -1)) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] columns = line.split("\t", -1);
      String id = "demo-" + (planted.size() + 1);
      ObjectNode event = Objects.requireNonNull(shapes.get(columns[0])).deepCopy();
      Instant time =
          clock
              .instant()
              .minus(columns.length > 5 ? Duration.ofDays(Long.parseLong(columns[5])) : AGE);
      event.put("@timestamp", time.toString());
      put(event, "event.ingested", JSON.getNodeFactory().textNode(time.toString()));
      put(event, "host.name", JSON.getNodeFactory().textNode(columns[1]));
      JSON.readTree(columns[2])
          .properties()
          .forEach(field -> put(event, field.getKey(), field.getValue()));
      ObjectNode action = JSON.createObjectNode();
      action.putObject("create").put("_index", STREAMS.get(columns[0])).put("_id", id);
      bulk.append(action).append('\n').append(event).append('\n');
      Set<String> rules = columns[3].equals("-") ? Set.of() : Set.of(columns[3].split(",", -1));
      planted.put(id, new Planted(id, columns[1], columns[4], rules, time));
    }
    JsonNode answer = send(server, "POST", "/_bulk", bulk.toString());
    if (answer.path("errors").asBoolean()) {
      throw new IOException("the server did not take the events: " + firstErrors(answer));
    }
    refresh(server);
    return planted;
  }

  /** No search may miss what was written just now, events and indicators alike. */
  static void refresh(RestClient server) throws IOException {
    send(server, "POST", "/_refresh", "");
  }

  private static void put(ObjectNode event, String path, JsonNode value) {
    String[] names = path.split("\\.", -1);
    ObjectNode parent = event;
    for (int i = 0; i < names.length - 1; i++) {
      parent = parent.withObjectProperty(names[i]);
    }
    parent.set(names[names.length - 1], value);
  }

  private static List<String> firstErrors(JsonNode answer) {
    List<String> errors = new ArrayList<>();
    for (JsonNode item : answer.path("items")) {
      JsonNode error = item.path("create").path("error");
      if (!error.isMissingNode() && errors.size() < 3) {
        errors.add(error.toString());
      }
    }
    return errors;
  }

  private static JsonNode send(RestClient server, String method, String path, String body)
      throws IOException {
    Request request = new Request(method, path);
    request.setJsonEntity(body);
    return JSON.readTree(server.performRequest(request).getEntity().getContent());
  }
}
