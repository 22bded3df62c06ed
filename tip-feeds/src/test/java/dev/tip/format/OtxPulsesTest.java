// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.Confidence;
import dev.tip.Indicator;
import dev.tip.Tlp;
import dev.tip.feed.FeedEntry;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OtxPulsesTest {
  private static final String MD5 = "0123456789abcdef".repeat(2);

  @ParameterizedTest
  @CsvSource({
    "IPv4, 192.0.2.1, ipv4-addr 192.0.2.1",
    "IPv6, 2001:DB8::1, ipv6-addr 2001:db8::1",
    "CIDR, 198.51.100.0/24, ipv4-addr 198.51.100.0/24",
    "domain, bad.example/path, domain-name bad.example",
    "hostname, c2.bad.example, domain-name c2.bad.example",
    "email, a@bad.example, email-addr a@bad.example",
    "URL, http://bad.example/, url http://bad.example/",
    "URI, /gate.php, url-scheme",
    "FileHash-MD5, %, file %",
    "FileHash-IMPHASH, %, file imphash:%",
    "FilePath, C:/x.exe, file path:C:/x.exe",
    "Mutex, m, mutex m",
    "JA3, %, software ja3:%",
    "SSLCertFingerprint, %, x509-certificate %",
    "FileHash-PEHASH, %, otx-type",
    "CVE, CVE-2026-0001, otx-type",
    "YARA, x, otx-type",
  })
  void indicatorStates(String type, String value, String expected) {
    Reading reading = page(indicator(type, value.replace("%", MD5), "\"is_active\":1"));

    FeedEntry entry = reading.entries().get(0);
    String found =
        entry instanceof FeedEntry.Accepted accepted
            ? accepted.indicator().observable().toString()
            : ((FeedEntry.Rejected) entry).reason();
    assertThat(found).isEqualTo(expected.replace("%", MD5));
  }

  @Test
  void indicatorSaysWhatThePulseSays() {
    Reading reading =
        Reading.of(
            OtxPulses.of(),
            "{\"results\":[{\"indicators\":["
                + indicator(
                    "FilePath",
                    "C:/x",
                    "\"id\":7,\"created\":\"2026-01-02T03:04:05\",\"expiration\":\"2027-01-01T00:00:00\"")
                + "],\"id\":\"p-1\",\"name\":\"Campaign\",\"author_name\":\"author\",\"modified\":\"2026-02-01T00:00:00.123000\","
                + "\"tags\":[\"rat\"],\"references\":[\"https://ref.example/\"],\"tlp\":\"green\","
                + "\"malware_families\":[{\"display_name\":\"AsyncRAT\",\"id\":\"x\"}],\"more_indicators\":true}],"
                + "\"count\":1,\"next\":\"https://otx.example/?page=2\",\"previous\":null}");

    Indicator indicator = ((FeedEntry.Accepted) reading.entries().get(0)).indicator();
    assertThat(indicator.firstSeen()).contains(Instant.parse("2026-01-02T03:04:05Z"));
    assertThat(indicator.modifiedAt()).contains(Instant.parse("2026-02-01T00:00:00.123Z"));
    assertThat(indicator.validUntil()).contains(Instant.parse("2027-01-01T00:00:00Z"));
    assertThat(indicator.description()).contains("Campaign");
    assertThat(indicator.provider()).contains("author");
    assertThat(indicator.software()).contains("AsyncRAT");
    assertThat(indicator.tags()).containsExactly("rat");
    assertThat(indicator.references()).containsExactly("https://ref.example/");
    assertThat(indicator.externalIds()).containsExactly("7", "p-1");
    assertThat(indicator.tlp()).isEqualTo(Tlp.GREEN);
    assertThat(indicator.confidence()).isEqualTo(Confidence.LOW);
    assertThat(reading.rejections()).containsExactly("2 otx-more-indicators");
    assertThat(reading.declarations())
        .containsExactly("modified=2026-02-01T00:00:00.123000", "next=https://otx.example/?page=2");
  }

  @Test
  void whatIsNotActiveIsLeftOut() {
    assertThat(page(indicator("domain", "a.example", "\"is_active\":0")).entries()).isEmpty();
    assertThat(page(indicator("domain", "a.example", "\"is_active\":false")).entries()).isEmpty();
    assertThat(page(indicator("domain", "a.example", "\"is_active\":true")).entries()).hasSize(1);
  }

  @Test
  void anErrorIsNoPage() {
    assertThat(Reading.of(OtxPulses.of(), "{\"detail\":\"x\"}").clause()).isEqualTo("json-path");
    assertThat(Reading.of(OtxPulses.of(), "{\"results\":[],\"next\":null}"))
        .isEqualTo(new Reading(List.of(), null));
  }

  private static String indicator(String type, String value, String more) {
    return "{\"type\":\"" + type + "\",\"indicator\":\"" + value + "\"," + more + "}";
  }

  private static Reading page(String indicator) {
    return Reading.of(OtxPulses.of(), "{\"results\":[{\"indicators\":[" + indicator + "]}]}");
  }
}
