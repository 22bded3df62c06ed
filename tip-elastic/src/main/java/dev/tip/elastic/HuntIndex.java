// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.rules.HuntRule;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The index of the findings of {@link RetroHunt}, from which {@link HuntRule} makes alerts.
 * Immutable and thread-safe.
 *
 * <p>It is a plain index {@code logs-tip.hunt.v1} behind the alias {@code logs-tip.hunt}, with one
 * hyphen: no data stream, within {@code logs-*}, and outside {@code logs-ti_*}, where indicators
 * are. A finding that is there already is left as it is.
 *
 * <p>{@link #install} needs the privileges {@code manage_index_templates} and {@code manage} on
 * alias and index, {@link #write} needs {@code create_doc} on them.
 */
public final class HuntIndex {
  private static final String WHAT = "findings cannot be stored";
  private static final String TEMPLATE = "tip-hunt";
  private static final int PAGE = 500;

  /** As high as that of the indicators; no other template has a pattern that overlaps. */
  private static final int TEMPLATE_PRIORITY = 501;

  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private final Calls calls;
  private final String alias;

  private HuntIndex(Calls calls, String alias) {
    this.calls = calls;
    this.alias = alias;
  }

  /** Returns the default index; the client is neither changed nor closed. */
  public static HuntIndex of(ElasticsearchClient client) {
    return of(client, HuntRule.DEFAULT_INDEX);
  }

  /**
   * Returns an index; the client is neither changed nor closed.
   *
   * @param alias its name, which is also the beginning of that of the index behind it
   * @throws IllegalArgumentException if it is no name that an index can have
   */
  public static HuntIndex of(ElasticsearchClient client, String alias) {
    return new HuntIndex(new Calls(client), IndexNames.require(alias));
  }

  /**
   * Installs template, index and alias. Doing it twice is doing it once.
   *
   * @throws dev.tip.sink.SinkException if the server cannot be reached or refuses it
   */
  public void install() throws IOException {
    String index = alias + ".v1";
    String template = alias.equals(HuntRule.DEFAULT_INDEX) ? TEMPLATE : TEMPLATE + '-' + alias;
    Calls.require(
        calls.reach("PUT", "/_index_template/" + template, Map.of(), template()),
        "the index template cannot be installed");
    Calls.Answer created = calls.reach("PUT", '/' + index, Map.of(), null);
    if (!created.errorType().equals("resource_already_exists_exception")) {
      Calls.require(created, "the index cannot be created");
    }
    ObjectNode body = Calls.object();
    body.putArray("actions")
        .addObject()
        .putObject("add")
        .put("index", index)
        .put("alias", alias)
        .put("is_write_index", true);
    Calls.require(calls.reach("POST", "/_aliases", Map.of(), body), "the alias cannot be set");
  }

  private ObjectNode template() throws IOException {
    ObjectNode template = Calls.object();
    template.putArray("index_patterns").add(alias + ".v*");
    template.put("priority", TEMPLATE_PRIORITY);
    try (InputStream in = HuntIndex.class.getResourceAsStream("hunt-mapping.json")) {
      template
          .putObject("template")
          .set("mappings", Calls.read(Objects.requireNonNull(in, "hunt-mapping.json")));
    }
    template
        .putObject("_meta")
        .put("description", "Old events that touch indicators of compromise, found by tip");
    return template;
  }

  /**
   * Stores findings that are not there yet. What the server cannot take at the moment is tried
   * again for two minutes.
   *
   * @return how many were not there
   * @throws dev.tip.sink.SinkException if the server cannot be reached or refuses it, for example
   *     because the index is not installed
   * @throws java.io.InterruptedIOException if the thread is interrupted, which it stays
   */
  public long write(List<HuntFinding> findings) throws IOException {
    Creations creations = new Creations();
    for (int from = 0; from < findings.size(); from += PAGE) {
      ArrayNode page = Calls.object().arrayNode();
      findings
          .subList(from, Math.min(findings.size(), from + PAGE))
          .forEach(f -> page.addObject().put("_id", f.id()).set("document", f.document()));
      Attempts attempts =
          new Attempts(
              System::nanoTime,
              () -> ThreadLocalRandom.current().nextDouble(),
              TimeUnit.NANOSECONDS::sleep,
              DEADLINE);
      creations.send(
          calls.within(attempts),
          '/' + alias + "/_bulk",
          Map.of("require_alias", "true"),
          "create",
          page,
          WHAT);
    }
    return creations.created;
  }

  private static final class Creations implements HitOperations {
    private long created;

    @Override
    public String lines(JsonNode hit) {
      ObjectNode operation = Calls.object();
      operation.putObject("create").put("_id", hit.path("_id").asText());
      return operation + "\n" + hit.path("document") + "\n";
    }

    @Override
    public void settled(JsonNode hit, Calls.Answer outcome) throws IOException {
      if (outcome.fault() != Fault.CONFLICT) {
        Calls.require(outcome, WHAT);
        created++;
      }
    }
  }
}
