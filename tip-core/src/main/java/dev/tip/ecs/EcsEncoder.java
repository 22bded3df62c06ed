// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.ecs;

import com.fasterxml.jackson.core.SerializableString;
import dev.tip.Indicator;
import dev.tip.feed.FeedInfo;
import dev.tip.sink.Change;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes indicators as documents of Elastic Common Schema. Immutable and thread-safe.
 *
 * <p>An indicator becomes a document with {@code event.kind: enrichment}, {@code event.category:
 * threat} and {@code event.type: indicator}. What ECS has no field for is below {@code tip}: a
 * network in {@code tip.indicator.cidr}, certificate and TLS fingerprints, the number of an
 * autonomous system, several ports. A field that rules match on holds one value.
 *
 * <p>A withdrawal becomes a tombstone: it says that the indicator is withdrawn, why and when, and
 * has no field that a rule matches on.
 *
 * @see <a href="https://www.elastic.co/docs/reference/ecs/ecs-threat">ECS threat fields</a>
 */
public final class EcsEncoder {
  /** The version of Elastic Common Schema that documents follow. */
  public static final String ECS_VERSION = "9.5.0";

  /**
   * The version of this projection; it rises when the same indicator becomes another document, so
   * that sinks can tell that what they hold is outdated.
   */
  public static final int FORMAT = 1;

  private final boolean ids;
  private final boolean withdrawnValues;
  private final Map<String, FeedFields> feeds = new ConcurrentHashMap<>();

  private EcsEncoder(Builder builder) {
    this.ids = builder.ids;
    this.withdrawnValues = builder.withdrawnValues;
  }

  /** Returns an encoder with the defaults of {@link Builder}. */
  public static EcsEncoder create() {
    return builder().build();
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Writes one document in UTF-8 without line break: an indicator, or for a withdrawal its
   * tombstone.
   *
   * @param out where to; it is neither flushed nor closed
   * @throws IOException if the stream throws it; part of the document may have been written
   */
  public void write(Change change, OutputStream out) throws IOException {
    try (DocumentWriter document = new DocumentWriter(out)) {
      if (change instanceof Change.Upsert upsert) {
        writeIndicator(upsert, document);
      } else {
        writeTombstone((Change.Withdraw) change, document);
      }
    }
  }

  /**
   * Writes the change as an operation of Elasticsearch's bulk API: an {@code index} action and the
   * document, each with its line break.
   *
   * <p>The version of the document is the generation with version type {@code external_gte}, so
   * that an older generation never overwrites a newer one.
   *
   * @param index the alias to write to; an index that is no alias of that name is refused, not
   *     created. Null if the request names it.
   * @param out where to; it is neither flushed nor closed
   * @return the id of the document, which is the id of the indicator
   * @throws IOException if the stream throws it; part of the operation may have been written
   * @see <a href="https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk">Bulk
   *     API</a>
   */
  public String writeBulk(Change change, @Nullable String index, OutputStream out)
      throws IOException {
    String id = change.id();
    try (DocumentWriter action = new DocumentWriter(out)) {
      action.open(Field.INDEX);
      if (index != null) {
        action.text(Field.META_INDEX, index);
        action.flag(Field.REQUIRE_ALIAS, true);
      }
      action.text(Field.META_ID, id);
      action.number(Field.VERSION, change.generation());
      action.text(Field.VERSION_TYPE, Values.EXTERNAL_GTE);
    }
    out.write('\n');
    write(change, out);
    out.write('\n');
    return id;
  }

  private void writeIndicator(Change.Upsert change, DocumentWriter out) throws IOException {
    Indicator indicator = change.indicator();
    FeedFields feed = fieldsOf(indicator.feed());
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
    out.text(Field.ORIGINAL, indicator.original().orElse(null));
    out.end();

    out.open(Field.THREAT);
    out.raw(Field.FEED, feed.threatFeed);
    writeThreatIndicator(indicator, feed, out);
    String software = indicator.software().orElse(null);
    if (software != null) {
      out.open(Field.SOFTWARE).text(Field.NAME, software);
      out.end();
    }
    out.end();

    ObservableFields.writeRelated(indicator.observable(), out);
    out.texts(Field.TAGS, indicator.tags());

    openTip(change, feed, Values.ACTIVE, out);
    if (ids) {
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

  private static void writeThreatIndicator(Indicator indicator, FeedFields feed, DocumentWriter out)
      throws IOException {
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

  private void writeTombstone(Change.Withdraw change, DocumentWriter out) throws IOException {
    Indicator indicator = change.lastKnown().orElse(null);
    FeedFields feed = fieldsOf(change.feed());
    out.instant(Field.TIMESTAMP, change.at());
    out.raw(Field.ECS, Values.ECS);

    // Neither event.type nor event.category: no rule and no page may take it for an indicator.
    out.open(Field.EVENT);
    out.text(Field.KIND, Values.STATE);
    out.text(Field.MODULE, feed.module);
    out.text(Field.DATASET, feed.dataset);
    out.instant(Field.INGESTED, change.at());
    out.end();

    openTip(change, feed, Values.WITHDRAWN, out);
    out.text(Field.ID, change.id());
    if (indicator != null) {
      out.text(Field.TYPE, Values.of(indicator.observable().type()));
    }
    out.text(Field.ROLE, feed.role);
    if (indicator != null) {
      if (withdrawnValues) {
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
  private static void openTip(
      Change change, FeedFields feed, SerializableString status, DocumentWriter out)
      throws IOException {
    out.open(Field.TIP);
    out.text(Field.STATUS, status);
    out.number(Field.GENERATION, change.generation());
    out.raw(Field.FEED, feed.tipFeed);
    out.open(Field.INDICATOR);
  }

  // Identity, not equality: feeds are equal by id, and a user may have changed a row's name.
  @SuppressWarnings("ReferenceEquality")
  private FeedFields fieldsOf(FeedInfo feed) {
    FeedFields fields = feeds.get(feed.id());
    if (fields == null || fields.feed != feed) {
      fields = new FeedFields(feed);
      feeds.put(feed.id(), fields);
    }
    return fields;
  }

  /**
   * Returns a text that is another one whenever the same indicator gives another document: the
   * version of the format and the options.
   */
  public String identity() {
    return FORMAT + (ids ? "+ids" : "") + (withdrawnValues ? "+withdrawn-values" : "");
  }

  /** Collects the options of an encoder. Not thread-safe. */
  public static final class Builder {
    private boolean ids = true;
    private boolean withdrawnValues;

    private Builder() {}

    /**
     * Sets whether the document of an indicator holds its id, in {@code tip.indicator.id}; default:
     * true. A target that keeps the id elsewhere does without. A tombstone always holds it.
     */
    public Builder ids(boolean ids) {
      this.ids = ids;
      return this;
    }

    /**
     * Sets whether a tombstone says what the indicator was about, in {@code tip.indicator.value};
     * default: false.
     */
    public Builder withdrawnValues(boolean withdrawnValues) {
      this.withdrawnValues = withdrawnValues;
      return this;
    }

    /** Builds the encoder. */
    public EcsEncoder build() {
      return new EcsEncoder(this);
    }
  }
}
