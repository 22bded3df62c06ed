// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a JSON document that has a structure of its own, one at a time.
 *
 * <p>A subclass is asked which objects are records, and told of scalars and ends of objects around
 * them. Where something stands is said by the names on the way to it, joined with dots; places in
 * arrays have no name. A document that is no JSON, or cut, breaks the contract ({@code
 * json-syntax}).
 */
abstract class JsonElements extends EntryIterator {
  /** The longest text that is read of a record, in characters. */
  static final int MAX_TEXT = LineReader.MAX_LINE;

  private static final int MAX_ELEMENTS = 1000;
  private static final int MAX_PATH = 8;
  private static final int MAX_PATH_NAME = 64;
  private static final String NOWHERE = ".";

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(100)
                  .maxStringLength(1 << 20)
                  .maxNameLength(1 << 10)
                  .maxNumberLength(100)
                  .build())
          .build();

  final FeedInfo feed;
  final JsonParser json;
  private final RecentText received;
  private boolean rootSeen;
  private long index;
  private String here = "";
  private @Nullable String reason;
  private int length;

  JsonElements(FeedBody body, FeedInfo feed) throws IOException {
    super(false);
    this.feed = feed;
    this.received =
        new RecentText(new InputStreamReader(Encoding.utf8(body, feed), StandardCharsets.UTF_8));
    this.json = JSON.createParser(received);
  }

  /**
   * Returns whether what begins at a place is a record.
   *
   * @param element whether it is an element of an array
   */
  abstract boolean isRecord(String path, boolean element);

  /** Reads the record that the parser has entered, up to its end. */
  abstract void record() throws IOException;

  /** Is told of an element that should be a record and is none. */
  void notAnObject(String why) {
    reject(index, why);
  }

  /** Is told of an object that begins and is no record. */
  void objectBegins(String path) {}

  /** Is told of an object that ends and is no record. */
  void objectEnds(String path) throws IOException {}

  /** Is told of a scalar outside of records; the parser stands on it. */
  void scalarAt(String path) throws IOException {}

  /** Is told of the end of the document. */
  abstract void ended() throws IOException;

  /** Returns where the record stands. */
  final String here() {
    return here;
  }

  /** Returns the number of the record, from 1. */
  final long position() {
    return index;
  }

  @Override
  final boolean read() throws IOException {
    try {
      return step();
    } catch (JsonProcessingException e) {
      throw broken("json-syntax", "the document is cut or no JSON after record " + index, e);
    }
  }

  @Override
  final String text() {
    return received.record(json.currentLocation().getCharOffset());
  }

  private boolean step() throws IOException {
    JsonToken token = json.nextToken();
    if (token == null) {
      ended();
      return false;
    }
    JsonStreamContext context = json.getParsingContext();
    JsonStreamContext outer = token.isStructStart() ? context.getParent() : context;
    if (outer.inRoot() && !token.isStructEnd()) {
      if (rootSeen) {
        throw broken("json-syntax", "there is more behind the document", null);
      }
      rootSeen = true;
    }
    switch (token) {
      case START_OBJECT -> {
        String path = path(outer);
        if (isRecord(path, outer.inArray())) {
          here = path;
          beginRecord();
          record();
        } else {
          objectBegins(path);
        }
      }
      case END_OBJECT -> objectEnds(path(context));
      case START_ARRAY, END_ARRAY, FIELD_NAME, NOT_AVAILABLE -> {}
      case VALUE_EMBEDDED_OBJECT,
          VALUE_STRING,
          VALUE_NUMBER_INT,
          VALUE_NUMBER_FLOAT,
          VALUE_TRUE,
          VALUE_FALSE,
          VALUE_NULL -> {
        String path = path(outer);
        if (outer.inArray() && isRecord(path, true)) {
          beginRecord();
          json.finishToken();
          notAnObject("json-not-an-object");
        } else {
          reason = null;
          length = 0;
          scalarAt(path);
        }
      }
    }
    return true;
  }

  private void beginRecord() {
    received.begin(json.currentTokenLocation().getCharOffset());
    index++;
    reason = null;
    length = 0;
  }

  /** Returns the reason why the record cannot be used, or null. */
  final @Nullable String reason() {
    return reason;
  }

  final void unusable(String why) {
    reason = why;
  }

  /**
   * Returns the text of the value that the parser stands on.
   *
   * @return null for JSON's null, and for what is no scalar or too long, which {@link #reason}s the
   *     record
   */
  final @Nullable String scalar() throws IOException {
    JsonToken token = json.currentToken();
    if (token.isStructStart()) {
      json.skipChildren();
      reason = "json-field-type";
      return null;
    }
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    length += json.getTextLength();
    if (length > MAX_TEXT) {
      reason = "json-record-too-long";
      return null;
    }
    String text = json.getText();
    return text.isBlank() ? null : text;
  }

  /** Returns the scalars of the array that the parser has entered; a scalar is an array of one. */
  final List<String> scalars() throws IOException {
    List<String> texts = new ArrayList<>();
    if (json.currentToken() != JsonToken.START_ARRAY) {
      add(texts, scalar());
      return texts;
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (texts.size() == MAX_ELEMENTS) {
        reason = "json-array-too-long";
        json.skipChildren();
      } else {
        add(texts, scalar());
      }
    }
    return texts;
  }

  private static void add(List<String> texts, @Nullable String text) {
    if (text != null) {
      texts.add(text.strip());
    }
  }

  /** What is done with each object of an array, or with one that stands alone. */
  interface ObjectField {
    /** Reads the value of a field; the parser stands on it. */
    void read(String name) throws IOException;
  }

  /** Reads the fields of the objects of the array that the parser has entered, or of one object. */
  final void objects(ObjectField field, Runnable ended) throws IOException {
    JsonToken token = json.currentToken();
    if (token == JsonToken.START_ARRAY) {
      for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
        if (i == MAX_ELEMENTS) {
          reason = "json-array-too-long";
        }
        object(i < MAX_ELEMENTS ? field : name -> json.skipChildren(), ended);
      }
    } else {
      object(field, ended);
    }
  }

  private void object(ObjectField field, Runnable ended) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      if (json.currentToken() != JsonToken.VALUE_NULL) {
        reason = "json-field-type";
      }
      return;
    }
    fields(field);
    ended.run();
  }

  /** Reads the fields of the object that the parser has entered. */
  final void fields(ObjectField field) throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      field.read(name);
    }
  }

  final FeedException broken(String clause, String message, @Nullable Throwable cause) {
    return FeedException.contractBroken(feed.id(), clause, message, cause);
  }

  /** Says where; what no format has so deep, or calls so, is nowhere. */
  private static String path(JsonStreamContext innermost) {
    String path = "";
    int depth = 0;
    for (JsonStreamContext c = innermost; !c.inRoot(); c = c.getParent()) {
      if (c.hasCurrentName()) {
        String name = c.getCurrentName();
        if (++depth > MAX_PATH || name.length() > MAX_PATH_NAME) {
          return NOWHERE;
        }
        path = path.isEmpty() ? name : name + '.' + path;
      }
    }
    return path;
  }
}
