// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A folder that stands in for the network: air gap, tests, demonstrations. Immutable and
 * thread-safe.
 */
public final class Mirror {
  /** The name of the table in a mirror's folder. */
  public static final String TABLE = "mirror.tsv";

  private final Path table;
  private final Map<String, Path> files;

  private Mirror(Path table, Map<String, Path> files) {
    this.table = table;
    this.files = Map.copyOf(files);
  }

  /**
   * Opens a mirror.
   *
   * @param path a folder with a {@value #TABLE}, or such a table in UTF-8: address, tab, file
   *     relative to the table's folder; further columns, blank lines and lines that start with
   *     {@code #} are ignored
   * @throws IOException if the table cannot be read, has a line without a file, names a file
   *     outside its folder, or gives an address two files; the message says which line
   */
  public static Mirror open(Path path) throws IOException {
    Path table =
        (Files.isDirectory(path) ? path.resolve(TABLE) : path).toAbsolutePath().normalize();
    Path folder = table.getParent();
    if (folder == null || !Files.isRegularFile(table)) {
      throw new IOException("no mirror at " + path + ": it needs a table called " + TABLE);
    }
    Map<String, Path> files = new HashMap<>();
    int number = 0;
    for (String line : Files.readAllLines(table, StandardCharsets.UTF_8)) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      int tab = line.indexOf('\t');
      if (tab <= 0) {
        throw new IOException(
            table + ", line " + number + ": expected an address, a tab and a file");
      }
      int end = line.indexOf('\t', tab + 1);
      String name = line.substring(tab + 1, end < 0 ? line.length() : end).strip();
      Path file = below(folder, name);
      if (file == null) {
        throw new IOException(table + ", line " + number + ": the file must lie below " + folder);
      }
      if (files.putIfAbsent(line.substring(0, tab).strip(), file) != null) {
        throw new IOException(table + ", line " + number + ": the address has a file already");
      }
    }
    return new Mirror(table, files);
  }

  /** Returns a mirror in which one file stands in for one address. */
  public static Mirror of(URI address, Path file) {
    return new Mirror(file, Map.of(address.toString(), file.toAbsolutePath()));
  }

  private static @Nullable Path below(Path folder, String name) {
    try {
      Path file = folder.resolve(name).normalize();
      return file.startsWith(folder) && !file.equals(folder) ? file : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  /** Returns the file that stands in for an address, whether or not it exists. */
  public Optional<Path> file(URI address) {
    return Optional.ofNullable(files.get(address.toString()));
  }

  @Override
  public String toString() {
    return table.toString();
  }
}
