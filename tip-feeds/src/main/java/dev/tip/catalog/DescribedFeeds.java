// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tip.catalog.FeedDescriptionException.Problem;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedProvider;
import dev.tip.feed.FeedSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Feeds that are described in JSON files, without code; {@code docs/add-a-feed.md} says how.
 * Immutable and thread-safe.
 *
 * <p>A description says what a row of the built-in catalogue says, and becomes the same. To use the
 * feeds beside the installed ones:
 *
 * <pre>{@code
 * FeedSettings settings =
 *     FeedSettings.builder().provider(DescribedFeeds.read(Path.of("feeds.json"))).build();
 * SortedMap<String, Feed> feeds = Feeds.installed(settings);
 * }</pre>
 *
 * <p>A file has at most 1 MiB and a folder 1000 files.
 */
public final class DescribedFeeds implements FeedProvider {
  private static final int MAX_FILES = 1000;

  private final List<Entry> entries;

  private DescribedFeeds(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /**
   * Reads a description.
   *
   * @param path a JSON file, or a folder of which the files are read whose names end with {@code
   *     .json}
   * @throws FeedDescriptionException if a file is no description; it has all that is wrong
   * @throws IOException if a file cannot be read
   */
  public static DescribedFeeds read(Path path) throws IOException {
    List<Entry> entries = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    Map<String, String> owners = new HashMap<>();
    for (Path file : files(path)) {
      String name = file.toString();
      try (InputStream in = Files.newInputStream(file)) {
        for (Entry entry : DescriptionReader.read(in.readNBytes(Node.MAX_BYTES + 1))) {
          String other = owners.putIfAbsent(entry.id(), name);
          if (other != null) {
            problems.add(
                new Problem(
                    name, 1, 1, "a feed in " + other + " is called " + entry.id() + " already"));
          }
          entries.add(entry);
        }
      } catch (FeedDescriptionException e) {
        e.problems().forEach(problem -> problems.add(problem.in(name)));
      }
    }
    if (!problems.isEmpty()) {
      throw new FeedDescriptionException(problems);
    }
    return new DescribedFeeds(entries);
  }

  private static List<Path> files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> all = Files.list(path)) {
      List<Path> files =
          all.filter(file -> file.toString().endsWith(".json"))
              .filter(Files::isRegularFile)
              .sorted()
              .limit(MAX_FILES + 1)
              .toList();
      if (files.isEmpty() || files.size() > MAX_FILES) {
        throw new IOException(path + " must have 1 to " + MAX_FILES + " files that end with .json");
      }
      return files;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * Reads a description.
   *
   * @param json UTF-8: a feed, or an array of feeds; not closed
   * @throws FeedDescriptionException if it is no description; it has all that is wrong
   * @throws IOException if it cannot be read
   */
  public static DescribedFeeds read(InputStream json) throws IOException {
    return new DescribedFeeds(DescriptionReader.read(json.readNBytes(Node.MAX_BYTES + 1)));
  }

  /**
   * Returns the description of a feed of the built-in catalogue, to be changed and used under
   * another id.
   *
   * @return JSON, or empty if no feed is called so or its list is read by code
   */
  public static Optional<String> ofBuiltIn(String feedId) {
    return Catalogue.ENTRIES.stream()
        .filter(entry -> entry.id().equals(feedId))
        .findFirst()
        .flatMap(Entry::description)
        .map(DescribedFeeds::json);
  }

  static String json(Object value) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      write(value, json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.append('\n').toString();
  }

  private static void write(Object value, JsonGenerator to) throws IOException {
    if (value instanceof Map<?, ?> map) {
      to.writeStartObject();
      for (Map.Entry<?, ?> member : map.entrySet()) {
        to.writeFieldName((String) member.getKey());
        write(member.getValue(), to);
      }
      to.writeEndObject();
    } else if (value instanceof List<?> list) {
      to.writeStartArray();
      for (Object element : list) {
        write(element, to);
      }
      to.writeEndArray();
    } else if (value instanceof Boolean flag) {
      to.writeBoolean(flag);
    } else if (value instanceof Long number) {
      to.writeNumber(number);
    } else if (value instanceof Double number) {
      to.writeNumber(number);
    } else {
      to.writeString((String) value);
    }
  }

  /**
   * Returns the feeds as they are with the changes, in the order of the files.
   *
   * @throws IllegalArgumentException if a change cannot be used; the message names it
   */
  @Override
  public List<Feed> feeds(FeedSettings settings) {
    return entries.stream()
        .map(entry -> entry.feed(settings.override(entry.id()).orElse(null)))
        .toList();
  }
}
