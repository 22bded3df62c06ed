// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A query in Kibana Query Language, taken apart. Immutable.
 *
 * <p>It accepts what Kibana does: words and phrases, {@code field:value}, {@code field:(a or b)},
 * {@code field:{nested query}}, comparisons, {@code and}, {@code or}, {@code not} and parentheses.
 *
 * @see <a href="https://www.elastic.co/docs/reference/query-languages/kql">Kibana Query
 *     Language</a>
 */
public final class KqlQuery {
  private final String text;
  private final Set<String> fields;
  private final String withoutLists;
  private final KqlNode root;

  private KqlQuery(String text, Parser parser, KqlNode root) {
    this.text = text;
    this.root = root;
    this.fields = Collections.unmodifiableSet(parser.fields);
    this.withoutLists = parser.out.toString();
  }

  /**
   * Takes a query apart.
   *
   * @throws IllegalArgumentException if it is no KQL, or nested deeper than 100 levels; the message
   *     says where
   */
  public static KqlQuery parse(String text) {
    Parser parser = new Parser(text);
    KqlNode root = parser.query();
    return new KqlQuery(text, parser, root);
  }

  /** Returns the value of a field that is this text and nothing else, in double quotes. */
  static String phrase(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /**
   * Returns the names of the fields it asks for, in order of appearance; a name may have wildcards.
   */
  public Set<String> fields() {
    return fields;
  }

  /**
   * Returns a query of the same meaning without lists of values: {@code (f:a or f:b)} for {@code
   * f:(a or b)}. Elasticsearch 8.19 and some versions of 9 refuse such a list in their {@code kql}
   * query.
   *
   * @see <a href="https://github.com/elastic/elasticsearch/issues/132366">The fault of the
   *     server</a>
   */
  public String withoutLists() {
    return withoutLists;
  }

  /** Returns the query as a tree. */
  KqlNode root() {
    return root;
  }

  /** Returns the query as it was given. */
  @Override
  public String toString() {
    return text;
  }

  /** What a token is. */
  private enum Kind {
    LITERAL,
    PHRASE,
    AND,
    OR,
    NOT,
    OPEN,
    CLOSE,
    OPEN_NESTED,
    CLOSE_NESTED,
    COLON,
    COMPARISON,
    END
  }

  /** Reads tokens one ahead; what it read is in {@link #out}. Not thread-safe. */
  private static final class Parser {
    private static final int MAX_DEPTH = 100;
    private static final String SPECIAL = "():<>\"{}";

    private final String text;
    private final Set<String> fields = new LinkedHashSet<>();
    private final StringBuilder out = new StringBuilder();
    private String nestedPath = "";
    private Kind kind = Kind.END;
    private int start;
    private int end;
    private int depth;

    Parser(String text) {
      this.text = text;
      advance();
    }

    private KqlNode query() {
      KqlNode all = anyOf(this::term);
      if (kind != Kind.END) {
        throw unexpected();
      }
      return all;
    }

    /** Terms between operators, of which {@code and} binds tighter. */
    private KqlNode anyOf(Supplier<KqlNode> term) {
      if (++depth > MAX_DEPTH) {
        throw new IllegalArgumentException("is nested deeper than " + MAX_DEPTH + " levels");
      }
      List<KqlNode> any = new ArrayList<>();
      List<KqlNode> all = new ArrayList<>();
      all.add(negatable(term));
      while (kind == Kind.AND || kind == Kind.OR) {
        if (kind == Kind.OR) {
          any.add(KqlNode.All.of(all));
          all = new ArrayList<>();
        }
        out.append(kind == Kind.AND ? " and " : " or ");
        advance();
        all.add(negatable(term));
      }
      any.add(KqlNode.All.of(all));
      depth--;
      return KqlNode.Any.of(any);
    }

    private KqlNode negatable(Supplier<KqlNode> term) {
      boolean negated = false;
      for (; kind == Kind.NOT; negated = !negated) {
        out.append("not ");
        advance();
      }
      KqlNode part = kind == Kind.OPEN ? enclosed(term) : term.get();
      return negated ? new KqlNode.Not(part) : part;
    }

    private KqlNode enclosed(Supplier<KqlNode> term) {
      advance();
      out.append('(');
      KqlNode part = anyOf(term);
      expect(Kind.CLOSE);
      out.append(')');
      return part;
    }

    private KqlNode term() {
      KqlNode.Value literal = literal();
      return switch (kind) {
        case COLON -> {
          advance();
          yield field(literal.raw());
        }
        case COMPARISON -> {
          String operator = text.substring(start, end);
          fields.add(nestedPath + literal.raw());
          out.append(literal.raw()).append(' ').append(operator).append(' ');
          advance();
          KqlNode.Value bound = literal();
          out.append(bound.raw());
          yield new KqlNode.Range(nestedPath + literal.raw(), operator, bound);
        }
        case LITERAL, PHRASE, AND, OR, NOT, OPEN, CLOSE, OPEN_NESTED, CLOSE_NESTED, END -> {
          out.append(literal.raw());
          yield new KqlNode.Is("", literal);
        }
      };
    }

    private KqlNode field(String field) {
      if (kind == Kind.OPEN_NESTED) {
        String outer = nestedPath;
        nestedPath += field + '.';
        out.append(field).append(":{");
        advance();
        KqlNode part = anyOf(this::term);
        expect(Kind.CLOSE_NESTED);
        out.append('}');
        nestedPath = outer;
        return new KqlNode.Nested(nestedPath + field, part);
      }
      String name = nestedPath + field;
      fields.add(name);
      Supplier<KqlNode> value =
          () -> {
            KqlNode.Value literal = literal();
            out.append(field).append(':').append(literal.raw());
            return new KqlNode.Is(name, literal);
          };
      return kind == Kind.OPEN ? enclosed(value) : value.get();
    }

    /** A phrase, or words with single blanks between. */
    private KqlNode.Value literal() {
      if (kind == Kind.PHRASE) {
        String phrase = text.substring(start, end);
        advance();
        return new KqlNode.Value(phrase, true);
      }
      if (kind != Kind.LITERAL) {
        throw unexpected();
      }
      StringBuilder words = new StringBuilder();
      for (; kind == Kind.LITERAL; advance()) {
        words.append(words.length() == 0 ? "" : " ").append(text, start, end);
      }
      return new KqlNode.Value(words.toString(), false);
    }

    private void expect(Kind expected) {
      if (kind != expected) {
        throw unexpected();
      }
      advance();
    }

    private IllegalArgumentException unexpected() {
      return new IllegalArgumentException(
          kind == Kind.END
              ? "ends too early"
              : "has " + text.substring(start, end) + " out of place at index " + start);
    }

    private void advance() {
      start = end;
      while (start < text.length() && Character.isWhitespace(text.charAt(start))) {
        start++;
      }
      end = start;
      kind = start == text.length() ? Kind.END : token(text.charAt(start));
    }

    private Kind token(char first) {
      return switch (first) {
        case '(' -> single(Kind.OPEN);
        case ')' -> single(Kind.CLOSE);
        case '{' -> single(Kind.OPEN_NESTED);
        case '}' -> single(Kind.CLOSE_NESTED);
        case ':' -> single(Kind.COLON);
        case '<', '>' -> {
          end = text.startsWith("=", start + 1) ? start + 2 : start + 1;
          yield Kind.COMPARISON;
        }
        case '"' -> phrase();
        default -> word();
      };
    }

    private Kind single(Kind what) {
      end = start + 1;
      return what;
    }

    private Kind phrase() {
      for (end = start + 1; end < text.length(); end++) {
        char c = text.charAt(end);
        if (c == '\\') {
          end++;
        } else if (c == '"') {
          end++;
          return Kind.PHRASE;
        }
      }
      throw new IllegalArgumentException("has no closing quote for index " + start);
    }

    private Kind word() {
      for (; end < text.length(); end++) {
        char c = text.charAt(end);
        if (c == '\\') {
          if (++end == text.length()) {
            throw new IllegalArgumentException("ends in a backslash");
          }
        } else if (SPECIAL.indexOf(c) >= 0 || Character.isWhitespace(c)) {
          break;
        }
      }
      if (isWord("and")) {
        return Kind.AND;
      }
      if (isWord("or")) {
        return Kind.OR;
      }
      return isWord("not") ? Kind.NOT : Kind.LITERAL;
    }

    private boolean isWord(String word) {
      return end - start == word.length()
          && text.regionMatches(true, start, word, 0, word.length());
    }
  }
}
