// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.testkit.FeedOrigin.Gate;
import dev.tip.testkit.FeedOrigin.Reply;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the origin says it does is what is on the wire. */
@Timeout(60)
class FeedOriginTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final FeedOrigin origin = FeedOrigin.start();

  @AfterEach
  void close() {
    origin.close();
  }

  /** A client that adds and hides nothing. */
  private final class Wire implements Closeable {
    private final Socket socket = new Socket("127.0.0.1", origin.uri("/").getPort());

    Wire(String path, String... headers) throws IOException {
      socket.setSoTimeout(20_000);
      String head = "GET " + path + " HTTP/1.1\r\nHost: x\r\n";
      for (String header : headers) {
        head += header + "\r\n";
      }
      socket.getOutputStream().write((head + "\r\n").getBytes(UTF_8));
    }

    /** Returns exactly so many bytes. */
    String next(int bytes) throws IOException {
      byte[] read = socket.getInputStream().readNBytes(bytes);
      assertThat(read).hasSize(bytes);
      return new String(read, UTF_8);
    }

    String toTheEnd() throws IOException {
      return new String(bytesToTheEnd(), UTF_8);
    }

    byte[] bytesToTheEnd() throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      socket.getInputStream().transferTo(out);
      return out.toByteArray();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private String reply(Reply reply, String... headers) throws IOException {
    origin.on("/x", reply);
    try (Wire wire = new Wire("/x", headers)) {
      return wire.toTheEnd();
    }
  }

  @Test
  void wholeReplySaysItsLength() throws IOException {
    assertThat(reply(Reply.ok("body").header("A", "b")))
        .isEqualTo(
            "HTTP/1.1 200 As scripted\r\n"
                + "A: b\r\n"
                + "Content-Length: 4\r\n"
                + "Connection: close\r\n\r\n"
                + "body");
  }

  @Test
  void pathWithoutReplyIsNotFound() throws IOException {
    try (Wire wire = new Wire("/none")) {
      assertThat(wire.toTheEnd()).startsWith("HTTP/1.1 404 ");
    }
  }

  @Test
  void repliesComeInTheirOrderAndTheLastIsRepeated() throws IOException {
    origin.on("/x", Reply.status(500), Reply.ok("one"), Reply.ok("two"));
    StringBuilder seen = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      try (Wire wire = new Wire("/x")) {
        String text = wire.toTheEnd();
        seen.append(text.substring(text.indexOf("\r\n\r\n") + 4).strip()).append(' ');
      }
    }

    assertThat(seen).hasToString("status 500 one two two ");
  }

  @Test
  void requestsAreRecordedAsTheyCame() throws Exception {
    reply(Reply.ok("x"), "If-None-Match: \"a, b\"", "X-Odd:  spaced ");

    origin.awaitRequests(1, PATIENCE);
    FeedOrigin.Request request = origin.requests().get(0);
    assertThat(request.method()).isEqualTo("GET");
    assertThat(request.path()).isEqualTo("/x");
    assertThat(request.header("if-none-match")).contains("\"a, b\"");
    assertThat(request.header("X-ODD")).contains("spaced");
    assertThat(request.header("Missing")).isEmpty();
  }

  @Test
  void cutReplyAnnouncesMoreThanItSends() throws IOException {
    assertThat(reply(Reply.ok("0123456789").cut(4)))
        .contains("Content-Length: 10\r\n")
        .endsWith("\r\n\r\n0123");
  }

  @Test
  void cutChunkedReplyHasNoLastChunk() throws IOException {
    assertThat(reply(Reply.ok("0123456789").chunked().cut(10)))
        .contains("Transfer-Encoding: chunked\r\n")
        .doesNotContain("Content-Length")
        .endsWith("\r\n\r\na\r\n0123456789\r\n");
  }

  @Test
  void chunkedReplyEndsWithTheLastChunk() throws IOException {
    assertThat(reply(Reply.ok("0123456789").chunked()))
        .endsWith("\r\n\r\na\r\n0123456789\r\n0\r\n\r\n");
  }

  @Test
  void resetReplyBreaksTheConnection() throws IOException {
    origin.on("/x", Reply.ok("0123456789").reset(0));
    try (Wire wire = new Wire("/x")) {
      assertThatThrownBy(wire::toTheEnd).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void closeDelimitedReplySaysNothingAboutItsLength() throws IOException {
    assertThat(reply(Reply.ok("body").closeDelimited()))
        .isEqualTo("HTTP/1.1 200 As scripted\r\nConnection: close\r\n\r\nbody");
  }

  @Test
  void rawReplyIsNothingButItsBytes() throws IOException {
    assertThat(reply(Reply.raw("no http".getBytes(UTF_8)))).isEqualTo("no http");
  }

  @Test
  void lengthMayLie() throws IOException {
    assertThat(reply(Reply.ok("body").header("Content-Length", "99")))
        .containsOnlyOnce("Content-Length")
        .contains("Content-Length: 99\r\n")
        .endsWith("body");
  }

  @Test
  void gzipIsGzipAndIsSaidOrKeptASecret() throws IOException {
    for (Reply reply : new Reply[] {Reply.ok("body").gzip(), Reply.ok("body").undeclaredGzip()}) {
      origin.on("/x", reply);
      try (Wire wire = new Wire("/x")) {
        byte[] all = wire.bytesToTheEnd();
        String text = new String(all, ISO_8859_1);
        int start = text.indexOf("\r\n\r\n") + 4;
        InputStream in = new ByteArrayInputStream(all, start, all.length - start);
        assertThat(new GZIPInputStream(in).readAllBytes()).asString(UTF_8).isEqualTo("body");
      }
    }
    assertThat(reply(Reply.ok("b").gzip())).contains("Content-Encoding: gzip");
    assertThat(reply(Reply.ok("b").undeclaredGzip())).doesNotContain("Content-Encoding");
  }

  @Test
  void heldReplyStopsUntilTheGateOpens() throws Exception {
    Gate gate = new Gate();
    origin.on("/x", Reply.ok("0123456789").closeDelimited().hold(4, gate));
    try (Wire wire = new Wire("/x")) {
      gate.awaitReached(PATIENCE);
      int head = "HTTP/1.1 200 As scripted\r\nConnection: close\r\n\r\n".length();
      assertThat(wire.next(head + 4)).endsWith("\r\n\r\n0123");
      assertThat(wire.socket.getInputStream().available()).isZero();
      gate.open();
      assertThat(wire.toTheEnd()).isEqualTo("456789");
    }
  }

  @Test
  void replyHeldBeforeItsStatusSaysNothing() throws Exception {
    Gate gate = new Gate();
    origin.on("/x", Reply.ok("body").hold(-1, gate));
    try (Wire wire = new Wire("/x")) {
      gate.awaitReached(PATIENCE);
      assertThat(wire.socket.getInputStream().available()).isZero();
      gate.open();
      assertThat(wire.toTheEnd()).startsWith("HTTP/1.1 200").endsWith("body");
    }
  }

  @Test
  void drippingReplyComesByteByByteAndWhole() throws IOException {
    long start = System.nanoTime();
    assertThat(reply(Reply.ok("0123456789").chunked().drip(7, Duration.ofMillis(20))))
        .endsWith("7\r\n0123456\r\n1\r\n7\r\n1\r\n8\r\n1\r\n9\r\n0\r\n\r\n");
    assertThat(System.nanoTime() - start).isGreaterThan(Duration.ofMillis(40).toNanos());
    assertThat(reply(Reply.ok("b").drip(-1, Duration.ofMillis(1)))).isEqualTo(reply(Reply.ok("b")));
  }

  @Test
  void clientThatLeavesIsCounted() throws Exception {
    Gate gate = new Gate();
    origin.on("/x", Reply.ok("0123456789").hold(4, gate));
    try (Wire wire = new Wire("/x")) {
      gate.awaitReached(PATIENCE);
      assertThat(wire.socket.isConnected()).isTrue();
      assertThatThrownBy(() -> origin.awaitDisconnects(1, Duration.ofMillis(50)))
          .isInstanceOf(AssertionError.class);
    }
    origin.awaitDisconnects(1, PATIENCE);
  }

  @Test
  void conditionalReplyIsUnchangedForItsOwnValidatorsOnly() throws IOException {
    Reply reply = Reply.ok("x").header("ETag", "\"1\"").header("Last-Modified", "then");

    assertThat(reply(reply.conditional(), "If-None-Match: \"1\"")).startsWith("HTTP/1.1 304 ");
    assertThat(reply(reply.conditional(), "If-Modified-Since: then")).startsWith("HTTP/1.1 304 ");
    assertThat(reply(reply.conditional(), "If-None-Match: \"2\"", "If-Modified-Since: then"))
        .startsWith("HTTP/1.1 200 ");
    assertThat(reply(reply.conditional())).startsWith("HTTP/1.1 200 ");
    assertThat(reply(reply, "If-None-Match: \"1\"")).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void folderServesItsFilesUnderTheirNames(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("a.txt"), "a");
    Files.createDirectory(folder.resolve("sub"));
    origin.folder(folder);

    try (Wire wire = new Wire("/a.txt")) {
      assertThat(wire.toTheEnd()).endsWith("\r\n\r\na");
    }
  }

  @Test
  void closedOriginEndsConnectionsAndThreads() throws Exception {
    Gate gate = new Gate();
    origin.on("/x", Reply.ok("0123456789").hold(4, gate));
    try (Wire wire = new Wire("/x")) {
      gate.awaitReached(PATIENCE);
      origin.close();
      origin.close();
      try (BufferedReader in =
          new BufferedReader(new InputStreamReader(wire.socket.getInputStream(), UTF_8))) {
        while (in.readLine() != null) {
          continue;
        }
      } catch (SocketException e) {
        assertThat(e).isNotNull();
      }
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("feed-origin"));
  }

  @Test
  void waitingForWhatDoesNotComeFails() {
    assertThatThrownBy(() -> origin.awaitRequests(1, Duration.ofMillis(20)))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> new Gate().awaitReached(Duration.ofMillis(20)))
        .isInstanceOf(AssertionError.class);
  }
}
