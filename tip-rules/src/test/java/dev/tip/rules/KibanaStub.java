// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Kibana on the loopback address as far as rules need one: it keeps them by space, and answers as
 * documented, with faults where a test wants some. Every path has faults of its own, each used
 * once.
 */
final class KibanaStub implements AutoCloseable {
  static final String KEY = "aWQ6c2VjcmV0LWtleQ==";
  private static final Pattern FILTER =
      Pattern.compile(
          "alert\\.attributes\\.params\\.type: \"threat_match\""
              + "( or alert\\.attributes\\.params\\.ruleId: \"[0-9a-f-]+\")*");
  private static final String RULES = "/api/detection_engine/rules";

  /** What arrived. */
  record Request(String method, String path, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /** What happens instead of an answer. */
  @FunctionalInterface
  interface Fault {
    void on(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Map<String, ObjectNode>> spaces = new LinkedHashMap<>();
  private final Map<String, Deque<Fault>> faults = new LinkedHashMap<>();
  private final List<Request> requests = new ArrayList<>();

  /** Let those go on that a test keeps waiting. */
  final CountDownLatch released = new CountDownLatch(1);

  String version = "8.19.1";
  int maxObjects = RuleJson.MAX_IMPORT_RULES;
  int maxBytes = RuleJson.MAX_IMPORT_BYTES;

  /** Rules that an import answers with an error, by {@code rule_id}. */
  final Map<String, ObjectNode> refusals = new LinkedHashMap<>();

  /** Ids that a bulk action fails for. */
  final Set<String> stubborn = new HashSet<>();

  /** Changes a rule on its way into the store. */
  BiConsumer<String, ObjectNode> onStore = (ruleId, rule) -> {};

  KibanaStub() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
    spaces.put("default", new LinkedHashMap<>());
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  synchronized KibanaStub space(String id) {
    spaces.put(id, new LinkedHashMap<>());
    return this;
  }

  /** Returns the rules of a space by {@code rule_id}; what a test changes there is changed. */
  synchronized Map<String, ObjectNode> rules(String space) {
    Map<String, ObjectNode> rules = spaces.get(space);
    if (rules == null) {
      throw new AssertionError("no space " + space);
    }
    return rules;
  }

  /** Puts a rule in as a user would have. */
  synchronized ObjectNode put(ObjectNode rule) {
    ObjectNode stored = stored(rule, null);
    rules("default").put(rule.path("rule_id").asText(), stored);
    return stored;
  }

  synchronized KibanaStub fault(String pathStart, Fault... more) {
    faults.computeIfAbsent(pathStart, p -> new ArrayDeque<>()).addAll(List.of(more));
    return this;
  }

  static Fault answer(int status, String type, String body, String... headers) {
    return exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      send(exchange, status, type, body.getBytes(StandardCharsets.UTF_8));
    };
  }

  /** Says that more comes than does. */
  static Fault cut() {
    return exchange -> {
      exchange.sendResponseHeaders(200, 5_000);
      exchange.getResponseBody().write("{\"data\":".getBytes(StandardCharsets.UTF_8));
      exchange.getResponseBody().flush();
      exchange.close();
    };
  }

  /** Sends the head and then nothing until released. */
  Fault stuck() {
    return exchange -> {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().flush();
      try {
        released.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      exchange.close();
    };
  }

  static Fault endless() {
    return exchange -> {
      exchange.sendResponseHeaders(200, 0);
      byte[] blanks = " ".repeat(1 << 16).getBytes(StandardCharsets.US_ASCII);
      try {
        while (true) {
          exchange.getResponseBody().write(blanks);
        }
      } catch (IOException e) {
        exchange.close();
      }
    };
  }

  synchronized List<Request> requests() {
    return List.copyOf(requests);
  }

  List<Request> requests(String part) {
    return requests().stream().filter(r -> r.path().contains(part)).toList();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().toString();
    byte[] body = exchange.getRequestBody().readAllBytes();
    Map<String, String> headers = new LinkedHashMap<>();
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> headers.put(name.toLowerCase(java.util.Locale.ROOT), values.get(0)));
    Fault fault = null;
    synchronized (this) {
      requests.add(new Request(exchange.getRequestMethod(), path, headers, body));
      for (Map.Entry<String, Deque<Fault>> some : faults.entrySet()) {
        if (path.startsWith(some.getKey()) && !some.getValue().isEmpty()) {
          fault = some.getValue().remove();
          break;
        }
      }
    }
    if (fault != null) {
      fault.on(exchange);
      return;
    }
    synchronized (this) {
      route(exchange, path, headers, body);
    }
  }

  private void route(HttpExchange exchange, String path, Map<String, String> headers, byte[] body)
      throws IOException {
    if (path.equals("/api/status")) {
      ObjectNode status = JsonNodeFactory.instance.objectNode();
      if (!version.isEmpty()) {
        status.putObject("version").put("number", version).put("build_flavor", "traditional");
      }
      json(exchange, 200, status);
      return;
    }
    if (!("ApiKey " + KEY).equals(headers.get("authorization"))) {
      error(exchange, 401, "[security_exception] unable to authenticate");
      return;
    }
    if (!exchange.getRequestMethod().equals("GET") && headers.get("kbn-xsrf") == null) {
      error(exchange, 400, "Request must contain a kbn-xsrf header.");
      return;
    }
    if (path.startsWith("/api/spaces/space/")) {
      String id = path.substring("/api/spaces/space/".length());
      if (spaces.containsKey(id)) {
        json(exchange, 200, JsonNodeFactory.instance.objectNode().put("id", id));
      } else {
        error(exchange, 404, "Not Found");
      }
      return;
    }
    String space = "default";
    String rest = path;
    if (path.startsWith("/s/")) {
      int slash = path.indexOf('/', 3);
      space = path.substring(3, slash);
      rest = path.substring(slash);
    }
    // Kibana asks nobody whether a space exists.
    Map<String, ObjectNode> rules = spaces.computeIfAbsent(space, s -> new LinkedHashMap<>());
    if (!"2023-10-31".equals(headers.get("elastic-api-version"))) {
      error(exchange, 400, "no such version of the API");
    } else if (rest.startsWith(RULES + "/_find?")) {
      find(exchange, rules, parameters(rest));
    } else if (rest.startsWith(RULES + "/_import?")) {
      importFile(exchange, rules, parameters(rest).get("overwrite"), headers, body);
    } else if (rest.equals(RULES + "/_bulk_action")) {
      bulk(exchange, rules, RuleJson.read(body));
    } else {
      error(exchange, 404, "Not Found");
    }
  }

  private static Map<String, String> parameters(String path) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String pair : path.substring(path.indexOf('?') + 1).split("&", -1)) {
      int is = pair.indexOf('=');
      parameters.put(
          pair.substring(0, is), URLDecoder.decode(pair.substring(is + 1), StandardCharsets.UTF_8));
    }
    return parameters;
  }

  private static void find(
      HttpExchange exchange, Map<String, ObjectNode> rules, Map<String, String> asked)
      throws IOException {
    String filter = asked.getOrDefault("filter", "");
    if (!FILTER.matcher(filter).matches()) {
      error(exchange, 400, "no such filter");
      return;
    }
    List<ObjectNode> found =
        rules.values().stream()
            .filter(
                r ->
                    r.path("type").asText().equals("threat_match")
                        || filter.contains('"' + r.path("rule_id").asText() + '"'))
            .toList();
    int page = Integer.parseInt(asked.getOrDefault("page", "1"));
    int size = Integer.parseInt(asked.getOrDefault("per_page", "20"));
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.put("page", page).put("perPage", size).put("total", found.size());
    ArrayNode data = answer.putArray("data");
    found.stream().skip((long) (page - 1) * size).limit(size).forEach(data::add);
    json(exchange, 200, answer);
  }

  private void importFile(
      HttpExchange exchange,
      Map<String, ObjectNode> rules,
      @Nullable String overwrite,
      Map<String, String> headers,
      byte[] body)
      throws IOException {
    if (body.length > maxBytes) {
      error(exchange, 413, "Payload content length greater than maximum allowed: " + maxBytes);
      return;
    }
    String type = headers.getOrDefault("content-type", "");
    String start = "multipart/form-data; boundary=";
    String text = new String(body, StandardCharsets.UTF_8);
    String boundary = type.startsWith(start) ? type.substring(start.length()) : "none";
    String first = "--" + boundary + "\r\n";
    int head = text.indexOf("\r\n\r\n");
    int tail = text.indexOf("\r\n--" + boundary + "--\r\n");
    if (!text.startsWith(first)
        || tail < 0
        || !text.substring(0, head)
            .contains("form-data; name=\"file\"; filename=\"rules.ndjson\"")) {
      error(exchange, 400, "Invalid file extension");
      return;
    }
    List<ObjectNode> lines =
        RuleJson.readLines(text.substring(head + 4, tail).getBytes(StandardCharsets.UTF_8));
    if (lines.size() > maxObjects) {
      error(exchange, 400, "Can't import more than " + maxObjects + " rules");
      return;
    }
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ArrayNode errors = answer.putArray("errors");
    int good = 0;
    for (ObjectNode rule : lines) {
      String ruleId = rule.path("rule_id").asText();
      ObjectNode refusal = refusals.get(ruleId);
      if (refusal != null) {
        errors.add(refusal);
      } else if (rules.containsKey(ruleId) && !"true".equals(overwrite)) {
        errors.add(refusal(ruleId, 409, "rule_id: \"" + ruleId + "\" already exists"));
      } else {
        ObjectNode stored = stored(rule, rules.get(ruleId));
        onStore.accept(ruleId, stored);
        rules.put(ruleId, stored);
        good++;
      }
    }
    answer.put("success", errors.isEmpty()).put("success_count", good);
    answer.put("rules_count", lines.size());
    answer.put("exceptions_success", true).put("exceptions_success_count", 0);
    answer.putArray("exceptions_errors");
    answer.put("action_connectors_success", true).put("action_connectors_success_count", 0);
    answer.putArray("action_connectors_errors");
    answer.putArray("action_connectors_warnings");
    json(exchange, 200, answer);
  }

  static ObjectNode refusal(String ruleId, int status, String message) {
    ObjectNode failed = JsonNodeFactory.instance.objectNode().put("rule_id", ruleId);
    failed.putObject("error").put("status_code", status).put("message", message);
    return failed;
  }

  private static ObjectNode stored(ObjectNode rule, @Nullable ObjectNode before) {
    ObjectNode stored = RuleJsonTest.installed(rule);
    String id = before == null ? UUID.randomUUID().toString() : before.path("id").asText();
    stored.put("id", id).put("revision", before == null ? 0 : before.path("revision").asInt() + 1);
    if (!stored.has("enabled")) {
      stored.put("enabled", false);
    }
    return stored;
  }

  private void bulk(HttpExchange exchange, Map<String, ObjectNode> rules, ObjectNode asked)
      throws IOException {
    JsonNode ids = asked.path("ids");
    if (ids.size() > 100) {
      error(exchange, 400, "More than 100 ids sent for bulk edit action.");
      return;
    }
    String action = asked.path("action").asText();
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ObjectNode attributes = answer.putObject("attributes");
    ObjectNode results = attributes.putObject("results");
    ArrayNode updated = results.putArray("updated");
    results.putArray("created");
    ArrayNode deleted = results.putArray("deleted");
    results.putArray("skipped");
    ArrayNode errors = attributes.putArray("errors");
    for (JsonNode id : ids) {
      ObjectNode rule =
          rules.values().stream().filter(r -> r.path("id").equals(id)).findFirst().orElse(null);
      if (rule == null || stubborn.contains(rule.path("rule_id").asText())) {
        ObjectNode error = errors.addObject();
        error.put("message", rule == null ? "Rule not found" : "no").put("status_code", 500);
        error.putArray("rules").addObject().set("id", id);
      } else if (action.equals("enable")) {
        updated.add(rule.put("enabled", true));
      } else if (action.equals("delete")) {
        rules.remove(rule.path("rule_id").asText());
        deleted.add(rule);
      }
    }
    if (errors.isEmpty()) {
      json(exchange, 200, answer.put("success", true).put("rules_count", ids.size()));
    } else {
      json(
          exchange,
          500,
          answer.put("message", "Bulk edit partially failed").put("status_code", 500));
    }
  }

  private static void error(HttpExchange exchange, int status, String message) throws IOException {
    ObjectNode error = JsonNodeFactory.instance.objectNode();
    json(exchange, status, error.put("statusCode", status).put("message", message));
  }

  private static void json(HttpExchange exchange, int status, ObjectNode body) throws IOException {
    send(
        exchange,
        status,
        "application/json; charset=utf-8",
        body.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    released.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
