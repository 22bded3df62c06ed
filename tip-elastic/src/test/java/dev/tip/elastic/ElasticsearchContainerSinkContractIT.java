// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import org.testcontainers.elasticsearch.ElasticsearchContainer;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;

/** The contract over the server's official image; skipped where there is no Docker. */
@Testcontainers(disabledWithoutDocker = true)
class ElasticsearchContainerSinkContractIT extends ServerSinkContract {
  @Container
  private static final ElasticsearchContainer CONTAINER =
      new ElasticsearchContainer("docker.elastic.co/elasticsearch/elasticsearch:8.19.21")
          .withEnv("xpack.security.enabled", "false");

  @Override
  String serverUrl() {
    return "http://" + CONTAINER.getHttpHostAddress();
  }
}
