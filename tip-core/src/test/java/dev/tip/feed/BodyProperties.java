// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/**
 * Whatever the bytes are and however they come, reading a body gives entries or a {@link
 * FeedException}, and always the same.
 */
class BodyProperties {
  private static final FetchContext LIMITS =
      FetchContext.builder(Usage.NON_COMMERCIAL)
          .maxBodyBytes(100_000)
          .maxInflatedBytes(200_000)
          .build();

  private static FeedInfo feed(ContentContract contract) {
    URI page = URI.create("https://list.example/");
    return FeedInfo.builder("example-list")
        .provider("Example")
        .reference(page)
        .role(FeedInfo.Role.C2)
        .coverage(FeedInfo.Coverage.SNAPSHOT)
        .terms(new Terms("CC0", page, true, true, null))
        .types(CyberObservable.Type.MUTEX)
        .contract(contract)
        .build();
  }

  private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private static final FeedInfo FEED = feed(ContentContract.DEFAULT);

  /** Every line is rejected: what is read is what the entries hold. */
  private static final FeedParser LINES =
      (body, feed) ->
          new BufferedReader(new InputStreamReader(body.stream(), StandardCharsets.ISO_8859_1))
              .lines()
              .map(line -> (FeedEntry) new FeedEntry.Rejected(1, line, "line"))
              .iterator();

  /** What came out, or the outcome and clause of the failure. */
  private static Object outcome(InputStream in, boolean archive, FeedInfo feed) throws IOException {
    List<FeedEntry> entries = new ArrayList<>();
    try (BodyEntries body =
        BodyEntries.open(
            feed,
            LINES,
            archive ? name -> true : null,
            LIMITS,
            new Meter(feed, LIMITS),
            in,
            "list",
            null)) {
      body.forEachRemaining(entries::add);
      return entries;
    } catch (FeedException e) {
      return failure(e);
    } catch (UncheckedIOException e) {
      assertThat(e.getCause()).isInstanceOf(FeedException.class);
      return failure((FeedException) e.getCause());
    }
  }

  private static String failure(FeedException e) {
    assertThat(e.outcome()).isEqualTo(FeedOutcome.CONTRACT_BROKEN);
    assertThat(e).hasMessageStartingWith("example-list: contract broken (");
    return e.clause().orElseThrow();
  }

  /** Which of two faults is seen first may depend on the pieces. */
  private static void assertSameListInPieces(byte[] bytes, long seed, int largest)
      throws IOException {
    for (boolean archive : new boolean[] {false, true}) {
      Object expected = outcome(new ByteArrayInputStream(bytes), archive, FEED);
      for (int size : new int[] {1, largest}) {
        Object found = outcome(new Pieces(bytes, seed, size), archive, FEED);
        if (expected instanceof List || found instanceof List) {
          assertThat(found).isEqualTo(expected);
        }
      }
    }
  }

  private static void assertSameInPieces(byte[] bytes, long seed, int largest, FeedInfo feed)
      throws IOException {
    for (boolean archive : new boolean[] {false, true}) {
      Object expected = outcome(new ByteArrayInputStream(bytes), archive, feed);
      assertThat(outcome(new Pieces(bytes, seed, largest), archive, feed)).isEqualTo(expected);
      assertThat(outcome(new Pieces(bytes, seed, 1), archive, feed)).isEqualTo(expected);
    }
  }

  @Provide
  Arbitrary<byte[]> texts() {
    return Arbitraries.of(
            "\uFEFF",
            " ",
            "\n",
            "\r",
            "<",
            "<!",
            "<!--",
            "<!doctype",
            "<html",
            "<HTML>",
            "<b",
            "<bx",
            "Access denied",
            ".",
            ":",
            ">",
            "version https://git-lfs.github.com/",
            "version ",
            "spec/v1",
            "# marker",
            "# ",
            "mark",
            "er",
            "a.example",
            "\0",
            "PK",
            "\u00e9",
            "x")
        .list()
        .ofMaxSize(12)
        .map(parts -> String.join("", parts).getBytes(StandardCharsets.UTF_8));
  }

  @Provide
  Arbitrary<byte[]> noise() {
    Arbitrary<byte[]> any = Arbitraries.bytes().array(byte[].class).ofMaxSize(200);
    Arbitrary<byte[]> starts =
        Arbitraries.of(
            new byte[0],
            new byte[] {0x1f, (byte) 0x8b},
            new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 0},
            new byte[] {0x1f, (byte) 0x8b, 8, 0x1f, 0, 0, 0, 0, 0, 0},
            new byte[] {'P', 'K', 3, 4},
            new byte[] {'P', 'K', 5, 6},
            new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf});
    return Combinators.combine(starts, any).as(BodyProperties::concat);
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] zip(byte[] bytes, boolean stored) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      ZipEntry entry = new ZipEntry("list.txt");
      if (stored) {
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(checksum.getValue());
      }
      zip.putNextEntry(entry);
      zip.write(bytes);
      zip.closeEntry();
      zip.putNextEntry(new ZipEntry("other.txt"));
      zip.write("b.example\n".getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  /** Flips bits in, cuts and lengthens what was good. */
  private static byte[] damaged(byte[] good, long seed, int flips) {
    Random random = new Random(seed);
    byte[] bytes = Arrays.copyOf(good, Math.max(1, good.length - random.nextInt(5) + 2));
    for (int i = 0; i < flips; i++) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  @Property(tries = 500)
  void noiseIsReadTheSameInPieces(
      @ForAll("noise") byte[] bytes, @ForAll long seed, @ForAll @IntRange(min = 1, max = 50) int n)
      throws IOException {
    assertSameListInPieces(bytes, seed, n);
  }

  @Property(tries = 500)
  void textIsReadTheSameInPieces(
      @ForAll("texts") byte[] bytes, @ForAll long seed, @ForAll @IntRange(min = 1, max = 50) int n)
      throws IOException {
    assertSameInPieces(bytes, seed, n, FEED);
    assertSameInPieces(
        bytes, seed, n, feed(ContentContract.builder().marker("marker").htmlExpected().build()));
  }

  @Property(tries = 500)
  void startIsSeenTheSameInPieces(
      @ForAll("texts") byte[] text, @ForAll boolean mark, @ForAll long seed) throws IOException {
    byte[] bytes = concat(mark ? MARK : new byte[0], text);

    String expected = checked(new ByteArrayInputStream(bytes));

    assertThat(checked(new Pieces(bytes, seed, 1))).isEqualTo(expected);
    assertThat(checked(new Pieces(bytes, seed, 5))).isEqualTo(expected);
    assertThat(expected)
        .isIn(
            new String(bytes, StandardCharsets.ISO_8859_1),
            "!html",
            "!git-lfs-pointer",
            "!error-text");
  }

  private static String checked(InputStream in) throws IOException {
    try {
      byte[] all = new Sniffer(FEED).check(in).readAllBytes();
      return new String(all, StandardCharsets.ISO_8859_1);
    } catch (FeedException e) {
      return "!" + failure(e);
    }
  }

  @Property(tries = 200)
  void whatIsPackedComesOut(@ForAll("texts") byte[] text, @ForAll long seed, @ForAll boolean stored)
      throws IOException {
    FeedInfo html = feed(ContentContract.builder().htmlExpected().build());
    byte[] list = concat("# list\n".getBytes(StandardCharsets.UTF_8), text);
    Object expected = outcome(new ByteArrayInputStream(list), false, html);
    assertThat(expected).isInstanceOf(List.class);

    for (byte[] packed : List.of(gzip(list), gzip(gzip(list)), zip(list, stored))) {
      Object found = outcome(new Pieces(packed, seed, 20), false, html);
      assertThat(withoutMembers(found)).isEqualTo(expected);
    }
  }

  private static @Nullable Object withoutMembers(Object outcome) {
    return outcome instanceof List<?> entries
        ? entries.stream().filter(e -> !(e instanceof FeedEntry.Declared)).toList()
        : outcome;
  }

  @Property(tries = 500)
  void damagedGzipGivesItsListOrAnException(
      @ForAll("texts") byte[] text, @ForAll long seed, @ForAll @IntRange(max = 3) int flips)
      throws IOException {
    assertSameListInPieces(damaged(gzip(text), seed, flips), seed, 20);
  }

  @Property(tries = 500)
  void damagedArchiveGivesItsListOrAnException(
      @ForAll("texts") byte[] text,
      @ForAll long seed,
      @ForAll boolean stored,
      @ForAll @IntRange(max = 3) int flips)
      throws IOException {
    assertSameListInPieces(damaged(zip(text, stored), seed, flips), seed, 20);
  }
}
