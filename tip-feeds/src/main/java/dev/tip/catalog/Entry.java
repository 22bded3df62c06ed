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
import dev.tip.format.ListFormat;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
  private @Nullable Post post;
  private boolean plainHttp;
  private List<String> members = List.of();
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
  record Publisher(String name, Terms terms) {
    /** A publisher whose data may be passed on as said, without credit. */
    Publisher(String name, String summary, String reference, boolean commercial, boolean passOn) {
      this(name, new Terms(summary, URI.create(reference), commercial, passOn, null));
    }

    /** Returns the publisher with the text that must stay with the data. */
    Publisher credit(String credit) {
      return new Publisher(
          name,
          new Terms(
              terms.summary(),
              terms.reference(),
              terms.commercialUse(),
              terms.redistribution(),
              credit));
    }
  }

  private record Post(String mediaType, String body) {}

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
    return covers(Coverage.SNAPSHOT, timeToLive, minInterval);
  }

  /** The newest part of the list; what has left it lives so long after it was last seen. */
  Entry window(Duration timeToLive, Duration minInterval) {
    return covers(Coverage.WINDOW, timeToLive, minInterval);
  }

  Entry covers(Coverage coverage, @Nullable Duration timeToLive, Duration minInterval) {
    info.coverage(coverage).timeToLive(timeToLive).minInterval(minInterval);
    return this;
  }

  /** Returns what a healthy list looks like, to say more of it. */
  ContentContract.Builder contract() {
    return contract;
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

  /** The list is served as a web page. */
  Entry html() {
    contract.htmlExpected();
    return this;
  }

  /** The list has no address with TLS that can be trusted. */
  Entry plainHttp() {
    plainHttp = true;
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

  /** The list is an archive, of which the members are read whose names end so. */
  Entry members(String... endings) {
    members = List.of(endings);
    return this;
  }

  /** Asks with a POST. */
  Entry post(String mediaType, String body) {
    post = new Post(mediaType, body);
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

  /** Returns the address that is used with a key, or null. */
  @Nullable String keyedLocation() {
    return keyedLocation;
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
    if (post != null) {
      feed.post(post.mediaType, post.body);
    }
    if (plainHttp) {
      feed.plainHttp();
    }
    if (!members.isEmpty()) {
      feed.members(name -> members.stream().anyMatch(name::endsWith));
    }
    return feed.override(override).build();
  }

  /**
   * Returns the row as a feed description has it: texts, numbers, {@code true}, lists and maps.
   *
   * @return empty if code reads the list, or says what its records state
   */
  Optional<Map<String, Object>> description() {
    if (!(parser instanceof ListFormat format) || format.mapping().isEmpty()) {
      return Optional.empty();
    }
    FeedInfo info = info();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("id", id);
    all.put("name", info.name());
    info.description().ifPresent(text -> all.put("description", text));
    all.put("provider", info.provider());
    all.put("reference", info.reference().toString());
    all.put("terms", terms(info.terms()));
    all.put("types", info.types().stream().map(CyberObservable.Type::stixName).toList());
    all.put("role", info.role().value());
    all.put("confidence", info.confidence().ecsValue());
    if (!confidenceReason.isEmpty()) {
      all.put("confidenceReason", confidenceReason);
    }
    all.put("tlp", info.tlp().ecsValue());
    all.put("coverage", word(info.coverage()));
    info.timeToLive().ifPresent(time -> all.put("timeToLive", time.toString()));
    all.put("interval", info.minInterval().toString());
    info.secretName().ifPresent(secret -> all.put("key", key(secret, info.auth())));
    if (info.status() != Status.ACTIVE) {
      all.put("status", word(info.status()));
      info.statusSince().ifPresent(since -> all.put("statusSince", since.toString()));
      info.statusNote().ifPresent(note -> all.put("statusNote", note));
    }
    all.put("url", location);
    putIf(plainHttp, "plainHttp", true, all);
    putIf(!headers.isEmpty(), "headers", Map.copyOf(headers), all);
    if (post != null) {
      all.put("post", Map.of("mediaType", post.mediaType, "body", post.body));
    }
    putIf(!members.isEmpty(), "members", members, all);
    Map<String, Object> clauses = contract(info.contract());
    putIf(!clauses.isEmpty(), "contract", clauses, all);
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("type", format.type());
    options.putAll(format.options());
    all.put("format", options);
    all.put("indicator", format.mapping().get().properties());
    return Optional.of(all);
  }

  private static Map<String, Object> terms(Terms terms) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("summary", terms.summary());
    all.put("reference", terms.reference().toString());
    all.put("commercialUse", terms.commercialUse());
    all.put("redistribution", terms.redistribution());
    if (terms.credit() != null) {
      all.put("credit", terms.credit());
    }
    return all;
  }

  private Map<String, Object> key(String secret, Auth auth) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("name", secret);
    putIf(auth == Auth.OPTIONAL_KEY, "optional", true, all);
    if (secretHeader != null) {
      all.put("header", secretHeader);
    }
    if (keyedLocation != null) {
      all.put("url", keyedLocation);
    }
    return all;
  }

  private static Map<String, Object> contract(ContentContract contract) {
    Map<String, Object> all = new LinkedHashMap<>();
    contract.marker().ifPresent(marker -> all.put("marker", marker));
    putIf(!contract.mediaTypes().isEmpty(), "mediaTypes", List.copyOf(contract.mediaTypes()), all);
    putIf(contract.htmlExpected(), "html", true, all);
    putIf(contract.mayBeEmpty(), "mayBeEmpty", true, all);
    putIf(contract.declaresRecords(), "counted", true, all);
    ContentContract usual = ContentContract.DEFAULT;
    double rejected = contract.maxRejectedShare();
    putIf(rejected != usual.maxRejectedShare(), "maxRejectedShare", rejected, all);
    double least = contract.minShareOfLast();
    putIf(least != usual.minShareOfLast(), "minShareOfLast", least, all);
    return all;
  }

  private static void putIf(boolean condition, String name, Object value, Map<String, Object> to) {
    if (condition) {
      to.put(name, value);
    }
  }

  /** Returns a constant as a feed description has it. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
