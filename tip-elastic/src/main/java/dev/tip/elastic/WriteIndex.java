// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tip.sink.SinkException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The index behind an alias that is written to.
 *
 * @param name its name
 * @param content what the server says about it: {@code aliases}, {@code mappings}, {@code settings}
 */
record WriteIndex(String name, JsonNode content) {

  /**
   * Finds it in the answer to a {@code GET} of indices.
   *
   * @throws SinkException if the alias has no index to write to
   */
  static WriteIndex of(String alias, JsonNode indices) throws SinkException {
    WriteIndex found = find(alias, indices);
    if (found == null) {
      throw new SinkException(
          SinkException.Kind.CONFIG,
          alias
              + " is no alias with one index to write to; if an index has that name, remove it,"
              + " and install by tip install, ElasticsearchAdmin or the setting install=true",
          null);
    }
    return found;
  }

  /** Finds it in the answer to a {@code GET} of indices; null if the alias has none. */
  static @Nullable WriteIndex find(String alias, JsonNode indices) {
    WriteIndex found = null;
    int behind = 0;
    for (Map.Entry<String, JsonNode> index : indices.properties()) {
      JsonNode entry = index.getValue().path("aliases").path(alias);
      if (entry.path("is_write_index").asBoolean()) {
        return new WriteIndex(index.getKey(), index.getValue());
      }
      if (!entry.isMissingNode()) {
        found = new WriteIndex(index.getKey(), index.getValue());
        behind++;
      }
    }
    // As the server does: the only index behind an alias is written to, unless it says otherwise.
    return behind == 1 ? found : null;
  }

  JsonNode settings() {
    return content.path("settings").path("index");
  }

  /** The version of its mapping; 0 if it is not one of ours. */
  int mapping() {
    return mapping(content.path("mappings"));
  }

  static int mapping(JsonNode mappings) {
    return mappings.path("_meta").path("tip").path("mapping").asInt();
  }
}
