// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.elastic.BulkEndpoint.Reply;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.StoredIndicator;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ActiveIndicatorsTest {
  /** As the server does: it leaves out what a shard cannot tell, unless it is asked not to. */
  @Test
  void idsThatAShardCannotTellAreAnErrorAndNotAShortList() throws Exception {
    try (BulkEndpoint endpoint =
            new BulkEndpoint(
                request -> {
                  if (request.path().contains("/_pit")) {
                    return Reply.json(200, "{\"id\":\"x\"}");
                  }
                  if (!request.path().contains("/_search")) {
                    return Reply.json(
                        200, FakeIndex.aliasAnswer(ElasticsearchSink.DEFAULT_INDEX_BASE));
                  }
                  return request.path().contains("allow_partial_search_results=false")
                      ? Reply.error(503, "search_phase_execution_exception")
                      : Reply.json(
                          200,
                          "{\"_shards\":{\"total\":2,\"successful\":1,\"failed\":1},"
                              + "\"hits\":{\"hits\":[{\"_id\":\"one\",\"sort\":[1]}]}}");
                });
        IndicatorSink sink =
            new ElasticsearchSinkProvider()
                .create(Map.of("url", endpoint.url(), "deadline", "PT0.5S"));
        Stream<StoredIndicator> active = sink.active("feed").orElseThrow()) {
      assertThatThrownBy(active::toList)
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("search_phase_execution_exception");
    }
  }
}
