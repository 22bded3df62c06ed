// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.Tlp;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a feed is: who publishes it, on which terms, what it means and what it promises. Immutable.
 *
 * <p>Equal by {@linkplain #id() id}.
 */
public final class FeedInfo {
  private final String id;
  private final String name;
  private final String provider;
  private final URI reference;
  private final @Nullable String description;
  private final Tlp tlp;
  private final Confidence confidence;
  private final Role role;
  private final Coverage coverage;
  private final @Nullable Duration timeToLive;
  private final Duration minInterval;
  private final Auth auth;
  private final @Nullable String secretName;
  private final Status status;
  private final @Nullable LocalDate statusSince;
  private final @Nullable String statusNote;
  private final Terms terms;
  private final Set<CyberObservable.Type> types;
  private final ContentContract contract;

  private FeedInfo(Builder b) {
    this.id = b.id;
    this.name = b.name != null ? b.name : b.id;
    this.provider = Objects.requireNonNull(b.provider, "provider");
    this.reference = Objects.requireNonNull(b.reference, "reference");
    this.description = b.description;
    this.tlp = b.tlp;
    this.confidence = b.confidence;
    this.role = Objects.requireNonNull(b.role, "role");
    this.coverage = Objects.requireNonNull(b.coverage, "coverage");
    this.timeToLive = b.timeToLive;
    this.minInterval = b.minInterval;
    this.auth = b.auth;
    this.secretName = b.secretName;
    this.status = b.status;
    this.statusSince = b.statusSince;
    this.statusNote = b.statusNote;
    this.terms = Objects.requireNonNull(b.terms, "terms");
    this.types = Collections.unmodifiableSet(EnumSet.copyOf(b.types));
    this.contract = b.contract;
  }

  /**
   * Returns a builder.
   *
   * @param id {@code publisher-list}: lower-case letters, digits and hyphens, at most 64, starting
   *     with a letter; it is part of every indicator's id and never reused
   * @throws IllegalArgumentException if the id is not of that form
   */
  public static Builder builder(String id) {
    return new Builder(id);
  }

  /** Returns the id, for example {@code abusech-urlhaus}. */
  public String id() {
    return id;
  }

  /** Returns the name for people: ECS {@code threat.feed.name}. */
  public String name() {
    return name;
  }

  /** Returns who publishes it: ECS {@code event.provider}. */
  public String provider() {
    return provider;
  }

  /** Returns the publisher's page about it: ECS {@code threat.feed.reference}. */
  public URI reference() {
    return reference;
  }

  /** Returns a sentence about it: ECS {@code threat.feed.description}. */
  public Optional<String> description() {
    return Optional.ofNullable(description);
  }

  /** Returns the marking of its indicators. */
  public Tlp tlp() {
    return tlp;
  }

  /** Returns the confidence of indicators whose record has none. */
  public Confidence confidence() {
    return confidence;
  }

  /** Returns what being on the list means. */
  public Role role() {
    return role;
  }

  /** Returns what absence from the list means. */
  public Coverage coverage() {
    return coverage;
  }

  /** Returns how long an indicator lives after it was last seen; empty means without end. */
  public Optional<Duration> timeToLive() {
    return Optional.ofNullable(timeToLive);
  }

  /** Returns the least time between two requests. */
  public Duration minInterval() {
    return minInterval;
  }

  /** Returns how the feed authenticates its readers. */
  public Auth auth() {
    return auth;
  }

  /** Returns the name of the secret, if there is one: not the secret. */
  public Optional<String> secretName() {
    return Optional.ofNullable(secretName);
  }

  /** Returns the state of the feed as its publisher keeps it. */
  public Status status() {
    return status;
  }

  /** Returns since when the status holds, where known. */
  public Optional<LocalDate> statusSince() {
    return Optional.ofNullable(statusSince);
  }

  /** Returns what to know about the status, for example the successor. */
  public Optional<String> statusNote() {
    return Optional.ofNullable(statusNote);
  }

  /** Returns the terms of use. */
  public Terms terms() {
    return terms;
  }

  /** Returns the types of observables it states something about. */
  public Set<CyberObservable.Type> types() {
    return types;
  }

  /** Returns what a healthy body of this feed looks like. */
  public ContentContract contract() {
    return contract;
  }

  /** Returns a builder that starts with these values. */
  public Builder toBuilder() {
    Builder b = new Builder(id);
    b.name = name;
    b.provider = provider;
    b.reference = reference;
    b.description = description;
    b.tlp = tlp;
    b.confidence = confidence;
    b.role = role;
    b.coverage = coverage;
    b.timeToLive = timeToLive;
    b.minInterval = minInterval;
    b.auth = auth;
    b.secretName = secretName;
    b.status = status;
    b.statusSince = statusSince;
    b.statusNote = statusNote;
    b.terms = terms;
    b.types.addAll(types);
    b.contract = contract;
    return b;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof FeedInfo other && id.equals(other.id);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return id;
  }

  /** What being on a list means. */
  public enum Role {
    /** Command and control of malware. */
    C2,
    /** Malware, or where it is spread from. */
    MALWARE_DISTRIBUTION,
    /** Phishing. */
    PHISHING,
    /** Hosts that scan or attack others. */
    SCANNER,
    /** Exits of anonymising networks. */
    ANONYMISER,
    /** Networks or hosts of bad repute. */
    REPUTATION;

    /** Returns the name in lower case with hyphens, as written to {@code tip.indicator.role}. */
    public String value() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns whether a connection to such an indicator is in itself worth an alert. */
    public boolean isHighSignal() {
      return this == C2 || this == MALWARE_DISTRIBUTION || this == PHISHING;
    }
  }

  /** What absence from a list means. */
  public enum Coverage {
    /** The whole list: what is absent after a healthy fetch is withdrawn. */
    SNAPSHOT,
    /** The newest part: absence means nothing, indicators live for their time to live. */
    WINDOW,
    /** Changes since a cursor: indicators end by revocation, {@code validUntil} or time to live. */
    INCREMENTAL
  }

  /** How a feed authenticates its readers. */
  public enum Auth {
    /** Not at all. */
    NONE,
    /** A key may be sent. */
    OPTIONAL_KEY,
    /** A key must be sent. */
    KEY
  }

  /** The state of a feed as its publisher keeps it. */
  public enum Status {
    /** It is kept up. */
    ACTIVE,
    /** It answers but has little or old data. */
    DEGRADED,
    /** It is given up; it is not fetched. */
    RETIRED
  }

  /** Collects what a feed is. Not thread-safe. */
  public static final class Builder {
    private final String id;
    private @Nullable String name;
    private @Nullable String provider;
    private @Nullable URI reference;
    private @Nullable String description;
    private Tlp tlp = Tlp.CLEAR;
    private Confidence confidence = Confidence.NOT_SPECIFIED;
    private @Nullable Role role;
    private @Nullable Coverage coverage;
    private @Nullable Duration timeToLive;
    private Duration minInterval = Duration.ofHours(1);
    private Auth auth = Auth.NONE;
    private @Nullable String secretName;
    private Status status = Status.ACTIVE;
    private @Nullable LocalDate statusSince;
    private @Nullable String statusNote;
    private @Nullable Terms terms;
    private final Set<CyberObservable.Type> types = EnumSet.noneOf(CyberObservable.Type.class);
    private ContentContract contract = ContentContract.DEFAULT;

    private Builder(String id) {
      this.id = checkId(id);
    }

    private static String checkId(String id) {
      boolean good =
          !id.isEmpty() && id.length() <= 64 && id.charAt(0) >= 'a' && id.charAt(0) <= 'z';
      for (int i = 0; good && i < id.length(); i++) {
        char c = id.charAt(i);
        good = c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z';
      }
      if (!good) {
        throw new IllegalArgumentException(
            "feed id must be lower-case letters, digits and hyphens, at most 64, starting with a letter: "
                + id);
      }
      return id;
    }

    /** Sets the name for people; default: the id. */
    public Builder name(String name) {
      this.name = Objects.requireNonNull(name);
      return this;
    }

    /** Sets the publisher; required. */
    public Builder provider(String provider) {
      this.provider = Objects.requireNonNull(provider);
      return this;
    }

    /** Sets the publisher's page; required. */
    public Builder reference(URI reference) {
      this.reference = Objects.requireNonNull(reference);
      return this;
    }

    /** Sets a sentence about the feed; default: none. */
    public Builder description(String description) {
      this.description = Objects.requireNonNull(description);
      return this;
    }

    /** Sets the marking; default: {@link Tlp#CLEAR}. */
    public Builder tlp(Tlp tlp) {
      this.tlp = Objects.requireNonNull(tlp);
      return this;
    }

    /** Sets the default confidence; default: {@link Confidence#NOT_SPECIFIED}. */
    public Builder confidence(Confidence confidence) {
      this.confidence = Objects.requireNonNull(confidence);
      return this;
    }

    /** Sets the role; required. */
    public Builder role(Role role) {
      this.role = Objects.requireNonNull(role);
      return this;
    }

    /** Sets the coverage; required. */
    public Builder coverage(Coverage coverage) {
      this.coverage = Objects.requireNonNull(coverage);
      return this;
    }

    /** Sets the time to live since last seen; default: without end. */
    public Builder timeToLive(@Nullable Duration timeToLive) {
      this.timeToLive = timeToLive;
      return this;
    }

    /** Sets the least time between two requests; default: one hour. */
    public Builder minInterval(Duration minInterval) {
      this.minInterval = Objects.requireNonNull(minInterval);
      return this;
    }

    /** Sets kind of authentication and name of the secret; default: none. */
    public Builder auth(Auth auth, String secretName) {
      this.auth = Objects.requireNonNull(auth);
      this.secretName = Objects.requireNonNull(secretName);
      return this;
    }

    /** Says that there is no authentication. */
    public Builder noAuth() {
      this.auth = Auth.NONE;
      this.secretName = null;
      return this;
    }

    /**
     * Sets the status; default: active.
     *
     * @param since since when, or null if unknown
     * @param note what a user should know, for example the successor
     */
    public Builder status(Status status, @Nullable LocalDate since, String note) {
      this.status = Objects.requireNonNull(status);
      this.statusSince = since;
      this.statusNote = Objects.requireNonNull(note);
      return this;
    }

    /** Sets the terms; required. */
    public Builder terms(Terms terms) {
      this.terms = Objects.requireNonNull(terms);
      return this;
    }

    /** Adds types of observables; at least one is required. */
    public Builder types(CyberObservable.Type first, CyberObservable.Type... more) {
      types.add(first);
      Collections.addAll(types, more);
      return this;
    }

    /** Sets what a healthy body looks like; default: {@link ContentContract#DEFAULT}. */
    public Builder contract(ContentContract contract) {
      this.contract = Objects.requireNonNull(contract);
      return this;
    }

    /**
     * Builds it.
     *
     * @throws NullPointerException if a required value is missing
     * @throws IllegalArgumentException if there is no type
     */
    public FeedInfo build() {
      if (types.isEmpty()) {
        throw new IllegalArgumentException(
            id + ": a feed states something about at least one type");
      }
      return new FeedInfo(this);
    }
  }
}
