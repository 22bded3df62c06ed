// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.File;
import dev.tip.HashAlgorithm;
import dev.tip.Indicator;
import dev.tip.InvalidIndicatorException;
import dev.tip.feed.FeedEntry;
import dev.tip.format.Mapping.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A {@link Mapping} made ready for the fields of a format: names are looked up once. */
final class MappedStatements extends Statements<FeedRecord> {
  private static final int MAX_SCORE = 100;
  private static final int MAX_PORT = 65_535;

  private static final char NONE = 0;

  /**
   * What is read as an observable; the kind is null where the record says it.
   *
   * @param separator what is between several of them, or {@link #NONE}
   */
  private record Source(@Nullable Kind kind, TextSource text, char separator) {}

  private record FileHash(HashAlgorithm algorithm, TextSource text) {}

  private record Filter(int field, Set<String> values, boolean wanted) {}

  private final Mapping mapping;
  private final Map<String, Object> properties;
  private final List<String> names;

  private final Source[] sources;
  private final @Nullable TextSource type;
  private final Map<String, Kind> kinds;
  private final ValueReader values;
  private final FileHash[] hashes;
  private final @Nullable TextSource fileName;
  private final @Nullable TextSource fileSize;
  private final @Nullable TextSource mimeType;
  private final boolean describesFile;
  private final TimeFormat times;
  private final @Nullable TextSource firstSeen;
  private final @Nullable TextSource lastSeen;
  private final @Nullable TextSource modified;
  private final @Nullable TextSource validUntil;
  private final @Nullable TextSource score;
  private final long mediumFrom;
  private final long highFrom;
  private final @Nullable TextSource software;
  private final @Nullable TextSource description;
  private final @Nullable TextSource reference;
  private final @Nullable TextSource externalId;
  private final @Nullable TextSource provider;
  private final @Nullable TextSource country;
  private final @Nullable TextSource port;
  private final @Nullable TextSource sightings;
  private final TextSource[] tag;
  private final int tags;
  private final char tagSeparator;
  private final Filter[] filters;
  private final int revokedIf;

  /**
   * Makes a mapping ready.
   *
   * @throws IllegalArgumentException if it names a field that is not there
   */
  MappedStatements(Mapping mapping, List<String> names) {
    this.mapping = mapping;
    this.properties = mapping.properties();
    this.names = names;
    this.type = text(Mapping.TYPE);
    this.kinds = kinds();
    this.sources = sources();
    this.values =
        new ValueReader(
            properties.containsKey(Mapping.REFANG), properties.containsKey(Mapping.MASK));
    this.hashes = hashes();
    this.fileName = text(Mapping.FILE_NAME);
    this.fileSize = text(Mapping.FILE_SIZE);
    this.mimeType = text(Mapping.MIME_TYPE);
    this.describesFile =
        hashes.length > 0 || fileName != null || fileSize != null || mimeType != null;
    this.times =
        properties.get(Mapping.TIME_FORMAT) instanceof String format
            ? TimeFormat.of(format)
            : TimeFormat.COMMON;
    this.firstSeen = text(Mapping.FIRST_SEEN);
    this.lastSeen = text(Mapping.LAST_SEEN);
    this.modified = text(Mapping.MODIFIED);
    this.validUntil = text(Mapping.VALID_UNTIL);
    this.score = text(Mapping.SCORE);
    this.mediumFrom = properties.get(Mapping.MEDIUM_FROM) instanceof Long from ? from : -1;
    this.highFrom = properties.get(Mapping.HIGH_FROM) instanceof Long from ? from : -1;
    this.software = text(Mapping.SOFTWARE);
    this.description = text(Mapping.DESCRIPTION);
    this.reference = text(Mapping.REFERENCE);
    this.externalId = text(Mapping.EXTERNAL_ID);
    this.provider = text(Mapping.PROVIDER);
    this.country = text(Mapping.COUNTRY);
    this.port = text(Mapping.PORT);
    this.sightings = text(Mapping.SIGHTINGS);
    this.tag =
        list(Mapping.TAG).stream()
            .map(t -> TextSource.of((String) t, names))
            .toArray(TextSource[]::new);
    this.tags = field(Mapping.TAGS);
    this.tagSeparator =
        properties.get(Mapping.TAG_SEPARATOR) instanceof String separator
            ? separator.charAt(0)
            : FeedRecord.ELEMENTS;
    this.filters = filters();
    this.revokedIf = field(Mapping.REVOKED_IF);
  }

  /** Returns the names of the fields that a mapping reads, in its order. */
  static Set<String> fields(Mapping mapping) {
    Set<String> fields = new LinkedHashSet<>();
    mapping
        .properties()
        .forEach(
            (name, value) -> {
              switch (name) {
                case Mapping.KIND,
                    Mapping.KINDS,
                    Mapping.TIME_FORMAT,
                    Mapping.TAG_SEPARATOR,
                    Mapping.REFANG,
                    Mapping.MASK -> {}
                case Mapping.ONLY, Mapping.EXCEPT ->
                    ((Map<?, ?>) value).keySet().forEach(field -> fields.add((String) field));
                default -> addFields(value, fields);
              }
            });
    return fields;
  }

  private static void addFields(Object value, Set<String> to) {
    if (value instanceof String text) {
      TextSource.addFields(text, to);
    } else if (value instanceof List<?> many) {
      many.forEach(one -> addFields(one, to));
    } else if (value instanceof Map<?, ?> named) {
      named.forEach(
          (name, text) -> {
            if (!name.equals(Mapping.KIND) && !name.equals(Mapping.SEPARATOR)) {
              addFields(text, to);
            }
          });
    }
  }

  private @Nullable TextSource text(String name) {
    return properties.get(name) instanceof String text ? TextSource.of(text, names) : null;
  }

  private int field(String name) {
    return properties.get(name) instanceof String field ? TextSource.place(field, names) : -1;
  }

  private List<?> list(String name) {
    return properties.get(name) instanceof List<?> list ? list : List.of();
  }

  private Map<?, ?> map(String name) {
    return properties.get(name) instanceof Map<?, ?> map ? map : Map.of();
  }

  private Map<String, Kind> kinds() {
    Map<String, Kind> byType = new LinkedHashMap<>();
    map(Mapping.KINDS).forEach((text, kind) -> byType.put((String) text, kind((String) kind)));
    return Map.copyOf(byType);
  }

  private static Kind kind(String name) {
    for (Kind kind : Kind.values()) {
      if (kind.value().equals(name)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("no kind is called " + name);
  }

  private Source[] sources() {
    List<Source> all = new ArrayList<>();
    all.add(source(properties));
    list(Mapping.ALSO).forEach(other -> all.add(source((Map<?, ?>) other)));
    return all.toArray(new Source[0]);
  }

  private Source source(Map<?, ?> from) {
    Kind kind = from.get(Mapping.KIND) instanceof String name ? kind(name) : null;
    String value = (String) Objects.requireNonNull(from.get(Mapping.VALUE), Mapping.VALUE);
    char separator = from.get(Mapping.SEPARATOR) instanceof String sign ? sign.charAt(0) : NONE;
    return new Source(kind, TextSource.of(value, names), separator);
  }

  private FileHash[] hashes() {
    List<FileHash> all = new ArrayList<>();
    map(Mapping.HASHES)
        .forEach(
            (name, text) -> {
              for (HashAlgorithm algorithm : HashAlgorithm.values()) {
                if (algorithm.ecsName().equals(name)) {
                  all.add(new FileHash(algorithm, TextSource.of((String) text, names)));
                }
              }
            });
    return all.toArray(new FileHash[0]);
  }

  private Filter[] filters() {
    List<Filter> all = new ArrayList<>();
    for (String name : List.of(Mapping.ONLY, Mapping.EXCEPT)) {
      map(name)
          .forEach(
              (field, wanted) -> {
                Set<String> texts = new LinkedHashSet<>();
                ((List<?>) wanted).forEach(text -> texts.add((String) text));
                all.add(
                    new Filter(
                        TextSource.place((String) field, names),
                        Set.copyOf(texts),
                        name.equals(Mapping.ONLY)));
              });
    }
    return all.toArray(new Filter[0]);
  }

  @Override
  Mapping mapping() {
    return mapping;
  }

  @Override
  boolean leavesOut() {
    return filters.length > 0;
  }

  @Override
  void read(FeedRecord record, EntryIterator to) {
    for (Filter filter : filters) {
      String text = record.text(filter.field);
      if ((text != null && filter.values.contains(text)) != filter.wanted) {
        to.leaveOut();
        return;
      }
    }
    for (int i = 0; i < sources.length; i++) {
      Source source = sources[i];
      try {
        if (source.kind == null || source.separator == NONE) {
          read(record, source, i == 0, to);
        } else {
          readEach(record, source.kind, source, to);
        }
      } catch (InvalidIndicatorException e) {
        to.reject(record.position(), e.reason());
      }
    }
  }

  private void readEach(FeedRecord record, Kind kind, Source source, EntryIterator to) {
    String text = source.text.text(record);
    if (text == null) {
      return;
    }
    for (String value : FeedRecord.split(text, source.separator)) {
      try {
        read(record, kind, value, to);
      } catch (InvalidIndicatorException e) {
        to.reject(record.position(), e.reason());
      }
    }
  }

  private void read(FeedRecord record, Source source, boolean needed, EntryIterator to) {
    CharSequence value = source.text.view(record);
    if (value == null) {
      if (needed) {
        throw new InvalidIndicatorException("field-missing", "");
      }
      return;
    }
    Kind kind = source.kind;
    if (kind == null) {
      String text = type == null ? null : type.text(record);
      // The value is a view that reading another text may have moved.
      value = source.text.view(record);
      kind = text == null ? null : kinds.get(text);
      if (kind == null || value == null) {
        throw new InvalidIndicatorException("type-unsupported", text == null ? "" : text);
      }
    }
    read(record, kind, value, to);
  }

  private void read(FeedRecord record, Kind kind, CharSequence value, EntryIterator to) {
    CyberObservable observable =
        describesFile && kind.isFile() ? file(kind, value, record) : values.read(kind, value);
    int ownPort = values.takesPort(kind) ? values.port(value) : 0;
    if (revokedIf >= 0 && record.text(revokedIf) != null) {
      to.emit(new FeedEntry.Revoked(record.position(), observable, "revoked"));
      return;
    }
    to.emit(new FeedEntry.Accepted(record.position(), indicator(observable, ownPort, record)));
  }

  private Indicator indicator(CyberObservable observable, int ownPort, FeedRecord record) {
    Indicator.Builder b = record.indicator(observable);
    if (firstSeen != null) {
      b.firstSeen(time(firstSeen, record));
    }
    if (lastSeen != null) {
      b.lastSeen(time(lastSeen, record));
    }
    if (modified != null) {
      b.modifiedAt(time(modified, record));
    }
    if (validUntil != null) {
      b.validUntil(time(validUntil, record));
    }
    if (score != null) {
      b.confidence(confidence(score, record));
    }
    if (software != null) {
      b.software(software.text(record));
    }
    if (description != null) {
      b.description(description.text(record));
    }
    if (reference != null) {
      b.reference(reference.text(record));
    }
    if (externalId != null) {
      b.externalId(externalId.text(record));
    }
    if (provider != null) {
      b.provider(provider.text(record));
    }
    if (country != null) {
      b.country(country.text(record));
    }
    if (ownPort > 0) {
      b.port(ownPort);
    }
    if (port != null) {
      long number = number(port, record);
      b.port(number > MAX_PORT ? 0 : (int) number);
    }
    if (sightings != null) {
      b.sightings(number(sightings, record));
    }
    for (TextSource text : tag) {
      b.tag(text.text(record));
    }
    if (tags >= 0) {
      b.tags(record.list(tags, tagSeparator));
    }
    return b.build();
  }

  private File file(Kind kind, CharSequence value, FeedRecord record) {
    File.Builder b = File.builder();
    values.readFile(kind, value, b);
    for (FileHash hash : hashes) {
      CharSequence digest = hash.text.view(record);
      if (digest == null) {
        continue;
      }
      try {
        b.hash(hash.algorithm, digest);
      } catch (InvalidIndicatorException e) {
        // What does not identify the file must not cost the hashes that do.
        if (hash.algorithm.isCryptographic()) {
          throw e;
        }
      }
    }
    String name = fileName == null ? null : fileName.text(record);
    if (name != null) {
      try {
        b.name(name);
      } catch (InvalidIndicatorException expected) {
        // The hashes say enough.
      }
    }
    String media = mimeType == null ? null : mimeType.text(record);
    if (media != null) {
      try {
        b.mimeType(media);
      } catch (InvalidIndicatorException expected) {
        // The hashes say enough.
      }
    }
    if (fileSize != null) {
      b.size(number(fileSize, record));
    }
    return b.build();
  }

  private @Nullable Instant time(TextSource source, FeedRecord record) {
    CharSequence text = source.view(record);
    if (text == null) {
      return null;
    }
    Instant time = times.parse(text);
    if (time == null) {
      throw new InvalidIndicatorException("time-syntax", text);
    }
    return time;
  }

  /** Returns a number, or -1 if there is none. */
  private static long number(TextSource source, FeedRecord record) {
    CharSequence text = source.view(record);
    if (text == null) {
      return -1;
    }
    long number = Numbers.parse(text, 0, text.length());
    if (number < 0) {
      throw new InvalidIndicatorException("number-syntax", text);
    }
    return number;
  }

  private @Nullable Confidence confidence(TextSource source, FeedRecord record) {
    long number = number(source, record);
    if (number < 0) {
      return null;
    }
    if (mediumFrom >= 0) {
      return number >= highFrom
          ? Confidence.HIGH
          : number >= mediumFrom ? Confidence.MEDIUM : Confidence.LOW;
    }
    if (number > MAX_SCORE) {
      throw new InvalidIndicatorException("score-range", Long.toString(number));
    }
    return Confidence.ofScore((int) number);
  }
}
