// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import org.junit.jupiter.api.extension.ExtendWith;

/** The contract over the server that Maven resolves. */
@ExtendWith(Server.Shared.class)
class ElasticsearchSinkContractIT extends ServerSinkContract {
  private final Server server;

  ElasticsearchSinkContractIT(Server server) {
    this.server = server;
  }

  @Override
  String serverUrl() {
    return server.url();
  }
}
