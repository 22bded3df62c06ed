// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.elastic.ElasticsearchAdmin;
import dev.tip.elastic.Installation;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that sets up an index. */
final class InstallOptions {
  @Option(
      names = "--reader-alias",
      paramLabel = "NAME",
      description =
          "When installing: alias that shows readers what is active. Tenants with the same one see"
              + " each other's indicators. Default: elastic-tip for the default index, none for"
              + " others.")
  private @Nullable String readerAlias;

  @Option(
      names = "--replace-legacy",
      description =
          "When installing: delete the index elastic-tip that the tool of 2021 left, with all it"
              + " holds, to make room for the alias of that name.")
  private boolean replaceLegacy;

  /** Returns whether something is said of how to install. */
  boolean areGiven() {
    return readerAlias != null || replaceLegacy;
  }

  Installation install(ServerConnection connection, String indexBase) throws IOException {
    ElasticsearchAdmin.Builder admin =
        ElasticsearchAdmin.builder(connection.client())
            .indexBase(indexBase)
            .replaceLegacyIndex(replaceLegacy);
    if (readerAlias != null) {
      admin.readerAlias(readerAlias);
    }
    return admin.build().install();
  }
}
