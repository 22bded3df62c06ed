// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sink;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Creates sinks of the kind {@code ndjson}.
 *
 * <p>Settings, all optional:
 *
 * <ul>
 *   <li>{@code file}: the file to append to; {@code -}, the default, is standard output
 *   <li>{@code bulk-alias}: writes operations of Elasticsearch's bulk API for that alias instead of
 *       plain documents
 *   <li>{@code redistributes}: {@code true} if the lines are passed on to others; default {@code
 *       false}
 * </ul>
 */
public final class NdjsonSinkProvider implements IndicatorSinkProvider {
  private static final Set<String> SETTINGS = Set.of("file", "bulk-alias", "redistributes");

  /** Creates the provider. */
  public NdjsonSinkProvider() {}

  @Override
  public String name() {
    return "ndjson";
  }

  @Override
  public IndicatorSink create(Map<String, String> settings) throws IOException {
    for (String name : settings.keySet()) {
      if (!SETTINGS.contains(name)) {
        throw new IllegalArgumentException(
            "sink ndjson has no setting " + name + "; it has " + new TreeSet<>(SETTINGS));
      }
    }
    String file = settings.getOrDefault("file", "-");
    NdjsonSink.Builder builder =
        file.equals("-")
            ? NdjsonSink.builder(new FileOutputStream(FileDescriptor.out))
            : NdjsonSink.builder(path(file));
    String alias = settings.get("bulk-alias");
    if (alias != null) {
      builder.bulk(alias);
    }
    return builder.redistributes(redistributes(settings)).build();
  }

  private static Path path(String file) {
    try {
      return Path.of(file);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("setting file is not a path: " + e.getMessage(), e);
    }
  }

  private static boolean redistributes(Map<String, String> settings) {
    String value = settings.getOrDefault("redistributes", "false");
    if (!value.equals("true") && !value.equals("false")) {
      throw new IllegalArgumentException("setting redistributes must be true or false: " + value);
    }
    return value.equals("true");
  }
}
