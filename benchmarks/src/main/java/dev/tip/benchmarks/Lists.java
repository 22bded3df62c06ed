// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.benchmarks;

import dev.tip.Indicator;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.Feeds;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.Mirror;
import dev.tip.feed.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Synthetic lists on disk, read as a user reads them: a feed of the catalogue over a mirror. */
final class Lists {
  private static final Path FOLDER =
      Path.of(System.getProperty("tip.benchmarks.data", "target/benchmark-data"));

  /** A list and the feed that reads it. */
  enum Kind {
    URLHAUS("abusech-urlhaus", "https://urlhaus.abuse.ch/downloads/csv_recent/"),
    MALWAREBAZAAR("abusech-malwarebazaar", "https://bazaar.abuse.ch/export/csv/recent/"),
    IPV4("botvrij-ip-dst", "https://www.botvrij.eu/data/ioclist.ip-dst.raw"),
    DROP("spamhaus-drop-v4", "https://www.spamhaus.org/drop/drop_v4.json");

    private final String feedId;
    private final String address;

    Kind(String feedId, String address) {
      this.feedId = feedId;
      this.address = address;
    }
  }

  private final Path file;
  private final Feed feed;
  private final FetchContext context;
  private final int rows;

  private Lists(Path file, Feed feed, FetchContext context, int rows) {
    this.file = file;
    this.feed = feed;
    this.context = context;
    this.rows = rows;
  }

  static Lists of(Kind kind, int rows) throws IOException {
    Path folder = folder(kind, Integer.toString(rows));
    write(kind, rows, folder.resolve("list"));
    return open(kind, folder, rows);
  }

  /** Returns the list as the publisher's whole database comes: the one entry of a zip archive. */
  static Lists zipped(Kind kind, int rows) throws IOException {
    Path folder = folder(kind, rows + "-zip");
    Path plain = write(kind, rows, folder.resolve("plain"));
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(folder.resolve("list")))) {
      zip.putNextEntry(new ZipEntry("full.csv"));
      Files.copy(plain, zip);
    }
    Budgets.print(String.format(Locale.ROOT, "  %,d bytes before packing", Files.size(plain)));
    Files.delete(plain);
    return open(kind, folder, rows);
  }

  private static Path folder(Kind kind, String suffix) throws IOException {
    return Files.createDirectories(
        FOLDER.resolve(kind.name().toLowerCase(Locale.ROOT) + '-' + suffix));
  }

  private static Path write(Kind kind, int rows, Path file) throws IOException {
    return switch (kind) {
      case URLHAUS -> SyntheticLists.urlhaus(file, rows);
      case MALWAREBAZAAR -> SyntheticLists.malwareBazaar(file, rows);
      case IPV4 -> SyntheticLists.ipv4(file, rows);
      case DROP -> SyntheticLists.drop(file, rows);
    };
  }

  private static Lists open(Kind kind, Path folder, int rows) throws IOException {
    Files.writeString(
        folder.resolve(Mirror.TABLE), kind.address + "\tlist\n", StandardCharsets.UTF_8);
    FetchContext context =
        FetchContext.builder(Usage.NON_COMMERCIAL)
            .mirror(Mirror.open(folder))
            .maxBodyBytes(1L << 40)
            .maxInflatedBytes(1L << 40)
            .build();
    Feed feed = Feeds.installed(FeedSettings.defaults()).get(kind.feedId);
    if (feed == null) {
      throw new IllegalStateException("not in the catalogue: " + kind.feedId);
    }
    return new Lists(folder.resolve("list"), feed, context, rows);
  }

  Path file() {
    return file;
  }

  Feed feed() {
    return feed;
  }

  FetchContext context() {
    return context;
  }

  /** Fetches the list and makes an indicator of every row. */
  long read() throws IOException, InterruptedException {
    long accepted = 0;
    try (FetchResult result = feed.fetch(context, null)) {
      if (!(result instanceof FetchResult.Modified modified)) {
        throw new IllegalStateException("the mirror has the list");
      }
      for (FeedEntry entry : modified.reader()) {
        if (entry instanceof FeedEntry.Accepted) {
          accepted++;
        }
      }
    }
    if (accepted != rows) {
      throw new IllegalStateException(accepted + " of " + rows + " rows were accepted");
    }
    return accepted;
  }

  /** Returns the list's indicators, each once. */
  List<Indicator> indicators() throws IOException, InterruptedException {
    Map<String, Indicator> unique = new LinkedHashMap<>();
    try (FetchResult result = feed.fetch(context, null)) {
      if (result instanceof FetchResult.Modified modified) {
        for (FeedEntry entry : modified.reader()) {
          if (entry instanceof FeedEntry.Accepted accepted) {
            unique.put(accepted.indicator().observable().value(), accepted.indicator());
          }
        }
      }
    }
    return List.copyOf(unique.values());
  }

  @Override
  public String toString() {
    try {
      return String.format(
          Locale.ROOT,
          "%s, %,d rows, %,d bytes, SHA-256 %s",
          feed.info().id(),
          rows,
          Files.size(file),
          SyntheticLists.dataSetHash(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
