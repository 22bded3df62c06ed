// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.ecs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.File;
import dev.tip.HashAlgorithm;
import dev.tip.Indicator;
import dev.tip.Software.Fingerprint;
import dev.tip.Tlp;
import dev.tip.X509Certificate;
import dev.tip.feed.FeedInfo;
import dev.tip.sink.Change;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole documents, byte for byte but for white space. A document that changes on purpose needs a
 * new {@link EcsEncoder#FORMAT}.
 */
class EcsDocumentsTest {
  private static final String MD5 = "0123456789abcdef0123456789abcdef";
  private static final String SHA1 = "0123456789abcdef0123456789abcdef01234567";
  private static final String SHA256 = MD5 + MD5;
  private static final Instant AT = Instant.parse("2026-11-24T10:15:30.123456Z");
  private static final Instant ADDED = Instant.parse("2026-11-20T00:00:00Z");

  private static Indicator.Builder statement(CyberObservable observable, FeedInfo.Role role) {
    return Indicator.builder(observable, EcsEncoderTest.feed(role).build());
  }

  private static Change.Upsert upsert(Indicator.Builder indicator) {
    return new Change.Upsert(indicator.build(), 812, Change.Cause.NEW, ADDED, AT);
  }

  private static Arguments of(String name, CyberObservable observable) {
    return arguments(
        name,
        upsert(
            statement(observable, FeedInfo.Role.C2)
                .firstSeen(ADDED)
                .software("ExampleBot")
                .tag("exe")));
  }

  private static Indicator.Builder full(CyberObservable observable) {
    return statement(observable, FeedInfo.Role.C2)
        .confidence(Confidence.MEDIUM)
        .tlp(Tlp.AMBER_STRICT)
        .firstSeen(ADDED)
        .lastSeen(AT)
        .modifiedAt(AT)
        .validUntil(AT)
        .description("what \"it\" is \u00e9\ud83d\ude00")
        .software("ExampleBot")
        .provider("reporter")
        .country("DE")
        .sightings(7)
        .reference("https://b.example/")
        .reference("https://a.example/")
        .tag("exe")
        .tag("32-bit")
        .externalId("indicator--1")
        .original("192.0.2.7\t443");
  }

  static Stream<Arguments> documents() {
    CyberObservable address = CyberObservable.ip("192.0.2.7");
    return Stream.of(
        arguments("ipv4-addr", upsert(full(address).port(443))),
        arguments("ipv4-addr-ports", upsert(full(address).port(8443).port(443))),
        arguments("ipv4-addr-scanner", upsert(statement(address, FeedInfo.Role.SCANNER))),
        of("ipv4-addr-network", CyberObservable.ip("192.0.2.0/24")),
        of("ipv6-addr", CyberObservable.ip("2001:db8::7")),
        of("ipv6-addr-network", CyberObservable.ip("2001:db8::/32")),
        of("autonomous-system", CyberObservable.autonomousSystem("64496")),
        of("domain-name", CyberObservable.domainName("bad.example")),
        of("url", CyberObservable.url("http://BAD.example:8080/gate.php?id=7")),
        of("url-address", CyberObservable.url("http://[2001:db8::7]/a")),
        of("email-addr", CyberObservable.emailAddr("a@bad.example")),
        of(
            "file",
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
                .build()),
        of("file-name", CyberObservable.fileName("invoice.exe")),
        of("file-imphash", CyberObservable.file(HashAlgorithm.IMPHASH, MD5)),
        of(
            "x509-certificate",
            X509Certificate.of(
                Map.of(
                    HashAlgorithm.SHA256, SHA256,
                    HashAlgorithm.SHA1, SHA1,
                    HashAlgorithm.MD5, MD5))),
        of("software-ja3", CyberObservable.software(Fingerprint.JA3, MD5)),
        of("software-ja3s", CyberObservable.software(Fingerprint.JA3S, MD5)),
        of(
            "software-ja4",
            CyberObservable.software(Fingerprint.JA4, "t13d1516h2_8daaf6152771_e5627efa2ab1")),
        of(
            "windows-registry-key",
            CyberObservable.windowsRegistryKey("HKLM\\Software\\Example", null)),
        of(
            "windows-registry-key-value",
            CyberObservable.windowsRegistryKey("HKLM\\Software\\Example", "Run")),
        of("mutex", CyberObservable.mutex("Global\\example")),
        of("user-account", CyberObservable.userAccount("mallory")),
        of("mac-addr", CyberObservable.macAddr("00-00-5E-00-53-23")),
        arguments(
            "withdrawn",
            new Change.Withdraw(full(address).build(), 813, Change.Reason.DELISTED, AT)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("documents")
  void documentIsTheOneOnFile(String name, Change change) throws IOException {
    String document = new String(EcsEncoderTest.bytes(EcsEncoder.create(), change), UTF_8);

    assertThat(document).isEqualTo(withoutWhiteSpace("/ecs/documents/" + name + ".json") + "\n");
  }

  @Test
  void everyTypeAndEveryFileIsAmongTheDocuments() throws Exception {
    URL folder = Objects.requireNonNull(getClass().getResource("/ecs/documents"));
    try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
      assertThat(files.map(f -> f.getFileName().toString().replace(".json", "")))
          .containsExactlyInAnyOrderElementsOf(documents().map(d -> (String) d.get()[0]).toList());
    }
    assertThat(documents().map(d -> indicator((Change) d.get()[1]).observable().type()))
        .contains(CyberObservable.Type.values());
  }

  private static Indicator indicator(Change change) {
    return change instanceof Change.Upsert upsert
        ? upsert.indicator()
        : ((Change.Withdraw) change).lastKnown().orElseThrow();
  }

  private String withoutWhiteSpace(String resource) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    JsonFactory factory = new JsonFactory();
    try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream(resource));
        JsonParser parser = factory.createParser(in);
        JsonGenerator generator = factory.createGenerator(out)) {
      while (parser.nextToken() != null) {
        generator.copyCurrentEvent(parser);
      }
    }
    return out.toString(UTF_8);
  }
}
