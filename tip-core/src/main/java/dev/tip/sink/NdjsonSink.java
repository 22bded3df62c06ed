// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sink;

import dev.tip.ecs.EcsEncoder;
import dev.tip.ecs.EcsWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  private static final Logger LOG = LoggerFactory.getLogger(NdjsonSink.class);
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
    this.info = builder.info(identity);
  }

  /**
   * Returns a builder of a sink that appends to a file of the default file system, which is created
   * where it is absent.
   *
   * <p>The sink's identity is the path and a mark that an empty file is given, as the extended
   * attribute {@code tip.id}: nothing is in it, whatever is remembered of a file of that name. On a
   * file system without such attributes the first line takes the place of the mark, so that the
   * identity changes once after the first write.
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
    try (EcsWriter documents = encoder.writer(lines)) {
      for (Change change : batch) {
        if (bulkIndex != null) {
          documents.writeBulk(change, bulkIndex);
        } else {
          documents.write(change);
        }
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
     * Returns what the sink would be, and opens nothing: the file is neither made nor marked nor
     * cut nor locked. One that holds no line yet, and every stream, gets another identity each
     * time.
     *
     * @throws IOException if the file cannot be read
     */
    public SinkInfo look() throws IOException {
      return info(file == null ? UUID.randomUUID().toString() : FileTarget.look(file));
    }

    private SinkInfo info(String identity) {
      return new SinkInfo(
          "ndjson:" + encoder.identity() + ':' + bulkIndex + ':' + identity, redistributes, true);
    }

    /**
     * Opens the sink.
     *
     * @throws IOException if the file cannot be opened for writing, holds something else than lines
     *     of JSON, or another sink is writing to it
     */
    public NdjsonSink build() throws IOException {
      if (file != null) {
        FileTarget target = FileTarget.open(file, bulkIndex != null);
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
    /** The files that sinks of this process write to. */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private static final String MARK = "tip.id";
    private static final byte[] ACTION = "{\"index\":".getBytes(StandardCharsets.US_ASCII);

    private final Path file;
    private final Path key;
    private boolean torn;
    // Not a FileChannel: an interrupt of a writer would close it for all.
    private final RandomAccessFile content;
    private final String identity;

    private FileTarget(Path file, Path key, RandomAccessFile content) throws IOException {
      this.file = file;
      this.key = key;
      this.content = content;
      this.identity = key + "#" + mark(file, content);
    }

    /**
     * Returns what tells a file from others of its name, and from itself before it was emptied: a
     * mark beside its content, or where files have none the first line, which has times in it.
     */
    private static String mark(Path file, RandomAccessFile content) throws IOException {
      UserDefinedFileAttributeView attributes =
          Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
      if (content.getFilePointer() == 0) {
        String fresh = UUID.randomUUID().toString();
        try {
          if (attributes != null) {
            attributes.write(MARK, StandardCharsets.US_ASCII.encode(fresh));
          }
        } catch (IOException | UnsupportedOperationException e) {
          LOG.debug("{} takes no mark: {}", file, e.getMessage());
        }
        return fresh;
      }
      return known(attributes, content);
    }

    private static String known(
        @Nullable UserDefinedFileAttributeView attributes, RandomAccessFile content)
        throws IOException {
      String marked = attributes == null ? null : read(attributes);
      return marked != null ? marked : firstLine(content);
    }

    /** Returns the identity that the file would have if it were opened. */
    static String look(Path file) throws IOException {
      Path key = key(file);
      if (!Files.exists(file)) {
        return key + "#" + UUID.randomUUID();
      }
      try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "r")) {
        long end = endOfLastLine(content, content.length());
        content.seek(end);
        UserDefinedFileAttributeView attributes =
            Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        return key + "#" + (end == 0 ? UUID.randomUUID().toString() : known(attributes, content));
      }
    }

    private static @Nullable String read(UserDefinedFileAttributeView attributes) {
      try {
        ByteBuffer mark = ByteBuffer.allocate(Math.min(attributes.size(MARK), TAIL));
        attributes.read(MARK, mark);
        return UUID.fromString(StandardCharsets.US_ASCII.decode(mark.flip()).toString()).toString();
      } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
        // It has none, or somebody else's.
        return null;
      }
    }

    private static String firstLine(RandomAccessFile content) throws IOException {
      long end = content.getFilePointer();
      byte[] first = new byte[(int) Math.min(end, TAIL)];
      content.seek(0);
      content.readFully(first);
      content.seek(end);
      int length = 0;
      while (length < first.length && first[length] != '\n') {
        length++;
      }
      return UUID.nameUUIDFromBytes(Arrays.copyOf(first, length)).toString();
    }

    static FileTarget open(Path file, boolean bulk) throws IOException {
      Path key = key(file);
      // Before the file is opened: closing it a second time would end the lock of the first.
      if (!OPEN.add(key)) {
        throw busy(file);
      }
      boolean opened = false;
      try {
        RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw");
        try {
          if (content.getChannel().tryLock() == null) {
            throw busy(file);
          }
          cutUnfinished(file, content, bulk);
          FileTarget target = new FileTarget(file, key, content);
          opened = true;
          return target;
        } finally {
          if (!opened) {
            content.close();
          }
        }
      } finally {
        if (!opened) {
          OPEN.remove(key);
        }
      }
    }

    /** Returns the file's name without links, as far as it exists. */
    private static Path key(Path file) throws IOException {
      Path absolute = file.toAbsolutePath();
      if (Files.exists(absolute)) {
        return absolute.toRealPath();
      }
      Path folder = absolute.getParent();
      return folder != null && Files.exists(folder)
          ? folder.toRealPath().resolve(absolute.getFileName())
          : absolute.normalize();
    }

    private static SinkException busy(Path file) {
      return new SinkException(
          SinkException.Kind.BLOCKED,
          file + " is being written to by another sink; wait until it is closed, or choose another",
          null);
    }

    /** Cuts off what was never acknowledged: part of a line, or an action without its document. */
    private static void cutUnfinished(Path file, RandomAccessFile content, boolean bulk)
        throws IOException {
      long size = content.length();
      if (size > 0 && content.read() != '{') {
        throw new IOException(
            "not a file of JSON lines, and so not appended to: "
                + file
                + "; choose another or remove it");
      }
      long end = endOfLastLine(content, size);
      if (end < size && endsAsObject(content, size)) {
        throw new IOException(
            "its last object has no line end, so the file is not appended to: "
                + file
                + "; end its line, choose another or remove it");
      }
      if (bulk && end > 0) {
        long start = endOfLastLine(content, end - 1);
        byte[] action = new byte[(int) Math.min(ACTION.length, end - start)];
        content.seek(start);
        content.readFully(action);
        end = Arrays.equals(action, ACTION) ? start : end;
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
      if (torn) {
        throw new SinkException(
            SinkException.Kind.BLOCKED,
            file + " ends in part of a batch that could not be cut off; open it again",
            null);
      }
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
        torn = true;
        failure.addSuppressed(e);
      }
    }

    @Override
    public void close() throws IOException {
      try {
        content.close();
      } finally {
        OPEN.remove(key);
      }
    }
  }
}
