// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every indexed field costs each document; the reason of each is here. */
class IndicatorMappingTest {
  private static final Map<String, JsonNode> FIELDS = new TreeMap<>();

  @BeforeAll
  static void read() throws IOException {
    try (InputStream in = ElasticsearchAdmin.class.getResourceAsStream("indicator-mapping.json")) {
      collect("", FakeIndex.JSON.readTree(in));
    }
  }

  private static void collect(String prefix, JsonNode parent) {
    parent
        .path("properties")
        .properties()
        .forEach(
            field -> {
              String name = prefix + field.getKey();
              if (field.getValue().has("type")) {
                FIELDS.put(name, field.getValue());
              }
              collect(name + '.', field.getValue());
            });
  }

  @Test
  void onlyWhatIsSearchedIsIndexed() {
    assertThat(FIELDS.keySet().stream().filter(name -> isOn(name, "index")))
        .containsExactlyInAnyOrder(
            // Threat queries and filters of rules, and the query of Kibana's page.
            "@timestamp",
            "event.category",
            "event.kind",
            "event.module",
            "event.type",
            // Mapped by prebuilt rules and by our own.
            "threat.indicator.email.address",
            "threat.indicator.file.hash.md5",
            "threat.indicator.file.hash.sha1",
            "threat.indicator.file.hash.sha256",
            "threat.indicator.file.hash.sha512",
            // Enrichment in Kibana at the time of an investigation.
            "threat.indicator.file.hash.ssdeep",
            "threat.indicator.file.name",
            "threat.indicator.file.pe.imphash",
            "threat.indicator.ip",
            "threat.indicator.registry.path",
            "threat.indicator.confidence",
            "threat.indicator.type",
            "threat.indicator.url.domain",
            "threat.indicator.url.full",
            "threat.indicator.url.original",
            "tip.indicator.cidr",
            "tip.indicator.role",
            "tip.indicator.tls.client.ja3",
            "tip.indicator.tls.client.ja4",
            "tip.indicator.tls.server.hash.md5",
            "tip.indicator.tls.server.hash.sha1",
            "tip.indicator.tls.server.hash.sha256",
            "tip.indicator.tls.server.ja3s",
            "vulnerability.id",
            // Our own queries.
            "tip.feed.id",
            "tip.indicator.withdrawn_at",
            "tip.status");
  }

  @Test
  void whatPagesSortAndGroupByIsInColumns() {
    assertThat(FIELDS.keySet().stream().filter(name -> !isOn(name, "index")))
        .filteredOn(name -> isOn(name, "doc_values"))
        .containsExactlyInAnyOrder(
            "event.dataset",
            "tags",
            "threat.feed.name",
            "threat.indicator.file.hash.tlsh",
            "threat.indicator.first_seen",
            "threat.indicator.last_seen",
            "threat.indicator.registry.key",
            "threat.software.name",
            "tip.generation",
            "tip.indicator.as.number");
  }

  @Test
  void textThatAFeedMayMakeLongIsCutBeforeLucenesLimit() {
    FIELDS.forEach(
        (name, field) -> {
          if (field.path("type").asText().equals("keyword")
              && (isOn(name, "index") || isOn(name, "doc_values"))) {
            // Four bytes a character: 32 766 is the longest term.
            assertThat(field.path("ignore_above").asInt()).as(name).isBetween(1, 8191);
          }
        });
  }

  private static boolean isOn(String field, String option) {
    return FIELDS.get(field).path(option).asBoolean(true);
  }
}
