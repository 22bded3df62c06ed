// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.ecs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.File;
import dev.tip.HashAlgorithm;
import dev.tip.Indicator;
import dev.tip.Software.Fingerprint;
import dev.tip.Tlp;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.Terms;
import dev.tip.sink.Change;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class EcsEncoderTest {
  private static final String MD5 = "0123456789abcdef0123456789abcdef";
  private static final String SHA1 = "0123456789abcdef0123456789abcdef01234567";
  private static final String SHA256 = MD5 + MD5;
  private static final Instant AT = Instant.parse("2026-11-24T10:15:30.123456Z");
  private static final Instant ADDED = Instant.parse("2026-11-20T00:00:00Z");
  private static final FeedInfo FEED = feed(FeedInfo.Role.C2).build();

  static FeedInfo.Builder feed(FeedInfo.Role role) {
    return FeedInfo.builder("example-list")
        .name("Example \"List\"")
        .provider("Example")
        .reference(URI.create("https://feed.example/list"))
        .description("A list\nof examples")
        .role(role)
        .coverage(FeedInfo.Coverage.SNAPSHOT)
        .confidence(Confidence.HIGH)
        .terms(new Terms("free", URI.create("https://feed.example/terms"), true, true, null))
        .types(CyberObservable.Type.IPV4_ADDR);
  }

  static Map<String, Object> upsert(CyberObservable observable) throws IOException {
    return upsert(Indicator.builder(observable, FEED).build());
  }

  static Map<String, Object> upsert(Indicator indicator) throws IOException {
    return encode(new Change.Upsert(indicator, 812, Change.Cause.NEW, ADDED, AT));
  }

  static Map<String, Object> encode(Change change) throws IOException {
    return JsonText.flat(bytes(EcsEncoder.create(), change));
  }

  static byte[] bytes(EcsEncoder encoder, Change change) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (EcsWriter documents = encoder.writer(out)) {
      documents.write(change);
    }
    return out.toByteArray();
  }

  private static Indicator full(CyberObservable observable) {
    return Indicator.builder(observable, FEED)
        .confidence(Confidence.NOT_SPECIFIED)
        .tlp(Tlp.AMBER_STRICT)
        .firstSeen(ADDED)
        .lastSeen(AT)
        .modifiedAt(AT)
        .validUntil(AT)
        .description("what it is")
        .software("ExampleBot")
        .provider("reporter")
        .country("DE")
        .sightings(7)
        .port(443)
        .reference("https://a.example/")
        .reference("https://b.example/")
        .tag("exe")
        .externalId("indicator--1")
        .original("the line")
        .build();
  }

  static Stream<CyberObservable> everyType() {
    return Stream.of(
        CyberObservable.ip("192.0.2.7"),
        CyberObservable.ip("192.0.2.0/24"),
        CyberObservable.ip("2001:db8::7"),
        CyberObservable.ip("2001:db8::/32"),
        CyberObservable.autonomousSystem("64496"),
        CyberObservable.domainName("bad.example"),
        CyberObservable.url("http://bad.example:8080/gate.php?id=7"),
        CyberObservable.emailAddr("a@bad.example"),
        File.builder()
            .hash(HashAlgorithm.SHA512, SHA256 + SHA256)
            .hash(HashAlgorithm.SHA256, SHA256)
            .hash(HashAlgorithm.SHA1, SHA1)
            .hash(HashAlgorithm.MD5, MD5)
            .hash(HashAlgorithm.IMPHASH, MD5)
            .hash(HashAlgorithm.SSDEEP, "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C")
            .hash(HashAlgorithm.TLSH, "T1" + SHA256.toUpperCase(Locale.ROOT) + "ABCDEF")
            .name("invoice.exe")
            .path("C:\\Temp\\invoice.exe")
            .size(48128)
            .mimeType("application/x-dosexec")
            .build(),
        CyberObservable.fileName("invoice.exe"),
        CyberObservable.x509Certificate(MD5),
        CyberObservable.x509Certificate(SHA1),
        CyberObservable.x509Certificate(SHA256),
        CyberObservable.software(Fingerprint.JA3, MD5),
        CyberObservable.software(Fingerprint.JA3S, MD5),
        CyberObservable.software(Fingerprint.JA4, "t13d1516h2_8daaf6152771_e5627efa2ab1"),
        CyberObservable.windowsRegistryKey("HKLM\\Software\\Example", "Run"),
        CyberObservable.mutex("Global\\example"),
        CyberObservable.userAccount("mallory"),
        CyberObservable.macAddr("00-00-5E-00-53-23"));
  }

  @Test
  void addressHasTheFieldsOfAnIndicator() throws IOException {
    assertThat(upsert(full(CyberObservable.ip("192.0.2.7"))))
        .containsOnly(
            entry("@timestamp", "2026-11-24T10:15:30.123Z"),
            entry("ecs.version", "9.5.0"),
            entry("event.kind", "enrichment"),
            entry("event.category", List.of("threat")),
            entry("event.type", List.of("indicator")),
            entry("event.module", "ti_tip"),
            entry("event.dataset", "ti_tip.example-list"),
            entry("event.provider", "Example"),
            entry("event.reference", "https://feed.example/list"),
            entry("event.created", "2026-11-20T00:00:00.000Z"),
            entry("event.ingested", "2026-11-24T10:15:30.123Z"),
            entry("event.original", "the line"),
            entry("threat.feed.name", "Example \"List\""),
            entry("threat.feed.reference", "https://feed.example/list"),
            entry("threat.feed.description", "A list\nof examples"),
            entry("threat.indicator.type", "ipv4-addr"),
            entry("threat.indicator.name", "192.0.2.7"),
            entry("threat.indicator.first_seen", "2026-11-20T00:00:00.000Z"),
            entry("threat.indicator.last_seen", "2026-11-24T10:15:30.123Z"),
            entry("threat.indicator.modified_at", "2026-11-24T10:15:30.123Z"),
            entry("threat.indicator.confidence", "Not Specified"),
            entry("threat.indicator.marking.tlp", "AMBER+STRICT"),
            entry("threat.indicator.marking.tlp_version", "2.0"),
            entry("threat.indicator.provider", "reporter"),
            entry("threat.indicator.reference", "https://a.example/"),
            entry("threat.indicator.description", "what it is"),
            entry("threat.indicator.id", List.of("indicator--1")),
            entry("threat.indicator.sightings", 7L),
            entry("threat.indicator.port", 443L),
            entry("threat.indicator.geo.country_iso_code", "DE"),
            entry("threat.indicator.ip", "192.0.2.7"),
            entry("threat.software.name", "ExampleBot"),
            entry("related.ip", List.of("192.0.2.7")),
            entry("tags", List.of("exe")),
            entry("tip.status", "active"),
            entry("tip.generation", 812L),
            entry("tip.feed.id", "example-list"),
            entry("tip.indicator.id", full(CyberObservable.ip("192.0.2.7")).id()),
            entry("tip.indicator.role", "c2"),
            entry("tip.indicator.expires_at", "2026-11-24T10:15:30.123Z"),
            entry("tip.indicator.references", List.of("https://a.example/", "https://b.example/")));
  }

  @ParameterizedTest
  @MethodSource("everyType")
  void everyFieldHasTheTypeThatEcsGivesIt(CyberObservable observable) throws IOException {
    Map<String, String> types = new HashMap<>();
    Set<String> arrays = new LinkedHashSet<>();
    for (String file : List.of("/ecs/fields.json", "/ecs/tip-fields.json")) {
      try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream(file))) {
        JsonText.flat(in.readAllBytes())
            .forEach(
                (key, value) -> {
                  String field = key.substring(0, key.lastIndexOf('.'));
                  if (value instanceof String type) {
                    types.put(field, type);
                  } else if (Boolean.TRUE.equals(value)) {
                    arrays.add(field);
                  }
                });
      }
    }
    Indicator indicator = full(observable);
    Map<String, Object> fields = new HashMap<>(upsert(indicator));
    fields.putAll(upsert(indicator.toBuilder().port(8443).build()));
    fields.putAll(
        JsonText.flat(
            bytes(
                EcsEncoder.builder().withdrawnValues(true).build(),
                new Change.Withdraw(indicator, 813, Change.Reason.REVOKED, AT))));

    fields.forEach(
        (field, value) -> {
          assertThat(types).as("known fields").containsKey(field);
          assertThat(value instanceof List)
              .as("%s is an array", field)
              .isEqualTo(arrays.contains(field));
          List<?> values = value instanceof List<?> list ? list : List.of(value);
          for (Object each : values) {
            switch (types.getOrDefault(field, "")) {
              case "date" -> assertThat(Instant.parse((String) each)).isNotNull();
              case "long" -> assertThat(each).as(field).isInstanceOf(Long.class);
              case "ip" -> assertThat((String) each).as(field).doesNotContain("/");
              case "ip_range" -> assertThat((String) each).as(field).contains("/");
              default -> assertThat(each).as(field).isInstanceOf(String.class);
            }
          }
        });
  }

  @Test
  void networkIsNeverInTheAddressField() throws IOException {
    assertThat(upsert(CyberObservable.ip("192.0.2.0/24")))
        .containsEntry("threat.indicator.name", "192.0.2.0/24")
        .containsEntry("tip.indicator.cidr", "192.0.2.0/24")
        .doesNotContainKeys("threat.indicator.ip", "related.ip");
  }

  @Test
  void autonomousSystemStaysOutOfThreatIndicator() throws IOException {
    assertThat(upsert(CyberObservable.autonomousSystem("AS64496")))
        .containsEntry("tip.indicator.as.number", 64496L)
        .doesNotContainKey("threat.indicator.as.number");
  }

  @Test
  void severalPortsAreNoSinglePort() throws IOException {
    Indicator indicator =
        Indicator.builder(CyberObservable.ip("192.0.2.7"), FEED).port(443).port(80).build();

    assertThat(upsert(indicator))
        .containsEntry("tip.indicator.ports", List.of(80L, 443L))
        .doesNotContainKey("threat.indicator.port");
  }

  @Test
  void fileHasOneValuePerHash() throws IOException {
    CyberObservable file =
        File.builder()
            .hash(HashAlgorithm.SHA256, SHA256)
            .hash(HashAlgorithm.MD5, MD5)
            .hash(HashAlgorithm.IMPHASH, MD5)
            .name("invoice.exe")
            .build();

    assertThat(upsert(file))
        .containsEntry("threat.indicator.name", SHA256)
        .containsEntry("threat.indicator.file.hash.sha256", SHA256)
        .containsEntry("threat.indicator.file.hash.md5", MD5)
        .containsEntry("threat.indicator.file.pe.imphash", MD5)
        .containsEntry("threat.indicator.file.name", "invoice.exe")
        .containsEntry("related.hash", List.of(SHA256, MD5))
        .doesNotContainKey("threat.indicator.file.hash.imphash");
  }

  @Test
  void certificateHashIsUpperCaseAsSensorsWriteIt() throws IOException {
    assertThat(upsert(CyberObservable.x509Certificate(SHA1)))
        .containsEntry("threat.indicator.name", SHA1)
        .containsEntry("tip.indicator.tls.server.hash.sha1", SHA1.toUpperCase(Locale.ROOT));
  }

  @Test
  void urlKeepsSensorFormAndOriginal() throws IOException {
    assertThat(upsert(CyberObservable.url("http://BAD.example/a?b=c")))
        .containsEntry("threat.indicator.url.full", "http://bad.example/a?b=c")
        .containsEntry("threat.indicator.url.original", "http://BAD.example/a?b=c")
        .containsEntry("threat.indicator.url.domain", "bad.example")
        .containsEntry("threat.indicator.url.path", "/a")
        .containsEntry("threat.indicator.url.query", "b=c")
        .containsEntry("related.hosts", List.of("bad.example"))
        .doesNotContainKey("threat.indicator.url.port");
  }

  @Test
  void urlAtAnAddressStatesNothingAboutTheAddress() throws IOException {
    assertThat(upsert(CyberObservable.url("http://[2001:db8::7]:8080/a")))
        .containsEntry("threat.indicator.url.domain", "[2001:db8::7]")
        .containsEntry("related.ip", List.of("2001:db8::7"))
        .doesNotContainKeys("threat.indicator.ip", "related.hosts");
  }

  @Test
  void registryPathHasTheShortHive() throws IOException {
    assertThat(upsert(CyberObservable.windowsRegistryKey("HKEY_LOCAL_MACHINE\\Software\\X", "Run")))
        .containsEntry("threat.indicator.registry.hive", "HKLM")
        .containsEntry("threat.indicator.registry.key", "Software\\X")
        .containsEntry("threat.indicator.registry.value", "Run")
        .containsEntry("threat.indicator.registry.path", "HKLM\\Software\\X\\Run")
        .containsEntry("threat.indicator.name", "HKLM\\Software\\X\\Run");
  }

  @ParameterizedTest
  @EnumSource
  void onlyHighSignalFeedsAreReadByPrebuiltRules(FeedInfo.Role role) throws IOException {
    Indicator indicator =
        Indicator.builder(CyberObservable.ip("192.0.2.7"), feed(role).build()).build();

    assertThat(upsert(indicator))
        .containsEntry("event.module", role.isHighSignal() ? "ti_tip" : "tip")
        .containsEntry(
            "event.dataset", role.isHighSignal() ? "ti_tip.example-list" : "tip.example-list")
        .containsEntry("tip.indicator.role", role.value());
  }

  @Test
  void feedOfTheSameIdWithAnotherNameIsSeen() throws IOException {
    EcsEncoder encoder = EcsEncoder.create();
    FeedInfo other = FEED.toBuilder().name("Renamed").build();
    bytes(encoder, upsertOf(FEED));

    assertThat(JsonText.flat(bytes(encoder, upsertOf(other))))
        .containsEntry("threat.feed.name", "Renamed");
  }

  @Test
  void creditStaysWithTheDataWhereThePublisherWantsIt() throws IOException {
    String credit = "(c) The \"Example\" Project, https://feed.example/";
    FeedInfo credited =
        FEED.toBuilder()
            .terms(new Terms("free", URI.create("https://feed.example/terms"), true, true, credit))
            .build();

    assertThat(encode(upsertOf(credited)))
        .containsEntry("tip.feed.credit", credit)
        .containsEntry("tip.feed.id", "example-list")
        .containsKeys("event.created", "event.ingested");
    assertThat(encode(upsertOf(FEED))).doesNotContainKey("tip.feed.credit");
  }

  private static Change upsertOf(FeedInfo feed) {
    return new Change.Upsert(
        Indicator.builder(CyberObservable.ip("192.0.2.7"), feed).build(),
        1,
        Change.Cause.NEW,
        ADDED,
        AT);
  }

  @ParameterizedTest
  @MethodSource("everyType")
  void tombstoneHasNothingThatARuleMatches(CyberObservable observable) throws IOException {
    Indicator indicator = full(observable);
    Map<String, Object> tombstone =
        encode(new Change.Withdraw(indicator, 813, Change.Reason.DELISTED, AT));

    assertThat(tombstone)
        .containsOnly(
            entry("@timestamp", "2026-11-24T10:15:30.123Z"),
            entry("ecs.version", "9.5.0"),
            entry("event.kind", "state"),
            entry("event.module", "ti_tip"),
            entry("event.dataset", "ti_tip.example-list"),
            entry("event.ingested", "2026-11-24T10:15:30.123Z"),
            entry("tip.status", "withdrawn"),
            entry("tip.generation", 813L),
            entry("tip.feed.id", "example-list"),
            entry("tip.indicator.id", indicator.id()),
            entry("tip.indicator.type", observable.type().stixName()),
            entry("tip.indicator.role", "c2"),
            entry("tip.indicator.first_seen", "2026-11-20T00:00:00.000Z"),
            entry("tip.indicator.last_seen", "2026-11-24T10:15:30.123Z"),
            entry("tip.indicator.withdrawn_at", "2026-11-24T10:15:30.123Z"),
            entry("tip.indicator.withdrawn_reason", "delisted"));
  }

  @Test
  void bulkOperationIsAVersionedIndexActionAndTheDocument() throws IOException {
    Change change = upsertOf(FEED);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    EcsEncoder encoder = EcsEncoder.builder().ids(false).build();

    String id;
    try (EcsWriter documents = encoder.writer(out)) {
      id = documents.writeBulk(change, "some-alias");
    }

    List<String> lines = new ArrayList<>(out.toString(UTF_8).lines().toList());
    assertThat(out.toString(UTF_8)).endsWith("}\n");
    assertThat(lines).hasSize(2);
    assertThat(JsonText.flat(lines.get(0).getBytes(UTF_8)))
        .containsOnly(
            entry("index._index", "some-alias"),
            entry("index.require_alias", true),
            entry("index._id", change.id()),
            entry("index.version", 1L),
            entry("index.version_type", "external_gte"));
    assertThat(JsonText.flat(lines.get(1).getBytes(UTF_8)))
        .doesNotContainKey("tip.indicator.id")
        .containsEntry("threat.indicator.ip", "192.0.2.7");
    assertThat(id).isEqualTo(change.id());
  }

  @Test
  void eachDocumentIsALineOfItsOwn() throws IOException {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    Change first = upsertOf(FEED);
    Change second = new Change.Withdraw("A".repeat(27), FEED, 2, Change.Reason.DELISTED, AT);
    byte[] alone = bytes(EcsEncoder.create(), second);

    try (EcsWriter documents = EcsEncoder.create().writer(both)) {
      documents.write(first);
      documents.flush();
      assertThat(both.toByteArray()).isEqualTo(bytes(EcsEncoder.create(), first));
      both.reset();
      documents.write(second);
    }

    assertThat(both.toByteArray()).isEqualTo(alone);
    assertThat(both.toString(UTF_8)).endsWith("}\n");
  }

  @Test
  void yearOfFiveDigitsIsStillAnInstant() throws IOException {
    Indicator indicator =
        Indicator.builder(CyberObservable.ip("192.0.2.7"), FEED)
            .firstSeen(Instant.MAX)
            .lastSeen(Instant.MIN)
            .build();

    assertThat(upsert(indicator))
        .containsEntry("threat.indicator.first_seen", Instant.MAX.toString())
        .containsEntry("threat.indicator.last_seen", Instant.MIN.toString());
  }

  @Test
  void tombstoneOfWhichOnlyTheIdIsKnownSaysNoMore() throws Exception {
    String id = "A".repeat(27);

    Map<String, Object> document =
        encode(new Change.Withdraw(id, FEED, 813, Change.Reason.DELISTED, AT));

    assertThat(document)
        .containsEntry("tip.indicator.id", id)
        .containsEntry("tip.status", "withdrawn")
        .containsEntry("tip.feed.id", FEED.id())
        .doesNotContainKeys("tip.indicator.type", "tip.indicator.value", "event.type");
  }
}
