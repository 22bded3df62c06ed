// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sink;

import java.io.IOException;
import java.util.Map;

/**
 * Creates sinks of one kind. Found with {@link java.util.ServiceLoader}: a public class with a
 * public constructor without parameters.
 */
public interface IndicatorSinkProvider {

  /** Returns the name of the kind, for example {@code elasticsearch}. */
  String name();

  /**
   * Creates a sink, which the caller closes.
   *
   * @param settings settings by name; the provider documents them
   * @throws IllegalArgumentException if a setting is missing, unknown or cannot be used; the
   *     message names it
   * @throws IOException if a resource cannot be opened
   */
  IndicatorSink create(Map<String, String> settings) throws IOException;
}
