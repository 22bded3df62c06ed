// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.rules.KibanaException.Problem;
import dev.tip.rules.KibanaReport.Failure;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The calls to the detection engine of one space of a Kibana. For one thread. */
final class KibanaApi {
  /** The oldest version that the rules are made for. */
  private static final int MAJOR = 8;

  private static final int MINOR = 19;

  /** More ids than these are refused by {@code _bulk_action}. */
  private static final int BULK_SIZE = 100;

  private static final int PAGE_SIZE = 50;

  /** Where the result window of a search ends. */
  private static final int MAX_INSTALLED = 10_000;

  /** What is kept of all pages; each page is bounded for itself. */
  private static final long MAX_INSTALLED_BYTES = 256L << 20;

  private static final String BOUNDARY = "tip-rules-5f0d9c1e7b";

  private static final byte[] PART_HEAD =
      ("--"
              + BOUNDARY
              + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"rules.ndjson\"\r\n"
              + "Content-Type: application/x-ndjson\r\n\r\n")
          .getBytes(StandardCharsets.US_ASCII);

  private static final byte[] PART_TAIL =
      ("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII);

  /** How many bytes of rules fit into one import. */
  static final int MAX_FILE_BYTES = RuleJson.MAX_IMPORT_BYTES - PART_HEAD.length - PART_TAIL.length;

  private final KibanaHttp http;
  private final String space;
  private final String rules;
  private final String filter;

  /**
   * @param space id of the space; {@code default} for the one that needs no name
   * @param others {@code rule_id} of rules to look at besides the indicator match rules
   */
  KibanaApi(KibanaHttp http, String space, Collection<String> others) {
    this.http = http;
    this.space = space;
    this.rules = (isDefault(space) ? "" : "/s/" + space) + "/api/detection_engine/rules";
    StringBuilder kql = new StringBuilder("alert.attributes.params.type: \"threat_match\"");
    for (String ruleId : others) {
      kql.append(" or alert.attributes.params.ruleId: ").append(KqlQuery.phrase(ruleId));
    }
    this.filter = kql.toString();
  }

  private static boolean isDefault(String space) {
    return space.equals("default");
  }

  /** A text of Kibana as it may be shown. */
  String plain(String text) {
    return http.plain(text);
  }

  /** Waits, not beyond the deadline. */
  void await(Duration time) throws InterruptedException {
    http.await(time);
  }

  /** Ends if what answers is no Kibana, too old, or has no such space. */
  void check() throws KibanaException, InterruptedException {
    KibanaHttp.Answer status = http.get("/api/status");
    if (status.code() != 200) {
      throw new KibanaException(
          Problem.NOT_KIBANA,
          "there is no /api/status at the address; is it Kibana's, with its base path if it has one?",
          null);
    }
    JsonNode version = status.json().path("version");
    // A stranger is not told the version, and a serverless project is never too old.
    String number = version.path("number").asText("");
    if (!version.path("build_flavor").asText().equals("serverless") && isTooOld(number)) {
      throw new KibanaException(
          Problem.TOO_OLD,
          "Kibana %s is too old: the rules are made for %d.%d and later"
              .formatted(http.plain(number), MAJOR, MINOR),
          null);
    }
    // Kibana takes requests to spaces that do not exist, and would put rules where nobody looks.
    if (!isDefault(space) && http.get("/api/spaces/space/" + space).code() == 404) {
      throw new KibanaException(
          Problem.NO_SPACE,
          "there is no space with the id %s; the id is what stands behind /s/ in its addresses"
              .formatted(space),
          null);
    }
  }

  private static boolean isTooOld(String version) {
    String[] parts = version.split("\\.", 3);
    try {
      int major = Integer.parseInt(parts[0]);
      return major < MAJOR || major == MAJOR && Integer.parseInt(parts[1]) < MINOR;
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return false;
    }
  }

  /** Returns all rules to look at in the space by {@code rule_id}, the oldest first. */
  Map<String, ObjectNode> installed() throws KibanaException, InterruptedException {
    for (int attempt = 0; attempt < 3; attempt++) {
      Map<String, ObjectNode> all = new LinkedHashMap<>();
      if (readPages(all)) {
        return all;
      }
    }
    throw new KibanaException(
        Problem.CHANGED,
        "the rules change while they are read; try again when nobody else changes them",
        null);
  }

  /** Returns whether the pages made up what they said: rules can come and go between them. */
  private boolean readPages(Map<String, ObjectNode> all)
      throws KibanaException, InterruptedException {
    String query =
        rules
            + "/_find?per_page="
            + PAGE_SIZE
            + "&sort_field=created_at&sort_order=asc&filter="
            + URLEncoder.encode(filter, StandardCharsets.UTF_8)
            + "&page=";
    Set<String> ids = new HashSet<>();
    long bytes = 0;
    for (int page = 1; ; page++) {
      KibanaHttp.Answer answer = http.get(query + page);
      requireEngine(answer);
      JsonNode data = answer.json().path("data");
      JsonNode total = answer.json().path("total");
      if (!data.isArray() || !total.canConvertToInt() || total.intValue() < 0) {
        throw odd("a page of rules without data and total");
      }
      if (total.intValue() > MAX_INSTALLED) {
        throw new KibanaException(
            Problem.REFUSED,
            "the space has more than %d indicator match rules, which no search gives"
                .formatted(MAX_INSTALLED),
            null);
      }
      bytes += answer.bytes();
      if (bytes > MAX_INSTALLED_BYTES) {
        throw odd("rules of more than " + MAX_INSTALLED_BYTES + " bytes");
      }
      for (JsonNode node : data) {
        String ruleId = node.path("rule_id").asText("");
        if (!(node instanceof ObjectNode rule) || ruleId.isEmpty()) {
          throw odd("a rule without rule_id");
        }
        ids.add(rule.path("id").asText());
        all.put(ruleId, rule);
      }
      if (ids.size() >= total.intValue()) {
        return ids.size() == total.intValue();
      }
      if (data.isEmpty()) {
        return false;
      }
    }
  }

  private void requireEngine(KibanaHttp.Answer answer) throws KibanaException {
    if (answer.code() == 404) {
      throw new KibanaException(
          Problem.REFUSED,
          "this Kibana has no detection engine in the space; is Elastic Security there, and not"
              + " hidden in the space?",
          null);
    }
  }

  private static KibanaException odd(String what) {
    return new KibanaException(
        Problem.NOT_KIBANA, "the answer is not what Kibana answers: " + what, null);
  }

  /**
   * Imports rules, over as many requests as that takes.
   *
   * @param overwrite whether a rule that is there is replaced; otherwise it is a failure of status
   *     409
   * @return what was not done
   */
  List<Failure> importRules(List<ObjectNode> documents, boolean overwrite, int maxFileRules)
      throws KibanaException, InterruptedException {
    List<Failure> failures = new ArrayList<>();
    for (byte[] file : RuleJson.files(documents, maxFileRules, MAX_FILE_BYTES)) {
      ByteArrayOutputStream body =
          new ByteArrayOutputStream(PART_HEAD.length + file.length + PART_TAIL.length);
      body.writeBytes(PART_HEAD);
      // A line of JSON holds no line break, so that none in here can be followed by the boundary.
      body.writeBytes(file);
      body.writeBytes(PART_TAIL);
      KibanaHttp.Answer answer =
          http.post(
              rules + "/_import?overwrite=" + overwrite,
              "multipart/form-data; boundary=" + BOUNDARY,
              body.toByteArray());
      requireEngine(answer);
      readImport(answer.json(), failures);
    }
    return failures;
  }

  /** Status 200 says only that the request was read. */
  private void readImport(ObjectNode answer, List<Failure> failures) throws KibanaException {
    if (!answer.path("success").isBoolean() || !answer.path("errors").isArray()) {
      throw odd("an import without success and errors");
    }
    int before = failures.size();
    for (String list : List.of("errors", "exceptions_errors", "action_connectors_errors")) {
      for (JsonNode failed : answer.path(list)) {
        JsonNode error = failed.path("error");
        failures.add(
            new Failure(
                http.plain(failed.path("rule_id").asText("")),
                error.path("status_code").asInt(),
                http.plain(error.path("message").asText("no reason given"))));
      }
    }
    if (failures.size() == before && !answer.path("success").booleanValue()) {
      failures.add(new Failure("", 0, "Kibana says that the import failed, and gives no reason"));
    }
  }

  /**
   * Does something to rules that are there.
   *
   * @param action {@code enable} or {@code delete}
   * @param targets {@code rule_id} by {@code id}, in order
   * @param failures gets what was not done
   * @return {@code rule_id} of the rules that it was done to, in order
   */
  List<String> bulk(String action, Map<String, String> targets, List<Failure> failures)
      throws KibanaException, InterruptedException {
    List<String> done = new ArrayList<>();
    List<String> ids = List.copyOf(targets.keySet());
    for (int from = 0; from < ids.size(); from += BULK_SIZE) {
      List<String> part = ids.subList(from, Math.min(ids.size(), from + BULK_SIZE));
      ObjectNode body = JsonNodeFactory.instance.objectNode().put("action", action);
      ArrayNode array = body.putArray("ids");
      part.forEach(array::add);
      KibanaHttp.Answer answer =
          http.post(
              rules + "/_bulk_action",
              "application/json",
              body.toString().getBytes(StandardCharsets.UTF_8));
      requireEngine(answer);
      JsonNode attributes = answer.json().path("attributes");
      Map<String, Failure> failed = new LinkedHashMap<>();
      for (JsonNode error : attributes.path("errors")) {
        for (JsonNode rule : error.path("rules")) {
          String id = rule.path("id").asText();
          failed.put(
              id,
              new Failure(
                  targets.getOrDefault(id, ""),
                  error.path("status_code").asInt(),
                  http.plain(
                      action + " failed: " + error.path("message").asText("no reason given"))));
        }
      }
      Set<String> told = new HashSet<>();
      for (String list : List.of("updated", "deleted", "skipped")) {
        for (JsonNode rule : attributes.path("results").path(list)) {
          told.add(rule.path("id").asText());
        }
      }
      for (String id : part) {
        String ruleId = targets.getOrDefault(id, "");
        if (failed.containsKey(id)) {
          continue;
        }
        if (told.contains(id)) {
          done.add(ruleId);
        } else {
          failures.add(
              new Failure(ruleId, 0, "Kibana says nothing of whether it did this: " + action));
        }
      }
      failures.addAll(failed.values());
    }
    return done;
  }
}
