// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * An indicator that is hunted for.
 *
 * @param document as the sink writes it, with its id
 */
record HuntIndicator(JsonNode document) {
  /** Where the id is in a document. */
  static final String ID = "/tip/indicator/id";

  String id() {
    return document.at(ID).asText();
  }

  String feedName() {
    String name = document.path("threat").path("feed").path("name").asText();
    return name.isEmpty() ? document.path("tip").path("feed").path("id").asText() : name;
  }

  /** Returns the values of a field as text. */
  Collection<String> values(String field) {
    JsonNode value = document;
    for (String name : field.split("\\.", -1)) {
      value = value.path(name);
    }
    if (value.isValueNode() && !value.isNull()) {
      return List.of(value.asText());
    }
    List<String> values = new ArrayList<>(value.size());
    if (value.isArray()) {
      value.forEach(element -> values.add(element.asText()));
    }
    return values;
  }
}
