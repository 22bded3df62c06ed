// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import dev.tip.HashAlgorithm;
import dev.tip.format.Delimited;
import dev.tip.format.Delimited.Header;
import dev.tip.format.JsonRecords;
import dev.tip.format.Lines;
import dev.tip.format.ListFormat;
import dev.tip.format.Mapping;
import dev.tip.format.Mapping.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads the format of a list, and what its records state, from a description. */
final class FormatReader {
  private static final List<Kind> KINDS = List.of(Kind.values());
  private static final Set<String> LINE_FIELDS = Set.of("value", "comment", "section");

  private final Members feed;
  private @Nullable Collection<String> fields;
  private final Set<Kind> kinds = new LinkedHashSet<>();

  FormatReader(Members feed) {
    this.feed = feed;
  }

  /** Returns the format, or null if something is wrong, which is noted. */
  @Nullable ListFormat read() {
    if (!feed.has("format")) {
      feed.required("format", "how the list is written, such as {\"type\": \"lines\"}");
    }
    if (!feed.has("indicator")) {
      feed.required(
          "indicator", "what a record states, such as {\"kind\": \"ip\", \"value\": \"value\"}");
    }
    Members format = feed.object("format");
    Members indicator = feed.object("indicator");
    Building build = format == null ? null : format(format);
    Mapping mapping = indicator == null ? null : mapping(indicator);
    if (build == null || mapping == null) {
      return null;
    }
    return attempt(feed, "format", () -> build.build(mapping));
  }

  /** Returns the kinds of observables that the records may state. */
  Set<Kind> kinds() {
    return kinds;
  }

  private interface Building {
    ListFormat build(Mapping mapping);
  }

  private @Nullable Building format(Members format) {
    String type =
        format.choice(
            "type",
            List.of("lines", "delimited", "json-lines", "json-array", "json-keyed"),
            t -> t);
    if (type == null) {
      if (!format.has("type")) {
        format.required(
            "type", "\"lines\", \"delimited\", \"json-lines\", \"json-array\" or \"json-keyed\"");
      }
      return null;
    }
    Building build =
        switch (type) {
          case "lines" -> lines(format);
          case "delimited" -> delimited(format);
          case "json-lines" -> json(format, JsonRecords.lines(fields(format)));
          case "json-keyed" -> keyed(format);
          default -> array(format);
        };
    format.end();
    return build;
  }

  private Building lines(Members format) {
    fields = LINE_FIELDS;
    Lines.Builder lines = Lines.builder();
    Lines.Syntax syntax =
        format.choice("syntax", List.of(Lines.Syntax.values()), Lines.Syntax::value);
    if (syntax != null) {
      lines.syntax(syntax);
    }
    Long banner = format.number("banner");
    if (banner != null) {
      lines.banner((int) Math.min(banner, Integer.MAX_VALUE));
    }
    List<String> comments = format.texts("comments");
    if (!comments.isEmpty()) {
      lines.comments(comments.get(0), rest(comments));
    }
    String trailing = format.text("trailingComment");
    if (trailing != null) {
      sign(format, "trailingComment", trailing, lines::trailingComment);
    }
    if (format.flag("sections")) {
      lines.sections();
    }
    if (format.flag("uncounted")) {
      lines.uncounted();
    }
    return lines::build;
  }

  private @Nullable Building delimited(Members format) {
    if (!format.has("columns")) {
      format.required("columns", "the names of the columns in their order");
    }
    List<String> columns = format.texts("columns");
    List<List<String>> others = format.lists("orColumns");
    Header header = format.choice("header", List.of(Header.values()), Header::value);
    String separator = format.rawText("separator");
    List<String> comments = format.texts("comments");
    List<String> missing = format.texts("missing");
    String optional = format.text("optionalFrom");
    String fold = format.text("foldInto");
    boolean anyOrder = format.flag("anyOrder");
    boolean unquoted = format.flag("unquoted");
    boolean blanks = format.flag("blanksAroundQuotes");
    if (columns.isEmpty()) {
      return null;
    }
    Delimited.Builder table =
        attempt(format, "columns", () -> Delimited.columns(columns.toArray(new String[0])));
    if (table == null) {
      return null;
    }
    Set<String> all = new LinkedHashSet<>(columns);
    for (List<String> other : others) {
      if (attempt(format, "orColumns", () -> table.orColumns(other.toArray(new String[0])))
          != null) {
        all.addAll(other);
      }
    }
    fields = all;
    if (header != null) {
      table.header(header);
    }
    if (separator != null) {
      sign(format, "separator", separator, table::separator);
    }
    if (!comments.isEmpty()) {
      table.comments(comments.get(0), rest(comments));
    }
    missing.forEach(table::missing);
    if (optional != null) {
      attempt(format, "optionalFrom", () -> table.optionalFrom(optional));
    }
    if (fold != null) {
      attempt(format, "foldInto", () -> table.foldInto(fold));
    }
    if (anyOrder) {
      table.anyOrder();
    }
    if (unquoted) {
      table.unquoted();
    }
    if (blanks) {
      table.blanksAroundQuotes();
    }
    return table::build;
  }

  private static String[] fields(Members format) {
    return format.texts("fields").toArray(new String[0]);
  }

  private Building array(Members format) {
    String path = format.text("path");
    return json(format, JsonRecords.array(path == null ? "" : path, fields(format)));
  }

  private @Nullable Building keyed(Members format) {
    String key = format.text("key");
    if (key == null) {
      if (!format.has("key")) {
        format.required("key", "what the name of a member is called in the objects");
      }
      return null;
    }
    return json(format, JsonRecords.keyed(key, fields(format)));
  }

  private Building json(Members format, JsonRecords.Builder json) {
    format.texts("missing").forEach(json::missing);
    String answer = format.text("answer");
    List<String> nothing = format.texts("nothing");
    List<String> refused = format.texts("refused");
    if (answer != null) {
      json.answer(answer, nothing, refused);
    }
    format
        .named("metadata")
        .forEach((field, values) -> json.metadata(field, values.isEmpty() ? "" : values.get(0)));
    String records = format.text("records");
    if (records != null) {
      json.records(records);
    }
    String updated = format.text("updated");
    if (updated != null) {
      json.updated(updated);
    }
    String size = format.text("size");
    if (size != null) {
      json.size(size);
    }
    return json::build;
  }

  private interface SignSetter {
    Object set(char sign);
  }

  private static void sign(Members of, String name, String text, SignSetter setter) {
    if (text.length() != 1) {
      of.wrong(name, '"' + name + "\" is one character");
      return;
    }
    attempt(of, name, () -> setter.set(text.charAt(0)));
  }

  private @Nullable Mapping mapping(Members indicator) {
    Mapping begin = begin(indicator);
    Reading reading = new Reading(indicator, begin == null ? Mapping.of(Kind.IP, "=x") : begin);
    for (Members other : indicator.objects("also")) {
      Kind kind = other.choice("kind", KINDS, Kind::value);
      String value = field(other, "value", other.required("value", "the field that it is in"));
      String separator = other.rawText("separator");
      if (kind == null) {
        other.required("kind", "what the value is, such as \"ip\"");
      } else if (value != null) {
        kinds.add(kind);
        if (separator == null) {
          reading.mapping = reading.mapping.also(kind, value);
        } else {
          sign(
              other,
              "separator",
              separator,
              sign -> reading.mapping = reading.mapping.alsoEach(kind, value, sign));
        }
      }
      other.end();
    }
    if (indicator.flag("refang")) {
      reading.mapping = reading.mapping.refang();
    }
    if (indicator.flag("maskHostBits")) {
      reading.mapping = reading.mapping.maskHostBits();
    }
    hashes(indicator, reading);
    reading.text("fileName", Mapping::fileName);
    reading.text("fileSize", Mapping::fileSize);
    reading.text("mimeType", Mapping::mimeType);
    reading.text("firstSeen", Mapping::firstSeen);
    reading.text("lastSeen", Mapping::lastSeen);
    reading.text("modified", Mapping::modified);
    reading.text("validUntil", Mapping::validUntil);
    String format = indicator.text("timeFormat");
    if (format != null) {
      reading.set("timeFormat", m -> m.timeFormat(format));
    }
    score(indicator, reading);
    reading.text("software", Mapping::software);
    reading.text("description", Mapping::description);
    reading.text("reference", Mapping::reference);
    reading.text("externalId", Mapping::externalId);
    reading.text("provider", Mapping::provider);
    reading.text("country", Mapping::country);
    reading.text("port", Mapping::port);
    reading.text("sightings", Mapping::sightings);
    for (String tag : indicator.texts("tag")) {
      String text = field(indicator, "tag", tag);
      if (text != null) {
        reading.mapping = reading.mapping.tag(text);
      }
    }
    tags(indicator, reading);
    filter(indicator, "only", reading, (f, v) -> m -> m.only(f, v));
    filter(indicator, "except", reading, (f, v) -> m -> m.except(f, v));
    reading.text("revokedIf", Mapping::revokedIf);
    indicator.end();
    return begin == null ? null : reading.mapping;
  }

  private @Nullable Mapping begin(Members indicator) {
    String value = indicator.required("value", "the field that is the indicator");
    String text = field(indicator, "value", value);
    Kind kind = indicator.choice("kind", KINDS, Kind::value);
    String type = indicator.text("type");
    Map<String, List<String>> named = indicator.named("kinds");
    if (kind != null && type == null && named.isEmpty()) {
      kinds.add(kind);
      return text == null ? null : Mapping.of(kind, text);
    }
    if (type == null || named.isEmpty()) {
      if (kind == null && !indicator.has("kind")) {
        indicator.required(
            "kind",
            "what the value is, such as \"ip\"; or \"type\" and \"kinds\" if the record says it");
      }
      if (type != null || !named.isEmpty()) {
        indicator.wrong("kinds", "\"type\" and \"kinds\" go together");
      }
      return null;
    }
    if (indicator.has("kind")) {
      indicator.wrong("kind", "\"kind\" is for lists of one kind; leave it out, or \"kinds\"");
    }
    Map<String, Kind> byType = new LinkedHashMap<>();
    named.forEach(
        (name, words) -> {
          Node at = indicator.within("kinds", name);
          Kind one =
              indicator.one(at, name, words.isEmpty() ? "" : words.get(0), KINDS, Kind::value);
          if (one != null) {
            byType.put(name, one);
            kinds.add(one);
          }
        });
    String from = field(indicator, "type", type);
    return text == null || from == null ? null : Mapping.byType(text, from, byType);
  }

  private void hashes(Members indicator, Reading reading) {
    indicator
        .named("hashes")
        .forEach(
            (name, texts) -> {
              Node at = indicator.within("hashes", name);
              HashAlgorithm algorithm =
                  indicator.one(
                      at, "hashes", name, List.of(HashAlgorithm.values()), HashAlgorithm::ecsName);
              String text = texts.isEmpty() ? null : field(indicator, "hashes", texts.get(0));
              if (algorithm != null && text != null) {
                reading.mapping = reading.mapping.hash(algorithm, text);
              }
            });
  }

  private void score(Members indicator, Reading reading) {
    String text = indicator.text("score");
    Long medium = indicator.number("mediumFrom");
    Long high = indicator.number("highFrom");
    if ((medium == null) != (high == null) || medium != null && text == null) {
      indicator.wrong(
          medium == null ? "highFrom" : "mediumFrom",
          "\"score\", \"mediumFrom\" and \"highFrom\" go together");
      return;
    }
    String field = text == null ? null : field(indicator, "score", text);
    if (field != null) {
      reading.set(
          "score",
          m -> medium == null || high == null ? m.score(field) : m.score(field, medium, high));
    }
  }

  private void tags(Members indicator, Reading reading) {
    String text = indicator.text("tags");
    String separator = indicator.rawText("tagSeparator");
    String field = text == null ? null : field(indicator, "tags", text);
    if (separator == null) {
      if (field != null) {
        reading.set("tags", m -> m.tags(field));
      }
    } else if (separator.length() != 1 || text == null) {
      indicator.wrong("tagSeparator", "\"tagSeparator\" is one character, for \"tags\"");
    } else if (field != null) {
      reading.set("tags", m -> m.tags(field, separator.charAt(0)));
    }
  }

  private void filter(
      Members indicator,
      String name,
      Reading reading,
      BiFunction<String, String[], UnaryOperator<Mapping>> filter) {
    indicator
        .named(name)
        .forEach(
            (field, values) -> {
              if (field(indicator, name, field) != null && !values.isEmpty()) {
                reading.set(name, filter.apply(field, values.toArray(new String[0])));
              }
            });
  }

  /** Returns a text if the fields in it are there, else notes it and returns null. */
  private @Nullable String field(Members of, String name, String text) {
    if (text.isEmpty()) {
      return null;
    }
    Set<String> used = attempt(of, name, () -> Mapping.fields(text));
    if (used == null) {
      return null;
    }
    List<String> absent = new ArrayList<>(used);
    if (fields == null) {
      // The fields of JSON are those that are asked for.
      return text;
    }
    absent.removeAll(fields);
    if (absent.isEmpty()) {
      return text;
    }
    of.wrong(
        name,
        "there is no field \""
            + absent.get(0)
            + "\"; there are "
            + String.join(", ", fields)
            + (fields == LINE_FIELDS ? "" : ", and \"=text\" is that text"));
    return null;
  }

  private static <T> @Nullable T attempt(Members of, String name, Supplier<T> supplier) {
    try {
      return supplier.get();
    } catch (IllegalArgumentException e) {
      of.wrong(name, String.valueOf(e.getMessage()));
      return null;
    }
  }

  /** A mapping that is told more and more. */
  private final class Reading {
    private final Members indicator;
    private Mapping mapping;

    Reading(Members indicator, Mapping mapping) {
      this.indicator = indicator;
      this.mapping = mapping;
    }

    void set(String name, UnaryOperator<Mapping> more) {
      Mapping next = attempt(indicator, name, () -> more.apply(mapping));
      mapping = next == null ? mapping : next;
    }

    void text(String name, BiFunction<Mapping, String, Mapping> setter) {
      String text = indicator.text(name);
      String checked = text == null ? null : field(indicator, name, text);
      if (checked != null) {
        set(name, m -> setter.apply(m, checked));
      }
    }
  }

  private static String[] rest(List<String> texts) {
    return texts.subList(1, texts.size()).toArray(new String[0]);
  }
}
