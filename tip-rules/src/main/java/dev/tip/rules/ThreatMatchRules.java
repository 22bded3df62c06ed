// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import dev.tip.Confidence;
import dev.tip.feed.FeedInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The rules that alert on the indicators tip writes.
 *
 * <p>There is one rule per kind of indicator, source of events and confidence, because Kibana takes
 * severity from the rule and never from the indicator: {@code High} gives severity high, {@code
 * Medium} medium, anything less none. Each mapped field exists in every index the rule reads; one
 * that does not would make Kibana compare document by document.
 */
public final class ThreatMatchRules {
  /** RFC 9562 appendix C: the name space of URLs. */
  private static final UUID URL_NAMESPACE = UUID.fromString("6ba7b811-9dad-11d1-80b4-00c04fd430c8");

  private static final String ID_PREFIX = "https://tip.example/rules/";

  /**
   * One less than the limit: at the limit itself the checks of detection-rules ask for a sentence
   * of Elastic's in the rule, and one alert in a thousand is not worth it.
   */
  private static final int MAX_SIGNALS = ThreatMatchRule.MAX_SIGNALS_LIMIT - 1;

  /**
   * Packetbeat reports an open flow every ten seconds. This takes its last report, and of one that
   * stays open the reports of its second minute, so that an hour-long connection makes a few alerts
   * and not hundreds. Units: nanoseconds.
   */
  private static final String LONG_FLOWS =
      "(not event.action:network_flow or flow.final:true or "
          + "(event.duration >= 60000000000 and event.duration < 70000000000))";

  /** Documents without these fields pass. */
  private static final String NOT_REFUSED = "not event.outcome:failure and not event.type:denied";

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
    for (Band band : Band.values()) {
      for (EventSource source : options.index.keySet()) {
        for (String[] algorithms : source.hashGroups()) {
          rules.add(hashRule(source, algorithms, band, options));
        }
        if (source.network) {
          rules.add(addressRule(source, band, options));
          rules.add(networkRule(source, band, options));
        }
      }
    }
    for (EventSource source : options.index.keySet()) {
      if (source.network) {
        rules.add(scannerRule(source, options));
      }
    }
    return List.copyOf(rules);
  }

  /**
   * Returns rules as the body of Kibana's rule import: one JSON object a line. Its part of the
   * request must have a file name that ends in {@code .ndjson}.
   */
  public static String toNdjson(Collection<ThreatMatchRule> rules) {
    return rules.stream().map(rule -> rule.toJson() + "\n").collect(Collectors.joining());
  }

  private static ThreatMatchRule hashRule(
      EventSource source, String[] algorithms, Band band, Options options) {
    String only = algorithms.length == 1 ? "_" + algorithms[0] : "";
    String onlyName = algorithms.length == 1 ? " " + hashName(algorithms[0]) : "";
    ThreatMapping[] mapping =
        Arrays.stream(algorithms)
            .map(a -> ThreatMapping.of(source.hashes + a, "threat.indicator.file.hash." + a))
            .toArray(ThreatMapping[]::new);
    return common("threat_list_hash_" + source.key + only + band.suffix(), source, options)
        .name("Threat List File%s Hash in %s%s".formatted(onlyName, source.title, band.title()))
        .description(
            ("%s a file whose hash is on a threat list with %s confidence as malware or as part of"
                    + " an attack.")
                .formatted(source.hashPhrase, band.confidence.ecsValue().toLowerCase(Locale.ROOT)))
        .severity(band.severity)
        .enabled(true)
        .query(QueryLanguage.KUERY, source.guard(anyOf(mapping)))
        .threatQuery(
            QueryLanguage.KUERY,
            indicators("\"file\"", "ti_tip", HIGH_SIGNAL)
                + " and "
                + confidence(band)
                + " and "
                + anyIndicatorOf(mapping))
        .threatMapping(mapping)
        .note(RuleTexts.hashNote())
        .setup(RuleTexts.setup(source, options.threatIndex))
        .build();
  }

  private static ThreatMatchRule addressRule(EventSource source, Band band, Options options) {
    return common("threat_list_ip_" + source.key + band.suffix(), source, options)
        .name("Threat List Address Contacted in %s%s".formatted(source.title, band.title()))
        .description(
            ("A host of yours opened a connection to an address that is on a threat list with %s"
                    + " confidence for command and control, malware distribution or phishing.")
                .formatted(band.confidence.ecsValue().toLowerCase(Locale.ROOT)))
        .severity(band.severity)
        .enabled(true)
        .query(QueryLanguage.KUERY, outbound(source))
        .threatQuery(
            QueryLanguage.KUERY,
            indicators("(\"ipv4-addr\" or \"ipv6-addr\")", "ti_tip", HIGH_SIGNAL)
                + " and "
                + confidence(band)
                + " and threat.indicator.ip:*")
        .threatMapping(ThreatMapping.of("destination.ip", "threat.indicator.ip"))
        .note(RuleTexts.networkNote())
        .setup(RuleTexts.setup(source, options.threatIndex))
        .build();
  }

  private static ThreatMatchRule networkRule(EventSource source, Band band, Options options) {
    Set<FeedInfo.Role> roles = EnumSet.copyOf(HIGH_SIGNAL);
    // Networks under criminal control, such as those on Spamhaus DROP, are listed for their repute.
    roles.add(FeedInfo.Role.REPUTATION);
    return common("threat_list_cidr_" + source.key + band.suffix(), source, options)
        .name("Threat List Network Contacted in %s%s".formatted(source.title, band.title()))
        .description(
            ("A host of yours opened a connection into a network that is on a threat list with %s"
                    + " confidence, for example one that criminals have taken over or rent as a"
                    + " whole.")
                .formatted(band.confidence.ecsValue().toLowerCase(Locale.ROOT)))
        .severity(band.severity)
        .enabled(true)
        .query(QueryLanguage.KUERY, outbound(source))
        .threatQuery(
            QueryLanguage.KUERY,
            indicators("(\"ipv4-addr\" or \"ipv6-addr\")", "(ti_tip or tip)", roles)
                + " and "
                + confidence(band)
                + " and tip.indicator.cidr:*")
        .threatMapping(ThreatMapping.of("destination.ip", "tip.indicator.cidr"))
        .note(RuleTexts.networkNote())
        .setup(RuleTexts.setup(source, options.threatIndex))
        .build();
  }

  private static ThreatMatchRule scannerRule(EventSource source, Options options) {
    Set<FeedInfo.Role> roles = EnumSet.complementOf(EnumSet.copyOf(HIGH_SIGNAL));
    return common("threat_list_ip_" + source.key + "_scanner", source, options)
        .name("Threat List Scanner or Anonymiser Contacted in %s".formatted(source.title))
        .description(
            "A host of yours opened a connection to an address that is listed for scanning, as exit"
                + " of an anonymising network or for bad repute. On most networks this is everyday"
                + " traffic; the rule is disabled and meant for those where it is not.")
        .severity(Severity.LOW)
        .query(QueryLanguage.KUERY, outbound(source))
        .threatQuery(
            QueryLanguage.KUERY,
            indicators("(\"ipv4-addr\" or \"ipv6-addr\")", "tip", roles)
                + " and threat.indicator.confidence:("
                + quoted(Confidence.HIGH.ecsValue())
                + " or "
                + quoted(Confidence.MEDIUM.ecsValue())
                + ") and threat.indicator.ip:*")
        .threatMapping(ThreatMapping.of("destination.ip", "threat.indicator.ip"))
        .falsePositives(
            "Mail and web servers answer or fetch from such hosts in normal operation, and users of"
                + " an anonymising network reach its exits.")
        .note(RuleTexts.networkNote())
        .setup(RuleTexts.setup(source, options.threatIndex))
        .build();
  }

  private static ThreatMatchRule.Builder common(String key, EventSource source, Options options) {
    String name = options.isDefaultThreatIndex() ? key : key + "?" + options.threatIndex;
    return ThreatMatchRule.builder(key)
        .ruleId(nameUuid(URL_NAMESPACE, ID_PREFIX + name).toString())
        .author(options.author)
        .license(options.license)
        .index(options.patterns(source))
        .integrations(source.integrations.toArray(String[]::new))
        .threatIndex(options.threatIndex)
        .threatFilter("event.category", "threat")
        .threatFilter("event.kind", "enrichment")
        .threatFilter("event.type", "indicator")
        .interval(options.interval)
        .from(options.from)
        .maxSignals(MAX_SIGNALS)
        .tags(source.tags.toArray(String[]::new))
        .tags(
            "Use Case: Threat Detection",
            "Rule Type: Indicator Match",
            "Resources: Investigation Guide")
        .references(
            "https://www.elastic.co/docs/solutions/security/detect-and-alert/indicator-match")
        .timeline("495ad7a7-316e-4544-8a0f-9c098daee76e", "Generic Threat Match Timeline")
        .timestampOverride("event.ingested")
        .dates(RuleDates.CREATED, RuleDates.updated(key));
  }

  private static String outbound(EventSource source) {
    return source.guard("destination.ip:*") + " and " + NOT_REFUSED;
  }

  private static String indicators(String types, String modules, Set<FeedInfo.Role> roles) {
    String any = roles.stream().map(r -> quoted(r.value())).collect(Collectors.joining(" or "));
    return "@timestamp >= \"now-30d/d\" and event.module:"
        + modules
        + " and tip.status:active and tip.indicator.role:("
        + any
        + ") and threat.indicator.type:"
        + types;
  }

  private static String confidence(Band band) {
    return "threat.indicator.confidence:" + quoted(band.confidence.ecsValue());
  }

  private static String quoted(String value) {
    return '"' + value + '"';
  }

  private static String anyOf(ThreatMapping[] mapping) {
    return exists(Arrays.stream(mapping).map(m -> m.entries().get(0).field()).toList());
  }

  private static String anyIndicatorOf(ThreatMapping[] mapping) {
    return exists(Arrays.stream(mapping).map(m -> m.entries().get(0).value()).toList());
  }

  private static String exists(List<String> fields) {
    String any = fields.stream().map(f -> f + ":*").collect(Collectors.joining(" or "));
    return fields.size() == 1 ? any : "(" + any + ")";
  }

  private static String hashName(String algorithm) {
    return switch (algorithm) {
      case "md5" -> "MD5";
      case "sha1" -> "SHA1";
      case "sha256" -> "SHA256";
      case "sha512" -> "SHA512";
      default -> throw new IllegalArgumentException("no hash of files: " + algorithm);
    };
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

  /** How sure the feed is, and what severity that makes. */
  private enum Band {
    HIGH(Confidence.HIGH, Severity.HIGH),
    MEDIUM(Confidence.MEDIUM, Severity.MEDIUM);

    private final Confidence confidence;
    private final Severity severity;

    Band(Confidence confidence, Severity severity) {
      this.confidence = confidence;
      this.severity = severity;
    }

    private String suffix() {
      return "_" + severity.value();
    }

    private String title() {
      return " (" + confidence.ecsValue() + " Confidence)";
    }
  }

  /** A source of events. */
  public enum EventSource {
    /** The file integrity module of Auditbeat. */
    AUDITBEAT(
        "auditbeat",
        "Auditbeat File Integrity Events",
        List.of("auditbeat-*"),
        List.of(),
        List.of("Domain: Endpoint", "Data Source: Auditbeat"),
        "Auditbeat saw the creation or change of",
        "file.hash.",
        List.of("md5", "sha1", "sha256", "sha512"),
        false),
    /** The File Integrity Monitoring integration of Elastic Agent. */
    FIM(
        "fim",
        "File Integrity Monitoring Events",
        List.of("logs-fim.event-*"),
        List.of("fim"),
        List.of("Domain: Endpoint", "Data Source: File Integrity Monitoring"),
        "File Integrity Monitoring saw the creation or change of",
        "file.hash.",
        List.of("md5", "sha1", "sha256", "sha512"),
        false),
    /** Starts of processes as Elastic Defend sees them. */
    DEFEND_PROCESS(
        "defend_process",
        "Elastic Defend Process Events",
        List.of("logs-endpoint.events.process-*"),
        List.of("endpoint"),
        List.of("Domain: Endpoint", "Data Source: Elastic Defend"),
        "Elastic Defend saw a process run from",
        "process.hash.",
        List.of("md5", "sha1", "sha256"),
        false),
    /** Libraries and drivers as Elastic Defend sees them loaded. */
    DEFEND_LIBRARY(
        "defend_library",
        "Elastic Defend Library Events",
        List.of("logs-endpoint.events.library-*"),
        List.of("endpoint"),
        List.of("Domain: Endpoint", "Data Source: Elastic Defend"),
        "Elastic Defend saw a process load",
        "dll.hash.",
        List.of("md5", "sha1", "sha256"),
        false),
    /** Changes of files as Elastic Defend sees them. */
    DEFEND_FILE(
        "defend_file",
        "Elastic Defend File Events",
        List.of("logs-endpoint.events.file-*"),
        List.of("endpoint"),
        List.of("Domain: Endpoint", "Data Source: Elastic Defend"),
        "Elastic Defend saw the creation or change of",
        "file.hash.",
        List.of("md5", "sha1", "sha256"),
        false),
    /** Packetbeat, and the Network Packet Capture integration of Elastic Agent. */
    PACKETS(
        "packets",
        "Network Traffic",
        List.of("packetbeat-*", "logs-network_traffic.*"),
        List.of("network_traffic"),
        List.of(
            "Domain: Network", "Data Source: Packetbeat", "Data Source: Network Packet Capture"),
        "",
        "",
        List.of(),
        true),
    /** Connections as Elastic Defend sees them. */
    DEFEND_NETWORK(
        "defend_network",
        "Elastic Defend Network Events",
        List.of("logs-endpoint.events.network-*"),
        List.of("endpoint"),
        List.of("Domain: Endpoint", "Domain: Network", "Data Source: Elastic Defend"),
        "",
        "",
        List.of(),
        true);

    private final String key;
    private final String title;
    private final List<String> index;
    private final List<String> integrations;
    private final List<String> tags;
    private final String hashPhrase;
    private final String hashes;
    private final List<String> algorithms;
    private final boolean network;

    EventSource(
        String key,
        String title,
        List<String> index,
        List<String> integrations,
        List<String> tags,
        String hashPhrase,
        String hashes,
        List<String> algorithms,
        boolean network) {
      this.key = key;
      this.title = title;
      this.index = index;
      this.integrations = integrations;
      this.tags = tags;
      this.hashPhrase = hashPhrase;
      this.hashes = hashes;
      this.algorithms = algorithms;
      this.network = network;
    }

    /**
     * Hashes that an index maps all or none of. The template of File Integrity Monitoring maps
     * SHA-1 only; each other field comes to be with the first event that has one.
     */
    private List<String[]> hashGroups() {
      if (algorithms.isEmpty()) {
        return List.of();
      }
      return this == FIM
          ? algorithms.stream().map(a -> new String[] {a}).toList()
          : List.<String[]>of(algorithms.toArray(String[]::new));
    }

    private String guard(String condition) {
      return switch (this) {
        case AUDITBEAT, FIM -> "event.module:file_integrity and " + condition;
        case DEFEND_PROCESS, DEFEND_LIBRARY, DEFEND_FILE -> condition;
        case PACKETS -> condition + " and " + LONG_FLOWS;
        // The end of a connection is left out, unless the event tells of its start as well.
        case DEFEND_NETWORK -> condition + " and (event.type:start or not event.type:end)";
      };
    }
  }

  /** What differs between installations. Immutable. */
  public static final class Options {
    /** The alias that indicators are written to. */
    public static final String DEFAULT_THREAT_INDEX = "logs-ti_tip.indicator";

    private final Map<EventSource, List<String>> index;
    private final String threatIndex;
    private final String[] author;
    private final String license;
    private final String interval;
    private final String from;

    private Options(Builder b) {
      this.index = new EnumMap<>(b.index);
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
      return index.getOrDefault(source, List.of()).toArray(String[]::new);
    }

    private boolean isDefaultThreatIndex() {
      return threatIndex.equals(DEFAULT_THREAT_INDEX);
    }

    /** Collects options. Not thread-safe. */
    public static final class Builder {
      private final Map<EventSource, List<String>> index = new EnumMap<>(EventSource.class);
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
