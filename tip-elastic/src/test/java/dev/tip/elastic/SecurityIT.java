// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.rest_client.RestClientTransport;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tip.CyberObservable;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.feed.Usage;
import dev.tip.sink.Change;
import dev.tip.sink.Holdings;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.SinkException;
import dev.tip.sink.StoredIndicator;
import dev.tip.sink.WriteResult.Outcome;
import dev.tip.sync.FeedReport;
import dev.tip.sync.FeedSync;
import dev.tip.sync.SyncListener;
import dev.tip.testkit.ElasticsearchNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.http.Header;
import org.apache.http.HttpHost;
import org.apache.http.message.BasicHeader;
import org.elasticsearch.client.RestClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The keys of {@code docs/elasticsearch.md}, word for word, on a server with users and TLS: they
 * are enough, and none of their privileges can be left out.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SecurityIT {
  private static final Path GUIDE = Path.of("..", "docs", "elasticsearch.md");
  private static final FeedInfo C2 = Samples.feed("security-it", FeedInfo.Role.C2);
  private static final CyberObservable DOMAIN = CyberObservable.domainName("c2.example");

  private ElasticsearchNode node;
  private HttpClient http;
  private String writer;

  @BeforeAll
  void start() throws Exception {
    node = ElasticsearchNode.builder(Server.ZIP).security(true).start();
    http = HttpClient.newBuilder().sslContext(trust(node.caFile().orElseThrow())).build();
    sink(Map.of("api-key", key(role("tip-admin")), "install", "true")).close();
    writer = key(role("tip-writer"));
  }

  @AfterAll
  void stop() {
    if (node != null) {
      node.close();
    }
  }

  @Test
  void theWriterWritesWithdrawsAndReadsWhatIsHeld() throws Exception {
    CyberObservable other = CyberObservable.domainName("other.example");
    try (IndicatorSink sink = sink(Map.of("api-key", writer))) {
      List<Change> batch = List.of(Samples.upsert(DOMAIN, C2), Samples.upsert(other, C2));
      assertThat(sink.write(batch).outcomes()).containsOnly(Outcome.WRITTEN);
      assertThat(sink.write(List.of(Samples.withdraw(other, C2, 1))).outcomes())
          .containsOnly(Outcome.WRITTEN);
      assertThat(sink.holdings(C2.id())).contains(new Holdings(1, 1));
      try (Stream<StoredIndicator> active = sink.active(C2.id()).orElseThrow()) {
        assertThat(active.map(StoredIndicator::id)).containsExactly(batch.get(0).id());
      }
    }
  }

  @Test
  void theWriterCanNeitherDeleteNorChangeSettingsNorWriteElsewhere() throws Exception {
    String index = "/logs-ti_tip.indicator.v1";

    refused("DELETE", index + "/_doc/1", "");
    refused("DELETE", index, "");
    refused("PUT", index + "/_settings", "{\"index.blocks.write\":true}");
    refused("PUT", "/logs-other/_doc/1", "{\"a\":1}");
    refused("GET", "/_cluster/health", "");
  }

  private void refused(String method, String path, String body) throws Exception {
    HttpResponse<String> answer = as(writer, method, path, body);
    assertThat(answer.statusCode()).as(method + ' ' + path + ": " + answer.body()).isEqualTo(403);
  }

  @Test
  void theWriterCannotInstallAndIsTold() {
    assertThatThrownBy(() -> sink(Map.of("api-key", writer, "install", "true")))
        .isInstanceOfSatisfying(
            SinkException.class, e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.AUTH))
        .hasMessageContaining("on indices [elastic-tip]")
        .hasMessageContaining("check the API key and its privileges")
        .hasMessageNotContaining(writer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"index", "view_index_metadata", "read"})
  void aPrivilegeThatIsMissingIsNamed(String missing) throws Exception {
    String poorer = key(role("tip-writer").replace('"' + missing + '"', "\"none\""));

    assertThatThrownBy(
            () -> {
              try (IndicatorSink sink = sink(Map.of("api-key", poorer))) {
                sink.write(List.of(Samples.upsert(DOMAIN, C2)));
                sink.active(C2.id()).orElseThrow().close();
              }
            })
        .isInstanceOfSatisfying(
            SinkException.class, e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.AUTH))
        .hasMessageContaining("check the API key and its privileges")
        .hasMessageContaining(missing)
        .hasMessageNotContaining(poorer);
  }

  @Test
  void theKeyForSettingUpMovesTheIndexAndCanDoNothingElse() throws Exception {
    String key = key(role("tip-admin"));
    mappingIsOfAnEarlierVersion();
    sink(Map.of("api-key", key, "install", "true")).close();
    assertThat(admin("GET", "/logs-ti_tip.indicator/_mapping", "").toString())
        .contains("\"mapping\":1");

    assertThat(as(key, "PUT", "/logs-other/_doc/1", "{\"a\":1}").statusCode()).isEqualTo(403);
    assertThat(as(key, "GET", "/_cluster/health", "").statusCode()).isEqualTo(403);
    assertThat(as(key, "GET", "/elastic-tip/_search", "").statusCode()).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(strings = {"manage_index_templates", "manage", "read", "index"})
  void aPrivilegeThatIsMissingForSettingUpIsNamed(String missing) throws Exception {
    String poorer = key(role("tip-admin").replace('"' + missing + '"', noneLike(missing)));
    mappingIsOfAnEarlierVersion();

    assertThatThrownBy(() -> sink(Map.of("api-key", poorer, "install", "true")))
        .isInstanceOfSatisfying(
            SinkException.class, e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.AUTH))
        .hasMessageContaining("check the API key and its privileges")
        .hasMessageContaining(missing)
        .hasMessageNotContaining(poorer);

    // Whatever was begun: what is written goes on, and the next one ends it.
    try (IndicatorSink sink = sink(Map.of("api-key", writer))) {
      assertThat(sink.write(List.of(Samples.upsert(DOMAIN, C2))).outcomes())
          .containsOnly(Outcome.WRITTEN);
    }
    sink(Map.of("api-key", key(role("tip-admin")), "install", "true")).close();
  }

  /** Privileges of a cluster and of an index that allow nothing have different names. */
  private static String noneLike(String privilege) {
    return privilege.equals("manage_index_templates") ? "" : "\"none\"";
  }

  /** The next installation has to move the index. */
  private void mappingIsOfAnEarlierVersion() throws Exception {
    admin("PUT", "/logs-ti_tip.indicator/_mapping", "{\"_meta\":{\"tip\":{\"mapping\":0}}}");
  }

  @Test
  void theKeyForPurgingRemovesWhatWasWithdrawnLongAgo() throws Exception {
    CyberObservable gone = CyberObservable.domainName("long-gone.example");
    try (IndicatorSink sink = sink(Map.of("api-key", writer))) {
      sink.write(List.of(Samples.withdraw(gone, C2, 1)));
      sink.holdings(C2.id());
    }
    String key = key(role("tip-purge"));
    withClient(
        key,
        client -> {
          ElasticsearchAdmin admin = purging(client);
          long found = admin.purgeable(ElasticsearchAdmin.MIN_PURGE_AGE);
          assertThat(found).isPositive();
          assertThat(admin.purge(ElasticsearchAdmin.MIN_PURGE_AGE)).isEqualTo(found);
        });
    assertThat(as(key, "PUT", "/logs-ti_tip.indicator/_doc/1", "{\"a\":1}").statusCode())
        .isEqualTo(403);
    assertThat(as(key, "DELETE", "/logs-ti_tip.indicator.v1", "").statusCode()).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(strings = {"read", "delete"})
  void aPrivilegeThatIsMissingForPurgingIsNamed(String missing) throws Exception {
    CyberObservable gone = CyberObservable.domainName(missing + "-gone.example");
    try (IndicatorSink sink = sink(Map.of("api-key", writer))) {
      sink.write(List.of(Samples.withdraw(gone, C2, 1)));
      sink.holdings(C2.id());
    }
    String poorer = key(role("tip-purge").replace('"' + missing + '"', "\"none\""));

    withClient(
        poorer,
        client ->
            assertThatThrownBy(() -> purging(client).purge(ElasticsearchAdmin.MIN_PURGE_AGE))
                .isInstanceOfSatisfying(
                    SinkException.class,
                    e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.AUTH))
                .hasMessageContaining("check the API key and its privileges")
                .hasMessageContaining(missing)
                .hasMessageNotContaining(poorer));
  }

  /** In two years, when all that the tests withdrew was withdrawn long ago. */
  private static ElasticsearchAdmin purging(ElasticsearchClient client) {
    return ElasticsearchAdmin.builder(client)
        .time(
            () -> Samples.LISTED.plus(Duration.ofDays(730)),
            System::nanoTime,
            () -> 1.0,
            TimeUnit.NANOSECONDS::sleep)
        .build();
  }

  private interface WithClient {
    void run(ElasticsearchClient client) throws Exception;
  }

  private void withClient(String key, WithClient work) throws Exception {
    SSLContext tls = trust(node.caFile().orElseThrow());
    RestClient rest =
        RestClient.builder(HttpHost.create(node.url()))
            .setDefaultHeaders(new Header[] {new BasicHeader("Authorization", "ApiKey " + key)})
            .setHttpClientConfigCallback(http -> http.setSSLContext(tls))
            .build();
    try (var transport = new RestClientTransport(rest, new JacksonJsonpMapper())) {
      work.run(new ElasticsearchClient(transport));
    }
  }

  @Test
  void theReaderSeesWhatIsActiveThroughItsAliasOnly() throws Exception {
    String reader = key(role("tip-reader"));

    assertThat(as(reader, "GET", "/elastic-tip/_search", "").statusCode()).isEqualTo(200);
    assertThat(as(reader, "GET", "/logs-ti_tip.indicator.v1/_search", "").statusCode())
        .isEqualTo(403);
  }

  @Test
  void aRevokedKeyIsSaid() throws Exception {
    String key = key(role("tip-writer"));
    try (IndicatorSink sink = sink(Map.of("api-key", key))) {
      revoke(key);

      assertThatThrownBy(() -> sink.write(List.of(Samples.upsert(DOMAIN, C2))))
          .isInstanceOfSatisfying(
              SinkException.class, e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.AUTH))
          .hasMessageNotContaining(key);
    }
  }

  @Test
  void keyThatIsRevokedInTheMiddleEndsTheRunAndTheNextDoesTheRest(@TempDir Path state)
      throws Exception {
    FeedInfo info = Samples.feed("security-it-revoked", FeedInfo.Role.C2);
    String key = key(role("tip-writer"));
    int rows = 20_000;
    SyncListener revoking =
        new SyncListener() {
          private boolean revoked;

          @Override
          public void settled(String feedId, long changes) {
            if (!revoked) {
              revoked = true;
              revoke(key);
            }
          }
        };

    FeedReport first = sync(key, state, Samples.list(info, 0, rows), revoking);
    assertThat(first.outcome()).as("%s", first).isEqualTo(FeedOutcome.SINK_FAILED);
    assertThat(first.failedByReason()).containsOnlyKeys("sink-auth");
    assertThat(first.added()).isPositive();
    assertThat(first.added() + first.failed()).isEqualTo(rows);
    assertThat(first.toString() + first.message()).doesNotContain(key);

    FeedReport second =
        sync(key(role("tip-writer")), state, Samples.list(info, 0, rows), new SyncListener() {});
    assertThat(second.outcome()).isEqualTo(FeedOutcome.PUBLISHED);
    // What was in flight when the key was revoked may be stored already.
    assertThat(second.added()).isEqualTo(first.failed());
    admin("POST", "/logs-ti_tip.indicator/_refresh", "");
    assertThat(
            admin(
                    "POST",
                    "/logs-ti_tip.indicator/_count",
                    "{\"query\":{\"term\":{\"tip.feed.id\":\"" + info.id() + "\"}}}")
                .path("count")
                .asInt())
        .isEqualTo(rows);
  }

  private FeedReport sync(String key, Path state, Feed feed, SyncListener listener)
      throws Exception {
    try (IndicatorSink sink = sink(Map.of("api-key", key))) {
      return FeedSync.builder()
          .sink(sink)
          .context(FetchContext.builder(Usage.NON_COMMERCIAL).build())
          .state(state)
          .listener(listener)
          .build()
          .run(List.of(feed))
          .feeds()
          .get(0);
    }
  }

  private void revoke(String key) {
    String id = new String(Base64.getDecoder().decode(key), StandardCharsets.UTF_8);
    try {
      admin(
          "DELETE",
          "/_security/api_key",
          "{\"ids\":[\"" + id.substring(0, id.indexOf(':')) + "\"]}");
    } catch (IOException e) {
      throw new UncheckedIOException("the key cannot be revoked", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Test
  void withoutAKeyTheServerRefusesAndItIsSaid() {
    assertThatThrownBy(() -> sink(Map.of()))
        .isInstanceOfSatisfying(
            SinkException.class, e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.AUTH));
  }

  @Test
  void aCertificateThatIsNotTrustedEndsItAndNothingIsSentInTheOpen() {
    Map<String, String> settings = Map.of("url", node.url(), "api-key", writer);

    assertThatThrownBy(() -> new ElasticsearchSinkProvider().create(settings))
        .isInstanceOfSatisfying(
            SinkException.class,
            e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.UNREACHABLE))
        .hasMessageContaining("certificate is not trusted")
        .hasMessageNotContaining(writer);
  }

  private IndicatorSink sink(Map<String, String> more) throws IOException {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("url", node.url());
    settings.put("ca-file", node.caFile().orElseThrow().toString());
    settings.put("deadline", "PT1M");
    return new ElasticsearchSinkProvider().create(settings);
  }

  /** Returns the request that the guide gives for a key. */
  private static String role(String name) throws IOException {
    String guide = Files.readString(GUIDE);
    int start = guide.indexOf("{\n  \"name\": \"" + name + '"');
    assertThat(start).as(name).isPositive();
    return guide.substring(start, guide.indexOf("\n}\n", start) + 2);
  }

  private String key(String request) throws Exception {
    return admin("POST", "/_security/api_key", request).path("encoded").asText();
  }

  private JsonNode admin(String method, String path, String body)
      throws IOException, InterruptedException {
    String user = node.user().orElseThrow() + ':' + node.password().orElseThrow();
    HttpResponse<String> answer =
        send(
            "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8)),
            method,
            path,
            body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return FakeIndex.JSON.readTree(answer.body());
  }

  private HttpResponse<String> as(String key, String method, String path, String body)
      throws Exception {
    return send("ApiKey " + key, method, path, body);
  }

  private HttpResponse<String> send(String credentials, String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(node.url() + path)).header("Authorization", credentials);
    if (body.isEmpty()) {
      request.method(method, BodyPublishers.noBody());
    } else {
      request
          .header("Content-Type", "application/json")
          .method(method, BodyPublishers.ofString(body));
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private static SSLContext trust(Path ca) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (InputStream in = Files.newInputStream(ca)) {
      store.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
