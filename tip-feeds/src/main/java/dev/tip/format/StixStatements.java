// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.File;
import dev.tip.HashAlgorithm;
import dev.tip.InvalidIndicatorException;
import dev.tip.X509Certificate;
import dev.tip.format.StixPattern.Comparison;
import dev.tip.format.StixPattern.Constant;
import dev.tip.format.StixPattern.Operator;
import dev.tip.format.StixPattern.Qualifier;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a STIX pattern states, as far as indicators can say it.
 *
 * <p>A pattern is turned into alternatives, each of which is enough for a match. An alternative
 * that is one observable, known by an equality, is a statement; one that needs more than an
 * indicator can say is refused with a reason, because the part that can be said would match what
 * the pattern does not.
 */
final class StixStatements {
  /** The most alternatives of a pattern. */
  static final int MAX_ALTERNATIVES = 10_000;

  /** The most comparisons in all alternatives together. */
  private static final int MAX_TERMS = 100_000;

  private StixStatements() {}

  /**
   * An alternative.
   *
   * @param observable what it is about, or null if it is refused
   * @param ports the ports it names
   * @param ceiling the highest confidence that it deserves, or null for any
   * @param reason why it is refused; empty if it is not
   */
  record Statement(
      @Nullable CyberObservable observable,
      List<Integer> ports,
      @Nullable Confidence ceiling,
      String reason) {
    static Statement of(CyberObservable observable) {
      return new Statement(observable, List.of(), null, "");
    }

    private static Statement refused(String reason) {
      return new Statement(null, List.of(), null, reason);
    }
  }

  /**
   * A comparison of one property with one constant.
   *
   * @param refusal why it is none that an indicator can say, or null
   */
  private record Term(
      String type, String property, boolean subset, Constant constant, @Nullable String refusal) {
    String text() {
      if (constant.kind() != Constant.Kind.STRING) {
        throw new InvalidIndicatorException("stix-pattern-constant", constant.text());
      }
      return constant.text();
    }

    long number() {
      String digits = constant.text();
      long number = Numbers.parse(digits, 0, digits.length());
      if (number < 0) {
        throw new InvalidIndicatorException("number-syntax", digits);
      }
      return number;
    }
  }

  /**
   * Returns the alternatives of a pattern.
   *
   * @throws InvalidIndicatorException if none of it can be used: it is too large, or asks for more
   *     than one observation
   */
  static List<Statement> of(StixPattern pattern) {
    List<Statement> statements = new ArrayList<>();
    collect(pattern, statements::add);
    if (statements.isEmpty()) {
      throw new InvalidIndicatorException("stix-pattern-empty", pattern.toString());
    }
    return statements;
  }

  private static void collect(StixPattern pattern, Consumer<Statement> to) {
    if (pattern instanceof StixPattern.Observation observation) {
      for (List<Term> alternative : alternatives(observation.comparison())) {
        to.accept(statement(alternative));
      }
    } else if (pattern instanceof StixPattern.Observations observations) {
      switch (observations.by()) {
        case OR -> observations.parts().forEach(part -> collect(part, to));
        case AND -> to.accept(Statement.refused("stix-pattern-and"));
        case FOLLOWEDBY -> to.accept(Statement.refused("stix-pattern-followedby"));
      }
    } else if (pattern instanceof StixPattern.Qualified qualified) {
      String refusal = refusal(qualified.qualifier());
      if (refusal == null) {
        collect(qualified.pattern(), to);
      } else {
        to.accept(Statement.refused(refusal));
      }
    }
  }

  /** A single observation is always within a time; it is not always often enough. */
  private static @Nullable String refusal(Qualifier qualifier) {
    if (qualifier instanceof Qualifier.Repeats repeats) {
      return repeats.times().equals("1") ? null : "stix-pattern-repeats";
    }
    return qualifier instanceof Qualifier.StartStop ? "stix-pattern-start-stop" : null;
  }

  private static List<List<Term>> alternatives(Comparison comparison) {
    if (comparison instanceof Comparison.Test test) {
      return terms(test);
    }
    if (comparison instanceof Comparison.Exists exists) {
      Constant none = new Constant(Constant.Kind.BOOLEAN, "true");
      return List.of(
          List.of(
              new Term(
                  exists.path().type(),
                  exists.path().property(),
                  false,
                  none,
                  "stix-pattern-exists")));
    }
    Comparison.Combined combined = (Comparison.Combined) comparison;
    List<List<Term>> all = new ArrayList<>();
    for (Comparison part : combined.parts()) {
      List<List<Term>> more = alternatives(part);
      if (combined.all() && !all.isEmpty()) {
        all = product(all, more);
      } else {
        all.addAll(more);
      }
      check(all.size());
      if (combined.all() && all.isEmpty()) {
        // An empty set: nothing matches, whatever else is asked for.
        return all;
      }
    }
    return all;
  }

  private static List<List<Term>> product(List<List<Term>> left, List<List<Term>> right) {
    long size = (long) left.size() * right.size();
    check(size);
    long terms = 0;
    List<List<Term>> all = new ArrayList<>((int) size);
    for (List<Term> a : left) {
      for (List<Term> b : right) {
        terms += a.size() + b.size();
        if (terms > MAX_TERMS) {
          throw new InvalidIndicatorException("stix-pattern-too-many", "");
        }
        List<Term> both = new ArrayList<>(a);
        both.addAll(b);
        all.add(both);
      }
    }
    return all;
  }

  private static void check(long alternatives) {
    if (alternatives > MAX_ALTERNATIVES) {
      throw new InvalidIndicatorException("stix-pattern-too-many", "");
    }
  }

  private static List<List<Term>> terms(Comparison.Test test) {
    String type = test.path().type();
    String property = test.path().property();
    String refusal = test.negated() ? "stix-pattern-not" : refusal(test);
    boolean subset = test.operator() == Operator.ISSUBSET;
    List<List<Term>> terms = new ArrayList<>(test.constants().size());
    for (Constant constant : test.constants()) {
      terms.add(List.of(new Term(type, property, subset, constant, refusal)));
    }
    return terms;
  }

  private static @Nullable String refusal(Comparison.Test test) {
    return switch (test.operator()) {
      case EQUAL, IN, ISSUBSET -> null;
      case LIKE -> {
        String like = test.constants().get(0).text();
        yield like.indexOf('%') < 0 && like.indexOf('_') < 0 ? null : "stix-pattern-like";
      }
      case NOT_EQUAL, GREATER, LESS, NOT_LESS, NOT_GREATER, MATCHES, ISSUPERSET ->
          "stix-pattern-" + test.operator().reason();
    };
  }

  private static Statement statement(List<Term> terms) {
    String type = terms.get(0).type();
    for (Term term : terms) {
      if (!term.type().equals(type)) {
        return Statement.refused("stix-pattern-and");
      }
    }
    try {
      return switch (type) {
        case "ipv4-addr", "ipv6-addr" -> Statement.of(one(terms, "value", CyberObservable::ip));
        case "domain-name", "hostname" -> Statement.of(one(terms, "value", Observables::host));
        case "url" -> Statement.of(one(terms, "value", CyberObservable::url));
        case "email-addr" -> Statement.of(one(terms, "value", CyberObservable::emailAddr));
        case "email-message" ->
            Statement.of(
                one(
                    terms,
                    terms.get(0).property().equals("sender_ref.value")
                        ? "sender_ref.value"
                        : "from_ref.value",
                    CyberObservable::emailAddr));
        case "mac-addr" -> Statement.of(one(terms, "value", CyberObservable::macAddr));
        case "mutex" -> Statement.of(one(terms, "name", CyberObservable::mutex));
        case "user-account" ->
            Statement.of(
                one(
                    terms,
                    terms.get(0).property().equals("user_id") ? "user_id" : "account_login",
                    CyberObservable::userAccount));
        case "file", "artifact" -> file(terms);
        case "x509-certificate" -> certificate(terms);
        case "autonomous-system" -> autonomousSystem(terms);
        case "windows-registry-key" -> registryKey(terms);
        case "network-traffic" -> traffic(terms);
        default -> Statement.refused(refusalOr(terms, "stix-pattern-path"));
      };
    } catch (InvalidIndicatorException e) {
      return Statement.refused(e.reason());
    }
  }

  private static String refusalOr(List<Term> terms, String reason) {
    for (Term term : terms) {
      if (term.refusal() != null) {
        return term.refusal();
      }
    }
    return reason;
  }

  /**
   * Returns the observable of an object that is known by one property. What else the pattern asks
   * of the object narrows it, unless the object's author made it up ({@code x_}).
   */
  private static CyberObservable one(
      List<Term> terms, String property, Function<String, CyberObservable> of) {
    Term found = null;
    for (Term term : terms) {
      if (term.property().startsWith("x_")) {
        continue;
      }
      if (term.refusal() != null) {
        throw new InvalidIndicatorException(term.refusal(), term.property());
      }
      boolean subset = term.subset() && !term.type().startsWith("ipv");
      if (!term.property().equals(property) || subset) {
        throw new InvalidIndicatorException(
            terms.size() == 1 ? "stix-pattern-path" : "stix-pattern-and", term.property());
      }
      if (found != null) {
        throw new InvalidIndicatorException("stix-pattern-and", property);
      }
      found = term;
    }
    if (found == null) {
      throw new InvalidIndicatorException("stix-pattern-path", property);
    }
    return of.apply(found.text());
  }

  private static @Nullable HashAlgorithm algorithm(String property) {
    if (!property.startsWith("hashes.")) {
      return null;
    }
    return Observables.hashAlgorithm(property.substring("hashes.".length()));
  }

  private static Statement file(List<Term> terms) {
    File.Builder file = File.builder();
    boolean pinned = false;
    boolean hash = false;
    Term name = null;
    Term other = null;
    for (Term term : terms) {
      String property = term.property();
      if (term.refusal() != null || term.subset()) {
        other = term;
        continue;
      }
      HashAlgorithm algorithm =
          property.equals("hashes") ? Observables.byLength(term.text()) : algorithm(property);
      if (algorithm != null) {
        file.hash(algorithm, term.text());
        hash = true;
        pinned |= algorithm.isCryptographic();
      } else if (property.equals("name")) {
        name = term;
      } else if (property.equals("size") && term.constant().text().length() < 19) {
        file.size(Numbers.parse(term.constant().text(), 0, term.constant().text().length()));
      } else if (property.equals("path") && terms.size() == 1) {
        File path = File.builder().path(term.text()).build();
        return new Statement(path, List.of(), Confidence.LOW, "");
      } else if (!property.startsWith("x_")) {
        other = term;
      }
    }
    // A cryptographic hash is the file, whatever else is said of it.
    if (other != null && !pinned) {
      String unknown =
          other.property().startsWith("hashes.") ? "stix-hash-algorithm" : "stix-pattern-path";
      return Statement.refused(
          other.refusal() != null
              ? other.refusal()
              : terms.size() == 1 ? unknown : "stix-pattern-and");
    }
    if (hash) {
      if (name != null) {
        Observables.describe(file, name.text());
      }
      return Statement.of(file.build());
    }
    if (name == null) {
      return Statement.refused("stix-pattern-path");
    }
    if (terms.stream().anyMatch(t -> t.property().equals("size"))) {
      return Statement.refused("stix-pattern-and");
    }
    // Many benign files have the same name.
    return new Statement(CyberObservable.fileName(name.text()), List.of(), Confidence.LOW, "");
  }

  private static Statement certificate(List<Term> terms) {
    Map<HashAlgorithm, String> hashes = new EnumMap<>(HashAlgorithm.class);
    String reason = "stix-pattern-path";
    for (Term term : terms) {
      if (term.refusal() != null || term.subset()) {
        reason = term.refusal() == null ? reason : term.refusal();
        continue;
      }
      HashAlgorithm algorithm =
          term.property().equals("hashes")
              ? Observables.byLength(term.text())
              : algorithm(term.property());
      if (algorithm != null) {
        hashes.put(algorithm, term.text());
      } else if (term.property().startsWith("hashes.")) {
        reason = "stix-hash-algorithm";
      }
    }
    return hashes.isEmpty() ? Statement.refused(reason) : Statement.of(X509Certificate.of(hashes));
  }

  private static Statement autonomousSystem(List<Term> terms) {
    for (Term term : terms) {
      if (term.property().equals("number") && term.refusal() == null && !term.subset()) {
        return Statement.of(CyberObservable.autonomousSystem(term.constant().text()));
      }
    }
    return Statement.refused(refusalOr(terms, "stix-pattern-path"));
  }

  private static Statement registryKey(List<Term> terms) {
    String key = null;
    String value = null;
    for (Term term : terms) {
      if (term.refusal() != null) {
        return Statement.refused(term.refusal());
      }
      if (term.property().equals("key") && key == null) {
        key = term.text();
      } else if (term.property().equals("values.name") && value == null) {
        value = term.text();
      } else if (!term.property().startsWith("x_")) {
        return Statement.refused(terms.size() == 1 ? "stix-pattern-path" : "stix-pattern-and");
      }
    }
    return key == null
        ? Statement.refused("stix-pattern-path")
        : Statement.of(CyberObservable.windowsRegistryKey(key, value));
  }

  private static Statement traffic(List<Term> terms) {
    String end = null;
    Term value = null;
    for (Term term : terms) {
      if (term.refusal() != null) {
        return Statement.refused(term.refusal());
      }
      String property = term.property();
      if (property.equals("dst_ref.value") || property.equals("src_ref.value")) {
        if (value != null) {
          return Statement.refused("stix-pattern-and");
        }
        value = term;
        end = property.substring(0, 3);
      }
    }
    if (value == null || end == null) {
      return Statement.refused("stix-pattern-path");
    }
    List<Integer> ports = new ArrayList<>();
    for (Term term : terms) {
      String property = term.property();
      if (property.equals(end + "_port")) {
        ports.add((int) Math.min(term.number(), Integer.MAX_VALUE));
      } else if (!property.startsWith(end + "_ref.")
          && !property.equals("protocols")
          && !property.startsWith("x_")) {
        return Statement.refused("stix-pattern-and");
      }
    }
    CyberObservable host =
        value.subset() ? CyberObservable.ip(value.text()) : Observables.host(value.text());
    return new Statement(host, List.copyOf(ports), null, "");
  }
}
