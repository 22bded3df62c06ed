// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.elastic.Installation;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Sets up the index that sync writes to. */
@Command(
    name = "install",
    description = {
      "Sets up index template, index and aliases in Elasticsearch, or brings them up to date.",
      "Twice is once. After an upgrade of tip with another mapping, the documents are moved to a"
          + " new index; a sync meanwhile fails and makes up for it.",
      "Tenants on one server have an --index-base each. Those with the same --reader-alias see each"
          + " other's indicators, and who reads logs-ti_* sees those of all.",
      "Needs a key of its own, with more privileges than storing does: docs/elasticsearch.md."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all is set up",
      "2:the command line cannot be used",
      "3:it could not be set up; install again when that is mended"
    })
final class InstallCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ServerOptions server = new ServerOptions();

  @Mixin private InstallOptions options = new InstallOptions();

  @Override
  public Integer call() throws IOException {
    Installation done;
    try (ServerConnection connection = server.connect()) {
      done = options.install(connection, server.indexBase());
    }
    PrintWriter out = spec.commandLine().getOut();
    if (done.replaced() != null) {
      out.println("index " + done.replaced() + " was deleted to make room for the alias");
    }
    if (done.movedFrom() != null) {
      out.println(done.moved() + " documents were moved from " + done.movedFrom() + ", now gone");
    }
    out.println(
        "index "
            + done.index()
            + (done.created() ? " was created" : done.existed() ? " was there" : " is in its place")
            + ", written through alias "
            + server.indexBase()
            + (done.readerAlias() == null ? "" : ", read through alias " + done.readerAlias()));
    out.flush();
    return Tip.OK;
  }
}
