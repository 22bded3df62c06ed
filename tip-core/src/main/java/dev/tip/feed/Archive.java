// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.Closeable;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * A zip archive, spooled to a file, because only the central directory at its end says what is in
 * it: a reader that goes from front to back does not notice that an archive is cut.
 */
final class Archive implements Closeable {
  private static final int MAX_ENTRIES = 65_535;

  /** Room for {@value #MAX_ENTRIES} entries with long names; all of it is held in memory. */
  private static final int MAX_DIRECTORY_BYTES = 16 << 20;

  /** The record at the end of an archive (APPNOTE.TXT §4.3.16), and the longest comment behind. */
  private static final int END_BYTES = 22;

  private static final int MAX_COMMENT_BYTES = 0xffff;
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int END_DIRECTORY_BYTES = 12;

  private final String feedId;
  private final Path file;
  private final ZipFile zip;
  private final List<ZipEntry> members;

  private Archive(String feedId, Path file, ZipFile zip, List<ZipEntry> members) {
    this.feedId = feedId;
    this.file = file;
    this.zip = zip;
    this.members = members;
  }

  /**
   * Reads the archive to its end and opens it.
   *
   * @param in the archive; not closed
   * @param folder where it is kept until it is closed
   * @param wanted which members to read, or null for the first
   */
  static Archive spool(
      String feedId, InputStream in, Path folder, @Nullable Predicate<String> wanted)
      throws IOException {
    Path file = Files.createTempFile(folder, "tip-", ".zip");
    Archive archive = null;
    try {
      try (OutputStream out = Files.newOutputStream(file)) {
        in.transferTo(out);
      }
      checkDirectorySize(feedId, file);
      archive = open(feedId, file, wanted);
      return archive;
    } finally {
      if (archive == null) {
        Files.deleteIfExists(file);
      }
    }
  }

  /**
   * Refuses a central directory that would not fit into memory. Whatever {@link ZipFile} takes for
   * the end record, it is among those looked at here; what ZIP64 alone can say is too large.
   */
  private static void checkDirectorySize(String feedId, Path file) throws IOException {
    ByteBuffer tail;
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      tail = ByteBuffer.allocate((int) Math.min(size, END_BYTES + MAX_COMMENT_BYTES));
      while (tail.hasRemaining()
          && channel.read(tail, size - tail.capacity() + tail.position()) >= 0) {
        // read fills the buffer.
      }
    }
    tail.flip().order(ByteOrder.LITTLE_ENDIAN);
    for (int at = tail.limit() - END_BYTES; at >= 0; at--) {
      if (tail.getInt(at) == END_SIGNATURE
          && Integer.compareUnsigned(tail.getInt(at + END_DIRECTORY_BYTES), MAX_DIRECTORY_BYTES)
              > 0) {
        throw broken(feedId, "its directory has more than " + MAX_DIRECTORY_BYTES + " bytes", null);
      }
    }
  }

  private static Archive open(String feedId, Path file, @Nullable Predicate<String> wanted)
      throws IOException {
    ZipFile zip;
    try {
      zip = new ZipFile(file.toFile());
    } catch (ZipException | EOFException e) {
      boolean encrypted = e.getMessage() != null && e.getMessage().contains("encrypted");
      throw broken(feedId, encrypted ? "it is encrypted" : "it is cut or damaged", e);
    }
    List<ZipEntry> members = null;
    try {
      members = select(feedId, zip, wanted);
      return new Archive(feedId, file, zip, members);
    } finally {
      if (members == null) {
        zip.close();
      }
    }
  }

  private static List<ZipEntry> select(
      String feedId, ZipFile zip, @Nullable Predicate<String> wanted) throws FeedException {
    if (zip.size() > MAX_ENTRIES) {
      throw broken(feedId, "it has more than " + MAX_ENTRIES + " entries", null);
    }
    List<ZipEntry> members = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (ZipEntry entry : Collections.list(zip.entries())) {
      if (!names.add(entry.getName())) {
        throw broken(feedId, "two entries have one name", null);
      }
      if (!entry.isDirectory() && (wanted == null || wanted.test(entry.getName()))) {
        members.add(entry);
      }
    }
    if (members.isEmpty()) {
      throw broken(feedId, "it has none of the files that the feed reads", null);
    }
    if (wanted == null) {
      return List.of(members.get(0));
    }
    members.sort(Comparator.comparing(ZipEntry::getName));
    return members;
  }

  /** Returns the entries of the members to read, in the order of their names. */
  List<ZipEntry> members() {
    return members;
  }

  /** Opens a member whose bytes are held against the size and checksum in the directory. */
  InputStream open(ZipEntry member) throws IOException {
    try {
      InputStream in = zip.getInputStream(member);
      if (in != null) {
        return new MemberStream(in, member);
      }
    } catch (ZipException e) {
      throw broken(feedId, "an entry is damaged", e);
    }
    throw broken(feedId, "an entry of its directory is missing", null);
  }

  private static FeedException broken(String feedId, String why, @Nullable IOException cause) {
    return FeedException.contractBroken(
        feedId, "archive", "the zip archive cannot be used: " + why, cause);
  }

  @Override
  public void close() throws IOException {
    try {
      zip.close();
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private final class MemberStream extends FilterInputStream {
    private final ZipEntry member;
    private final CRC32 checksum = new CRC32();
    private long size;

    private MemberStream(InputStream in, ZipEntry member) {
      super(in);
      this.member = member;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int n;
      try {
        n = in.read(bytes, offset, length);
      } catch (ZipException | EOFException e) {
        throw broken(feedId, "an entry is damaged", e);
      }
      if (n > 0) {
        checksum.update(bytes, offset, n);
        size += n;
      } else if (n < 0 && (size != member.getSize() || checksum.getValue() != member.getCrc())) {
        throw broken(feedId, "the size or checksum of an entry is wrong", null);
      }
      return n;
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }
}
