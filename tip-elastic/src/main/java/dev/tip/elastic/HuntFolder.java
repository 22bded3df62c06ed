// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.ecs.EcsEncoder;
import dev.tip.ecs.EcsWriter;
import dev.tip.sink.Change;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is still to be hunted for: files with a document a line, the oldest first, and how far the
 * first of them is done. A process that is killed loses nothing but the line it was writing. For
 * one process at a time; appending is thread-safe, the rest is for one thread.
 */
final class HuntFolder implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(RetroHunt.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TODO = ".todo";
  private static final int NAME_DIGITS = 12;

  private final Path folder;
  private final FileChannel lock;
  private final Path cursorFile;
  private @Nullable OutputStream out;
  private @Nullable EcsWriter writer;
  private long pending;

  /**
   * How far the first file is done.
   *
   * @param file its name
   * @param from first instant of the events
   * @param to last instant of the events
   * @param line how many lines of it are done
   * @param rules stands for the rules that are run
   * @param rule how many of them are done with the lines after those
   * @param found the ids of what the next one has found
   */
  record Cursor(
      String file, Instant from, Instant to, long line, String rules, int rule, Set<String> found) {
    Cursor {
      found = new LinkedHashSet<>(found);
    }
  }

  private HuntFolder(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
    this.cursorFile = folder.resolve("cursor.json");
  }

  /**
   * Opens a folder, which is made if it is absent.
   *
   * @throws IOException if it cannot be used, or another process has it
   */
  static HuntFolder open(Path folder) throws IOException {
    Files.createDirectories(folder);
    FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    HuntFolder opened = null;
    try {
      if (channel.tryLock() == null) {
        throw busy(folder);
      }
      opened = new HuntFolder(folder, channel);
      opened.pending = opened.count();
      return opened;
    } catch (OverlappingFileLockException e) {
      throw busy(folder);
    } finally {
      if (opened == null) {
        channel.close();
      }
    }
  }

  private static IOException busy(Path folder) {
    return new IOException("another hunt has the folder " + folder + "; wait until it is through");
  }

  private long count() throws IOException {
    long lines = 0;
    for (String file : files()) {
      try (BufferedReader reader = read(file)) {
        while (reader.readLine() != null) {
          lines++;
        }
      }
    }
    Cursor cursor = cursor();
    return lines - (cursor == null ? 0 : cursor.line());
  }

  /** Returns how many indicators are still to be hunted for. */
  synchronized long pending() {
    return pending;
  }

  private List<String> files() throws IOException {
    TreeSet<String> names = new TreeSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + TODO)) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    return List.copyOf(names);
  }

  /** Adds an indicator. */
  synchronized void add(Change.Upsert change) throws IOException {
    writer().write(change);
    pending++;
  }

  /** Adds the document of an indicator, as the sink wrote it. */
  synchronized void add(JsonNode document) throws IOException {
    writer().flush();
    stream().write((document + "\n").getBytes(StandardCharsets.UTF_8));
    pending++;
  }

  private EcsWriter writer() throws IOException {
    if (writer == null) {
      writer = EcsEncoder.create().writer(stream());
    }
    return writer;
  }

  private OutputStream stream() throws IOException {
    if (out == null) {
      List<String> files = files();
      long next = files.isEmpty() ? 1 : number(files.get(files.size() - 1)) + 1;
      String name = String.format("%0" + NAME_DIGITS + "d%s", next, TODO);
      out =
          new BufferedOutputStream(
              Files.newOutputStream(folder.resolve(name), StandardOpenOption.CREATE_NEW));
    }
    return out;
  }

  private static long number(String file) {
    try {
      return Long.parseLong(file.substring(0, file.length() - TODO.length()));
    } catch (NumberFormatException e) {
      // Not one of ours; the next one gets a name that is free.
      return System.currentTimeMillis();
    }
  }

  /** Hands what was added to the system, so that it outlives this process. */
  synchronized void flush() throws IOException {
    if (writer != null) {
      writer.flush();
    }
    if (out != null) {
      out.flush();
    }
  }

  /** Ends the file that is added to; what is added later goes to another one. */
  synchronized void seal() throws IOException {
    flush();
    if (writer != null) {
      writer.close();
      writer = null;
    }
    if (out != null) {
      out.close();
      out = null;
    }
  }

  /** Returns the file to go on with, or null if there is none. */
  @Nullable String first() throws IOException {
    List<String> files = files();
    return files.isEmpty() ? null : files.get(0);
  }

  /** Returns all files, the oldest first. */
  List<String> all() throws IOException {
    return files();
  }

  /** Reads a file whose end a process that was killed may have cut within a character. */
  BufferedReader read(String file) throws IOException {
    return new BufferedReader(
        new InputStreamReader(Files.newInputStream(folder.resolve(file)), StandardCharsets.UTF_8));
  }

  /** Returns the document of a line, or null if it is none: of a process that was killed. */
  static @Nullable JsonNode document(String line) {
    try {
      JsonNode document = JSON.readTree(line);
      return document.isObject() ? document : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /** Returns how far the first file is done; null if nothing of it is, or that is not known. */
  @Nullable Cursor cursor() throws IOException {
    String text;
    try {
      text = Files.readString(cursorFile);
    } catch (NoSuchFileException e) {
      return null;
    }
    try {
      JsonNode json = JSON.readTree(text);
      List<String> found = new ArrayList<>();
      json.path("found").forEach(id -> found.add(id.asText()));
      Cursor cursor =
          new Cursor(
              json.path("file").asText(),
              Instant.parse(json.path("from").asText()),
              Instant.parse(json.path("to").asText()),
              json.path("line").asLong(),
              json.path("rules").asText(),
              json.path("rule").asInt(),
              new LinkedHashSet<>(found));
      return cursor.file().equals(first()) ? cursor : null;
    } catch (JsonProcessingException | DateTimeParseException e) {
      LOG.warn("{} cannot be used; its file is hunted for from the beginning", cursorFile, e);
      return null;
    }
  }

  /** Remembers how far the first file is done. */
  void save(Cursor cursor) throws IOException {
    ObjectNode json = JSON.createObjectNode();
    json.put("file", cursor.file());
    json.put("from", cursor.from().toString());
    json.put("to", cursor.to().toString());
    json.put("line", cursor.line());
    json.put("rules", cursor.rules());
    json.put("rule", cursor.rule());
    ArrayNode found = json.putArray("found");
    cursor.found().forEach(found::add);
    Path part = folder.resolve("cursor.json.part");
    Files.writeString(part, json.toString());
    Files.move(
        part, cursorFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Notes that indicators need no more hunting. */
  synchronized void done(long indicators) {
    pending -= indicators;
  }

  /** Deletes a file that is done, and how far it was. */
  void remove(String file) throws IOException {
    Files.deleteIfExists(folder.resolve(file));
    Files.deleteIfExists(cursorFile);
  }

  /** Deletes all there is to be done. */
  synchronized void clear() throws IOException {
    seal();
    for (String file : files()) {
      remove(file);
    }
    Files.deleteIfExists(cursorFile);
    pending = 0;
  }

  /** Deletes the folder, if nothing is left to be done in it. */
  void delete() throws IOException {
    clear();
    close();
    Files.deleteIfExists(folder.resolve("lock"));
    Files.deleteIfExists(folder);
  }

  @Override
  public void close() throws IOException {
    try {
      seal();
    } finally {
      lock.close();
    }
  }
}
