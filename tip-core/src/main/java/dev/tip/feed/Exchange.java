// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One conversation with a publisher: a request, and those that redirects ask for.
 *
 * <p>Redirects are followed here because the JDK's client carries every header to wherever it is
 * sent, and answers a loop with a plain 302.
 */
final class Exchange {
  static final int MAX_REDIRECTS = 5;

  static final String PROXY_PASSWORD =
      "the proxy asks for a password; give the client an authenticator, and know that the JDK sends"
          + " none for https unless the system property jdk.http.auth.tunneling.disabledSchemes is"
          + " empty";

  private static final Logger LOG = LoggerFactory.getLogger(HttpFeed.class);

  private final FeedInfo feed;
  private final FetchContext context;
  private final boolean plainHttp;
  private final Map<String, String> headers;
  private final @Nullable String body;
  private final @Nullable String secretHeader;
  private final @Nullable Secret secret;
  private final Meter meter;
  private final boolean alone;
  private long deadlineNanos;

  /**
   * @param body what is posted, or null for a GET
   * @param headers headers without secrets, sent with every request
   * @param secretHeader the header for the secret, or null if there is none
   * @param secret the secret, or null if it is not configured
   * @param meter counts the requests
   * @param alone whether each request waits until no other one is at its host
   */
  Exchange(
      FeedInfo feed,
      FetchContext context,
      boolean plainHttp,
      @Nullable String body,
      Map<String, String> headers,
      @Nullable String secretHeader,
      @Nullable Secret secret,
      Meter meter,
      boolean alone) {
    this.feed = feed;
    this.context = context;
    this.plainHttp = plainHttp;
    this.body = body;
    this.headers = headers;
    this.secretHeader = secretHeader;
    this.secret = secret;
    this.meter = meter;
    this.alone = alone;
    this.deadlineNanos = System.nanoTime() + context.timeout().toNanos();
  }

  /** Returns the response that is no redirect. Its body is to be closed. */
  HttpResponse<BodyStream> get(URI first) throws IOException, InterruptedException {
    URI address = first;
    boolean trusted = true;
    List<String> hops = new ArrayList<>();
    while (true) {
      hops.add(Addresses.origin(address));
      HttpResponse<BodyStream> response = send(address, trusted);
      LOG.debug("{}: status {} from {}", feed.id(), response.statusCode(), hops);
      if (!isRedirect(response.statusCode())) {
        return response;
      }
      response.body().close();
      if (body != null && response.statusCode() < 307) {
        throw unreachable(
            "a redirect that would ask another question than was posted; check the address", null);
      }
      if (hops.size() > MAX_REDIRECTS) {
        throw unreachable("more than " + MAX_REDIRECTS + " redirects: " + hops, null);
      }
      URI target = target(address, response);
      trusted = trusted && Addresses.isSameOrigin(address, target);
      if (!trusted && secret != null && secret.isIn(target.toString())) {
        throw unreachable(
            "the redirect to " + Addresses.origin(target) + " would pass the secret on", null);
      }
      address = target;
    }
  }

  private URI target(URI from, HttpResponse<?> response) throws FeedException {
    String location = response.headers().firstValue("Location").orElse(null);
    URI target = location == null ? null : Addresses.resolve(from, location);
    if (target == null) {
      throw unreachable("a redirect without an address that can be read", null);
    }
    // Only a conversation that began in plain http may go on in it.
    boolean plain = plainHttp && "http".equalsIgnoreCase(from.getScheme());
    String objection = Addresses.objection(target, plain);
    if (objection != null) {
      throw unreachable("a redirect to an address that is refused: " + objection, null);
    }
    return target;
  }

  private HttpResponse<BodyStream> send(URI address, boolean trusted)
      throws IOException, InterruptedException {
    if (!alone) {
      return send(address, trusted, () -> {});
    }
    long start = System.nanoTime();
    HostGate.Turn turn =
        context.gate().enter(address.getHost().toLowerCase(Locale.ROOT), context.timeout());
    // Waiting for others is not the publisher's delay.
    deadlineNanos += System.nanoTime() - start;
    boolean answered = false;
    try {
      HttpResponse<BodyStream> response = send(address, trusted, turn::end);
      answered = true;
      return response;
    } finally {
      if (!answered) {
        turn.end();
      }
    }
  }

  private HttpResponse<BodyStream> send(URI address, boolean trusted, Runnable whenOver)
      throws IOException, InterruptedException {
    Duration left = Duration.ofNanos(deadlineNanos - System.nanoTime());
    if (left.isNegative() || left.isZero()) {
      throw timedOut(null);
    }
    HttpRequest.Builder request = HttpRequest.newBuilder(address).timeout(left);
    if (body == null) {
      request.GET();
    } else {
      request.POST(HttpRequest.BodyPublishers.ofString(body));
    }
    request.setHeader("User-Agent", context.userAgent());
    request.setHeader("Accept-Encoding", "gzip");
    headers.forEach(request::setHeader);
    String value = secret == null ? null : secret.forHeader();
    if (trusted && secretHeader != null && value != null) {
      request.setHeader(secretHeader, value);
    }
    HttpClient client = context.httpClient();
    long deadline = deadlineNanos;
    meter.request();
    HttpResponse<BodyStream> response;
    try {
      response =
          client.send(request.build(), head -> new BodyStream(feed.id(), deadline, whenOver));
    } catch (HttpTimeoutException e) {
      throw timedOut(e);
    } catch (IOException e) {
      throw unreachable(explain(e), e);
    } catch (IllegalArgumentException e) {
      // The request was checked when it was built: it is the answer that the client chokes on.
      throw unreachable("an answer with a header that cannot be read, for example its length", e);
    }
    // Nothing is handed on of what a proxy says that opens no tunnel.
    if (response.body() == null) {
      throw unreachable(
          response.statusCode() == 407
              ? PROXY_PASSWORD
              : "the proxy answers with status "
                  + response.statusCode()
                  + " instead of connecting; check whether it lets this host through",
          null);
    }
    return response;
  }

  private static boolean isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  private static String explain(IOException e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof UnknownHostException || t instanceof UnresolvedAddressException) {
        return "its host name does not resolve; check the address and the name server";
      }
    }
    if (e instanceof ConnectException) {
      return "the connection is refused; try again, or check the network and the proxy";
    }
    if (e instanceof SSLException) {
      return "no TLS connection; check the certificate, the trust store and the clock";
    }
    if (e.getMessage() != null && e.getMessage().contains("407")) {
      return PROXY_PASSWORD;
    }
    return "the connection broke before the answer; try again";
  }

  private FeedException timedOut(@Nullable IOException cause) {
    return unreachable(
        "no answer within " + context.timeout().toSeconds() + " s; try again, or raise the timeout",
        cause);
  }

  private FeedException unreachable(String message, @Nullable Exception cause) {
    boolean shown = cause == null || secret == null || !secret.isIn(cause);
    return FeedException.of(feed.id(), FeedOutcome.UNREACHABLE, message, shown ? cause : null);
  }
}
