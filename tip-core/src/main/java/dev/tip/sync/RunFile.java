// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A temporary file of sorted runs, each a sequence of blocks {@code int length, int checksum,
 * frames}. A frame lies within one block. The file has no name after it was opened where the system
 * allows that, so a killed process leaves nothing.
 */
final class RunFile implements Closeable {
  private static final int BLOCK = 1 << 15;
  private static final int BLOCK_HEADER = 2 * Integer.BYTES;

  private final FileChannel channel;
  private long size;

  RunFile(Path directory) throws IOException {
    Path file = Files.createTempFile(directory, "tip-", ".spool");
    channel =
        FileChannel.open(
            file,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
  }

  /** Appends the frames that a merge gives. */
  Run append(Merge frames) throws IOException {
    long start = size;
    int largest = 0;
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    block.position(BLOCK_HEADER);
    while (frames.next()) {
      int length = frames.frameLength();
      if (length > block.remaining()) {
        largest = Math.max(largest, write(block));
        if (length > block.remaining()) {
          block = ByteBuffer.allocate(BLOCK_HEADER + length);
          block.position(BLOCK_HEADER);
        }
      }
      block.put(frames.frame(), 0, length);
    }
    largest = Math.max(largest, write(block));
    return new Run(start, size, largest);
  }

  @SuppressWarnings("ByteBufferBackingArray") // Blocks are allocated here, whole arrays.
  private int write(ByteBuffer block) throws IOException {
    int length = block.position() - BLOCK_HEADER;
    if (length > 0) {
      block.putInt(0, length).putInt(Integer.BYTES, checksum(block.array(), BLOCK_HEADER, length));
      block.flip();
      while (block.hasRemaining()) {
        size += channel.write(block, size);
      }
    }
    block.clear().position(BLOCK_HEADER);
    return length;
  }

  private static int checksum(byte[] data, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(data, offset, length);
    return (int) crc.getValue();
  }

  /** Flips a bit, as a failing disk would; for tests. */
  void flip(long position) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    channel.read(one, position);
    one.put(0, (byte) (one.get(0) ^ 1)).flip();
    channel.write(one, position);
  }

  /** Deletes the file. */
  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Where a run lies in the file, and how long its longest block is. */
  final class Run implements Source {
    private final long stop;
    private final int largestBlock;
    private long position;
    private ByteBuffer block = ByteBuffer.allocate(0);
    private int frame;
    private int next;
    private int limit;

    private Run(long start, long stop, int largestBlock) {
      this.position = start;
      this.stop = stop;
      this.largestBlock = largestBlock;
    }

    @Override
    public boolean advance() throws IOException {
      if (next == limit && !readBlock()) {
        block = ByteBuffer.allocate(0);
        return false;
      }
      frame = next;
      if (limit - frame < HEADER) {
        throw new CorruptRecordException("frame ends early");
      }
      int length = block.getInt(frame);
      int key = block.getInt(frame + Integer.BYTES);
      if (length < HEADER || length > limit - frame || key < 0 || key > length - HEADER) {
        throw new CorruptRecordException("frame of " + length + " bytes with a key of " + key);
      }
      next = frame + length;
      return true;
    }

    private boolean readBlock() throws IOException {
      if (position == stop) {
        return false;
      }
      ByteBuffer header = ByteBuffer.allocate(BLOCK_HEADER);
      read(header);
      int length = header.getInt(0);
      if (length <= 0 || length > largestBlock || length > stop - position) {
        throw new CorruptRecordException("block of " + length + " bytes");
      }
      if (block.capacity() < length) {
        block = ByteBuffer.allocate(Math.max(length, Math.min(BLOCK, largestBlock)));
      }
      block.clear().limit(length);
      read(block);
      if (checksum(block.array(), 0, length) != header.getInt(Integer.BYTES)) {
        throw new CorruptRecordException("checksum differs");
      }
      next = 0;
      limit = length;
      return true;
    }

    private void read(ByteBuffer into) throws IOException {
      while (into.hasRemaining()) {
        int n = channel.read(into, position);
        if (n < 0) {
          throw new EOFException("temporary file of the sort was cut");
        }
        position += n;
      }
    }

    @Override
    public byte[] data() {
      return block.array();
    }

    @Override
    public int keyStart() {
      return frame + HEADER;
    }

    @Override
    public int keyEnd() {
      return frame + HEADER + block.getInt(frame + Integer.BYTES);
    }

    @Override
    public int end() {
      return next;
    }
  }
}
