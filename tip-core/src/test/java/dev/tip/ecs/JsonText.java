// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.ecs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads JSON into maps and lists; refuses repeated names and a second document. */
public final class JsonText {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private JsonText() {}

  /** Returns the object with the leaves' full names. */
  public static Map<String, Object> flat(byte[] utf8) throws IOException {
    try (JsonParser json = JSON.createParser(utf8)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("no object");
      }
      Map<String, Object> out = new LinkedHashMap<>();
      object("", json, out);
      if (json.nextToken() != null) {
        throw new IOException("something follows the document");
      }
      return out;
    }
  }

  private static void object(String prefix, JsonParser json, Map<String, Object> out)
      throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = prefix + json.currentName();
      if (json.nextToken() == JsonToken.START_OBJECT) {
        object(name + '.', json, out);
      } else {
        out.put(name, value(json));
      }
    }
  }

  private static Object value(JsonParser json) throws IOException {
    @Nullable JsonToken token = json.currentToken();
    if (token == JsonToken.START_ARRAY) {
      List<Object> out = new ArrayList<>();
      while (json.nextToken() != JsonToken.END_ARRAY) {
        out.add(value(json));
      }
      return out;
    }
    if (token == JsonToken.VALUE_STRING) {
      return json.getText();
    }
    if (token == JsonToken.VALUE_NUMBER_INT) {
      return json.getLongValue();
    }
    if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
      return token == JsonToken.VALUE_TRUE;
    }
    throw new IOException("unexpected " + token);
  }
}
