// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.tip.catalog.FeedDescriptionException.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A part of a JSON document that knows where it stands. Immutable once read. */
sealed interface Node {
  /** The longest document in bytes. */
  int MAX_BYTES = 1 << 20;

  /** The longest text in characters. */
  int MAX_TEXT = 4096;

  /** Returns the line, from 1. */
  int line();

  /** Returns the column in characters, from 1. */
  int column();

  /** A text. */
  record Text(int line, int column, String value) implements Node {}

  /** A number as it is written. */
  record Numeral(int line, int column, String value) implements Node {}

  /** {@code true} or {@code false}. */
  record Flag(int line, int column, boolean value) implements Node {}

  /** {@code null}. */
  record Null(int line, int column) implements Node {}

  /** An array. */
  record Array(int line, int column, List<Node> elements) implements Node {}

  /** An object. */
  record Tree(int line, int column, Map<String, Member> members) implements Node {}

  /** A member of an object, and where its name stands. */
  record Member(int line, int column, Node value) {}

  /** Returns what the node is, for people. */
  default String kind() {
    if (this instanceof Text) {
      return "a text";
    } else if (this instanceof Numeral) {
      return "a number";
    } else if (this instanceof Flag flag) {
      return Boolean.toString(flag.value);
    } else if (this instanceof Array) {
      return "an array";
    }
    return this instanceof Tree ? "an object" : "null";
  }

  /**
   * Reads a document of UTF-8.
   *
   * @throws FeedDescriptionException if it is none, or longer, deeper or wider than any description
   */
  static Node read(byte[] bytes) throws FeedDescriptionException {
    if (bytes.length > MAX_BYTES) {
      throw new FeedDescriptionException(
          1, 1, "the file has more than 1 MiB; put the feeds into several files");
    }
    String text = decode(bytes);
    try (JsonParser json = Reader.JSON.createParser(text)) {
      json.nextToken();
      if (json.currentToken() == null) {
        throw new FeedDescriptionException(1, 1, "the file is empty; a feed is a JSON object");
      }
      List<Problem> doubled = new ArrayList<>();
      Node node = Reader.node(json, doubled);
      if (json.nextToken() != null) {
        JsonLocation at = json.currentTokenLocation();
        doubled.add(
            new Problem(
                at.getLineNr(),
                at.getColumnNr(),
                "there is more behind the end; several feeds are an array: [{…}, {…}]"));
      }
      if (!doubled.isEmpty()) {
        throw new FeedDescriptionException(doubled);
      }
      return node;
    } catch (StreamConstraintsException e) {
      throw new FeedDescriptionException(
          1, 1, "nesting deeper, or a name or number longer than any feed has");
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw new FeedDescriptionException(
          at == null ? 1 : Math.max(1, at.getLineNr()),
          at == null ? 1 : Math.max(1, at.getColumnNr()),
          "this is no JSON: " + e.getOriginalMessage());
    } catch (FeedDescriptionException e) {
      throw e;
    } catch (IOException e) {
      // The text is in memory.
      throw new UncheckedIOException(e);
    }
  }

  private static String decode(byte[] bytes) throws FeedDescriptionException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length + 1);
    CoderResult result =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .decode(in, out, true);
    out.flip();
    String text = out.toString();
    if (result.isError()) {
      int line = 1 + (int) text.chars().filter(c -> c == '\n').count();
      int column = text.length() - text.lastIndexOf('\n');
      throw new FeedDescriptionException(
          line, column, "these bytes are no UTF-8; save the file as UTF-8");
    }
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  /** Reads nodes. */
  final class Reader {
    private static final JsonFactory JSON =
        JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(10)
                    .maxStringLength(MAX_BYTES)
                    .maxNameLength(512)
                    .maxNumberLength(1000)
                    .build())
            .build();

    private Reader() {}

    private static Node node(JsonParser json, List<Problem> doubled) throws IOException {
      JsonLocation at = json.currentTokenLocation();
      int line = at.getLineNr();
      int column = at.getColumnNr();
      JsonToken token = json.currentToken();
      return switch (token) {
        case START_OBJECT -> new Tree(line, column, members(json, doubled));
        case START_ARRAY -> {
          List<Node> elements = new ArrayList<>();
          while (json.nextToken() != JsonToken.END_ARRAY) {
            elements.add(node(json, doubled));
          }
          yield new Array(line, column, List.copyOf(elements));
        }
        case VALUE_STRING -> new Text(line, column, json.getText());
        case VALUE_TRUE, VALUE_FALSE -> new Flag(line, column, token == JsonToken.VALUE_TRUE);
        case VALUE_NULL -> new Null(line, column);
        default -> new Numeral(line, column, json.getText());
      };
    }

    private static Map<String, Member> members(JsonParser json, List<Problem> doubled)
        throws IOException {
      Map<String, Member> members = new LinkedHashMap<>();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonLocation at = json.currentTokenLocation();
        json.nextToken();
        Member member = new Member(at.getLineNr(), at.getColumnNr(), node(json, doubled));
        @Nullable Member before = members.putIfAbsent(name, member);
        if (before != null) {
          doubled.add(
              new Problem(
                  member.line,
                  member.column,
                  '"' + name + "\" is there already, in line " + before.line + "; keep one"));
        }
      }
      return members;
    }
  }
}
