// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.sink.SinkException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets up the index that {@link ElasticsearchSink} writes to. Immutable and thread-safe.
 *
 * <p>It needs other privileges than the sink, {@code manage_index_templates} on the cluster and
 * {@code manage} on the names below, and so a key of its own.
 *
 * <ul>
 *   <li>index template {@code tip-indicators}, which maps the fields that rules, Kibana's pages or
 *       our own queries search, and says nothing of shards, replicas or life cycle
 *   <li>index {@code logs-ti_tip.indicator.v1}, found by {@code logs-ti_*}, which Elastic Security
 *       reads by default
 *   <li>alias {@code logs-ti_tip.indicator}, through which is written
 *   <li>alias {@code elastic-tip} for readers, which shows active indicators only
 * </ul>
 */
public final class ElasticsearchAdmin {
  /** The alias for readers of the default index. */
  public static final String DEFAULT_READER_ALIAS = "elastic-tip";

  private static final Logger LOG = LoggerFactory.getLogger(ElasticsearchAdmin.class);
  private static final String TEMPLATE = "tip-indicators";

  // Above Fleet's 200 and below nothing known; no other template has a pattern that overlaps.
  private static final int TEMPLATE_PRIORITY = 501;

  private final Calls calls;
  private final String indexBase;
  private final @Nullable String readerAlias;
  private final boolean replaceLegacyIndex;

  private ElasticsearchAdmin(Builder b) {
    this.calls = b.calls;
    this.indexBase = b.indexBase;
    this.readerAlias =
        b.readerAlias != null
            ? b.readerAlias
            : b.indexBase.equals(ElasticsearchSink.DEFAULT_INDEX_BASE)
                ? DEFAULT_READER_ALIAS
                : null;
    this.replaceLegacyIndex = b.replaceLegacyIndex;
  }

  /** Returns the administration of the default index. */
  public static ElasticsearchAdmin of(ElasticsearchClient client) {
    return builder(client).build();
  }

  /** Returns a builder; the client is neither changed nor closed. */
  public static Builder builder(ElasticsearchClient client) {
    return new Builder(new Calls(client));
  }

  /**
   * Installs or updates template, index and aliases. Doing it twice is doing it once.
   *
   * <p>An index that is there keeps its mapping.
   *
   * @return the name of the index that is written to
   * @throws SinkException if the server cannot be reached or refuses it, or an index has the name
   *     of an alias
   */
  public String install() throws IOException {
    requireNoIndexInTheWay();
    Calls.require(
        calls.reach("PUT", "/_index_template/" + templateName(), Map.of(), template()),
        "the index template cannot be installed");
    String index = writeIndex();
    if (index == null) {
      index = indexBase + ".v1";
      createIndex(index);
    }
    Calls.require(
        calls.reach("POST", "/_aliases", Map.of(), aliasActions(index)),
        "the aliases cannot be set");
    LOG.info("index {} is installed, written through alias {}", index, indexBase);
    return index;
  }

  private String templateName() {
    return indexBase.equals(ElasticsearchSink.DEFAULT_INDEX_BASE)
        ? TEMPLATE
        : TEMPLATE + '-' + indexBase;
  }

  private void requireNoIndexInTheWay() throws IOException {
    if (isIndex(indexBase)) {
      throw new SinkException(
          SinkException.Kind.CONFIG,
          indexBase + " is an index, but must be an alias; remove the index and install again",
          null);
    }
    if (readerAlias != null && !replaceLegacyIndex && isIndex(readerAlias)) {
      throw new SinkException(
          SinkException.Kind.CONFIG,
          readerAlias
              + " is an index, probably of the elastic-tip of 2021; install with the option that"
              + " replaces it",
          null);
    }
  }

  /** Tells an index from an alias: an index answers under its own name. */
  private boolean isIndex(String name) throws IOException {
    Calls.Answer answer =
        calls.reach("GET", '/' + name, Map.of("filter_path", "*.settings.index.uuid"), null);
    if (answer.status() == 404) {
      return false;
    }
    return Calls.require(answer, name + " cannot be looked up").body().has(name);
  }

  private @Nullable String writeIndex() throws IOException {
    Calls.Answer answer = calls.reach("GET", "/_alias/" + indexBase, Map.of(), null);
    if (answer.status() == 404) {
      return null;
    }
    JsonNode indices = Calls.require(answer, "the alias cannot be looked up").body();
    for (Map.Entry<String, JsonNode> index : indices.properties()) {
      JsonNode alias = index.getValue().path("aliases").path(indexBase);
      if (indices.size() == 1 || alias.path("is_write_index").asBoolean()) {
        return index.getKey();
      }
    }
    return null;
  }

  private void createIndex(String index) throws IOException {
    Calls.Answer answer = calls.reach("PUT", '/' + index, Map.of(), null);
    if (!answer.errorType().equals("resource_already_exists_exception")) {
      Calls.require(answer, "the index cannot be created");
    }
  }

  private ObjectNode template() throws IOException {
    ObjectNode template = Calls.object();
    template.putArray("index_patterns").add(indexBase + ".v*");
    template.put("priority", TEMPLATE_PRIORITY);
    ObjectNode content = template.putObject("template");
    // A document is one small text among many alike: this takes a quarter off the index.
    content.putObject("settings").put("index.codec", "best_compression");
    content.set("mappings", mapping());
    template.putObject("_meta").put("description", "Indicators of compromise, written by tip");
    return template;
  }

  private static JsonNode mapping() throws IOException {
    try (InputStream in = ElasticsearchAdmin.class.getResourceAsStream("indicator-mapping.json")) {
      return Calls.read(Objects.requireNonNull(in, "indicator-mapping.json"));
    }
  }

  private ObjectNode aliasActions(String index) throws IOException {
    ObjectNode body = Calls.object();
    ArrayNode actions = body.putArray("actions");
    if (readerAlias != null && replaceLegacyIndex && isIndex(readerAlias)) {
      actions.addObject().putObject("remove_index").put("index", readerAlias);
    }
    actions
        .addObject()
        .putObject("add")
        .put("index", index)
        .put("alias", indexBase)
        .put("is_write_index", true);
    if (readerAlias != null) {
      ObjectNode reader = actions.addObject().putObject("add");
      reader.put("index", index).put("alias", readerAlias);
      reader.putObject("filter").putObject("term").put("tip.status", "active");
    }
    return body;
  }

  /** Collects the options. Not thread-safe. */
  public static final class Builder {
    private final Calls calls;
    private String indexBase = ElasticsearchSink.DEFAULT_INDEX_BASE;
    private @Nullable String readerAlias;
    private boolean replaceLegacyIndex;

    private Builder(Calls calls) {
      this.calls = calls;
    }

    /**
     * Sets the alias to write to, which is also the beginning of the index names; default: {@value
     * ElasticsearchSink#DEFAULT_INDEX_BASE}.
     *
     * @throws IllegalArgumentException if it is no name that an index can have
     */
    public Builder indexBase(String indexBase) {
      this.indexBase = IndexNames.require(indexBase);
      return this;
    }

    /**
     * Sets the alias for readers; default: {@value #DEFAULT_READER_ALIAS} for the default index and
     * none for others, because two indices behind it would show each other's indicators.
     *
     * @throws IllegalArgumentException if it is no name that an index can have
     */
    public Builder readerAlias(String readerAlias) {
      this.readerAlias = IndexNames.require(readerAlias);
      return this;
    }

    /**
     * Sets whether an index that has the name of the alias for readers, as the elastic-tip of 2021
     * made it, is deleted with all it holds; default: false.
     */
    public Builder replaceLegacyIndex(boolean replaceLegacyIndex) {
      this.replaceLegacyIndex = replaceLegacyIndex;
      return this;
    }

    /** Builds it. */
    public ElasticsearchAdmin build() {
      return new ElasticsearchAdmin(this);
    }
  }
}
