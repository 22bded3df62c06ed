// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.sink.Change;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * What one sink is to hold of one feed, as a file: records sorted by key in compressed blocks, each
 * with a checksum.
 *
 * <p>A record is a frame as in the {@link Spool}, with a state between key and properties: what is
 * still to be done about it in the sink, when it was first stored, last written and last listed.
 * The file is written before the sink is asked for anything, so whatever may be in the sink is in
 * the ledger as well, even if the process is killed; what has been done since is in {@link
 * FeedMemory}.
 *
 * <p>The header is {@code long magic, int version, int checksum, long generation, long time, long
 * feed, long listing, long records, long due, long upserts, long withdrawals}, a block {@code int
 * length, int compressed, int records, int flags, int checksum, bytes}; a block of length 0 ends
 * the file. A file of another version is not read: the list is then stored anew, which costs writes
 * and loses no indicator.
 */
final class Ledger {
  private static final long MAGIC = 0x7469_706c_6564_6772L;
  private static final int VERSION = 1;
  private static final int FILE_HEADER = 80;
  private static final int CHECKED_FROM = 16;
  private static final int BLOCK_HEADER = 5 * Integer.BYTES;
  private static final int BLOCK = 1 << 16;

  /** No record is longer: an indicator's properties are limited. */
  private static final int MAX_BLOCK = 1 << 24;

  private static final int UPSERTS = 1;
  private static final int WITHDRAWALS = 2;

  private Ledger() {}

  /** What is to be done about a record in the sink. Stored by ordinal: new ones go to the end. */
  enum Task {
    /** Nothing: the sink has it. */
    NONE(null, null),
    ADD(Change.Cause.NEW, null),
    CHANGE(Change.Cause.CHANGED, null),
    REFRESH(Change.Cause.REFRESH, null),
    RESTORE(Change.Cause.RESTORED, null),
    WITHDRAW_DELISTED(null, Change.Reason.DELISTED),
    WITHDRAW_REVOKED(null, Change.Reason.REVOKED),
    WITHDRAW_EXPIRED(null, Change.Reason.EXPIRED),
    WITHDRAW_SCREENED(null, Change.Reason.SCREENED);

    private static final Task[] ALL = values();

    final Change.@Nullable Cause cause;
    final Change.@Nullable Reason reason;

    Task(Change.@Nullable Cause cause, Change.@Nullable Reason reason) {
      this.cause = cause;
      this.reason = reason;
    }
  }

  /**
   * What stands in the header.
   *
   * @param generation the number of the run that wrote it
   * @param time when that was, in epoch milliseconds
   * @param feed stands for what the feed's row says that is in every document
   * @param listing the time at which a record was last listed that the last whole list had
   * @param records how many there are
   * @param due when the first record has to be written again or withdrawn, in epoch milliseconds
   * @param upserts how many records were to be written
   * @param withdrawals how many were to be withdrawn
   */
  record Header(
      long generation,
      long time,
      long feed,
      long listing,
      long records,
      long due,
      long upserts,
      long withdrawals) {
    private ByteBuffer encode() {
      ByteBuffer out = ByteBuffer.allocate(FILE_HEADER);
      out.putLong(MAGIC).putInt(VERSION).putInt(0);
      out.putLong(generation)
          .putLong(time)
          .putLong(feed)
          .putLong(listing)
          .putLong(records)
          .putLong(due);
      out.putLong(upserts).putLong(withdrawals);
      return out.putInt(12, checksum(out)).flip();
    }

    private static int checksum(ByteBuffer header) {
      CRC32C crc = new CRC32C();
      crc.update(header.duplicate().position(CHECKED_FROM).limit(FILE_HEADER));
      return (int) crc.getValue();
    }

    private static Header decode(ByteBuffer in) throws CorruptLedgerException {
      if (in.getLong() != MAGIC || in.getInt() != VERSION) {
        throw new CorruptLedgerException("not a ledger of this version");
      }
      if (in.getInt() != checksum(in)) {
        throw new CorruptLedgerException("checksum of the header differs");
      }
      return new Header(
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong(),
          in.getLong());
    }
  }

  @SuppressWarnings("ByteBufferBackingArray") // Block headers are allocated here, whole arrays.
  private static int checksum(ByteBuffer blockHeader, byte[] data, int length) {
    CRC32C crc = new CRC32C();
    crc.update(blockHeader.array(), 0, BLOCK_HEADER - Integer.BYTES);
    crc.update(data, 0, length);
    return (int) crc.getValue();
  }

  /** Writes a ledger. Not thread-safe. */
  static final class Writer implements Closeable {
    private final FileChannel channel;
    private final boolean lasting;
    private final Deflater deflater;
    private final ByteWriter block = new ByteWriter(BLOCK + 1024);
    private final ByteWriter state = new ByteWriter(40);
    private final ByteBuffer head = ByteBuffer.allocate(BLOCK_HEADER);
    private final long generation;
    private final long time;
    private final long feed;
    private byte[] compressed = new byte[BLOCK];
    private int blockRecords;
    private int blockFlags;
    private long records;
    private long upserts;
    private long withdrawals;
    private long due = Long.MAX_VALUE;

    /**
     * Opens a new file.
     *
     * @param lasting whether it outlives the run, and so is made small and forced to the disk
     * @throws IOException if it is there already, or cannot be made
     */
    Writer(Path file, boolean lasting, long generation, long time, long feed) throws IOException {
      this.channel =
          FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      this.lasting = lasting;
      this.deflater = new Deflater(lasting ? Deflater.BEST_SPEED : Deflater.NO_COMPRESSION, true);
      this.generation = generation;
      this.time = time;
      this.feed = feed;
      channel.position(FILE_HEADER);
    }

    /**
     * Adds a record; keys come in order.
     *
     * @param data holds the key, and the properties elsewhere
     * @param due when something has to be done about it next
     */
    void add(
        byte[] data,
        int keyStart,
        int keyEnd,
        int propertiesStart,
        int end,
        Task task,
        long added,
        long written,
        long listed,
        long due)
        throws IOException {
      state.clear();
      state.writeByte(task.ordinal());
      state.writeVarLong(fold(time - added));
      state.writeVarLong(fold(time - written));
      state.writeVarLong(fold(time - listed));
      int keyLength = keyEnd - keyStart;
      int length = Source.HEADER + keyLength + state.length() + end - propertiesStart;
      if (block.length() > 0 && block.length() + length > BLOCK) {
        writeBlock();
      }
      block.writeInt(length);
      block.writeInt(keyLength);
      block.write(data, keyStart, keyLength);
      block.write(state.data(), 0, state.length());
      block.write(data, propertiesStart, end - propertiesStart);
      blockRecords++;
      records++;
      if (task.cause != null) {
        upserts++;
        blockFlags |= UPSERTS;
      } else if (task.reason != null) {
        withdrawals++;
        blockFlags |= WITHDRAWALS;
      }
      this.due = Math.min(this.due, due);
    }

    private void writeBlock() throws IOException {
      deflater.reset();
      deflater.setInput(block.data(), 0, block.length());
      deflater.finish();
      int length = 0;
      while (!deflater.finished()) {
        if (length == compressed.length) {
          compressed = Arrays.copyOf(compressed, 2 * length);
        }
        length += deflater.deflate(compressed, length, compressed.length - length);
      }
      head.clear();
      head.putInt(block.length()).putInt(length).putInt(blockRecords).putInt(blockFlags);
      head.putInt(checksum(head, compressed, length)).flip();
      write(head);
      write(ByteBuffer.wrap(compressed, 0, length));
      block.clear();
      blockRecords = 0;
      blockFlags = 0;
    }

    private void write(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    /**
     * Ends the file and forces it to the disk.
     *
     * @param listing the time at which those records were listed that the last whole list had
     */
    Header finish(long listing) throws IOException {
      if (block.length() > 0) {
        writeBlock();
      }
      write(ByteBuffer.allocate(BLOCK_HEADER));
      Header header =
          new Header(generation, time, feed, listing, records, due, upserts, withdrawals);
      ByteBuffer encoded = header.encode();
      long at = 0;
      while (encoded.hasRemaining()) {
        at += channel.write(encoded, at);
      }
      if (lasting) {
        channel.force(true);
      }
      return header;
    }

    @Override
    public void close() throws IOException {
      deflater.end();
      channel.close();
    }
  }

  /** Reads the records of a ledger in order. Not thread-safe. */
  static final class Reader implements Source, Closeable {
    private final FileChannel channel;
    private final Inflater inflater = new Inflater(true);
    private final Header header;
    private final int wanted;
    private final ByteBuffer head = ByteBuffer.allocate(BLOCK_HEADER);
    private byte[] compressed = new byte[BLOCK];
    private byte[] data = new byte[0];
    private ByteBuffer view = ByteBuffer.wrap(data);
    private long ordinal = -1;
    private int frame;
    private int next;
    private int limit;
    private boolean ended;
    private Task task = Task.NONE;
    private long added;
    private long written;
    private long listed;
    private int propertiesStart;

    private Reader(Path file, int wanted) throws IOException {
      this.wanted = wanted;
      this.channel = FileChannel.open(file, StandardOpenOption.READ);
      try {
        ByteBuffer bytes = ByteBuffer.allocate(FILE_HEADER);
        read(bytes);
        this.header = Header.decode(bytes.flip());
      } catch (IOException e) {
        close();
        throw e;
      }
    }

    /**
     * Opens a ledger.
     *
     * @throws CorruptLedgerException if it is none, or of another version
     */
    static Reader open(Path file) throws IOException {
      return new Reader(file, 0);
    }

    /** Opens a ledger for the records that were to be written. */
    static Reader upserts(Path file) throws IOException {
      return new Reader(file, UPSERTS);
    }

    /** Opens a ledger for the records that were to be withdrawn. */
    static Reader withdrawals(Path file) throws IOException {
      return new Reader(file, WITHDRAWALS);
    }

    Header header() {
      return header;
    }

    @Override
    public boolean advance() throws IOException {
      do {
        if (next == limit && !readBlock()) {
          return false;
        }
        readFrame();
      } while (wanted != 0
          && (task.cause != null ? UPSERTS : task.reason != null ? WITHDRAWALS : 0) != wanted);
      return true;
    }

    private void readFrame() throws IOException {
      frame = next;
      if (limit - frame < Source.HEADER) {
        throw new CorruptLedgerException("record ends early");
      }
      int length = view.getInt(frame);
      int key = view.getInt(frame + Integer.BYTES);
      if (length < Source.HEADER
          || length > limit - frame
          || key < 0
          || key > length - Source.HEADER) {
        throw new CorruptLedgerException("record of " + length + " bytes with a key of " + key);
      }
      next = frame + length;
      ordinal++;
      try {
        readState(new ByteReader(data, keyEnd(), next));
      } catch (CorruptRecordException e) {
        throw new CorruptLedgerException("record " + ordinal, e);
      }
    }

    private void readState(ByteReader state) throws IOException {
      int code = state.readByte();
      if (code >= Task.ALL.length) {
        throw new CorruptLedgerException("no task " + code);
      }
      task = Task.ALL[code];
      added = header.time - unfold(state.readVarLong());
      written = header.time - unfold(state.readVarLong());
      listed = header.time - unfold(state.readVarLong());
      propertiesStart = next - state.remaining();
    }

    private boolean readBlock() throws IOException {
      while (!ended) {
        head.clear();
        read(head);
        int length = head.getInt(0);
        int packed = head.getInt(4);
        int count = head.getInt(8);
        if (length == 0) {
          ended = true;
          if (wanted == 0 && ordinal + 1 != header.records) {
            throw new CorruptLedgerException(
                (ordinal + 1) + " records instead of " + header.records);
          }
          return false;
        }
        if (length < 0 || length > MAX_BLOCK || packed <= 0 || packed > MAX_BLOCK || count <= 0) {
          throw new CorruptLedgerException("block of " + length + " bytes");
        }
        if (wanted != 0 && (head.getInt(12) & wanted) == 0) {
          channel.position(channel.position() + packed);
          ordinal += count;
          continue;
        }
        inflate(length, packed);
        next = 0;
        limit = length;
        return true;
      }
      return false;
    }

    private void inflate(int length, int packed) throws IOException {
      if (compressed.length < packed) {
        compressed = new byte[packed];
      }
      read(ByteBuffer.wrap(compressed, 0, packed));
      if (checksum(head, compressed, packed) != head.getInt(16)) {
        throw new CorruptLedgerException("checksum differs");
      }
      if (data.length < length) {
        data = new byte[Math.max(length, BLOCK)];
        view = ByteBuffer.wrap(data);
      }
      inflater.reset();
      inflater.setInput(compressed, 0, packed);
      int n = 0;
      try {
        while (n < length && !inflater.finished()) {
          int more = inflater.inflate(data, n, length - n);
          if (more == 0) {
            break;
          }
          n += more;
        }
      } catch (DataFormatException e) {
        throw new CorruptLedgerException("block cannot be inflated", e);
      }
      if (n != length) {
        throw new CorruptLedgerException("block of " + n + " bytes instead of " + length);
      }
    }

    private void read(ByteBuffer into) throws IOException {
      while (into.hasRemaining()) {
        if (channel.read(into) < 0) {
          throw new CorruptLedgerException("ledger was cut", new EOFException());
        }
      }
    }

    @Override
    public byte[] data() {
      return data;
    }

    @Override
    public int keyStart() {
      return frame + Source.HEADER;
    }

    @Override
    public int keyEnd() {
      return frame + Source.HEADER + view.getInt(frame + Integer.BYTES);
    }

    int propertiesStart() {
      return propertiesStart;
    }

    @Override
    public int end() {
      return next;
    }

    /** Returns the number of the current record, from 0. */
    long ordinal() {
      return ordinal;
    }

    Task task() {
      return task;
    }

    long added() {
      return added;
    }

    long written() {
      return written;
    }

    long listed() {
      return listed;
    }

    @Override
    public void close() throws IOException {
      inflater.end();
      channel.close();
    }
  }

  /** Makes small numbers of either sign small ones without. */
  private static long fold(long value) {
    return value << 1 ^ value >> 63;
  }

  private static long unfold(long folded) {
    return folded >>> 1 ^ -(folded & 1);
  }
}
