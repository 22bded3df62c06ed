// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.ecs;

import com.fasterxml.jackson.core.io.SerializedString;
import dev.tip.feed.FeedInfo;

/** What is the same in all documents of a feed, encoded once. */
final class FeedFields {
  final FeedInfo feed;
  final SerializedString module;
  final SerializedString dataset;
  final SerializedString provider;
  final SerializedString reference;
  final SerializedString role;
  final SerializedString threatFeed;
  final SerializedString tipFeed;

  FeedFields(FeedInfo feed) {
    this.feed = feed;
    // Elastic's prebuilt rules take every module that starts with ti_ and match source.ip too:
    // a list of scanners there would alert on every scan of a public host.
    String moduleName = feed.role().isHighSignal() ? "ti_tip" : "tip";
    module = new SerializedString(moduleName);
    dataset = new SerializedString(moduleName + '.' + feed.id());
    provider = new SerializedString(DocumentWriter.wellFormed(feed.provider()));
    reference = new SerializedString(DocumentWriter.wellFormed(feed.reference().toString()));
    role = new SerializedString(feed.role().value());
    StringBuilder json = new StringBuilder();
    json.append("{\"name\":").append(quoted(DocumentWriter.wellFormed(feed.name())));
    json.append(",\"reference\":").append(quoted(reference.getValue()));
    feed.description()
        .ifPresent(
            text ->
                json.append(",\"description\":").append(quoted(DocumentWriter.wellFormed(text))));
    threatFeed = new SerializedString(json.append('}').toString());
    StringBuilder own = new StringBuilder("{\"id\":").append(quoted(feed.id()));
    String credit = feed.terms().credit();
    if (credit != null) {
      own.append(",\"credit\":").append(quoted(DocumentWriter.wellFormed(credit)));
    }
    tipFeed = new SerializedString(own.append('}').toString());
  }

  private static String quoted(String text) {
    return '"' + new String(new SerializedString(text).asQuotedChars()) + '"';
  }
}
