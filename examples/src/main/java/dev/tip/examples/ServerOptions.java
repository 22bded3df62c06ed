// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.elastic.ElasticsearchSink;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of every command that talks to an Elasticsearch. */
final class ServerOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(names = "--elasticsearch", paramLabel = "URL", description = "Elasticsearch to work on.")
  private @Nullable String url;

  @Option(
      names = "--api-key-env",
      paramLabel = "NAME",
      description = "With --elasticsearch: environment variable that holds the API key.")
  private @Nullable String apiKeyVariable;

  @Option(
      names = "--index-base",
      paramLabel = "NAME",
      description =
          "With --elasticsearch: alias to write to and begin of the index names, for several"
              + " tenants on one server. Default: logs-ti_tip.indicator.")
  private @Nullable String indexBase;

  @Mixin private NetworkOptions network = new NetworkOptions();

  /** Returns whether there is a server to talk to. */
  boolean isGiven() {
    return url != null;
  }

  NetworkOptions network() {
    return network;
  }

  /** Returns the alias to write to. */
  String indexBase() {
    return indexBase == null ? ElasticsearchSink.DEFAULT_INDEX_BASE : indexBase;
  }

  /**
   * Checks that nothing is said about a server that is not given.
   *
   * @throws ParameterException if something is
   */
  void check() {
    if (url == null && apiKeyVariable != null) {
      throw usageError("--api-key-env goes with --elasticsearch");
    }
    if (url == null && indexBase != null) {
      throw usageError("--index-base goes with --elasticsearch");
    }
  }

  /**
   * Prepares the connection; nothing is sent yet.
   *
   * @throws ParameterException if no server is given, or the key is not there
   * @throws IllegalArgumentException if an option cannot be used; the message says what to do
   */
  ServerConnection connect() {
    return connect(apiKeyVariable);
  }

  /**
   * Prepares the connection with another key.
   *
   * @param keyVariable the environment variable that holds it, or null for none
   */
  ServerConnection connect(@Nullable String keyVariable) {
    check();
    if (url == null) {
      throw usageError("say which server: --elasticsearch URL");
    }
    String key = keyVariable == null ? null : apiKey(spec, keyVariable);
    return ServerConnection.open(url, key, network, System.getenv());
  }

  /**
   * Returns the API key that an environment variable holds.
   *
   * @throws ParameterException if it holds none
   */
  static String apiKey(CommandSpec command, String variable) {
    String key = System.getenv(variable);
    if (key == null || key.isBlank()) {
      throw new ParameterException(
          command.commandLine(), "the environment variable " + variable + " is not set");
    }
    return key.strip();
  }

  private ParameterException usageError(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
