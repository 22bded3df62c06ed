// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.ecs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.tip.AutonomousSystem;
import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.DomainName;
import dev.tip.EmailAddr;
import dev.tip.File;
import dev.tip.HashAlgorithm;
import dev.tip.Indicator;
import dev.tip.IpNetwork;
import dev.tip.Ipv4Addr;
import dev.tip.Ipv6Addr;
import dev.tip.MacAddr;
import dev.tip.Mutex;
import dev.tip.Software;
import dev.tip.Tlp;
import dev.tip.Url;
import dev.tip.UserAccount;
import dev.tip.WindowsRegistryKey;
import dev.tip.X509Certificate;
import dev.tip.feed.FeedInfo;
import dev.tip.sink.Change;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes indicators as documents of Elastic Common Schema. Immutable and thread-safe.
 *
 * <p>An indicator becomes a document with {@code event.kind: enrichment}, {@code event.category:
 * threat} and {@code event.type: indicator}. What ECS has no field for is below {@code tip}: a
 * network in {@code tip.indicator.cidr}, certificate and TLS fingerprints, the number of an
 * autonomous system, several ports. A field that rules match on holds one value.
 *
 * <p>A withdrawal becomes a tombstone: it says that the indicator is withdrawn, why and when, and
 * has no field that a rule matches on.
 *
 * @see <a href="https://www.elastic.co/docs/reference/ecs/ecs-threat">ECS threat fields</a>
 */
public final class EcsEncoder {
  /** The version of Elastic Common Schema that documents follow. */
  public static final String ECS_VERSION = "9.5.0";

  /**
   * The version of this projection; it rises when the same indicator becomes another document, so
   * that sinks can tell that what they hold is outdated.
   */
  public static final int FORMAT = 1;

  private static final String TLP_VERSION = "2.0";

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
          .build();

  private final boolean ids;
  private final boolean withdrawnValues;
  private final Map<String, FeedFields> feeds = new ConcurrentHashMap<>();

  private EcsEncoder(Builder builder) {
    this.ids = builder.ids;
    this.withdrawnValues = builder.withdrawnValues;
  }

  /** Returns an encoder with the defaults of {@link Builder}. */
  public static EcsEncoder create() {
    return builder().build();
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Writes one document in UTF-8 without line break: an indicator, or for a withdrawal its
   * tombstone.
   *
   * @param out where to; it is neither flushed nor closed
   * @throws IOException if the stream throws it; part of the document may have been written
   */
  public void write(Change change, OutputStream out) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      if (change instanceof Change.Upsert upsert) {
        writeIndicator(upsert, json);
      } else {
        writeTombstone((Change.Withdraw) change, json);
      }
    }
  }

  /**
   * Writes the change as an operation of Elasticsearch's bulk API: an {@code index} action and the
   * document, each with its line break.
   *
   * <p>The version of the document is the generation with version type {@code external_gte}, so
   * that an older generation never overwrites a newer one.
   *
   * @param index the alias to write to; an index that is no alias of that name is refused, not
   *     created. Null if the request names it.
   * @param out where to; it is neither flushed nor closed
   * @return the id of the document, which is the id of the indicator
   * @throws IOException if the stream throws it; part of the operation may have been written
   * @see <a href="https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk">Bulk
   *     API</a>
   */
  public String writeBulk(Change change, @Nullable String index, OutputStream out)
      throws IOException {
    String id = change.id();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeFieldName(Name.INDEX);
      json.writeStartObject();
      if (index != null) {
        json.writeFieldName(Name.META_INDEX);
        json.writeString(index);
        json.writeFieldName(Name.REQUIRE_ALIAS);
        json.writeBoolean(true);
      }
      json.writeFieldName(Name.META_ID);
      json.writeString(id);
      json.writeFieldName(Name.VERSION);
      json.writeNumber(change.generation());
      constant(json, Name.VERSION_TYPE, Constant.EXTERNAL_GTE);
      json.writeEndObject();
      json.writeEndObject();
    }
    out.write('\n');
    write(change, out);
    out.write('\n');
    return id;
  }

  private void writeIndicator(Change.Upsert change, JsonGenerator json) throws IOException {
    Indicator indicator = change.indicator();
    FeedFields feed = fieldsOf(indicator.feed());
    char[] instant = new char[EcsInstant.LENGTH];
    json.writeStartObject();
    instant(json, Name.TIMESTAMP, change.at(), instant);
    json.writeFieldName(Name.ECS);
    json.writeRawValue(Constant.ECS);

    json.writeFieldName(Name.EVENT);
    json.writeStartObject();
    constant(json, Name.KIND, Constant.ENRICHMENT);
    json.writeFieldName(Name.CATEGORY);
    json.writeRawValue(Constant.THREAT_ARRAY);
    json.writeFieldName(Name.TYPE);
    json.writeRawValue(Constant.INDICATOR_ARRAY);
    constant(json, Name.MODULE, feed.module);
    constant(json, Name.DATASET, feed.dataset);
    constant(json, Name.PROVIDER, feed.provider);
    constant(json, Name.REFERENCE, feed.reference);
    instant(json, Name.CREATED, change.added(), instant);
    instant(json, Name.INGESTED, change.at(), instant);
    text(json, Name.ORIGINAL, indicator.original().orElse(null));
    json.writeEndObject();

    json.writeFieldName(Name.THREAT);
    json.writeStartObject();
    json.writeFieldName(Name.FEED);
    json.writeRawValue(feed.threatFeed);
    json.writeFieldName(Name.INDICATOR);
    json.writeStartObject();
    writeThreatIndicator(indicator, feed, json, instant);
    json.writeEndObject();
    String software = indicator.software().orElse(null);
    if (software != null) {
      json.writeFieldName(Name.SOFTWARE);
      json.writeStartObject();
      text(json, Name.NAME, software);
      json.writeEndObject();
    }
    json.writeEndObject();

    writeRelated(indicator.observable(), json);
    texts(json, Name.TAGS, indicator.tags());

    json.writeFieldName(Name.TIP);
    json.writeStartObject();
    constant(json, Name.STATUS, Constant.ACTIVE);
    json.writeFieldName(Name.GENERATION);
    json.writeNumber(change.generation());
    json.writeFieldName(Name.FEED);
    json.writeRawValue(feed.tipFeed);
    json.writeFieldName(Name.INDICATOR);
    json.writeStartObject();
    if (ids) {
      json.writeFieldName(Name.ID);
      json.writeString(change.id());
    }
    constant(json, Name.ROLE, feed.role);
    writeTipIndicator(indicator, json, instant);
    json.writeEndObject();
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void writeThreatIndicator(
      Indicator indicator, FeedFields feed, JsonGenerator json, char[] instant) throws IOException {
    CyberObservable observable = indicator.observable();
    constant(json, Name.TYPE, Constant.TYPES[observable.type().ordinal()]);
    text(json, Name.NAME, displayName(observable));
    instant(json, Name.FIRST_SEEN, indicator.firstSeen().orElse(null), instant);
    instant(json, Name.LAST_SEEN, indicator.lastSeen().orElse(null), instant);
    instant(json, Name.MODIFIED_AT, indicator.modifiedAt().orElse(null), instant);
    constant(json, Name.CONFIDENCE, Constant.CONFIDENCES[indicator.confidence().ordinal()]);
    json.writeFieldName(Name.MARKING);
    json.writeRawValue(Constant.MARKINGS[indicator.tlp().ordinal()]);
    String provider = indicator.provider().orElse(null);
    if (provider != null) {
      text(json, Name.PROVIDER, provider);
    } else {
      constant(json, Name.PROVIDER, feed.provider);
    }
    List<String> references = indicator.references();
    if (!references.isEmpty()) {
      text(json, Name.REFERENCE, references.get(0));
    }
    text(json, Name.DESCRIPTION, indicator.description().orElse(null));
    texts(json, Name.ID, indicator.externalIds());
    if (indicator.sightings().isPresent()) {
      json.writeFieldName(Name.SIGHTINGS);
      json.writeNumber(indicator.sightings().getAsLong());
    }
    if (indicator.ports().size() == 1) {
      json.writeFieldName(Name.PORT);
      json.writeNumber(indicator.ports().get(0));
    }
    String country = indicator.country().orElse(null);
    if (country != null) {
      json.writeFieldName(Name.GEO);
      json.writeStartObject();
      text(json, Name.COUNTRY_ISO_CODE, country);
      json.writeEndObject();
    }
    writeThreatObservable(observable, json);
  }

  private static void writeThreatObservable(CyberObservable observable, JsonGenerator json)
      throws IOException {
    if (observable instanceof File file) {
      writeFile(file, json);
    } else if (observable instanceof Url url) {
      writeUrl(url, json);
    } else if (observable instanceof DomainName domain) {
      json.writeFieldName(Name.URL);
      json.writeStartObject();
      text(json, Name.DOMAIN, domain.value());
      json.writeEndObject();
    } else if (observable instanceof EmailAddr email) {
      json.writeFieldName(Name.EMAIL);
      json.writeStartObject();
      text(json, Name.ADDRESS, email.value());
      json.writeEndObject();
    } else if (observable instanceof WindowsRegistryKey key) {
      String hive = shortHive(key.hive());
      json.writeFieldName(Name.REGISTRY);
      json.writeStartObject();
      text(json, Name.HIVE, hive);
      text(json, Name.KEY, key.key());
      text(json, Name.PATH, registryPath(key));
      text(json, Name.VALUE, key.valueName());
      json.writeEndObject();
    } else {
      IpNetwork network = networkOf(observable);
      if (network != null && network.isSingleAddress()) {
        text(json, Name.IP, network.toString());
      }
    }
  }

  private static void writeFile(File file, JsonGenerator json) throws IOException {
    json.writeFieldName(Name.FILE);
    json.writeStartObject();
    text(json, Name.NAME, file.name());
    text(json, Name.PATH, file.path());
    text(json, Name.MIME_TYPE, file.mimeType());
    if (file.size() >= 0) {
      json.writeFieldName(Name.SIZE);
      json.writeNumber(file.size());
    }
    String imphash = null;
    boolean open = false;
    for (Map.Entry<HashAlgorithm, String> hash : file.hashes().entrySet()) {
      if (hash.getKey() == HashAlgorithm.IMPHASH) {
        imphash = hash.getValue();
        continue;
      }
      if (!open) {
        open = true;
        json.writeFieldName(Name.HASH);
        json.writeStartObject();
      }
      text(json, Name.HASHES[hash.getKey().ordinal()], hash.getValue());
    }
    if (open) {
      json.writeEndObject();
    }
    if (imphash != null) {
      json.writeFieldName(Name.PE);
      json.writeStartObject();
      text(json, Name.HASHES[HashAlgorithm.IMPHASH.ordinal()], imphash);
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static void writeUrl(Url url, JsonGenerator json) throws IOException {
    json.writeFieldName(Name.URL);
    json.writeStartObject();
    text(json, Name.FULL, url.value());
    text(json, Name.ORIGINAL, url.original());
    text(json, Name.SCHEME, url.scheme());
    text(json, Name.DOMAIN, urlDomain(url));
    if (url.port() >= 0) {
      json.writeFieldName(Name.PORT);
      json.writeNumber(url.port());
    }
    text(json, Name.PATH, url.path());
    text(json, Name.QUERY, url.query());
    json.writeEndObject();
  }

  /** Writes what ECS has no field for. */
  private static void writeTipIndicator(Indicator indicator, JsonGenerator json, char[] instant)
      throws IOException {
    CyberObservable observable = indicator.observable();
    instant(json, Name.EXPIRES_AT, indicator.validUntil().orElse(null), instant);
    if (indicator.ports().size() > 1) {
      json.writeFieldName(Name.PORTS);
      json.writeStartArray();
      for (int port : indicator.ports()) {
        json.writeNumber(port);
      }
      json.writeEndArray();
    }
    if (indicator.references().size() > 1) {
      texts(json, Name.REFERENCES, indicator.references());
    }
    if (observable instanceof X509Certificate certificate) {
      json.writeFieldName(Name.TLS);
      json.writeStartObject();
      json.writeFieldName(Name.SERVER);
      json.writeStartObject();
      json.writeFieldName(Name.HASH);
      json.writeStartObject();
      for (Map.Entry<HashAlgorithm, String> hash : certificate.hashes().entrySet()) {
        // The event side, tls.server.hash.*, is upper case.
        text(json, Name.HASHES[hash.getKey().ordinal()], hash.getValue().toUpperCase(Locale.ROOT));
      }
      json.writeEndObject();
      json.writeEndObject();
      json.writeEndObject();
    } else if (observable instanceof Software software) {
      writeTlsFingerprint(software, json);
    } else if (observable instanceof AutonomousSystem as) {
      json.writeFieldName(Name.AS);
      json.writeStartObject();
      json.writeFieldName(Name.NUMBER);
      json.writeNumber(as.number());
      json.writeEndObject();
    } else if (observable instanceof Mutex mutex) {
      text(json, Name.MUTEX, mutex.value());
    } else if (observable instanceof UserAccount user) {
      json.writeFieldName(Name.USER);
      json.writeStartObject();
      text(json, Name.NAME, user.value());
      json.writeEndObject();
    } else if (observable instanceof MacAddr mac) {
      text(json, Name.MAC, mac.value());
    } else {
      IpNetwork network = networkOf(observable);
      if (network != null && !network.isSingleAddress()) {
        text(json, Name.CIDR, network.toString());
      }
    }
  }

  private static void writeTlsFingerprint(Software software, JsonGenerator json)
      throws IOException {
    json.writeFieldName(Name.TLS);
    json.writeStartObject();
    switch (software.kind()) {
      case JA3 -> {
        json.writeFieldName(Name.CLIENT);
        json.writeStartObject();
        text(json, Name.JA3, software.fingerprint());
      }
      case JA3S -> {
        json.writeFieldName(Name.SERVER);
        json.writeStartObject();
        text(json, Name.JA3S, software.fingerprint());
      }
      case JA4 -> {
        json.writeFieldName(Name.CLIENT);
        json.writeStartObject();
        text(json, Name.JA4, software.fingerprint());
      }
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void writeRelated(CyberObservable observable, JsonGenerator json)
      throws IOException {
    if (observable instanceof File file) {
      relatedHashes(file.hashes(), json);
    } else if (observable instanceof X509Certificate certificate) {
      relatedHashes(certificate.hashes(), json);
    } else if (observable instanceof Software software) {
      related(Name.HASH, software.fingerprint(), json);
    } else if (observable instanceof DomainName domain) {
      related(Name.HOSTS, domain.value(), json);
    } else if (observable instanceof Url url) {
      IpNetwork address = url.hostAddress();
      related(address != null ? Name.IP : Name.HOSTS, url.host(), json);
    } else {
      IpNetwork network = networkOf(observable);
      if (network != null && network.isSingleAddress()) {
        related(Name.IP, network.toString(), json);
      }
    }
  }

  private static void relatedHashes(Map<HashAlgorithm, String> hashes, JsonGenerator json)
      throws IOException {
    boolean open = false;
    for (Map.Entry<HashAlgorithm, String> hash : hashes.entrySet()) {
      if (hash.getKey().isCryptographic()) {
        if (!open) {
          open = true;
          json.writeFieldName(Name.RELATED);
          json.writeStartObject();
          json.writeFieldName(Name.HASH);
          json.writeStartArray();
        }
        json.writeString(hash.getValue());
      }
    }
    if (open) {
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static void related(SerializableString name, String value, JsonGenerator json)
      throws IOException {
    json.writeFieldName(Name.RELATED);
    json.writeStartObject();
    json.writeFieldName(name);
    json.writeStartArray();
    json.writeString(value);
    json.writeEndArray();
    json.writeEndObject();
  }

  private void writeTombstone(Change.Withdraw change, JsonGenerator json) throws IOException {
    Indicator indicator = change.indicator();
    FeedFields feed = fieldsOf(indicator.feed());
    char[] instant = new char[EcsInstant.LENGTH];
    json.writeStartObject();
    instant(json, Name.TIMESTAMP, change.at(), instant);
    json.writeFieldName(Name.ECS);
    json.writeRawValue(Constant.ECS);
    json.writeFieldName(Name.EVENT);
    json.writeStartObject();
    // Neither event.type nor event.category: no rule and no page may take it for an indicator.
    constant(json, Name.KIND, Constant.STATE);
    constant(json, Name.MODULE, feed.module);
    constant(json, Name.DATASET, feed.dataset);
    instant(json, Name.INGESTED, change.at(), instant);
    json.writeEndObject();
    json.writeFieldName(Name.TIP);
    json.writeStartObject();
    constant(json, Name.STATUS, Constant.WITHDRAWN);
    json.writeFieldName(Name.GENERATION);
    json.writeNumber(change.generation());
    json.writeFieldName(Name.FEED);
    json.writeRawValue(feed.tipFeed);
    json.writeFieldName(Name.INDICATOR);
    json.writeStartObject();
    json.writeFieldName(Name.ID);
    json.writeString(change.id());
    constant(json, Name.TYPE, Constant.TYPES[indicator.observable().type().ordinal()]);
    constant(json, Name.ROLE, feed.role);
    if (withdrawnValues) {
      text(json, Name.VALUE, indicator.observable().value());
    }
    instant(json, Name.FIRST_SEEN, indicator.firstSeen().orElse(null), instant);
    instant(json, Name.LAST_SEEN, indicator.lastSeen().orElse(null), instant);
    instant(json, Name.WITHDRAWN_AT, change.at(), instant);
    constant(json, Name.WITHDRAWN_REASON, Constant.REASONS[change.reason().ordinal()]);
    json.writeEndObject();
    json.writeEndObject();
    json.writeEndObject();
  }

  private FeedFields fieldsOf(FeedInfo feed) {
    FeedFields fields = feeds.get(feed.id());
    // Identity, not equality: feeds are equal by id, and a user may have changed a row's name.
    if (fields == null || fields.feed != feed) {
      fields = new FeedFields(feed);
      feeds.put(feed.id(), fields);
    }
    return fields;
  }

  private static @Nullable IpNetwork networkOf(CyberObservable observable) {
    if (observable instanceof Ipv4Addr ip) {
      return ip.network();
    }
    return observable instanceof Ipv6Addr ip ? ip.network() : null;
  }

  private static String displayName(CyberObservable observable) {
    if (observable instanceof File file) {
      String hash = displayHash(file.hashes());
      String name = hash != null ? hash : file.name() != null ? file.name() : file.path();
      return name != null ? name : file.value();
    }
    if (observable instanceof X509Certificate certificate) {
      String hash = displayHash(certificate.hashes());
      return hash != null ? hash : certificate.value();
    }
    if (observable instanceof Software software) {
      return software.fingerprint();
    }
    if (observable instanceof WindowsRegistryKey key) {
      return registryPath(key);
    }
    if (observable instanceof AutonomousSystem as) {
      return "AS" + as.value();
    }
    return observable.value();
  }

  /** SHA-256 first, because that is what Kibana shows; then the strongest. */
  private static @Nullable String displayHash(Map<HashAlgorithm, String> hashes) {
    String sha256 = hashes.get(HashAlgorithm.SHA256);
    return sha256 != null || hashes.isEmpty() ? sha256 : hashes.values().iterator().next();
  }

  /** ECS {@code url.domain} keeps the brackets of an IPv6 host. */
  private static String urlDomain(Url url) {
    return url.host().indexOf(':') >= 0 ? '[' + url.host() + ']' : url.host();
  }

  private static String registryPath(WindowsRegistryKey key) {
    String path = shortHive(key.hive()) + '\\' + key.key();
    return key.valueName() != null ? path + '\\' + key.valueName() : path;
  }

  /** ECS {@code registry.hive} is the abbreviated name, as sensors write it. */
  private static String shortHive(String hive) {
    return switch (hive) {
      case "HKEY_LOCAL_MACHINE" -> "HKLM";
      case "HKEY_CURRENT_USER" -> "HKCU";
      case "HKEY_USERS" -> "HKU";
      case "HKEY_CLASSES_ROOT" -> "HKCR";
      case "HKEY_CURRENT_CONFIG" -> "HKCC";
      default -> hive;
    };
  }

  private static void constant(JsonGenerator json, SerializableString name, SerializableString text)
      throws IOException {
    json.writeFieldName(name);
    json.writeString(text);
  }

  private static void instant(
      JsonGenerator json, SerializableString name, @Nullable Instant at, char[] buffer)
      throws IOException {
    if (at == null) {
      return;
    }
    json.writeFieldName(name);
    if (EcsInstant.write(at, buffer)) {
      json.writeString(buffer, 0, buffer.length);
    } else {
      json.writeString(at.toString());
    }
  }

  private static void text(JsonGenerator json, SerializableString name, @Nullable String text)
      throws IOException {
    if (text != null) {
      json.writeFieldName(name);
      json.writeString(wellFormed(text));
    }
  }

  private static void texts(JsonGenerator json, SerializableString name, List<String> texts)
      throws IOException {
    if (texts.isEmpty()) {
      return;
    }
    json.writeFieldName(name);
    json.writeStartArray();
    for (String text : texts) {
      json.writeString(wellFormed(text));
    }
    json.writeEndArray();
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

  /** Collects the options of an encoder. Not thread-safe. */
  public static final class Builder {
    private boolean ids = true;
    private boolean withdrawnValues;

    private Builder() {}

    /**
     * Sets whether the document of an indicator holds its id, in {@code tip.indicator.id}; default:
     * true. A target that keeps the id elsewhere does without. A tombstone always holds it.
     */
    public Builder ids(boolean ids) {
      this.ids = ids;
      return this;
    }

    /**
     * Sets whether a tombstone says what the indicator was about, in {@code tip.indicator.value};
     * default: false.
     */
    public Builder withdrawnValues(boolean withdrawnValues) {
      this.withdrawnValues = withdrawnValues;
      return this;
    }

    /** Builds the encoder. */
    public EcsEncoder build() {
      return new EcsEncoder(this);
    }
  }

  /** What is the same in all documents of a feed, encoded once. */
  private static final class FeedFields {
    final FeedInfo feed;
    final SerializedString module;
    final SerializedString dataset;
    final SerializedString provider;
    final SerializedString reference;
    final SerializedString role;
    final SerializedString threatFeed;
    final SerializedString tipFeed;

    FeedFields(FeedInfo feed) {
      this.feed = feed;
      // Elastic's prebuilt rules take every module that starts with ti_ and match source.ip too:
      // a list of scanners there would alert on every scan of a public host.
      String moduleName = feed.role().isHighSignal() ? "ti_tip" : "tip";
      module = new SerializedString(moduleName);
      dataset = new SerializedString(moduleName + '.' + feed.id());
      provider = new SerializedString(wellFormed(feed.provider()));
      reference = new SerializedString(wellFormed(feed.reference().toString()));
      role = new SerializedString(feed.role().value());
      StringBuilder json = new StringBuilder();
      json.append("{\"name\":").append(quoted(wellFormed(feed.name())));
      json.append(",\"reference\":").append(quoted(reference.getValue()));
      feed.description()
          .ifPresent(text -> json.append(",\"description\":").append(quoted(wellFormed(text))));
      threatFeed = new SerializedString(json.append('}').toString());
      tipFeed = new SerializedString("{\"id\":" + quoted(feed.id()) + '}');
    }

    private static String quoted(String text) {
      return '"' + new String(new SerializedString(text).asQuotedChars()) + '"';
    }
  }

  /** Values that documents share, encoded once. */
  private static final class Constant {
    static final SerializedString ECS = of("{\"version\":\"" + ECS_VERSION + "\"}");
    static final SerializedString ENRICHMENT = of("enrichment");
    static final SerializedString EXTERNAL_GTE = of("external_gte");
    static final SerializedString STATE = of("state");
    static final SerializedString THREAT_ARRAY = of("[\"threat\"]");
    static final SerializedString INDICATOR_ARRAY = of("[\"indicator\"]");
    static final SerializedString ACTIVE = of("active");
    static final SerializedString WITHDRAWN = of("withdrawn");
    static final SerializedString[] TYPES = types();
    static final SerializedString[] CONFIDENCES = confidences();
    static final SerializedString[] MARKINGS = markings();
    static final SerializedString[] REASONS = reasons();

    private static SerializedString of(String text) {
      return new SerializedString(text);
    }

    private static SerializedString[] types() {
      CyberObservable.Type[] all = CyberObservable.Type.values();
      SerializedString[] out = new SerializedString[all.length];
      for (int i = 0; i < all.length; i++) {
        out[i] = of(all[i].stixName());
      }
      return out;
    }

    private static SerializedString[] confidences() {
      Confidence[] all = Confidence.values();
      SerializedString[] out = new SerializedString[all.length];
      for (int i = 0; i < all.length; i++) {
        out[i] = of(all[i].ecsValue());
      }
      return out;
    }

    private static SerializedString[] markings() {
      Tlp[] all = Tlp.values();
      SerializedString[] out = new SerializedString[all.length];
      for (int i = 0; i < all.length; i++) {
        out[i] =
            of("{\"tlp\":\"" + all[i].ecsValue() + "\",\"tlp_version\":\"" + TLP_VERSION + "\"}");
      }
      return out;
    }

    private static SerializedString[] reasons() {
      Change.Reason[] all = Change.Reason.values();
      SerializedString[] out = new SerializedString[all.length];
      for (int i = 0; i < all.length; i++) {
        out[i] = of(all[i].name().toLowerCase(Locale.ROOT));
      }
      return out;
    }
  }

  /** Field names, encoded once. */
  private static final class Name {
    static final SerializedString ADDRESS = new SerializedString("address");
    static final SerializedString AS = new SerializedString("as");
    static final SerializedString CATEGORY = new SerializedString("category");
    static final SerializedString CIDR = new SerializedString("cidr");
    static final SerializedString CLIENT = new SerializedString("client");
    static final SerializedString CONFIDENCE = new SerializedString("confidence");
    static final SerializedString COUNTRY_ISO_CODE = new SerializedString("country_iso_code");
    static final SerializedString CREATED = new SerializedString("created");
    static final SerializedString DATASET = new SerializedString("dataset");
    static final SerializedString DESCRIPTION = new SerializedString("description");
    static final SerializedString DOMAIN = new SerializedString("domain");
    static final SerializedString ECS = new SerializedString("ecs");
    static final SerializedString EMAIL = new SerializedString("email");
    static final SerializedString EVENT = new SerializedString("event");
    static final SerializedString EXPIRES_AT = new SerializedString("expires_at");
    static final SerializedString FEED = new SerializedString("feed");
    static final SerializedString FILE = new SerializedString("file");
    static final SerializedString FIRST_SEEN = new SerializedString("first_seen");
    static final SerializedString FULL = new SerializedString("full");
    static final SerializedString GENERATION = new SerializedString("generation");
    static final SerializedString GEO = new SerializedString("geo");
    static final SerializedString HASH = new SerializedString("hash");
    static final SerializedString HIVE = new SerializedString("hive");
    static final SerializedString HOSTS = new SerializedString("hosts");
    static final SerializedString ID = new SerializedString("id");
    static final SerializedString INDICATOR = new SerializedString("indicator");
    static final SerializedString INGESTED = new SerializedString("ingested");
    static final SerializedString IP = new SerializedString("ip");
    static final SerializedString JA3 = new SerializedString("ja3");
    static final SerializedString JA3S = new SerializedString("ja3s");
    static final SerializedString JA4 = new SerializedString("ja4");
    static final SerializedString KEY = new SerializedString("key");
    static final SerializedString KIND = new SerializedString("kind");
    static final SerializedString LAST_SEEN = new SerializedString("last_seen");
    static final SerializedString MAC = new SerializedString("mac");
    static final SerializedString MARKING = new SerializedString("marking");
    static final SerializedString MIME_TYPE = new SerializedString("mime_type");
    static final SerializedString MODIFIED_AT = new SerializedString("modified_at");
    static final SerializedString MODULE = new SerializedString("module");
    static final SerializedString MUTEX = new SerializedString("mutex");
    static final SerializedString NAME = new SerializedString("name");
    static final SerializedString NUMBER = new SerializedString("number");
    static final SerializedString ORIGINAL = new SerializedString("original");
    static final SerializedString PATH = new SerializedString("path");
    static final SerializedString PE = new SerializedString("pe");
    static final SerializedString PORT = new SerializedString("port");
    static final SerializedString PORTS = new SerializedString("ports");
    static final SerializedString PROVIDER = new SerializedString("provider");
    static final SerializedString QUERY = new SerializedString("query");
    static final SerializedString REFERENCE = new SerializedString("reference");
    static final SerializedString REFERENCES = new SerializedString("references");
    static final SerializedString REGISTRY = new SerializedString("registry");
    static final SerializedString RELATED = new SerializedString("related");
    static final SerializedString ROLE = new SerializedString("role");
    static final SerializedString SCHEME = new SerializedString("scheme");
    static final SerializedString SERVER = new SerializedString("server");
    static final SerializedString SIGHTINGS = new SerializedString("sightings");
    static final SerializedString SIZE = new SerializedString("size");
    static final SerializedString SOFTWARE = new SerializedString("software");
    static final SerializedString STATUS = new SerializedString("status");
    static final SerializedString TAGS = new SerializedString("tags");
    static final SerializedString THREAT = new SerializedString("threat");
    static final SerializedString TIMESTAMP = new SerializedString("@timestamp");
    static final SerializedString TIP = new SerializedString("tip");
    static final SerializedString TLS = new SerializedString("tls");
    static final SerializedString TYPE = new SerializedString("type");
    static final SerializedString URL = new SerializedString("url");
    static final SerializedString USER = new SerializedString("user");
    static final SerializedString VALUE = new SerializedString("value");
    static final SerializedString WITHDRAWN_AT = new SerializedString("withdrawn_at");
    static final SerializedString WITHDRAWN_REASON = new SerializedString("withdrawn_reason");
    static final SerializedString INDEX = new SerializedString("index");
    static final SerializedString REQUIRE_ALIAS = new SerializedString("require_alias");
    static final SerializedString VERSION = new SerializedString("version");
    static final SerializedString VERSION_TYPE = new SerializedString("version_type");
    static final SerializedString META_INDEX = new SerializedString("_index");
    static final SerializedString META_ID = new SerializedString("_id");
    static final SerializedString[] HASHES = hashes();

    private static SerializedString[] hashes() {
      HashAlgorithm[] all = HashAlgorithm.values();
      SerializedString[] out = new SerializedString[all.length];
      for (int i = 0; i < all.length; i++) {
        out[i] = new SerializedString(all[i].ecsName());
      }
      return out;
    }
  }
}
