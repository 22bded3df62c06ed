// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.Confidence;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.FeedSettings.Override;
import dev.tip.feed.Feeds;
import dev.tip.testkit.FeedOrigin;
import dev.tip.testkit.FeedOrigin.Reply;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The feeds of the catalogue with invented lists, in the formats of their publishers, over HTTP
 * from the loopback address.
 */
final class DemoFeeds implements Closeable {
  private static final List<String> LISTS =
      List.of(
          "abusech-urlhaus.csv",
          "abusech-malwarebazaar.csv",
          "abusech-feodotracker.csv",
          "abusech-sslbl.csv",
          "emergingthreats-block-ips.txt",
          "abuseipdb-blacklist.json",
          "spamhaus-drop-v4.json",
          "spamhaus-drop-v6.json",
          "botvrij-filename.raw",
          "botvrij-domain.raw",
          "botvrij-ip-dst.raw",
          "botvrij-url.raw");

  private static final String ARCHIVE = "eset-malware-ioc";
  private static final List<String> MEMBERS =
      List.of("samples.md5", "samples.sha1", "samples.sha256");

  private final FeedOrigin origin;
  private final FeedSettings settings;

  private DemoFeeds(FeedOrigin origin, FeedSettings settings) {
    this.origin = origin;
    this.settings = settings;
  }

  /** Starts to serve them, dated by the clock. */
  static DemoFeeds start(Clock clock) throws IOException {
    return start(clock, list -> list);
  }

  /** The same without the lines that have a text: what they say was not listed then. */
  static DemoFeeds before(Clock clock, String text) throws IOException {
    return start(
        clock,
        list ->
            list.lines()
                .filter(line -> !line.contains(text))
                .map(line -> line + '\n')
                .collect(Collectors.joining()));
  }

  private static DemoFeeds start(Clock clock, UnaryOperator<String> change) throws IOException {
    Instant now = clock.instant();
    FeedOrigin origin = FeedOrigin.start();
    FeedSettings.Builder settings = FeedSettings.builder();
    try {
      for (String list : LISTS) {
        serve(origin, list, dated(change.apply(text("feeds/" + list)), now));
        settings.override(list.substring(0, list.lastIndexOf('.')), at(origin, list, null));
      }
      serve(origin, ARCHIVE + ".zip", archive());
      // No list of the catalogue gives hashes of medium confidence; this shows how one is set.
      settings.override(ARCHIVE, at(origin, ARCHIVE + ".zip", Confidence.MEDIUM));
      return new DemoFeeds(origin, settings.build());
    } catch (IOException | RuntimeException e) {
      origin.close();
      throw e;
    }
  }

  private static void serve(FeedOrigin origin, String name, byte[] body) {
    origin.on('/' + name, Reply.ok(body));
  }

  private static Override at(FeedOrigin origin, String name, @Nullable Confidence confidence) {
    return new Override(origin.uri('/' + name), null, null, confidence);
  }

  private static byte[] dated(String list, Instant now) {
    LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
    return list.replace("{today}", today.toString())
        .replace("{yesterday}", today.minusDays(1).toString())
        .replace("{epoch}", Long.toString(now.getEpochSecond()))
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] archive() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String member : MEMBERS) {
        zip.putNextEntry(new ZipEntry("malware-ioc-master/example_campaign/" + member));
        zip.write(text("feeds/" + ARCHIVE + '/' + member).getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  /** Reads a file of the demonstration. */
  static String text(String name) throws IOException {
    try (InputStream in = DemoFeeds.class.getResourceAsStream("demo/" + name)) {
      if (in == null) {
        throw new FileNotFoundException("demo/" + name + " is missing from the command's jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Settings that give the feeds of the catalogue the addresses of the invented lists. */
  FeedSettings settings() {
    return settings;
  }

  /**
   * Returns the feeds that have a list here; the others of the catalogue would go out for theirs.
   */
  List<Feed> feeds() {
    return Feeds.installed(settings).values().stream()
        .filter(feed -> settings.override(feed.info().id()).isPresent())
        .toList();
  }

  @java.lang.Override
  public void close() throws IOException {
    origin.close();
  }
}
