// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.Tlp;
import dev.tip.feed.ContentContract;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedInfo.Auth;
import dev.tip.feed.FeedInfo.Coverage;
import dev.tip.feed.FeedInfo.Role;
import dev.tip.feed.FeedInfo.Status;
import dev.tip.feed.FeedParser;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.HttpFeed;
import dev.tip.feed.Terms;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A row of the catalogue. Written once, by {@link Catalogue}. */
final class Entry {
  private final FeedInfo.Builder info;
  private final ContentContract.Builder contract = ContentContract.builder();
  private final String id;
  private final Map<String, String> headers = new LinkedHashMap<>();
  private String location = "";
  private String confidenceReason = "";
  private @Nullable String keyedLocation;
  private @Nullable String secretHeader;
  private @Nullable Predicate<String> members;
  private @Nullable FeedParser parser;

  Entry(String id, String name, Publisher publisher, String reference) {
    this.id = id;
    this.info =
        FeedInfo.builder(id)
            .name(name)
            .provider(publisher.name())
            .terms(publisher.terms())
            .reference(URI.create(reference));
  }

  /** What the table says of all lists of a publisher. */
  record Publisher(String name, Terms terms) {}

  Entry lists(String description, CyberObservable.Type first, CyberObservable.Type... more) {
    info.description(description).types(first, more);
    return this;
  }

  Entry means(Role role, Confidence confidence, String reason) {
    info.role(role).confidence(confidence);
    confidenceReason = reason;
    return this;
  }

  Entry tlp(Tlp tlp) {
    info.tlp(tlp);
    return this;
  }

  /** The whole list, which is believed for so long if it cannot be fetched. */
  Entry snapshot(@Nullable Duration timeToLive, Duration minInterval) {
    info.coverage(Coverage.SNAPSHOT).timeToLive(timeToLive).minInterval(minInterval);
    return this;
  }

  /** The newest part of the list; what has left it lives so long after it was last seen. */
  Entry window(Duration timeToLive, Duration minInterval) {
    info.coverage(Coverage.WINDOW).timeToLive(timeToLive).minInterval(minInterval);
    return this;
  }

  Entry marker(String marker) {
    contract.marker(marker);
    return this;
  }

  /** The list states its number of records. */
  Entry counted() {
    contract.declaresRecords();
    return this;
  }

  Entry mayBeEmpty() {
    contract.mayBeEmpty();
    return this;
  }

  Entry status(Status status, @Nullable LocalDate since, String note) {
    info.status(status, since, note);
    return this;
  }

  Entry auth(Auth auth, String secretName) {
    info.auth(auth, secretName);
    return this;
  }

  Entry keyedLocation(String template) {
    keyedLocation = template;
    return this;
  }

  Entry secretHeader(String name) {
    secretHeader = name;
    return this;
  }

  Entry members(Predicate<String> members) {
    this.members = members;
    return this;
  }

  Entry header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  Entry at(String location, FeedParser parser) {
    this.location = location;
    this.parser = parser;
    info.contract(contract.build());
    return this;
  }

  String id() {
    return id;
  }

  FeedInfo info() {
    return info.build();
  }

  String location() {
    return location;
  }

  String confidenceReason() {
    return confidenceReason;
  }

  FeedParser parser() {
    return Objects.requireNonNull(parser, "parser");
  }

  Feed feed(FeedSettings.@Nullable Override override) {
    HttpFeed.Builder feed = HttpFeed.builder(info()).location(location).parser(parser());
    headers.forEach(feed::header);
    if (keyedLocation != null) {
      feed.keyedLocation(keyedLocation);
    }
    if (secretHeader != null) {
      feed.secretHeader(secretHeader);
    }
    if (members != null) {
      feed.members(members);
    }
    return feed.override(override).build();
  }
}
