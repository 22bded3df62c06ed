// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/**
 * The model of tip, its feed and sink interfaces, fetching, synchronisation and the projection to
 * Elastic Common Schema.
 *
 * <p>Implement {@link dev.tip.feed.FeedProvider} to add feeds and {@link
 * dev.tip.sink.IndicatorSinkProvider} to add a place to store indicators.
 */
@NullMarked
module dev.tip.core {
  requires transitive java.net.http;
  requires org.slf4j;
  requires transitive com.fasterxml.jackson.core;
  requires static transitive org.jspecify;

  exports dev.tip;
  exports dev.tip.ecs;
  exports dev.tip.feed;
  exports dev.tip.screen;
  exports dev.tip.sink;
  exports dev.tip.sync;

  uses dev.tip.feed.FeedProvider;
  uses dev.tip.sink.IndicatorSinkProvider;

  provides dev.tip.sink.IndicatorSinkProvider with
      dev.tip.sink.NdjsonSinkProvider;
}
