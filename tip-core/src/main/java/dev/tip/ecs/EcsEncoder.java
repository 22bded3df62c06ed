// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.ecs;

import dev.tip.feed.FeedInfo;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

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

  final boolean ids;
  final boolean withdrawnValues;
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
   * Returns a writer of documents.
   *
   * @param out where they go; the writer neither flushes nor closes it
   * @throws IOException if the stream throws it
   */
  public EcsWriter writer(OutputStream out) throws IOException {
    return new EcsWriter(this, out);
  }

  // Identity, not equality: feeds are equal by id, and a user may have changed a row's name.
  @SuppressWarnings("ReferenceEquality")
  FeedFields fieldsOf(FeedInfo feed) {
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
