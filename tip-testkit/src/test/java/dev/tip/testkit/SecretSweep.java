// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import dev.tip.feed.ContentContract;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.HttpFeed;
import dev.tip.feed.Usage;
import dev.tip.sync.FeedSync;
import dev.tip.sync.SyncReport;
import dev.tip.testkit.FeedOrigin.Gate;
import dev.tip.testkit.FeedOrigin.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs feeds into every failure with a publisher who repeats the secret wherever it can, and writes
 * all there is to see of it.
 */
final class SecretSweep {
  static final String END = "the sweep has ended";

  /** The secret, and what it becomes in an address. */
  static final List<String> FORMS = List.of("k3y of+sweep/0", "k3y%20of%2Bsweep%2F0", "k3y of");

  private static final String SECRET = FORMS.get(0);
  private static final String ENCODED = FORMS.get(1);
  private static final String LIST = Names.body(Names.RECORDS);

  private final PrintStream out;
  private final FeedOrigin origin;
  private final FeedOrigin other;
  private final FetchContext context;

  private SecretSweep(PrintStream out, FeedOrigin origin, FeedOrigin other) {
    this.out = out;
    this.origin = origin;
    this.other = other;
    this.context =
        FetchContext.builder(Usage.NON_COMMERCIAL)
            .httpClient(HttpClient.newHttpClient())
            .secrets(Map.of("example.key", SECRET))
            .timeout(Duration.ofMillis(500))
            .maxBodyBytes(100_000)
            .build();
  }

  public static void main(String[] args) throws Exception {
    try (FeedOrigin origin = FeedOrigin.start();
        FeedOrigin other = FeedOrigin.start()) {
      SecretSweep sweep = new SecretSweep(System.out, origin, other);
      for (Reply reply : sweep.replies()) {
        sweep.run(reply);
      }
      sweep.refusedConnection();
    }
    System.out.println(END);
    System.exit(0);
  }

  private List<Reply> replies() {
    List<Reply> replies = new ArrayList<>();
    for (int status : new int[] {200, 204, 304, 400, 401, 403, 404, 407, 410, 429, 500, 503}) {
      replies.add(Reply.status(status).header("X-Key", SECRET).header("Retry-After", SECRET));
    }
    for (String location :
        List.of(
            "/" + ENCODED + "/next",
            "/" + SECRET + " is no URI",
            other.uri("/") + "?key=" + ENCODED,
            other.uri("/") + "?key=" + ENCODED.replace("%2B", "%2b"),
            "http://" + ENCODED + ".example/",
            "https://user:" + ENCODED + "@127.0.0.1/",
            "ftp://127.0.0.1/" + ENCODED,
            other.uri("/none").toString())) {
      replies.add(Reply.redirect(302, location));
    }
    Reply list = Reply.ok(LIST);
    replies.add(list.header("ETag", "\"" + SECRET + "\"").header("Last-Modified", SECRET));
    replies.add(list.header("ETag", "\"" + ENCODED + "\""));
    replies.add(list.header("Content-Length", SECRET));
    replies.add(list.header("Content-Encoding", SECRET));
    replies.add(list.header("Content-Type", SECRET));
    replies.add(list.header("Content-Type", "text/html; key=" + SECRET));
    replies.add(list.cut(30));
    replies.add(list.reset(30));
    replies.add(list.chunked().cut(30));
    replies.add(list.hold(-1, new Gate()));
    replies.add(list.hold(30, new Gate()));
    replies.add(Reply.ok(""));
    replies.add(Reply.ok("<html>" + SECRET));
    replies.add(Reply.ok("version https://git-lfs.github.com/spec/v1 " + SECRET));
    replies.add(Reply.ok("# " + SECRET + "\n"));
    replies.add(Reply.ok("# " + SECRET + "\n".repeat(200_000)));
    replies.add(Reply.ok(new byte[] {0x1f, (byte) 0x8b, 'k', '3', 'y'}));
    replies.add(Reply.ok("PK\3\4" + SECRET));
    replies.add(Reply.raw(("HTTP/1.1 " + SECRET + "\r\n\r\n").getBytes(StandardCharsets.UTF_8)));
    replies.add(
        Reply.raw(("HTTP/1.1 200 OK\r\n" + SECRET + "\r\n\r\n").getBytes(StandardCharsets.UTF_8)));
    replies.add(
        Reply.raw(
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + SECRET + "\r\n")
                .getBytes(StandardCharsets.UTF_8)));
    replies.add(
        Reply.raw(
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: " + SECRET + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8)));
    return replies;
  }

  private void run(Reply reply) throws InterruptedException, IOException {
    origin.on("/list", reply);
    origin.on("/" + ENCODED + "/list", reply);
    HttpFeed.Builder feed = Names.feed(keyed(), origin.uri("/list"));
    show(feed.secretHeader("Auth-Key").build());
    show(feed.keyedLocation(origin.uri("/") + "{secret}/list").build());
    show(
        feed.parser(
                (body, info) -> {
                  throw new IllegalStateException("a bug");
                })
            .build());
  }

  private void refusedConnection() throws InterruptedException, IOException {
    FeedOrigin closed = FeedOrigin.start();
    closed.close();
    show(
        Names.feed(keyed(), closed.uri("/list"))
            .secretHeader("Auth-Key")
            .keyedLocation(closed.uri("/") + "{secret}/list")
            .build());
  }

  private static FeedInfo.Builder keyed() {
    return Names.keyed()
        .contract(
            ContentContract.builder()
                .mediaTypes("text/plain", "text/html")
                .marker("names")
                .build());
  }

  private void show(HttpFeed feed) throws InterruptedException, IOException {
    out.println(feed + " " + feed.location() + " " + feed.info() + " " + context);
    try (FetchResult result = feed.fetch(context, null)) {
      out.println(result + " " + result.state() + " " + result.state().asMap());
      if (result instanceof FetchResult.Modified modified) {
        modified.reader().forEach(entry -> {});
      }
      out.println(result.transfer());
    } catch (FeedException | UncheckedIOException e) {
      e.printStackTrace(out);
    }
    SyncReport report =
        FeedSync.builder()
            .sink(new MemorySink(new MemorySink.Target()))
            .context(context)
            .build()
            .run(List.of(feed));
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    report.toJson(json);
    out.println(json.toString(StandardCharsets.UTF_8));
    out.println(report + " " + report.feeds() + "\n" + report.toTable());
  }
}
