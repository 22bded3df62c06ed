// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.tip.Confidence;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.Usage;
import dev.tip.testkit.FeedOrigin.Gate;
import dev.tip.testkit.FeedOrigin.Reply;
import dev.tip.testkit.FeedOrigin.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The rules that every feed over HTTP keeps, as tests. Extend it, say how the feed is made and what
 * its records look like, and run it; {@code docs/contracts.md} explains every rule.
 *
 * <p>The feed is pointed at a {@link FeedOrigin}, so it must be allowed plain http there. It gets
 * the secret {@value #SECRET} under whatever name it asks for, and runs for non-commercial use.
 */
public abstract class FeedContract {
  /** The value of every secret. */
  protected static final String SECRET = "tip-contract-5ecret";

  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
  private static final Duration LONG = Duration.ofDays(400);
  private static final Duration FETCH_TIMEOUT = Duration.ofMinutes(5);

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();
  private final FeedOrigin origin = FeedOrigin.start();

  /** For the implementer's class. */
  protected FeedContract() {}

  /** Returns the feed, made anew, so that it reads this address. */
  protected abstract Feed feedAt(URI address);

  /** Returns path and query of what the feed asks for; default: {@code /list}. */
  protected String path() {
    return "/list";
  }

  /**
   * Returns at least ten different good records, as they stand in a body, without line ends. Each
   * gives at least one indicator.
   */
  protected abstract List<String> goodRecords();

  /** Returns a record that cannot be used. */
  protected abstract String badRecord();

  /** Returns what stands before the first record, with its line ends; default: nothing. */
  protected String preamble() {
    return "";
  }

  /** Returns what stands behind the last of so many records; default: nothing. */
  protected String trailer(int records) {
    return "";
  }

  /** Returns what stands behind each record but the last; default: a line feed. */
  protected String separator() {
    return "\n";
  }

  /**
   * Returns the body with these records; default: preamble, records, a line feed, trailer. Line
   * ends are line feeds.
   */
  protected String body(List<String> records) {
    String end = records.isEmpty() ? "" : "\n";
    return preamble() + String.join(separator(), records) + end + trailer(records.size());
  }

  /** Returns how long to wait for what happens at once in a good feed; default: ten seconds. */
  protected Duration patience() {
    return Duration.ofSeconds(10);
  }

  /** Ends the origin. */
  @AfterEach
  void closeOrigin() {
    origin.close();
  }

  /** F-01: whoever installs the feed learns whose it is, on which terms, and what it means. */
  @Test
  @DisplayName("F-01 the feed says what it is")
  void saysWhatItIs() {
    Feed feed = feed();
    FeedInfo info = feed.info();
    assertEquals(info, feed.info(), "info() gives the same feed every time");
    assertFalse(info.name().isBlank(), "a name for people");
    assertFalse(info.provider().isBlank(), "a provider");
    assertTrue(info.reference().isAbsolute(), "an absolute address of the publisher's page");
    assertFalse(info.terms().summary().isBlank(), "terms in a line");
    assertTrue(info.terms().reference().isAbsolute(), "an absolute address of the terms");
    assertNotEquals(
        Confidence.NOT_SPECIFIED,
        info.confidence(),
        "a default confidence: rules are made by confidence");
    assertFalse(info.minInterval().isNegative(), "a minimum interval of zero or more");
    if (info.coverage() == FeedInfo.Coverage.WINDOW) {
      assertTrue(
          info.timeToLive().isPresent(),
          "a time to live: absence from a window means nothing, so nothing else ends its indicators");
    }
    assertEquals(
        info.auth() == FeedInfo.Auth.NONE,
        info.secretName().isEmpty(),
        "a name for the secret exactly if there is one");
  }

  /** F-02: what the publisher lists is what comes out, in the publisher's order. */
  @Test
  @DisplayName("F-02 good records are accepted, in their order, and nothing else")
  void acceptsGoodRecords() throws Exception {
    List<String> records = records();
    List<String> expected = new ArrayList<>();
    for (String record : records.subList(0, 3)) {
      List<FeedEntry> alone = entries(Reply.ok(body(List.of(record))));
      assertFalse(ids(alone).isEmpty(), "an indicator for the record " + record);
      expected.addAll(ids(alone));
    }
    assertEquals(expected, ids(entries(Reply.ok(body(records.subList(0, 3))))), "ids in order");

    List<FeedEntry> all = entries(Reply.ok(body(records)));
    assertEquals(records.size(), positions(all), "records that give an indicator");
    assertEquals(List.of(), rejected(all), "rejected records");
  }

  /** F-03: an id is made of what is stated, so that a second fetch updates and does not double. */
  @Test
  @DisplayName("F-03 the same bytes give the same ids")
  void sameBytesGiveSameIds() throws Exception {
    Reply list = Reply.ok(body(records()));
    assertEquals(ids(entries(list)), ids(entries(list)));
  }

  /** F-04: one bad record costs one record, and someone can see which. */
  @Test
  @DisplayName("F-04 a bad record is rejected with text and position, and reading goes on")
  void rejectsBadRecord() throws Exception {
    List<String> records = new ArrayList<>(records());
    List<String> good = ids(entries(Reply.ok(body(records))));
    records.add(5, badRecord());
    List<FeedEntry> entries = new ArrayList<>();
    try {
      read(Reply.ok(body(records)), context().build(), entries);
    } catch (FeedException e) {
      // A feed may hold that one bad record in eleven is too many, but only at the end.
      assertEquals("rejected-share", e.clause().orElse(""), e::getMessage);
    }
    assertEquals(good, ids(entries), "the good records around it");
    List<FeedEntry.Rejected> rejected = rejected(entries);
    assertEquals(1, rejected.size(), "rejected records");
    FeedEntry.Rejected bad = rejected.get(0);
    assertTrue(bad.text().contains(badRecord()), "the record as received: " + bad.text());
    assertFalse(bad.reason().isBlank(), "a reason");
    int index = entries.indexOf(bad);
    assertTrue(
        position(entries.get(index - 1)) < bad.position()
            && bad.position() < position(entries.get(index + 1)),
        "a position between those of its neighbours");
  }

  /** F-05: half a list would withdraw the other half. */
  @Test
  @DisplayName("F-05 a cut body is an exception and never a short list")
  void cutBodyIsAnException() {
    String body = body(records());
    int atRecord = body(records().subList(0, 6)).length();
    Reply whole = Reply.ok(body);
    assertFails("cut after a record", whole.cut(atRecord));
    assertFails("cut before the last byte", whole.cut(bytes(body).length - 1));
    assertFails("chunks without the last", whole.chunked().cut(bytes(body).length));
    assertFails("reset after a record", whole.reset(atRecord));
    assertFails("gzip, cut", whole.gzip().cut(20));
  }

  /** F-06: publishers block those who fetch what they have. */
  @Test
  @DisplayName("F-06 validators are sent back as they came, and 304 is NotModified")
  void sendsValidatorsBack() throws Exception {
    String etag = "W/\"tip, 1;=\"";
    String modified = "Thu, 01 Jan 2026 00:00:00 GMT";
    Reply list = Reply.ok(body(records())).header("ETag", etag).header("Last-Modified", modified);
    origin.on(path(), list.conditional());
    Feed feed = feed();
    FetchState state;
    try (FetchResult first = feed.fetch(context().build(), null)) {
      readAll(assertInstanceOf(FetchResult.Modified.class, first));
      state = first.state();
    }
    try (FetchResult second = feed.fetch(context(START.plus(LONG)).build(), state)) {
      assertInstanceOf(FetchResult.NotModified.class, second);
    }
    List<Request> requests = origin.requests();
    assertTrue(requests.get(0).header("If-None-Match").isEmpty(), "no validator without state");
    assertEquals(etag, requests.get(requests.size() - 1).header("If-None-Match").orElse(""));
  }

  /** F-07: someone has to act, and needs to know on which of forty feeds. */
  @Test
  @DisplayName("F-07 any other status is a FeedException that names the feed")
  void otherStatusIsFeedException() {
    String id = feed().info().id();
    for (int status : new int[] {204, 400, 401, 403, 404, 410, 429, 500, 503}) {
      FeedException e = failure("status " + status, Reply.status(status));
      assertEquals(id, e.feedId(), "status " + status);
      assertTrue(
          String.valueOf(e.getMessage()).contains(id), "status " + status + ": " + e.getMessage());
      assertFalse(e.outcome().isHealthy(), "status " + status + ": " + e.outcome());
    }
  }

  /** F-08: an endless body, or a small one that becomes endless, must not fill the machine. */
  @Test
  @DisplayName("F-08 more than the limit is refused, also after decompression")
  void moreThanTheLimitIsRefused() {
    String body = body(records());
    long limit = bytes(body).length / 2;
    FeedException received =
        failure("received", Reply.ok(body).chunked(), context().maxBodyBytes(limit).build());
    assertEquals(FeedOutcome.CONTRACT_BROKEN, received.outcome());
    FeedException inflated =
        failure("inflated", Reply.ok(body).gzip(), context().maxInflatedBytes(limit).build());
    assertEquals(FeedOutcome.CONTRACT_BROKEN, inflated.outcome());
  }

  /** F-09: memory must not follow the size of the list. */
  @Test
  @DisplayName("F-09 the first entry is there before the body has ended")
  void streams() throws Exception {
    Gate gate = new Gate();
    List<String> records = records();
    String body = body(records);
    int part = bytes(preamble() + String.join(separator(), records.subList(0, 8))).length;
    origin.on(path(), Reply.ok(body).chunked().hold(part, gate));
    Running<List<FeedEntry>> running =
        run(
            () -> {
              List<FeedEntry> entries = new ArrayList<>();
              try (FetchResult result = feed().fetch(context().build(), null)) {
                Iterator<FeedEntry> all = reader(result).iterator();
                FeedEntry first = all.next();
                while (first instanceof FeedEntry.Declared) {
                  first = all.next();
                }
                entries.add(first);
                gate.open();
                all.forEachRemaining(entries::add);
              }
              return entries;
            });
    try {
      gate.awaitReached(patience());
      List<FeedEntry> entries = running.result("no entry while the body was open");
      assertInstanceOf(FeedEntry.Accepted.class, entries.get(0));
      assertEquals(records.size(), positions(entries), "records, once the body went on");
    } finally {
      gate.open();
      running.end();
    }
  }

  /** F-10: lists are made on all kinds of machines. */
  @Test
  @DisplayName("F-10 line ends, a byte order mark and a missing last line end change nothing")
  void lineEndsChangeNothing() throws Exception {
    String body = body(records());
    List<String> expected = ids(entries(Reply.ok(body)));
    assertEquals(expected, ids(entries(Reply.ok(body.replace("\n", "\r\n")))), "CR LF");
    assertEquals(expected, ids(entries(Reply.ok("\uFEFF" + body))), "byte order mark");
    String open = body.endsWith("\n") ? body.substring(0, body.length() - 1) : body;
    assertEquals(expected, ids(entries(Reply.ok(open))), "no last line end");
  }

  /** F-11: messages end in tickets and logs. */
  @Test
  @DisplayName("F-11 no message, state or toString has the secret in it")
  void keepsTheSecret() throws Exception {
    Feed feed = feed();
    assertHidden("toString", feed.toString());
    String body = body(records());
    for (Reply reply :
        List.of(
            Reply.status(401),
            Reply.status(403),
            Reply.status(404),
            Reply.status(500),
            Reply.redirect(302, "/" + SECRET + " not a URI"),
            Reply.redirect(302, path()),
            Reply.ok(body).cut(5),
            Reply.ok("<html>" + SECRET))) {
      StringBuilder shown = new StringBuilder();
      for (Throwable t = failure("a failing fetch", reply); t != null; t = t.getCause()) {
        shown.append(t).append('\n');
      }
      assertHidden("message", shown.toString());
    }
    origin.on(path(), Reply.ok(body).header("ETag", "\"" + SECRET + "\""));
    FetchContext context = context().build();
    try (FetchResult result = feed.fetch(context, null)) {
      readAll(assertInstanceOf(FetchResult.Modified.class, result));
      assertHidden("result", result.toString());
      if (feed.info().secretName().isPresent()) {
        assertHidden("state", result.state().asMap().toString());
      }
    }
  }

  /** F-12: whoever cancels a run does not wait for a publisher. */
  @Test
  @DisplayName("F-12 an interrupt ends the fetch")
  void interruptEndsTheFetch() throws Exception {
    String body = body(records());
    int part = bytes(preamble() + String.join(separator(), records().subList(0, 8))).length;
    for (int heldAt : new int[] {-1, part}) {
      Gate gate = new Gate();
      origin.on(path(), Reply.ok(body).hold(heldAt, gate));
      Running<List<FeedEntry>> running = run(() -> entriesOfOneFetch());
      try {
        gate.awaitReached(patience());
        running.interrupt();
        running.failure("still running after the interrupt");
      } finally {
        gate.open();
        running.end();
      }
    }
  }

  /** F-13: a reader that is given up must not hold a connection. */
  @Test
  @DisplayName("F-13 closing closes the connection, and closing twice is closing once")
  void closingCloses() throws Exception {
    String body = body(records());
    int part = bytes(preamble() + String.join(separator(), records().subList(0, 8))).length;
    Gate gate = new Gate();
    origin.on(path(), Reply.ok(body).hold(part, gate));
    FetchResult result = feed().fetch(context().build(), null);
    gate.awaitReached(patience());
    result.close();
    result.close();
    origin.awaitDisconnects(1, patience());
  }

  /** F-14: login pages, challenges and errors come with status 200. */
  @Test
  @DisplayName("F-14 a page of HTML with status 200 is an exception")
  void htmlIsAnException() {
    String page = "\n<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n";
    FeedException declared =
        failure("declared", Reply.ok(page).header("Content-Type", "text/html; charset=utf-8"));
    assertEquals(FeedOutcome.CONTRACT_BROKEN, declared.outcome());
    FeedException hidden = failure("hidden", Reply.ok(page).header("Content-Type", "text/plain"));
    assertEquals(FeedOutcome.CONTRACT_BROKEN, hidden.outcome());
  }

  /** F-15: a key goes to the publisher it is from, wherever that one sends us. */
  @Test
  @DisplayName("F-15 a redirect to another origin does not carry the secret")
  void redirectDoesNotCarryTheSecret() throws Exception {
    try (FeedOrigin other = FeedOrigin.start()) {
      other.on("/moved", Reply.ok(body(records())));
      origin.on(path(), Reply.redirect(302, other.uri("/moved").toString()));
      try (FetchResult result = feed().fetch(context().build(), null)) {
        readAll(assertInstanceOf(FetchResult.Modified.class, result));
      } catch (FeedException e) {
        // A feed may refuse to be sent elsewhere.
        assertEquals(FeedOutcome.UNREACHABLE, e.outcome(), e::getMessage);
      }
      for (Request request : other.requests()) {
        assertHidden("request to another origin", request.toString());
      }
    }
  }

  private Feed feed() {
    return feedAt(origin.uri(path()));
  }

  private List<String> records() {
    List<String> records = goodRecords();
    assertTrue(records.size() >= 10, "goodRecords() gives at least ten");
    return records;
  }

  private FetchContext.Builder context() {
    return context(START);
  }

  private FetchContext.Builder context(Instant now) {
    return FetchContext.builder(Usage.NON_COMMERCIAL)
        .httpClient(client)
        .clock(Clock.fixed(now, ZoneOffset.UTC))
        .secrets(name -> Optional.of(SECRET))
        .timeout(FETCH_TIMEOUT);
  }

  private List<FeedEntry> entries(Reply reply) throws IOException, InterruptedException {
    List<FeedEntry> entries = new ArrayList<>();
    read(reply, context().build(), entries);
    return entries;
  }

  private void read(Reply reply, FetchContext context, List<FeedEntry> into)
      throws IOException, InterruptedException {
    origin.on(path(), reply);
    try (FetchResult result = feed().fetch(context, null)) {
      for (FeedEntry entry : reader(result)) {
        into.add(entry);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private List<FeedEntry> entriesOfOneFetch() throws IOException, InterruptedException {
    List<FeedEntry> entries = new ArrayList<>();
    try (FetchResult result = feed().fetch(context().build(), null)) {
      reader(result).forEach(entries::add);
    }
    return entries;
  }

  private static void readAll(FetchResult.Modified result) throws IOException {
    try {
      for (FeedEntry entry : result.reader()) {
        assertTrue(!(entry instanceof FeedEntry.Rejected), () -> "rejected: " + entry);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static Iterable<FeedEntry> reader(FetchResult result) {
    return assertInstanceOf(FetchResult.Modified.class, result).reader();
  }

  private void assertFails(String what, Reply reply) {
    List<FeedEntry> entries = new ArrayList<>();
    assertThrows(IOException.class, () -> read(reply, context().build(), entries), what);
  }

  private FeedException failure(String what, Reply reply) {
    return failure(what, reply, context().build());
  }

  private FeedException failure(String what, Reply reply, FetchContext context) {
    List<FeedEntry> entries = new ArrayList<>();
    return assertThrows(FeedException.class, () -> read(reply, context, entries), what);
  }

  private static void assertHidden(String where, String text) {
    assertFalse(text.contains(SECRET), () -> "the secret is in the " + where);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> ids(List<FeedEntry> entries) {
    return entries.stream()
        .filter(FeedEntry.Accepted.class::isInstance)
        .map(e -> ((FeedEntry.Accepted) e).indicator().id())
        .toList();
  }

  private static long positions(List<FeedEntry> entries) {
    return entries.stream()
        .filter(FeedEntry.Accepted.class::isInstance)
        .mapToLong(FeedContract::position)
        .distinct()
        .count();
  }

  private static List<FeedEntry.Rejected> rejected(List<FeedEntry> entries) {
    return entries.stream()
        .filter(FeedEntry.Rejected.class::isInstance)
        .map(FeedEntry.Rejected.class::cast)
        .toList();
  }

  private static long position(FeedEntry entry) {
    if (entry instanceof FeedEntry.Accepted accepted) {
      return accepted.position();
    } else if (entry instanceof FeedEntry.Rejected rejected) {
      return rejected.position();
    }
    return fail("an entry without position: " + entry);
  }

  private interface Work<T> {
    T call() throws IOException, InterruptedException;
  }

  private <T> Running<T> run(Work<T> work) {
    FutureTask<T> task = new FutureTask<>(work::call);
    Thread thread = new Thread(task, "feed-contract");
    thread.setDaemon(true);
    thread.start();
    return new Running<>(task, thread, patience());
  }

  private record Running<T>(FutureTask<T> task, Thread thread, Duration patience) {
    T result(String otherwise) throws InterruptedException, ExecutionException {
      try {
        return task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        return fail(otherwise);
      }
    }

    void failure(String otherwise) throws InterruptedException {
      try {
        task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        fail("it ended as if nothing had happened");
      } catch (TimeoutException e) {
        fail(otherwise);
      } catch (ExecutionException e) {
        Throwable cause = e.getCause();
        assertTrue(
            cause instanceof InterruptedException
                || cause instanceof IOException
                || cause instanceof UncheckedIOException,
            () -> "an unexpected exception: " + cause);
      }
    }

    void interrupt() {
      thread.interrupt();
    }

    void end() throws InterruptedException {
      thread.interrupt();
      thread.join(patience.toMillis());
    }
  }
}
