// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.File;
import dev.tip.HashAlgorithm;
import dev.tip.Indicator;
import dev.tip.InvalidIndicatorException;
import dev.tip.Tlp;
import dev.tip.Url;
import dev.tip.X509Certificate;
import dev.tip.feed.FeedInfo;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The compact form of the indicators of one feed.
 *
 * <p>A record is a key and properties. The key is the ordinal of the type and the canonical value
 * in UTF-8, so that byte order of keys is the order of records and equal keys are equal ids. The
 * feed itself is not stored. Enum constants are stored by ordinal: new ones go to the end.
 *
 * <p>Properties are {@code int length, lasting part, passing part}. What publishers touch on every
 * row every day is in the passing part: two statements with the same lasting part say the same. In
 * place of the length, {@link #REVOKED} and {@link #SCREENED} stand for no statement but its end.
 */
final class IndicatorCodec {
  /** A statement. */
  static final int STATED = 0;

  /** The feed takes back what it said. */
  static final int REVOKED = -1;

  /** The screen refuses what the feed says. */
  static final int SCREENED = -2;

  /** The bytes that say how long the lasting part of the properties is. */
  private static final int PREFIX = Integer.BYTES;

  private static final int EXTRAS = 1;
  private static final int VALID_UNTIL = 1 << 1;
  private static final int FIRST_SEEN = 1 << 2;
  private static final int SOFTWARE = 1 << 3;
  private static final int REFERENCES = 1 << 4;
  private static final int TAGS = 1 << 5;
  private static final int EXTERNAL_IDS = 1 << 6;
  private static final int DESCRIPTION = 1 << 7;
  private static final int PROVIDER = 1 << 8;
  private static final int COUNTRY = 1 << 9;
  private static final int PORTS = 1 << 10;

  private static final int LAST_SEEN = 1;
  private static final int MODIFIED_AT = 1 << 1;
  private static final int SIGHTINGS = 1 << 2;
  private static final int ORIGINAL = 1 << 3;

  private static final int FILE_NAME = 1;
  private static final int FILE_SIZE = 1 << 1;
  private static final int FILE_PATH = 1 << 2;
  private static final int FILE_MIME_TYPE = 1 << 3;

  private static final CyberObservable.Type[] TYPES = CyberObservable.Type.values();
  private static final Confidence[] CONFIDENCES = Confidence.values();
  private static final Tlp[] TLPS = Tlp.values();
  private static final HashAlgorithm[] ALGORITHMS = HashAlgorithm.values();

  private final FeedInfo feed;

  IndicatorCodec(FeedInfo feed) {
    this.feed = feed;
  }

  /** Writes the key of an observable. */
  static void encodeKey(CyberObservable observable, ByteWriter out) {
    out.writeByte(observable.type().ordinal());
    out.writeText(observable.value());
  }

  /** Writes that the feed takes back what it said, or that the screen refuses it. */
  static void encodeEnd(int kind, ByteWriter out) {
    out.writeInt(kind);
  }

  /** Writes everything but the key. */
  static void encodeProperties(Indicator indicator, ByteWriter out) {
    int start = out.length();
    out.writeInt(0);
    encodeLasting(indicator, out);
    out.setInt(start, out.length() - start - PREFIX);
    encodePassing(indicator, out);
  }

  private static void encodeLasting(Indicator indicator, ByteWriter out) {
    CyberObservable observable = indicator.observable();
    boolean extras = hasExtras(observable);
    int flags =
        (extras ? EXTRAS : 0)
            | (indicator.validUntil().isPresent() ? VALID_UNTIL : 0)
            | (indicator.firstSeen().isPresent() ? FIRST_SEEN : 0)
            | (indicator.software().isPresent() ? SOFTWARE : 0)
            | (indicator.references().isEmpty() ? 0 : REFERENCES)
            | (indicator.tags().isEmpty() ? 0 : TAGS)
            | (indicator.externalIds().isEmpty() ? 0 : EXTERNAL_IDS)
            | (indicator.description().isPresent() ? DESCRIPTION : 0)
            | (indicator.provider().isPresent() ? PROVIDER : 0)
            | (indicator.country().isPresent() ? COUNTRY : 0)
            | (indicator.ports().isEmpty() ? 0 : PORTS);
    out.writeVarLong(flags);
    out.writeByte(indicator.confidence().ordinal() << 4 | indicator.tlp().ordinal());
    if ((flags & VALID_UNTIL) != 0) {
      writeInstant(indicator.validUntil().orElseThrow(), out);
    }
    if (extras) {
      encodeExtras(observable, out);
    }
    if ((flags & FIRST_SEEN) != 0) {
      writeInstant(indicator.firstSeen().orElseThrow(), out);
    }
    if ((flags & SOFTWARE) != 0) {
      writeString(indicator.software().orElseThrow(), out);
    }
    if ((flags & REFERENCES) != 0) {
      writeStrings(indicator.references(), out);
    }
    if ((flags & TAGS) != 0) {
      writeStrings(indicator.tags(), out);
    }
    if ((flags & EXTERNAL_IDS) != 0) {
      writeStrings(indicator.externalIds(), out);
    }
    if ((flags & DESCRIPTION) != 0) {
      writeString(indicator.description().orElseThrow(), out);
    }
    if ((flags & PROVIDER) != 0) {
      writeString(indicator.provider().orElseThrow(), out);
    }
    if ((flags & COUNTRY) != 0) {
      writeString(indicator.country().orElseThrow(), out);
    }
    if ((flags & PORTS) != 0) {
      out.writeVarLong(indicator.ports().size());
      for (int port : indicator.ports()) {
        out.writeVarLong(port);
      }
    }
  }

  private static void encodePassing(Indicator indicator, ByteWriter out) {
    int flags =
        (indicator.lastSeen().isPresent() ? LAST_SEEN : 0)
            | (indicator.modifiedAt().isPresent() ? MODIFIED_AT : 0)
            | (indicator.sightings().isPresent() ? SIGHTINGS : 0)
            | (indicator.original().isPresent() ? ORIGINAL : 0);
    out.writeByte(flags);
    if ((flags & LAST_SEEN) != 0) {
      writeInstant(indicator.lastSeen().orElseThrow(), out);
    }
    if ((flags & MODIFIED_AT) != 0) {
      writeInstant(indicator.modifiedAt().orElseThrow(), out);
    }
    if ((flags & SIGHTINGS) != 0) {
      out.writeVarLong(indicator.sightings().orElseThrow());
    }
    if ((flags & ORIGINAL) != 0) {
      writeString(indicator.original().orElseThrow(), out);
    }
  }

  /** Returns the kind of a record: {@link #STATED}, {@link #REVOKED} or {@link #SCREENED}. */
  static int kind(byte[] data, int propertiesStart, int end) throws CorruptRecordException {
    return Math.min(new ByteReader(data, propertiesStart, end).readInt(), STATED);
  }

  /**
   * Returns the id of the indicator that a key is of, also where there is no statement.
   *
   * @throws CorruptRecordException if these are not bytes that this class wrote
   */
  String id(byte[] data, int keyStart, int keyEnd) throws CorruptRecordException {
    try {
      ByteReader key = new ByteReader(data, keyStart, keyEnd);
      CyberObservable.Type type = constant(TYPES, key.readByte());
      CyberObservable observable = CyberObservable.parse(type, key.readText(key.remaining()));
      return Indicator.builder(observable, feed).build().id();
    } catch (InvalidIndicatorException | IllegalArgumentException e) {
      throw new CorruptRecordException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Returns where the passing part of a statement's properties starts. */
  static int passingStart(byte[] data, int propertiesStart, int end) throws CorruptRecordException {
    ByteReader in = new ByteReader(data, propertiesStart, end);
    int length = in.readInt();
    if (length < 0 || length > in.remaining()) {
      throw new CorruptRecordException("lasting part of " + length + " bytes");
    }
    return propertiesStart + PREFIX + length;
  }

  /** Returns when a statement ends by itself in epoch milliseconds, or the largest number. */
  static long validUntil(byte[] data, int propertiesStart, int end) throws CorruptRecordException {
    ByteReader in = new ByteReader(data, propertiesStart + PREFIX, end);
    int flags = (int) in.readVarLong();
    in.readByte();
    return (flags & VALID_UNTIL) != 0 ? readMillis(in) : Long.MAX_VALUE;
  }

  private static long readMillis(ByteReader in) throws CorruptRecordException {
    try {
      return readInstant(in).toEpochMilli();
    } catch (ArithmeticException | DateTimeException e) {
      throw new CorruptRecordException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Reads an indicator.
   *
   * @param data holds the key, and right after it the properties
   * @throws CorruptRecordException if these are not bytes that this class wrote
   */
  Indicator decode(byte[] data, int keyStart, int keyEnd, int end) throws CorruptRecordException {
    return decode(data, keyStart, keyEnd, keyEnd, end);
  }

  /**
   * Reads an indicator.
   *
   * @param data holds the key, and the properties elsewhere
   * @throws CorruptRecordException if these are not bytes that this class wrote
   */
  Indicator decode(byte[] data, int keyStart, int keyEnd, int propertiesStart, int end)
      throws CorruptRecordException {
    try {
      ByteReader key = new ByteReader(data, keyStart, keyEnd);
      CyberObservable.Type type = constant(TYPES, key.readByte());
      String value = key.readText(key.remaining());
      ByteReader in = new ByteReader(data, propertiesStart, end);
      int lasting = in.readInt();
      if (lasting < 0 || lasting > in.remaining()) {
        throw new CorruptRecordException("lasting part of " + lasting + " bytes");
      }
      int passing = in.remaining() - lasting;
      Indicator indicator = decodeProperties(type, value, in, passing);
      if (in.remaining() != 0) {
        throw new CorruptRecordException(in.remaining() + " bytes too many");
      }
      return indicator;
    } catch (InvalidIndicatorException | IllegalArgumentException | DateTimeException e) {
      throw new CorruptRecordException(String.valueOf(e.getMessage()), e);
    }
  }

  private Indicator decodeProperties(
      CyberObservable.Type type, String value, ByteReader in, int passing)
      throws CorruptRecordException {
    int flags = (int) in.readVarLong();
    int marks = in.readByte();
    Instant validUntil = (flags & VALID_UNTIL) != 0 ? readInstant(in) : null;
    CyberObservable observable =
        (flags & EXTRAS) != 0 ? decodeExtras(type, in) : CyberObservable.parse(type, value);
    Indicator.Builder b =
        Indicator.builder(observable, feed)
            .confidence(constant(CONFIDENCES, marks >> 4))
            .tlp(constant(TLPS, marks & 0xf))
            .validUntil(validUntil);
    if ((flags & FIRST_SEEN) != 0) {
      b.firstSeen(readInstant(in));
    }
    if ((flags & SOFTWARE) != 0) {
      b.software(readString(in));
    }
    if ((flags & REFERENCES) != 0) {
      for (int n = in.readCount(); n > 0; n--) {
        b.reference(readString(in));
      }
    }
    if ((flags & TAGS) != 0) {
      for (int n = in.readCount(); n > 0; n--) {
        b.tag(readString(in));
      }
    }
    if ((flags & EXTERNAL_IDS) != 0) {
      for (int n = in.readCount(); n > 0; n--) {
        b.externalId(readString(in));
      }
    }
    if ((flags & DESCRIPTION) != 0) {
      b.description(readString(in));
    }
    if ((flags & PROVIDER) != 0) {
      b.provider(readString(in));
    }
    if ((flags & COUNTRY) != 0) {
      b.country(readString(in));
    }
    if ((flags & PORTS) != 0) {
      for (int n = in.readCount(); n > 0; n--) {
        b.port((int) in.readVarLong());
      }
    }
    if (in.remaining() != passing) {
      throw new CorruptRecordException("lasting part ends elsewhere");
    }
    decodePassing(in, b);
    return b.build();
  }

  private static void decodePassing(ByteReader in, Indicator.Builder b)
      throws CorruptRecordException {
    int flags = in.readByte();
    if ((flags & LAST_SEEN) != 0) {
      b.lastSeen(readInstant(in));
    }
    if ((flags & MODIFIED_AT) != 0) {
      b.modifiedAt(readInstant(in));
    }
    if ((flags & SIGHTINGS) != 0) {
      b.sightings(in.readVarLong());
    }
    if ((flags & ORIGINAL) != 0) {
      b.original(readString(in));
    }
  }

  /** Returns whether the canonical value alone does not give the observable back. */
  private static boolean hasExtras(CyberObservable observable) {
    if (observable instanceof Url url) {
      return !url.original().equals(url.value());
    }
    if (observable instanceof File file) {
      int identities =
          file.hashes().size() + (file.name() != null ? 1 : 0) + (file.path() != null ? 1 : 0);
      return identities != 1 || file.size() >= 0 || file.mimeType() != null;
    }
    return observable instanceof X509Certificate certificate && certificate.hashes().size() > 1;
  }

  private static void encodeExtras(CyberObservable observable, ByteWriter out) {
    if (observable instanceof Url url) {
      writeString(url.original(), out);
    } else if (observable instanceof X509Certificate certificate) {
      writeHashes(certificate.hashes(), out);
    } else if (observable instanceof File file) {
      String name = file.name();
      String path = file.path();
      String mimeType = file.mimeType();
      out.writeByte(
          (name != null ? FILE_NAME : 0)
              | (file.size() >= 0 ? FILE_SIZE : 0)
              | (path != null ? FILE_PATH : 0)
              | (mimeType != null ? FILE_MIME_TYPE : 0));
      writeHashes(file.hashes(), out);
      if (name != null) {
        writeString(name, out);
      }
      if (file.size() >= 0) {
        out.writeVarLong(file.size());
      }
      if (path != null) {
        writeString(path, out);
      }
      if (mimeType != null) {
        writeString(mimeType, out);
      }
    }
  }

  private static CyberObservable decodeExtras(CyberObservable.Type type, ByteReader in)
      throws CorruptRecordException {
    if (type == CyberObservable.Type.URL) {
      return CyberObservable.url(readString(in));
    }
    if (type == CyberObservable.Type.X509_CERTIFICATE) {
      return X509Certificate.of(readHashes(in));
    }
    if (type != CyberObservable.Type.FILE) {
      throw new CorruptRecordException(type.stixName() + " has nothing but its value");
    }
    int flags = in.readByte();
    File.Builder file = File.builder();
    readHashes(in).forEach(file::hash);
    if ((flags & FILE_NAME) != 0) {
      file.name(readString(in));
    }
    if ((flags & FILE_SIZE) != 0) {
      file.size(in.readVarLong());
    }
    if ((flags & FILE_PATH) != 0) {
      file.path(readString(in));
    }
    if ((flags & FILE_MIME_TYPE) != 0) {
      file.mimeType(readString(in));
    }
    return file.build();
  }

  private static void writeHashes(Map<HashAlgorithm, String> hashes, ByteWriter out) {
    out.writeByte(hashes.size());
    for (Map.Entry<HashAlgorithm, String> hash : hashes.entrySet()) {
      out.writeByte(hash.getKey().ordinal());
      writeString(hash.getValue(), out);
    }
  }

  private static Map<HashAlgorithm, String> readHashes(ByteReader in)
      throws CorruptRecordException {
    Map<HashAlgorithm, String> hashes = new EnumMap<>(HashAlgorithm.class);
    for (int n = in.readByte(); n > 0; n--) {
      HashAlgorithm algorithm = constant(ALGORITHMS, in.readByte());
      hashes.put(algorithm, readString(in));
    }
    return hashes;
  }

  private static <E> E constant(E[] constants, int ordinal) throws CorruptRecordException {
    if (ordinal >= constants.length) {
      throw new CorruptRecordException("no constant " + ordinal);
    }
    return constants[ordinal];
  }

  /** The lowest bit says that nanoseconds follow: most lists have whole seconds. */
  private static void writeInstant(Instant instant, ByteWriter out) {
    long seconds = instant.getEpochSecond();
    int nanos = instant.getNano();
    long folded = seconds << 1 ^ seconds >> 63;
    out.writeVarLong(folded << 1 | (nanos != 0 ? 1 : 0));
    if (nanos != 0) {
      out.writeVarLong(nanos);
    }
  }

  private static Instant readInstant(ByteReader in) throws CorruptRecordException {
    long packed = in.readVarLong();
    long folded = packed >>> 1;
    long seconds = folded >>> 1 ^ -(folded & 1);
    return Instant.ofEpochSecond(seconds, (packed & 1) != 0 ? in.readVarLong() : 0);
  }

  private static void writeString(String text, ByteWriter out) {
    out.writeVarLong(utf8Length(text));
    out.writeText(text);
  }

  private static long utf8Length(String text) {
    long length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        length += 4;
        i++;
      } else {
        length += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
      }
    }
    return length;
  }

  private static void writeStrings(List<String> texts, ByteWriter out) {
    out.writeVarLong(texts.size());
    for (String text : texts) {
      writeString(text, out);
    }
  }

  private static String readString(ByteReader in) throws CorruptRecordException {
    return in.readText(in.readCount());
  }
}
