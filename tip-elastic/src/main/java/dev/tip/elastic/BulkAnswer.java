// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the answer of the bulk API as a stream. */
final class BulkAnswer {
  private static final long MAX_BYTES = 16L << 20;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxDocumentLength(MAX_BYTES)
                  .maxNestingDepth(32)
                  .build())
          .build();

  private BulkAnswer() {}

  /**
   * How an operation ended.
   *
   * @param type {@code error.type}, empty if there is none
   * @param reason {@code error.reason}, as received
   */
  record Item(int status, String type, String reason) {
    private static final Item CREATED = new Item(201, "", "");
    private static final Item OK = new Item(200, "", "");

    Fault fault() {
      return Fault.of(status, type);
    }
  }

  /**
   * Returns an item an operation.
   *
   * @param ids the ids of the operations, in order
   * @throws IOException if the answer is no JSON, cut, or not about these operations
   */
  static List<Item> items(InputStream body, List<String> ids) throws IOException {
    List<Item> items = new ArrayList<>(ids.size());
    boolean found = false;
    try (JsonParser json = JSON.createParser(body)) {
      expect(json.nextToken(), JsonToken.START_OBJECT);
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean here = json.currentName().equals("items");
        JsonToken value = json.nextToken();
        if (here) {
          expect(value, JsonToken.START_ARRAY);
          found = true;
          while (json.nextToken() == JsonToken.START_OBJECT) {
            if (items.size() == ids.size()) {
              throw new IOException("the answer has more items than the request");
            }
            items.add(item(json, ids.get(items.size())));
          }
          expect(json.currentToken(), JsonToken.END_ARRAY);
        } else {
          json.skipChildren();
        }
      }
      expect(json.currentToken(), JsonToken.END_OBJECT);
    }
    if (!found || items.size() != ids.size()) {
      throw new IOException(
          "the answer has " + items.size() + " items for " + ids.size() + " operations");
    }
    return items;
  }

  private static Item item(JsonParser json, String id) throws IOException {
    expect(json.nextToken(), JsonToken.FIELD_NAME);
    expect(json.nextToken(), JsonToken.START_OBJECT);
    int status = 0;
    String answered = "";
    String type = "";
    String reason = "";
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (name.equals("_id")) {
        answered = json.getValueAsString("");
      } else if (name.equals("status")) {
        status = json.getValueAsInt();
      } else if (name.equals("error") && value == JsonToken.START_OBJECT) {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String part = json.currentName();
          json.nextToken();
          if (part.equals("type")) {
            type = json.getValueAsString("");
          } else if (part.equals("reason")) {
            reason = json.getValueAsString("");
          }
          json.skipChildren();
        }
      } else {
        json.skipChildren();
      }
    }
    expect(json.currentToken(), JsonToken.END_OBJECT);
    expect(json.nextToken(), JsonToken.END_OBJECT);
    if (!answered.equals(id)) {
      throw new IOException("the answer is about other operations than the request");
    }
    if (type.isEmpty() && status == 200) {
      return Item.OK;
    }
    return type.isEmpty() && status == 201 ? Item.CREATED : new Item(status, type, reason);
  }

  /** Returns type and reason of an error that concerns the whole request; empty if it has none. */
  static Item error(int status, InputStream body) throws IOException {
    String type = "";
    String reason = "";
    try (JsonParser json = JSON.createParser(body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return new Item(status, "", "");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean error = json.currentName().equals("error");
        if (json.nextToken() != JsonToken.START_OBJECT || !error) {
          json.skipChildren();
          continue;
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String part = json.currentName();
          json.nextToken();
          if (part.equals("type")) {
            type = json.getValueAsString("");
          } else if (part.equals("reason")) {
            reason = json.getValueAsString("");
          }
          json.skipChildren();
        }
      }
    }
    return new Item(status, type, reason);
  }

  private static void expect(@Nullable JsonToken found, JsonToken wanted) throws IOException {
    if (found != wanted) {
      throw new IOException("the answer is not that of the bulk API: " + wanted + " expected");
    }
  }
}
