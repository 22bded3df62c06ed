// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sink;

import dev.tip.ecs.EcsEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A sink that appends one line of JSON a change: a document of Elastic Common Schema, or on request
 * the two lines of an operation of Elasticsearch's bulk API.
 *
 * <p>It is append-only: a withdrawal is a line of its own, and of the lines with one {@code
 * tip.indicator.id} the last one holds. Lines end with a line feed on every system. Thread-safe; a
 * batch is written in one piece.
 *
 * <p>A file is appended to and forced to the disk before {@link #write} returns. It never keeps
 * part of a batch: what a failed write left is cut off, and so is, when the file is opened, an
 * unfinished last line, which a crash can leave and which was never acknowledged. The file is
 * locked while the sink is open, so that two of them do not write over each other.
 */
public final class NdjsonSink implements IndicatorSink {
  private static final int TAIL = 8192;

  private final Target target;
  private final SinkInfo info;
  private final EcsEncoder encoder;
  private final @Nullable String bulkIndex;
  private boolean closed;

  private NdjsonSink(Target target, String identity, Builder builder) {
    this.target = target;
    this.encoder = builder.encoder;
    this.bulkIndex = builder.bulkIndex;
    this.info =
        new SinkInfo("ndjson:" + EcsEncoder.FORMAT + ':' + identity, builder.redistributes, true);
  }

  /**
   * Returns a builder of a sink that appends to a file of the default file system, which is created
   * where it is absent.
   *
   * <p>The sink's identity is the path and the file's key in its file system: a file that was put
   * in its place is another sink.
   */
  public static Builder builder(Path file) {
    return new Builder(Objects.requireNonNull(file, "file"), null);
  }

  /**
   * Returns a builder of a sink that writes to a stream. The stream is flushed with every batch and
   * not closed. As nothing is known of what it already got, every such sink has an identity of its
   * own.
   */
  public static Builder builder(OutputStream out) {
    return new Builder(null, Objects.requireNonNull(out, "out"));
  }

  @Override
  public SinkInfo info() {
    return info;
  }

  /**
   * Appends the changes.
   *
   * @throws SinkException of kind {@link SinkException.Kind#BLOCKED} if the file or stream cannot
   *     be written; nothing of the batch is in the file, part of it may be in a stream
   */
  @Override
  public WriteResult write(List<Change> batch) throws IOException, InterruptedException {
    Batch lines = new Batch();
    for (Change change : batch) {
      if (bulkIndex != null) {
        encoder.writeBulk(change, bulkIndex, lines);
      } else {
        encoder.write(change, lines);
        lines.write('\n');
      }
    }
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("the sink is closed");
      }
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted before anything was written");
      }
      if (!batch.isEmpty()) {
        target.append(lines);
      }
    }
    return new WriteResult(Collections.nCopies(batch.size(), WriteResult.Outcome.WRITTEN));
  }

  @Override
  public synchronized void close() throws IOException {
    if (!closed) {
      closed = true;
      target.close();
    }
  }

  /** Collects the options of a sink. Not thread-safe. */
  public static final class Builder {
    private final @Nullable Path file;
    private final @Nullable OutputStream out;
    private EcsEncoder encoder = EcsEncoder.create();
    private @Nullable String bulkIndex;
    private boolean redistributes;

    private Builder(@Nullable Path file, @Nullable OutputStream out) {
      this.file = file;
      this.out = out;
    }

    /** Sets the encoder of the documents; default: {@link EcsEncoder#create()}. */
    public Builder encoder(EcsEncoder encoder) {
      this.encoder = Objects.requireNonNull(encoder);
      return this;
    }

    /**
     * Asks for operations of Elasticsearch's bulk API that write to the alias; default: plain
     * documents.
     */
    public Builder bulk(String alias) {
      this.bulkIndex = Objects.requireNonNull(alias);
      return this;
    }

    /**
     * Sets whether the lines are passed on to others, so that only feeds whose terms allow it are
     * taken; default: false.
     */
    public Builder redistributes(boolean redistributes) {
      this.redistributes = redistributes;
      return this;
    }

    /**
     * Opens the sink.
     *
     * @throws IOException if the file cannot be opened for writing, holds something else than lines
     *     of JSON, or another sink is writing to it
     */
    public NdjsonSink build() throws IOException {
      if (file != null) {
        FileTarget target = FileTarget.open(file);
        return new NdjsonSink(target, target.identity, this);
      }
      return new NdjsonSink(
          new StreamTarget(Objects.requireNonNull(out)), UUID.randomUUID().toString(), this);
    }
  }

  /** Bytes of a batch, written without the copy that {@link #toByteArray} makes. */
  private static final class Batch extends ByteArrayOutputStream {
    Batch() {
      super(1 << 14);
    }

    void writeTo(RandomAccessFile file) throws IOException {
      file.write(buf, 0, count);
    }
  }

  private interface Target {
    void append(Batch lines) throws IOException;

    void close() throws IOException;
  }

  private record StreamTarget(OutputStream out) implements Target {
    @Override
    public void append(Batch lines) throws IOException {
      try {
        lines.writeTo(out);
        out.flush();
      } catch (IOException e) {
        throw new SinkException(
            SinkException.Kind.BLOCKED,
            "the stream cannot be written; is its reader still there? " + e.getMessage(),
            e);
      }
    }

    @Override
    public void close() {
      // The stream belongs to the caller, and every batch was flushed.
    }
  }

  private static final class FileTarget implements Target {
    private final Path file;
    // Not a FileChannel: an interrupt of a writer would close it for all.
    private final RandomAccessFile content;
    private final String identity;

    private FileTarget(Path file, RandomAccessFile content) throws IOException {
      this.file = file;
      this.content = content;
      Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      this.identity = file.toRealPath() + "#" + key;
    }

    static FileTarget open(Path file) throws IOException {
      RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw");
      try {
        lock(file, content);
        cutUnfinishedLine(file, content);
        return new FileTarget(file, content);
      } catch (IOException e) {
        content.close();
        throw e;
      }
    }

    /** Takes the lock, which ends with the file. */
    private static void lock(Path file, RandomAccessFile content) throws IOException {
      boolean mine;
      try {
        mine = content.getChannel().tryLock() != null;
      } catch (OverlappingFileLockException e) {
        mine = false;
      }
      if (!mine) {
        throw new SinkException(
            SinkException.Kind.BLOCKED,
            file
                + " is being written to by another sink; wait until it is closed, or choose another",
            null);
      }
    }

    private static void cutUnfinishedLine(Path file, RandomAccessFile content) throws IOException {
      long size = content.length();
      if (size > 0 && content.read() != '{') {
        throw new IOException(
            "not a file of JSON lines, and so not appended to: "
                + file
                + "; choose another or remove it");
      }
      long end = endOfLastLine(content, size);
      if (end == 0 && size > 0 && endsAsObject(content, size)) {
        throw new IOException(
            "one whole object without a line end, and so not appended to: "
                + file
                + "; end its line, choose another or remove it");
      }
      if (end < size) {
        content.setLength(end);
      }
      content.seek(end);
    }

    private static boolean endsAsObject(RandomAccessFile content, long size) throws IOException {
      content.seek(size - 1);
      return content.read() == '}';
    }

    private static long endOfLastLine(RandomAccessFile content, long size) throws IOException {
      byte[] tail = new byte[TAIL];
      long end = size;
      while (end > 0) {
        long start = Math.max(0, end - TAIL);
        content.seek(start);
        content.readFully(tail, 0, (int) (end - start));
        for (int i = (int) (end - start) - 1; i >= 0; i--) {
          if (tail[i] == '\n') {
            return start + i + 1;
          }
        }
        end = start;
      }
      return 0;
    }

    @Override
    public void append(Batch lines) throws IOException {
      long before = content.getFilePointer();
      try {
        lines.writeTo(content);
        content.getFD().sync();
      } catch (IOException e) {
        SinkException failure =
            new SinkException(
                SinkException.Kind.BLOCKED,
                file + " cannot be written; check the disk's free space: " + e.getMessage(),
                e);
        undo(before, failure);
        throw failure;
      }
    }

    private void undo(long before, SinkException failure) {
      try {
        content.setLength(before);
        content.seek(before);
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }

    @Override
    public void close() throws IOException {
      content.close();
    }
  }
}
