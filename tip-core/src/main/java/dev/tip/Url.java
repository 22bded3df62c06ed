// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import org.jspecify.annotations.Nullable;

/**
 * A URL; the value is the sensor form, {@link #original()} the feed's own text.
 *
 * <p>Sensor form is what Packetbeat writes for the request as far as a URL tells: scheme and host
 * in lower case, no user information, no default port, no fragment, at least {@code /} as path, the
 * path decoded and encoded again, the query in its order.
 */
public final class Url extends CyberObservable {
  private final String original;
  private final String value;
  private final String scheme;
  private final String host;
  private final @Nullable IpNetwork hostAddress;
  private final int port;
  private final String path;
  private final @Nullable String query;

  Url(
      String original,
      String value,
      String scheme,
      String host,
      @Nullable IpNetwork hostAddress,
      int port,
      String path,
      @Nullable String query) {
    super(Type.URL);
    this.original = original;
    this.value = value;
    this.scheme = scheme;
    this.host = host;
    this.hostAddress = hostAddress;
    this.port = port;
    this.path = path;
    this.query = query;
  }

  @Override
  public String value() {
    return value;
  }

  /** Returns the URL as the feed wrote it (after refanging, where the feed asks for it). */
  public String original() {
    return original;
  }

  /** Returns the scheme in lower case. */
  public String scheme() {
    return scheme;
  }

  /** Returns the host: canonical host name, IPv4 text, or IPv6 text without brackets. */
  public String host() {
    return host;
  }

  /** Returns the address if the host is one. */
  public @Nullable IpNetwork hostAddress() {
    return hostAddress;
  }

  /** Returns the port of the URL, or -1 where it is absent or the default. */
  public int port() {
    return port;
  }

  /** Returns the path of the sensor form, starting with a slash. */
  public String path() {
    return path;
  }

  /** Returns the query of the sensor form, without question mark. */
  public @Nullable String query() {
    return query;
  }

  @Override
  Url merge(CyberObservable equal) {
    Url other = (Url) equal;
    return original.compareTo(other.original) <= 0 ? this : other;
  }

  @Override
  boolean hasSameProperties(CyberObservable equal) {
    return original.equals(((Url) equal).original);
  }
}
