// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Looks at the first bytes of a body: what it is packed in, and whether it is the list at all. */
final class Sniffer {
  /** Content-Encoding around a file that is gzip itself. */
  private static final int MAX_GZIP_LAYERS = 2;

  private static final int HEAD_BYTES = 16 * 1024;
  private static final byte[] NO_MARKER = new byte[0];
  private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  /**
   * Where browsers see HTML whatever the headers say (MIME Sniffing, WHATWG, §7.1), and any
   * document type: lists have none.
   */
  private static final String[] HTML = {
    "<!doctype",
    "<html",
    "<head",
    "<script",
    "<iframe",
    "<h1",
    "<div",
    "<font",
    "<table",
    "<a",
    "<style",
    "<title",
    "<b",
    "<body",
    "<br",
    "<p",
    "<!--"
  };

  private static final String[] LFS_POINTER = {"version https://git-lfs.github.com/"};

  /** What servers say in place of a file; without a status that says so, a list of names has it. */
  private static final String[] ERROR_TEXT = {
    "service suspended",
    "service unavailable",
    "account suspended",
    "this account has been suspended",
    "could not connect",
    "error establishing a database connection",
    "access denied",
    "too many requests",
    "rate limit exceeded",
    "not found",
    "404: not found",
    "404 not found",
    "internal server error",
    "bad gateway"
  };

  private final FeedInfo feed;

  Sniffer(FeedInfo feed) {
    this.feed = feed;
  }

  /** A stream and whether it starts like a zip archive. */
  record Unpacked(InputStream stream, boolean zip) {}

  /**
   * Takes off layers of gzip, recognised by what the bytes are, not by what the headers say. Each
   * is held against the limits: of an archive, nobody else counts what is unpacked before its
   * members.
   *
   * @throws FeedException if there are no bytes, or too many layers
   */
  Unpacked unpack(InputStream packed, Meter meter) throws IOException {
    InputStream in = packed;
    for (int layer = 0; ; layer++) {
      byte[] magic = in.readNBytes(4);
      InputStream whole = new SequenceInputStream(new ByteArrayInputStream(magic), in);
      if (magic.length == 0) {
        throw broken("empty-body", "the body is empty");
      }
      if (!isGzip(magic)) {
        return new Unpacked(whole, isZip(magic));
      }
      if (layer == MAX_GZIP_LAYERS) {
        throw broken("compression", "gzip within gzip within gzip");
      }
      in = new BudgetStream(new GzipStream(feed.id(), whole), meter.layer());
    }
  }

  private static boolean isGzip(byte[] magic) {
    return magic.length > 1
        && (magic[0] & 0xff) == GzipStream.MAGIC_1
        && (magic[1] & 0xff) == GzipStream.MAGIC_2;
  }

  /** A first member, an archive without one, or the first part of a split one. */
  private static boolean isZip(byte[] magic) {
    return magic.length == 4
        && magic[0] == 'P'
        && magic[1] == 'K'
        && (magic[2] == 3 && magic[3] == 4
            || magic[2] == 5 && magic[3] == 6
            || magic[2] == 7 && magic[3] == 8);
  }

  /**
   * Refuses pages of HTML, pointers to large files and bodies without the feed's marker. Reads no
   * further than it must, so that the first entry does not wait for bytes behind it.
   *
   * @return all the bytes of the body
   */
  InputStream check(InputStream body) throws IOException {
    byte[] marker =
        feed.contract().marker().map(m -> m.getBytes(StandardCharsets.UTF_8)).orElse(NO_MARKER);
    byte[] head = new byte[HEAD_BYTES];
    int length = 0;
    int searched = 0;
    boolean ended = false;
    boolean markerFound = marker.length == 0;
    Answer html = feed.contract().htmlExpected() ? Answer.NO : Answer.OPEN;
    Answer pointer = Answer.OPEN;
    Answer error = Answer.OPEN;
    while (!markerFound || html == Answer.OPEN || pointer == Answer.OPEN || error == Answer.OPEN) {
      int n = ended || length == head.length ? -1 : body.read(head, length, head.length - length);
      ended = n < 0;
      length += Math.max(0, n);
      if (html == Answer.OPEN) {
        html = starts(head, length, ended, HTML);
      }
      if (pointer == Answer.OPEN) {
        pointer = starts(head, length, ended, LFS_POINTER);
      }
      if (error == Answer.OPEN) {
        error = starts(head, length, ended, ERROR_TEXT);
      }
      if (html == Answer.YES) {
        throw html();
      }
      if (pointer == Answer.YES) {
        throw broken(
            "git-lfs-pointer", "the repository serves a pointer to the list instead of the list");
      }
      if (error == Answer.YES) {
        throw broken("error-text", "an error message came instead of the list");
      }
      if (!markerFound) {
        markerFound = contains(head, searched, length, marker);
        searched = Math.max(0, length - marker.length + 1);
        if (!markerFound && ended) {
          throw broken(
              "marker",
              "the text that marks this list is not at its beginning; it is another list");
        }
      }
    }
    return new SequenceInputStream(new ByteArrayInputStream(Arrays.copyOf(head, length)), body);
  }

  FeedException html() {
    return broken("html", "a web page came instead of the list: an error, a login, a challenge");
  }

  private enum Answer {
    YES,
    NO,
    /** Not enough bytes yet. */
    OPEN
  }

  /**
   * Compares the start, behind a byte order mark and white space, without regard to case. A tag has
   * to end where the prefix does.
   */
  private static Answer starts(byte[] head, int length, boolean ended, String[] prefixes) {
    int start = 0;
    while (start < length && start < MARK.length && head[start] == MARK[start]) {
      start++;
    }
    if (start < MARK.length) {
      if (start == length && !ended) {
        return Answer.OPEN;
      }
      start = 0;
    }
    while (start < length && isSpace(head[start])) {
      start++;
    }
    Answer answer = Answer.NO;
    for (String prefix : prefixes) {
      int i = 0;
      while (i < prefix.length()
          && start + i < length
          && toLower(head[start + i]) == prefix.charAt(i)) {
        i++;
      }
      boolean matched = i == prefix.length();
      boolean tag = prefix.charAt(0) == '<' && prefix.charAt(1) != '!';
      boolean atEnd = start + i + 1 >= length;
      if (matched && prefixes == ERROR_TEXT) {
        if (atEnd && !ended) {
          answer = Answer.OPEN;
        } else if (endsPhrase(head, start + i, length)) {
          return Answer.YES;
        }
      } else if (matched && (!tag || start + i < length && endsTag(head[start + i]))) {
        return Answer.YES;
      } else if (start + i == length && !ended) {
        answer = Answer.OPEN;
      }
    }
    return answer;
  }

  /** Returns whether words end here; a name of a file goes on behind its dot. */
  private static boolean endsPhrase(byte[] head, int at, int length) {
    int end = at < length && (head[at] == '.' || head[at] == '!') ? at + 1 : at;
    return end >= length || isSpace(head[end]) || head[end] == ':' || head[end] == ',';
  }

  private static boolean endsTag(byte b) {
    return b == '>' || isSpace(b);
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t' || b == '\r' || b == '\n' || b == '\f';
  }

  private static char toLower(byte b) {
    return (char) (b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b & 0xff);
  }

  private static boolean contains(byte[] head, int from, int length, byte[] marker) {
    for (int i = from; i + marker.length <= length; i++) {
      if (Arrays.equals(head, i, i + marker.length, marker, 0, marker.length)) {
        return true;
      }
    }
    return false;
  }

  private FeedException broken(String clause, String message) {
    return FeedException.contractBroken(feed.id(), clause, message, null);
  }
}
