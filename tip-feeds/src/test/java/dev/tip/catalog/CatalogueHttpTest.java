// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.Usage;
import dev.tip.testkit.FeedOrigin;
import dev.tip.testkit.FeedOrigin.Reply;
import dev.tip.testkit.FeedOrigin.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the feeds of the catalogue ask of their publishers, and what they make of the answers. */
class CatalogueHttpTest {
  private static final String KEY = "tip-5ecret";
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final String URLHAUS_KEYED =
      "https://urlhaus-api.abuse.ch/v2/files/exports/" + KEY + "/recent.csv";

  private final FeedOrigin origin = FeedOrigin.start();

  @AfterEach
  void closeOrigin() {
    origin.close();
  }

  static Stream<String> listed() {
    return Catalogue.ENTRIES.stream()
        .filter(entry -> entry.info().status() != FeedInfo.Status.RETIRED)
        .map(Entry::id);
  }

  @ParameterizedTest
  @MethodSource("listed")
  void wholeListIsReadWithOneRequest(String id) throws Exception {
    List<FeedSpec.Record> records = goodRecords(id);
    serve(id, Reply.ok(spec(id).body(records)));

    assertThat(read(id))
        .isEqualTo(records.stream().mapToInt(record -> record.indicators().size()).sum());
    assertThat(origin.requests()).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("listed")
  void webPageIsNoList(String id) {
    String clause = entry(id).info().contract().htmlExpected() ? "marker" : "html";
    String page = "\r\n<!DOCTYPE html><html><title>Just a moment…</title></html>\r\n";
    serve(id, Reply.ok(page).header("Content-Type", "text/html; charset=UTF-8"));
    assertBroken(id, clause);

    serve(id, Reply.ok(page).header("Content-Type", "text/plain"));
    assertBroken(id, clause);
  }

  @ParameterizedTest
  @MethodSource("listed")
  void emptyBodyIsNoList(String id) {
    serve(id, Reply.ok(""));

    assertBroken(id, "empty-body");
  }

  @ParameterizedTest
  @MethodSource("listed")
  void brokenConnectionIsNoList(String id) {
    byte[] body = spec(id).body(goodRecords(id));
    serve(id, Reply.ok(body).cut(body.length - 1));

    assertOutcome(id, FeedOutcome.UNREACHABLE);
  }

  /**
   * The connection ends well, but the publisher or something on the way wrote half a list. Lists
   * that say nothing about themselves cannot show it: there only the band of the number of rows
   * against the last fetch, which the sync keeps, holds withdrawals back.
   */
  @ParameterizedTest
  @CsvSource({
    "abusech-urlhaus, trailer",
    "abusech-malwarebazaar, trailer",
    "abusech-feodotracker, trailer",
    "abusech-sslbl, trailer",
    "eset-malware-ioc, archive",
    "abuseipdb-blacklist, json-syntax",
    "spamhaus-drop-v4, trailer",
    "spamhaus-drop-v6, trailer",
    "spamhaus-asndrop, trailer",
    "abusech-urlhaus-online, trailer",
    "abusech-urlhaus-full, archive",
    "abusech-urlhaus-json, json-syntax",
    "abusech-urlhaus-api, json-syntax",
    "abusech-malwarebazaar-full, archive",
    "abusech-malwarebazaar-sha256-full, archive",
    "abusech-malwarebazaar-api, json-syntax",
    "abusech-threatfox, trailer",
    "abusech-threatfox-json, json-syntax",
    "abusech-threatfox-api, json-syntax",
    "abusech-feodotracker-json, json-syntax",
    "abusech-feodotracker-text, trailer",
    "firehol-level1, declared-count",
    "hagezi-tif, declared-count",
    "phishtank-json, json-syntax",
    "cert-pl, json-syntax",
    "phishunt, json-syntax",
  })
  void halfListBreaksTheContract(String id, String clause) {
    byte[] body = spec(id).body(goodRecords(id));
    serve(id, Reply.ok(withoutEnd(id, body)));

    assertBroken(id, clause);
  }

  @ParameterizedTest
  @CsvSource({
    "emergingthreats-block-ips",
    "botvrij-filename",
    "botvrij-domain",
    "botvrij-url",
  })
  void halfListWithoutEndMarkerLooksWhole(String id) throws Exception {
    List<FeedSpec.Record> records = goodRecords(id);
    serve(id, Reply.ok(spec(id).body(records.subList(0, 1))));

    assertThat(read(id)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "abusech-urlhaus, declared-count",
    "abusech-malwarebazaar, declared-count",
    "abusech-feodotracker, declared-count",
    "abusech-sslbl, declared-count",
    "spamhaus-drop-v4, declared-size",
    "spamhaus-drop-v6, declared-size",
  })
  void missingRecordBreaksTheContract(String id, String clause) {
    FeedSpec spec = spec(id);
    List<FeedSpec.Record> records = goodRecords(id);
    String body = new String(spec.body(records), StandardCharsets.UTF_8);
    String without = body.replace(records.get(1).input(), "");
    serve(id, Reply.ok(without.replaceFirst("(?m)^\\R", "")));

    assertBroken(id, clause);
  }

  @ParameterizedTest
  @CsvSource({
    "abusech-urlhaus, marker",
    "abusech-malwarebazaar, marker",
    "abusech-feodotracker, marker",
    "abusech-sslbl, marker",
    "emergingthreats-block-ips, marker",
    "eset-malware-ioc, archive",
    "abuseipdb-blacklist, marker",
    "spamhaus-drop-v4, marker",
    "spamhaus-drop-v6, marker",
    "botvrij-filename, json",
    "botvrij-domain, json",
    "botvrij-ip-dst, json",
    "botvrij-url, json",
  })
  void otherTextIsNoList(String id, String clause) {
    serve(id, Reply.ok("{\"errors\":[{\"detail\":\"SERVICE SUSPENDED\",\"status\":402}]}\n"));

    assertBroken(id, clause);
  }

  @ParameterizedTest
  @MethodSource("listed")
  void errorInJsonIsNoListWhateverTheFeed(String id) {
    serve(id, Reply.ok("{\"errors\":[{\"detail\":\"SERVICE SUSPENDED\",\"status\":402}]}\n"));

    assertOutcome(id, FeedOutcome.CONTRACT_BROKEN);
  }

  @ParameterizedTest
  @MethodSource("listed")
  void onlyListsThatMayBeEmptyAreBelievedWithoutRecord(String id) throws Exception {
    serve(id, Reply.ok(spec(id).body(List.of())));

    if (entry(id).info().contract().mayBeEmpty() && !spec(id).hasNoText()) {
      assertThat(read(id)).isZero();
    } else {
      assertOutcome(id, FeedOutcome.CONTRACT_BROKEN);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "abusech-urlhaus, empty",
    "abusech-malwarebazaar, empty",
    "abusech-sslbl, empty",
    "emergingthreats-block-ips, empty",
    "eset-malware-ioc, empty",
    "abuseipdb-blacklist, empty",
    "spamhaus-drop-v4, marker",
    "spamhaus-drop-v6, marker",
  })
  void listWithoutRecordBreaksTheContract(String id, String clause) {
    serve(id, Reply.ok(spec(id).body(List.of())));

    assertBroken(id, clause);
  }

  @ParameterizedTest
  @CsvSource({
    "abusech-feodotracker",
    "botvrij-filename",
    "botvrij-domain",
    "botvrij-ip-dst",
    "botvrij-url",
  })
  void listThatMayBeEmptyMayBeEmpty(String id) throws Exception {
    serve(id, Reply.ok(spec(id).body(List.of())));

    assertThat(read(id)).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "abusech-urlhaus, url_status, status",
    "abusech-urlhaus, last_online, new_column,last_online",
    "abusech-malwarebazaar, sha1_hash, sha256_of_archive",
    "abusech-feodotracker, dst_port, port",
    "abusech-sslbl, Listingreason, Reason",
    "abusech-sslbl-ja3, Lastseen, Last",
    "abusech-threatfox, reference, is_new,reference",
    "abusech-urlhaus-online, last_online, last",
    "phishtank, submission_time, submitted",
    "viriback-c2, FirstSeen, First",
    "c2intelfeeds-ips, 'ip,ioc', 'ip,asn,ioc'",
  })
  void anotherHeaderBreaksTheContract(String id, String column, String changed) {
    String body = new String(spec(id).body(goodRecords(id)), StandardCharsets.UTF_8);
    serve(id, Reply.ok(body.replace(column, changed)));

    assertBroken(id, "header");
  }

  @ParameterizedTest
  @CsvSource({"abusech-urlhaus", "abusech-malwarebazaar", "abusech-sslbl"})
  void headerThatIsNoCommentBreaksTheContract(String id) {
    String body = new String(spec(id).body(goodRecords(id)), StandardCharsets.UTF_8);
    int header = body.lastIndexOf("# ", body.indexOf(goodRecords(id).get(0).input()));
    serve(id, Reply.ok(body.substring(0, header) + body.substring(header + 2)));

    assertBroken(id, "header");
  }

  @Test
  void abuseIpDbWithoutKeyIsNotAsked() {
    serve("abuseipdb-blacklist", Reply.ok("{}"));

    assertThatThrownBy(() -> fetch(entry("abuseipdb-blacklist"), null, context(null)))
        .isInstanceOfSatisfying(
            FeedException.class,
            e -> {
              assertThat(e.outcome()).isEqualTo(FeedOutcome.AUTH_MISSING);
              assertThat(e).hasMessageContaining("ABUSEIPDB_API_KEY");
            });
    assertThat(origin.requests()).isEmpty();
  }

  @Test
  void abuseIpDbGetsItsKeyInHeader() throws Exception {
    serve("abuseipdb-blacklist", Reply.ok(spec("abuseipdb-blacklist").body(List.of())));

    assertBroken("abuseipdb-blacklist", "empty");

    Request request = origin.requests().get(0);
    assertThat(request.header("Key")).hasValue(KEY);
    assertThat(request.header("Accept")).hasValue("application/json");
    assertThat(request.path()).doesNotContain(KEY);
  }

  @ParameterizedTest
  @CsvSource({"abuseipdb-blacklist, Key", "abusech-malwarebazaar, Auth-Key"})
  void keyDoesNotFollowToAnotherOrigin(String id, String header) throws Exception {
    String elsewhere = "https://cdn.other.example/list";
    serve(id, Reply.redirect(302, elsewhere));
    origin.on(OriginClient.path(elsewhere), Reply.ok(spec(id).body(goodRecords(id))));

    read(id);

    List<Request> requests = origin.requests();
    assertThat(requests).hasSize(2);
    assertThat(requests.get(0).header(header)).hasValue(KEY);
    assertThat(requests.get(1).toString()).doesNotContain(KEY);
  }

  @ParameterizedTest
  @MethodSource("listed")
  void keyOfNoFeedGoesToAnotherAddress(String id) throws Exception {
    String elsewhere = "https://mirror.example/list";
    origin.on(OriginClient.path(elsewhere), Reply.ok(spec(id).body(goodRecords(id))));

    fetch(entry(id), at(elsewhere), context(KEY));

    assertThat(origin.requests()).hasSize(1);
    assertThat(origin.requests().toString()).doesNotContain(KEY);
  }

  @Test
  void anotherAddressOfTheOriginGetsTheKey() throws Exception {
    String id = "abuseipdb-blacklist";
    String other = "https://API.abuseipdb.com:443/api/v2/blacklist?ipVersion=4";
    origin.on(OriginClient.path(other), Reply.ok(spec(id).body(goodRecords(id))));

    fetch(entry(id), at(other), context(KEY));

    assertThat(origin.requests().get(0).header("Key")).hasValue(KEY);
  }

  @Test
  void anotherOriginNeedsNoKey() throws Exception {
    String id = "abuseipdb-blacklist";
    String elsewhere = "https://mirror.example/list";
    origin.on(OriginClient.path(elsewhere), Reply.ok(spec(id).body(goodRecords(id))));

    assertThat(fetch(entry(id), at(elsewhere), context(null))).isEqualTo(goodRecords(id).size());
  }

  @Test
  void exhaustedQuotaSaysWhenToComeBack() {
    serve("abuseipdb-blacklist", Reply.status(429).header("Retry-After", "3600"));

    assertThatThrownBy(() -> read("abuseipdb-blacklist"))
        .isInstanceOfSatisfying(
            FeedException.class,
            e -> {
              assertThat(e.outcome()).isEqualTo(FeedOutcome.RATE_LIMITED);
              assertThat(e.retryAt()).hasValue(NOW.plusSeconds(3600));
            });
  }

  @ParameterizedTest
  @CsvSource({"abuseipdb-blacklist", "abusech-urlhaus", "abusech-malwarebazaar"})
  void refusedKeyIsNamedAndNotShown(String id) {
    serve(id, Reply.status(401));

    assertThatThrownBy(() -> read(id))
        .isInstanceOfSatisfying(
            FeedException.class,
            e -> {
              assertThat(e.outcome()).isEqualTo(FeedOutcome.AUTH_REJECTED);
              assertThat(e)
                  .hasMessageContaining(entry(id).info().secretName().orElseThrow())
                  .hasMessageNotContaining(KEY);
            });
  }

  @Test
  void urlHausWithKeyIsAskedAtItsOtherAddress() throws Exception {
    String id = "abusech-urlhaus";
    origin.on(OriginClient.path(URLHAUS_KEYED), Reply.ok(spec(id).body(goodRecords(id))));

    assertThat(read(id)).isEqualTo(goodRecords(id).size());
  }

  private static FeedSpec spec(String id) {
    return FeedSpec.named(id);
  }

  private static Entry entry(String id) {
    return Catalogue.ENTRIES.stream()
        .filter(entry -> entry.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static List<FeedSpec.Record> goodRecords(String id) {
    return spec(id).records().stream().filter(record -> record.rejected() == null).toList();
  }

  private static byte[] withoutEnd(String id, byte[] body) {
    boolean archive = body[0] == 'P' && body[1] == 'K';
    if (!archive && entry(id).info().contract().declaresRecords()) {
      String text = new String(body, StandardCharsets.UTF_8);
      String last = goodRecords(id).get(goodRecords(id).size() - 1).input();
      return text.substring(0, text.indexOf(last)).getBytes(StandardCharsets.UTF_8);
    }
    return Arrays.copyOf(body, body.length * 3 / 4);
  }

  private static FeedSettings.Override at(String address) {
    return new FeedSettings.Override(URI.create(address), null, null, null);
  }

  private void serve(String id, Reply reply) {
    origin.on(OriginClient.path(entry(id).location()), reply);
    String keyed = entry(id).keyedLocation();
    if (keyed != null) {
      origin.on(OriginClient.path(keyed.replace("{secret}", KEY)), reply);
    }
  }

  private FetchContext context(@Nullable String key) {
    return FetchContext.builder(Usage.NON_COMMERCIAL)
        .httpClient(new OriginClient(origin))
        .clock(Clock.fixed(NOW, ZoneOffset.UTC))
        .secrets(name -> Optional.ofNullable(key))
        .build();
  }

  private long read(String id) throws IOException, InterruptedException {
    return fetch(entry(id), null, context(KEY));
  }

  /** Reads a feed to the end and returns the number of accepted records. */
  private static long fetch(
      Entry entry, FeedSettings.@Nullable Override override, FetchContext context)
      throws IOException, InterruptedException {
    try (FetchResult result = entry.feed(override).fetch(context, null)) {
      long accepted = 0;
      for (FeedEntry found : ((FetchResult.Modified) result).reader()) {
        accepted += found instanceof FeedEntry.Accepted ? 1 : 0;
      }
      return accepted;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void assertBroken(String id, String clause) {
    FeedException e = assertOutcome(id, FeedOutcome.CONTRACT_BROKEN);
    assertThat(e.clause()).as(e.getMessage()).hasValue(clause);
  }

  private FeedException assertOutcome(String id, FeedOutcome outcome) {
    FeedException e = catchThrowableOfType(FeedException.class, () -> read(id));
    assertThat(e).as(id).isNotNull();
    assertThat(e.outcome()).as(e.getMessage()).isEqualTo(outcome);
    return e;
  }
}
