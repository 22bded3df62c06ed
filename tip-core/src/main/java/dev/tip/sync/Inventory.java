// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.sink.Holdings;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.StoredIndicator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the sink says that it holds of one feed. A sink that fails to say is asked again by the next
 * run.
 */
final class Inventory {
  private static final Logger LOG = LoggerFactory.getLogger(FeedSync.class);

  private final IndicatorSink sink;
  private final String feedId;
  private final Tally tally;
  private boolean told;
  private boolean silent;

  Inventory(IndicatorSink sink, String feedId, Tally tally) {
    this.sink = sink;
    this.feedId = feedId;
    this.tally = tally;
  }

  /**
   * Returns the ids of what is active, or null if the sink cannot tell or did not.
   *
   * @param generation the last that is remembered
   */
  @Nullable SinkIds ids(long generation) throws InterruptedException {
    try (Stream<StoredIndicator> active = sink.active(feedId).orElse(null)) {
      SinkIds ids = active == null ? null : SinkIds.of(active, generation);
      told = true;
      return ids;
    } catch (IOException e) {
      silent(e);
    } catch (UncheckedIOException e) {
      silent(Objects.requireNonNull(e.getCause()));
    }
    return null;
  }

  /** Returns whether the sink said which ids are active, or that it cannot. */
  boolean isTold() {
    return told;
  }

  /** Returns how much is held, or null if the sink cannot tell or did not. */
  @Nullable Holdings holdings() throws InterruptedException {
    try {
      return sink.holdings(feedId).orElse(null);
    } catch (IOException e) {
      silent(e);
      return null;
    }
  }

  /** What is done with ids. */
  interface Use {
    boolean of(Iterator<String> ids) throws IOException, InterruptedException;
  }

  /**
   * Reads those ids again that nobody knew.
   *
   * @return what the use returned, or false if the sink did not say
   */
  boolean orphans(SinkIds ids, Use use) throws IOException, InterruptedException {
    try (Stream<StoredIndicator> active = sink.active(feedId).orElse(Stream.empty())) {
      return use.of(active.map(StoredIndicator::id).filter(ids::isOrphan).iterator());
    } catch (UncheckedIOException e) {
      silent(Objects.requireNonNull(e.getCause()));
      return false;
    }
  }

  /** Returns whether the sink failed to say something. */
  boolean isSilent() {
    return silent;
  }

  private void silent(IOException e) {
    silent = true;
    LOG.warn("{}: the sink could not tell what it holds; it is asked again", feedId, e);
    tally.note("the sink could not tell what it holds: " + e.getMessage());
  }
}
