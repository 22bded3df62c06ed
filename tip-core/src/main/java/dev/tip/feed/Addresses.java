// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which addresses a feed may ask. */
final class Addresses {
  private static final int MAX_PORT = 65_535;

  private Addresses() {}

  /**
   * Says what is wrong with an address, without repeating it: it may hold a secret.
   *
   * @return null if nothing is
   */
  static @Nullable String objection(URI address, boolean plainHttp) {
    String scheme = address.getScheme();
    boolean https = "https".equalsIgnoreCase(scheme);
    if (!https && !"http".equalsIgnoreCase(scheme)) {
      return "it is not an absolute address with https";
    }
    if (!https && !plainHttp) {
      return "it has plain http, which anyone on the way can change";
    }
    if (address.getHost() == null) {
      return "it has no host name";
    }
    if (address.getPort() == 0 || address.getPort() > MAX_PORT) {
      return "its port does not exist";
    }
    if (address.getRawUserInfo() != null) {
      return "it has a user name or password in it; use a named secret";
    }
    return null;
  }

  /**
   * Resolves the {@code Location} of a redirect (RFC 3986 §5.2), without its fragment.
   *
   * @return null if it is not a URI reference
   */
  static @Nullable URI resolve(URI from, String location) {
    try {
      URI reference = new URI(location);
      // URI.resolve goes by RFC 2396, where an empty path is a folder.
      URI target =
          isWithoutPath(reference)
              ? new URI(withoutQuery(from) + location)
              : from.resolve(reference);
      return target.getRawFragment() == null ? target : new URI(withoutFragment(target.toString()));
    } catch (URISyntaxException e) {
      return null;
    }
  }

  private static boolean isWithoutPath(URI reference) {
    return !reference.isAbsolute()
        && reference.getRawAuthority() == null
        && reference.getRawPath().isEmpty();
  }

  private static String withoutQuery(URI address) {
    String text = address.toString();
    int end = text.indexOf('?');
    return end < 0 ? text : text.substring(0, end);
  }

  private static String withoutFragment(String address) {
    return address.substring(0, address.indexOf('#'));
  }

  /** Compares scheme, host and port. */
  static boolean isSameOrigin(URI a, URI b) {
    return origin(a).equals(origin(b));
  }

  /** Returns scheme, host and port: the part of an address that holds no secret. */
  static String origin(URI address) {
    String scheme = address.getScheme().toLowerCase(Locale.ROOT);
    int port = address.getPort();
    if (port < 0) {
      port = scheme.equals("https") ? 443 : 80;
    }
    return scheme + "://" + address.getHost().toLowerCase(Locale.ROOT) + ":" + port;
  }

  /** Returns the last part of the path, or the host name if there is none. */
  static String name(URI address) {
    String path = address.getRawPath();
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    String name = path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    return name.isEmpty() ? address.getHost() : name;
  }
}
