// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A feed that is one HTTP resource. Immutable and thread-safe.
 *
 * <p>It asks conditionally, follows up to five redirects, never from https to plain http and
 * without its secret where the origin changes, and recognises gzip and zip by their first bytes.
 * What is not the list ends in a {@link FeedException} and never in a shorter list: a connection
 * that breaks, a body that is cut, an empty body, a web page, a list without its marker. Some of
 * that shows only while the entries are read; then the exception is wrapped in {@link
 * java.io.UncheckedIOException}. Every exception of {@link #fetch} says what it has {@linkplain
 * FeedException#transfer() cost}.
 *
 * <p>The clauses of a broken contract are {@code too-large}, {@code compression}, {@code archive},
 * {@code empty-body}, {@code html}, {@code media-type}, {@code marker}, {@code git-lfs-pointer},
 * {@code error-text}, {@code status}, those of {@link FeedReader} and those of the parser.
 *
 * <p>Nothing is requested if the feed is retired, its terms forbid the use, its key is missing, or
 * its {@linkplain FeedInfo#minInterval() minimum interval} has not passed. With a {@linkplain
 * FetchContext#mirror() mirror} the file of {@link #location()} is read instead: no secret is
 * needed and no interval kept, the same checks apply.
 *
 * <p>The state has the keys {@code location}, {@code fetched-at}, {@code etag} and {@code
 * last-modified}; that of a mirror is empty.
 */
public final class HttpFeed implements Feed {
  private static final Logger LOG = LoggerFactory.getLogger(HttpFeed.class);

  private static final String PLACEHOLDER = "{secret}";
  private static final int MAX_DECLARED = 1024;
  private static final Set<String> HTML = Set.of("text/html", "application/xhtml+xml");

  private final FeedInfo info;
  private final URI location;
  private final @Nullable String keyedLocation;
  private final Map<String, String> headers;
  private final @Nullable String body;
  private final @Nullable String secretHeader;
  private final @Nullable Authorization authorization;
  private final Map<String, String> declarations;
  private final @Nullable Predicate<String> members;
  private final boolean plainHttp;
  private final boolean besideOthers;
  private final FeedParser parser;

  private HttpFeed(Builder b, URI location, FeedParser parser) {
    this.info = b.info;
    this.location = location;
    this.keyedLocation = b.keyedLocation;
    this.headers = Map.copyOf(b.headers);
    this.body = b.body;
    this.secretHeader = b.secretHeader;
    this.authorization = b.authorization;
    this.declarations = Map.copyOf(b.declarations);
    this.members = b.members;
    this.plainHttp = b.plainHttp;
    this.besideOthers = b.besideOthers;
    this.parser = parser;
  }

  /** Returns a builder. */
  public static Builder builder(FeedInfo info) {
    return new Builder(info);
  }

  @Override
  public FeedInfo info() {
    return info;
  }

  /** Returns the address without secrets. */
  public String location() {
    return location.toString();
  }

  /** Returns id and address without secrets. */
  @Override
  public String toString() {
    return info.id() + " at " + location;
  }

  @Override
  public FetchResult fetch(FetchContext context, @Nullable FetchState last)
      throws IOException, InterruptedException {
    Meter meter = new Meter(info, context);
    try {
      checkAllowed(context);
      if (Thread.interrupted()) {
        throw new InterruptedException(info.id() + ": interrupted before the fetch");
      }
      Mirror mirror = context.mirror().orElse(null);
      return mirror != null
          ? fromMirror(context, mirror, meter)
          : fromNetwork(context, last, meter);
    } catch (FeedException e) {
      throw e.after(meter.read());
    } catch (InterruptedIOException | ClosedByInterruptException e) {
      Thread.interrupted();
      throw new InterruptedException(info.id() + ": interrupted during the fetch");
    }
  }

  private void checkAllowed(FetchContext context) throws FeedException {
    if (info.status() == FeedInfo.Status.RETIRED) {
      throw failed(
          FeedOutcome.RETIRED,
          "the publisher has given the list up"
              + info.statusNote().map(note -> ": " + note).orElse(""));
    }
    if (!info.terms().allows(context.usage())) {
      throw failed(
          FeedOutcome.TERMS_NOT_ACCEPTED,
          "its terms forbid this use ("
              + info.terms().summary()
              + ", "
              + info.terms().reference()
              + "); leave the feed out, or make a contract with the publisher");
    }
  }

  private FetchResult fromMirror(FetchContext context, Mirror mirror, Meter meter)
      throws IOException {
    Path file = mirror.file(location).orElse(null);
    if (file == null) {
      throw failed(
          FeedOutcome.UNREACHABLE, location + " is not in the mirror " + mirror + "; add it there");
    }
    InputStream in;
    try {
      in = Files.newInputStream(file);
    } catch (NoSuchFileException e) {
      throw failed(
          FeedOutcome.UNREACHABLE,
          "the file of " + location + " is not in the folder of the mirror " + mirror);
    }
    return read(context, meter, in, null, FetchState.of(Map.of()), List.of());
  }

  private FetchResult fromNetwork(FetchContext context, @Nullable FetchState last, Meter meter)
      throws IOException, InterruptedException {
    Instant now = context.clock().instant();
    LastFetch before = LastFetch.of(last, location());
    Instant dueAt = before == null ? null : before.dueAt(info.minInterval(), now);
    if (before != null && dueAt != null) {
      throw FeedException.notDue(
          info.id(), dueAt, "fetched at " + before.at() + "; the next request is due at " + dueAt);
    }
    Secret secret = secret(context);
    // Conditions are about a resource, and what is posted asks for something else each time.
    Map<String, String> conditions =
        before == null || body != null ? Map.of() : before.conditions();
    Map<String, String> sent = new LinkedHashMap<>(headers);
    sent.putAll(conditions);
    URI first =
        secret == null || keyedLocation == null
            ? location
            : secret.expand(keyedLocation, PLACEHOLDER);
    LOG.debug("{}: asking {}", info.id(), location);
    HttpResponse<BodyStream> response =
        new Exchange(
                info, context, plainHttp, body, sent, secretHeader, secret, meter, !besideOthers)
            .get(first);
    boolean kept = false;
    try {
      FetchResult result =
          answer(context, meter, response, conditions.isEmpty() ? null : before, secret, now);
      kept = result instanceof FetchResult.Modified;
      return result;
    } finally {
      if (!kept) {
        response.body().close();
      }
    }
  }

  private @Nullable Secret secret(FetchContext context) throws FeedException {
    String name = info.secretName().orElse(null);
    if (name == null) {
      return null;
    }
    String value = context.secret(name).filter(v -> !v.isBlank()).orElse(null);
    if (value == null) {
      if (info.auth() == FeedInfo.Auth.KEY) {
        throw failed(
            FeedOutcome.AUTH_MISSING,
            "it needs the key " + name + ", which is not configured; see " + info.reference());
      }
      return null;
    }
    Secret secret = new Secret(value, authorization);
    if (secretHeader != null && secret.forHeader() == null) {
      throw failed(
          FeedOutcome.AUTH_MISSING,
          "the key "
              + name
              + " has characters that no header can carry; is a line end part of it?");
    }
    return secret;
  }

  private FetchResult answer(
      FetchContext context,
      Meter meter,
      HttpResponse<BodyStream> response,
      @Nullable LastFetch before,
      @Nullable Secret secret,
      Instant now)
      throws IOException {
    HttpHeaders received = response.headers();
    int status = response.statusCode();
    if (status == 304) {
      if (before == null) {
        throw failed(
            FeedOutcome.UNREACHABLE,
            "status 304 although the request was not conditional; a cache on the way is broken");
      }
      LOG.debug("{}: not modified", info.id());
      return new FetchResult.NotModified(
          before.confirmed(received, now, secret).toState(), meter.read());
    }
    if (status != 200) {
      throw refused(status, received, secret, now);
    }
    checkHead(meter, received);
    Instant lastModified =
        received.firstValue("Last-Modified").map(HttpFeed::httpDate).orElse(null);
    return read(
        context,
        meter,
        response.body(),
        lastModified,
        LastFetch.of(received, location(), now, secret).toState(),
        declared(received, lastModified, secret));
  }

  private List<FeedEntry> declared(
      HttpHeaders received, @Nullable Instant lastModified, @Nullable Secret secret) {
    List<FeedEntry> declared = new ArrayList<>();
    if (lastModified != null) {
      declared.add(new FeedEntry.Declared(FeedEntry.Declared.MODIFIED, lastModified.toString()));
    }
    declarations.forEach(
        (header, key) ->
            received
                .firstValue(header)
                .filter(v -> v.length() <= MAX_DECLARED && (secret == null || !secret.isIn(v)))
                .ifPresent(v -> declared.add(new FeedEntry.Declared(key, v))));
    return declared;
  }

  private void checkHead(Meter meter, HttpHeaders received) throws FeedException {
    ContentContract contract = info.contract();
    String type = mediaType(received.firstValue("Content-Type").orElse(""));
    if (HTML.contains(type) && !contract.htmlExpected()) {
      throw new Sniffer(info).html();
    }
    if (!type.isEmpty()
        && !contract.mediaTypes().isEmpty()
        && !contract.mediaTypes().contains(type)) {
      throw FeedException.contractBroken(
          info.id(),
          "media-type",
          "not one of the media types that the list is served with: " + contract.mediaTypes(),
          null);
    }
    String coding =
        received.firstValue("Content-Encoding").orElse("").strip().toLowerCase(Locale.ROOT);
    if (!coding.isEmpty()
        && !coding.equals("gzip")
        && !coding.equals("x-gzip")
        && !coding.equals("identity")) {
      throw FeedException.contractBroken(
          info.id(), "compression", "a content coding that was not asked for", null);
    }
    try {
      meter.received().announce(received.firstValueAsLong("Content-Length").orElse(0));
    } catch (NumberFormatException e) {
      throw failed(FeedOutcome.UNREACHABLE, "a Content-Length that is no number");
    }
  }

  private FetchResult read(
      FetchContext context,
      Meter meter,
      InputStream in,
      @Nullable Instant lastModified,
      FetchState state,
      List<FeedEntry> declared)
      throws IOException {
    BodyEntries entries =
        BodyEntries.open(
            info, parser, members, context, meter, in, Addresses.name(location), lastModified);
    Iterator<FeedEntry> all = declared.isEmpty() ? entries : behind(declared.iterator(), entries);
    return new FetchResult.Modified(FeedReader.of(info, all, entries, meter::read), state);
  }

  private static Iterator<FeedEntry> behind(Iterator<FeedEntry> first, Iterator<FeedEntry> second) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return first.hasNext() || second.hasNext();
      }

      @Override
      public FeedEntry next() {
        return first.hasNext() ? first.next() : second.next();
      }
    };
  }

  private static String mediaType(String header) {
    int end = header.indexOf(';');
    return (end < 0 ? header : header.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  private static @Nullable Instant httpDate(String text) {
    try {
      return DateTimeFormatter.RFC_1123_DATE_TIME
          .withLocale(Locale.ROOT)
          .parse(text, Instant::from);
    } catch (DateTimeException e) {
      return null;
    }
  }

  private FeedException refused(
      int status, HttpHeaders received, @Nullable Secret secret, Instant now) {
    return explained(status, received, secret, now).answered(status);
  }

  private FeedException explained(
      int status, HttpHeaders received, @Nullable Secret secret, Instant now) {
    String answered = "status " + status + ": ";
    if (status == 401 || status == 403) {
      String name = info.secretName().orElse(null);
      String what;
      if (name == null) {
        what = "the publisher refuses the request; check the terms and the User-Agent";
      } else if (secret == null) {
        what = "a key is now required; get one from the publisher and configure " + name;
      } else {
        what = "the publisher refuses the key " + name + "; check or replace it";
      }
      return failed(FeedOutcome.AUTH_REJECTED, answered + what);
    }
    if (status == 402) {
      return failed(
          FeedOutcome.AUTH_REJECTED,
          answered
              + "the publisher wants a plan that allows this; get one, or change the address so that"
              + " it asks for what yours allows");
    }
    if (status == 422) {
      return FeedException.contractBroken(
          info.id(),
          "request",
          answered
              + "the publisher does not take what the address asks for; compare it with "
              + info.reference(),
          null);
    }
    if (status == 404 || status == 410) {
      return failed(
          FeedOutcome.GONE,
          answered + "the list is no longer at " + location + "; see " + info.reference());
    }
    // 509 is how PhishTank says too many requests.
    if (status == 429 || status == 503 || status == 509) {
      Instant retryAt = RetryAfter.of(received, now);
      return FeedException.rateLimited(
          info.id(), retryAt, answered + "the publisher asks to come back at " + retryAt);
    }
    if (status == 406 || status == 415) {
      return FeedException.contractBroken(
          info.id(),
          "media-type",
          answered + "the publisher does not have the list in the media type that was asked for",
          null);
    }
    if (status == 407) {
      return failed(FeedOutcome.UNREACHABLE, answered + Exchange.PROXY_PASSWORD);
    }
    if (status < 300) {
      return FeedException.contractBroken(
          info.id(), "status", answered + "a success without the list", null);
    }
    return failed(FeedOutcome.UNREACHABLE, answered + "the publisher does not give the list now");
  }

  private FeedException failed(FeedOutcome outcome, String message) {
    return FeedException.of(info.id(), outcome, message, null);
  }

  /** Collects a feed. Not thread-safe. */
  public static final class Builder {
    private FeedInfo info;
    private @Nullable String location;
    private @Nullable String keyedLocation;
    private @Nullable URI overriding;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private @Nullable String body;
    private @Nullable String secretHeader;
    private @Nullable Authorization authorization;
    private final Map<String, String> declarations = new LinkedHashMap<>();
    private @Nullable Predicate<String> members;
    private boolean plainHttp;
    private boolean besideOthers;
    private @Nullable FeedParser parser;

    private Builder(FeedInfo info) {
      this.info = Objects.requireNonNull(info, "info");
    }

    /** Sets the address; required. It needs no secret: mirrors and reports go by it. */
    public Builder location(String location) {
      this.location = Objects.requireNonNull(location);
      return this;
    }

    /**
     * Sets an address with <code>{secret}</code> in it that is used when the secret is configured;
     * default: none.
     */
    public Builder keyedLocation(String template) {
      this.keyedLocation = Objects.requireNonNull(template);
      return this;
    }

    /** Adds a request header, which every host gets that the request is redirected to. */
    public Builder header(String name, String value) {
      headers.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
      return this;
    }

    /**
     * Asks with a POST, of which no secret is a part; default: a GET. It is not sent again where a
     * redirect asks for a GET.
     *
     * @param mediaType the media type of the body
     */
    public Builder post(String mediaType, String body) {
      this.body = Objects.requireNonNull(body, "body");
      return header("Content-Type", mediaType);
    }

    /**
     * Asks its host also while others do, because the publisher does not mind; default: waits until
     * no other feed of the {@linkplain FetchContext context} has a connection to it.
     */
    public Builder besideOthers() {
      this.besideOthers = true;
      return this;
    }

    /**
     * Sends the feed's secret in this header when it is configured, and to the feed's own origin
     * only; default: no header.
     */
    public Builder secretHeader(String name) {
      this.secretHeader = Objects.requireNonNull(name);
      return this;
    }

    /**
     * Sends the feed's secret in the header {@code Authorization}, otherwise as {@link
     * #secretHeader}; default: not.
     */
    public Builder authorization(Authorization authorization) {
      this.authorization = Objects.requireNonNull(authorization);
      return secretHeader("Authorization");
    }

    /**
     * Takes a response header for something that the publisher says about the list: it becomes a
     * {@link FeedEntry.Declared} before all other entries. Default: none.
     *
     * @param header the header's name; one that is missing, or longer than 1024 characters, or has
     *     the secret in it, declares nothing
     * @param key the key of the declaration
     */
    public Builder declares(String header, String key) {
      declarations.put(
          Objects.requireNonNull(header, "header"), Objects.requireNonNull(key, "key"));
      return this;
    }

    /**
     * Says that the body is a zip archive of which these members are read, in the order of their
     * names; default: it is none. If one comes all the same, its first member is read.
     *
     * @param members tells by a name whether to read the member
     */
    public Builder members(Predicate<String> members) {
      this.members = Objects.requireNonNull(members);
      return this;
    }

    /** Allows an address with plain http; default: refused. */
    public Builder plainHttp() {
      this.plainHttp = true;
      return this;
    }

    /** Sets the parser; required. */
    public Builder parser(FeedParser parser) {
      this.parser = Objects.requireNonNull(parser);
      return this;
    }

    /**
     * Changes what the host wants changed. Another location replaces the keyed one as well, may
     * have plain http, and gets the feed's secret only if it is of the same origin.
     *
     * @param override the changes, or null for none
     */
    public Builder override(FeedSettings.@Nullable Override override) {
      if (override == null) {
        return this;
      }
      overriding = override.location();
      info = override.appliedTo(info);
      return this;
    }

    /**
     * Builds the feed.
     *
     * @throws NullPointerException if location or parser are missing
     * @throws IllegalArgumentException if an address or header cannot be used, or a secret is to be
     *     sent that the feed's info does not name
     */
    public HttpFeed build() {
      URI own = address(Objects.requireNonNull(location, "location"), "location");
      URI address = overriding == null ? own : elsewhere(own, overriding);
      if (keyedLocation != null) {
        if (!keyedLocation.contains(PLACEHOLDER)) {
          throw unusable("keyedLocation", "it has no " + PLACEHOLDER);
        }
        // The placeholder must not be part of the host, or the secret would go to the name server.
        URI keyed = address(keyedLocation.replace(PLACEHOLDER, "secret"), "keyedLocation");
        URI other = address(keyedLocation.replace(PLACEHOLDER, "other"), "keyedLocation");
        if (!Addresses.isSameOrigin(keyed, other)) {
          throw unusable("keyedLocation", "the secret must be in its path or query");
        }
      }
      if ((keyedLocation != null || secretHeader != null) && info.secretName().isEmpty()) {
        throw new IllegalArgumentException(info.id() + ": the feed's info names no secret");
      }
      headers.forEach((name, value) -> checkHeader(address, name, value));
      if (secretHeader != null) {
        checkHeader(address, secretHeader, "secret");
      }
      return new HttpFeed(this, address, Objects.requireNonNull(parser, "parser"));
    }

    /**
     * Goes where the host wants; the host has decided about plain http, but not about the secret.
     */
    private URI elsewhere(URI own, URI other) {
      plainHttp |= "http".equalsIgnoreCase(other.getScheme());
      location = other.toString();
      keyedLocation = null;
      URI address = address(location, "location");
      if (!Addresses.isSameOrigin(own, address)) {
        secretHeader = null;
        if (info.secretName().isPresent()) {
          info = info.toBuilder().noAuth().build();
        }
      }
      return address;
    }

    private URI address(String text, String what) {
      URI address;
      try {
        address = URI.create(text);
      } catch (IllegalArgumentException e) {
        throw unusable(what, "it is no URI");
      }
      String objection = Addresses.objection(address, plainHttp);
      if (objection != null) {
        throw unusable(what, objection);
      }
      return address;
    }

    private void checkHeader(URI address, String name, String value) {
      try {
        HttpRequest.newBuilder(address).header(name, value);
      } catch (IllegalArgumentException e) {
        throw unusable("header " + name, "name or value are not allowed");
      }
    }

    private IllegalArgumentException unusable(String what, String why) {
      return new IllegalArgumentException(info.id() + ": the " + what + " cannot be used: " + why);
    }
  }
}
