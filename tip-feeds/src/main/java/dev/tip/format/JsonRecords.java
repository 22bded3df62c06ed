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
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedEntry.Declared;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The format of lists that are JSON objects: one a line, the elements of an array, or the members
 * of an object. Immutable and thread-safe.
 *
 * <p>Of an object the declared fields are read, which are scalars or arrays of scalars; the rest is
 * skipped. In a list of lines, a line that is no JSON object is rejected ({@code json-syntax},
 * {@code json-not-an-object}, {@code line-too-long}) and the next one is read. An array cannot be
 * read on after an error, which breaks the contract (clause {@code json-syntax}), as does a
 * document without the array (clause {@code json-path}). A declared field with an object in it, or
 * one that is there twice, rejects the record ({@code json-field-type}, {@code
 * json-duplicate-field}).
 *
 * <p>Limits: 32 levels, 65536 characters in the declared fields of a record ({@code
 * json-record-too-long}), 1000 elements a field ({@code json-array-too-long}).
 */
public final class JsonRecords implements ListFormat {
  private static final int MAX_ELEMENTS = 1000;
  private static final int MAX_SECONDS_DIGITS = 11;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(32)
                  .maxStringLength(1 << 16)
                  .maxNameLength(1 << 10)
                  .maxNumberLength(100)
                  .build())
          .build();

  private final Map<String, Object> options;
  private final Statements<? super Fields> statements;
  private final @Nullable String arrayPath;
  private final @Nullable String keyField;
  private final @Nullable String answer;
  private final Set<String> nothing;
  private final Set<String> refused;
  private final Set<String> missing;
  private final String[] names;
  private final @Nullable String metadataField;
  private final @Nullable String metadataValue;
  private final @Nullable String records;
  private final @Nullable String updated;
  private final @Nullable String size;

  private JsonRecords(Builder b, List<String> names, Statements<? super Fields> statements) {
    this.options = Collections.unmodifiableMap(new LinkedHashMap<>(b.options));
    this.statements = statements;
    this.arrayPath = b.arrayPath;
    this.keyField = b.keyField;
    this.answer = b.answer;
    this.nothing = Set.copyOf(b.nothing);
    this.refused = Set.copyOf(b.refused);
    this.missing = Set.copyOf(b.missing);
    this.metadataField = b.metadataField;
    this.metadataValue = b.metadataValue;
    this.records = b.records;
    this.updated = b.updated;
    this.size = b.size;
    this.names = names.toArray(new String[0]);
  }

  /**
   * Returns a builder of the format with one object a line, also called NDJSON.
   *
   * @param fields the names of the fields that are read, besides those that a mapping names
   */
  public static Builder lines(String... fields) {
    return new Builder(null, null, fields.clone());
  }

  /**
   * Returns a builder of the format with an object whose members are objects, or arrays of objects.
   * A member of another type breaks the contract (clause {@code json-path}): it is an error
   * message.
   *
   * @param keyField what the name of a member is called in the objects that it holds
   * @param fields the names of the fields that are read, besides those that a mapping names
   */
  public static Builder keyed(String keyField, String... fields) {
    return new Builder("", Objects.requireNonNull(keyField, "keyField"), fields.clone());
  }

  /**
   * Returns a builder of the format with an array of objects.
   *
   * @param path where the array is: names of fields joined with dots, empty if it is the document
   * @param fields the names of the fields that are read, besides those that a mapping names
   */
  public static Builder array(String path, String... fields) {
    return new Builder(Objects.requireNonNull(path, "path"), null, fields.clone());
  }

  @Override
  public String type() {
    return arrayPath == null ? "json-lines" : keyField == null ? "json-array" : "json-keyed";
  }

  @Override
  public Map<String, Object> options() {
    return options;
  }

  @Override
  public Optional<Mapping> mapping() {
    return Optional.ofNullable(statements.mapping());
  }

  @Override
  public Iterator<FeedEntry> parse(FeedBody body, FeedInfo feed) throws IOException {
    return arrayPath == null ? new LinesReader(body, feed) : new ArrayReader(body, feed, arrayPath);
  }

  /** Collects what the format needs to know. Not thread-safe. */
  public static final class Builder {
    private final Map<String, Object> options = new LinkedHashMap<>();
    private final @Nullable String arrayPath;
    private final @Nullable String keyField;
    private final String[] fields;
    private final Set<String> missing = new HashSet<>();
    private @Nullable String answer;
    private List<String> nothing = List.of();
    private List<String> refused = List.of();
    private @Nullable String metadataField;
    private @Nullable String metadataValue;
    private @Nullable String records;
    private @Nullable String updated;
    private @Nullable String size;

    private Builder(@Nullable String arrayPath, @Nullable String keyField, String[] fields) {
      if (arrayPath != null && !arrayPath.isEmpty()) {
        options.put("path", arrayPath);
      }
      if (fields.length > 0) {
        options.put("fields", List.of(fields));
      }
      if (keyField != null) {
        options.put("key", keyField);
      }
      this.arrayPath = arrayPath;
      this.keyField = keyField;
      this.fields = fields;
    }

    /** Adds a text that stands for a missing value, for example {@code None}. */
    public Builder missing(String text) {
      missing.add(Objects.requireNonNull(text, "text"));
      options.put("missing", missing.stream().sorted().toList());
      return this;
    }

    /**
     * Sets where a document with an array says how it ended, and what is said when there is nothing
     * to list or the key is refused; default: nowhere. The array may then be missing, or the feed
     * ends in {@link FeedOutcome#AUTH_REJECTED}.
     *
     * @param path names of fields joined with dots
     */
    public Builder answer(String path, List<String> nothing, List<String> refused) {
      this.answer = Objects.requireNonNull(path, "path");
      this.nothing = List.copyOf(nothing);
      this.refused = List.copyOf(refused);
      options.put("answer", path);
      options.put("nothing", this.nothing);
      options.put("refused", this.refused);
      return this;
    }

    /**
     * Says which object is about the list and no record; default: none. For lists of lines.
     *
     * @param field the field that tells it
     * @param value the field's value in it
     */
    public Builder metadata(String field, String value) {
      this.metadataField = Objects.requireNonNull(field, "field");
      this.metadataValue = Objects.requireNonNull(value, "value");
      options.put("metadata", Map.of(field, value));
      return this;
    }

    /**
     * Sets where the number of records is stated: a field of the metadata object, or a path of
     * names joined with dots in a document with an array; default: nowhere.
     */
    public Builder records(String where) {
      this.records = Objects.requireNonNull(where, "where");
      options.put("records", where);
      return this;
    }

    /**
     * Sets where it is stated when the list was made, as a time or in seconds since 1970, like
     * {@link #records}; default: nowhere.
     */
    public Builder updated(String where) {
      this.updated = Objects.requireNonNull(where, "where");
      options.put("updated", where);
      return this;
    }

    /**
     * Sets the field of the metadata object with the number of bytes before that object; default:
     * none. Another number breaks the contract (clause {@code declared-size}).
     */
    public Builder size(String field) {
      this.size = Objects.requireNonNull(field, "field");
      options.put("size", field);
      return this;
    }

    /** Builds the format with objects that say what the mapper makes of them. */
    public JsonRecords build(RecordMapper<Fields> mapper) {
      Objects.requireNonNull(mapper, "mapper");
      return new JsonRecords(this, names(List.of()), Statements.of(mapper));
    }

    /** Builds the format with objects that say what the mapping says. */
    public JsonRecords build(Mapping mapping) {
      List<String> names = names(MappedStatements.fields(mapping));
      return new JsonRecords(this, names, new MappedStatements(mapping, names));
    }

    private List<String> names(Collection<String> mapped) {
      Set<String> names = new LinkedHashSet<>(List.of(fields));
      names.addAll(mapped);
      if (arrayPath == null) {
        for (String name : new @Nullable String[] {metadataField, records, updated, size}) {
          if (name != null) {
            names.add(name);
          }
        }
      }
      return List.copyOf(names);
    }
  }

  private static @Nullable FeedEntry declaredTime(@Nullable String text) {
    if (text == null) {
      return null;
    }
    Instant time = Timestamps.parse(text);
    if (time == null && text.length() <= MAX_SECONDS_DIGITS) {
      long seconds = Numbers.parse(text, 0, text.length());
      time = seconds < 0 ? null : Instant.ofEpochSecond(seconds);
    }
    return time == null ? null : new Declared(Declared.UPDATED, time.toString());
  }

  /** Reads objects into fields. */
  private static final class ObjectReader {
    final Fields fields;
    private final BitSet seen = new BitSet();
    private int length;
    private @Nullable String reason;

    ObjectReader(Fields fields) {
      this.fields = fields;
    }

    /**
     * Reads the object that the parser has entered.
     *
     * @return the reason why it cannot be used, or null
     */
    @Nullable String read(JsonParser json) throws IOException {
      seen.clear();
      length = 0;
      reason = null;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        int index = fields.find(json.currentName());
        JsonToken value = json.nextToken();
        if (index < 0) {
          json.skipChildren();
        } else if (seen.get(index)) {
          json.skipChildren();
          reason = "json-duplicate-field";
        } else {
          seen.set(index);
          read(json, index, value);
        }
      }
      return reason;
    }

    private void read(JsonParser json, int index, JsonToken value) throws IOException {
      if (value == JsonToken.START_ARRAY) {
        fields.set(index, elements(json));
      } else if (value == JsonToken.START_OBJECT) {
        json.skipChildren();
        reason = "json-field-type";
      } else {
        fields.set(index, text(json, value));
      }
    }

    private List<String> elements(JsonParser json) throws IOException {
      List<String> elements = new ArrayList<>();
      for (JsonToken t = json.nextToken(); t != JsonToken.END_ARRAY; t = json.nextToken()) {
        if (t.isStructStart()) {
          json.skipChildren();
          reason = "json-field-type";
        } else if (elements.size() == MAX_ELEMENTS) {
          reason = "json-array-too-long";
        } else {
          String text = text(json, t);
          if (text != null && !text.isBlank()) {
            elements.add(text.strip());
          }
        }
      }
      return elements;
    }

    /** Returns the text of a scalar; null for JSON's null and for what is beyond the limit. */
    private @Nullable String text(JsonParser json, JsonToken scalar) throws IOException {
      if (scalar == JsonToken.VALUE_NULL) {
        return null;
      }
      length += json.getTextLength();
      if (length > LineReader.MAX_LINE) {
        reason = "json-record-too-long";
        return null;
      }
      return json.getText();
    }
  }

  private final class LinesReader extends LineEntries {
    private final ObjectReader objects;
    private final Fields fields;

    LinesReader(FeedBody body, FeedInfo feed) throws IOException {
      super(body, feed, statements.leavesOut());
      this.fields = new Fields(feed, body.name(), names, missing);
      this.objects = new ObjectReader(fields);
    }

    @Override
    void line() throws IOException {
      fields.begin(lines.number());
      String reason = parse();
      if (reason != null) {
        reject(lines.number(), reason);
      } else if (metadataField != null
          && Objects.equals(metadataValue, fields.text(metadataField))) {
        metadata();
      } else {
        statements.read(fields, this);
      }
    }

    private @Nullable String parse() {
      // The parser decodes UTF-8 itself and refuses what is none.
      try (JsonParser json =
          JSON.createParser(lines.bytes(), lines.start(), lines.end() - lines.start())) {
        if (json.nextToken() != JsonToken.START_OBJECT) {
          return "json-not-an-object";
        }
        String reason = objects.read(json);
        return json.nextToken() == null ? reason : "json-syntax";
      } catch (IOException e) {
        // The bytes are in memory, so it is the syntax.
        return "json-syntax";
      }
    }

    private void metadata() throws IOException {
      if (size != null) {
        String text = fields.text(size);
        long stated = text == null ? -1 : Numbers.parse(text, 0, text.length());
        if (stated != lines.offset()) {
          throw FeedException.contractBroken(
              fields.feed().id(),
              "declared-size",
              "the list states " + stated + " bytes and has " + lines.offset(),
              null);
        }
      }
      String count = records == null ? null : fields.text(records);
      emitIfPresent(count == null ? null : new Declared(Declared.RECORDS, count));
      emitIfPresent(updated == null ? null : declaredTime(fields.text(updated)));
    }
  }

  private final class ArrayReader extends EntryIterator {
    private final RecentText received;
    private final JsonParser json;
    private final String path;
    private final Fields fields;
    private final ObjectReader objects;
    private boolean rootSeen;
    private boolean inArray;
    private @Nullable String key;
    private boolean seen;
    private long index;

    ArrayReader(FeedBody body, FeedInfo feed, String path) throws IOException {
      super(statements.leavesOut());
      InputStream in = Encoding.utf8(body, feed);
      this.received = new RecentText(new InputStreamReader(in, StandardCharsets.UTF_8));
      this.json = JSON.createParser(received);
      this.path = path;
      this.fields = new Fields(feed, body.name(), names, missing);
      this.objects = new ObjectReader(fields);
    }

    @Override
    boolean read() throws IOException {
      try {
        return inArray ? element() : outside();
      } catch (JsonProcessingException e) {
        throw broken("json-syntax", "the document is cut or no JSON after record " + index, e);
      }
    }

    @Override
    String text() {
      return received.record(json.currentLocation().getCharOffset());
    }

    private boolean element() throws IOException {
      JsonToken token = json.nextToken();
      if (token == JsonToken.END_ARRAY) {
        inArray = false;
        return true;
      }
      if (token == null) {
        throw broken("json-syntax", "the document is cut after record " + index, null);
      }
      record(token);
      return true;
    }

    private void record(JsonToken token) throws IOException {
      received.begin(json.currentTokenLocation().getCharOffset());
      fields.begin(++index);
      int place = keyField == null ? -1 : fields.find(keyField);
      if (place >= 0) {
        fields.set(place, key);
      }
      String reason = "json-not-an-object";
      if (token == JsonToken.START_OBJECT) {
        reason = objects.read(json);
      } else {
        json.skipChildren();
        json.finishToken();
      }
      if (reason != null) {
        reject(index, reason);
      } else {
        statements.read(fields, this);
      }
    }

    private boolean outside() throws IOException {
      JsonToken token = json.nextToken();
      if (token == null) {
        if (!seen) {
          throw broken(
              "json-path",
              "the document has no array at \"" + path + "\": it is an error or another list",
              null);
        }
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
      if (keyField != null) {
        member(token, outer);
      } else if (token == JsonToken.START_ARRAY) {
        if (!seen && path(outer).equals(path)) {
          inArray = true;
          seen = true;
        } else {
          json.skipChildren();
        }
      } else if (token.isScalarValue()) {
        scalar(path(outer));
      }
      return true;
    }

    private void member(JsonToken token, JsonStreamContext outer) throws IOException {
      if (outer.inRoot()) {
        seen |= token == JsonToken.START_OBJECT;
        if (token == JsonToken.START_ARRAY) {
          json.skipChildren();
        }
      } else if (token.isScalarValue()) {
        scalar(path(outer));
        if (!path(outer).equals(answer)) {
          throw broken("json-path", "a member that is no object: it is an error", null);
        }
      } else if (token == JsonToken.START_ARRAY) {
        key = outer.getCurrentName();
        inArray = true;
      } else if (token == JsonToken.START_OBJECT) {
        key = outer.getCurrentName();
        record(token);
      }
    }

    private void scalar(String here) throws IOException {
      if (here.equals(records)) {
        emit(new Declared(Declared.RECORDS, json.getText()));
      } else if (here.equals(updated)) {
        emitIfPresent(declaredTime(json.getText()));
      } else if (here.equals(answer)) {
        String text = json.getText();
        seen |= nothing.contains(text);
        if (refused.contains(text)) {
          throw FeedException.of(
              fields.feed().id(),
              FeedOutcome.AUTH_REJECTED,
              "the publisher refuses the key; check or replace it",
              null);
        }
      }
    }

    private static String path(JsonStreamContext innermost) {
      String path = "";
      for (JsonStreamContext c = innermost; !c.inRoot(); c = c.getParent()) {
        if (c.hasCurrentName()) {
          path = path.isEmpty() ? c.getCurrentName() : c.getCurrentName() + '.' + path;
        }
      }
      return path;
    }

    private FeedException broken(String clause, String message, @Nullable Throwable cause) {
      return FeedException.contractBroken(fields.feed().id(), clause, message, cause);
    }
  }
}
