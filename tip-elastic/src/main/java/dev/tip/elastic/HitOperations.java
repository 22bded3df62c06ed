// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One operation of the bulk API for each hit of a search. */
interface HitOperations {

  /** Returns the lines of a hit's operation, each with its end. */
  String lines(JsonNode hit);

  /**
   * Takes what the server says of a hit, once, unless that may be another soon.
   *
   * @throws IOException if it ends all
   */
  void settled(JsonNode hit, Calls.Answer outcome) throws IOException;

  /**
   * Sends them, and again those that the server cannot do at the moment, until each is settled.
   *
   * @param calls how long and how often it is tried
   * @param action the name of the action
   * @param what what cannot be done if it fails, for the message
   */
  default void send(
      Calls calls,
      String path,
      Map<String, String> query,
      String action,
      JsonNode hits,
      String what)
      throws IOException {
    List<JsonNode> pending = new ArrayList<>();
    hits.forEach(pending::add);
    while (true) {
      StringBuilder body = new StringBuilder();
      pending.forEach(hit -> body.append(lines(hit)));
      Calls.Answer answer =
          calls.bulk(path, query, body.toString().getBytes(StandardCharsets.UTF_8));
      JsonNode items = Calls.require(answer, what).body().path("items");
      if (items.size() != pending.size()) {
        throw new IOException(what + ": the answer is not that of the bulk API");
      }
      List<JsonNode> again = new ArrayList<>();
      Calls.Answer passing = answer;
      for (int i = 0; i < items.size(); i++) {
        Calls.Answer outcome = Calls.Answer.ofItem(items.get(i).path(action));
        if (outcome.fault().isPassing()) {
          again.add(pending.get(i));
          passing = outcome;
        } else {
          settled(pending.get(i), outcome);
        }
      }
      if (again.isEmpty()) {
        return;
      }
      if (!calls.again(null)) {
        throw Calls.failure(passing, what);
      }
      pending = again;
    }
  }
}
