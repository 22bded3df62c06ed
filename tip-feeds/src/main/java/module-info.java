// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/** Parsers of list formats, and the catalogue of public threat feeds. */
@NullMarked
module dev.tip.feeds {
  requires transitive dev.tip.core;
  requires com.fasterxml.jackson.core;
  requires java.xml;
  requires static org.jspecify;

  exports dev.tip.catalog;
  exports dev.tip.format;
  exports dev.tip.taxii;

  provides dev.tip.feed.FeedProvider with
      dev.tip.catalog.DocumentFeeds,
      dev.tip.catalog.PublicFeeds,
      dev.tip.taxii.TaxiiFeeds;
}
