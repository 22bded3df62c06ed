// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.InvalidIndicatorException;
import dev.tip.Software;
import dev.tip.Tlp;
import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedEntry.Accepted;
import dev.tip.feed.FeedEntry.Rejected;
import dev.tip.feed.FeedEntry.Revoked;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedParser;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The format of MISP events: one event, several of them, or attributes without one, as feeds and
 * the REST interface write them. Immutable and thread-safe.
 *
 * <p>An attribute, of an event or of an object in it, is an indicator if it is meant for detection:
 * {@code to_ids}, or, where that is missing, what is usual for its type. Others are left out and
 * not counted. {@code deleted} takes the statement back. A type that is no indicator is rejected
 * ({@code misp-type}), as is a value that does not fit its type.
 *
 * <p>Tags of the event hold for all its attributes; of those about TLP, an attribute's own wins. An
 * attribute waits for the tags of its event, up to {@value #MAX_WAITING} do; behind that, what is
 * not known yet is taken for AMBER+STRICT.
 *
 * <p>A document without attributes where they should be breaks the contract (clause {@code
 * json-path}), as does one that is no JSON (clause {@code json-syntax}).
 *
 * @see <a href="https://www.misp-standard.org/rfc/misp-standard-core.html">MISP core format</a>
 */
public final class MispEvents implements FeedParser {
  static final int MAX_WAITING = 20_000;

  private static final MispEvents INSTANCE = new MispEvents();
  private static final Set<String> NOT_FOR_DETECTION =
      Set.of("External analysis", "Internal reference", "Attribution");
  private static final Set<String> FAMILY_GALAXIES =
      Set.of(
          "android",
          "backdoor",
          "banker",
          "botnet",
          "cryptominers",
          "exploit-kit",
          "malpedia",
          "mitre-malware",
          "mitre-tool",
          "mitre-enterprise-attack-malware",
          "mitre-enterprise-attack-tool",
          "ransomware",
          "rat",
          "stealer",
          "tds",
          "tool");

  private MispEvents() {}

  /** Returns the format. */
  public static MispEvents of() {
    return INSTANCE;
  }

  @Override
  public Iterator<FeedEntry> parse(FeedBody body, FeedInfo feed) throws IOException {
    return new Reader(body, feed);
  }

  /** An attribute, as far as it was read. */
  private static final class Attribute {
    final long position;
    final Map<String, String> texts = new HashMap<>();
    final Set<String> seen = new HashSet<>();
    final List<String> tags = new ArrayList<>();
    List<CyberObservable> observables = List.of();
    int port;
    @Nullable String reason;
    String received = "";
    boolean deleted;

    Attribute(long position) {
      this.position = position;
    }

    @Nullable String text(String name) {
      return texts.get(name);
    }
  }

  private static final class Reader extends JsonElements {
    private final List<Attribute> waiting = new ArrayList<>();
    private final List<Attribute> ofObject = new ArrayList<>();
    private final List<String> eventTags = new ArrayList<>();
    private @Nullable String info;
    private @Nullable String organisation;
    private @Nullable String eventId;
    private boolean objectDeleted;
    private boolean eventSeen;
    private boolean tagsAreCut;

    Reader(FeedBody body, FeedInfo feed) throws IOException {
      super(body, feed);
    }

    /** Returns the path below the event; null for what is outside of events. */
    private static @Nullable String below(String path) {
      String rest = path.startsWith("response.") ? path.substring("response.".length()) : path;
      return rest.startsWith("Event.") ? rest.substring("Event.".length()) : rest;
    }

    private static boolean isEvent(String path) {
      return path.equals("Event") || path.equals("response.Event");
    }

    @Override
    boolean isRecord(String path, boolean element) {
      String place = below(path);
      return element && ("Attribute".equals(place) || "Object.Attribute".equals(place));
    }

    @Override
    void objectBegins(String path) {
      if (isEvent(path)) {
        eventSeen = true;
        eventTags.clear();
        tagsAreCut = false;
        info = null;
        organisation = null;
        eventId = null;
      } else if ("Object".equals(below(path))) {
        objectDeleted = false;
        ofObject.clear();
      }
    }

    @Override
    void objectEnds(String path) {
      if (isEvent(path)) {
        emitWaiting();
      } else if ("Object".equals(below(path))) {
        for (Attribute attribute : ofObject) {
          attribute.deleted |= objectDeleted;
        }
        ofObject.clear();
        emitIfTagged();
      }
    }

    @Override
    void scalarAt(String path) throws IOException {
      String place = below(path);
      if (place == null) {
        return;
      }
      switch (place) {
        case "info" -> info = scalar();
        case "uuid" -> eventId = scalar();
        case "Orgc.name" -> organisation = scalar();
        case "Tag.name" -> {
          String tag = scalar();
          if (tag != null && eventTags.size() < 1000) {
            eventTags.add(tag);
          }
        }
        case "Object.deleted" -> objectDeleted = isTrue(scalar());
        default -> {}
      }
    }

    @Override
    void record() throws IOException {
      Attribute attribute = new Attribute(position());
      fields(name -> field(attribute, name));
      attribute.deleted = isTrue(attribute.text("deleted"));
      attribute.reason = reason();
      boolean damaged = attribute.reason != null && attribute.text("to_ids") == null;
      boolean wanted = damaged || attribute.deleted || isForDetection(attribute);
      if (!wanted) {
        return;
      }
      if (attribute.reason == null) {
        try {
          observables(attribute);
        } catch (InvalidIndicatorException e) {
          attribute.reason = e.reason();
        }
      }
      attribute.received = attribute.reason == null ? "" : text();
      if (waiting.size() == MAX_WAITING) {
        tagsAreCut = true;
        emitWaiting();
      }
      waiting.add(attribute);
      if ("Object.Attribute".equals(below(here()))) {
        ofObject.add(attribute);
      } else {
        emitIfTagged();
      }
    }

    /** Tags come in one array: once one of the event's is known, all that precede are. */
    private void emitIfTagged() {
      if (!eventTags.isEmpty()) {
        emitWaiting();
      }
    }

    private void emitWaiting() {
      Tlp eventTlp = tlp(eventTags);
      Tlp unknown = tagsAreCut ? Tlp.AMBER_STRICT : null;
      for (Attribute attribute : waiting) {
        emit(attribute, eventTlp == null ? unknown : eventTlp);
      }
      waiting.clear();
      ofObject.clear();
    }

    @Override
    void ended() throws IOException {
      emitWaiting();
      if (!eventSeen && position() == 0) {
        throw broken(
            "json-path", "the document has no MISP event: it is an error or no event", null);
      }
    }

    private void field(Attribute attribute, String name) throws IOException {
      switch (name) {
        case "type",
            "category",
            "value",
            "to_ids",
            "deleted",
            "comment",
            "timestamp",
            "first_seen",
            "last_seen",
            "uuid" -> {
          if (!attribute.seen.add(name)) {
            unusable("json-duplicate-field");
          }
          String text = scalar();
          if (text != null) {
            attribute.texts.put(name, text);
          }
        }
        case "Tag" ->
            objects(
                part -> {
                  if (part.equals("name")) {
                    String tag = scalar();
                    if (tag != null) {
                      attribute.tags.add(tag);
                    }
                  } else {
                    json.skipChildren();
                  }
                },
                () -> {});
        default -> {
          json.skipChildren();
          json.finishToken();
        }
      }
    }

    private void emit(Attribute attribute, @Nullable Tlp eventTlp) {
      if (attribute.reason != null) {
        emit(new Rejected(attribute.position, attribute.received, attribute.reason));
        return;
      }
      for (CyberObservable observable : attribute.observables) {
        if (attribute.deleted) {
          emit(new Revoked(attribute.position, observable, "misp-deleted"));
        } else {
          emit(new Accepted(attribute.position, indicator(attribute, observable, eventTlp)));
        }
      }
    }

    private Indicator indicator(
        Attribute attribute, CyberObservable observable, @Nullable Tlp eventTlp) {
      Tlp own = tlp(attribute.tags);
      String comment = attribute.text("comment");
      boolean reference =
          comment != null && comment.startsWith("https://") && comment.indexOf(' ') < 0;
      Indicator.Builder indicator =
          Indicator.builder(observable, feed)
              .tlp(own == null ? eventTlp : own)
              .firstSeen(time(attribute.text("first_seen")))
              .lastSeen(time(attribute.text("last_seen")))
              .modifiedAt(seconds(attribute.text("timestamp")))
              .description(comment == null || reference ? info : comment)
              .provider(organisation)
              .externalId(attribute.text("uuid"))
              .externalId(eventId)
              .reference(reference ? comment : null)
              .port(attribute.port);
      tag(indicator, eventTags);
      tag(indicator, attribute.tags);
      return indicator.build();
    }
  }

  private static void tag(Indicator.Builder indicator, List<String> tags) {
    for (String tag : tags) {
      if (StixMarkings.tlpTag(tag) == null) {
        indicator.tag(tag);
        String family = family(tag);
        if (family != null) {
          indicator.software(family);
        }
      }
    }
  }

  private static @Nullable Tlp tlp(List<String> tags) {
    Tlp strictest = null;
    for (String tag : tags) {
      Tlp tlp = StixMarkings.tlpTag(tag);
      if (tlp != null && (strictest == null || tlp.compareTo(strictest) > 0)) {
        strictest = tlp;
      }
    }
    return strictest;
  }

  /** Returns the family that a tag such as {@code misp-galaxy:rat="AsyncRAT"} names, or null. */
  private static @Nullable String family(String tag) {
    String prefix = "misp-galaxy:";
    int equal = tag.indexOf("=\"");
    if (!tag.startsWith(prefix) || equal < 0 || !tag.endsWith("\"") || tag.length() < equal + 4) {
      return null;
    }
    if (!FAMILY_GALAXIES.contains(tag.substring(prefix.length(), equal))) {
      return null;
    }
    String name = tag.substring(equal + 2, tag.length() - 1);
    // ATT&CK appends its number: "Cobalt Strike - S0154".
    int number = name.lastIndexOf(" - S");
    return number > 0 ? name.substring(0, number) : name;
  }

  private static boolean isTrue(@Nullable String text) {
    return text != null && (text.equals("true") || text.equals("1"));
  }

  private static @Nullable Instant time(@Nullable String text) {
    return text == null ? null : Timestamps.parse(text);
  }

  private static @Nullable Instant seconds(@Nullable String text) {
    long seconds = text == null || text.length() > 11 ? -1 : Numbers.parse(text, 0, text.length());
    return seconds <= 0 ? null : Instant.ofEpochSecond(seconds);
  }

  private static boolean isForDetection(Attribute attribute) {
    String stated = attribute.text("to_ids");
    if (stated != null) {
      return isTrue(stated);
    }
    String type = attribute.text("type");
    String category = attribute.text("category");
    return type != null
        && (category == null || !NOT_FOR_DETECTION.contains(category))
        && isUsual(type);
  }

  /** Returns whether attributes of a type are for detection unless they say otherwise. */
  private static boolean isUsual(String type) {
    return switch (type) {
      case "ip-src",
          "ip-dst",
          "ip-src|port",
          "ip-dst|port",
          "domain",
          "hostname",
          "hostname|port",
          "domain|ip",
          "url",
          "uri",
          "md5",
          "sha1",
          "sha256",
          "sha512",
          "ssdeep",
          "tlsh",
          "imphash",
          "malware-sample",
          "email",
          "email-src",
          "email-dst",
          "regkey",
          "regkey|value",
          "mutex",
          "x509-fingerprint-md5",
          "x509-fingerprint-sha1",
          "x509-fingerprint-sha256",
          "ja3-fingerprint-md5" ->
          true;
      default -> type.startsWith("filename|");
    };
  }

  private static void observables(Attribute attribute) {
    String type = attribute.text("type");
    String value = attribute.text("value");
    if (type == null || value == null) {
      throw new InvalidIndicatorException("field-missing", type == null ? "type" : "value");
    }
    switch (type) {
      case "ip-src|port", "ip-dst|port", "hostname|port" -> {
        // In the interface a colon is allowed as well, which an IPv6 address has too.
        int bar = value.lastIndexOf('|');
        bar = bar < 0 && value.indexOf(':') == value.lastIndexOf(':') ? value.indexOf(':') : bar;
        String host = bar < 0 ? value : value.substring(0, bar);
        attribute.observables = List.of(Observables.host(host));
        if (bar >= 0) {
          String port = value.substring(bar + 1).strip();
          long number = Numbers.parse(port, 0, port.length());
          attribute.port = number > 65_535 ? 0 : (int) number;
        }
      }
      case "domain|ip" -> {
        int bar = value.indexOf('|');
        if (bar < 0) {
          throw new InvalidIndicatorException("misp-composite", value);
        }
        attribute.observables =
            List.of(
                Observables.host(value.substring(0, bar).strip()),
                CyberObservable.ip(value.substring(bar + 1).strip()));
      }
      default -> attribute.observables = List.of(observable(type, value));
    }
  }

  private static CyberObservable observable(String type, String value) {
    return switch (type) {
      case "ip-src", "ip-dst" -> CyberObservable.ip(value.strip());
      case "domain", "hostname", "onion-address" -> Observables.host(value.strip());
      case "url", "uri", "link" -> CyberObservable.url(value);
      case "email", "email-src", "email-dst" -> CyberObservable.emailAddr(value);
      case "regkey" -> CyberObservable.windowsRegistryKey(value, null);
      case "regkey|value" -> {
        int bar = value.indexOf('|');
        yield bar < 0
            ? CyberObservable.windowsRegistryKey(value, null)
            : CyberObservable.windowsRegistryKey(value.substring(0, bar), value.substring(bar + 1));
      }
      case "mutex" -> CyberObservable.mutex(value);
      case "AS" -> CyberObservable.autonomousSystem(value.strip());
      case "mac-address" -> CyberObservable.macAddr(value.strip());
      case "x509-fingerprint-md5", "x509-fingerprint-sha1", "x509-fingerprint-sha256" ->
          CyberObservable.x509Certificate(value.strip());
      case "ja3-fingerprint-md5" ->
          CyberObservable.software(Software.Fingerprint.JA3, value.strip());
      case "malware-sample" -> Observables.file("md5", value);
      default -> {
        String hash = type.startsWith("filename|") ? type.substring("filename|".length()) : type;
        yield Observables.file(hash, value);
      }
    };
  }
}
