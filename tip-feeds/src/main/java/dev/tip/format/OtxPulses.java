// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.File;
import dev.tip.HashAlgorithm;
import dev.tip.Indicator;
import dev.tip.InvalidIndicatorException;
import dev.tip.Software;
import dev.tip.Tlp;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedEntry.Accepted;
import dev.tip.feed.FeedEntry.Declared;
import dev.tip.feed.FeedEntry.Rejected;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedParser;
import dev.tip.feed.FetchState;
import dev.tip.feed.HttpFeed;
import dev.tip.feed.PagedFeed;
import dev.tip.feed.PagedFeed.Page;
import dev.tip.feed.PagedFeed.Pages;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The format of pulses of AlienVault OTX: a page of them, or an array. Immutable and thread-safe.
 *
 * <p>Indicators that are not active are left out. Types that are no indicator here (CVE, YARA,
 * Bitcoin address) are rejected ({@code otx-type}). An expiration ends the indicator. What stands
 * in a pulse holds for all its indicators, so they wait for its end, up to {@value #MAX_WAITING}
 * do; behind that, what is not known yet is left out, and the marking is AMBER+STRICT. A pulse that
 * says it has more indicators than it lists is a rejected record as well ({@code
 * otx-more-indicators}).
 *
 * <p>The page's {@code next} is declared under {@link #NEXT}, a pulse's time under {@link
 * #MODIFIED}.
 */
public final class OtxPulses implements FeedParser {
  /** The key of the declaration where the next page is. */
  public static final String NEXT = "next";

  /** The key of the declaration when a pulse was changed. */
  public static final String MODIFIED = "modified";

  static final int MAX_WAITING = 20_000;

  private static final OtxPulses INSTANCE = new OtxPulses();

  private OtxPulses() {}

  /** Returns the format. */
  public static OtxPulses of() {
    return INSTANCE;
  }

  /**
   * Returns the feed of the pulses that an account has subscribed to.
   *
   * <p>It asks for what was modified since a day before the newest pulse that is stored; the first
   * time, since 90 days ago. Pages elsewhere than on the publisher's server break the contract
   * (clause {@code paging}). The state has the key {@code modified-since} besides those of {@link
   * PagedFeed}.
   *
   * @param info what it is; of incremental coverage
   * @param location the address of the pulses
   * @param requests says of the requests what {@link HttpFeed.Builder} can be told, for example in
   *     which header the key is sent
   * @param clock says what 90 days ago was
   */
  public static Feed feed(
      FeedInfo info, URI location, Consumer<HttpFeed.Builder> requests, Clock clock) {
    Objects.requireNonNull(clock, "clock");
    return PagedFeed.of(
        info, location, requests, last -> new Subscribed(info, location, last, clock));
  }

  @Override
  public Iterator<FeedEntry> parse(FeedBody body, FeedInfo feed) throws IOException {
    return new Reader(body, feed);
  }

  /** An indicator of a pulse, as far as it was read. */
  private static final class Waiting {
    final long position;
    final Map<String, String> texts = new HashMap<>();
    final Set<String> seen = new HashSet<>();
    @Nullable CyberObservable observable;
    @Nullable Confidence ceiling;
    @Nullable String reason;
    String received = "";

    Waiting(long position) {
      this.position = position;
    }
  }

  private static final class Reader extends JsonElements {
    private final List<Waiting> waiting = new ArrayList<>();
    private final Map<String, String> pulse = new HashMap<>();
    private final List<String> tags = new ArrayList<>();
    private final List<String> references = new ArrayList<>();
    private boolean pulseSeen;
    private boolean cut;

    Reader(FeedBody body, FeedInfo feed) throws IOException {
      super(body, feed);
    }

    private static String below(String path) {
      return path.startsWith("results.") ? path.substring("results.".length()) : path;
    }

    @Override
    boolean isRecord(String path, boolean element) {
      return element && below(path).equals("indicators");
    }

    @Override
    void objectBegins(String path) {
      if (path.equals("results")) {
        begin();
      } else if (path.isEmpty()) {
        begin();
      }
    }

    private void begin() {
      pulse.clear();
      tags.clear();
      references.clear();
      cut = false;
    }

    @Override
    void objectEnds(String path) {
      if (path.equals("results") || path.isEmpty()) {
        emitWaiting();
        if ("true".equals(pulse.get("more_indicators"))) {
          emit(new Rejected(position() + 1, pulse.getOrDefault("id", ""), "otx-more-indicators"));
        }
        String modified = pulse.get("modified");
        if (modified != null) {
          emit(new Declared(MODIFIED, modified));
        }
        pulse.clear();
      }
    }

    @Override
    void scalarAt(String path) throws IOException {
      if (path.equals("count") || path.equals("results.count")) {
        return;
      }
      if (path.equals("next")) {
        pulseSeen = true;
        String next = scalar();
        if (next != null) {
          emit(new Declared(NEXT, next));
        }
        return;
      }
      switch (below(path)) {
        case "id",
            "name",
            "description",
            "author_name",
            "modified",
            "tlp",
            "TLP",
            "more_indicators" -> {
          String text = scalar();
          if (text != null) {
            pulse.put(below(path), text);
          }
        }
        case "malware_families", "malware_families.display_name" -> {
          String family = scalar();
          if (family != null) {
            pulse.putIfAbsent("family", family);
          }
        }
        case "tags" -> keep(tags);
        case "references" -> keep(references);
        default -> {}
      }
    }

    private void keep(List<String> texts) throws IOException {
      String text = scalar();
      if (text != null && texts.size() < 1000) {
        texts.add(text);
      }
    }

    @Override
    void record() throws IOException {
      pulseSeen = true;
      Waiting found = new Waiting(position());
      fields(
          name -> {
            switch (name) {
              case "id",
                  "indicator",
                  "type",
                  "created",
                  "description",
                  "title",
                  "expiration",
                  "is_active" -> {
                if (!found.seen.add(name)) {
                  unusable("json-duplicate-field");
                }
                String text = scalar();
                if (text != null) {
                  found.texts.put(name, text);
                }
              }
              default -> {
                json.skipChildren();
                json.finishToken();
              }
            }
          });
      String active = found.texts.get("is_active");
      if (active != null && (active.equals("0") || active.equals("false"))) {
        return;
      }
      found.reason = reason();
      if (found.reason == null) {
        try {
          observe(found);
        } catch (InvalidIndicatorException e) {
          found.reason = e.reason();
        }
      }
      found.received = found.reason == null ? "" : text();
      if (waiting.size() == MAX_WAITING) {
        cut = true;
        emitWaiting();
      }
      waiting.add(found);
    }

    @Override
    void ended() throws IOException {
      emitWaiting();
      if (!pulseSeen && position() == 0) {
        throw broken("json-path", "the document has no pulses: it is an error or no list", null);
      }
    }

    private void emitWaiting() {
      for (Waiting found : waiting) {
        CyberObservable observable = found.observable;
        if (found.reason != null || observable == null) {
          emit(
              new Rejected(
                  found.position,
                  found.received,
                  found.reason == null ? "nothing-stated" : found.reason));
        } else {
          emit(new Accepted(found.position, indicator(found, observable)));
        }
      }
      waiting.clear();
    }

    private Indicator indicator(Waiting found, CyberObservable observable) {
      String marking = pulse.getOrDefault("tlp", pulse.get("TLP"));
      Tlp tlp = marking == null ? null : StixMarkings.tlp(marking);
      Indicator.Builder indicator =
          Indicator.builder(observable, feed)
              .confidence(ceiling(found.ceiling))
              .tlp(tlp == null && cut ? Tlp.AMBER_STRICT : tlp)
              .firstSeen(time(found.texts.get("created")))
              .modifiedAt(time(pulse.get("modified")))
              .validUntil(time(found.texts.get("expiration")))
              .description(
                  found.texts.containsKey("description")
                      ? found.texts.get("description")
                      : pulse.get("name"))
              .software(pulse.get("family"))
              .provider(pulse.get("author_name"))
              .externalId(pulse.get("id"))
              .externalId(found.texts.get("id"))
              .tags(tags);
      references.forEach(indicator::reference);
      return indicator.build();
    }

    private @Nullable Confidence ceiling(@Nullable Confidence ceiling) {
      return ceiling != null && feed.confidence().compareTo(ceiling) > 0 ? ceiling : null;
    }
  }

  private static @Nullable Instant time(@Nullable String text) {
    return text == null ? null : Timestamps.parse(text);
  }

  private static void observe(Waiting found) {
    String type = found.texts.get("type");
    String value = found.texts.get("indicator");
    if (type == null || value == null) {
      throw new InvalidIndicatorException("field-missing", type == null ? "type" : "indicator");
    }
    String text = value.strip();
    found.observable =
        switch (type) {
          case "IPv4", "IPv6", "CIDR" -> CyberObservable.ip(text);
          case "domain", "hostname" -> {
            // Some have a path behind the name.
            int slash = text.indexOf('/');
            yield Observables.host(slash < 0 ? text : text.substring(0, slash));
          }
          case "email" -> CyberObservable.emailAddr(text);
          case "URL", "URI" -> CyberObservable.url(text);
          case "FileHash-MD5" -> CyberObservable.file(HashAlgorithm.MD5, text);
          case "FileHash-SHA1" -> CyberObservable.file(HashAlgorithm.SHA1, text);
          case "FileHash-SHA256" -> CyberObservable.file(HashAlgorithm.SHA256, text);
          case "FileHash-IMPHASH" -> CyberObservable.file(HashAlgorithm.IMPHASH, text);
          case "FilePath" -> {
            found.ceiling = Confidence.LOW;
            yield File.builder().path(text).build();
          }
          case "Mutex" -> CyberObservable.mutex(text);
          case "JA3" -> CyberObservable.software(Software.Fingerprint.JA3, text);
          case "SSLCertFingerprint" -> CyberObservable.x509Certificate(text);
          default -> throw new InvalidIndicatorException("otx-type", type);
        };
  }

  /** The pages of one fetch. */
  private static final class Subscribed implements Pages {
    private static final String SINCE = "modified-since";
    private static final Duration FIRST = Duration.ofDays(90);
    private static final Duration OVERLAP = Duration.ofDays(1);

    private final FeedInfo info;
    private final URI location;
    private final Instant since;
    private final Set<String> asked = new HashSet<>();
    private @Nullable Instant newest;
    private @Nullable Instant cursor;
    private @Nullable String next;

    Subscribed(FeedInfo info, URI location, FetchState last, Clock clock) {
      this.info = info;
      this.location = location;
      Instant stored = last.get(SINCE).map(Timestamps::parse).orElse(null);
      this.cursor = stored;
      // Whole days, so that a request can be the same as the last one.
      this.since =
          stored == null ? clock.instant().minus(FIRST).truncatedTo(ChronoUnit.DAYS) : stored;
    }

    @Override
    public @Nullable Page next() throws FeedException {
      String address;
      if (asked.isEmpty()) {
        String separator = location.getRawQuery() == null ? "?" : "&";
        address =
            location
                + separator
                + "modified_since="
                + since.toString().replace("Z", "").replace(":", "%3A");
      } else if (next == null) {
        // Pulses are not in the order of their times, so only a whole walk moves on.
        cursor = newest == null ? cursor : newest.minus(OVERLAP);
        return null;
      } else {
        address = next;
        URI target = uri(address);
        if (target == null
            || !Objects.equals(target.getScheme(), location.getScheme())
            || !Objects.equals(target.getRawAuthority(), location.getRawAuthority())) {
          throw paging("leads to another server");
        }
      }
      if (!asked.add(address)) {
        throw paging("leads back to where we were");
      }
      next = null;
      return new Page(URI.create(address), "page " + asked.size(), INSTANCE, true);
    }

    private FeedException paging(String how) {
      return FeedException.contractBroken(
          info.id(), "paging", "the address of the next page " + how, null);
    }

    private static @Nullable URI uri(String text) {
      try {
        return URI.create(text);
      } catch (IllegalArgumentException e) {
        return null;
      }
    }

    @Override
    public void declared(Declared declared) {
      if (declared.key().equals(NEXT)) {
        next = declared.value();
      } else if (declared.key().equals(MODIFIED)) {
        Instant modified = Timestamps.parse(declared.value());
        if (modified != null && (newest == null || modified.isAfter(newest))) {
          newest = modified;
        }
      }
    }

    @Override
    public Map<String, String> cursor() {
      return cursor == null ? Map.of() : Map.of(SINCE, cursor.toString());
    }
  }
}
