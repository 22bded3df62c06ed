// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.ecs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Streams one JSON object of nested groups of fields. A value that is null, and a list that is
 * empty, leave their field out. Not thread-safe.
 */
final class DocumentWriter implements Closeable {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
          .build();

  private final JsonGenerator json;
  private final char[] instant = new char[EcsInstant.LENGTH];

  /**
   * Begins the object.
   *
   * @param out neither flushed nor closed
   */
  DocumentWriter(OutputStream out) throws IOException {
    json = JSON.createGenerator(out);
    json.writeStartObject();
  }

  DocumentWriter open(Field group) throws IOException {
    json.writeFieldName(group.text());
    json.writeStartObject();
    return this;
  }

  /** Ends the innermost groups. */
  void end(int groups) throws IOException {
    for (int i = 0; i < groups; i++) {
      json.writeEndObject();
    }
  }

  void end() throws IOException {
    json.writeEndObject();
  }

  void text(Field field, @Nullable String text) throws IOException {
    if (text != null) {
      json.writeFieldName(field.text());
      json.writeString(wellFormed(text));
    }
  }

  void text(Field field, SerializableString text) throws IOException {
    json.writeFieldName(field.text());
    json.writeString(text);
  }

  /** Writes a value that is JSON already. */
  void raw(Field field, SerializableString value) throws IOException {
    json.writeFieldName(field.text());
    json.writeRawValue(value);
  }

  void number(Field field, long number) throws IOException {
    json.writeFieldName(field.text());
    json.writeNumber(number);
  }

  void flag(Field field, boolean flag) throws IOException {
    json.writeFieldName(field.text());
    json.writeBoolean(flag);
  }

  void instant(Field field, @Nullable Instant at) throws IOException {
    if (at == null) {
      return;
    }
    json.writeFieldName(field.text());
    if (EcsInstant.write(at, instant)) {
      json.writeString(instant, 0, instant.length);
    } else {
      json.writeString(at.toString());
    }
  }

  void texts(Field field, List<String> texts) throws IOException {
    if (texts.isEmpty()) {
      return;
    }
    json.writeFieldName(field.text());
    json.writeStartArray();
    for (String text : texts) {
      json.writeString(wellFormed(text));
    }
    json.writeEndArray();
  }

  void numbers(Field field, List<Integer> numbers) throws IOException {
    if (numbers.isEmpty()) {
      return;
    }
    json.writeFieldName(field.text());
    json.writeStartArray();
    for (int number : numbers) {
      json.writeNumber(number);
    }
    json.writeEndArray();
  }

  /** Ends what is open, the object last, and hands what is buffered to the stream. */
  @Override
  public void close() throws IOException {
    json.close();
  }

  /** Returns the text with U+FFFD for unpaired surrogates, which UTF-8 has no bytes for. */
  static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (!isPair(text, i)) {
          return replaceUnpaired(text, i);
        }
        i++;
      }
    }
    return text;
  }

  private static String replaceUnpaired(String text, int start) {
    StringBuilder out = new StringBuilder(text);
    for (int i = start; i < out.length(); i++) {
      if (Character.isSurrogate(out.charAt(i))) {
        if (isPair(out, i)) {
          i++;
        } else {
          out.setCharAt(i, '\ufffd');
        }
      }
    }
    return out.toString();
  }

  private static boolean isPair(CharSequence text, int i) {
    return i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
  }
}
