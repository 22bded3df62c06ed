// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a fetch may use: the caller's HTTP client, clock, secrets and limits. Immutable and
 * thread-safe.
 *
 * <p>The feeds that share a context have one connection to a host at a time between them: further
 * ones wait, in their order, until the answer is read to its end or closed. That takes none of
 * their {@linkplain #timeout() time}. A thread does not wait for an answer that it has open itself.
 *
 * <p>The caller owns the client and closes what it made.
 */
public final class FetchContext {
  private final HttpClient httpClient;
  private final Clock clock;
  private final Usage usage;
  private final Function<String, Optional<String>> secrets;
  private final String userAgent;
  private final long maxBodyBytes;
  private final long maxInflatedBytes;
  private final int maxLineLength;
  private final Duration timeout;
  private final Path temporaryFolder;
  private final @Nullable Mirror mirror;
  private final HostGate gate = new HostGate();

  private FetchContext(Builder b) {
    this.httpClient =
        b.httpClient != null
            ? b.httpClient
            : HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();
    this.clock = b.clock;
    this.usage = b.usage;
    this.secrets = b.secrets;
    this.userAgent = b.userAgent;
    this.maxBodyBytes = b.maxBodyBytes;
    this.maxInflatedBytes = b.maxInflatedBytes;
    this.maxLineLength = b.maxLineLength;
    this.timeout = b.timeout;
    this.temporaryFolder = b.temporaryFolder;
    this.mirror = b.mirror;
  }

  /**
   * Returns a builder.
   *
   * @param usage what the indicators are used for; there is no default, because the terms of feeds
   *     depend on it
   */
  public static Builder builder(Usage usage) {
    return new Builder(usage);
  }

  /**
   * Returns the client. Feeds follow redirects themselves, so its redirect policy must be {@code
   * NEVER}.
   */
  public HttpClient httpClient() {
    return httpClient;
  }

  /** Returns the clock that intervals and {@code Retry-After} are measured with. */
  public Clock clock() {
    return clock;
  }

  /** Returns what the indicators are used for. */
  public Usage usage() {
    return usage;
  }

  /** Returns a secret by name. */
  public Optional<String> secret(String name) {
    return secrets.apply(name);
  }

  /** Returns the {@code User-Agent}. */
  public String userAgent() {
    return userAgent;
  }

  /** Returns the most bytes read from the network for one body. */
  public long maxBodyBytes() {
    return maxBodyBytes;
  }

  /** Returns the most bytes that one body may have after decompression. */
  public long maxInflatedBytes() {
    return maxInflatedBytes;
  }

  /** Returns the most bytes of one line; a parser may take less. */
  public int maxLineLength() {
    return maxLineLength;
  }

  /** Returns the time for one fetch, from the first request to the last byte. */
  public Duration timeout() {
    return timeout;
  }

  /** Returns the folder for temporary files. */
  public Path temporaryFolder() {
    return temporaryFolder;
  }

  /** Returns the folder that stands in for the network. */
  public Optional<Mirror> mirror() {
    return Optional.ofNullable(mirror);
  }

  /** Returns what lets one request at a time go to a host. */
  HostGate gate() {
    return gate;
  }

  /** Never shows a secret. */
  @Override
  public String toString() {
    return "FetchContext[usage=" + usage + ", mirror=" + mirror + "]";
  }

  /** Collects what a fetch may use. Not thread-safe. */
  public static final class Builder {
    private final Usage usage;
    private @Nullable HttpClient httpClient;
    private Clock clock = Clock.systemUTC();
    private Function<String, Optional<String>> secrets = name -> Optional.empty();
    private String userAgent = "tip/0.1 (threat-list reader)";
    private long maxBodyBytes = 1L << 30;
    private long maxInflatedBytes = 4L << 30;
    private int maxLineLength = 1 << 20;
    private Duration timeout = Duration.ofMinutes(10);
    private Path temporaryFolder = Path.of(System.getProperty("java.io.tmpdir"));
    private @Nullable Mirror mirror;

    private Builder(Usage usage) {
      this.usage = Objects.requireNonNull(usage, "usage");
    }

    /**
     * Sets the client, with the caller's proxy and TLS; default: a client with a connect timeout of
     * 20 seconds.
     *
     * @throws IllegalArgumentException if the client follows redirects: it would carry secrets
     *     along
     */
    public Builder httpClient(HttpClient httpClient) {
      if (httpClient.followRedirects() != HttpClient.Redirect.NEVER) {
        throw new IllegalArgumentException(
            "the client must have Redirect.NEVER: it would send secret headers to wherever it is redirected");
      }
      this.httpClient = httpClient;
      return this;
    }

    /** Sets the clock; default: the system's. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock);
      return this;
    }

    /** Sets where secrets come from; default: there are none. */
    public Builder secrets(Function<String, Optional<String>> secrets) {
      this.secrets = Objects.requireNonNull(secrets);
      return this;
    }

    /** Sets the secrets by name. */
    public Builder secrets(Map<String, String> secrets) {
      Map<String, String> copy = new HashMap<>(secrets);
      this.secrets = name -> Optional.ofNullable(copy.get(name));
      return this;
    }

    /**
     * Sets the {@code User-Agent}; say who you are and where you can be reached.
     *
     * @throws IllegalArgumentException if it is blank or cannot be the value of a header (RFC 9110
     *     §5.5)
     */
    public Builder userAgent(String userAgent) {
      if (userAgent.isBlank()) {
        throw new IllegalArgumentException("a User-Agent says who asks; this one is blank");
      }
      this.userAgent = userAgent;
      HttpRequest.newBuilder().header("User-Agent", userAgent);
      return this;
    }

    /**
     * Sets where an archive goes while it is read, which takes as much space as it has; default:
     * the system's folder for temporary files.
     */
    public Builder temporaryFolder(Path folder) {
      this.temporaryFolder = Objects.requireNonNull(folder, "folder");
      return this;
    }

    /** Sets the most bytes read from the network for one body; default: 1 GiB. */
    public Builder maxBodyBytes(long bytes) {
      this.maxBodyBytes = positive(bytes, "maxBodyBytes");
      return this;
    }

    /** Sets the most bytes of one body after decompression; default: 4 GiB. */
    public Builder maxInflatedBytes(long bytes) {
      this.maxInflatedBytes = positive(bytes, "maxInflatedBytes");
      return this;
    }

    /**
     * Sets the most bytes of one line; default: 1 MiB. A parser may have a lower limit of its own.
     */
    public Builder maxLineLength(int bytes) {
      this.maxLineLength = (int) positive(bytes, "maxLineLength");
      return this;
    }

    /**
     * Sets the time for one fetch, from the first request to the last byte; default: 10 minutes.
     */
    public Builder timeout(Duration timeout) {
      if (timeout.isNegative() || timeout.isZero()) {
        throw new IllegalArgumentException("timeout must be positive: " + timeout);
      }
      this.timeout = timeout;
      return this;
    }

    /** Sets the folder that stands in for the network; default: none. */
    public Builder mirror(@Nullable Mirror mirror) {
      this.mirror = mirror;
      return this;
    }

    private static long positive(long value, String name) {
      if (value <= 0) {
        throw new IllegalArgumentException(name + " must be positive: " + value);
      }
      return value;
    }

    /** Builds the context. */
    public FetchContext build() {
      return new FetchContext(this);
    }
  }
}
