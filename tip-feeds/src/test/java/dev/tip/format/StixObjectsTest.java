// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.Confidence;
import dev.tip.Indicator;
import dev.tip.Tlp;
import dev.tip.feed.FeedEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StixObjectsTest {
  private static final String SHA256 = "0123456789abcdef".repeat(4);
  private static final String MD5 = "0123456789abcdef".repeat(2);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[ipv4-addr:value = '198.51.100.1/32']|ipv4-addr 198.51.100.1",
        "[ipv4-addr:value = '198.51.100.1' OR ipv4-addr:value = '203.0.113.33']|ipv4-addr 198.51.100.1, ipv4-addr 203.0.113.33",
        "[ipv4-addr:value ISSUBSET '198.51.100.0/24']|ipv4-addr 198.51.100.0/24",
        "[ipv6-addr:value = '2001:DB8::0:1']|ipv6-addr 2001:db8::1",
        "[domain-name:value = 'Bad.Example.']|domain-name bad.example",
        "[domain-name:value = '192.0.2.7']|ipv4-addr 192.0.2.7",
        "[hostname:value = 'bad.example']|domain-name bad.example",
        "[url:value = 'http://bad.example/it\\'s?p=1']|url http://bad.example/it%27s?p=1",
        "[email-addr:value = 'a@bad.example']|email-addr a@bad.example",
        "[email-message:sender_ref.value = 'a@bad.example']|email-addr a@bad.example",
        "[file:hashes.'SHA-256' = '@64' AND file:name = 'a.exe']|file @64",
        "[file:hashes.MD5 = '@32' AND file:size > 7 AND file:x_origin = 'y']|file @32",
        "[file:hashes.MD5 = '@32' OR file:hashes.'SHA-256' = '@64']|file @32, file @64",
        "[file:hashes.md5 IN ('@32')]|file @32",
        "[file:hashes.sha_256 = '@64' AND file:hashes.VHASH = 'x']|file @64",
        "[artifact:hashes.MD5 = '@32']|file @32",
        "[file:name = 'evil.exe']|file name:evil.exe",
        "[x509-certificate:hashes.'SHA-256' = '@64' AND x509-certificate:issuer = 'x']|x509-certificate @64",
        "[autonomous-system:number = 64496 AND autonomous-system:name = 'X']|autonomous-system 64496",
        "[mutex:name = 'Global\\\\x']|mutex Global\\x",
        "[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\\\Software\\\\Bad']|windows-registry-key HKEY_LOCAL_MACHINE\\Software\\Bad",
        "[windows-registry-key:key = 'HKLM\\\\A' AND windows-registry-key:values[*].name = 'b']|windows-registry-key HKEY_LOCAL_MACHINE\\A\\\\b",
        "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '192.0.2.5' AND network-traffic:dst_port = 8443]|ipv4-addr 192.0.2.5",
        "[network-traffic:src_ref.type = 'ipv4-addr' AND (network-traffic:src_ref.value = '192.0.2.5' OR network-traffic:src_ref.value = '192.0.2.6')]|ipv4-addr 192.0.2.5, ipv4-addr 192.0.2.6",
        "[network-traffic:dst_ref.value = 'bad.example']|domain-name bad.example",
        "([domain-name:value = 'a.example'] OR [domain-name:value = 'b.example']) WITHIN 300 SECONDS|domain-name a.example, domain-name b.example",
        "[domain-name:value LIKE 'bad.example']|domain-name bad.example",
        "[user-account:user_id = 'eve']|user-account eve",
        "[mac-addr:value = 'D2-FB-49-24-37-18']|mac-addr D2-FB-49-24-37-18",
        "[url:value LIKE '%x%' OR domain-name:value = 'bad.example']|stix-pattern-like, domain-name bad.example",
        "[domain-name:value = 'bad.example' AND domain-name:resolves_to_refs[*].value = '192.0.2.1']|stix-pattern-and",
        "[ipv4-addr:value = '192.0.2.1' AND ipv4-addr:value = '192.0.2.2']|stix-pattern-and",
        "[network-traffic:dst_ref.value = '192.0.2.5' AND network-traffic:src_ref.value = '192.0.2.6']|stix-pattern-and",
        "[network-traffic:dst_port = 8443]|stix-pattern-path",
        "[file:name = 'a.exe' AND file:size = 7]|stix-pattern-and",
        "[windows-registry-key:key = 'HKLM\\\\A' AND windows-registry-key:values[*].data = 'b']|stix-pattern-and",
        "[domain-name:value != 'bad.example']|stix-pattern-not-equal",
        "[domain-name:value NOT = 'bad.example']|stix-pattern-not",
        "[domain-name:value MATCHES 'bad']|stix-pattern-matches",
        "[EXISTS domain-name:value]|stix-pattern-exists",
        "[domain-name:value IN ()]|stix-pattern-empty",
        "[file:hashes.'SHA3-256' = '@64']|stix-hash-algorithm",
        "[file:hashes.MD5 = 'x']|hash-length",
        "[process:name = 'x']|stix-pattern-path",
        "[x509-certificate:serial_number = 'x']|stix-pattern-path",
        "[domain-name:value = 5]|stix-pattern-constant",
        "[domain-name:value = 'a.example'] AND [domain-name:value = 'b.example']|stix-pattern-and",
        "[domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'b.example']|stix-pattern-followedby",
        "[domain-name:value = 'a.example'] REPEATS 5 TIMES|stix-pattern-repeats",
        "[domain-name:value = 'a.example'] START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'|stix-pattern-start-stop",
        "[domain-name:value = 'a.example'|stix-pattern-syntax",
      })
  void patternStates(String pattern, String expected) {
    String text = pattern.replace("@64", SHA256).replace("@32", MD5);

    Reading reading = bundle(indicator("\"pattern\":" + json(text)));

    List<String> found = new ArrayList<>();
    for (FeedEntry entry : reading.entries()) {
      if (entry instanceof FeedEntry.Accepted accepted) {
        found.add(accepted.indicator().observable().toString());
      } else if (entry instanceof FeedEntry.Rejected rejected) {
        found.add(rejected.reason());
      }
    }
    assertThat(String.join(", ", found))
        .isEqualTo(expected.replace("@64", SHA256).replace("@32", MD5));
  }

  @Test
  void indicatorSaysWhatTheObjectSays() {
    Reading reading =
        bundle(
            "{\"type\":\"identity\",\"id\":\"identity--1\",\"name\":\"Example CERT\"}",
            indicator(
                "\"pattern\":\"[network-traffic:dst_ref.value='192.0.2.5' AND network-traffic:dst_port=8443]\","
                    + "\"id\":\"indicator--1\",\"name\":\"n\",\"description\":\"d\",\"confidence\":50,"
                    + "\"created_by_ref\":\"identity--1\",\"modified\":\"2026-02-03T04:05:06.789Z\","
                    + "\"valid_from\":\"2026-01-01T00:00:00Z\",\"valid_until\":\"2027-01-01T00:00:00.000Z\","
                    + "\"labels\":[\"x\"],\"indicator_types\":[\"malicious-activity\"],"
                    + "\"kill_chain_phases\":[{\"kill_chain_name\":\"k\",\"phase_name\":\"delivery\"}],"
                    + "\"external_references\":[{\"source_name\":\"s\",\"url\":\"https://ref.example/\",\"external_id\":\"E-1\"}],"
                    + "\"object_marking_refs\":[\"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da\"]"));

    Indicator indicator = indicators(reading).get(0);
    assertThat(indicator.firstSeen()).contains(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(indicator.modifiedAt()).contains(Instant.parse("2026-02-03T04:05:06.789Z"));
    assertThat(indicator.validUntil()).contains(Instant.parse("2027-01-01T00:00:00Z"));
    assertThat(indicator.confidence()).isEqualTo(Confidence.MEDIUM);
    assertThat(indicator.description()).contains("d");
    assertThat(indicator.provider()).contains("Example CERT");
    assertThat(indicator.tags()).containsExactly("delivery", "malicious-activity", "x");
    assertThat(indicator.references()).containsExactly("https://ref.example/");
    assertThat(indicator.externalIds()).containsExactly("E-1", "indicator--1");
    assertThat(indicator.ports()).containsExactly(8443);
    assertThat(indicator.tlp()).isEqualTo(Tlp.GREEN);
  }

  @Test
  void whatIsRevokedIsTakenBack() {
    Reading reading =
        bundle(
            indicator("\"revoked\":true,\"pattern\":\"[domain-name:value='a.example']\""),
            indicator("\"revoked\":false,\"pattern\":\"[domain-name:value='b.example']\""));

    assertThat(reading.entries().get(0))
        .isInstanceOfSatisfying(
            FeedEntry.Revoked.class,
            revoked -> assertThat(revoked.observable().value()).isEqualTo("a.example"));
    assertThat(values(reading)).containsExactly("b.example");
  }

  @Test
  void markingsAndCreatorsAreFoundWhereverTheyStand() {
    Reading reading =
        bundle(
            indicator(
                "\"pattern\":\"[domain-name:value='a.example']\",\"created_by_ref\":\"identity--1\","
                    + "\"object_marking_refs\":[\"marking-definition--1\",\"marking-definition--2\"]"),
            "{\"type\":\"marking-definition\",\"id\":\"marking-definition--1\",\"definition_type\":\"tlp\",\"definition\":{\"tlp\":\"amber\"}}",
            "{\"type\":\"marking-definition\",\"id\":\"marking-definition--2\",\"extensions\":{\"extension-definition--x\":{\"extension_type\":\"property-extension\",\"tlp_2_0\":\"amber+strict\"}}}",
            "{\"type\":\"identity\",\"id\":\"identity--1\",\"name\":\"Late\"}",
            indicator("\"pattern\":\"[domain-name:value='b.example']\""));

    assertThat(values(reading)).containsExactly("a.example", "b.example");
    assertThat(indicators(reading).get(0).tlp()).isEqualTo(Tlp.AMBER_STRICT);
    assertThat(indicators(reading).get(0).provider()).contains("Late");
    assertThat(indicators(reading).get(1).tlp()).isEqualTo(Tlp.CLEAR);
  }

  @Test
  void aMarkingThatNobodyDefinesIsNotForEveryone() {
    Reading reading =
        bundle(
            indicator(
                "\"pattern\":\"[domain-name:value='a.example']\",\"object_marking_refs\":[\"marking-definition--9\"]"),
            "{\"type\":\"marking-definition\",\"id\":\"marking-definition--3\",\"definition_type\":\"statement\",\"definition\":{\"statement\":\"(c)\"}}",
            indicator(
                "\"pattern\":\"[domain-name:value='b.example']\",\"object_marking_refs\":[\"marking-definition--3\"]"));

    assertThat(indicators(reading))
        .extracting(Indicator::tlp)
        .containsExactly(Tlp.AMBER_STRICT, Tlp.CLEAR);
  }

  @Test
  void aThousandIndicatorsWaitAndNoMore() {
    List<String> objects = new ArrayList<>();
    for (int i = 0; i < 1200; i++) {
      objects.add(
          indicator(
              "\"created_by_ref\":\"identity--1\",\"pattern\":\"[domain-name:value='h%d.example']\""
                  .formatted(i)));
    }
    objects.add("{\"type\":\"identity\",\"id\":\"identity--1\",\"name\":\"Late\"}");

    Reading reading = bundle(objects.toArray(String[]::new));

    assertThat(indicators(reading)).hasSize(1200);
    assertThat(indicators(reading)).filteredOn(i -> i.provider().isPresent()).hasSize(1000);
    assertThat(reading.positions()).isSorted();
  }

  @Test
  void otherPatternLanguagesAreRejectedByName() {
    Reading reading =
        bundle(
            indicator("\"pattern_type\":\"yara\",\"pattern\":\"rule x {}\""),
            indicator("\"name\":\"no pattern\""),
            indicator("\"pattern\":[\"x\"]"),
            indicator("\"pattern\":\"[domain-name:value='a.example']\",\"pattern\":\"x\""),
            indicator("\"confidence\":101,\"pattern\":\"[domain-name:value='a.example']\""),
            indicator("\"valid_from\":\"soon\",\"pattern\":\"[domain-name:value='a.example']\""),
            "7");

    assertThat(reading.rejections())
        .containsExactly(
            "1 stix-pattern-type",
            "2 field-missing",
            "3 json-field-type",
            "4 json-duplicate-field",
            "5 score-range",
            "6 time-syntax",
            "7 json-not-an-object");
  }

  @Test
  void envelopeAndArrayAreReadLikeABundle() {
    String object = indicator("\"pattern\":\"[domain-name:value='a.example']\"");

    Reading envelope =
        Reading.of(
            StixObjects.indicators(),
            "{\"more\":true,\"next\":\"n-1\",\"objects\":[" + object + "]}");
    assertThat(envelope.declarations()).containsExactly("more=true", "next=n-1");
    assertThat(values(envelope)).containsExactly("a.example");
    assertThat(values(Reading.of(StixObjects.indicators(), "[" + object + "]")))
        .containsExactly("a.example");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      nullValues = "-",
      value = {
        "{}|-",
        "[]|-",
        "{\"objects\":[]}|-",
        "{\"more\":false}|-",
        "{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":[]}|-",
        "{\"error\":\"no such collection\"}|json-path",
        "{\"title\":\"x\",\"details\":{}}|json-path",
        "{\"objects\":{\"type\":\"indicator\"}}|json-path",
        "null|json-path",
        "{\"objects\":[|json-syntax",
        "{} {}|json-syntax",
        "<html>|json-syntax",
      })
  void whatIsNoListBreaksTheContract(String document, String clause) {
    assertThat(Reading.of(StixObjects.indicators(), document))
        .isEqualTo(
            new Reading(
                document.contains("more")
                    ? List.of(new FeedEntry.Declared("more", "false"))
                    : List.of(),
                clause));
  }

  @Test
  void observablesAreReadWhereTheFeedAsksForThem() {
    String[] objects = {
      "{\"type\":\"ipv4-addr\",\"id\":\"ipv4-addr--1\",\"value\":\"192.0.2.1\"}",
      "{\"type\":\"file\",\"hashes\":{\"MD5\":\"" + MD5 + "\",\"SHA3-256\":\"x\"},\"name\":\"a\"}",
      "{\"type\":\"domain-name\"}",
      "{\"type\":\"process\",\"pid\":1}"
    };
    String document = "[" + String.join(",", objects) + "]";

    Reading asked = Reading.of(StixObjects.indicatorsAndObservables(), document);
    assertThat(values(asked)).containsExactly("192.0.2.1", MD5);
    assertThat(asked.rejections()).containsExactly("3 field-missing");
    assertThat(Reading.of(StixObjects.indicators(), document).entries()).isEmpty();
  }

  private static Reading bundle(String... objects) {
    return Reading.of(
        StixObjects.indicators(),
        "{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":["
            + String.join(",\n", objects)
            + "]}");
  }

  private static String indicator(String fields) {
    return "{\"type\":\"indicator\"," + fields + "}";
  }

  private static String json(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static List<Indicator> indicators(Reading reading) {
    return reading.entries().stream()
        .filter(FeedEntry.Accepted.class::isInstance)
        .map(e -> ((FeedEntry.Accepted) e).indicator())
        .toList();
  }

  private static List<String> values(Reading reading) {
    return indicators(reading).stream().map(i -> i.observable().value()).toList();
  }
}
