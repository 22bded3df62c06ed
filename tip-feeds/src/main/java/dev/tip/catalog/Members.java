// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import dev.tip.catalog.FeedDescriptionException.Problem;
import dev.tip.catalog.Node.Member;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The members of an object of a description, read by name. What is wrong is noted, and reads as
 * absent. Members that nobody has asked for are wrong.
 */
final class Members {
  private static final Duration LONGEST = Duration.ofDays(3650);
  private static final int MAX_ELEMENTS = 1000;

  private final Node.Tree tree;
  private final List<Problem> problems;
  private final Set<String> known = new LinkedHashSet<>();

  Members(Node.Tree tree, List<Problem> problems) {
    this.tree = tree;
    this.problems = problems;
  }

  /** Notes that something is wrong with a node. */
  void wrong(Node at, String message) {
    problems.add(new Problem(at.line(), at.column(), message));
  }

  /** Notes that something is wrong with a member, or with the object if it has not that member. */
  void wrong(String name, String message) {
    Member member = tree.members().get(name);
    wrong(member == null ? tree : member.value(), message);
  }

  boolean has(String name) {
    known.add(name);
    return tree.members().containsKey(name);
  }

  @Nullable Node node(String name) {
    known.add(name);
    Member member = tree.members().get(name);
    return member == null ? null : member.value();
  }

  /** Returns a member that is there, or the object. */
  Node nodeOf(String name) {
    Node node = node(name);
    return node == null ? tree : node;
  }

  private void missing(String name, String what) {
    if (!has(name)) {
      wrong(tree, '"' + name + "\" is missing: " + what);
    }
  }

  private void expected(String name, Node found, String what) {
    wrong(found, '"' + name + "\" must be " + what + ", not " + found.kind());
  }

  /** Returns a text, or null if there is none. */
  @Nullable String text(String name) {
    Node node = node(name);
    return node == null ? null : text(name, node);
  }

  private @Nullable String text(String name, Node node) {
    if (!(node instanceof Node.Text text)) {
      expected(name, node, "a text in quotes");
      return null;
    }
    if (text.value().isBlank()) {
      wrong(node, '"' + name + "\" is empty; leave it out or fill it");
      return null;
    }
    if (text.value().length() > Node.MAX_TEXT) {
      wrong(node, '"' + name + "\" has more than " + Node.MAX_TEXT + " characters");
      return null;
    }
    return text.value();
  }

  /** Returns a text that may be white space, or null if there is none. */
  @Nullable String rawText(String name) {
    return node(name) instanceof Node.Text text && !text.value().isEmpty()
        ? text.value()
        : text(name);
  }

  /** Returns a text that must be there; the empty text stands for what is wrong. */
  String required(String name, String what) {
    missing(name, what);
    String text = text(name);
    return text == null ? "" : text;
  }

  /** Returns whether a flag is there and true. */
  boolean flag(String name) {
    Node node = node(name);
    if (node == null) {
      return false;
    }
    if (node instanceof Node.Flag flag) {
      return flag.value();
    }
    expected(name, node, "true or false, without quotes");
    return false;
  }

  /** Returns a whole number from 0, or null if there is none. */
  @Nullable Long number(String name) {
    Node node = node(name);
    if (node == null) {
      return null;
    }
    if (node instanceof Node.Numeral number
        && number.value().length() <= 18
        && number.value().chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Long.valueOf(number.value());
    }
    expected(name, node, "a whole number from 0 with at most 18 digits");
    return null;
  }

  /** Returns a number from 0 to 1, or null if there is none. */
  @Nullable Double share(String name) {
    Node node = node(name);
    if (node == null) {
      return null;
    }
    if (node instanceof Node.Numeral number) {
      double value = Double.parseDouble(number.value());
      if (value >= 0 && value <= 1) {
        return value;
      }
    }
    wrong(node, '"' + name + "\" must be a number from 0 to 1, such as 0.1");
    return null;
  }

  /** Returns texts: an array of them, or one text alone. */
  List<String> texts(String name) {
    Node node = node(name);
    return node == null ? List.of() : texts(name, node);
  }

  private List<String> texts(String name, Node node) {
    if (node instanceof Node.Text) {
      String text = text(name, node);
      return text == null ? List.of() : List.of(text);
    }
    if (!(node instanceof Node.Array array)) {
      expected(name, node, "a text or an array of texts");
      return List.of();
    }
    if (array.elements().isEmpty() || array.elements().size() > MAX_ELEMENTS) {
      wrong(node, '"' + name + "\" needs 1 to " + MAX_ELEMENTS + " elements");
    }
    List<String> texts = new ArrayList<>();
    for (Node element : array.elements()) {
      String text = text(name, element);
      if (text != null) {
        texts.add(text);
      }
    }
    return texts;
  }

  /** Returns arrays of texts. */
  List<List<String>> lists(String name) {
    Node node = node(name);
    if (node == null) {
      return List.of();
    }
    if (!(node instanceof Node.Array array)) {
      expected(name, node, "an array of arrays of texts");
      return List.of();
    }
    return array.elements().stream().map(element -> texts(name, element)).toList();
  }

  /** Returns the members of an object within, or null if there is none. */
  @Nullable Members object(String name) {
    Node node = node(name);
    if (node instanceof Node.Tree inner) {
      return new Members(inner, problems);
    }
    if (node != null) {
      expected(name, node, "an object");
    }
    return null;
  }

  /** Returns the objects of an array. */
  List<Members> objects(String name) {
    Node node = node(name);
    if (node == null) {
      return List.of();
    }
    if (!(node instanceof Node.Array array)) {
      expected(name, node, "an array of objects");
      return List.of();
    }
    List<Members> all = new ArrayList<>();
    for (Node element : array.elements()) {
      if (element instanceof Node.Tree inner) {
        all.add(new Members(inner, problems));
      } else {
        expected(name, element, "an array of objects");
      }
    }
    return all;
  }

  /** Returns the names of an object within whose values are texts, or arrays of texts. */
  Map<String, List<String>> named(String name) {
    Members inner = object(name);
    Map<String, List<String>> all = new LinkedHashMap<>();
    if (inner != null) {
      if (inner.tree.members().isEmpty()) {
        wrong(inner.tree, '"' + name + "\" is empty; leave it out or fill it");
      }
      inner.tree.members().forEach((key, member) -> all.put(key, inner.texts(key)));
    }
    return all;
  }

  /** Returns a member within an object, to say what is wrong with it. */
  Node within(String name, String inner) {
    Node outer = node(name);
    Member member = outer instanceof Node.Tree object ? object.members().get(inner) : null;
    return member == null ? tree : member.value();
  }

  /** Returns what a text stands for, or null if there is none. */
  <T> @Nullable T choice(String name, Collection<T> all, Function<T, String> words) {
    Node node = node(name);
    if (node == null) {
      return null;
    }
    String text = text(name, node);
    return text == null ? null : one(node, name, text, all, words);
  }

  /** Returns what a text stands for, or null if it stands for nothing, which is noted. */
  <T> @Nullable T one(
      Node at, String name, String text, Collection<T> all, Function<T, String> words) {
    for (T value : all) {
      if (words.apply(value).equals(text)) {
        return value;
      }
    }
    List<String> choices = all.stream().map(words).toList();
    String list = choices.stream().map(c -> '"' + c + '"').collect(Collectors.joining(", "));
    wrong(at, '"' + name + "\" is one of " + list + suggestion(text, choices));
    return null;
  }

  /** Returns a time span, or null if there is none. */
  @Nullable Duration duration(String name, Duration least) {
    String text = text(name);
    if (text == null) {
      return null;
    }
    try {
      Duration duration = Duration.parse(text);
      if (duration.compareTo(least) >= 0 && duration.compareTo(LONGEST) <= 0) {
        return duration;
      }
      wrong(
          name,
          '"' + name + "\" must be from " + least + " to " + LONGEST.toDays() + " days (P3650D)");
    } catch (DateTimeException e) {
      wrong(
          name, '"' + name + "\" is an ISO 8601 duration such as \"PT30M\", \"PT12H\" or \"P30D\"");
    }
    return null;
  }

  /** Returns a day, or null if there is none. */
  @Nullable LocalDate day(String name) {
    String text = text(name);
    if (text == null) {
      return null;
    }
    try {
      return LocalDate.parse(text);
    } catch (DateTimeException e) {
      wrong(name, '"' + name + "\" is a day such as \"2026-11-24\"");
      return null;
    }
  }

  /** Returns an address of a page, which may be of http. */
  @Nullable URI page(String name, String what) {
    String text = required(name, what);
    if (text.isEmpty()) {
      return null;
    }
    try {
      URI page = URI.create(text);
      if (page.getHost() != null
          && ("https".equals(page.getScheme()) || "http".equals(page.getScheme()))) {
        return page;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    wrong(name, '"' + name + "\" is the address of a page, such as \"https://feed.example/about\"");
    return null;
  }

  /** Notes members that nobody has asked for. */
  void end() {
    tree.members()
        .forEach(
            (name, member) -> {
              if (!known.contains(name)) {
                problems.add(
                    new Problem(
                        member.line(),
                        member.column(),
                        '"'
                            + name
                            + "\" means nothing here"
                            + suggestion(name, known)
                            + "; there are "
                            + String.join(", ", known)));
              }
            });
  }

  /** Returns the known names, for a schema. */
  Set<String> known() {
    return known;
  }

  private static String suggestion(String text, Collection<String> choices) {
    return choices.stream()
        .map(choice -> Map.entry(choice, distance(text, choice)))
        .filter(
            found ->
                found.getValue() <= Math.max(1, found.getKey().length() / 3)
                    || text.startsWith(found.getKey()))
        .min(Map.Entry.comparingByValue())
        .map(found -> "; did you mean \"" + found.getKey() + "\"?")
        .orElse("");
  }

  /** Returns how many letters differ, counting a swap of two as one; long texts differ in all. */
  private static int distance(String a, String b) {
    if (a.length() > 64 || b.length() > 64) {
      return Integer.MAX_VALUE;
    }
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        char x = Character.toLowerCase(a.charAt(i - 1));
        char y = Character.toLowerCase(b.charAt(j - 1));
        d[i][j] =
            Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (x == y ? 0 : 1));
        if (i > 1
            && j > 1
            && x == Character.toLowerCase(b.charAt(j - 2))
            && y == Character.toLowerCase(a.charAt(i - 2))) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
