// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import dev.tip.feed.FeedInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One statement by one feed about one {@link CyberObservable}. Immutable.
 *
 * <p>Its {@linkplain #id() id} depends on feed, type and canonical value only, so that writing it
 * twice is writing it once.
 */
public final class Indicator {
  private static final int MAX_PORTS = 1024;
  private static final int MAX_REFERENCES = 64;
  private static final int MAX_REFERENCE = 2048;
  private static final int MAX_TAGS = 64;
  private static final int MAX_TAG = 256;
  private static final int MAX_EXTERNAL_IDS = 64;
  private static final int MAX_EXTERNAL_ID = 256;
  private static final int MAX_DESCRIPTION = 1024;
  private static final int MAX_NAME = 256;
  private static final int MAX_ORIGINAL = 32_768;

  private static final int ID_BYTES = 20;
  private static final MessageDigest SHA_256 = newSha256();
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final CyberObservable observable;
  private final FeedInfo feed;
  private final Confidence confidence;
  private final Tlp tlp;
  private final @Nullable Instant firstSeen;
  private final @Nullable Instant lastSeen;
  private final @Nullable Instant modifiedAt;
  private final @Nullable Instant validUntil;
  private final @Nullable String description;
  private final @Nullable String software;
  private final @Nullable String provider;
  private final @Nullable String country;
  private final long sightings;
  private final List<Integer> ports;
  private final List<String> references;
  private final List<String> tags;
  private final List<String> externalIds;
  private final @Nullable String original;

  private Indicator(Builder b) {
    this.observable = b.observable;
    this.feed = b.feed;
    this.confidence = b.confidence != null ? b.confidence : b.feed.confidence();
    this.tlp = b.tlp != null ? b.tlp : b.feed.tlp();
    this.firstSeen = b.firstSeen;
    this.lastSeen = b.lastSeen;
    this.modifiedAt = b.modifiedAt;
    this.validUntil = b.validUntil;
    this.description = b.description;
    this.software = b.software;
    this.provider = b.provider;
    this.country = b.country;
    this.sightings = b.sightings;
    this.ports = sorted(b.ports, MAX_PORTS);
    this.references = sorted(b.references, MAX_REFERENCES);
    this.tags = sorted(b.tags, MAX_TAGS);
    this.externalIds = sorted(b.externalIds, MAX_EXTERNAL_IDS);
    this.original = b.original;
  }

  /** Returns the least values in order; a bound on a union stays associative that way. */
  private static <T extends Comparable<T>> List<T> sorted(List<T> values, int max) {
    return switch (values.size()) {
      case 0, 1 -> List.copyOf(values);
      default -> {
        List<T> sorted = new ArrayList<>(values);
        sorted.sort(null);
        List<T> unique = new ArrayList<>(values.size());
        for (T value : sorted) {
          int size = unique.size();
          if (size < max && (size == 0 || !unique.get(size - 1).equals(value))) {
            unique.add(value);
          }
        }
        yield List.copyOf(unique);
      }
    };
  }

  /** Returns a builder of a statement of the feed about the observable. */
  public static Builder builder(CyberObservable observable, FeedInfo feed) {
    return new Builder(observable, feed);
  }

  /** Returns the id: 27 characters of base64url. */
  public String id() {
    byte[] feedId = feed.id().getBytes(StandardCharsets.UTF_8);
    byte[] type = observable.type().stixName().getBytes(StandardCharsets.UTF_8);
    byte[] value = observable.value().getBytes(StandardCharsets.UTF_8);
    ByteBuffer fields = ByteBuffer.allocate(12 + feedId.length + type.length + value.length);
    fields.putInt(feedId.length).put(feedId);
    fields.putInt(type.length).put(type);
    fields.putInt(value.length).put(value);
    byte[] digest = sha256().digest(fields.array());
    return BASE64.encodeToString(Arrays.copyOf(digest, ID_BYTES));
  }

  private static MessageDigest sha256() {
    try {
      // A clone spares the search through the providers.
      return (MessageDigest) SHA_256.clone();
    } catch (CloneNotSupportedException e) {
      return newSha256();
    }
  }

  private static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java runtime lacks SHA-256, which all must have", e);
    }
  }

  /** Returns what the statement is about. */
  public CyberObservable observable() {
    return observable;
  }

  /** Returns the feed that makes the statement. */
  public FeedInfo feed() {
    return feed;
  }

  /** Returns the confidence, the feed's default if the record has none. */
  public Confidence confidence() {
    return confidence;
  }

  /** Returns the marking, the feed's if the record has none. */
  public Tlp tlp() {
    return tlp;
  }

  /** Returns when the publisher first saw it. */
  public Optional<Instant> firstSeen() {
    return Optional.ofNullable(firstSeen);
  }

  /** Returns when the publisher last saw it. */
  public Optional<Instant> lastSeen() {
    return Optional.ofNullable(lastSeen);
  }

  /** Returns when the publisher last changed the statement. */
  public Optional<Instant> modifiedAt() {
    return Optional.ofNullable(modifiedAt);
  }

  /** Returns when the statement ends, if the publisher says so. */
  public Optional<Instant> validUntil() {
    return Optional.ofNullable(validUntil);
  }

  /** Returns the description: ECS {@code threat.indicator.description}. */
  public Optional<String> description() {
    return Optional.ofNullable(description);
  }

  /** Returns the malware or tool family: ECS {@code threat.software.name}. */
  public Optional<String> software() {
    return Optional.ofNullable(software);
  }

  /** Returns who reported it: ECS {@code threat.indicator.provider}. */
  public Optional<String> provider() {
    return Optional.ofNullable(provider);
  }

  /** Returns the ISO 3166-1 country code: ECS {@code threat.indicator.geo.country_iso_code}. */
  public Optional<String> country() {
    return Optional.ofNullable(country);
  }

  /** Returns how often it was seen: ECS {@code threat.indicator.sightings}. */
  public OptionalLong sightings() {
    return sightings < 0 ? OptionalLong.empty() : OptionalLong.of(sightings);
  }

  /** Returns the ports, sorted, without repeats. */
  public List<Integer> ports() {
    return ports;
  }

  /** Returns the references, sorted, without repeats. */
  public List<String> references() {
    return references;
  }

  /** Returns the tags, sorted, without repeats. */
  public List<String> tags() {
    return tags;
  }

  /** Returns the publisher's own ids: ECS {@code threat.indicator.id}; sorted, without repeats. */
  public List<String> externalIds() {
    return externalIds;
  }

  /** Returns the record as received: ECS {@code event.original}. */
  public Optional<String> original() {
    return Optional.ofNullable(original);
  }

  /**
   * Returns the union of two statements of one feed about one observable: associative, commutative
   * and idempotent.
   *
   * <p>It has the first of the first-seen times, the last of the other times, the higher
   * confidence, the stricter marking, the greater count of sightings, the lesser of two texts and
   * the union of lists and hashes. A statement without end outlasts one with an end.
   *
   * @throws IllegalArgumentException if the other statement has another feed or observable
   */
  public Indicator merge(Indicator other) {
    if (!feed.equals(other.feed) || !observable.equals(other.observable)) {
      throw new IllegalArgumentException(
          "not the same feed and observable: " + this + ", " + other);
    }
    Builder b = new Builder(observable.merge(other.observable), feed);
    b.confidence = max(confidence, other.confidence);
    b.tlp = max(tlp, other.tlp);
    b.firstSeen =
        firstSeen == null || other.firstSeen == null
            ? firstSeen == null ? other.firstSeen : firstSeen
            : firstSeen.isBefore(other.firstSeen) ? firstSeen : other.firstSeen;
    b.lastSeen = latest(lastSeen, other.lastSeen);
    b.modifiedAt = latest(modifiedAt, other.modifiedAt);
    b.validUntil =
        validUntil == null || other.validUntil == null ? null : max(validUntil, other.validUntil);
    b.description = PlainText.min(description, other.description);
    b.software = PlainText.min(software, other.software);
    b.provider = PlainText.min(provider, other.provider);
    b.country = PlainText.min(country, other.country);
    b.sightings = Math.max(sightings, other.sightings);
    b.ports = concat(ports, other.ports);
    b.references = concat(references, other.references);
    b.tags = concat(tags, other.tags);
    b.externalIds = concat(externalIds, other.externalIds);
    b.original = PlainText.min(original, other.original);
    return b.build();
  }

  private static <T extends Comparable<T>> T max(T a, T b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  private static @Nullable Instant latest(@Nullable Instant a, @Nullable Instant b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return max(a, b);
  }

  private static <T> List<T> concat(List<T> a, List<T> b) {
    if (a.isEmpty() || a.equals(b)) {
      return b;
    }
    if (b.isEmpty()) {
      return a;
    }
    List<T> all = new ArrayList<>(a.size() + b.size());
    all.addAll(a);
    all.addAll(b);
    return all;
  }

  /** Returns a builder that starts with this indicator's properties. */
  public Builder toBuilder() {
    Builder b = new Builder(observable, feed);
    b.confidence = confidence;
    b.tlp = tlp;
    b.firstSeen = firstSeen;
    b.lastSeen = lastSeen;
    b.modifiedAt = modifiedAt;
    b.validUntil = validUntil;
    b.description = description;
    b.software = software;
    b.provider = provider;
    b.country = country;
    b.sightings = sightings;
    b.ports = ports;
    b.references = references;
    b.tags = tags;
    b.externalIds = externalIds;
    b.original = original;
    return b;
  }

  /** Compares all properties, those of the observable that its equality leaves out included. */
  @Override
  public boolean equals(@Nullable Object o) {
    return o instanceof Indicator other
        && observable.equals(other.observable)
        && observable.hasSameProperties(other.observable)
        && feed.equals(other.feed)
        && confidence == other.confidence
        && tlp == other.tlp
        && Objects.equals(firstSeen, other.firstSeen)
        && Objects.equals(lastSeen, other.lastSeen)
        && Objects.equals(modifiedAt, other.modifiedAt)
        && Objects.equals(validUntil, other.validUntil)
        && Objects.equals(description, other.description)
        && Objects.equals(software, other.software)
        && Objects.equals(provider, other.provider)
        && Objects.equals(country, other.country)
        && sightings == other.sightings
        && ports.equals(other.ports)
        && references.equals(other.references)
        && tags.equals(other.tags)
        && externalIds.equals(other.externalIds)
        && Objects.equals(original, other.original);
  }

  @Override
  public int hashCode() {
    return Objects.hash(observable, feed, confidence, firstSeen, lastSeen, validUntil, tags);
  }

  @Override
  public String toString() {
    return feed.id() + ' ' + observable;
  }

  /**
   * Collects the properties of an indicator. Not thread-safe.
   *
   * <p>Texts lose the white space around them, and control characters become blanks.
   */
  public static final class Builder {
    private final CyberObservable observable;
    private final FeedInfo feed;
    private @Nullable Confidence confidence;
    private @Nullable Tlp tlp;
    private @Nullable Instant firstSeen;
    private @Nullable Instant lastSeen;
    private @Nullable Instant modifiedAt;
    private @Nullable Instant validUntil;
    private @Nullable String description;
    private @Nullable String software;
    private @Nullable String provider;
    private @Nullable String country;
    private long sightings = -1;
    private List<Integer> ports = List.of();
    private List<String> references = List.of();
    private List<String> tags = List.of();
    private List<String> externalIds = List.of();
    private @Nullable String original;

    private Builder(CyberObservable observable, FeedInfo feed) {
      this.observable = Objects.requireNonNull(observable, "observable");
      this.feed = Objects.requireNonNull(feed, "feed");
    }

    /** Sets the confidence; null means the feed's default. */
    public Builder confidence(@Nullable Confidence confidence) {
      this.confidence = confidence;
      return this;
    }

    /** Sets the marking; null means the feed's. */
    public Builder tlp(@Nullable Tlp tlp) {
      this.tlp = tlp;
      return this;
    }

    /** Sets when the publisher first saw it; null means unknown. */
    public Builder firstSeen(@Nullable Instant firstSeen) {
      this.firstSeen = firstSeen;
      return this;
    }

    /** Sets when the publisher last saw it; null means unknown. */
    public Builder lastSeen(@Nullable Instant lastSeen) {
      this.lastSeen = lastSeen;
      return this;
    }

    /** Sets when the publisher changed it; null means unknown. */
    public Builder modifiedAt(@Nullable Instant modifiedAt) {
      this.modifiedAt = modifiedAt;
      return this;
    }

    /** Sets when it ends; null means that the publisher does not say. */
    public Builder validUntil(@Nullable Instant validUntil) {
      this.validUntil = validUntil;
      return this;
    }

    /** Sets the description, cut to 1024 characters; null or blank means none. */
    public Builder description(@Nullable String description) {
      this.description = PlainText.clean(description, MAX_DESCRIPTION);
      return this;
    }

    /** Sets the malware or tool family, cut to 256 characters; null or blank means none. */
    public Builder software(@Nullable String software) {
      this.software = PlainText.clean(software, MAX_NAME);
      return this;
    }

    /** Sets who reported it, cut to 256 characters; null or blank means none. */
    public Builder provider(@Nullable String provider) {
      this.provider = PlainText.clean(provider, MAX_NAME);
      return this;
    }

    /** Sets the country code; null or what is not two letters means none. */
    public Builder country(@Nullable String country) {
      String code = PlainText.clean(country, MAX_NAME);
      this.country = code != null && isCountry(code) ? code.toUpperCase(Locale.ROOT) : null;
      return this;
    }

    /** Sets how often it was seen; negative means unknown. */
    public Builder sightings(long sightings) {
      this.sightings = Math.max(sightings, -1);
      return this;
    }

    /** Adds a port; a number outside 1 to 65535 is left out. */
    public Builder port(int port) {
      if (port >= 1 && port <= 65_535) {
        ports = add(ports, port);
      }
      return this;
    }

    /**
     * Adds a reference, cut to 2048 characters; null or blank adds nothing. The first 64 in order
     * are kept.
     */
    public Builder reference(@Nullable String reference) {
      references = add(references, PlainText.clean(reference, MAX_REFERENCE));
      return this;
    }

    /**
     * Adds a tag, cut to 256 characters; null or blank adds nothing. The first 64 in order are
     * kept.
     */
    public Builder tag(@Nullable String tag) {
      tags = add(tags, PlainText.clean(tag, MAX_TAG));
      return this;
    }

    /** Adds tags; null and blank ones are left out. */
    public Builder tags(Iterable<? extends @Nullable String> tags) {
      for (@Nullable String tag : tags) {
        tag(tag);
      }
      return this;
    }

    /** Adds an id of the publisher, cut to 256 characters; null or blank adds nothing. */
    public Builder externalId(@Nullable String externalId) {
      externalIds = add(externalIds, PlainText.clean(externalId, MAX_EXTERNAL_ID));
      return this;
    }

    /** Sets the record as received, cut to 32768 characters; null means not kept. */
    public Builder original(@Nullable String original) {
      this.original = original == null ? null : PlainText.cut(original, MAX_ORIGINAL);
      return this;
    }

    private static <T> List<T> add(List<T> values, @Nullable T value) {
      if (value == null) {
        return values;
      }
      if (values.isEmpty()) {
        return List.of(value);
      }
      // Others than ArrayList are those of an indicator, or of one value as most lists have.
      List<T> result = values instanceof ArrayList ? values : new ArrayList<>(values);
      result.add(value);
      return result;
    }

    private static boolean isCountry(String code) {
      return code.length() == 2 && isLetter(code.charAt(0)) && isLetter(code.charAt(1));
    }

    private static boolean isLetter(char c) {
      return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    /** Builds the indicator. */
    public Indicator build() {
      return new Indicator(this);
    }
  }
}
