// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.CyberObservable;
import dev.tip.File;
import dev.tip.HashAlgorithm;
import dev.tip.Indicator;
import dev.tip.Software;
import dev.tip.ecs.EcsEncoder;
import dev.tip.ecs.EcsWriter;
import dev.tip.feed.FeedInfo;
import dev.tip.rules.KqlQuery;
import dev.tip.rules.ThreatFilter;
import dev.tip.rules.ThreatMapping;
import dev.tip.rules.ThreatMatchRule;
import dev.tip.rules.ThreatMatchRules;
import dev.tip.sink.Change;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules, documents and mapping name the same fields. */
class RuleFieldsTest {
  private static final Map<String, JsonNode> INDICATOR_MAPPING = mapping("indicator-mapping.json");
  private static final Map<String, JsonNode> EVENT_MAPPING = mapping("event-mapping.json");

  static List<ThreatMatchRule> rules() {
    return ThreatMatchRules.standard(ThreatMatchRules.Options.defaults());
  }

  @Test
  void rulesReadTheAliasThatTheSinkWritesTo() {
    assertThat(ThreatMatchRules.Options.DEFAULT_THREAT_INDEX)
        .isEqualTo(ElasticsearchSink.DEFAULT_INDEX_BASE);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void eachFieldOfAnIndicatorIsWrittenAndSearchable(ThreatMatchRule rule) throws Exception {
    Set<String> named = new TreeSet<>(KqlQuery.parse(rule.threatQuery()).fields());
    rule.threatFilters().stream().map(ThreatFilter::field).forEach(named::add);
    entries(rule).stream().map(ThreatMapping.Entry::value).forEach(named::add);

    assertThat(written()).containsAll(named);
    assertThat(named)
        .allSatisfy(
            field -> {
              assertThat(INDICATOR_MAPPING).containsKey(field);
              assertThat(INDICATOR_MAPPING.get(field).path("index").asBoolean(true))
                  .as(field)
                  .isTrue();
            });
    assertThat(written())
        .anySatisfy(field -> assertThat(field).startsWith(rule.threatIndicatorPath() + '.'));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void bothFieldsOfAPairHaveTypesThatCompare(ThreatMatchRule rule) {
    for (ThreatMapping.Entry entry : entries(rule)) {
      String event = EVENT_MAPPING.get(entry.field()).path("type").asText();
      String indicator = INDICATOR_MAPPING.get(entry.value()).path("type").asText();
      assertThat(indicator)
          .as(entry.toString())
          .isEqualTo(entry.value().equals("tip.indicator.cidr") ? "ip_range" : event);
      assertThat(event).isIn("keyword", "ip");
    }
  }

  /** What the lint knows of our documents is what is mapped, and all of it that rules can use. */
  @Test
  void theLintKnowsTheFieldsOfIndicators() throws Exception {
    Map<String, String> known = new TreeMap<>();
    for (String[] line : lintTable()) {
      if (line[0].equals("indicator") && List.of(line[3].split(" ", -1)).contains("tip")) {
        known.put(line[1], line[2]);
      }
    }
    Map<String, String> mapped = new TreeMap<>();
    INDICATOR_MAPPING.forEach(
        (field, mapping) -> {
          if (mapping.path("index").asBoolean(true)
              && (field.startsWith("threat.indicator.")
                  || field.startsWith("tip.")
                  || field.startsWith("vulnerability."))) {
            mapped.put(field, mapping.path("type").asText());
          }
        });
    assertThat(known).isEqualTo(mapped);
  }

  @Test
  void theLintKnowsTheTypesOfEvents() throws Exception {
    for (String[] line : lintTable()) {
      JsonNode mapping = EVENT_MAPPING.get(line[1]);
      if (line[0].equals("event") && mapping != null && !line[1].startsWith("url.")) {
        assertThat(mapping.path("type").asText()).as(line[1]).isEqualTo(line[2]);
      }
    }
  }

  /** ECS and the fields that Beats add to it, where they are at hand. */
  @Test
  void theLintKnowsWhatBeatsMap() throws Exception {
    Path data = Path.of("../../shared/data/elastic");
    assumeTrue(Files.isDirectory(data), "the field data is not part of the project");
    Map<String, String> types = new TreeMap<>();
    for (String row : Files.readAllLines(data.resolve("ecs-9.5.0/fields.csv"))) {
      String[] columns = row.split(",", 6);
      if (columns.length == 6) {
        types.put(columns[3], columns[4]);
      }
    }
    JsonNode own =
        Calls.read(Files.newInputStream(data.resolve("beats/beats-9.5.0-own-fields.json")));
    own.forEach(
        list ->
            list.forEach(f -> types.putIfAbsent(f.path("name").asText(), f.path("type").asText())));
    for (String[] line : lintTable()) {
      if (!line[1].startsWith("tip.") && !line[1].startsWith("threat.indicator.url.")) {
        assertThat(types).as(line[1]).containsEntry(line[1], line[2]);
      }
    }
  }

  private static List<String[]> lintTable() throws IOException {
    try (InputStream in = ThreatMatchRule.class.getResourceAsStream("fields.tsv")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split("\t", -1))
          .toList();
    }
  }

  private static List<ThreatMapping.Entry> entries(ThreatMatchRule rule) {
    return rule.threatMapping().stream().flatMap(group -> group.entries().stream()).toList();
  }

  /** What the encoder writes for each kind of indicator that has a rule. */
  private static Set<String> written() throws IOException {
    FeedInfo feed = Samples.feed("fields", FeedInfo.Role.C2);
    File.Builder file = File.builder();
    for (HashAlgorithm algorithm : HashAlgorithm.values()) {
      if (algorithm.hexLength() > 0) {
        file.hash(algorithm, "a".repeat(algorithm.hexLength()));
      }
    }
    Set<String> fields = new TreeSet<>();
    for (CyberObservable observable :
        List.of(
            file.build(),
            CyberObservable.ip("192.0.2.1"),
            CyberObservable.ip("2001:db8::1"),
            CyberObservable.ip("198.51.100.0/24"),
            CyberObservable.domainName("host.example"),
            CyberObservable.url("http://host.example/x"),
            CyberObservable.x509Certificate("a".repeat(40)),
            CyberObservable.software(Software.Fingerprint.JA3, "a".repeat(32)),
            CyberObservable.software(Software.Fingerprint.JA3S, "a".repeat(32)),
            CyberObservable.emailAddr("a@host.example"),
            CyberObservable.windowsRegistryKey("HKEY_LOCAL_MACHINE\\Software\\Bad", null))) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      Indicator indicator = Indicator.builder(observable, feed).build();
      try (EcsWriter documents = EcsEncoder.create().writer(out)) {
        documents.write(
            new Change.Upsert(indicator, 1, Change.Cause.NEW, Instant.EPOCH, Instant.EPOCH));
      }
      ObjectNode document = (ObjectNode) Calls.read(new ByteArrayInputStream(out.toByteArray()));
      collect("", document, fields);
    }
    return fields;
  }

  private static void collect(String path, JsonNode node, Set<String> fields) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (field.getValue().isObject()) {
        collect(path + field.getKey() + '.', field.getValue(), fields);
      } else {
        fields.add(path + field.getKey());
      }
    }
  }

  private static Map<String, JsonNode> mapping(String resource) {
    Map<String, JsonNode> fields = new TreeMap<>();
    collect("", RulePreviewDocuments.resource(resource).path("properties"), fields);
    return fields;
  }

  private static void collect(String path, JsonNode properties, Map<String, JsonNode> fields) {
    for (Map.Entry<String, JsonNode> field : properties.properties()) {
      JsonNode nested = field.getValue().path("properties");
      if (nested.isMissingNode()) {
        fields.put(path + field.getKey(), field.getValue());
      } else {
        collect(path + field.getKey() + '.', nested, fields);
      }
    }
  }
}
