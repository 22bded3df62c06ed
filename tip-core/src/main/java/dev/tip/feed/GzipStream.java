// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inflated bytes of gzip members (RFC 1952).
 *
 * <p>Stricter than the JDK's stream, which takes the end of a member for the end of the file when
 * the network pauses there, and swallows whatever goes wrong behind it.
 */
final class GzipStream extends InputStream {
  static final int MAGIC_1 = 0x1f;
  static final int MAGIC_2 = 0x8b;

  private static final Logger LOG = LoggerFactory.getLogger(GzipStream.class);
  private static final int DEFLATE = 8;
  private static final int FLAG_CHECKSUM = 2;
  private static final int FLAG_EXTRA = 4;
  private static final int FLAG_NAME = 8;
  private static final int FLAG_COMMENT = 16;
  private static final int FLAGS_RESERVED = 0xe0;

  private final String feedId;
  private final InputStream in;
  private final byte[] buffer = new byte[8192];
  private final Inflater inflater = new Inflater(true);
  private final CRC32 checksum = new CRC32();
  private int position;
  private int limit;
  private boolean inMember;
  private boolean ended;

  /**
   * @param in starts with a member
   */
  GzipStream(String feedId, InputStream in) {
    this.feedId = feedId;
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!ended) {
      if (!inMember) {
        readHeader();
      }
      int n = inflate(bytes, offset, length);
      if (n > 0) {
        checksum.update(bytes, offset, n);
        return n;
      }
      if (inflater.finished()) {
        position = limit - inflater.getRemaining();
        readTrailer();
        ended = !startsMember();
      } else if (inflater.needsDictionary()) {
        throw broken("it needs a dictionary", null);
      } else if (position == limit && !fill()) {
        throw cut();
      } else {
        inflater.setInput(buffer, position, limit - position);
        position = limit;
      }
    }
    return -1;
  }

  private int inflate(byte[] bytes, int offset, int length) throws FeedException {
    try {
      return inflater.inflate(bytes, offset, length);
    } catch (DataFormatException e) {
      throw broken("it is damaged", e);
    }
  }

  private void readHeader() throws IOException {
    if (readByte() != MAGIC_1 || readByte() != MAGIC_2 || readByte() != DEFLATE) {
      throw broken("its header is not one of gzip", null);
    }
    int flags = readByte();
    if ((flags & FLAGS_RESERVED) != 0) {
      throw broken("its header has unknown flags", null);
    }
    skip(6);
    if ((flags & FLAG_EXTRA) != 0) {
      skip(readByte() | readByte() << 8);
    }
    if ((flags & FLAG_NAME) != 0) {
      skipText();
    }
    if ((flags & FLAG_COMMENT) != 0) {
      skipText();
    }
    if ((flags & FLAG_CHECKSUM) != 0) {
      skip(2);
    }
    inflater.reset();
    checksum.reset();
    inMember = true;
  }

  private void readTrailer() throws IOException {
    long expected = readInt();
    long size = readInt();
    if (expected != checksum.getValue() || size != (inflater.getBytesWritten() & 0xffff_ffffL)) {
      throw broken("its checksum is wrong", null);
    }
    inMember = false;
  }

  /** Looks behind a member. */
  private boolean startsMember() throws IOException {
    while (position < limit || fill()) {
      if ((buffer[position] & 0xff) == MAGIC_1) {
        return true;
      }
      if (buffer[position] != 0) {
        LOG.warn("{}: bytes behind the end of the gzip data are left out", feedId);
        // They are read all the same: a connection may break among them.
        in.transferTo(OutputStream.nullOutputStream());
        return false;
      }
      // Some writers pad with zeros.
      position++;
    }
    return false;
  }

  private long readInt() throws IOException {
    return readByte() | readByte() << 8 | readByte() << 16 | (long) readByte() << 24;
  }

  private int readByte() throws IOException {
    if (position == limit && !fill()) {
      throw cut();
    }
    return buffer[position++] & 0xff;
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      readByte();
    }
  }

  private void skipText() throws IOException {
    int c;
    do {
      c = readByte();
    } while (c != 0);
  }

  private boolean fill() throws IOException {
    int n = in.read(buffer, 0, buffer.length);
    position = 0;
    limit = Math.max(0, n);
    return n > 0;
  }

  private FeedException cut() {
    return broken("it ends too early, so the list is cut", null);
  }

  private FeedException broken(String why, @Nullable DataFormatException cause) {
    return FeedException.contractBroken(
        feedId, "compression", "the gzip data cannot be read: " + why, cause);
  }

  @Override
  public void close() throws IOException {
    ended = true;
    inflater.end();
    in.close();
  }
}
