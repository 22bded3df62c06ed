// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tip.CyberObservable;
import dev.tip.feed.FeedInfo;
import dev.tip.sink.Change;
import dev.tip.sink.WriteResult.Status;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The default index: as a user gets it who sets no name. */
@ExtendWith(Server.Shared.class)
class ElasticsearchSinkIT {
  private static final FeedInfo C2 = Samples.feed("sink-it-c2", FeedInfo.Role.C2);

  private final Server server;

  ElasticsearchSinkIT(Server server) {
    this.server = server;
  }

  @BeforeEach
  void install() throws Exception {
    ElasticsearchAdmin.of(server.client()).install();
  }

  @Test
  void whatIsWrittenIsFoundThroughThePatternOfElasticSecurityAndThroughTheReaderAlias()
      throws Exception {
    List<Change> batch = Samples.domains(5, C2);
    try (ElasticsearchSink sink = ElasticsearchSink.builder(server.client()).build()) {
      assertThat(sink.write(batch).count(Status.WRITTEN)).isEqualTo(5);
    }
    String feed = "{\"term\":{\"tip.feed.id\":\"sink-it-c2\"}}";
    List<JsonNode> hits = server.find("logs-ti_*", feed);

    assertThat(hits)
        .extracting(hit -> hit.path("_id").asText())
        .containsExactlyInAnyOrderElementsOf(batch.stream().map(Change::id).toList());
    assertThat(hits)
        .extracting(hit -> hit.path("_index").asText())
        .containsOnly("logs-ti_tip.indicator.v1");
    assertThat(server.find("elastic-tip", feed)).hasSize(5);
    assertThat(
            server.find(
                "elastic-tip", "{\"term\":{\"threat.indicator.url.domain\":\"d3.example\"}}"))
        .singleElement()
        .extracting(hit -> hit.path("_id").asText())
        .isEqualTo(Samples.upsert(CyberObservable.domainName("d3.example"), C2).id());
  }
}
