// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.Tlp;
import dev.tip.catalog.FeedDescriptionException.Problem;
import dev.tip.feed.ContentContract;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedInfo.Auth;
import dev.tip.feed.FeedInfo.Coverage;
import dev.tip.feed.FeedInfo.Role;
import dev.tip.feed.FeedInfo.Status;
import dev.tip.feed.Terms;
import dev.tip.format.ListFormat;
import dev.tip.format.Mapping.Kind;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads feeds from their description. */
final class DescriptionReader {
  private static final Duration LEAST_INTERVAL = Duration.ofMinutes(1);
  private static final Duration USUAL_INTERVAL = Duration.ofHours(1);
  private static final Pattern KEY_NAME = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");
  private static final Pattern SECRET_PARAMETER =
      Pattern.compile(
          "(.*[-_.])?(key|apikey|token|secret|password|passwd|pwd|auth|signature|sig)",
          Pattern.CASE_INSENSITIVE);
  private static final Set<String> SECRET_HEADERS =
      Set.of("authorization", "proxy-authorization", "cookie");

  private final List<Problem> problems = new ArrayList<>();
  private final Map<String, Integer> ids = new LinkedHashMap<>();

  private DescriptionReader() {}

  /**
   * Returns the rows of a document: one feed, or an array of them.
   *
   * @throws FeedDescriptionException if something is wrong, with all of it
   */
  static List<Entry> read(byte[] json) throws FeedDescriptionException {
    Node document = Node.read(json);
    DescriptionReader reader = new DescriptionReader();
    List<Entry> entries = new ArrayList<>();
    List<Node> feeds = document instanceof Node.Array array ? array.elements() : List.of(document);
    if (feeds.isEmpty()) {
      reader.wrong(document, "there is no feed in the array");
    }
    for (Node node : feeds) {
      if (node instanceof Node.Tree tree) {
        Entry entry = reader.feed(tree);
        if (entry != null) {
          entries.add(entry);
        }
      } else {
        reader.wrong(node, "a feed is an object, not " + node.kind());
      }
    }
    if (!reader.problems.isEmpty()) {
      reader.problems.sort(Comparator.comparingInt(Problem::line).thenComparing(Problem::column));
      throw new FeedDescriptionException(reader.problems);
    }
    return entries;
  }

  private void wrong(Node at, String message) {
    problems.add(new Problem(at.line(), at.column(), message));
  }

  private @Nullable Entry feed(Node.Tree tree) {
    int before = problems.size();
    Members feed = new Members(tree, problems);
    feed.has("$schema");
    String id = id(feed, tree);
    String name = feed.text("name");
    String description = feed.required("description", "a sentence about the list");
    String provider = feed.required("provider", "who publishes the list");
    URI reference = feed.page("reference", "the publisher's page about the list");
    Terms terms = terms(feed);
    Role role =
        required(feed, "role", List.of(Role.values()), Role::value, "what being listed means");
    Confidence confidence =
        required(
            feed,
            "confidence",
            List.of(Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH),
            Confidence::ecsValue,
            "how sure the list is: \"Low\", \"Medium\" or \"High\"");
    String reason = feed.text("confidenceReason");
    Tlp tlp = feed.choice("tlp", List.of(Tlp.values()), Tlp::ecsValue);
    Coverage coverage =
        required(
            feed,
            "coverage",
            List.of(Coverage.values()),
            Entry::word,
            "\"snapshot\" if the list is everything, \"window\" if it is the newest part");
    Duration timeToLive = feed.duration("timeToLive", LEAST_INTERVAL);
    if (coverage != null && coverage != Coverage.SNAPSHOT && !feed.has("timeToLive")) {
      feed.wrong(
          "coverage",
          "a list that is not everything needs \"timeToLive\": how long an indicator lives after it"
              + " was last seen, such as \"P30D\"");
    }
    Duration interval = feed.duration("interval", LEAST_INTERVAL);
    FormatReader reader = new FormatReader(feed);
    ListFormat format = reader.read();
    CyberObservable.Type[] types = types(feed, reader.kinds());

    Entry entry =
        new Entry(
            id,
            name == null ? id : name,
            new Entry.Publisher(provider, terms),
            String.valueOf(reference == null ? terms.reference() : reference));
    if (types.length > 0) {
      entry.lists(description, types[0], types);
    }
    if (role != null && confidence != null && coverage != null) {
      entry
          .means(role, confidence, reason == null ? "" : reason)
          .covers(coverage, timeToLive, interval == null ? USUAL_INTERVAL : interval);
    }
    if (tlp != null) {
      entry.tlp(tlp);
    }
    key(feed, entry);
    status(feed, entry);
    request(feed, entry);
    contract(feed, entry.contract());
    String url = url(feed);
    feed.end();
    if (format == null || problems.size() > before) {
      return null;
    }
    entry.at(url, format);
    return check(feed, entry) ? entry : null;
  }

  private static <T> @Nullable T required(
      Members feed,
      String name,
      List<T> all,
      java.util.function.Function<T, String> words,
      String what) {
    if (!feed.has(name)) {
      feed.required(name, what);
      return null;
    }
    return feed.choice(name, all, words);
  }

  /** Returns the id, or one that can be used in its place. */
  private String id(Members feed, Node.Tree tree) {
    String id = feed.required("id", "publisher and list, such as \"example-c2\"; it never changes");
    if (id.isEmpty()) {
      return "x";
    }
    try {
      FeedInfo.builder(id);
    } catch (IllegalArgumentException e) {
      feed.wrong(
          "id",
          "\"id\" has lower-case letters, digits and hyphens, at most 64, and begins with a"
              + " letter");
      return "x";
    }
    Integer other = ids.putIfAbsent(id, tree.line());
    if (other != null) {
      feed.wrong("id", "the feed in line " + other + " is called " + id + " already");
    }
    return id;
  }

  private static Terms terms(Members feed) {
    URI nowhere = URI.create("https://invalid.example/");
    if (!feed.has("terms")) {
      feed.required(
          "terms",
          "what the publisher allows, such as {\"summary\": \"CC0\", \"reference\":"
              + " \"https://feed.example/terms\", \"commercialUse\": true, \"redistribution\":"
              + " true}");
      return new Terms("", nowhere, false, false, null);
    }
    Members terms = feed.object("terms");
    if (terms == null) {
      return new Terms("", nowhere, false, false, null);
    }
    String summary = terms.required("summary", "the terms in one line");
    URI reference = terms.page("reference", "where the terms stand");
    boolean commercial = terms.flag("commercialUse");
    boolean passOn = terms.flag("redistribution");
    String credit = terms.text("credit");
    terms.end();
    return new Terms(summary, reference == null ? nowhere : reference, commercial, passOn, credit);
  }

  private static CyberObservable.Type[] types(Members feed, Set<Kind> kinds) {
    Set<CyberObservable.Type> types = EnumSet.noneOf(CyberObservable.Type.class);
    if (feed.has("types")) {
      for (String text : feed.texts("types")) {
        CyberObservable.Type type =
            feed.one(
                feed.nodeOf("types"),
                "types",
                text,
                List.of(CyberObservable.Type.values()),
                CyberObservable.Type::stixName);
        if (type != null) {
          types.add(type);
        }
      }
    } else {
      kinds.forEach(kind -> types.addAll(kind.types()));
    }
    return types.toArray(new CyberObservable.Type[0]);
  }

  private static void key(Members feed, Entry entry) {
    Members key = feed.object("key");
    if (key == null) {
      return;
    }
    String name =
        key.required("name", "the environment variable with the key, such as \"EXAMPLE_KEY\"");
    if (!name.isEmpty() && !KEY_NAME.matcher(name).matches()) {
      key.wrong(
          "name",
          "\"name\" is the name of an environment variable in capitals, never the key itself");
    }
    String header = key.text("header");
    String url = key.text("url");
    if (header == null && url == null) {
      key.wrong(
          "name", "say how the key is sent: \"header\": \"Auth-Key\", or \"url\" with {secret}");
    }
    if (url != null && !url.contains("{secret}")) {
      key.wrong("url", "\"url\" must have {secret} where the key stands, in path or query");
    }
    entry.auth(key.flag("optional") ? Auth.OPTIONAL_KEY : Auth.KEY, name);
    if (header != null) {
      entry.secretHeader(header);
    }
    if (url != null) {
      entry.keyedLocation(url);
    }
    key.end();
  }

  private static void status(Members feed, Entry entry) {
    Status status = feed.choice("status", List.of(Status.values()), Entry::word);
    LocalDate since = feed.day("statusSince");
    String note = feed.text("statusNote");
    if (status == null) {
      if (since != null || note != null) {
        feed.wrong("status", "\"statusSince\" and \"statusNote\" need a \"status\"");
      }
      return;
    }
    if (note == null && status != Status.ACTIVE) {
      feed.required("statusNote", "what a user should know, such as the successor");
      return;
    }
    entry.status(status, since, note == null ? "" : note);
  }

  private static void request(Members feed, Entry entry) {
    if (feed.flag("plainHttp")) {
      entry.plainHttp();
    }
    feed.named("headers")
        .forEach(
            (name, values) -> {
              String lower = name.toLowerCase(Locale.ROOT);
              if (SECRET_HEADERS.contains(lower) || SECRET_PARAMETER.matcher(lower).matches()) {
                feed.wrong(
                    "headers",
                    "the header "
                        + name
                        + " carries a secret, which a file must not hold; use \"key\": {\"name\":"
                        + " \"EXAMPLE_KEY\", \"header\": \""
                        + name
                        + "\"}");
              } else {
                values.forEach(value -> entry.header(name, value));
              }
            });
    Members post = feed.object("post");
    if (post != null) {
      entry.post(
          post.required("mediaType", "such as \"application/json\""),
          post.required("body", "what is posted, without any secret"));
      post.end();
    }
    List<String> members = feed.texts("members");
    if (!members.isEmpty()) {
      entry.members(members.toArray(new String[0]));
    }
  }

  private static void contract(Members feed, ContentContract.Builder contract) {
    Members clauses = feed.object("contract");
    if (clauses == null) {
      return;
    }
    String marker = clauses.text("marker");
    if (marker != null) {
      contract.marker(marker);
    }
    for (String type : clauses.texts("mediaTypes")) {
      contract.mediaTypes(type);
    }
    if (clauses.flag("html")) {
      contract.htmlExpected();
    }
    if (clauses.flag("mayBeEmpty")) {
      contract.mayBeEmpty();
    }
    if (clauses.flag("counted")) {
      contract.declaresRecords();
    }
    Double rejected = clauses.share("maxRejectedShare");
    if (rejected != null) {
      contract.maxRejectedShare(rejected);
    }
    Double least = clauses.share("minShareOfLast");
    if (least != null) {
      contract.minShareOfLast(least);
    }
    clauses.end();
  }

  private static String url(Members feed) {
    String url =
        feed.required("url", "where the list is, such as \"https://feed.example/ips.txt\"");
    if (url.contains("{secret}")) {
      feed.wrong("url", "an address with {secret} belongs into \"key\": {\"url\": …}");
      return "";
    }
    int query = url.indexOf('?');
    String[] parameters = query < 0 ? new String[0] : url.substring(query + 1).split("[&;]", -1);
    for (String parameter : parameters) {
      String name = parameter.substring(0, Math.max(parameter.indexOf('='), 0));
      if (SECRET_PARAMETER.matcher(name).matches()) {
        feed.wrong(
            "url",
            "the parameter "
                + name
                + " carries a secret, which a file must not hold; use \"key\": {\"name\":"
                + " \"EXAMPLE_KEY\", \"url\": \"…?"
                + name
                + "={secret}\"}");
      }
    }
    return url;
  }

  /** Lets the feed itself check addresses and headers. */
  private static boolean check(Members feed, Entry entry) {
    try {
      entry.feed(null);
      return true;
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      String at =
          message.contains("keyedLocation")
              ? "key"
              : message.contains("header") ? "headers" : "url";
      String plain = message.replace("keyedLocation", "address with the key");
      feed.wrong(
          at.equals("headers") && !feed.has("headers") ? "key" : at,
          plain.substring(plain.indexOf(": ") + 2)
              + (plain.contains("plain http")
                  ? "; if there is no https, say \"plainHttp\": true"
                  : ""));
      return false;
    }
  }
}
