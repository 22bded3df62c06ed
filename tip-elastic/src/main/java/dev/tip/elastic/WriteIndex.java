// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tip.sink.SinkException;
import java.util.Map;

/**
 * The index behind an alias that is written to.
 *
 * @param name its name
 * @param content what the server says about it: {@code aliases}, {@code mappings}, {@code settings}
 */
record WriteIndex(String name, JsonNode content) {

  /**
   * Finds it in the answer to a {@code GET} of the alias.
   *
   * @throws SinkException if the alias has no index to write to
   */
  static WriteIndex of(String alias, JsonNode indices) throws SinkException {
    for (Map.Entry<String, JsonNode> index : indices.properties()) {
      JsonNode entry = index.getValue().path("aliases").path(alias);
      if (!entry.isMissingNode()
          && (indices.size() == 1 || entry.path("is_write_index").asBoolean())) {
        return new WriteIndex(index.getKey(), index.getValue());
      }
    }
    throw new SinkException(
        SinkException.Kind.CONFIG,
        alias
            + " is no alias with one index to write to; if an index has that name, remove it, and"
            + " install with ElasticsearchAdmin or the setting install=true",
        null);
  }

  JsonNode settings() {
    return content.path("settings").path("index");
  }

  /** The version of its mapping; 0 if it is not one of ours. */
  int mapping() {
    return content.path("mappings").path("_meta").path("tip").path("mapping").asInt();
  }
}
