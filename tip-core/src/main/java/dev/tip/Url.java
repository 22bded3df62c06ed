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
  private final int hostStart;
  private final int hostEnd;
  private final @Nullable IpNetwork hostAddress;
  private final int port;
  private final int pathStart;
  private final int pathEnd;

  /**
   * Makes a URL of a value and where its parts are; behind the path stands a query or nothing. The
   * parts are texts only while somebody asks for them, for most URLs are only passed on.
   */
  Url(
      String original,
      String value,
      String scheme,
      int hostStart,
      int hostEnd,
      @Nullable IpNetwork hostAddress,
      int port,
      int pathStart,
      int pathEnd) {
    super(Type.URL);
    this.original = original;
    this.value = value;
    this.scheme = scheme;
    this.hostStart = hostStart;
    this.hostEnd = hostEnd;
    this.hostAddress = hostAddress;
    this.port = port;
    this.pathStart = pathStart;
    this.pathEnd = pathEnd;
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
    return value.substring(hostStart, hostEnd);
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
    return value.substring(pathStart, pathEnd);
  }

  /** Returns the query of the sensor form, without question mark. */
  public @Nullable String query() {
    return pathEnd == value.length() ? null : value.substring(pathEnd + 1);
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
