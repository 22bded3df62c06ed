// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.ecs;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.tip.Indicator;
import dev.tip.sink.Change;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes documents of an {@link EcsEncoder} to a stream, each on a line of its own. It keeps a
 * buffer for as long as it lives: make one for many documents. Not thread-safe.
 *
 * <p>After an exception the stream may have part of a line, and the writer is of no more use but to
 * be closed.
 */
public final class EcsWriter implements Closeable {
  private final EcsEncoder encoder;
  private final DocumentWriter out;
  private @Nullable SerializableString opening;
  private @Nullable FeedFields openingFeed;
  private @Nullable Instant openingAt;

  EcsWriter(EcsEncoder encoder, OutputStream out) throws IOException {
    this.encoder = encoder;
    this.out = new DocumentWriter(out);
  }

  /**
   * Writes one document in UTF-8 and a line feed: an indicator, or for a withdrawal its tombstone.
   *
   * @throws IOException if the stream throws it
   */
  public void write(Change change) throws IOException {
    out.begin();
    if (change instanceof Change.Upsert upsert) {
      writeIndicator(upsert);
    } else {
      writeTombstone((Change.Withdraw) change);
    }
    out.endLine();
  }

  /**
   * Writes the change as an operation of Elasticsearch's bulk API: a line with an {@code index}
   * action and one with the document.
   *
   * <p>The version of the document is the generation with version type {@code external_gte}, so
   * that an older generation never overwrites a newer one.
   *
   * @param index the alias to write to; an index that is no alias of that name is refused, not
   *     created. Null if the request names it.
   * @return the id of the document, which is the id of the indicator
   * @throws IOException if the stream throws it
   * @see <a href="https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk">Bulk
   *     API</a>
   */
  public String writeBulk(Change change, @Nullable String index) throws IOException {
    String id = change.id();
    out.begin();
    out.open(Field.INDEX);
    if (index != null) {
      out.text(Field.META_INDEX, index);
      out.flag(Field.REQUIRE_ALIAS, true);
    }
    out.text(Field.META_ID, id);
    out.number(Field.VERSION, change.generation());
    out.text(Field.VERSION_TYPE, Values.EXTERNAL_GTE);
    out.end();
    out.endLine();
    write(change);
    return id;
  }

  /**
   * Hands everything written so far to the stream, which is not flushed.
   *
   * @throws IOException if the stream throws it
   */
  public void flush() throws IOException {
    out.flush();
  }

  private void writeIndicator(Change.Upsert change) throws IOException {
    Indicator indicator = change.indicator();
    FeedFields feed = encoder.fieldsOf(indicator.feed());
    if (indicator.original().isEmpty() && change.added().equals(change.at())) {
      out.members(opening(feed, change));
    } else {
      writeOpening(change, feed, out);
    }

    out.open(Field.THREAT);
    out.raw(Field.FEED, feed.threatFeed);
    writeThreatIndicator(indicator, feed);
    String software = indicator.software().orElse(null);
    if (software != null) {
      out.open(Field.SOFTWARE).text(Field.NAME, software);
      out.end();
    }
    out.end();

    ObservableFields.writeRelated(indicator.observable(), out);
    out.texts(Field.TAGS, indicator.tags());

    openTip(change, feed, Values.ACTIVE);
    if (encoder.ids) {
      out.text(Field.ID, change.id());
    }
    out.text(Field.ROLE, feed.role);
    out.instant(Field.EXPIRES_AT, indicator.validUntil().orElse(null));
    // One port and one reference have a field of ECS.
    if (indicator.ports().size() > 1) {
      out.numbers(Field.PORTS, indicator.ports());
    }
    if (indicator.references().size() > 1) {
      out.texts(Field.REFERENCES, indicator.references());
    }
    ObservableFields.writeTip(indicator.observable(), out);
    out.end(2);
  }

  /** Returns how the documents begin of what is new in a feed: alike in all that a run adds. */
  @SuppressWarnings("ReferenceEquality") // Fields of a feed are made once.
  private SerializableString opening(FeedFields feed, Change.Upsert change) throws IOException {
    SerializableString last = opening;
    if (last != null && feed == openingFeed && change.at().equals(openingAt)) {
      return last;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DocumentWriter alone = new DocumentWriter(bytes)) {
      alone.begin();
      writeOpening(change, feed, alone);
      alone.flush();
      String members = bytes.toString(StandardCharsets.UTF_8).substring(1);
      last = new SerializedString(members + ',');
      alone.endLine();
    }
    opening = last;
    openingFeed = feed;
    openingAt = change.at();
    return last;
  }

  private static void writeOpening(Change.Upsert change, FeedFields feed, DocumentWriter out)
      throws IOException {
    out.instant(Field.TIMESTAMP, change.at());
    out.raw(Field.ECS, Values.ECS);

    out.open(Field.EVENT);
    out.text(Field.KIND, Values.ENRICHMENT);
    out.raw(Field.CATEGORY, Values.THREAT_ARRAY);
    out.raw(Field.TYPE, Values.INDICATOR_ARRAY);
    out.text(Field.MODULE, feed.module);
    out.text(Field.DATASET, feed.dataset);
    out.text(Field.PROVIDER, feed.provider);
    out.text(Field.REFERENCE, feed.reference);
    out.instant(Field.CREATED, change.added());
    out.instant(Field.INGESTED, change.at());
    out.text(Field.ORIGINAL, change.indicator().original().orElse(null));
    out.end();
  }

  private void writeThreatIndicator(Indicator indicator, FeedFields feed) throws IOException {
    out.open(Field.INDICATOR);
    out.text(Field.TYPE, Values.of(indicator.observable().type()));
    out.text(Field.NAME, ObservableFields.name(indicator.observable()));
    out.instant(Field.FIRST_SEEN, indicator.firstSeen().orElse(null));
    out.instant(Field.LAST_SEEN, indicator.lastSeen().orElse(null));
    out.instant(Field.MODIFIED_AT, indicator.modifiedAt().orElse(null));
    out.text(Field.CONFIDENCE, Values.of(indicator.confidence()));
    out.raw(Field.MARKING, Values.of(indicator.tlp()));
    String provider = indicator.provider().orElse(null);
    if (provider != null) {
      out.text(Field.PROVIDER, provider);
    } else {
      out.text(Field.PROVIDER, feed.provider);
    }
    List<String> references = indicator.references();
    out.text(Field.REFERENCE, references.isEmpty() ? null : references.get(0));
    out.text(Field.DESCRIPTION, indicator.description().orElse(null));
    out.texts(Field.ID, indicator.externalIds());
    if (indicator.sightings().isPresent()) {
      out.number(Field.SIGHTINGS, indicator.sightings().getAsLong());
    }
    if (indicator.ports().size() == 1) {
      out.number(Field.PORT, indicator.ports().get(0));
    }
    String country = indicator.country().orElse(null);
    if (country != null) {
      out.open(Field.GEO).text(Field.COUNTRY_ISO_CODE, country);
      out.end();
    }
    ObservableFields.writeThreat(indicator.observable(), out);
    out.end();
  }

  private void writeTombstone(Change.Withdraw change) throws IOException {
    Indicator indicator = change.lastKnown().orElse(null);
    FeedFields feed = encoder.fieldsOf(change.feed());
    out.instant(Field.TIMESTAMP, change.at());
    out.raw(Field.ECS, Values.ECS);

    // Neither event.type nor event.category: no rule and no page may take it for an indicator.
    out.open(Field.EVENT);
    out.text(Field.KIND, Values.STATE);
    out.text(Field.MODULE, feed.module);
    out.text(Field.DATASET, feed.dataset);
    out.instant(Field.INGESTED, change.at());
    out.end();

    openTip(change, feed, Values.WITHDRAWN);
    out.text(Field.ID, change.id());
    if (indicator != null) {
      out.text(Field.TYPE, Values.of(indicator.observable().type()));
    }
    out.text(Field.ROLE, feed.role);
    if (indicator != null) {
      if (encoder.withdrawnValues) {
        out.text(Field.VALUE, indicator.observable().value());
      }
      out.instant(Field.FIRST_SEEN, indicator.firstSeen().orElse(null));
      out.instant(Field.LAST_SEEN, indicator.lastSeen().orElse(null));
    }
    out.instant(Field.WITHDRAWN_AT, change.at());
    out.text(Field.WITHDRAWN_REASON, Values.of(change.reason()));
    out.end(2);
  }

  /** Writes {@code tip} as far as {@code tip.indicator}, which stays open. */
  private void openTip(Change change, FeedFields feed, SerializableString status)
      throws IOException {
    out.open(Field.TIP);
    out.text(Field.STATUS, status);
    out.number(Field.GENERATION, change.generation());
    out.raw(Field.FEED, feed.tipFeed);
    out.open(Field.INDICATOR);
  }

  /**
   * Hands what was written to the stream and ends the writer; the stream stays open.
   *
   * @throws IOException if the stream throws it
   */
  @Override
  public void close() throws IOException {
    out.close();
  }
}
