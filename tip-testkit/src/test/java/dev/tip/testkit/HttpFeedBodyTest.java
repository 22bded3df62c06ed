// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.feed.ContentContract;
import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchResult;
import dev.tip.feed.HttpFeed;
import dev.tip.testkit.FeedOrigin.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a body, packed, cut, or not the list at all. */
class HttpFeedBodyTest extends HttpFeedTestCase {
  private static final byte[] BYTES = LIST.getBytes(UTF_8);

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] zip(Map<String, String> members) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, String> member : members.entrySet()) {
        zip.putNextEntry(new ZipEntry(member.getKey()));
        zip.write(member.getValue().getBytes(UTF_8));
      }
    }
    return out.toByteArray();
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private String clause(Reply reply) {
    FeedException e = failure(reply);
    assertThat(e).hasMessageStartingWith("example-names: ");
    return String.valueOf(clause(e));
  }

  private HttpFeed archive() {
    return builder().members(name -> name.endsWith(".txt")).build();
  }

  private HttpFeed with(ContentContract contract) {
    return Names.feed(Names.info().contract(contract), address()).build();
  }

  // Gzip

  @Test
  void gzipIsRecognisedByItsBytes() throws Exception {
    assertThat(names(Reply.ok(LIST).gzip())).isEqualTo(Names.RECORDS);
    assertThat(names(Reply.ok(LIST).undeclaredGzip())).isEqualTo(Names.RECORDS);
    assertThat(names(Reply.ok(LIST).undeclaredGzip().header("Content-Type", "text/plain")))
        .isEqualTo(Names.RECORDS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "x-gzip", "identity", "GZIP"})
  void contentEncodingThatLiesDoesNoHarm(String coding) throws Exception {
    assertThat(names(Reply.ok(LIST).header("Content-Encoding", coding))).isEqualTo(Names.RECORDS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "deflate", "zstd", "gzip, gzip"})
  void contentEncodingThatWasNotAskedForIsRefused(String coding) {
    assertThat(clause(Reply.ok(LIST).header("Content-Encoding", coding))).isEqualTo("compression");
  }

  @Test
  void twoLayersOfGzipAreTakenOffAndThreeAreRefused() throws Exception {
    assertThat(names(Reply.ok(gzip(BYTES)).gzip())).isEqualTo(Names.RECORDS);
    assertThat(clause(Reply.ok(gzip(gzip(BYTES))).gzip())).isEqualTo("compression");
  }

  @Test
  void membersOfGzipAreReadOneAfterTheOther() throws Exception {
    byte[] two = concat(gzip(BYTES), gzip("last.example\n".getBytes(UTF_8)));

    assertThat(names(Reply.ok(two).chunked())).hasSize(Names.RECORDS.size() + 1);
  }

  @Test
  void gzipThatIsCutOrDamagedAnywhereIsRefused() throws Exception {
    byte[] packed = gzip(BYTES);
    for (int length = 3; length < packed.length; length++) {
      assertThat(clause(Reply.ok(Arrays.copyOf(packed, length)))).isEqualTo("compression");
    }
    byte[] wrongChecksum = packed.clone();
    wrongChecksum[packed.length - 8] ^= 1;
    assertThat(clause(Reply.ok(wrongChecksum))).isEqualTo("compression");
    byte[] wrongSize = packed.clone();
    wrongSize[packed.length - 1] ^= 1;
    assertThat(clause(Reply.ok(wrongSize))).isEqualTo("compression");
  }

  @Test
  void bytesBehindGzipAreLeftOutButReadToTheirEnd() throws Exception {
    byte[] padded = concat(gzip(BYTES), new byte[512]);
    byte[] trailing = concat(gzip(BYTES), "garbage".getBytes(UTF_8));
    assertThat(names(Reply.ok(padded))).isEqualTo(Names.RECORDS);
    assertThat(names(Reply.ok(trailing))).isEqualTo(Names.RECORDS);

    FeedException cut = failure(Reply.ok(trailing).cut(trailing.length - 2));
    assertThat(cut.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
  }

  // Zip

  @Test
  void archiveIsRecognisedByItsBytesAndItsFirstMemberIsRead() throws Exception {
    byte[] zip = zip(new LinkedHashMap<>(Map.of("list.csv", LIST)));

    assertThat(names(Reply.ok(zip).header("Content-Type", "text/plain"))).isEqualTo(Names.RECORDS);
    assertThat(names(Reply.ok(zip).gzip())).isEqualTo(Names.RECORDS);
  }

  @Test
  void membersAreChosenByNameAndReadInTheOrderOfTheirNames() throws Exception {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("b.txt", "b.example\n");
    members.put("readme.md", "not a host name\n");
    members.put("empty.txt", "");
    members.put("a.txt", "a.example\n");
    origin.on(PATH, Reply.ok(zip(members)));

    List<FeedEntry> entries = new ArrayList<>();
    try (FetchResult result = archive().fetch(context().build(), null)) {
      ((FetchResult.Modified) result).reader().forEach(entries::add);
    }

    assertThat(entries)
        .extracting(
            e ->
                e instanceof FeedEntry.Declared d
                    ? d.key() + " " + d.value()
                    : ((FeedEntry.Accepted) e).indicator().observable().value())
        .containsExactly(
            "member a.txt", "a.example", "member b.txt", "b.example", "member empty.txt");
  }

  @Test
  void directoryAtTheEndSaysWhatIsInAnArchive() throws Exception {
    byte[] hidden = zip(Map.of("hidden.txt", "hidden.example\n"));
    byte[] listed = zip(Map.of("listed.txt", "listed.example\n"));
    origin.on(PATH, Reply.ok(concat(hidden, listed)));

    assertThat(names(archive(), context().build())).containsExactly("listed.example");
  }

  @Test
  void namesOfMembersAreNeverPaths(@TempDir Path folder) throws Exception {
    Path outside = folder.resolve("written.txt");
    Map<String, String> members = new LinkedHashMap<>();
    members.put("../../../../../../../../.." + outside, "up.example\n");
    members.put(outside.toString(), "absolute.example\n");
    members.put("C:\\temp\\x.txt", "drive.example\n");
    origin.on(PATH, Reply.ok(zip(members)));

    assertThat(names(archive(), context().build()))
        .containsExactlyInAnyOrder("up.example", "absolute.example", "drive.example");
    assertThat(outside).doesNotExist();
  }

  @Test
  void archiveThatIsCutAnywhereIsRefused() throws Exception {
    byte[] zip = zip(Map.of("a.txt", LIST));
    for (int length : new int[] {4, 30, zip.length / 2, zip.length - 22, zip.length - 1}) {
      origin.on(PATH, Reply.ok(Arrays.copyOf(zip, length)));
      assertThat(clause(failure(archive(), context().build()))).isEqualTo("archive");
    }
  }

  @Test
  void memberThatIsDamagedIsRefused() throws Exception {
    byte[] zip = zip(Map.of("a.txt", LIST));
    byte[] damaged = zip.clone();
    damaged[60] ^= 0x55;
    origin.on(PATH, Reply.ok(damaged));

    assertThat(clause(failure(archive(), context().build()))).isEqualTo("archive");
  }

  @Test
  void encryptedArchiveIsRefusedAsSuch() throws Exception {
    byte[] zip = zip(Map.of("a.txt", LIST));
    int directory = indexOf(zip, new byte[] {'P', 'K', 1, 2});
    zip[6] |= 1;
    zip[directory + 8] |= 1;
    origin.on(PATH, Reply.ok(zip));

    FeedException e = failure(archive(), context().build());

    assertThat(clause(e)).isEqualTo("archive");
    assertThat(e).hasMessageContaining("encrypted");
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    return IntStream.range(0, bytes.length - part.length)
        .filter(i -> Arrays.equals(bytes, i, i + part.length, part, 0, part.length))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void archiveWithoutTheFilesOfTheFeedIsRefused() throws Exception {
    origin.on(PATH, Reply.ok(zip(Map.of("a.csv", LIST))));
    assertThat(clause(failure(archive(), context().build()))).isEqualTo("archive");
    origin.on(PATH, Reply.ok(zip(Map.of())));
    assertThat(clause(failure(archive(), context().build()))).isEqualTo("archive");
  }

  @Test
  void bodyThatIsNoArchiveIsRefusedForWhatItIs() {
    origin.on(PATH, Reply.ok(LIST));
    assertThat(clause(failure(archive(), context().build()))).isEqualTo("archive");
    origin.on(PATH, Reply.ok("<html>busy</html>"));
    assertThat(clause(failure(archive(), context().build()))).isEqualTo("html");
  }

  @Test
  void directoryThatWouldFillTheMemoryIsRefusedUnread() throws Exception {
    byte[] zip = zip(Map.of("a.txt", LIST));
    int end = indexOf(zip, new byte[] {'P', 'K', 5, 6});
    zip[end + 15] = 0x10;
    origin.on(PATH, Reply.ok(zip));

    FeedException e = failure(archive(), context().build());

    assertThat(clause(e)).isEqualTo("archive");
    assertThat(e).hasMessageContaining("directory");
  }

  @Test
  void archiveIsGoneFromTheDiskWhenTheReaderIsClosed() throws Exception {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    List<Path> before = archivesIn(temporary);
    origin.on(PATH, Reply.ok(zip(Map.of("a.txt", LIST))), Reply.ok("PK\3\4 no archive"));

    names(archive(), context().build());
    failure(archive(), context().build());

    assertThat(archivesIn(temporary)).isEqualTo(before);
  }

  private static List<Path> archivesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(f -> f.getFileName().toString().matches("tip-.*\\.zip"))
          .sorted()
          .toList();
    }
  }

  // Limits

  @Test
  void bombIsRefusedByItsRatio() throws Exception {
    String uniform = "aaaaaaaaaaaaaaa\n".repeat(1 << 19);
    assertThat(clause(Reply.ok(uniform).gzip())).isEqualTo("compression");
    assertThat(clause(Reply.ok(gzip(uniform.getBytes(UTF_8))).gzip())).isEqualTo("compression");
    origin.on(PATH, Reply.ok(zip(Map.of("a.txt", uniform))));
    assertThat(clause(failure(archive(), context().build()))).isEqualTo("compression");
  }

  @Test
  void archiveWithinGzipIsHeldAgainstTheLimitsBeforeItIsOnTheDisk() throws Exception {
    byte[] zeros = concat(new byte[] {'P', 'K', 3, 4}, new byte[8 << 20]);
    assertThat(clause(Reply.ok(zeros).gzip())).isEqualTo("compression");

    byte[] zip = zip(Map.of("a.txt", LIST));
    origin.on(PATH, Reply.ok(zip).gzip());
    names(archive(), context().maxInflatedBytes(zip.length).build());
    FeedException e = failure(archive(), context().maxInflatedBytes(zip.length - 1).build());
    assertThat(clause(e)).isEqualTo("too-large");
  }

  @Test
  void uniformListThatIsSmallIsNoBomb() throws Exception {
    assertThat(names(Reply.ok(LIST + "# aaaaaaaaaaaaa\n".repeat(1 << 15)).gzip()))
        .isEqualTo(Names.RECORDS);
  }

  @Test
  void bodyMayHaveExactlyTheLimit() throws Exception {
    origin.on(PATH, Reply.ok(LIST));
    names(feed(), context().maxBodyBytes(BYTES.length).maxInflatedBytes(BYTES.length).build());

    for (Reply reply : List.of(Reply.ok(LIST), Reply.ok(LIST).chunked())) {
      origin.on(PATH, reply);
      FeedException e = failure(feed(), context().maxBodyBytes(BYTES.length - 1).build());
      assertThat(clause(e)).isEqualTo("too-large");
      assertThat(e).hasMessageContaining(String.valueOf(BYTES.length - 1));
    }
    origin.on(PATH, Reply.ok(LIST).gzip());
    FeedException inflated = failure(feed(), context().maxInflatedBytes(BYTES.length - 1).build());
    assertThat(clause(inflated)).isEqualTo("too-large");
  }

  @Test
  void announcedSizeIsRefusedBeforeTheBody() {
    Reply huge = Reply.ok("x").header("Content-Length", String.valueOf(1L << 40));
    FeedOrigin.Gate gate = new FeedOrigin.Gate();

    assertThat(clause(huge.hold(0, gate))).isEqualTo("too-large");
    gate.open();
  }

  @Test
  void limitHoldsForAllMembersOfAnArchiveTogether() throws Exception {
    origin.on(PATH, Reply.ok(zip(Map.of("a.txt", LIST, "b.txt", LIST))));

    names(archive(), context().maxInflatedBytes(2L * BYTES.length).build());
    FeedException e = failure(archive(), context().maxInflatedBytes(2L * BYTES.length - 1).build());

    assertThat(clause(e)).isEqualTo("too-large");
  }

  @Test
  void parserIsToldNameDateAndLimit() throws Exception {
    List<FeedBody> bodies = new ArrayList<>();
    origin.on(PATH, Reply.ok(LIST).header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT"));
    HttpFeed feed =
        builder()
            .parser(
                (body, info) -> {
                  bodies.add(body);
                  return Names.parse(body, info);
                })
            .build();

    names(feed, context().maxLineLength(77).build());

    assertThat(bodies).hasSize(1);
    assertThat(bodies.get(0).name()).isEqualTo("list");
    assertThat(bodies.get(0).lastModified()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(bodies.get(0).maxLineLength()).isEqualTo(77);
  }

  // Not the list

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!DOCTYPE html><html></html>",
        "\uFEFF \r\n\t<HTML>",
        "<html\nlang=en>",
        "<head>",
        "<!-- error --><p>",
        "<script>challenge()</script>",
        "<title>Just a moment...</title>",
        "<body class=captcha>",
        "<h1>502</h1>",
        "<!doctype html SYSTEM 'about:legacy-compat'>"
      })
  void webPageIsRefused(String page) {
    assertThat(clause(Reply.ok(page))).isEqualTo("html");
    assertThat(clause(Reply.ok(page).undeclaredGzip().chunked())).isEqualTo("html");
    assertThat(clause(Reply.ok(page).drip(0, Duration.ofMillis(1)))).isEqualTo("html");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/html", "TEXT/HTML; charset=utf-8", "application/xhtml+xml"})
  void webPageIsRefusedByItsMediaType(String type) {
    assertThat(clause(Reply.ok(LIST).header("Content-Type", type))).isEqualTo("html");
  }

  @Test
  void webPageIsReadWhereTheListIsOne() throws Exception {
    origin.on(PATH, Reply.ok("<pre>\na.example\n").header("Content-Type", "text/html"));
    ContentContract html = ContentContract.builder().htmlExpected().maxRejectedShare(0.5).build();

    assertThat(names(with(html), context().build())).containsExactly("a.example");
  }

  @Test
  void anotherMediaTypeThanThePromisedOneIsRefused() throws Exception {
    ContentContract text = ContentContract.builder().mediaTypes("text/plain", "TEXT/CSV").build();
    for (String good : List.of("text/plain", "Text/CSV ; charset=utf-8")) {
      origin.on(PATH, Reply.ok(LIST).header("Content-Type", good));
      assertThat(names(with(text), context().build())).isEqualTo(Names.RECORDS);
    }
    origin.on(PATH, Reply.ok(LIST));
    assertThat(names(with(text), context().build())).isEqualTo(Names.RECORDS);

    origin.on(PATH, Reply.ok(LIST).header("Content-Type", "application/json"));
    FeedException e = failure(with(text), context().build());
    assertThat(clause(e)).isEqualTo("media-type");
    assertThat(e).hasMessageContaining("text/csv").hasMessageNotContaining("json");
  }

  @Test
  void emptyBodyIsRefused() throws Exception {
    assertThat(clause(Reply.ok(""))).isEqualTo("empty-body");
    assertThat(clause(Reply.ok("").chunked())).isEqualTo("empty-body");
    assertThat(clause(Reply.ok("").gzip())).isEqualTo("empty-body");
    origin.on(PATH, Reply.ok(""));
    ContentContract mayBeEmpty = ContentContract.builder().mayBeEmpty().build();
    assertThat(clause(failure(with(mayBeEmpty), context().build()))).isEqualTo("empty-body");
  }

  @Test
  void listWithoutRecordIsRefusedUnlessItMayBeEmpty() throws Exception {
    assertThat(clause(Reply.ok("# no name today\n"))).isEqualTo("empty");
    ContentContract mayBeEmpty = ContentContract.builder().mayBeEmpty().build();
    assertThat(names(with(mayBeEmpty), context().build())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SERVICE SUSPENDED",
        "\n Could not connect: db\n",
        "Access denied.\n",
        "404: Not Found"
      })
  void errorMessageInPlaceOfTheListIsRefused(String text) {
    assertThat(clause(Reply.ok(text))).isEqualTo("error-text");
  }

  @ParameterizedTest
  @ValueSource(strings = {"access-denied.example\n", "access.denied.example\n"})
  void namesThatBeginLikeAnErrorMessageAreNone(String text) throws Exception {
    assertThat(clause(Reply.ok(text + "access denied.example\n"))).isEqualTo("rejected-share");
  }

  @Test
  void pointerToALargeFileIsRefused() {
    String pointer =
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0".repeat(64) + "\nsize 9\n";

    assertThat(clause(Reply.ok(pointer))).isEqualTo("git-lfs-pointer");
  }

  @Test
  void listInUtf16IsRefused() {
    assertThat(clause(Reply.ok(("\uFEFF" + LIST).getBytes(UTF_16LE)))).isEqualTo("rejected-share");
  }

  @Test
  void listWithoutItsMarkerIsAnotherList() throws Exception {
    ContentContract marked = ContentContract.builder().marker("names of the example").build();
    origin.on(PATH, Reply.ok("#".repeat(16 * 1024 - 23) + "\n" + LIST));
    assertThat(names(with(marked), context().build())).isEqualTo(Names.RECORDS);
    origin.on(PATH, Reply.ok(LIST).drip(0, Duration.ofMillis(1)));
    assertThat(names(with(marked), context().build())).isEqualTo(Names.RECORDS);

    origin.on(PATH, Reply.ok("#".repeat(16 * 1024) + "\n" + LIST));
    assertThat(clause(failure(with(marked), context().build()))).isEqualTo("marker");
    origin.on(PATH, Reply.ok("a.example\n"));
    assertThat(clause(failure(with(marked), context().build()))).isEqualTo("marker");
  }

  @Test
  void moreRejectedThanAllowedIsAnotherFormat() {
    assertThat(clause(Reply.ok("{\"error\": \"quota\"}\n"))).isEqualTo("rejected-share");
  }

  // Cut

  @ParameterizedTest
  @CsvSource({"0", "1", "50", "-1"})
  void cutBodyIsNoShortList(int at) {
    int bytes = at < 0 ? BYTES.length - 1 : at;
    for (Reply reply :
        List.of(
            Reply.ok(LIST).cut(bytes),
            Reply.ok(LIST).chunked().cut(bytes),
            Reply.ok(LIST).reset(bytes))) {
      FeedException e = failure(reply);
      assertThat(e.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
      assertThat(e).hasMessageContaining("broke");
    }
  }

  @Test
  void missingLastChunkIsNoticed() {
    assertThat(failure(Reply.ok(LIST).chunked().cut(BYTES.length)).outcome())
        .isEqualTo(FeedOutcome.UNREACHABLE);
  }

  @Test
  void brokenConnectionBehindTheLastRecordIsNoticed() {
    origin.on(PATH, Reply.ok(LIST + "\n#\n").cut(BYTES.length + 1));
    HttpFeed lazy =
        builder()
            .parser(
                (body, info) -> {
                  Iterator<FeedEntry> all = Names.parse(body, info);
                  return Stream.generate(all::next).limit(Names.RECORDS.size()).iterator();
                })
            .build();

    assertThat(failure(lazy, context().build()).outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
  }

  @Test
  void bodyThatEndsWithTheConnectionIsReadToThere() throws Exception {
    assertThat(names(Reply.ok(LIST).closeDelimited())).isEqualTo(Names.RECORDS);
  }

  @Test
  void bytesThatAreNoResponseAreRefused() {
    FeedException e = failure(Reply.raw(new byte[] {1, 2, 3, '\r', '\n', '\r', '\n'}));

    assertThat(e.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
    assertThat(failure(Reply.raw(new byte[0])).outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
  }

  // Parsers

  @Test
  void parserThatFallsOverIsNamedWithItsPosition() {
    IllegalStateException bug = new IllegalStateException("c2-0.example");
    origin.on(PATH, Reply.ok(LIST));
    HttpFeed feed =
        builder()
            .parser(
                (body, info) -> {
                  Iterator<FeedEntry> all = Names.parse(body, info);
                  return Stream.generate(all::next)
                      .peek(
                          e -> {
                            if (((FeedEntry.Accepted) e).position() > 5) {
                              throw bug;
                            }
                          })
                      .iterator();
                })
            .build();

    FeedException e = failure(feed, context().build());

    assertThat(clause(e)).isEqualTo("parser");
    assertThat(e)
        .hasMessageContaining("position 5")
        .hasMessageNotContaining("c2-0.example")
        .hasCause(bug);
  }

  @Test
  void parserThatFallsOverAtOnceIsNamedToo() {
    origin.on(PATH, Reply.ok(LIST));
    HttpFeed feed =
        builder()
            .parser(
                (body, info) -> {
                  throw new IllegalStateException("a bug");
                })
            .build();

    assertThat(clause(failure(feed, context().build()))).isEqualTo("parser");
  }

  @Test
  void parserCannotHideABrokenConnection() {
    origin.on(PATH, Reply.ok(LIST).cut(60));
    HttpFeed feed =
        builder()
            .parser(
                (body, info) -> {
                  Iterator<FeedEntry> all = Names.parse(body, info);
                  return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                      try {
                        return all.hasNext();
                      } catch (UncheckedIOException e) {
                        throw new IllegalStateException("a bug");
                      }
                    }

                    @Override
                    public FeedEntry next() {
                      return all.next();
                    }
                  };
                })
            .build();

    assertThat(failure(feed, context().build()).outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
  }

  @Test
  void failureStaysHoweverOftenTheReaderIsAsked() throws Exception {
    origin.on(PATH, Reply.ok(LIST).cut(60));
    try (FetchResult result = feed().fetch(context().build(), null)) {
      Iterator<FeedEntry> entries = ((FetchResult.Modified) result).reader().iterator();
      assertThatThrownBy(() -> entries.forEachRemaining(e -> {}))
          .isInstanceOf(UncheckedIOException.class);
      assertThatThrownBy(entries::hasNext).isInstanceOf(UncheckedIOException.class);
      assertThatThrownBy(entries::next).isInstanceOf(UncheckedIOException.class);
    }
  }
}
