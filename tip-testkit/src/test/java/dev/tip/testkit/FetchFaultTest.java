// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.feed.ContentContract;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.feed.HttpFeed;
import dev.tip.sink.Change;
import dev.tip.sync.FeedReport;
import dev.tip.sync.FeedSync;
import dev.tip.sync.SyncReport;
import dev.tip.testkit.FeedOrigin.Gate;
import dev.tip.testkit.FeedOrigin.Reply;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole syncs of feeds that fail in every way, after a list that was well and before one that is:
 * nothing of the first is withdrawn in between, and the last one is stored exactly.
 */
class FetchFaultTest extends HttpFeedTestCase {
  private static final List<String> NAMES =
      IntStream.range(0, 40).mapToObj(i -> "c2-" + i + ".example").toList();
  private static final String WELL = declared(NAMES);
  private static final Reply FIRST =
      Reply.ok(WELL)
          .header("ETag", "\"v1\"")
          .header("Last-Modified", "Fri, 02 Jan 2026 02:00:00 GMT");
  private static final Duration DAYS = Duration.ofDays(2);

  private static final List<Closeable> QUEUE = new ArrayList<>();

  /** A port whose queue is full, so that the system answers nobody. */
  private static final String CROWD = crowd();

  @TempDir Path state;
  private final MemorySink.Target target = new MemorySink.Target();

  /** A list whose last line says how many names it has. */
  private static String declared(List<String> names) {
    return Names.body(names) + "# end\n";
  }

  /**
   * What a publisher does instead of giving its list.
   *
   * @param location where the list then is; null for where it always is
   */
  private record Fault(Reply reply, FeedOutcome outcome, @Nullable URI location) {
    Fault(Reply reply, FeedOutcome outcome) {
      this(reply, outcome, null);
    }
  }

  private static Map<String, Fault> faults() {
    Reply well = Reply.ok(WELL);
    byte[] noise = new byte[5000];
    new Random(1).nextBytes(noise);
    byte[] packed = packed();
    Map<String, Fault> faults = new LinkedHashMap<>();
    faults.put(
        "F1 unknown name",
        new Fault(well, FeedOutcome.UNREACHABLE, URI.create("http://feed.invalid/list")));
    faults.put(
        "F2 refused", new Fault(well, FeedOutcome.UNREACHABLE, URI.create(closedPort() + "/list")));
    faults.put(
        "F3 nobody accepts", new Fault(well, FeedOutcome.UNREACHABLE, URI.create(CROWD + "/list")));
    faults.put("F4 no answer", new Fault(well.hold(-1, new Gate()), FeedOutcome.UNREACHABLE));
    faults.put(
        "F5 head drips", new Fault(well.drip(-1, Duration.ofMillis(30)), FeedOutcome.UNREACHABLE));
    faults.put(
        "F6 body drips", new Fault(well.drip(0, Duration.ofMillis(30)), FeedOutcome.UNREACHABLE));
    faults.put(
        "F7 no end", new Fault(Reply.ok("x.example\n".repeat(9000)), FeedOutcome.CONTRACT_BROKEN));
    faults.put("F8 cut", new Fault(well.cut(WELL.length() / 2), FeedOutcome.UNREACHABLE));
    faults.put(
        "F9 no last chunk",
        new Fault(well.chunked().cut(WELL.length() / 2), FeedOutcome.UNREACHABLE));
    faults.put(
        "F10 cut without length",
        new Fault(
            Reply.ok(WELL.substring(0, WELL.indexOf("c2-15"))).closeDelimited(), FeedOutcome.HELD));
    faults.put("F11 reset", new Fault(well.reset(WELL.length() / 2), FeedOutcome.UNREACHABLE));
    faults.put("F12 noise", new Fault(Reply.raw(noise), FeedOutcome.UNREACHABLE));
    for (int status : new int[] {500, 502, 504}) {
      faults.put("F13 " + status, new Fault(Reply.status(status), FeedOutcome.UNREACHABLE));
    }
    faults.put("F13 503", new Fault(Reply.status(503), FeedOutcome.RATE_LIMITED));
    for (String wait : new String[] {"2", "Sat, 03 Jan 2026 03:04:05 GMT", "31536000", "soon"}) {
      faults.put(
          "F14 429, " + wait,
          new Fault(Reply.status(429).header("Retry-After", wait), FeedOutcome.RATE_LIMITED));
    }
    faults.put("F15 401", new Fault(Reply.status(401), FeedOutcome.AUTH_REJECTED));
    faults.put("F15 403", new Fault(Reply.status(403), FeedOutcome.AUTH_REJECTED));
    faults.put("F16 404", new Fault(Reply.status(404), FeedOutcome.GONE));
    faults.put("F16 410", new Fault(Reply.status(410), FeedOutcome.GONE));
    faults.put("F18 304", new Fault(Reply.status(304), FeedOutcome.UNCHANGED));
    String page = "<!DOCTYPE html><html><body>Please log in</body></html>\n";
    faults.put(
        "F19 page",
        new Fault(Reply.ok(page).header("Content-Type", "text/html"), FeedOutcome.CONTRACT_BROKEN));
    faults.put(
        "F19 page as text",
        new Fault(
            Reply.ok(page).header("Content-Type", "text/plain"), FeedOutcome.CONTRACT_BROKEN));
    faults.put("F20 empty", new Fault(Reply.ok(""), FeedOutcome.CONTRACT_BROKEN));
    faults.put(
        "F20 comments alone",
        new Fault(Reply.ok(declared(List.of())), FeedOutcome.CONTRACT_BROKEN));
    List<String> before = new ArrayList<>(NAMES.subList(5, NAMES.size()));
    before.add("gone.example");
    faults.put(
        "F21 older",
        new Fault(
            Reply.ok(declared(before)).header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT"),
            FeedOutcome.HELD));
    faults.put("F22 loop", new Fault(Reply.redirect(302, PATH), FeedOutcome.UNREACHABLE));
    faults.put(
        "F24 redirect to a file",
        new Fault(Reply.redirect(302, "file:///etc/hosts"), FeedOutcome.UNREACHABLE));
    faults.put(
        "F27 cut gzip",
        new Fault(Reply.ok(Arrays.copyOf(packed, packed.length / 2)), FeedOutcome.CONTRACT_BROKEN));
    faults.put("F31 shrunk", new Fault(Reply.ok(declared(NAMES.subList(0, 15))), FeedOutcome.HELD));
    return faults;
  }

  private static byte[] packed() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(WELL.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  private static String crowd() {
    try {
      ServerSocket door = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      for (int i = 0; i < 8; i++) {
        SocketChannel waiting = SocketChannel.open();
        waiting.configureBlocking(false);
        waiting.connect(door.getLocalSocketAddress());
        QUEUE.add(waiting);
      }
      QUEUE.add(door);
      return "http://127.0.0.1:" + door.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String closedPort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "http://127.0.0.1:" + socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @AfterAll
  static void leave() throws IOException {
    for (Closeable each : QUEUE) {
      each.close();
    }
  }

  static Stream<Arguments> names() {
    return faults().keySet().stream().map(Arguments::of);
  }

  private static FeedInfo info(String id) {
    return Names.info(id)
        .contract(ContentContract.builder().marker("# names of the example").build())
        .build();
  }

  private HttpFeed feed(String id, URI location) {
    return HttpFeed.builder(info(id))
        .location(location.toString())
        .plainHttp()
        .parser(Names::parse)
        .build();
  }

  private SyncReport run(List<HttpFeed> feeds, Instant now, int threads) throws Exception {
    FetchContext context = context(now).timeout(Duration.ofSeconds(2)).maxBodyBytes(50_000).build();
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try (MemorySink sink = new MemorySink(target)) {
      return FeedSync.builder()
          .sink(sink)
          .context(context)
          .state(state)
          .executor(executor)
          .build()
          .run(feeds);
    } finally {
      executor.shutdownNow();
    }
  }

  private static List<String> active(MemorySink.Target target, String feedId) {
    return target.held.values().stream()
        .filter(change -> change.feed().id().equals(feedId))
        .filter(Change.Upsert.class::isInstance)
        .map(change -> ((Change.Upsert) change).indicator().observable().value())
        .sorted()
        .toList();
  }

  private static List<String> sorted(List<String> names) {
    return names.stream().sorted().toList();
  }

  @ParameterizedTest
  @MethodSource("names")
  void lastGoodListStaysAndTheNextOneIsStoredExactly(String name) throws Exception {
    Fault fault = faults().get(name);
    URI location = origin.uri(PATH);
    origin.on(PATH, FIRST);
    assertThat(run(List.of(feed("one", location)), NOW, 1).anyFailed()).isFalse();

    origin.on(PATH, fault.reply());
    URI faulty = fault.location() == null ? location : fault.location();
    FeedReport bad = run(List.of(feed("one", faulty)), NOW.plus(DAYS), 1).feeds().get(0);

    isHarmless(bad, fault.outcome());
    assertThat(active(target, "one")).isEqualTo(sorted(NAMES));

    List<String> next = new ArrayList<>(NAMES.subList(1, NAMES.size()));
    next.add("new.example");
    origin.on(PATH, Reply.ok(declared(next)));
    Instant later = NOW.plus(Duration.ofDays(10));
    FeedReport good = run(List.of(feed("one", location)), later, 1).feeds().get(0);

    assertThat(good.outcome()).as("%s", good).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(good.added()).isEqualTo(1);
    assertThat(good.withdrawn()).isEqualTo(1);
    assertThat(active(target, "one")).isEqualTo(sorted(next));
  }

  private static void isHarmless(FeedReport bad, FeedOutcome outcome) {
    assertThat(bad.outcome()).as("%s", bad).isEqualTo(outcome);
    assertThat(bad.withdrawn() + bad.expired()).isZero();
    assertThat(bad.sinkOperations()).as("writes but for refreshes").isEqualTo(bad.refreshed());
    assertThat(bad.records()).isEqualTo(bad.rejected() + bad.revoked() + bad.parsed());
    assertThat(bad.indicators()).isEqualTo(bad.repeated() + bad.screened() + bad.kept());
  }

  @Test
  void manyFeedsOfWhichEachFailsInAnotherWayLeaveTheOthersAlone() throws Exception {
    Map<String, Fault> faults = faults();
    List<HttpFeed> feeds = new ArrayList<>();
    List<Fault> expected = new ArrayList<>();
    for (Fault fault : faults.values()) {
      String id = "feed-" + feeds.size();
      feeds.add(feed(id, origin.uri("/" + id)));
      origin.on("/" + id, FIRST);
      expected.add(fault);
    }
    assertThat(run(feeds, NOW, 4).anyFailed()).isFalse();
    List<HttpFeed> next = new ArrayList<>();
    for (int i = 0; i < feeds.size(); i++) {
      String id = "feed-" + i;
      boolean fails = i % 2 == 0;
      URI elsewhere = expected.get(i).location();
      next.add(feed(id, fails && elsewhere != null ? elsewhere : origin.uri("/" + id)));
      origin.on("/" + id, fails ? expected.get(i).reply() : Reply.ok(WELL + "new.example\n"));
    }

    SyncReport report = run(next, NOW.plus(DAYS), 4);

    assertThat(report.feeds()).hasSizeGreaterThanOrEqualTo(30);
    assertThat(report.anyFailed()).isTrue();
    for (int i = 0; i < feeds.size(); i++) {
      FeedReport r = report.feeds().get(i);
      if (i % 2 == 0) {
        assertThat(r.outcome()).isNotEqualTo(FeedOutcome.PUBLISHED);
        isHarmless(r, r.outcome());
        assertThat(active(target, r.feedId())).isEqualTo(sorted(NAMES));
      } else {
        assertThat(r.outcome()).as("%s", r).isEqualTo(FeedOutcome.PUBLISHED);
        assertThat(r.added()).isEqualTo(1);
        assertThat(active(target, r.feedId())).hasSize(NAMES.size() + 1);
      }
    }
  }

  @Test
  void restartsWithinTheIntervalAskOnceWhetherTheSinkTakesItOrNot() throws Exception {
    origin.on(PATH, Reply.ok(WELL));
    target.set(true, false);
    for (int start = 0; start < 100; start++) {
      run(List.of(feed("one", origin.uri(PATH))), NOW.plusSeconds(start), 1);
      target.set(start < 50, false);
    }
    assertThat(origin.requests()).hasSize(1);
    assertThat(active(target, "one")).isEqualTo(sorted(NAMES));
  }

  @Test
  void restartsAfterAFetchThatFailedAskLessAndLessOften() throws Exception {
    origin.on(PATH, Reply.status(500));
    FeedReport last = null;
    for (int start = 0; start < 100; start++) {
      last =
          run(List.of(feed("one", origin.uri(PATH))), NOW.plusSeconds(30L * start), 1)
              .feeds()
              .get(0);
      assertThat(last.outcome()).isEqualTo(FeedOutcome.UNREACHABLE);
    }
    // At once, after half a minute, then 1, 2, 4, 8 and 16 minutes later.
    assertThat(origin.requests()).hasSize(7);
    assertThat(last.message().orElseThrow()).contains("the last 7 fetches failed");
    assertThat(last.retryAt()).isPresent();

    origin.on(PATH, Reply.ok(WELL));
    assertThat(run(List.of(feed("one", origin.uri(PATH))), last.retryAt().orElseThrow(), 1).feeds())
        .allSatisfy(r -> assertThat(r.outcome()).isEqualTo(FeedOutcome.PUBLISHED));
    assertThat(active(target, "one")).isEqualTo(sorted(NAMES));
  }

  @Test
  void listThatIsTwentyTimesAsLongIsStoredAndEndsLikeAnyOther() throws Exception {
    origin.on(PATH, Reply.ok(WELL));
    run(List.of(feed("one", origin.uri(PATH))), NOW, 1);
    List<String> many = new ArrayList<>(NAMES);
    for (int i = 0; i < 19 * NAMES.size(); i++) {
      many.add("more-" + i + ".example");
    }
    origin.on(PATH, Reply.ok(declared(many)));

    FeedReport grown =
        run(List.of(feed("one", origin.uri(PATH))), NOW.plus(DAYS), 1).feeds().get(0);

    assertThat(grown.outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(grown.added()).isEqualTo(19L * NAMES.size());
    assertThat(active(target, "one")).isEqualTo(sorted(many));
  }
}
