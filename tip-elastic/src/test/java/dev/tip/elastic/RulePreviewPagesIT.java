// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.elastic.RulePreview.Direction;
import dev.tip.feed.FeedInfo;
import dev.tip.rules.EventSource;
import dev.tip.rules.ThreatMatchRule;
import dev.tip.rules.ThreatMatchRules;
import dev.tip.sink.Change;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** More indicators and more events than fit on a page, and a list of networks of real size. */
@ExtendWith(Server.Shared.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RulePreviewPagesIT {
  private static final int MANY = 9_500;
  private static final int BLOCKS = 1_500;
  private static final String EVENTS = "packetbeat-pages";
  private static final String INDICATORS = "logs-ti_pages.indicator";
  private static final Instant NOW = Instant.now();

  private final Server server;
  private final Set<String> inList = new TreeSet<>();
  private final Set<String> inBlock = new TreeSet<>();

  RulePreviewPagesIT(Server server) {
    this.server = server;
  }

  @BeforeAll
  void plant() throws Exception {
    FeedInfo feed = Samples.feed("pages", FeedInfo.Role.C2);
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      changes.add(active("172.16.%d.%d".formatted(i / 250, i % 250), feed));
    }
    for (int i = 0; i < BLOCKS; i++) {
      changes.add(active("172.20.%d.%d/29".formatted(i / 30, i % 30 * 8), feed));
    }
    ElasticsearchAdmin.builder(server.client()).indexBase(INDICATORS).build().install();
    try (ElasticsearchSink sink =
        ElasticsearchSink.builder(server.client()).indexBase(INDICATORS).build()) {
      sink.write(changes);
    }
    server.ok("POST", '/' + INDICATORS + "/_refresh", "");
    server.ok("PUT", '/' + EVENTS, RulePreviewDocuments.index("event-mapping.json"));
    StringBuilder bulk = new StringBuilder();
    for (int i = 0; i < MANY; i++) {
      String to = "10.1.%d.%d".formatted(i / 250, i % 250);
      if (i % 40 == 0) {
        to = "172.16.%d.%d".formatted(i / 250, i % 250);
        inList.add("e" + i);
      } else if (i % 40 == 1) {
        to = "172.20.%d.%d".formatted(i % 50, i % 240);
        inBlock.add("e" + i);
      }
      bulk.append("{\"index\":{\"_id\":\"e").append(i).append("\"}}\n");
      bulk.append("{\"@timestamp\":\"").append(NOW).append("\",\"event\":{\"ingested\":\"");
      bulk.append(NOW).append("\"},\"destination\":{\"ip\":\"").append(to).append("\"}}\n");
    }
    server.ok("POST", '/' + EVENTS + "/_bulk?refresh=true", bulk.toString());
  }

  private static Change active(String address, FeedInfo feed) {
    Indicator indicator = Indicator.builder(CyberObservable.ip(address), feed).build();
    return new Change.Upsert(indicator, 1, Change.Cause.NEW, NOW, NOW);
  }

  @AfterAll
  void clear() throws Exception {
    server.ok("DELETE", '/' + EVENTS + ',' + INDICATORS + ".v1", "");
  }

  @ParameterizedTest
  @EnumSource
  void eachOfManyAddressesIsFound(Direction direction) throws Exception {
    RulePreviewResult result = run("threat_list_ip_packets_high", direction);

    assertThat(result.indicatorCount()).isEqualTo(MANY);
    assertThat(result.alerts())
        .extracting(RulePreviewResult.Alert::id)
        .containsExactlyInAnyOrderElementsOf(inList);
    assertThat(result.warnings()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void eachEventInOneOfManyNetworksIsFound(Direction direction) throws Exception {
    RulePreviewResult result = run("threat_list_cidr_packets_high", direction);

    assertThat(result.indicatorCount()).isEqualTo(BLOCKS);
    assertThat(result.alerts())
        .extracting(RulePreviewResult.Alert::id)
        .containsExactlyInAnyOrderElementsOf(inBlock);
    assertThat(result.alerts())
        .allSatisfy(alert -> assertThat(alert.matches()).as(alert.id()).hasSize(1));
  }

  private RulePreviewResult run(String key, Direction direction) throws Exception {
    ThreatMatchRule rule =
        ThreatMatchRules.standard(
                ThreatMatchRules.Options.builder()
                    .index(EventSource.PACKETS, EVENTS)
                    .threatIndex(INDICATORS)
                    .build())
            .stream()
            .filter(r -> r.key().equals(key))
            .findFirst()
            .orElseThrow();
    RulePreviewResult result =
        RulePreview.builder(server.client()).direction(direction).build().run(rule);
    assertThat(result.eventCount()).isEqualTo(MANY);
    System.out.printf(
        "%s, %s: %d alerts, %d searches, %d ms, %s%n",
        key,
        direction,
        result.alerts().size(),
        result.searches(),
        result.took().toMillis(),
        result.warnings());
    return result;
  }
}
