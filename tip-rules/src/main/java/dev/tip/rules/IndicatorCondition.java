// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import java.util.Collection;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Which indicators a rule compares, told from a document alone: its {@code threat_query} and {@code
 * threat_filters}. Immutable and thread-safe.
 *
 * <p>Values are compared as text, as Elasticsearch does with keywords; {@code *} stands for any
 * text where it is not quoted. A comparison such as {@code @timestamp >= "now-30d/d"} counts as
 * true: who asks about an indicator knows how old it is.
 */
public final class IndicatorCondition {
  private final Predicate<Document> condition;

  /** A document by the values of its fields. */
  private interface Document extends Function<String, Collection<String>> {}

  private IndicatorCondition(Predicate<Document> condition) {
    this.condition = condition;
  }

  /**
   * Returns the condition of a rule.
   *
   * @throws IllegalArgumentException if it cannot be told without a server: a query in Lucene, text
   *     without field, a nested query, a field name with wildcard
   */
  public static IndicatorCondition of(ThreatMatchRule rule) {
    if (rule.threatLanguage() != QueryLanguage.KUERY) {
      throw refused("is not in KQL");
    }
    Predicate<Document> all =
        new Reader(KqlQuery.parse(rule.threatQuery()).withoutLists()).condition();
    for (ThreatFilter filter : rule.threatFilters()) {
      all = all.and(document -> document.apply(filter.field()).contains(filter.phrase()));
    }
    return new IndicatorCondition(all);
  }

  /**
   * Returns whether a document fulfils it.
   *
   * @param values gives the values of a field by its name; none if the document lacks it
   */
  public boolean test(Function<String, Collection<String>> values) {
    return condition.test(values::apply);
  }

  private static IllegalArgumentException refused(String why) {
    return new IllegalArgumentException("threat_query " + why);
  }

  /** Reads a query that {@link KqlQuery} has parsed and rid of lists. Not thread-safe. */
  private static final class Reader {
    private static final String SPECIAL = "():<>\"{}";

    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    private Predicate<Document> condition() {
      Predicate<Document> any = all();
      while (takeWord("or")) {
        any = any.or(all());
      }
      return any;
    }

    private Predicate<Document> all() {
      Predicate<Document> all = one();
      while (takeWord("and")) {
        all = all.and(one());
      }
      return all;
    }

    private Predicate<Document> one() {
      if (takeWord("not")) {
        return one().negate();
      }
      if (take('(')) {
        Predicate<Document> inner = condition();
        take(')');
        return inner;
      }
      Literal field = literal();
      if (take(':')) {
        if (take('{')) {
          throw refused("has a nested query");
        }
        return equalTo(field, literal());
      }
      if (take('<') || take('>')) {
        take('=');
        literal();
        return document -> true;
      }
      throw refused("has text without a field");
    }

    private static Predicate<Document> equalTo(Literal field, Literal wanted) {
      if (field.isPattern()) {
        throw refused("has a field name with a wildcard");
      }
      String name = field.text();
      if (!wanted.isPattern()) {
        return document -> document.apply(name).contains(wanted.text());
      }
      return document -> document.apply(name).stream().anyMatch(wanted::matches);
    }

    /** A phrase, or words up to an operator. */
    private Literal literal() {
      skipBlanks();
      StringBuilder value = new StringBuilder();
      if (take('"')) {
        while (at < text.length() && text.charAt(at) != '"') {
          value.append(unescaped());
        }
        at++;
        return new Literal(value.toString(), false);
      }
      boolean pattern = false;
      while (at < text.length() && SPECIAL.indexOf(text.charAt(at)) < 0 && !isOperator()) {
        boolean star = text.charAt(at) == '*';
        pattern |= star;
        value.append(star ? Literal.ANY : unescaped());
        at += star ? 1 : 0;
      }
      return new Literal(value.toString().strip(), pattern);
    }

    private char unescaped() {
      if (text.charAt(at) == '\\' && at + 1 < text.length()) {
        at++;
      }
      return text.charAt(at++);
    }

    private boolean isOperator() {
      if (!Character.isWhitespace(text.charAt(at))) {
        return false;
      }
      String rest =
          text.substring(at + 1, Math.min(text.length(), at + 5)).toLowerCase(Locale.ROOT);
      return rest.startsWith("and ") || rest.startsWith("or ") || rest.startsWith("not ");
    }

    private boolean takeWord(String word) {
      skipBlanks();
      int end = at + word.length();
      if (text.regionMatches(true, at, word, 0, word.length())
          && end < text.length()
          && (Character.isWhitespace(text.charAt(end)) || text.charAt(end) == '(')) {
        at = end;
        return true;
      }
      return false;
    }

    private boolean take(char c) {
      if (c != '"') {
        skipBlanks();
      }
      if (at < text.length() && text.charAt(at) == c) {
        at++;
        return true;
      }
      return false;
    }

    private void skipBlanks() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }
  }

  /**
   * A word of a query.
   *
   * @param text what it says, with {@link #ANY} for a wildcard
   * @param isPattern whether it has a wildcard
   */
  private record Literal(String text, boolean isPattern) {
    /** No text of a query or document has it: it is no character. */
    private static final char ANY = '\uFFFF';

    /** Takes linear time but for one step back to the last wildcard at a time. */
    boolean matches(String value) {
      int v = 0;
      int t = 0;
      int star = -1;
      int from = 0;
      while (v < value.length()) {
        if (t < text.length() && text.charAt(t) == ANY) {
          star = t++;
          from = v;
        } else if (t < text.length() && text.charAt(t) == value.charAt(v)) {
          t++;
          v++;
        } else if (star >= 0) {
          t = star + 1;
          v = ++from;
        } else {
          return false;
        }
      }
      while (t < text.length() && text.charAt(t) == ANY) {
        t++;
      }
      return t == text.length();
    }
  }
}
