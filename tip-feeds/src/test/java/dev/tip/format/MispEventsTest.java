// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.Indicator;
import dev.tip.Tlp;
import dev.tip.feed.FeedEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MispEventsTest {
  private static final String MD5 = "0123456789abcdef".repeat(2);
  private static final String SHA256 = "0123456789ABCDEF".repeat(4);

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "ip-dst~192.0.2.1~ipv4-addr 192.0.2.1",
        "ip-src~198.51.100.0/24~ipv4-addr 198.51.100.0/24",
        "ip-dst~2001:db8::1~ipv6-addr 2001:db8::1",
        "ip-dst|port~198.51.100.9|8443~ipv4-addr 198.51.100.9 [8443]",
        "ip-dst|port~198.51.100.9:8443~ipv4-addr 198.51.100.9 [8443]",
        "ip-src|port~2001:db8::1|443~ipv6-addr 2001:db8::1 [443]",
        "domain~bad.example~domain-name bad.example",
        "hostname|port~c2.bad.example|443~domain-name c2.bad.example [443]",
        "domain|ip~bad.example|192.0.2.1~domain-name bad.example, ipv4-addr 192.0.2.1",
        "url~http://bad.example/~url http://bad.example/",
        "uri~/gate.php~url-scheme",
        "md5~@md5~file @md5",
        "filename|sha256~a|b.exe|@sha256~file @lower",
        "malware-sample~x.exe|@md5~file @md5",
        "filename|ssdeep~x|3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C~file ssdeep:3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C",
        "sha224~@md5~misp-type",
        "email-src~a@bad.example~email-addr a@bad.example",
        "regkey~HKLM\\\\Software\\\\Bad~windows-registry-key HKEY_LOCAL_MACHINE\\Software\\Bad",
        "regkey|value~HKLM\\\\Software\\\\Bad|run~windows-registry-key HKEY_LOCAL_MACHINE\\Software\\Bad\\\\run",
        "mutex~Global\\\\x~mutex Global\\x",
        "AS~AS64496~autonomous-system 64496",
        "x509-fingerprint-sha1~0123456789abcdef0123456789abcdef01234567~x509-certificate 0123456789abcdef0123456789abcdef01234567",
        "ja3-fingerprint-md5~@md5~software ja3:@md5",
        "domain|ip~bad.example~misp-composite",
        "filename~a.exe~misp-type",
        "vulnerability~CVE-2026-0001~misp-type",
        "md5~xyz~hash-length",
      })
  void attributeStates(String type, String value, String expected) {
    Reading reading = event(attribute(type, fill(value), "\"to_ids\":true"));

    List<String> found = new ArrayList<>();
    for (FeedEntry entry : reading.entries()) {
      if (entry instanceof FeedEntry.Accepted accepted) {
        Indicator indicator = accepted.indicator();
        found.add(
            indicator.observable() + (indicator.ports().isEmpty() ? "" : " " + indicator.ports()));
      } else if (entry instanceof FeedEntry.Rejected rejected) {
        found.add(rejected.reason());
      }
    }
    assertThat(String.join(", ", found)).isEqualTo(fill(expected));
  }

  private static String fill(String text) {
    return text.replace("@md5", MD5)
        .replace("@sha256", SHA256)
        .replace("@lower", "0123456789abcdef".repeat(4));
  }

  @Test
  void whatIsNotForDetectionIsLeftOut() {
    Reading reading =
        event(
            attribute("domain", "a.example", "\"to_ids\":true"),
            attribute("domain", "b.example", "\"to_ids\":false"),
            attribute("domain", "c.example", "\"to_ids\":\"1\""),
            attribute("domain", "d.example", "\"to_ids\":\"0\""),
            attribute("domain", "e.example", "\"category\":\"Network activity\""),
            attribute("domain", "f.example", "\"category\":\"External analysis\""),
            attribute("link", "https://g.example/", "\"category\":\"x\""),
            attribute("comment", "text", "\"category\":\"x\""));

    assertThat(values(reading)).containsExactly("a.example", "c.example", "e.example");
    assertThat(reading.rejections()).isEmpty();
  }

  @Test
  void whatIsDeletedIsTakenBack() {
    Reading reading = event(attribute("domain", "a.example", "\"to_ids\":false,\"deleted\":true"));

    assertThat(reading.entries())
        .singleElement()
        .isInstanceOfSatisfying(
            FeedEntry.Revoked.class,
            revoked -> assertThat(revoked.observable().value()).isEqualTo("a.example"));
  }

  @Test
  void aDeletedObjectTakesItsAttributesBack() {
    Reading reading =
        Reading.of(
            MispEvents.of(),
            "{\"Event\":{\"Tag\":[{\"name\":\"x\"}],\"Object\":[{\"Attribute\":["
                + attribute("domain", "a.example", "\"to_ids\":true")
                + "],\"deleted\":true},{\"Attribute\":["
                + attribute("domain", "b.example", "\"to_ids\":true")
                + "]}]}}");

    assertThat(reading.entries().get(0)).isInstanceOf(FeedEntry.Revoked.class);
    assertThat(values(reading)).containsExactly("b.example");
  }

  @Test
  void indicatorSaysWhatEventAndAttributeSay() {
    Reading reading =
        Reading.of(
            MispEvents.of(),
            "{\"Event\":{\"Attribute\":["
                + attribute(
                    "domain",
                    "a.example",
                    "\"to_ids\":true,\"uuid\":\"u-1\",\"timestamp\":\"1790000000\",\"comment\":\"https://ref.example/x\","
                        + "\"first_seen\":\"2026-01-02T03:04:05.000000+00:00\",\"Tag\":[{\"name\":\"TLP:Green\"},{\"name\":\"own\"}]")
                + ","
                + attribute(
                    "domain",
                    "b.example",
                    "\"to_ids\":true,\"timestamp\":1790000000,\"comment\":\"c2\"")
                + "],\"info\":\"Campaign\",\"uuid\":\"e-1\",\"Orgc\":{\"name\":\"Example\",\"uuid\":\"o\"},"
                + "\"Tag\":[{\"colour\":\"#1\",\"name\":\"tlp:amber\"},{\"name\":\"misp-galaxy:rat=\\\"AsyncRAT\\\"\"},"
                + "{\"name\":\"misp-galaxy:threat-actor=\\\"X\\\"\"}]}}");

    Indicator first = indicators(reading).get(0);
    assertThat(first.tlp()).isEqualTo(Tlp.GREEN);
    assertThat(first.modifiedAt()).contains(Instant.ofEpochSecond(1_790_000_000));
    assertThat(first.firstSeen()).contains(Instant.parse("2026-01-02T03:04:05Z"));
    assertThat(first.references()).containsExactly("https://ref.example/x");
    assertThat(first.description()).contains("Campaign");
    assertThat(first.provider()).contains("Example");
    assertThat(first.software()).contains("AsyncRAT");
    assertThat(first.externalIds()).containsExactly("e-1", "u-1");
    assertThat(first.tags())
        .containsExactly("misp-galaxy:rat=\"AsyncRAT\"", "misp-galaxy:threat-actor=\"X\"", "own");
    Indicator second = indicators(reading).get(1);
    assertThat(second.tlp()).isEqualTo(Tlp.AMBER);
    assertThat(second.description()).contains("c2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"Event\":{\"Attribute\":[@]}}",
        "{\"response\":[{\"Event\":{\"Attribute\":[@]}}]}",
        "{\"response\":{\"Attribute\":[@]}}",
        "[{\"Event\":{\"Attribute\":[@]}}]",
        "{\"Attribute\":[@],\"info\":\"x\"}",
        "{\"Event\":{\"Attribute\":[],\"Object\":[{\"name\":\"x\",\"Attribute\":[@]}]}}",
      })
  void allWrappingsAreRead(String document) {
    String attribute = attribute("domain", "a.example", "\"to_ids\":true");

    Reading reading = Reading.of(MispEvents.of(), document.replace("@", attribute));

    assertThat(reading.clause()).isNull();
    assertThat(values(reading)).containsExactly("a.example");
  }

  @Test
  void tagsOfOneEventAreNotThoseOfTheNext() {
    Reading reading =
        Reading.of(
            MispEvents.of(),
            "{\"response\":[{\"Event\":{\"Tag\":[{\"name\":\"tlp:red\"}],\"Attribute\":["
                + attribute("domain", "a.example", "\"to_ids\":true")
                + "]}},{\"Event\":{\"Attribute\":["
                + attribute("domain", "b.example", "\"to_ids\":true")
                + "]}}]}");

    assertThat(indicators(reading)).extracting(Indicator::tlp).containsExactly(Tlp.RED, Tlp.CLEAR);
  }

  @Test
  void anErrorIsNoEvent() {
    assertThat(Reading.of(MispEvents.of(), "{\"errors\":[\"x\"]}").clause()).isEqualTo("json-path");
    assertThat(Reading.of(MispEvents.of(), "{\"Event\":{").clause()).isEqualTo("json-syntax");
  }

  private static String attribute(String type, String value, String more) {
    return "{\"type\":\"" + type + "\",\"value\":\"" + value + "\"," + more + "}";
  }

  private static Reading event(String... attributes) {
    return Reading.of(
        MispEvents.of(), "{\"Event\":{\"Attribute\":[" + String.join(",\n", attributes) + "]}}");
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
