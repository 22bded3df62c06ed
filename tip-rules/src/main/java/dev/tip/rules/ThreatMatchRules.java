// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import dev.tip.Confidence;
import dev.tip.HashAlgorithm;
import dev.tip.feed.FeedInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rules that alert on the indicators tip writes.
 *
 * <p>There is one rule per kind of indicator, source of events and confidence, because Kibana takes
 * severity from the rule and never from the indicator: {@code High} gives severity high, {@code
 * Medium} medium, anything less none. Each mapped field exists in every index the rule reads; one
 * that does not would make Kibana compare document by document.
 */
public final class ThreatMatchRules {
  /** The tag of all rules of the set, by which {@link KibanaRules} knows them again. */
  public static final String TAG = "Data Source: tip";

  /** RFC 9562 appendix C: the name space of URLs. */
  static final UUID URL_NAMESPACE = UUID.fromString("6ba7b811-9dad-11d1-80b4-00c04fd430c8");

  private static final String ID_PREFIX = "https://tip.example/rules/";

  /**
   * One less than the limit: at the limit itself the checks of detection-rules ask for a sentence
   * of Elastic's in the rule, and one alert in a thousand is not worth it.
   */
  private static final int MAX_SIGNALS = ThreatMatchRule.MAX_SIGNALS_LIMIT - 1;

  private static final String ADDRESSES = "(\"ipv4-addr\" or \"ipv6-addr\")";

  private static final Set<FeedInfo.Role> HIGH_SIGNAL = highSignal();

  private ThreatMatchRules() {}

  private static Set<FeedInfo.Role> highSignal() {
    Set<FeedInfo.Role> roles = EnumSet.allOf(FeedInfo.Role.class);
    roles.removeIf(role -> !role.isHighSignal());
    return roles;
  }

  /**
   * Returns the whole set, in a fixed order.
   *
   * @param options what differs between installations
   */
  public static List<ThreatMatchRule> standard(Options options) {
    List<ThreatMatchRule> rules = new ArrayList<>();
    for (Band band : List.of(Band.HIGH, Band.MEDIUM)) {
      for (EventSource source : options.index.keySet()) {
        sought(source).forEach(what -> rules.add(rule(what, source, band, options)));
      }
    }
    for (EventSource source : options.index.keySet()) {
      if (source.tellsOfConnections()) {
        rules.add(rule(scanner(), source, Band.NOISE, options));
      }
      if (source.tellsWhoOpened()) {
        rules.add(rule(inbound(), source, Band.INBOUND, options));
      }
    }
    return List.copyOf(rules);
  }

  /**
   * Returns the set without the rules that find nothing but what Elastic's prebuilt rules find as
   * well, in the same order. It takes for granted that those are installed and enabled; {@link
   * KibanaRules.Profile#COMPLEMENT} asks Kibana. What reads the events of a data view stays.
   *
   * @param options what differs between installations
   */
  public static List<ThreatMatchRule> complement(Options options) {
    return standard(options).stream()
        .filter(rule -> PrebuiltRule.RELEASED.stream().noneMatch(other -> other.covers(rule)))
        .toList();
  }

  /**
   * Returns rules as the body of Kibana's rule import: one JSON object a line. Its part of the
   * request must have a file name that ends in {@code .ndjson}.
   */
  public static String toNdjson(Collection<? extends DetectionRule> rules) {
    return rules.stream().map(rule -> rule.toJson() + "\n").collect(Collectors.joining());
  }

  /**
   * What a rule looks for, whatever the source of events.
   *
   * @param key what the rule is called after, such as {@code ip}
   * @param only what the key ends in, before the band
   * @param name the title; goes on with the source of events
   * @param description a sentence with a gap for the confidence
   * @param types the STIX types of indicators, as in KQL
   * @param roles the feeds whose indicators count
   * @param mapping pairs of fields; one of them is enough
   * @param note the investigation guide
   */
  private record Sought(
      String key,
      String only,
      String name,
      String description,
      String types,
      Set<FeedInfo.Role> roles,
      List<ThreatMapping> mapping,
      String note) {}

  private static List<Sought> sought(EventSource source) {
    return switch (source) {
      case AUDITBEAT, FIM, DEFEND_PROCESS, DEFEND_LIBRARY, DEFEND_FILE ->
          source.files().stream()
              .flatMap(files -> source.hashes().stream().map(hashes -> files(files, hashes)))
              .toList();
      case PACKETS, DEFEND_NETWORK, NETFLOW -> List.of(address(), network());
      case DEFEND_REGISTRY -> List.of(registry());
      case EMAIL -> List.of(email());
      case DNS -> List.of(domain("dns.question.name"));
      case TLS -> List.of(domain("tls.client.server_name"), certificate(), ja3(), ja3s());
      case HTTP -> List.of(domain("url.domain"), url());
    };
  }

  private static Sought files(EventSource.Files files, List<HashAlgorithm> hashes) {
    HashAlgorithm only = hashes.size() == 1 ? hashes.get(0) : null;
    return new Sought(
        "hash",
        only == null ? "" : "_" + only.ecsName(),
        "File%s Hash in".formatted(only == null ? "" : " " + only.name()),
        files.phrase()
            + " a file whose hash is on a threat list with %s confidence as malware or as part of"
            + " an attack.",
        "\"file\"",
        HIGH_SIGNAL,
        hashes.stream()
            .map(HashAlgorithm::ecsName)
            .map(h -> ThreatMapping.of(files.field() + h, "threat.indicator.file.hash." + h))
            .toList(),
        RuleTexts.hashNote());
  }

  private static Sought address() {
    return new Sought(
        "ip",
        "",
        "Address Contacted in",
        "A host of yours opened a connection to an address that is on a threat list with %s"
            + " confidence for command and control, malware distribution or phishing.",
        ADDRESSES,
        HIGH_SIGNAL,
        List.of(ThreatMapping.of("destination.ip", "threat.indicator.ip")),
        RuleTexts.networkNote());
  }

  private static Sought network() {
    Set<FeedInfo.Role> roles = EnumSet.copyOf(HIGH_SIGNAL);
    // Networks under criminal control, such as those on Spamhaus DROP, are listed for their repute.
    roles.add(FeedInfo.Role.REPUTATION);
    return new Sought(
        "cidr",
        "",
        "Network Contacted in",
        "A host of yours opened a connection into a network that is on a threat list with %s"
            + " confidence, for example one that criminals have taken over or rent as a whole.",
        ADDRESSES,
        roles,
        List.of(ThreatMapping.of("destination.ip", "tip.indicator.cidr")),
        RuleTexts.networkNote());
  }

  /** Exactly the listed name: the names below it and above it may belong to others. */
  private static Sought domain(String field) {
    return new Sought(
        "domain",
        "",
        "Domain Name in",
        "A host of yours asked for a domain name that is on a threat list with %s confidence for"
            + " command and control, malware distribution or phishing.",
        // The document of a URL holds its host in the same field, and that host may be anybody's.
        "\"domain-name\"",
        HIGH_SIGNAL,
        List.of(ThreatMapping.of(field, "threat.indicator.url.domain")),
        RuleTexts.nameNote());
  }

  private static Sought url() {
    return new Sought(
        "url",
        "",
        "URL in",
        "A host of yours requested a URL that is on a threat list with %s confidence for malware"
            + " distribution or phishing.",
        "\"url\"",
        HIGH_SIGNAL,
        List.of(ThreatMapping.of("url.full", "threat.indicator.url.full")),
        RuleTexts.nameNote());
  }

  private static Sought certificate() {
    return new Sought(
        "certificate",
        "",
        "Server Certificate in",
        "A host of yours connected to a server whose certificate is on a threat list with %s"
            + " confidence, for example as one of a malware's command and control.",
        "\"x509-certificate\"",
        HIGH_SIGNAL,
        List.of(ThreatMapping.of("tls.server.hash.sha1", "tip.indicator.tls.server.hash.sha1")),
        RuleTexts.networkNote());
  }

  private static Sought ja3() {
    return new Sought(
        "ja3",
        "",
        "TLS Client Fingerprint in",
        "A program on a host of yours opened a TLS connection in the way that a threat list with"
            + " %s confidence gives for malware. Other programs with the same TLS library and"
            + " settings do it in the same way.",
        "\"software\"",
        HIGH_SIGNAL,
        List.of(ThreatMapping.of("tls.client.ja3", "tip.indicator.tls.client.ja3")),
        RuleTexts.networkNote());
  }

  private static Sought ja3s() {
    return new Sought(
        "ja3s",
        "",
        "TLS Server Fingerprint in",
        "A host of yours opened a TLS connection that the server answered in the way that a threat"
            + " list with %s confidence gives for malware. Other servers with the same TLS library"
            + " and settings answer in the same way.",
        "\"software\"",
        HIGH_SIGNAL,
        List.of(ThreatMapping.of("tls.server.ja3s", "tip.indicator.tls.server.ja3s")),
        RuleTexts.networkNote());
  }

  /** Of the addresses in a mail the one field that every source has. */
  private static Sought email() {
    return new Sought(
        "email",
        "",
        "Sender Address in",
        "A mail came from an address that is on a threat list with %s confidence, for example for"
            + " phishing.",
        "\"email-addr\"",
        HIGH_SIGNAL,
        List.of(ThreatMapping.of("email.from.address", "threat.indicator.email.address")),
        RuleTexts.mailNote());
  }

  private static Sought registry() {
    return new Sought(
        "registry",
        "",
        "Registry Path in",
        "A process wrote to a path of the Windows registry that is on a threat list with %s"
            + " confidence as a trace of malware.",
        "\"windows-registry-key\"",
        HIGH_SIGNAL,
        List.of(ThreatMapping.of("registry.path", "threat.indicator.registry.path")),
        RuleTexts.registryNote());
  }

  private static Sought inbound() {
    return new Sought(
        "ip",
        "",
        "Inbound Connection in",
        "A connection came in from an address that is on a threat list for command and control,"
            + " malware distribution or phishing. Hosts that are open to the Internet see this"
            + " every day; the rule is disabled and meant for networks where it is news.",
        ADDRESSES,
        HIGH_SIGNAL,
        List.of(ThreatMapping.of("source.ip", "threat.indicator.ip")),
        RuleTexts.inboundNote());
  }

  private static Sought scanner() {
    return new Sought(
        "ip",
        "",
        "Scanner or Anonymiser Contacted in",
        "A host of yours opened a connection to an address that is listed for scanning, as exit of"
            + " an anonymising network or for bad repute. On most networks this is everyday"
            + " traffic; the rule is disabled and meant for those where it is not.",
        ADDRESSES,
        EnumSet.complementOf(EnumSet.copyOf(HIGH_SIGNAL)),
        List.of(ThreatMapping.of("destination.ip", "threat.indicator.ip")),
        RuleTexts.networkNote());
  }

  private static ThreatMatchRule rule(
      Sought sought, EventSource source, Band band, Options options) {
    String key = "threat_list_" + sought.key + "_" + source.key + sought.only + band.suffix;
    String name = options.isDefaultThreatIndex() ? key : key + "?" + options.threatIndex;
    ThreatMatchRule.Builder rule =
        ThreatMatchRule.builder(key)
            .ruleId(nameUuid(URL_NAMESPACE, ID_PREFIX + name).toString())
            .name("%s %s %s%s".formatted(options.namePrefix, sought.name, source.title, band.title))
            .description(sought.description.formatted(band.adjective()))
            .severity(options.severity(band))
            .enabled(band.severity != Severity.LOW)
            .exceptions(options.exceptions.toArray(ExceptionList[]::new))
            .author(options.author)
            .license(options.license)
            .query(
                QueryLanguage.KUERY,
                source.query(anyExists(sought.mapping, ThreatMapping.Entry::field)))
            .integrations(source.integrations.toArray(String[]::new))
            .threatIndex(options.threatIndex)
            .threatQuery(
                QueryLanguage.KUERY,
                indicators(sought, band)
                    + " and "
                    + anyExists(sought.mapping, ThreatMapping.Entry::value))
            .threatFilter("event.category", "threat")
            .threatFilter("event.kind", "enrichment")
            .threatFilter("event.type", "indicator")
            .threatMapping(sought.mapping.toArray(ThreatMapping[]::new))
            .interval(options.interval)
            .from(options.from)
            .maxSignals(MAX_SIGNALS)
            .tags(source.tags.toArray(String[]::new))
            .tags(
                "Use Case: Threat Detection",
                TAG,
                "Rule Type: Indicator Match",
                "Resources: Investigation Guide")
            .references(
                "https://www.elastic.co/docs/solutions/security/detect-and-alert/indicator-match")
            .note(sought.note)
            .setup(RuleTexts.setup(source, options.threatIndex))
            .timeline("495ad7a7-316e-4544-8a0f-9c098daee76e", "Generic Threat Match Timeline")
            .timestampOverride("event.ingested")
            .dates(RuleDates.CREATED, RuleDates.updated(key));
    String dataView = options.dataViews.get(source);
    if (dataView == null) {
      rule.index(options.patterns(source));
    } else {
      rule.dataViewId(dataView);
    }
    if (options.suppression != null) {
      rule.alertSuppression(
          AlertSuppression.by(source.suppressedBy(sought.mapping)).over(options.suppression));
    }
    if (sought.key.equals("certificate") || sought.key.startsWith("ja3")) {
      rule.threat(
              AttackTactic.of("TA0011", "Command and Control")
                  .technique("T1573", "Encrypted Channel"))
          .tags("Tactic: Command and Control");
    }
    if (band == Band.INBOUND) {
      rule.falsePositives(
          "Who is listed also visits web sites, sends mail and scans, like everybody else; a host"
              + " that is open to the Internet meets him.");
    }
    if (band == Band.NOISE) {
      rule.falsePositives(
          "Mail and web servers answer or fetch from such hosts in normal operation, and users of"
              + " an anonymising network reach its exits.");
    }
    return rule.build();
  }

  /** Which module an indicator has follows from the role of its feed, see {@code EcsEncoder}. */
  private static String indicators(Sought sought, Band band) {
    List<String> modules = new ArrayList<>();
    if (sought.roles.stream().anyMatch(FeedInfo.Role::isHighSignal)) {
      modules.add("ti_tip");
    }
    if (!HIGH_SIGNAL.containsAll(sought.roles)) {
      modules.add("tip");
    }
    return "@timestamp >= \"now-30d/d\" and event.module:"
        + anyOf(modules)
        + " and tip.status:active and tip.indicator.role:("
        + String.join(" or ", phrases(sought.roles.stream().map(FeedInfo.Role::value)))
        + ") and threat.indicator.type:"
        + sought.types
        + " and threat.indicator.confidence:"
        + anyOf(phrases(band.confidences.stream().map(Confidence::ecsValue)));
  }

  private static List<String> phrases(Stream<String> values) {
    return values.map(KqlQuery::phrase).toList();
  }

  private static String anyExists(
      List<ThreatMapping> mapping, Function<ThreatMapping.Entry, String> side) {
    return anyOf(mapping.stream().map(m -> side.apply(m.entries().get(0)) + ":*").toList());
  }

  private static String anyOf(List<String> values) {
    String any = String.join(" or ", values);
    return values.size() == 1 ? any : "(" + any + ")";
  }

  /** Returns the UUID of version 5 for a name in a name space, RFC 9562 section 5.5. */
  static UUID nameUuid(UUID namespace, String name) {
    MessageDigest sha1;
    try {
      sha1 = MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
    sha1.update(
        ByteBuffer.allocate(16)
            .putLong(namespace.getMostSignificantBits())
            .putLong(namespace.getLeastSignificantBits())
            .flip());
    ByteBuffer digest = ByteBuffer.wrap(sha1.digest(name.getBytes(StandardCharsets.UTF_8)));
    long high = digest.getLong() & 0xFFFF_FFFF_FFFF_0FFFL | 0x5000L;
    long low = digest.getLong() & 0x3FFF_FFFF_FFFF_FFFFL | 0x8000_0000_0000_0000L;
    return new UUID(high, low);
  }

  /** How sure the feed is, and what that makes of an alert. */
  private enum Band {
    HIGH("_high", " (High Confidence)", Severity.HIGH, List.of(Confidence.HIGH)),
    MEDIUM("_medium", " (Medium Confidence)", Severity.MEDIUM, List.of(Confidence.MEDIUM)),
    /** Everyday traffic on most networks. */
    NOISE("_scanner", "", Severity.LOW, List.of(Confidence.HIGH, Confidence.MEDIUM)),
    /** Everyday traffic on hosts that are open to the Internet. */
    INBOUND("_inbound", "", Severity.LOW, List.of(Confidence.HIGH, Confidence.MEDIUM));

    private final String suffix;
    private final String title;
    private final Severity severity;
    private final List<Confidence> confidences;

    Band(String suffix, String title, Severity severity, List<Confidence> confidences) {
      this.suffix = suffix;
      this.title = title;
      this.severity = severity;
      this.confidences = confidences;
    }

    private String adjective() {
      return confidences.get(0).ecsValue().toLowerCase(Locale.ROOT);
    }
  }

  /** What differs between installations. Immutable. */
  public static final class Options {
    /** The alias that indicators are written to. */
    public static final String DEFAULT_THREAT_INDEX = "logs-ti_tip.indicator";

    private final Map<EventSource, List<String>> index;
    private final Map<EventSource, String> dataViews;
    private final Map<Confidence, Severity> severities;
    private final List<ExceptionList> exceptions;
    private final @Nullable Duration suppression;
    private final String namePrefix;
    private final String namespace;
    private final String threatIndex;
    private final String[] author;
    private final String license;
    private final String interval;
    private final String from;

    private Options(Builder b) {
      this.index = new EnumMap<>(b.index);
      this.dataViews = new EnumMap<>(b.dataViews);
      this.severities = new EnumMap<>(b.severities);
      this.exceptions = List.copyOf(b.exceptions);
      this.suppression = b.suppression;
      this.namePrefix = b.namePrefix;
      this.namespace = b.namespace;
      this.threatIndex = b.threatIndex;
      this.author = b.author.clone();
      this.license = b.license;
      this.interval = b.interval;
      this.from = b.from;
    }

    /** Returns the options of a plain installation. */
    public static Options defaults() {
      return builder().build();
    }

    /** Returns a builder that starts with the defaults. */
    public static Builder builder() {
      return new Builder();
    }

    private String[] patterns(EventSource source) {
      List<String> patterns = index.getOrDefault(source, List.of());
      boolean own = !patterns.equals(source.index);
      return patterns.stream()
          .map(pattern -> own || namespace.isEmpty() ? pattern : ofNamespace(pattern))
          .toArray(String[]::new);
    }

    /** Data streams of Elastic Agent end in the name space; the indices of Beats have none. */
    private String ofNamespace(String pattern) {
      if (!pattern.startsWith("logs-")) {
        return pattern;
      }
      return pattern.endsWith("-*")
          ? pattern.substring(0, pattern.length() - 1) + namespace
          : pattern + '-' + namespace;
    }

    private Severity severity(Band band) {
      return band.confidences.size() > 1
          ? band.severity
          : severities.getOrDefault(band.confidences.get(0), band.severity);
    }

    private boolean isDefaultThreatIndex() {
      return threatIndex.equals(DEFAULT_THREAT_INDEX);
    }

    /** Collects options. Not thread-safe. */
    public static final class Builder {
      private final Map<EventSource, List<String>> index = new EnumMap<>(EventSource.class);
      private final Map<EventSource, String> dataViews = new EnumMap<>(EventSource.class);
      private final Map<Confidence, Severity> severities = new EnumMap<>(Confidence.class);
      private final List<ExceptionList> exceptions = new ArrayList<>();
      private @Nullable Duration suppression;
      private String namePrefix = "Threat List";
      private String namespace = "";
      private String threatIndex = DEFAULT_THREAT_INDEX;
      private String[] author = {"The tip authors"};
      private String license = "Apache-2.0";
      private String interval = "1h";
      private String from = "now-65m";

      private Builder() {
        for (EventSource source : EventSource.values()) {
          index.put(source, source.index);
        }
      }

      /**
       * Sets where the events of a source are; default: where the Beat or integration puts them.
       * None leaves the rules of that source out. Each pattern should hold events of that source
       * only, or a mapped field may be missing from all of them.
       */
      public Builder index(EventSource source, String... patterns) {
        if (patterns.length == 0) {
          index.remove(source);
        } else {
          index.put(source, List.of(patterns));
        }
        return this;
      }

      /**
       * Sets the index or alias that holds the indicators; default: {@link #DEFAULT_THREAT_INDEX}.
       * Rules over another index have ids of their own, so that several sets fit into one Kibana.
       */
      public Builder threatIndex(String name) {
        this.threatIndex = Objects.requireNonNull(name);
        return this;
      }

      /**
       * Sets the data view in Kibana that says where the events of a source are, in place of index
       * patterns. It should hold events of that source only.
       */
      public Builder dataView(EventSource source, String id) {
        dataViews.put(source, Objects.requireNonNull(id));
        return this;
      }

      /**
       * Sets the name space of the data streams of Elastic Agent that the rules read; default: all.
       * Patterns that are set by {@link #index} stay as they are.
       *
       * @throws IllegalArgumentException if it is not lower-case letters, digits and underscores
       */
      public Builder namespace(String namespace) {
        this.namespace = RuleChecks.key(namespace);
        return this;
      }

      /**
       * Sets what the names of the rules begin with; default: {@code Threat List}. File names and
       * ids stay the same.
       */
      public Builder namePrefix(String prefix) {
        this.namePrefix = Objects.requireNonNull(prefix);
        return this;
      }

      /**
       * Sets the severity of the rules for indicators of a confidence; the risk score is the
       * greatest of its band. Default: high for {@code High}, medium for {@code Medium}.
       *
       * @throws IllegalArgumentException if indicators of that confidence have no rules
       */
      public Builder severity(Confidence confidence, Severity severity) {
        if (confidence != Confidence.HIGH && confidence != Confidence.MEDIUM) {
          throw RuleChecks.invalid("severity", "is for High and Medium; no other has rules");
        }
        severities.put(confidence, Objects.requireNonNull(severity));
        return this;
      }

      /** Adds lists of exceptions that each rule uses. */
      public Builder exceptions(ExceptionList... lists) {
        Collections.addAll(exceptions, lists);
        return this;
      }

      /**
       * Makes one alert of those of one host, or one address, for one value; default: each event
       * has its alert. Below a Platinum licence Kibana leaves it out without saying so.
       *
       * @param window how long alerts are one; whole seconds
       */
      public Builder alertSuppression(Duration window) {
        this.suppression = Objects.requireNonNull(window);
        return this;
      }

      /** Sets the authors of the rules; default: those of tip. */
      public Builder author(String... authors) {
        this.author = authors.clone();
        return this;
      }

      /** Sets the licence of the rules; default: {@code Apache-2.0}. */
      public Builder license(String license) {
        this.license = Objects.requireNonNull(license);
        return this;
      }

      /**
       * Sets how often the rules run and since when they look at events; default: {@code 1h} and
       * {@code now-65m}. The second must reach back further than the first, or late events are
       * missed.
       */
      public Builder schedule(String interval, String from) {
        this.interval = Objects.requireNonNull(interval);
        this.from = Objects.requireNonNull(from);
        return this;
      }

      /** Builds the options; {@link #standard} checks them. */
      public Options build() {
        return new Options(this);
      }
    }
  }
}
