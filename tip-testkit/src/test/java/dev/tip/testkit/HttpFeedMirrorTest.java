// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.HttpFeed;
import dev.tip.feed.Mirror;
import dev.tip.feed.Transfer;
import dev.tip.feed.Usage;
import dev.tip.testkit.FeedOrigin.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A folder instead of the network. */
class HttpFeedMirrorTest extends HttpFeedTestCase {
  @TempDir Path folder;

  private FetchContext mirrored(String file, byte[] content) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.write(path, content);
    Files.writeString(folder.resolve(Mirror.TABLE), address() + "\t" + file + "\n");
    return context().secrets(Map.of()).mirror(Mirror.open(folder)).build();
  }

  private FetchContext mirrored(String content) throws IOException {
    return mirrored("names/all.txt", content.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void fileStandsInForTheNetwork() throws Exception {
    assertThat(names(feed(), mirrored(LIST))).isEqualTo(Names.RECORDS);
    assertThat(origin.requests()).isEmpty();
  }

  @Test
  void mirrorNeedsNoSecretAndKeepsNoInterval() throws Exception {
    FetchContext context = mirrored(LIST);
    FetchState state =
        FetchState.of(Map.of("location", address().toString(), "fetched-at", NOW.toString()));

    try (FetchResult result = keyedFeed().fetch(context, state)) {
      assertThat(names(result)).isEqualTo(Names.RECORDS);
      assertThat(result.state().asMap()).isEmpty();
      assertThat(result.transfer()).isEqualTo(new Transfer(0, LIST.length(), LIST.length()));
    }
  }

  @Test
  void mirrorGoesByTheAddressWithoutSecret() throws Exception {
    HttpFeed keyed =
        Names.feed(Names.keyed(), address()).keyedLocation(origin.uri("/k/") + "{secret}").build();

    assertThat(names(keyed, mirrored(LIST))).isEqualTo(Names.RECORDS);
  }

  @Test
  void packedFileIsRecognisedByItsBytes() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(LIST.getBytes(StandardCharsets.UTF_8));
    }

    assertThat(names(feed(), mirrored("all.bin", out.toByteArray()))).isEqualTo(Names.RECORDS);
  }

  @Test
  void sameChecksApply() throws Exception {
    assertThat(clause(failure(feed(), mirrored("<html>")))).isEqualTo("html");
    assertThat(clause(failure(feed(), mirrored("")))).isEqualTo("empty-body");
    assertThat(clause(failure(feed(), mirrored("# nothing\n")))).isEqualTo("empty");
  }

  @Test
  void missingFileSaysWhereItShouldBe() throws Exception {
    FetchContext context = mirrored(LIST);
    Files.delete(folder.resolve("names/all.txt"));

    FeedException e = failure(feed(), context);

    assertThat(e.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
    assertThat(e).hasMessageContaining(address().toString()).hasMessageContaining("mirror.tsv");
    assertThat(e.transfer()).contains(Transfer.NONE);
  }

  @Test
  void addressThatIsNotInTheTableIsUnreachableAndNotAsked() throws Exception {
    origin.on("/other", Reply.ok(LIST));
    FetchContext context = mirrored(LIST);

    FeedException e = failure(Names.feed(Names.info(), origin.uri("/other")).build(), context);

    assertThat(e.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
    assertThat(e).hasMessageContaining(origin.uri("/other").toString());
    assertThat(origin.requests()).isEmpty();
  }

  @Test
  void retiredFeedsAndTermsAreKept() throws Exception {
    FetchContext context = mirrored(LIST);
    FeedInfo.Builder retired = Names.info().status(FeedInfo.Status.RETIRED, null, "gone");

    assertThat(failure(Names.feed(retired, address()).build(), context).outcome())
        .isEqualTo(FeedOutcome.RETIRED);
    assertThat(
            names(
                feed(), FetchContext.builder(Usage.COMMERCIAL).mirror(Mirror.open(folder)).build()))
        .isEqualTo(Names.RECORDS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../out.txt", "a/../../out.txt", "/etc/hosts", ".", "a/.."})
  void fileOutsideTheFolderIsRefused(String file) throws Exception {
    Files.writeString(folder.resolve(Mirror.TABLE), address() + "\t" + file + "\n");

    assertThatThrownBy(() -> Mirror.open(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 1");
  }
}
