// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The fields that rules compare, with their types and who maps them. Not all of ECS: what a rule on
 * threat lists can mean.
 *
 * <p>The table has a line for each field: side (event or indicator), name, type, the sources whose
 * templates map it ({@code ?} where it is mapped with the first event that has it), the case in
 * which hexadecimal digits are written, and the types of indicators that carry it besides those
 * that are about it.
 */
final class FieldTable {
  /** Sources of events, by the beginning of the names of their indices. */
  private static final Map<String, String> SOURCES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("auditbeat", "auditbeat-"),
              Map.entry("packetbeat", "packetbeat-"),
              Map.entry("filebeat", "filebeat-"),
              Map.entry("winlogbeat", "winlogbeat-"),
              Map.entry("fim", "logs-fim.event-"),
              Map.entry("network_traffic.flow", "logs-network_traffic.flow-"),
              Map.entry("network_traffic.dns", "logs-network_traffic.dns-"),
              Map.entry("network_traffic.http", "logs-network_traffic.http-"),
              Map.entry("network_traffic.tls", "logs-network_traffic.tls-"),
              Map.entry("endpoint.file", "logs-endpoint.events.file-"),
              Map.entry("endpoint.process", "logs-endpoint.events.process-"),
              Map.entry("endpoint.library", "logs-endpoint.events.library-"),
              Map.entry("endpoint.network", "logs-endpoint.events.network-"),
              Map.entry("endpoint.registry", "logs-endpoint.events.registry-"),
              Map.entry("netflow", "logs-netflow.log-")));

  private static final Set<String> BEATS =
      Set.of("auditbeat", "packetbeat", "filebeat", "winlogbeat");

  /** Groups of fields of which the table has all that exist. */
  private static final List<String> WHOLE =
      List.of("file.hash.", "process.hash.", "dll.hash.", "threat.indicator.file.hash.", "tip.");

  /** Groups of ECS below {@code threat.indicator}, besides its own fields. */
  private static final Set<String> BELOW_INDICATOR =
      Set.of(
          "as",
          "confidence",
          "description",
          "email",
          "file",
          "first_seen",
          "geo",
          "id",
          "ip",
          "last_seen",
          "marking",
          "modified_at",
          "name",
          "port",
          "provider",
          "reference",
          "registry",
          "scanner_stats",
          "sightings",
          "type",
          "url",
          "x509");

  /** Groups of ECS below {@code threat}. */
  private static final Set<String> BELOW_THREAT =
      Set.of(
          "enrichments",
          "feed",
          "framework",
          "group",
          "indicator",
          "software",
          "tactic",
          "technique");

  private static final FieldTable TABLE = read();

  private final Map<String, Field> events;
  private final Map<String, Field> indicators;

  private FieldTable(Map<String, Field> events, Map<String, Field> indicators) {
    this.events = events;
    this.indicators = indicators;
  }

  static Optional<Field> event(String name) {
    return Optional.ofNullable(TABLE.events.get(name));
  }

  static Optional<Field> indicator(String name) {
    return Optional.ofNullable(TABLE.indicators.get(name));
  }

  static Collection<Field> indicators() {
    return TABLE.indicators.values();
  }

  static Collection<Field> events() {
    return TABLE.events.values();
  }

  /** Returns whether no document of an indicator can have the field; false if that is not known. */
  static boolean isNoIndicatorField(String name) {
    if (TABLE.indicators.containsKey(name)) {
      return false;
    }
    if (WHOLE.stream().anyMatch(group -> group.startsWith("t") && name.startsWith(group))) {
      return true;
    }
    String[] path = name.split("\\.", 4);
    return path[0].equals("threat")
        && (path.length < 2
            || !BELOW_THREAT.contains(path[1])
            || path[1].equals("indicator")
                && (path.length < 3 || !BELOW_INDICATOR.contains(path[2])));
  }

  /** Returns whether no event can have the field; false if that is not known. */
  static boolean isNoEventField(String name) {
    return !TABLE.events.containsKey(name) && WHOLE.stream().anyMatch(name::startsWith);
  }

  /** Returns the known sources that an index pattern reads. */
  static List<String> sources(String pattern) {
    return SOURCES.entrySet().stream()
        .filter(s -> reads(pattern, s.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Returns whether an index pattern reads a known source and nothing else. */
  static boolean isKnown(String pattern) {
    String prefix = Glob.prefix(pattern);
    return Stream.concat(SOURCES.values().stream(), Stream.of("logs-network_traffic."))
        .anyMatch(prefix::startsWith);
  }

  /** Returns whether an index pattern reads indices whose names begin like this. */
  static boolean reads(String pattern, String beginning) {
    return Glob.prefix(pattern).startsWith(beginning) || Glob.fits(pattern, beginning + "x");
  }

  private static FieldTable read() {
    Map<String, Field> events = new TreeMap<>();
    Map<String, Field> indicators = new TreeMap<>();
    try (InputStream in = FieldTable.class.getResourceAsStream("fields.tsv")) {
      if (in == null) {
        throw new IllegalStateException("fields.tsv is missing from the jar");
      }
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split("\t", -1))
          .forEach(
              line ->
                  (line[0].equals("event") ? events : indicators).put(line[1], new Field(line)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new FieldTable(events, indicators);
  }

  /** How values of two types compare. */
  enum Kind {
    TEXT,
    ADDRESS,
    NETWORK,
    NUMBER
  }

  /** A field and what is known of it. */
  static final class Field {
    final String name;
    final String type;

    /** How hexadecimal digits are written: {@code lower}, {@code upper}, or empty. */
    final String digits;

    /** Types of indicators that carry the field without being about it. */
    final List<String> carriers;

    /** Whether the template maps it, by source; false if the first event does. */
    private final Map<String, Boolean> mapped = new HashMap<>();

    private Field(String[] line) {
      this.name = line[1];
      this.type = line[2];
      this.digits = line[4];
      this.carriers = line[5].isEmpty() ? List.of() : Arrays.asList(line[5].split(" ", -1));
      for (String source : line[3].split(" ", -1)) {
        boolean sure = !source.endsWith("?");
        String plain = sure ? source : source.substring(0, source.length() - 1);
        (plain.equals("beats") ? BEATS : Set.of(plain)).forEach(s -> mapped.put(s, sure));
      }
    }

    Kind kind() {
      return switch (type) {
        case "ip" -> Kind.ADDRESS;
        case "ip_range" -> Kind.NETWORK;
        case "long" -> Kind.NUMBER;
        default -> Kind.TEXT;
      };
    }

    boolean isMappedBy(String source) {
      return mapped.containsKey(source);
    }

    boolean isSurelyMappedBy(String source) {
      return mapped.getOrDefault(source, false);
    }
  }
}
