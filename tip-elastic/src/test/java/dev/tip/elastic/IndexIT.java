// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tip.CyberObservable;
import dev.tip.HashAlgorithm;
import dev.tip.Software;
import dev.tip.feed.FeedInfo;
import dev.tip.sink.Change;
import dev.tip.sink.Holdings;
import dev.tip.sink.SinkException;
import dev.tip.sink.StoredIndicator;
import dev.tip.sink.WriteResult;
import dev.tip.sink.WriteResult.Outcome;
import dev.tip.sink.WriteResult.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Template, index, aliases and documents as the server sees them. */
@ExtendWith(Server.Shared.class)
class IndexIT {
  private static final FeedInfo C2 = Samples.feed("index-it-c2", FeedInfo.Role.C2);
  private static final FeedInfo SCANNER = Samples.feed("index-it-scanner", FeedInfo.Role.SCANNER);
  private static final CyberObservable DOMAIN = CyberObservable.domainName("c2.example");

  private final Server server;
  private final String alias = "logs-ti_it." + UUID.randomUUID();
  private final String reader = "reader-" + UUID.randomUUID();

  IndexIT(Server server) {
    this.server = server;
  }

  @BeforeEach
  void install() throws IOException {
    assertThat(admin().build().install())
        .isEqualTo(new Installation(alias + ".v1", reader, true, null, 0, null));
  }

  @AfterEach
  void remove() throws Exception {
    server.call("DELETE", '/' + alias + ".v1", "");
    server.ok("DELETE", "/_index_template/tip-indicators-" + alias, "");
  }

  private ElasticsearchAdmin.Builder admin() {
    return ElasticsearchAdmin.builder(server.client()).indexBase(alias).readerAlias(reader);
  }

  private ElasticsearchSink sink() throws IOException {
    return ElasticsearchSink.builder(server.client()).indexBase(alias).build();
  }

  private List<Outcome> write(Change... changes) throws Exception {
    try (ElasticsearchSink sink = sink()) {
      return sink.write(List.of(changes)).outcomes();
    }
  }

  @Test
  void everyFieldOfThePrebuiltRulesIsMappedAsOneThatKibanaComparesByTerms() throws Exception {
    Map<String, String> wanted = new TreeMap<>();
    for (String field :
        List.of(
            "event.category",
            "event.kind",
            "event.module",
            "event.type",
            "threat.indicator.email.address",
            "threat.indicator.file.hash.md5",
            "threat.indicator.file.hash.sha1",
            "threat.indicator.file.hash.sha256",
            "threat.indicator.file.pe.imphash",
            "threat.indicator.registry.path",
            "threat.indicator.url.full",
            "threat.indicator.url.original",
            "vulnerability.id")) {
      wanted.put(field, "keyword");
    }
    wanted.put("@timestamp", "date");
    wanted.put("threat.indicator.ip", "ip");

    JsonNode fields = server.ok("GET", '/' + alias + "/_field_caps?fields=*", "").path("fields");

    wanted.forEach(
        (field, type) -> {
          assertThat(fields.path(field).properties()).as(field).hasSize(1);
          JsonNode caps = fields.path(field).path(type);
          assertThat(caps.path("searchable").asBoolean()).as(field + " of " + caps).isTrue();
        });
    // Also the fields of our own rules; a range is compared one by one, and said to be.
    assertThat(fields.path("tip.indicator.cidr").path("ip_range").path("searchable").asBoolean())
        .isTrue();
    assertThat(fields.path("tip.status").path("keyword").path("searchable").asBoolean()).isTrue();
  }

  @Test
  void everyKindOfObservableIsStoredAndAddsNoField() throws Exception {
    String before = server.ok("GET", '/' + alias + "/_mapping", "").toString();
    List<CyberObservable> all =
        List.of(
            CyberObservable.ip("192.0.2.7"),
            CyberObservable.ip("2001:db8::7"),
            CyberObservable.ip("198.51.100.0/24"),
            CyberObservable.ip("2001:db8:1::/48"),
            CyberObservable.autonomousSystem("AS64496"),
            DOMAIN,
            CyberObservable.url("http://user@c2.example:8080/a%20b?q=1#f"),
            CyberObservable.url("http://192.0.2.7/" + "\u4e16".repeat(800)),
            CyberObservable.emailAddr("a@mail.example"),
            CyberObservable.file(HashAlgorithm.SHA256, "ab".repeat(32)),
            CyberObservable.file(HashAlgorithm.MD5, "cd".repeat(16)),
            CyberObservable.fileName("bad.exe"),
            CyberObservable.x509Certificate("ef".repeat(20)),
            CyberObservable.software(Software.Fingerprint.JA3, "ab".repeat(16)),
            CyberObservable.windowsRegistryKey("HKLM\\Software\\Bad", "Run"),
            CyberObservable.mutex("Global\\bad"),
            CyberObservable.userAccount("baduser"),
            CyberObservable.macAddr("00-00-5E-00-53-01"));
    List<Change> batch = new ArrayList<>();
    all.forEach(observable -> batch.add(Samples.upsert(observable, C2)));

    assertThat(write(batch.toArray(Change[]::new))).containsOnly(Outcome.WRITTEN);

    assertThat(server.find(alias, "{\"match_all\":{}}")).hasSize(all.size());
    assertThat(server.find(alias, "{\"exists\":{\"field\":\"_ignored\"}}")).isEmpty();
    assertThat(server.ok("GET", '/' + alias + "/_mapping", "").toString()).isEqualTo(before);
  }

  @Test
  void aNetworkIsFoundByAnAddressInItAndIsNoAddressItself() throws Exception {
    write(
        Samples.upsert(CyberObservable.ip("198.51.100.0/24"), C2),
        Samples.upsert(CyberObservable.ip("2001:db8:1::/48"), C2));

    List<JsonNode> v4 = server.find(alias, term("tip.indicator.cidr", "198.51.100.77"));
    assertThat(v4)
        .singleElement()
        .satisfies(
            hit -> {
              JsonNode source = hit.path("_source");
              assertThat(source.at("/tip/indicator/cidr").isTextual()).isTrue();
              assertThat(source.at("/tip/indicator/cidr").asText()).isEqualTo("198.51.100.0/24");
              assertThat(source.at("/threat/indicator").has("ip")).isFalse();
              assertThat(source.at("/related/ip").isMissingNode()).isTrue();
            });
    assertThat(server.find(alias, term("tip.indicator.cidr", "2001:db8:1:ffff::1"))).hasSize(1);
    assertThat(server.find(alias, term("tip.indicator.cidr", "198.51.101.1"))).isEmpty();
    assertThat(server.find(alias, "{\"exists\":{\"field\":\"threat.indicator.ip\"}}")).isEmpty();
    // Kibana takes the values to look for from here; a range object would be refused in a query.
    JsonNode fields =
        server.ok(
            "POST",
            '/' + alias + "/_search",
            "{\"_source\":false,\"fields\":[\"tip.indicator.cidr\"],\"query\":"
                + term("tip.indicator.cidr", "198.51.100.77")
                + '}');
    assertThat(fields.at("/hits/hits/0/fields/tip.indicator.cidr/0").asText())
        .isEqualTo("198.51.100.0/24");
  }

  @Test
  void aWithdrawalLeavesATombstoneWithoutAnythingToMatchOn() throws Exception {
    CyberObservable file = CyberObservable.file(HashAlgorithm.SHA256, "12".repeat(32));
    CyberObservable address = CyberObservable.ip("203.0.113.9");
    write(Samples.upsert(file, C2), Samples.upsert(address, C2), Samples.upsert(DOMAIN, C2));
    assertThat(server.find(reader, "{\"match_all\":{}}")).hasSize(3);

    List<Outcome> outcomes = write(Samples.withdraw(file, C2, 2), Samples.withdraw(address, C2, 2));

    assertThat(outcomes).containsOnly(Outcome.WRITTEN);
    assertThat(server.find(reader, "{\"match_all\":{}}"))
        .singleElement()
        .extracting(hit -> hit.path("_id").asText())
        .isEqualTo(Samples.upsert(DOMAIN, C2).id());
    List<JsonNode> tombstones = server.find(alias, term("tip.status", "withdrawn"));
    assertThat(tombstones).hasSize(2);
    for (JsonNode tombstone : tombstones) {
      JsonNode source = tombstone.path("_source");
      assertThat(source.has("threat")).isFalse();
      assertThat(source.has("related")).isFalse();
      assertThat(source.path("event").has("type")).isFalse();
      assertThat(source.path("event").path("kind").asText()).isNotEqualTo("enrichment");
      assertThat(source.at("/tip/feed/id").asText()).isEqualTo(C2.id());
      assertThat(source.at("/tip/indicator/withdrawn_reason").asText()).isEqualTo("delisted");
      assertThat(source.toString()).doesNotContain("1212", "203.0.113.9");
    }
    assertThat(server.find("logs-ti_*", term("threat.indicator.ip", "203.0.113.9"))).isEmpty();
    // The filters of the prebuilt rules and of Kibana's page for indicators.
    assertThat(server.find(alias, term("event.type", "indicator"))).hasSize(1);
  }

  @Test
  void anOlderGenerationIsAConflictAndChangesNothing() throws Exception {
    write(Samples.upsert(DOMAIN, C2, 7));

    List<Outcome> older = write(Samples.upsert(DOMAIN, C2, 6));
    List<Outcome> withdrawal = write(Samples.withdraw(DOMAIN, C2, 6));
    List<Outcome> same = write(Samples.upsert(DOMAIN, C2, 7));

    assertThat(older).extracting(Outcome::status).containsOnly(Status.CONFLICT);
    assertThat(older).extracting(Outcome::reason).containsOnly("version_conflict_engine_exception");
    assertThat(withdrawal).extracting(Outcome::status).containsOnly(Status.CONFLICT);
    assertThat(same).containsOnly(Outcome.WRITTEN);
    assertThat(server.find(reader, "{\"match_all\":{}}"))
        .singleElement()
        .extracting(hit -> hit.at("/_source/tip/generation").asLong())
        .isEqualTo(7L);
  }

  @Test
  void onlyFeedsOfHighSignalAreReadByThePrebuiltRules() throws Exception {
    write(Samples.upsert(DOMAIN, C2), Samples.upsert(DOMAIN, SCANNER));

    String prebuilt = "{\"wildcard\":{\"event.module\":\"ti_*\"}}";
    assertThat(server.find(alias, prebuilt))
        .singleElement()
        .satisfies(
            hit -> {
              assertThat(hit.at("/_source/event/module").asText()).isEqualTo("ti_tip");
              assertThat(hit.at("/_source/event/dataset").asText()).isEqualTo("ti_tip.index-it-c2");
            });
    assertThat(server.find(alias, term("event.module", "tip")))
        .singleElement()
        .extracting(hit -> hit.at("/_source/event/dataset").asText())
        .isEqualTo("tip.index-it-scanner");
  }

  @Test
  void installingTwiceIsInstallingOnce() throws Exception {
    write(Samples.upsert(DOMAIN, C2));
    String before = server.ok("GET", '/' + alias, "").toString();

    Installation again = admin().build().install();

    assertThat(again).isEqualTo(new Installation(alias + ".v1", reader, false, null, 0, null));
    assertThat(again.existed()).isTrue();
    assertThat(server.ok("GET", '/' + alias, "").toString()).isEqualTo(before);
    assertThat(server.find(reader, "{\"match_all\":{}}")).hasSize(1);
  }

  @Test
  void theTemplateLeavesShardsReplicasAndLifeCycleToTheCluster() throws Exception {
    JsonNode templates =
        server.ok("GET", "/_index_template/tip-indicators-" + alias, "").path("index_templates");
    JsonNode template = templates.path(0).path("index_template");

    assertThat(template.at("/index_patterns/0").asText()).isEqualTo(alias + ".v*");
    assertThat(template.has("data_stream")).isFalse();
    assertThat(template.path("template").has("aliases")).isFalse();
    assertThat(template.at("/template/settings/index").properties())
        .extracting(Map.Entry::getKey)
        .doesNotContain("number_of_shards", "number_of_replicas", "lifecycle");
    assertThat(template.at("/template/mappings/dynamic").asText()).isEqualTo("false");
  }

  @Test
  void aLostAliasIsSaidWithWhatToDoAndNoIndexComesToBeInItsPlace() throws Exception {
    try (ElasticsearchSink sink = sink()) {
      server.ok("DELETE", '/' + alias + ".v1", "");

      assertThatThrownBy(() -> sink.write(List.of(Samples.upsert(DOMAIN, C2))))
          .isInstanceOfSatisfying(
              SinkException.class, e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.CONFIG))
          .hasMessageContaining(alias)
          .hasMessageContaining("tip install");
    }
    assertThat(server.call("HEAD", '/' + alias, "").status()).isEqualTo(404);
  }

  @Test
  void aSinkOfAnAliasThatWasNeverInstalledIsNotBuilt() {
    String missing = alias + "-missing";

    assertThatThrownBy(() -> ElasticsearchSink.builder(server.client()).indexBase(missing).build())
        .isInstanceOfSatisfying(
            SinkException.class, e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.CONFIG))
        .hasMessageContaining(missing)
        .hasMessageContaining("tip install")
        .hasMessageContaining("install=true");
  }

  @Test
  void anIndexInPlaceOfTheAliasIsRefused() throws Exception {
    String index = alias + "-index";
    server.ok("PUT", '/' + index, "");

    assertThatThrownBy(() -> ElasticsearchSink.builder(server.client()).indexBase(index).build())
        .isInstanceOf(SinkException.class)
        .hasMessageContaining("no alias");
    assertThatThrownBy(
            () -> ElasticsearchAdmin.builder(server.client()).indexBase(index).build().install())
        .isInstanceOf(SinkException.class)
        .hasMessageContaining("must be an alias");
  }

  @Test
  void anIndexOfTheReadersNameIsReplacedOnlyOnRequest() throws Exception {
    String legacy = "legacy-" + UUID.randomUUID();
    // As it wrote them: file hashes in file.hash, networks as if they were addresses.
    server.ok("PUT", '/' + legacy + "/_doc/1", "{\"file\":{\"hash\":{\"md5\":\"abcd\"}}}");
    server.ok("PUT", '/' + legacy + "/_doc/2", "{\"threat\":{\"indicator\":{\"ip\":\"x\"}}}");
    ElasticsearchAdmin.Builder admin = admin().readerAlias(legacy);

    assertThatThrownBy(() -> admin.build().install())
        .isInstanceOf(SinkException.class)
        .hasMessageContaining("elastic-tip of 2021")
        .hasMessageContaining("tip install --replace-legacy");
    assertThat(server.find(legacy, "{\"match_all\":{}}")).hasSize(2);

    write(Samples.upsert(DOMAIN, C2));
    assertThat(admin.replaceLegacyIndex(true).build().install())
        .isEqualTo(new Installation(alias + ".v1", legacy, false, null, 0, legacy));
    assertThat(admin.build().install())
        .isEqualTo(new Installation(alias + ".v1", legacy, false, null, 0, null));

    assertThat(server.find(legacy, "{\"match_all\":{}}"))
        .singleElement()
        .extracting(hit -> hit.path("_index").asText())
        .isEqualTo(alias + ".v1");
  }

  @Test
  void aClosedIndexIsAFaultOfTheTargetAndNotOfTheDocuments() throws Exception {
    try (ElasticsearchSink sink = sink()) {
      server.ok("POST", '/' + alias + ".v1/_close", "");

      assertThatThrownBy(() -> sink.write(List.of(Samples.upsert(DOMAIN, C2))))
          .isInstanceOfSatisfying(
              SinkException.class, e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.CONFIG))
          .hasMessageContaining("index_closed_exception");
    }
  }

  @Test
  void aBlockedIndexIsSaidToBeBlocked() throws Exception {
    try (ElasticsearchSink sink = sink()) {
      server.ok("PUT", '/' + alias + ".v1/_settings", "{\"index.blocks.write\":true}");

      assertThatThrownBy(() -> sink.write(List.of(Samples.upsert(DOMAIN, C2))))
          .isInstanceOfSatisfying(
              SinkException.class, e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.BLOCKED))
          .hasMessageContaining("lift its block");
      server.ok("PUT", '/' + alias + ".v1/_settings", "{\"index.blocks.write\":null}");

      WriteResult after = sink.write(List.of(Samples.upsert(DOMAIN, C2)));
      assertThat(after.count(Status.WRITTEN)).isEqualTo(1);
    }
  }

  @Test
  void theActiveIndicatorsAreReadPageByPageWithTheirFirstDates() throws Exception {
    List<Change> batch = Samples.domains(11_000, C2);
    try (ElasticsearchSink sink = sink()) {
      assertThat(sink.write(batch).count(Status.WRITTEN)).isEqualTo(batch.size());
      server.ok("POST", '/' + alias + "/_refresh", "");
      try (var active = sink.active(C2.id()).orElseThrow()) {
        assertThat(active)
            .containsExactlyInAnyOrderElementsOf(
                batch.stream()
                    .map(
                        c ->
                            new StoredIndicator(
                                c.id(), c.generation(), ((Change.Upsert) c).added()))
                    .toList());
      }
    }
  }

  @Test
  void holdingsSeeEveryShardOfAnIndexThatIsNeverRefreshedAndAddNothing() throws Exception {
    server.ok("DELETE", '/' + alias + ".v1", "");
    server.ok(
        "PUT",
        '/' + alias + ".v1",
        "{\"settings\":{\"number_of_shards\":5,\"refresh_interval\":-1}}");
    admin().build().install();
    List<Change> batch = Samples.domains(500, C2);
    try (ElasticsearchSink sink = sink()) {
      assertThat(sink.write(batch).count(Status.WRITTEN)).isEqualTo(500);
      assertThat(sink.holdings(C2.id())).contains(new Holdings(500, 1));

      sink.write(List.of(Samples.withdraw(CyberObservable.domainName("d7.example"), C2, 3)));
      assertThat(sink.holdings(C2.id())).contains(new Holdings(499, 3));
      assertThat(sink.holdings("another")).contains(new Holdings(0, 0));
    }
    assertThat(server.ok("GET", '/' + alias + "/_count", "").path("count").asInt()).isEqualTo(500);
  }

  @Test
  void holdingsOfAnAliasThatIsGoneAreAFaultOfTheTarget() throws Exception {
    try (ElasticsearchSink sink = sink()) {
      server.ok("DELETE", '/' + alias + ".v1", "");

      assertThatThrownBy(() -> sink.holdings(C2.id()))
          .isInstanceOfSatisfying(
              SinkException.class, e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.CONFIG))
          .hasMessageContaining("tip install");
    }
  }

  @Test
  void anotherIndexIsAnotherIdentity() throws Exception {
    String first;
    try (ElasticsearchSink sink = sink()) {
      first = sink.info().identity();
    }
    server.ok("DELETE", '/' + alias + ".v1", "");
    admin().build().install();
    try (ElasticsearchSink sink = sink()) {
      assertThat(sink.info().identity()).isNotEqualTo(first).contains(":mapping-1:");
    }
  }

  private static String term(String field, String value) {
    return "{\"term\":{\"" + field + "\":\"" + value + "\"}}";
  }
}
