// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.Confidence;
import dev.tip.File;
import dev.tip.HashAlgorithm;
import dev.tip.Indicator;
import dev.tip.feed.FeedEntry;
import dev.tip.format.Mapping.Kind;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MappingTest {
  private static final String SHA256 = "a1".repeat(32);
  private static final String MD5 = "c3".repeat(16);

  private static Reading table(Mapping mapping, String rows) {
    return Reading.of(Delimited.columns("a", "b", "c").separator('|').build(mapping), rows);
  }

  private static Indicator one(Mapping mapping, String row) {
    return indicators(table(mapping, row)).findFirst().orElseThrow();
  }

  private static Stream<Indicator> indicators(Reading reading) {
    assertThat(reading.clause()).isNull();
    return reading.entries().stream()
        .filter(FeedEntry.Accepted.class::isInstance)
        .map(entry -> ((FeedEntry.Accepted) entry).indicator());
  }

  /** Returns what a row gives: type, value and port of each indicator, or why there is none. */
  private static List<String> read(Mapping mapping, String row) {
    return table(mapping, row).entries().stream()
        .map(
            entry ->
                entry instanceof FeedEntry.Accepted accepted
                    ? accepted.indicator().observable()
                        + accepted.indicator().ports().stream()
                            .map(port -> " port " + port)
                            .findFirst()
                            .orElse("")
                    : entry instanceof FeedEntry.Rejected rejected
                        ? rejected.reason()
                        : entry.toString())
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "IP, 192.0.2.1, ipv4-addr 192.0.2.1",
    "IP, 2001:DB8::/32, ipv6-addr 2001:db8::/32",
    "IP, 192.0.2.1/24, host-bits-set",
    "IP_PORT, 192.0.2.1:8443, ipv4-addr 192.0.2.1 port 8443",
    "IP_PORT, 192.0.2.1:0, ipv4-addr 192.0.2.1",
    "IP_PORT, 192.0.2.1, ipv4-addr 192.0.2.1",
    "IP_PORT, [2001:db8::7]:443, ipv6-addr 2001:db8::7 port 443",
    "IP_PORT, [2001:db8::7], ipv6-addr 2001:db8::7",
    "IP_PORT, 2001:db8::7:443, port-syntax",
    "IP_PORT, 192.0.2.1:, port-syntax",
    "IP_PORT, 192.0.2.1:65536, port-syntax",
    "IP_PORT, 192.0.2.1:x, port-syntax",
    "IP_PORT, :443, port-syntax",
    "HOST, Bad.Example., domain-name bad.example",
    "HOST, 192.0.2.1, ipv4-addr 192.0.2.1",
    "HOST, 192.0.2.256, ipv4-octet-range",
    "HOST, 1.2.3, ipv4-syntax",
    "HOST, 192.0.2.0/24, ipv4-addr 192.0.2.0/24",
    "HOST, 2001:db8::1, ipv6-addr 2001:db8::1",
    "HOST_PORT, c2.bad.example:8080, domain-name c2.bad.example port 8080",
    "HOST_PORT, c2.bad.example, domain-name c2.bad.example",
    "HOST_PORT, 2001:db8::1, ipv6-addr 2001:db8::1",
    "ANY, http://bad.example:81/a, url http://bad.example:81/a",
    "ANY, bad.example, domain-name bad.example",
    "ANY, bad.example:53, domain-name bad.example port 53",
    "ANY, a@bad.example, email-addr a@bad.example",
    "ANY, 198.51.100.0/24, ipv4-addr 198.51.100.0/24",
    "ANY, c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3, file c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3",
    "AS, AS64496, autonomous-system 64496",
    "EMAIL, A@Bad.Example, email-addr a@bad.example",
    "FILE_NAME, evil.exe, file name:evil.exe",
    "JA3, c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3, software ja3:c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3",
    "JA3S, c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3, software ja3s:c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3",
    "MD5, c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3, file c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3",
    "IMPHASH, c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3, file imphash:c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3",
    "SHA1, c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3, hash-length",
    "MUTEX, Global\\m, mutex Global\\m",
    "USER_ACCOUNT, joe, user-account joe",
    "MAC, 00-00-5E-00-53-01, mac-addr 00-00-5E-00-53-01",
  })
  void valueIsReadAsItsKind(Kind kind, String value, String expected) {
    assertThat(read(Mapping.of(kind, "a"), value + "|x|y")).containsExactly(expected);
  }

  @Test
  void hostBitsAreMaskedOnDemand() {
    assertThat(read(Mapping.of(Kind.IP, "a").maskHostBits(), "192.0.2.1/24||"))
        .containsExactly("ipv4-addr 192.0.2.0/24");
  }

  @Test
  void defangedValuesAreReadOnDemand() {
    assertThat(read(Mapping.of(Kind.URL, "a").refang(), "hxxps://bad[.]example/x||"))
        .containsExactly("url https://bad.example/x");
    assertThat(read(Mapping.of(Kind.HOST_PORT, "a").refang(), "192[.]0.2(.)1[:]80||"))
        .containsExactly("ipv4-addr 192.0.2.1 port 80");
    assertThat(read(Mapping.of(Kind.URL, "a"), "hxxps://bad[.]example/x||"))
        .containsExactly("url-scheme");
  }

  @Test
  void literalTextIsPutAroundFields() {
    Mapping network = Mapping.of(Kind.IP, "={a}/{b}").software("=Tool").tag("=list {c}");

    Indicator indicator = one(network, "192.0.2.0|24|x");

    assertThat(indicator.observable().value()).isEqualTo("192.0.2.0/24");
    assertThat(indicator.software()).hasValue("Tool");
    assertThat(indicator.tags()).containsExactly("list x");
  }

  @Test
  void literalTextWithoutItsFieldIsNone() {
    assertThat(read(Mapping.of(Kind.IP, "={a}/{b}"), "192.0.2.0||x"))
        .containsExactly("field-missing");
    assertThat(one(Mapping.of(Kind.IP, "a").reference("=https://x.example/{b}"), "192.0.2.1||"))
        .satisfies(indicator -> assertThat(indicator.references()).isEmpty());
  }

  @Test
  void recordSaysOfWhichKindItIs() {
    Mapping mapping =
        Mapping.byType("a", "b", Map.of("ip:port", Kind.IP_PORT, "domain", Kind.DOMAIN));

    assertThat(read(mapping, "192.0.2.1:80|ip:port|"))
        .containsExactly("ipv4-addr 192.0.2.1 port 80");
    assertThat(read(mapping, "bad.example|domain|")).containsExactly("domain-name bad.example");
    assertThat(read(mapping, "bad.example|hostname|")).containsExactly("type-unsupported");
    assertThat(read(mapping, "bad.example||")).containsExactly("type-unsupported");
  }

  @Test
  void recordMayStateTheSameOfSeveralObservables() {
    Mapping mapping = Mapping.of(Kind.URL, "a").also(Kind.IP, "b").software("c");

    Reading reading = table(mapping, "http://192.0.2.1/x|192.0.2.1|F\nhttp://192.0.2.2/x||F");

    assertThat(indicators(reading).map(i -> i.observable().value()))
        .containsExactly("http://192.0.2.1/x", "192.0.2.1", "http://192.0.2.2/x");
    assertThat(indicators(reading)).allMatch(i -> i.software().orElseThrow().equals("F"));
    assertThat(reading.positions()).containsExactly(1L, 1L, 2L);
    assertThat(read(mapping, "http://192.0.2.1/x|x.y.z|F"))
        .containsExactly("url http://192.0.2.1/x", "ipv4-syntax");
  }

  @Test
  void fieldMayHoldSeveralObservablesOfWhichABadOneCostsNoOther() {
    Mapping mapping = Mapping.of(Kind.DOMAIN, "a").alsoEach(Kind.IP, "b", ' ').software("c");

    assertThat(read(mapping, "bad.example|192.0.2.1  192.0.2.2|F"))
        .containsExactly("domain-name bad.example", "ipv4-addr 192.0.2.1", "ipv4-addr 192.0.2.2");
    assertThat(read(mapping, "bad.example|192.0.2.1 1.2.3 192.0.2.2|F"))
        .containsExactly(
            "domain-name bad.example", "ipv4-addr 192.0.2.1", "ipv4-syntax", "ipv4-addr 192.0.2.2");
    assertThat(read(mapping, "bad.example||F")).containsExactly("domain-name bad.example");
    assertThat(indicators(table(mapping, "bad.example|192.0.2.1|F")))
        .allMatch(i -> i.software().orElseThrow().equals("F"));
  }

  @Test
  void whatDoesNotIdentifyFileDoesNotCostItsHashes() {
    Mapping mapping =
        Mapping.of(Kind.SHA256, "a").hash(HashAlgorithm.MD5, "b").hash(HashAlgorithm.TLSH, "c");

    File file = (File) one(mapping, SHA256 + "|" + MD5 + "|no digest").observable();

    assertThat(file.hashes())
        .isEqualTo(Map.of(HashAlgorithm.SHA256, SHA256, HashAlgorithm.MD5, MD5));
    assertThat(read(mapping, SHA256 + "|no digest|")).containsExactly("hash-length");
  }

  @Test
  void fileHasNameSizeAndMediaType() {
    Mapping mapping = Mapping.of(Kind.HASH, "a").fileName("b").fileSize("c").mimeType("=text/html");

    File file = (File) one(mapping, MD5 + "|evil.exe|12").observable();

    assertThat(file.value()).isEqualTo(MD5);
    assertThat(file.name()).isEqualTo("evil.exe");
    assertThat(file.size()).isEqualTo(12);
    assertThat(file.mimeType()).isEqualTo("text/html");
    assertThat(((File) one(mapping, MD5 + "|a\u0001b|").observable()).name()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "dd-MM-uuuu, 05-11-2026, 2026-11-05T00:00:00Z",
    "dd MMMM uuuu hh:mm a 'UTC', 08 february 2026 03:26 PM UTC, 2026-02-08T15:26:00Z",
    "'EEE, d MMM uuuu HH:mm:ss Z', 'Sat, 22 Aug 2026 03:00:29 +0200', 2026-08-22T01:00:29Z",
    "EEE MMM d HH:mm:ss zzz uuuu, Mon Jan 24 00:51:32 UTC 2022, 2022-01-24T00:51:32Z",
    "epoch-seconds, 1795500000, 2026-11-24T06:00:00Z",
    "epoch-millis, 1795500000123, 2026-11-24T06:00:00.123Z",
  })
  void timesAreReadInTheFormatOfTheList(String format, String text, String time) {
    Mapping mapping = Mapping.of(Kind.IP, "a").firstSeen("b").timeFormat(format);

    assertThat(one(mapping, "192.0.2.1|" + text + "|").firstSeen()).hasValue(Instant.parse(time));
    assertThat(read(mapping, "192.0.2.1|2026-99-01|")).containsExactly("time-syntax");
    assertThat(read(mapping, "192.0.2.1|99999999999999999|")).containsExactly("time-syntax");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HH:mm", "dd-MM-yyyy", "{", "uuuu-MM", "'text'", ""})
  void patternThatGivesNoDayIsRefused(String pattern) {
    Mapping mapping = Mapping.of(Kind.IP, "a");

    assertThatThrownBy(() -> mapping.timeFormat(pattern))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void allTimesAreSet() {
    Mapping mapping =
        Mapping.of(Kind.IP, "a").lastSeen("b").modified("c").validUntil("=2026-12-24");

    Indicator indicator = one(mapping, "192.0.2.1|2026-11-05|2026-11-06");

    assertThat(indicator.firstSeen()).isEmpty();
    assertThat(indicator.lastSeen()).hasValue(Instant.parse("2026-11-05T00:00:00Z"));
    assertThat(indicator.modifiedAt()).hasValue(Instant.parse("2026-11-06T00:00:00Z"));
    assertThat(indicator.validUntil()).hasValue(Instant.parse("2026-12-24T00:00:00Z"));
  }

  @Test
  void scoreBecomesConfidence() {
    Mapping score = Mapping.of(Kind.IP, "a").score("b");

    assertThat(one(score, "192.0.2.1|75|").confidence()).isEqualTo(Confidence.HIGH);
    assertThat(one(score, "192.0.2.1|0|").confidence()).isEqualTo(Confidence.NONE);
    assertThat(one(score, "192.0.2.1||").confidence()).isEqualTo(Reading.FEED.confidence());
    assertThat(read(score, "192.0.2.1|101|")).containsExactly("score-range");
  }

  @ParameterizedTest
  @CsvSource({"0, LOW", "2, LOW", "3, MEDIUM", "4, MEDIUM", "5, HIGH", "5000, HIGH"})
  void countBecomesConfidenceByItsThresholds(long count, Confidence confidence) {
    Mapping mapping = Mapping.of(Kind.IP, "a").score("b", 3, 5).sightings("b");

    Indicator indicator = one(mapping, "192.0.2.1|" + count + "|");

    assertThat(indicator.confidence()).isEqualTo(confidence);
    assertThat(indicator.sightings()).hasValue(count);
  }

  @Test
  void tagsAreSplit() {
    Mapping mapping = Mapping.of(Kind.IP, "a").tags("b");

    assertThat(one(mapping, "192.0.2.1|x, #y,,|").tags()).containsExactly("#y", "x");
    assertThat(one(mapping.tags("b", ' '), "192.0.2.1|#x  #y,z #|").tags())
        .containsExactly("x", "y,z");
    assertThat(one(mapping.tag("c").tag("=t"), "192.0.2.1|x,y|u,v").tags())
        .containsExactly("t", "u,v", "x", "y");
  }

  @Test
  void restOfAnIndicatorIsSet() {
    Mapping mapping =
        Mapping.of(Kind.IP, "a")
            .port("b")
            .country("c")
            .description("=d {c}")
            .externalId("=id {b}")
            .provider("=p");

    Indicator indicator = one(mapping, "192.0.2.1|443|de");

    assertThat(indicator.ports()).containsExactly(443);
    assertThat(indicator.country()).hasValue("DE");
    assertThat(indicator.description()).hasValue("d de");
    assertThat(indicator.externalIds()).containsExactly("id 443");
    assertThat(indicator.provider()).hasValue("p");
    assertThat(one(mapping, "192.0.2.1|4294967739|").ports()).isEmpty();
    assertThat(read(mapping, "192.0.2.1|https|")).containsExactly("number-syntax");
  }

  @Test
  void recordsOfOtherValuesAreLeftOutLikeComments() {
    Mapping mapping = Mapping.of(Kind.IP, "a").only("b", "yes", "true").except("c", "dead");

    Reading reading =
        table(
            mapping,
            "192.0.2.1|yes|\n192.0.2.2|no|\n192.0.2.3|true|dead\n192.0.2.4||\n192.0.2.5|true|x\n");

    assertThat(reading.positions()).containsExactly(1L, 5L);
    assertThat(reading.rejections()).isEmpty();
  }

  @Test
  void declaredNumberOfRecordsIsToldWithoutThoseLeftOut() {
    String list =
        "# Number of entries: 3\n192.0.2.1|yes|\n192.0.2.2|no|\n192.0.2.3|no|\n"
            + "# Number of entries: 3\n# Last updated: 2026-11-24 06:00:00\n";

    assertThat(table(Mapping.of(Kind.IP, "a").only("b", "yes"), list).declarations())
        .containsExactly("updated=2026-11-24T06:00:00Z", "records=1", "records=1");
    assertThat(table(Mapping.of(Kind.IP, "a"), list).declarations())
        .containsExactly("records=3", "records=3", "updated=2026-11-24T06:00:00Z");
  }

  @Test
  void recordTakesItsStatementBack() {
    Mapping mapping = Mapping.of(Kind.DOMAIN, "a").revokedIf("b");

    List<FeedEntry> entries = table(mapping, "bad.example||\ngone.example|2026-11-24|").entries();

    assertThat(entries.get(0)).isInstanceOf(FeedEntry.Accepted.class);
    assertThat(entries.get(1))
        .isInstanceOfSatisfying(
            FeedEntry.Revoked.class,
            revoked -> assertThat(revoked.observable().value()).isEqualTo("gone.example"));
  }

  @Test
  void lineHasValueCommentAndSection() {
    Mapping mapping = Mapping.of(Kind.IP, "value").description("comment").tag("section");

    Reading reading =
        Reading.of(
            Lines.builder().sections().trailingComment(';').build(mapping),
            "# Net\n192.0.2.1 ; SBL1\n192.0.2.2 ;\n");

    assertThat(indicators(reading).map(Indicator::description).map(d -> d.orElse("-")))
        .containsExactly("SBL1", "-");
    assertThat(indicators(reading)).allMatch(i -> i.tags().equals(List.of("Net")));
  }

  @Test
  void jsonIsReadForTheFieldsOfTheMapping() {
    Mapping mapping = Mapping.of(Kind.IP, "={ip}/{bits}").tags("labels").description("a note");

    Reading reading =
        Reading.of(
            JsonRecords.lines().build(mapping),
            "{\"ip\":\"192.0.2.0\",\"bits\":24,\"labels\":[\"a\",\"b,c\"],\"a note\":true}");

    Indicator indicator = indicators(reading).findFirst().orElseThrow();
    assertThat(indicator.observable().value()).isEqualTo("192.0.2.0/24");
    assertThat(indicator.tags()).containsExactly("a", "b,c");
    assertThat(indicator.description()).hasValue("true");
  }

  @Test
  void fieldThatIsNotThereIsRefusedWhenTheFormatIsBuilt() {
    assertThatThrownBy(() -> table(Mapping.of(Kind.IP, "ip"), ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no field \"ip\"; there are [a, b, c]");
    assertThatThrownBy(() -> table(Mapping.of(Kind.IP, "a").tag("=x {d}"), ""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> table(Mapping.of(Kind.IP, "a").only("d", "x"), ""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Lines.of(Mapping.of(Kind.IP, "address")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "={a", "=a}", "={}", "={a{b}}"})
  void textThatCannotBeReadIsRefused(String text) {
    assertThatThrownBy(() -> Mapping.of(Kind.IP, text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void fieldsThatAreListsCannotBeLiteral() {
    Mapping mapping = Mapping.of(Kind.IP, "a");

    assertThatThrownBy(() -> mapping.tags("=x")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> mapping.revokedIf("=x")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> mapping.only("a")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> mapping.score("a", 5, 3)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void mappingIsItsProperties() {
    Mapping mapping = Mapping.of(Kind.IP, "a").tag("b").tag("c").only("b", "x");

    assertThat(mapping)
        .isEqualTo(Mapping.of(Kind.IP, "a").only("b", "x").tag("b").tag("c"))
        .isNotEqualTo(Mapping.of(Kind.IP, "a"));
    assertThat(mapping.properties())
        .isEqualTo(
            Map.of(
                "kind",
                "ip",
                "value",
                "a",
                "tag",
                List.of("b", "c"),
                "only",
                Map.of("b", List.of("x"))));
  }
}
