// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a feed wants to remember until its next fetch: validators, cursors. Opaque to everyone else;
 * immutable.
 *
 * <p>Save it after everything read is stored, not before.
 */
public final class FetchState {
  /** The most bytes that keys and values may have together, in UTF-8. */
  public static final int MAX_BYTES = 65_536;

  private final Map<String, String> values;

  private FetchState(Map<String, String> values) {
    this.values = Collections.unmodifiableMap(new TreeMap<>(values));
  }

  /**
   * Returns a state with these values.
   *
   * @throws IllegalArgumentException if they have more than {@value #MAX_BYTES} bytes
   */
  public static FetchState of(Map<String, String> values) {
    long bytes = 0;
    for (Map.Entry<String, String> e : values.entrySet()) {
      bytes += e.getKey().getBytes(StandardCharsets.UTF_8).length;
      bytes += e.getValue().getBytes(StandardCharsets.UTF_8).length;
    }
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "fetch state has " + bytes + " bytes, at most " + MAX_BYTES + " are kept");
    }
    return new FetchState(values);
  }

  /** Returns the value of a key. */
  public Optional<String> get(String key) {
    return Optional.ofNullable(values.get(key));
  }

  /** Returns all values, sorted by key, unmodifiable. */
  public Map<String, String> asMap() {
    return values;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof FetchState other && values.equals(other.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  /** Returns the keys only: a cursor can be a secret. */
  @Override
  public String toString() {
    return "FetchState" + values.keySet();
  }
}
