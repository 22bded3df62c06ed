// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.feed.FeedInfo;

/** A record of a list, while it is read: valid only until its mapper returns. Not thread-safe. */
public abstract sealed class FeedRecord permits Fields, Line {
  private final FeedInfo feed;
  private final String bodyName;
  private long position;

  FeedRecord(FeedInfo feed, String bodyName) {
    this.feed = feed;
    this.bodyName = bodyName;
  }

  /** Returns the feed that the list belongs to. */
  public final FeedInfo feed() {
    return feed;
  }

  /**
   * Returns the name of the body, or of the archive member, that the record stands in; it is the
   * publisher's text and never a path of this machine.
   */
  public final String bodyName() {
    return bodyName;
  }

  /** Returns the number of the line or record, from 1. */
  public final long position() {
    return position;
  }

  final void position(long position) {
    this.position = position;
  }

  /** Returns a builder of a statement of the feed about the observable. */
  public final Indicator.Builder indicator(CyberObservable observable) {
    return Indicator.builder(observable, feed);
  }
}
