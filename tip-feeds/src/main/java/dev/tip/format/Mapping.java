// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.CyberObservable;
import dev.tip.CyberObservable.Type;
import dev.tip.HashAlgorithm;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Says, as data, what a record states: which field is the observable, and which ones describe it.
 * Immutable; each method returns a mapping that says more.
 *
 * <p>A <em>text</em> is the name of a field, or {@code =} and literal text with names of fields in
 * braces, for example {@code =https://{host}/{path}}. Fields are the columns of {@link Delimited},
 * the fields of {@link JsonRecords}, and {@code value}, {@code comment} and {@code section} of
 * {@link Lines}. Literal text in which a field has no value has none itself. The format checks the
 * names when it is built.
 *
 * <p>A record without its observable is rejected ({@code field-missing}), as is one with a field
 * that cannot be read ({@code time-syntax}, {@code number-syntax}, {@code score-range}, {@code
 * port-syntax}, {@code type-unsupported} and the reasons of the model). What only describes a file,
 * such as its name or a fuzzy hash, is left out if it cannot be read: it must not cost the hashes.
 */
public final class Mapping {
  static final String KIND = "kind";
  static final String VALUE = "value";
  static final String TYPE = "type";
  static final String KINDS = "kinds";
  static final String ALSO = "also";
  static final String SEPARATOR = "separator";
  static final String REFANG = "refang";
  static final String MASK = "maskHostBits";
  static final String HASHES = "hashes";
  static final String FILE_NAME = "fileName";
  static final String FILE_SIZE = "fileSize";
  static final String MIME_TYPE = "mimeType";
  static final String FIRST_SEEN = "firstSeen";
  static final String LAST_SEEN = "lastSeen";
  static final String MODIFIED = "modified";
  static final String VALID_UNTIL = "validUntil";
  static final String TIME_FORMAT = "timeFormat";
  static final String SCORE = "score";
  static final String MEDIUM_FROM = "mediumFrom";
  static final String HIGH_FROM = "highFrom";
  static final String SOFTWARE = "software";
  static final String DESCRIPTION = "description";
  static final String REFERENCE = "reference";
  static final String EXTERNAL_ID = "externalId";
  static final String PROVIDER = "provider";
  static final String COUNTRY = "country";
  static final String PORT = "port";
  static final String SIGHTINGS = "sightings";
  static final String TAG = "tag";
  static final String TAGS = "tags";
  static final String TAG_SEPARATOR = "tagSeparator";
  static final String ONLY = "only";
  static final String EXCEPT = "except";
  static final String REVOKED_IF = "revokedIf";

  /** What a value is read as. */
  public enum Kind {
    /** An address or network. */
    IP,
    /** An address with a port behind a colon; an IPv6 address is in brackets. */
    IP_PORT,
    /** A host name or an address. */
    HOST,
    /** A host name or an address, with a port behind a colon if there is one. */
    HOST_PORT,
    /** A host name. */
    DOMAIN,
    /** A URL. */
    URL,
    /** An MD5, SHA-1, SHA-256 or SHA-512 of a file, told by the length. */
    HASH,
    /** An MD5 of a file. */
    MD5,
    /** A SHA-1 of a file. */
    SHA1,
    /** A SHA-256 of a file. */
    SHA256,
    /** A SHA-512 of a file. */
    SHA512,
    /** An import hash of a file. */
    IMPHASH,
    /** A name of a file. */
    FILE_NAME,
    /** An e-mail address. */
    EMAIL,
    /** An autonomous system. */
    AS,
    /** A fingerprint of a certificate, told by the length. */
    CERTIFICATE,
    /** A JA3 fingerprint of a TLS client. */
    JA3,
    /** A JA3S fingerprint of a TLS server. */
    JA3S,
    /** A JA4 fingerprint of a TLS client. */
    JA4,
    /** A registry key. */
    REGISTRY_KEY,
    /** A mutex. */
    MUTEX,
    /** A user account. */
    USER_ACCOUNT,
    /** A hardware address. */
    MAC,
    /** A URL, e-mail address, hash of a file, host name, or address, with a port or without. */
    ANY;

    /** Returns the types of observables that a value of the kind can be. */
    public Set<CyberObservable.Type> types() {
      return switch (this) {
        case IP, IP_PORT -> Set.of(Type.IPV4_ADDR, Type.IPV6_ADDR);
        case HOST, HOST_PORT -> Set.of(Type.DOMAIN_NAME, Type.IPV4_ADDR, Type.IPV6_ADDR);
        case DOMAIN -> Set.of(Type.DOMAIN_NAME);
        case URL -> Set.of(Type.URL);
        case HASH, MD5, SHA1, SHA256, SHA512, IMPHASH, FILE_NAME -> Set.of(Type.FILE);
        case EMAIL -> Set.of(Type.EMAIL_ADDR);
        case AS -> Set.of(Type.AUTONOMOUS_SYSTEM);
        case CERTIFICATE -> Set.of(Type.X509_CERTIFICATE);
        case JA3, JA3S, JA4 -> Set.of(Type.SOFTWARE);
        case REGISTRY_KEY -> Set.of(Type.WINDOWS_REGISTRY_KEY);
        case MUTEX -> Set.of(Type.MUTEX);
        case USER_ACCOUNT -> Set.of(Type.USER_ACCOUNT);
        case MAC -> Set.of(Type.MAC_ADDR);
        case ANY ->
            Set.of(
                Type.URL,
                Type.EMAIL_ADDR,
                Type.FILE,
                Type.DOMAIN_NAME,
                Type.IPV4_ADDR,
                Type.IPV6_ADDR);
      };
    }

    /** Returns whether it names a file in one way only. */
    boolean isFile() {
      return ordinal() >= HASH.ordinal() && ordinal() <= FILE_NAME.ordinal();
    }

    /** Returns the name in lower case with hyphens, as a feed description has it. */
    public String value() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private final Map<String, Object> properties;

  private Mapping(Map<String, Object> properties) {
    this.properties = Collections.unmodifiableMap(properties);
  }

  /**
   * Returns the mapping of a list of one kind.
   *
   * @param value the text that is the observable
   */
  public static Mapping of(Kind kind, String value) {
    return new Mapping(Map.of()).with(KIND, kind.value()).with(VALUE, checked(value));
  }

  /**
   * Returns the mapping of a list whose records say of which kind they are; one of another kind is
   * rejected ({@code type-unsupported}).
   *
   * @param value the text that is the observable
   * @param type the text that says of which kind it is
   * @param kinds the kinds by what that text is for them
   */
  public static Mapping byType(String value, String type, Map<String, Kind> kinds) {
    Map<String, String> named = new TreeMap<>();
    kinds.forEach((text, kind) -> named.put(text, kind.value()));
    return new Mapping(Map.of())
        .with(VALUE, checked(value))
        .with(TYPE, checked(type))
        .with(KINDS, Collections.unmodifiableMap(named));
  }

  /** Adds another observable of which the record states the same; it may have no value. */
  public Mapping also(Kind kind, String value) {
    return add(ALSO, Map.of(KIND, kind.value(), VALUE, checked(value)));
  }

  /**
   * Adds several other observables of which the record states the same, as one text with this sign
   * between them; there may be none. One that cannot be read is rejected, and the others are read.
   */
  public Mapping alsoEach(Kind kind, String value, char separator) {
    return add(
        ALSO,
        Map.of(KIND, kind.value(), VALUE, checked(value), SEPARATOR, String.valueOf(separator)));
  }

  /** Says that values are written so that nobody follows them: {@code hxxp}, {@code [.]}. */
  public Mapping refang() {
    return with(REFANG, true);
  }

  /** Takes the network that an address with a prefix lies in; default: host bits are refused. */
  public Mapping maskHostBits() {
    return with(MASK, true);
  }

  /** Adds a further hash of the file; a cryptographic one that cannot be read costs the record. */
  public Mapping hash(HashAlgorithm algorithm, String text) {
    Map<String, Object> hashes = new LinkedHashMap<>();
    if (properties.get(HASHES) instanceof Map<?, ?> before) {
      before.forEach((name, from) -> hashes.put((String) name, from));
    }
    hashes.put(algorithm.ecsName(), checked(text));
    return with(HASHES, Collections.unmodifiableMap(hashes));
  }

  /** Sets the name of the file. */
  public Mapping fileName(String text) {
    return with(FILE_NAME, checked(text));
  }

  /** Sets the size of the file in bytes. */
  public Mapping fileSize(String text) {
    return with(FILE_SIZE, checked(text));
  }

  /** Sets the media type of the file. */
  public Mapping mimeType(String text) {
    return with(MIME_TYPE, checked(text));
  }

  /** Sets when the publisher first saw it. */
  public Mapping firstSeen(String text) {
    return with(FIRST_SEEN, checked(text));
  }

  /** Sets when the publisher last saw it. */
  public Mapping lastSeen(String text) {
    return with(LAST_SEEN, checked(text));
  }

  /** Sets when the publisher changed it. */
  public Mapping modified(String text) {
    return with(MODIFIED, checked(text));
  }

  /** Sets when it ends. */
  public Mapping validUntil(String text) {
    return with(VALID_UNTIL, checked(text));
  }

  /**
   * Sets how times are written; default: {@code uuuu-MM-dd HH:mm:ss} and what is like it, and ISO
   * 8601.
   *
   * @param format {@code epoch-seconds}, {@code epoch-millis} or a pattern of {@link
   *     java.time.format.DateTimeFormatter}, for English and UTC
   * @throws IllegalArgumentException if it is no pattern, or does not give a day
   */
  public Mapping timeFormat(String format) {
    TimeFormat.of(format);
    return with(TIME_FORMAT, format);
  }

  /** Sets a confidence from 0 to 100; a greater one is rejected ({@code score-range}). */
  public Mapping score(String text) {
    return with(SCORE, checked(text));
  }

  /**
   * Sets a number without bounds, such as a count of sightings, from which the confidence follows.
   *
   * @param mediumFrom the least number of medium confidence; below, it is low
   * @param highFrom the least number of high confidence
   * @throws IllegalArgumentException unless {@code 0 <= mediumFrom <= highFrom}
   */
  public Mapping score(String text, long mediumFrom, long highFrom) {
    if (mediumFrom < 0 || mediumFrom > highFrom) {
      throw new IllegalArgumentException(
          "medium confidence must begin at or below high confidence, not at " + mediumFrom);
    }
    return score(text).with(MEDIUM_FROM, mediumFrom).with(HIGH_FROM, highFrom);
  }

  /** Sets the malware or tool family. */
  public Mapping software(String text) {
    return with(SOFTWARE, checked(text));
  }

  /** Sets the description. */
  public Mapping description(String text) {
    return with(DESCRIPTION, checked(text));
  }

  /** Sets the reference. */
  public Mapping reference(String text) {
    return with(REFERENCE, checked(text));
  }

  /** Sets the publisher's own id. */
  public Mapping externalId(String text) {
    return with(EXTERNAL_ID, checked(text));
  }

  /** Sets who reported it. */
  public Mapping provider(String text) {
    return with(PROVIDER, checked(text));
  }

  /** Sets the country code. */
  public Mapping country(String text) {
    return with(COUNTRY, checked(text));
  }

  /** Sets the port; a number outside 1 to 65535 is left out. */
  public Mapping port(String text) {
    return with(PORT, checked(text));
  }

  /** Sets how often it was seen. */
  public Mapping sightings(String text) {
    return with(SIGHTINGS, checked(text));
  }

  /** Adds a tag. */
  public Mapping tag(String text) {
    return add(TAG, checked(text));
  }

  /** Sets the field with tags: an array, or a text with commas between them. */
  public Mapping tags(String field) {
    return with(TAGS, TextSource.checkedField(field));
  }

  /** Sets the field with tags and what is between them; number signs before them are left out. */
  public Mapping tags(String field, char separator) {
    return tags(field).with(TAG_SEPARATOR, String.valueOf(separator));
  }

  /**
   * Leaves records out in which the field has none of these values, as if they were comments; what
   * the list states of the number of its records is held against all of them.
   */
  public Mapping only(String field, String... values) {
    return filter(ONLY, field, values);
  }

  /** Leaves records out in which the field has one of these values, like {@link #only}. */
  public Mapping except(String field, String... values) {
    return filter(EXCEPT, field, values);
  }

  /** Says that a record with a value in this field takes its statement back. */
  public Mapping revokedIf(String field) {
    return with(REVOKED_IF, TextSource.checkedField(field));
  }

  private Mapping filter(String name, String field, String... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("a filter needs a value of \"" + field + '"');
    }
    Map<String, Object> filters = new LinkedHashMap<>();
    if (properties.get(name) instanceof Map<?, ?> before) {
      before.forEach((f, v) -> filters.put((String) f, v));
    }
    filters.put(TextSource.checkedField(field), List.of(values));
    return with(name, Collections.unmodifiableMap(filters));
  }

  /**
   * Returns the names of the fields in a text.
   *
   * @throws IllegalArgumentException if it is empty, too long, or has a brace without its other
   */
  public static Set<String> fields(String text) {
    Set<String> fields = new LinkedHashSet<>();
    TextSource.addFields(checked(text), fields);
    return fields;
  }

  /**
   * Returns what the mapping says by the names that a feed description has: texts, numbers, {@code
   * true}, lists and maps of them. Unmodifiable.
   */
  public Map<String, Object> properties() {
    return properties;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Mapping other && properties.equals(other.properties);
  }

  @Override
  public int hashCode() {
    return properties.hashCode();
  }

  @Override
  public String toString() {
    return "Mapping" + properties;
  }

  private static String checked(String text) {
    TextSource.check(text);
    return text;
  }

  private Mapping with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(properties);
    more.put(name, value);
    return new Mapping(more);
  }

  private Mapping add(String name, Object value) {
    List<Object> values = new ArrayList<>();
    if (properties.get(name) instanceof List<?> before) {
      values.addAll(before);
    }
    values.add(value);
    return with(name, Collections.unmodifiableList(values));
  }
}
