// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@link HttpFeed} remembers of the last fetch of an address: when it was, and the validators
 * (RFC 9110 §8.8) that make the next one conditional.
 *
 * @param location the address without secrets
 * @param at when it was; the epoch if that is not known
 * @param etag the entity tag as received, or null
 * @param lastModified the date as received, or null
 */
record LastFetch(
    String location, Instant at, @Nullable String etag, @Nullable String lastModified) {
  private static final String LOCATION = "location";
  private static final String FETCHED_AT = "fetched-at";
  private static final String ETAG = "etag";
  private static final String LAST_MODIFIED = "last-modified";
  private static final int MAX_VALIDATOR_LENGTH = 1024;

  /** Reads a state, which may be anyone's and anything; null if it is not of this address. */
  static @Nullable LastFetch of(@Nullable FetchState state, String location) {
    if (state == null || !state.get(LOCATION).equals(Optional.of(location))) {
      return null;
    }
    return new LastFetch(
        location,
        state.get(FETCHED_AT).map(LastFetch::instant).orElse(Instant.EPOCH),
        state.get(ETAG).filter(LastFetch::isValidator).orElse(null),
        state.get(LAST_MODIFIED).filter(LastFetch::isValidator).orElse(null));
  }

  /**
   * Returns what to remember of a response with a list.
   *
   * @param secret what no validator may show, or null
   */
  static LastFetch of(HttpHeaders received, String location, Instant now, @Nullable Secret secret) {
    return new LastFetch(
        location,
        now,
        validator(received, "ETag", secret),
        validator(received, "Last-Modified", secret));
  }

  /** Returns what to remember after a 304, which need not repeat the validators. */
  LastFetch confirmed(HttpHeaders received, Instant now, @Nullable Secret secret) {
    LastFetch heard = of(received, location, now, secret);
    return new LastFetch(
        location,
        now,
        heard.etag != null ? heard.etag : etag,
        heard.lastModified != null ? heard.lastModified : lastModified);
  }

  FetchState toState() {
    Map<String, String> values = new HashMap<>();
    values.put(LOCATION, location);
    values.put(FETCHED_AT, at.toString());
    if (etag != null) {
      values.put(ETAG, etag);
    }
    if (lastModified != null) {
      values.put(LAST_MODIFIED, lastModified);
    }
    return FetchState.of(values);
  }

  /** Returns the headers that make a request conditional; none if there is no validator. */
  Map<String, String> conditions() {
    Map<String, String> headers = new LinkedHashMap<>();
    if (etag != null) {
      headers.put("If-None-Match", etag);
    }
    if (lastModified != null) {
      headers.put("If-Modified-Since", lastModified);
    }
    return headers;
  }

  /** Returns when the next request is allowed, or null if it is now. */
  @Nullable Instant dueAt(Duration interval, Instant now) {
    // A time to come is a clock that was set back.
    if (at.isAfter(now) || interval.compareTo(Duration.between(at, now)) <= 0) {
      return null;
    }
    return at.plus(interval);
  }

  private static @Nullable Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static @Nullable String validator(
      HttpHeaders received, String name, @Nullable Secret secret) {
    return received
        .firstValue(name)
        .filter(v -> isValidator(v) && (secret == null || !secret.isIn(v)))
        .orElse(null);
  }

  /** Returns whether a header gives a text back as it came. */
  private static boolean isValidator(String text) {
    boolean good =
        !text.isEmpty() && text.length() <= MAX_VALIDATOR_LENGTH && text.strip().equals(text);
    for (int i = 0; good && i < text.length(); i++) {
      good = text.charAt(i) >= ' ' && text.charAt(i) <= '~';
    }
    return good;
  }
}
