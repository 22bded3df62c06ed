// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedParser;
import dev.tip.feed.Terms;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a parser made of a body. Any exception but a broken contract fails the test.
 *
 * @param entries what came before the end
 * @param clause the clause of the contract that was broken, or another outcome, or null
 */
record Reading(List<FeedEntry> entries, @Nullable String clause) {
  static final FeedInfo FEED =
      FeedInfo.builder("example-list")
          .provider("Example")
          .reference(URI.create("https://feed.example/"))
          .role(FeedInfo.Role.C2)
          .coverage(FeedInfo.Coverage.SNAPSHOT)
          .confidence(Confidence.HIGH)
          .types(CyberObservable.Type.MUTEX)
          .terms(new Terms("CC0", URI.create("https://feed.example/terms"), true, true, null))
          .build();

  static Reading of(FeedParser parser, String body) {
    return of(parser, body.getBytes(StandardCharsets.UTF_8));
  }

  static Reading of(FeedParser parser, byte[] body) {
    return of(parser, body, Integer.MAX_VALUE, FeedBody.DEFAULT_MAX_LINE_LENGTH);
  }

  /**
   * Reads a body.
   *
   * @param chunk the most bytes that the stream gives at once
   * @param maxLine the most bytes of a line
   */
  static Reading of(FeedParser parser, byte[] body, int chunk, int maxLine) {
    List<FeedEntry> entries = new ArrayList<>();
    try {
      Iterator<FeedEntry> found =
          parser.parse(new FeedBody(new Chunks(body, chunk), "list.txt", null, maxLine), FEED);
      found.forEachRemaining(entries::add);
    } catch (FeedException e) {
      return new Reading(entries, end(e));
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof FeedException broken) {
        return new Reading(entries, end(broken));
      }
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Reading(entries, null);
  }

  private static String end(FeedException e) {
    return e.clause().orElse(e.outcome().name());
  }

  /** Returns the numbers of the records, in their order. */
  List<Long> positions() {
    List<Long> positions = new ArrayList<>();
    for (FeedEntry entry : entries) {
      if (entry instanceof FeedEntry.Accepted accepted) {
        positions.add(accepted.position());
      } else if (entry instanceof FeedEntry.Rejected rejected) {
        positions.add(rejected.position());
      }
    }
    return positions;
  }

  /** Returns the reasons of what was rejected, with the numbers of the records. */
  List<String> rejections() {
    List<String> rejections = new ArrayList<>();
    for (FeedEntry entry : entries) {
      if (entry instanceof FeedEntry.Rejected rejected) {
        rejections.add(rejected.position() + " " + rejected.reason());
      }
    }
    return rejections;
  }

  /** Returns what the list states about itself. */
  List<String> declarations() {
    List<String> declarations = new ArrayList<>();
    for (FeedEntry entry : entries) {
      if (entry instanceof FeedEntry.Declared declared) {
        declarations.add(declared.key() + "=" + declared.value());
      }
    }
    return declarations;
  }

  /** Gives bytes in parts, as networks do. */
  private static final class Chunks extends FilterInputStream {
    private final int most;

    Chunks(byte[] bytes, int most) {
      super(new ByteArrayInputStream(bytes));
      this.most = most;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      return super.read(buffer, offset, Math.min(length, most));
    }
  }
}
