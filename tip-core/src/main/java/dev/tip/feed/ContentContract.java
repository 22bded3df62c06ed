// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.util.Collections;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a healthy body of a feed looks like. A body that breaks it is not that list, whatever its
 * HTTP status. Immutable.
 */
public final class ContentContract {
  /**
   * No marker, at least one record, no declared count, at most a tenth of the records rejected, at
   * least half of the last list.
   */
  public static final ContentContract DEFAULT = builder().build();

  private final Set<String> mediaTypes;
  private final @Nullable String marker;
  private final boolean htmlExpected;
  private final boolean mayBeEmpty;
  private final boolean declaresRecords;
  private final double maxRejectedShare;
  private final double minShareOfLast;

  private ContentContract(Builder b) {
    this.mediaTypes = Collections.unmodifiableSet(new TreeSet<>(b.mediaTypes));
    this.marker = b.marker;
    this.htmlExpected = b.htmlExpected;
    this.mayBeEmpty = b.mayBeEmpty;
    this.declaresRecords = b.declaresRecords;
    this.maxRejectedShare = b.maxRejectedShare;
    this.minShareOfLast = b.minShareOfLast;
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the media types that healthy bodies are served with, in lower case without parameters,
   * unmodifiable; empty means any but HTML.
   */
  public Set<String> mediaTypes() {
    return mediaTypes;
  }

  /** Returns text that stands within the first 16 KiB of every healthy body. */
  public Optional<String> marker() {
    return Optional.ofNullable(marker);
  }

  /** Returns whether the list is served as HTML; otherwise HTML is an error page. */
  public boolean htmlExpected() {
    return htmlExpected;
  }

  /** Returns whether a list without a record is healthy. */
  public boolean mayBeEmpty() {
    return mayBeEmpty;
  }

  /**
   * Returns whether the list states its number of records, so that its absence means a cut body.
   */
  public boolean declaresRecords() {
    return declaresRecords;
  }

  /** Returns the largest healthy share of rejected records, 0 to 1. */
  public double maxRejectedShare() {
    return maxRejectedShare;
  }

  /**
   * Returns how short a whole list may be against what was listed before, 0 to 1; what a shorter
   * one lacks is not withdrawn at once.
   */
  public double minShareOfLast() {
    return minShareOfLast;
  }

  /** Collects clauses. Not thread-safe. */
  public static final class Builder {
    private final Set<String> mediaTypes = new TreeSet<>();
    private @Nullable String marker;
    private boolean htmlExpected;
    private boolean mayBeEmpty;
    private boolean declaresRecords;
    private double maxRejectedShare = 0.1;
    private double minShareOfLast = 0.5;

    private Builder() {}

    /**
     * Adds media types that healthy bodies are served with, without parameters; default: any but
     * HTML. A response without a media type passes, and so does a file of a mirror.
     */
    public Builder mediaTypes(String first, String... more) {
      mediaTypes.add(first.toLowerCase(Locale.ROOT));
      for (String type : more) {
        mediaTypes.add(type.toLowerCase(Locale.ROOT));
      }
      return this;
    }

    /** Sets text that stands within the first 16 KiB of every healthy body; default: none. */
    public Builder marker(String marker) {
      this.marker = Objects.requireNonNull(marker);
      return this;
    }

    /** Allows HTML; default: HTML is an error page. */
    public Builder htmlExpected() {
      this.htmlExpected = true;
      return this;
    }

    /** Allows a list without a record; default: not healthy. */
    public Builder mayBeEmpty() {
      this.mayBeEmpty = true;
      return this;
    }

    /**
     * Requires that the list states its number of records; default: not required, but checked where
     * stated.
     */
    public Builder declaresRecords() {
      this.declaresRecords = true;
      return this;
    }

    /**
     * Sets the largest healthy share of rejected records; default: 0.1.
     *
     * @throws IllegalArgumentException if the share is not within 0 to 1
     */
    public Builder maxRejectedShare(double share) {
      if (!(share >= 0 && share <= 1)) {
        throw new IllegalArgumentException("share outside 0 to 1: " + share);
      }
      this.maxRejectedShare = share;
      return this;
    }

    /**
     * Sets how short a whole list may be against what was listed before; default: 0.5. It is for
     * lists of everything, of at least twenty indicators.
     *
     * @throws IllegalArgumentException if the share is not within 0 to 1
     */
    public Builder minShareOfLast(double share) {
      if (!(share >= 0 && share <= 1)) {
        throw new IllegalArgumentException("share outside 0 to 1: " + share);
      }
      this.minShareOfLast = share;
      return this;
    }

    /** Builds the contract. */
    public ContentContract build() {
      return new ContentContract(this);
    }
  }
}
