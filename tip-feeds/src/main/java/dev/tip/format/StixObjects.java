// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.File;
import dev.tip.HashAlgorithm;
import dev.tip.Indicator;
import dev.tip.InvalidIndicatorException;
import dev.tip.Tlp;
import dev.tip.X509Certificate;
import dev.tip.feed.FeedBody;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedEntry.Accepted;
import dev.tip.feed.FeedEntry.Declared;
import dev.tip.feed.FeedEntry.Rejected;
import dev.tip.feed.FeedEntry.Revoked;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedParser;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The format of STIX 2.0 and 2.1 objects: a bundle, a TAXII 2.1 envelope, or an array of objects.
 * Immutable and thread-safe.
 *
 * <p>Indicators are read, each of which can state several observables. Their patterns are read by
 * the grammar of STIX 2.1; what an indicator of ours cannot say is rejected, with a reason that
 * begins with {@code stix-}. {@code revoked} takes the statement back, {@code valid_until} ends it.
 * Identities and markings of the same document are resolved, wherever they stand in it; an
 * indicator waits for them, up to a thousand do. All other objects are skipped.
 *
 * <p>An object that is damaged is rejected ({@code json-field-type}, {@code json-duplicate-field},
 * {@code json-array-too-long}, {@code json-record-too-long}); a document that is no JSON breaks the
 * contract (clause {@code json-syntax}), as does one that has no objects where they should be
 * (clause {@code json-path}).
 *
 * <p>The envelope's {@code more} and {@code next} are declared under these names.
 *
 * @see <a href="https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html">STIX 2.1</a>
 */
public final class StixObjects implements FeedParser {
  /** The key of the declaration that a TAXII envelope has more behind it. */
  public static final String MORE = "more";

  /** The key of the declaration where a TAXII envelope goes on. */
  public static final String NEXT = "next";

  private static final int MAX_WAITING = 1000;
  private static final int MAX_IDENTITIES = 10_000;
  private static final int MAX_CONFIDENCE = 100;

  private final boolean observables;

  private StixObjects(boolean observables) {
    this.observables = observables;
  }

  /** Returns the format that reads indicators. */
  public static StixObjects indicators() {
    return new StixObjects(false);
  }

  /**
   * Returns the format that reads indicators, and takes cyber-observables for indicators too: for
   * publishers whose documents list what is malicious and nothing else.
   */
  public static StixObjects indicatorsAndObservables() {
    return new StixObjects(true);
  }

  @Override
  public Iterator<FeedEntry> parse(FeedBody body, FeedInfo feed) throws IOException {
    return new Reader(body, feed);
  }

  /** The fields of an object that are of use, whatever its type turns out to be. */
  private static final class StixObject {
    final Map<String, String> texts = new HashMap<>();
    final Set<String> seen = new HashSet<>();
    final Map<String, String> hashes = new HashMap<>();
    final List<String> tags = new ArrayList<>();
    final List<String> references = new ArrayList<>();
    final List<String> externalIds = new ArrayList<>();
    List<String> markings = List.of();
    @Nullable String tlp;
    long position;
    String received = "";
    @Nullable String reason;

    String type() {
      return texts.getOrDefault("type", "");
    }

    @Nullable String text(String name) {
      return texts.get(name);
    }

    @Nullable Instant time(String name) {
      String text = texts.get(name);
      if (text == null) {
        return null;
      }
      Instant time = Timestamps.parse(text);
      if (time == null) {
        throw new InvalidIndicatorException("time-syntax", text);
      }
      return time;
    }
  }

  private final class Reader extends JsonElements {
    private final StixMarkings markings = new StixMarkings();
    private final Map<String, String> identities = new HashMap<>();
    private final ArrayDeque<StixObject> waiting = new ArrayDeque<>();
    private boolean foreign;

    Reader(FeedBody body, FeedInfo feed) throws IOException {
      super(body, feed);
    }

    @Override
    boolean isRecord(String path, boolean element) {
      // The elements of a bare array have no name on their way; neither has the document itself.
      return element && (path.isEmpty() || path.equals("objects"));
    }

    @Override
    void objectBegins(String path) {
      foreign |= !path.isEmpty();
    }

    @Override
    void scalarAt(String path) throws IOException {
      switch (path) {
        case MORE, NEXT -> {
          String value = scalar();
          if (value != null) {
            emit(new Declared(path, value));
          }
        }
        case "type", "id", "spec_version" -> {}
        default -> foreign = true;
      }
    }

    @Override
    void record() throws IOException {
      StixObject object = new StixObject();
      object.position = position();
      fields(name -> field(object, name));
      object.reason = reason();
      switch (object.type()) {
        case "indicator" -> await(object);
        case "marking-definition" -> {
          String id = object.text("id");
          if (id != null) {
            markings.define(id, object.tlp == null ? null : StixMarkings.tlp(object.tlp));
          }
        }
        case "identity" -> {
          String id = object.text("id");
          String name = object.text("name");
          if (id != null && name != null && identities.size() < MAX_IDENTITIES) {
            identities.put(id, name);
          }
        }
        case "" -> {
          object.reason = "stix-type";
          await(object);
        }
        default -> {
          if (observables && isObservable(object.type())) {
            await(object);
          }
        }
      }
      emitResolved();
    }

    @Override
    void notAnObject(String why) {
      StixObject object = new StixObject();
      object.position = position();
      object.reason = why;
      await(object);
      emitResolved();
    }

    private void await(StixObject object) {
      object.received = text();
      waiting.add(object);
    }

    private void emitResolved() {
      while (!waiting.isEmpty()
          && (waiting.size() > MAX_WAITING || isResolved(waiting.getFirst()))) {
        emit(waiting.removeFirst());
      }
    }

    private boolean isResolved(StixObject object) {
      String creator = object.text("created_by_ref");
      return object.reason != null
          || (creator == null || identities.containsKey(creator))
              && object.markings.stream().allMatch(markings::isKnown);
    }

    @Override
    void ended() throws IOException {
      while (!waiting.isEmpty()) {
        emit(waiting.removeFirst());
      }
      if (position() == 0 && foreign) {
        throw broken(
            "json-path", "the document has no STIX objects: it is an error or no list", null);
      }
    }

    private void field(StixObject object, String name) throws IOException {
      if (!object.seen.add(name)) {
        json.skipChildren();
        unusable("json-duplicate-field");
        return;
      }
      switch (name) {
        case "type",
            "id",
            "name",
            "description",
            "pattern",
            "pattern_type",
            "created_by_ref",
            "modified",
            "valid_from",
            "valid_until",
            "revoked",
            "confidence",
            "value",
            "key",
            "number",
            "account_login",
            "user_id" -> {
          String text = scalar();
          if (text != null) {
            object.texts.put(name, text);
          }
        }
        case "labels", "indicator_types" -> object.tags.addAll(scalars());
        case "object_marking_refs" -> object.markings = scalars();
        case "kill_chain_phases" ->
            objects(part -> keep(part, "phase_name", object.tags), () -> {});
        case "external_references" -> objects(part -> reference(object, part), () -> {});
        case "hashes" -> hashes(object);
        case "definition" -> marking(object, "tlp");
        case "extensions" -> extensions(object);
        default -> {
          json.skipChildren();
          json.finishToken();
        }
      }
    }

    private void keep(String field, String wanted, List<String> to) throws IOException {
      if (field.equals(wanted)) {
        String text = scalar();
        if (text != null) {
          to.add(text);
        }
      } else {
        json.skipChildren();
      }
    }

    private void reference(StixObject object, String field) throws IOException {
      keep(
          field,
          field.equals("url") ? "url" : "external_id",
          field.equals("url") ? object.references : object.externalIds);
    }

    private void hashes(StixObject object) throws IOException {
      if (!json.isExpectedStartObjectToken()) {
        json.skipChildren();
        return;
      }
      fields(
          algorithm -> {
            String digest = scalar();
            if (digest != null && object.hashes.size() < 32) {
              object.hashes.put(algorithm, digest);
            }
          });
    }

    private void marking(StixObject object, String field) throws IOException {
      if (!json.isExpectedStartObjectToken()) {
        json.skipChildren();
        return;
      }
      fields(
          name -> {
            if (name.equals(field)) {
              object.tlp = scalar();
            } else {
              json.skipChildren();
            }
          });
    }

    /** TLP 2.0 is an extension of markings; the extension's id is not needed to know it. */
    private void extensions(StixObject object) throws IOException {
      if (!json.isExpectedStartObjectToken()) {
        json.skipChildren();
        return;
      }
      fields(extension -> marking(object, "tlp_2_0"));
    }

    private void emit(StixObject object) {
      if (object.reason != null) {
        reject(object, object.reason);
        return;
      }
      try {
        boolean revoked = "true".equals(object.text("revoked"));
        for (StixStatements.Statement statement : statements(object)) {
          CyberObservable observable = statement.observable();
          if (observable == null) {
            reject(object, statement.reason());
          } else if (revoked) {
            emit(new Revoked(object.position, observable, "stix-revoked"));
          } else {
            emit(new Accepted(object.position, indicator(object, statement, observable)));
          }
        }
      } catch (InvalidIndicatorException e) {
        reject(object, e.reason());
      }
    }

    private void reject(StixObject object, String reason) {
      emit(new Rejected(object.position, object.received, reason));
    }

    private Indicator indicator(
        StixObject object, StixStatements.Statement statement, CyberObservable observable) {
      Tlp tlp = markings.strictest(object.markings);
      String creator = object.text("created_by_ref");
      Indicator.Builder indicator =
          Indicator.builder(observable, feed)
              .confidence(confidence(object, statement.ceiling()))
              .tlp(tlp)
              .firstSeen(object.time("valid_from"))
              .modifiedAt(object.time("modified"))
              .validUntil(object.time("valid_until"))
              .description(
                  object.text("description") != null
                      ? object.text("description")
                      : object.text("name"))
              .provider(creator == null ? null : identities.get(creator))
              .externalId(object.text("id"))
              .tags(object.tags);
      object.references.forEach(indicator::reference);
      object.externalIds.forEach(indicator::externalId);
      statement.ports().forEach(indicator::port);
      return indicator.build();
    }

    private @Nullable Confidence confidence(StixObject object, @Nullable Confidence ceiling) {
      String score = object.text("confidence");
      Confidence confidence = null;
      if (score != null) {
        long number = Numbers.parse(score, 0, score.length());
        if (number < 0 || number > MAX_CONFIDENCE) {
          throw new InvalidIndicatorException("score-range", score);
        }
        confidence = Confidence.ofScore((int) number);
      }
      if (ceiling == null) {
        return confidence;
      }
      Confidence stated = confidence == null ? feed.confidence() : confidence;
      return stated.compareTo(ceiling) > 0 ? ceiling : stated;
    }
  }

  private static List<StixStatements.Statement> statements(StixObject object) {
    if (!object.type().equals("indicator")) {
      return List.of(StixStatements.Statement.of(observable(object)));
    }
    String patternType = object.text("pattern_type");
    if (patternType != null && !patternType.equals("stix")) {
      throw new InvalidIndicatorException("stix-pattern-type", patternType);
    }
    String pattern = object.text("pattern");
    if (pattern == null) {
      throw new InvalidIndicatorException("field-missing", "pattern");
    }
    return StixStatements.of(StixPatternReader.read(pattern));
  }

  private static boolean isObservable(String type) {
    return switch (type) {
      case "ipv4-addr",
          "ipv6-addr",
          "domain-name",
          "url",
          "email-addr",
          "file",
          "artifact",
          "x509-certificate",
          "autonomous-system",
          "windows-registry-key",
          "mutex",
          "user-account",
          "mac-addr" ->
          true;
      default -> false;
    };
  }

  private static CyberObservable observable(StixObject object) {
    return switch (object.type()) {
      case "ipv4-addr", "ipv6-addr" -> CyberObservable.ip(require(object, "value"));
      case "domain-name" -> Observables.host(require(object, "value"));
      case "url" -> CyberObservable.url(require(object, "value"));
      case "email-addr" -> CyberObservable.emailAddr(require(object, "value"));
      case "mac-addr" -> CyberObservable.macAddr(require(object, "value"));
      case "mutex" -> CyberObservable.mutex(require(object, "name"));
      case "autonomous-system" -> CyberObservable.autonomousSystem(require(object, "number"));
      case "windows-registry-key" ->
          CyberObservable.windowsRegistryKey(require(object, "key"), null);
      case "user-account" ->
          CyberObservable.userAccount(
              require(object, object.text("user_id") == null ? "account_login" : "user_id"));
      case "x509-certificate" -> X509Certificate.of(hashes(object));
      case "file", "artifact" -> {
        File.Builder file = File.builder();
        Map<HashAlgorithm, String> hashes = hashes(object);
        hashes.forEach(file::hash);
        String name = object.text("name");
        if (name != null && hashes.isEmpty()) {
          file.name(name);
        }
        yield file.build();
      }
      default -> throw new AssertionError(object.type());
    };
  }

  private static Map<HashAlgorithm, String> hashes(StixObject object) {
    Map<HashAlgorithm, String> hashes = new EnumMap<>(HashAlgorithm.class);
    object.hashes.forEach(
        (name, digest) -> {
          HashAlgorithm algorithm = Observables.hashAlgorithm(name);
          if (algorithm != null) {
            hashes.put(algorithm, digest);
          }
        });
    return hashes;
  }

  private static String require(StixObject object, String name) {
    String text = object.text(name);
    if (text == null) {
      throw new InvalidIndicatorException("field-missing", name);
    }
    return text;
  }
}
