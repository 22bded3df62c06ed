// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import dev.tip.feed.FeedInfo;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One statement by one feed about one {@link CyberObservable}. Immutable.
 *
 * <p>Its {@linkplain #id() id} depends on feed, type and canonical value only, so that writing it twice is writing it
 * once.
 */
public final class Indicator {
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
    this.ports = List.copyOf(b.ports);
    this.references = List.copyOf(b.references);
    this.tags = List.copyOf(b.tags);
    this.externalIds = List.copyOf(b.externalIds);
    this.original = b.original;
  }

  /** Returns a builder of a statement of the feed about the observable. */
  public static Builder builder(CyberObservable observable, FeedInfo feed) {
    return new Builder(observable, feed);
  }

  /** Returns the id: 27 characters of base64url. */
  public String id() {
    throw new UnsupportedOperationException("pending");
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
   * Returns the union of two statements of one feed about one observable: associative, commutative and idempotent.
   *
   * @throws IllegalArgumentException if the other statement has another feed or observable
   */
  public Indicator merge(Indicator other) {
    throw new UnsupportedOperationException("pending");
  }

  /** Returns a builder that starts with this indicator's properties. */
  public Builder toBuilder() {
    throw new UnsupportedOperationException("pending");
  }

  /** Collects the properties of an indicator. Not thread-safe. */
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

    /** Sets the description; null or blank means none. */
    public Builder description(@Nullable String description) {
      this.description = description;
      return this;
    }

    /** Sets the malware or tool family; null or blank means none. */
    public Builder software(@Nullable String software) {
      this.software = software;
      return this;
    }

    /** Sets who reported it; null or blank means none. */
    public Builder provider(@Nullable String provider) {
      this.provider = provider;
      return this;
    }

    /** Sets the country code; null or blank means none. */
    public Builder country(@Nullable String country) {
      this.country = country;
      return this;
    }

    /** Sets how often it was seen; negative means unknown. */
    public Builder sightings(long sightings) {
      this.sightings = sightings;
      return this;
    }

    /** Adds a port; a number outside 1 to 65535 is left out. */
    public Builder port(int port) {
      throw new UnsupportedOperationException("pending");
    }

    /** Adds a reference; null or blank adds nothing. */
    public Builder reference(@Nullable String reference) {
      throw new UnsupportedOperationException("pending");
    }

    /** Adds a tag; null or blank adds nothing. */
    public Builder tag(@Nullable String tag) {
      throw new UnsupportedOperationException("pending");
    }

    /** Adds tags; null and blank ones are left out. */
    public Builder tags(Iterable<String> tags) {
      throw new UnsupportedOperationException("pending");
    }

    /** Adds an id of the publisher; null or blank adds nothing. */
    public Builder externalId(@Nullable String externalId) {
      throw new UnsupportedOperationException("pending");
    }

    /** Sets the record as received; null means not kept. */
    public Builder original(@Nullable String original) {
      this.original = original;
      return this;
    }

    /** Builds the indicator. */
    public Indicator build() {
      return new Indicator(this);
    }
  }
}
