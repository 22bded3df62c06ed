// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.sync.SyncReport;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Where the report of a run goes as JSON. The last report stays until there is another; what is no
 * plain file, such as a pipe, is written to as it is.
 */
final class ReportFile implements Closeable {
  private final Path path;
  private final Path part;
  private final OutputStream out;

  private ReportFile(Path path, Path part, OutputStream out) {
    this.path = path;
    this.part = part;
    this.out = out;
  }

  /**
   * Opens it before the run: a report that cannot be written is said before anything is stored.
   *
   * @throws IllegalArgumentException if it cannot be written; the message says why
   */
  static ReportFile open(Path path) {
    Path part =
        Files.exists(path) && !Files.isRegularFile(path)
            ? path
            : path.resolveSibling(path.getFileName() + ".part");
    try {
      return new ReportFile(path, part, Files.newOutputStream(part));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "--report: " + Tip.sentence(e).replace(part.toString(), path.toString()), e);
    }
  }

  /** Writes the report; to be called once. */
  void write(SyncReport report) throws IOException {
    report.toJson(out);
    out.close();
    if (!part.equals(path)) {
      Files.move(part, path, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Closes it; what was begun and not written to its end is deleted. */
  @Override
  public void close() throws IOException {
    out.close();
    if (!part.equals(path)) {
      Files.deleteIfExists(part);
    }
  }
}
