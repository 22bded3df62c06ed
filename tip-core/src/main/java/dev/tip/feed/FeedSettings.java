// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import dev.tip.Confidence;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a host changes about feeds, by feed id, and what else its providers need to know. Immutable.
 */
public final class FeedSettings {
  private static final FeedSettings DEFAULTS = builder().build();

  private final Map<String, Override> overrides;
  private final Map<String, String> properties;
  private final List<FeedProvider> providers;

  private FeedSettings(Builder b) {
    this.overrides = Map.copyOf(b.overrides);
    this.properties = Map.copyOf(b.properties);
    this.providers = List.copyOf(b.providers);
  }

  /** Returns settings that change nothing. */
  public static FeedSettings defaults() {
    return DEFAULTS;
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns what is changed about a feed. */
  public Optional<Override> override(String feedId) {
    return Optional.ofNullable(overrides.get(feedId));
  }

  List<FeedProvider> providers() {
    return providers;
  }

  Set<String> overridden() {
    return overrides.keySet();
  }

  /** Returns a property for a provider, for example the address of a TAXII server. */
  public Optional<String> property(String name) {
    return Optional.ofNullable(properties.get(name));
  }

  /**
   * What is changed about one feed; null leaves the feed's own value.
   *
   * @param location another address
   * @param minInterval another minimum interval
   * @param timeToLive another time to live
   * @param confidence another default confidence
   */
  @SuppressWarnings("JavaLangClash") // The annotation of that name is not needed in this class.
  public record Override(
      @Nullable URI location,
      @Nullable Duration minInterval,
      @Nullable Duration timeToLive,
      @Nullable Confidence confidence) {
    /** Returns what the feed is with these changes; the location is no part of that. */
    public FeedInfo appliedTo(FeedInfo info) {
      FeedInfo.Builder changed = info.toBuilder();
      if (minInterval != null) {
        changed.minInterval(minInterval);
      }
      if (timeToLive != null) {
        changed.timeToLive(timeToLive);
      }
      if (confidence != null) {
        changed.confidence(confidence);
      }
      return changed.build();
    }
  }

  /** Collects settings. Not thread-safe. */
  public static final class Builder {
    private final Map<String, Override> overrides = new HashMap<>();
    private final Map<String, String> properties = new HashMap<>();
    private final List<FeedProvider> providers = new ArrayList<>();

    private Builder() {}

    /** Changes a feed. */
    public Builder override(String feedId, Override override) {
      overrides.put(Objects.requireNonNull(feedId), Objects.requireNonNull(override));
      return this;
    }

    /**
     * Adds the changes that a file says: a JSON object with a member for each feed to be changed,
     * for example
     *
     * <pre>{@code
     * {
     *   "spamhaus-drop-v4": {"url": "https://mirror.example/drop_v4.json", "interval": "PT12H"},
     *   "abusech-urlhaus": {"timeToLive": "P10D", "confidence": "Medium"}
     * }
     * }</pre>
     *
     * <p>{@code url} is the {@link Override#location location}, {@code interval} the minimum
     * interval, both times are ISO 8601 durations of days or less, {@code confidence} is a value of
     * {@link Confidence}.
     *
     * @param json UTF-8, at most 1 MiB; not closed
     * @throws IOException if it cannot be read, or is not of this form; the message says where
     */
    public Builder overrides(InputStream json) throws IOException {
      OverridesFile.read(json).forEach(this::override);
      return this;
    }

    /** Adds a provider whose feeds are there besides those of the installed ones. */
    public Builder provider(FeedProvider provider) {
      providers.add(Objects.requireNonNull(provider, "provider"));
      return this;
    }

    /** Sets a property for providers. */
    public Builder property(String name, String value) {
      properties.put(Objects.requireNonNull(name), Objects.requireNonNull(value));
      return this;
    }

    /** Builds the settings. */
    public FeedSettings build() {
      return new FeedSettings(this);
    }
  }
}
