// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.ecs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Streams JSON objects of nested groups of fields, one after the other. A value that is null, and a
 * list that is empty, leave their field out. Not thread-safe.
 */
final class DocumentWriter implements Closeable {
  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
          .rootValueSeparator((String) null)
          .build();
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long TOPS = ONES << 7;

  private final JsonGenerator json;
  private final byte[] instant = new byte[EcsInstant.LENGTH];

  /**
   * Creates it.
   *
   * @param out neither flushed nor closed
   */
  DocumentWriter(OutputStream out) throws IOException {
    json = JSON.createGenerator(out);
  }

  /** Begins an object. */
  void begin() throws IOException {
    json.writeStartObject();
  }

  /** Ends the object, of which no group is open, and the line. */
  void endLine() throws IOException {
    json.writeEndObject();
    json.writeRaw('\n');
  }

  /** Hands what is buffered to the stream. */
  void flush() throws IOException {
    json.flush();
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
      string(text);
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

  /**
   * Writes the first members of an object, of which there are more.
   *
   * @param json JSON, a comma at its end
   */
  void members(SerializableString json) throws IOException {
    this.json.writeRaw(json);
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
      json.writeRawUTF8String(instant, 0, instant.length);
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
      string(text);
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

  /** Most texts are bytes that mean themselves, which is found out eight at a time. */
  private void string(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (isLiteral(bytes)) {
      json.writeRawUTF8String(bytes, 0, bytes.length);
    } else {
      json.writeString(wellFormed(text));
    }
  }

  /**
   * Returns whether the bytes are ASCII that JSON needs no escape for. A question mark counts as
   * none, because it may stand for an unpaired surrogate.
   */
  private static boolean isLiteral(byte[] bytes) {
    int i = 0;
    for (; i <= bytes.length - Long.BYTES; i += Long.BYTES) {
      long word = (long) LONG.get(bytes, i);
      // The lowest byte that is less, or the same, borrows from its top bit; others may as well.
      long found =
          word - ONES * ' '
              | (word ^ ONES * '"') - ONES
              | (word ^ ONES * '\\') - ONES
              | (word ^ ONES * '?') - ONES;
      if (((found | word) & TOPS) != 0) {
        return false;
      }
    }
    for (; i < bytes.length; i++) {
      byte b = bytes[i];
      if (b < ' ' || b == '"' || b == '\\' || b == '?') {
        return false;
      }
    }
    return true;
  }

  /** Hands what is buffered to the stream. */
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
