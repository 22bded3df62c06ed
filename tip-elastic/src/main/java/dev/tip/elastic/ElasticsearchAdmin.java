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
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets up the index that {@link ElasticsearchSink} writes to, moves it when its mapping changes,
 * and removes what was withdrawn long ago. Immutable and thread-safe.
 *
 * <p>It needs other privileges than the sink, and so keys of its own; {@code docs/elasticsearch.md}
 * lists them.
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

  /** How long a withdrawn indicator is kept at least: as long as rules look back. */
  public static final Duration MIN_PURGE_AGE = Duration.ofDays(30);

  private static final Logger LOG = LoggerFactory.getLogger(ElasticsearchAdmin.class);
  private static final String TEMPLATE = "tip-indicators";
  private static final String VERSION = ".v";

  /** How long a page of documents is tried. */
  private static final Duration PAGE_DEADLINE = Duration.ofMinutes(2);

  // Above Fleet's 200 and below nothing known; no other template has a pattern that overlaps.
  private static final int TEMPLATE_PRIORITY = 501;

  private final Calls calls;
  private final String indexBase;
  private final @Nullable String readerAlias;
  private final boolean replaceLegacyIndex;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final DoubleSupplier random;
  private final Pause pause;

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
    this.clock = b.clock;
    this.nanoTime = b.nanoTime;
    this.random = b.random;
    this.pause = b.pause;
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
   * Installs or updates template, index and aliases. Doing it twice is doing it once, and what was
   * cut off is done to the end.
   *
   * <p>If the index has a mapping of an earlier version, all it holds is moved to a new index,
   * {@code .v2} after {@code .v1}. Readers see each document once at any moment. Until it is done,
   * the old index refuses writes with a {@link SinkException} of kind {@link
   * SinkException.Kind#BLOCKED BLOCKED}. If it fails or the thread is interrupted, the block is
   * lifted. It stays, until somebody installs again, if this process is killed, if the server
   * cannot be reached to lift it, and if no answer comes to the last request, which makes the new
   * index that of the aliases and may still be done. The new index is another one for {@link
   * ElasticsearchSink#info()}, so the next sync writes everything.
   *
   * <p>Of two installations at a time, at least one fails; what was written meanwhile is not lost.
   *
   * <p>It has no deadline: the client's time-outs end a request, and a page of documents that the
   * server cannot take is tried for two minutes.
   *
   * @return what was there, and what was done
   * @throws SinkException if the server cannot be reached or refuses it, an index has the name of
   *     an alias, the index is of a later version of tip, or somebody wrote to it while it was
   *     moved
   * @throws java.io.InterruptedIOException if the thread is interrupted, which it stays
   */
  public Installation install() throws IOException {
    String replaced = requireNoIndexInTheWay();
    JsonNode mapping = mapping();
    JsonNode indices = indices();
    requireNoneOfALaterVersion(indices, WriteIndex.mapping(mapping));
    Calls.require(
        calls.reach("PUT", "/_index_template/" + templateName(), Map.of(), template(mapping)),
        "the index template cannot be installed");
    if (Migration.removeUnfinished(calls, indexBase, indices)) {
      indices = indices();
    }
    boolean created = false;
    String movedFrom = null;
    long moved = 0;
    WriteIndex current = WriteIndex.find(indexBase, indices);
    if (current == null) {
      int newest = newest(indices);
      String index = indexBase + VERSION + Math.max(1, newest);
      created = newest == 0 && createIndex(index);
      setAliases(index);
      current = WriteIndex.of(indexBase, indices());
    } else if (current.mapping() == WriteIndex.mapping(mapping)) {
      setAliases(current.name());
    }
    if (current.mapping() < WriteIndex.mapping(mapping)) {
      movedFrom = current.name();
      moved = migrate(current, indexBase + VERSION + (newest(indices()) + 1));
      current = WriteIndex.of(indexBase, indices());
    }
    if (current.settings().path("hidden").asBoolean()) {
      ObjectNode visible = Calls.object().put("index.hidden", false);
      Calls.require(
          calls.reach("PUT", '/' + current.name() + "/_settings", Map.of(), visible),
          "index " + current.name() + " cannot be made visible");
    }
    LOG.info("index {} is installed, written through alias {}", current.name(), indexBase);
    return new Installation(current.name(), readerAlias, created, movedFrom, moved, replaced);
  }

  /**
   * Removes what withdrawn indicators left in the index, if they were withdrawn long enough ago. An
   * active indicator is never removed, nor one that becomes active again meanwhile.
   *
   * <p>A withdrawn indicator is kept because a run that began before, and was held up, could write
   * it again as active; the generation of what is kept makes that a conflict. After {@link
   * #MIN_PURGE_AGE} it no longer does harm: what such a run writes is dated before the withdrawal,
   * and rules look back 30 days.
   *
   * <p>It has no deadline: the client's time-outs end a request, and a page of documents that the
   * server cannot remove is tried for two minutes.
   *
   * @param olderThan how long ago an indicator was withdrawn at least
   * @return number of documents removed; one whose removal was done again because no answer came
   *     may be missing from it
   * @throws IllegalArgumentException if the time is shorter than {@link #MIN_PURGE_AGE}
   * @throws SinkException if the server cannot be reached or refuses it; what was removed until
   *     then is removed, and the message says how much that is
   * @throws java.io.InterruptedIOException if the thread is interrupted, which it stays
   */
  public long purge(Duration olderThan) throws IOException {
    long removed = tombstones(olderThan).remove();
    LOG.info("{} withdrawn indicators removed behind alias {}", removed, indexBase);
    return removed;
  }

  /**
   * Returns how many documents {@link #purge} would remove, as far as the index was refreshed.
   *
   * @throws IllegalArgumentException if the time is shorter than {@link #MIN_PURGE_AGE}
   * @throws SinkException if the server cannot be reached or refuses it
   */
  public long purgeable(Duration olderThan) throws IOException {
    return tombstones(olderThan).count();
  }

  private Tombstones tombstones(Duration olderThan) {
    if (olderThan.compareTo(MIN_PURGE_AGE) < 0) {
      throw new IllegalArgumentException(
          "withdrawn indicators are kept for "
              + MIN_PURGE_AGE.toDays()
              + " days at least: until then they keep a late run from bringing one back that rules"
              + " would see");
    }
    return new Tombstones(calls, indexBase, clock.instant().minus(olderThan), this::attempts);
  }

  private Attempts attempts() {
    return new Attempts(nanoTime, random, pause, PAGE_DEADLINE);
  }

  private String templateName() {
    return indexBase.equals(ElasticsearchSink.DEFAULT_INDEX_BASE)
        ? TEMPLATE
        : TEMPLATE + '-' + indexBase;
  }

  /** Returns the index that has the name of the alias for readers and may be deleted, or null. */
  private @Nullable String requireNoIndexInTheWay() throws IOException {
    if (isIndex(indexBase)) {
      throw new SinkException(
          SinkException.Kind.CONFIG,
          indexBase + " is an index, but must be an alias; remove the index and install again",
          null);
    }
    if (readerAlias == null || !isIndex(readerAlias)) {
      return null;
    }
    if (!replaceLegacyIndex) {
      throw new SinkException(
          SinkException.Kind.CONFIG,
          readerAlias
              + " is an index, probably of the elastic-tip of 2021; replaceLegacyIndex, or"
              + " tip install --replace-legacy, deletes it with all it holds",
          null);
    }
    return readerAlias;
  }

  private void requireNoneOfALaterVersion(JsonNode indices, int version) throws SinkException {
    WriteIndex current = WriteIndex.find(indexBase, indices);
    if (current != null && current.mapping() > version) {
      throw new SinkException(
          SinkException.Kind.CONFIG,
          "index "
              + current.name()
              + " has mapping "
              + current.mapping()
              + " of a later version of tip, this one has "
              + version
              + "; update this one",
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

  /** All indices of this base, hidden ones too, and what is behind its alias. */
  private JsonNode indices() throws IOException {
    Calls.Answer answer =
        calls.reach(
            "GET",
            '/' + indexBase + ',' + indexBase + VERSION + '*',
            Map.of(
                "ignore_unavailable",
                "true",
                "expand_wildcards",
                "all",
                "filter_path",
                "*.aliases,*.mappings._meta,*.settings.index.hidden"),
            null);
    return Calls.require(answer, "the indices cannot be looked up").body();
  }

  /** The highest number of an index of this base; 0 if there is none. */
  private int newest(JsonNode indices) {
    int newest = 0;
    String prefix = indexBase + VERSION;
    for (Map.Entry<String, JsonNode> index : indices.properties()) {
      String name = index.getKey();
      if (name.startsWith(prefix)
          && name.length() > prefix.length()
          && name.length() - prefix.length() < 9
          && name.chars().skip(prefix.length()).allMatch(c -> c >= '0' && c <= '9')) {
        newest = Math.max(newest, Integer.parseInt(name.substring(prefix.length())));
      }
    }
    return newest;
  }

  /** Returns whether it was not there. */
  private boolean createIndex(String index) throws IOException {
    Calls.Answer answer = calls.reach("PUT", '/' + index, Map.of(), null);
    if (answer.errorType().equals("resource_already_exists_exception")) {
      return false;
    }
    Calls.require(answer, "the index cannot be created");
    return true;
  }

  private void setAliases(String index) throws IOException {
    ObjectNode body = Calls.object();
    body.set("actions", aliasActions(index));
    Calls.require(calls.reach("POST", "/_aliases", Map.of(), body), "the aliases cannot be set");
  }

  private long migrate(WriteIndex from, String to) throws IOException {
    LOG.info("index {} has another mapping, its documents are moved to {}", from.name(), to);
    ArrayNode actions = aliasActions(to);
    for (Map.Entry<String, JsonNode> alias : from.content().path("aliases").properties()) {
      if (!alias.getKey().equals(indexBase) && !alias.getKey().equals(readerAlias)) {
        // One that somebody else gave to the index, with its filter: it must not end with it.
        ObjectNode add = actions.addObject().putObject("add");
        add.setAll((ObjectNode) alias.getValue());
        add.put("index", to).put("alias", alias.getKey());
      }
    }
    long moved = new Migration(calls, indexBase, from.name(), to, this::attempts).run(actions);
    LOG.info("{} documents are moved from {} to {}", moved, from.name(), to);
    return moved;
  }

  private ObjectNode template(JsonNode mapping) {
    ObjectNode template = Calls.object();
    template.putArray("index_patterns").add(indexBase + ".v*");
    template.put("priority", TEMPLATE_PRIORITY);
    ObjectNode content = template.putObject("template");
    // A document is one small text among many alike: this takes a quarter off the index.
    content.putObject("settings").put("index.codec", "best_compression");
    content.set("mappings", mapping);
    template.putObject("_meta").put("description", "Indicators of compromise, written by tip");
    return template;
  }

  private static JsonNode mapping() throws IOException {
    try (InputStream in = ElasticsearchAdmin.class.getResourceAsStream("indicator-mapping.json")) {
      return Calls.read(Objects.requireNonNull(in, "indicator-mapping.json"));
    }
  }

  private ArrayNode aliasActions(String index) throws IOException {
    ArrayNode actions = Calls.object().putArray("actions");
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
    return actions;
  }

  /** Collects the options. Not thread-safe. */
  public static final class Builder {
    private final Calls calls;
    private String indexBase = ElasticsearchSink.DEFAULT_INDEX_BASE;
    private @Nullable String readerAlias;
    private boolean replaceLegacyIndex;
    private InstantSource clock = InstantSource.system();
    private LongSupplier nanoTime = System::nanoTime;
    private DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();
    private Pause pause = TimeUnit.NANOSECONDS::sleep;

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

    /** Sets clocks, random numbers from 0 to 1, and wait. */
    Builder time(InstantSource clock, LongSupplier nanoTime, DoubleSupplier random, Pause pause) {
      this.clock = clock;
      this.nanoTime = nanoTime;
      this.random = random;
      this.pause = pause;
      return this;
    }

    /** Builds it. */
    public ElasticsearchAdmin build() {
      return new ElasticsearchAdmin(this);
    }
  }
}
