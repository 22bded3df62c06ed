// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the proxy as {@code HTTPS_PROXY} and {@code NO_PROXY} say. Host names are compared as
 * text and never looked up. The address of a proxy is not resolved until it is used.
 */
final class EnvironmentProxy extends ProxySelector {
  private final Proxy proxy;
  private final List<String> direct;

  /** Whether plain http goes there too, which hands what is in it to the proxy. */
  private final boolean plainHttp;

  private EnvironmentProxy(Proxy proxy, List<String> direct, boolean plainHttp) {
    this.proxy = proxy;
    this.direct = direct;
    this.plainHttp = plainHttp;
  }

  /**
   * Returns the selector.
   *
   * @param option the address given on the command line, or null; it wins over the environment
   * @return the selector, or null if there is no proxy
   * @throws IllegalArgumentException if the address is not {@code http://host:port}; the message
   *     does not repeat it, because it may hold a password
   */
  static @Nullable EnvironmentProxy of(@Nullable String option, Map<String, String> environment) {
    String address = option;
    String source = "--proxy";
    for (String name : List.of("HTTPS_PROXY", "https_proxy")) {
      if (address == null || address.isBlank()) {
        address = environment.get(name);
        source = name;
      }
    }
    if (address == null || address.isBlank()) {
      return null;
    }
    String noProxy = environment.getOrDefault("NO_PROXY", environment.getOrDefault("no_proxy", ""));
    List<String> direct =
        List.of(noProxy.split(",")).stream()
            .map(entry -> entry.strip().toLowerCase(Locale.ROOT))
            .filter(entry -> !entry.isEmpty())
            .toList();
    return new EnvironmentProxy(parse(address.strip(), source), direct, source.equals("--proxy"));
  }

  private static Proxy parse(String address, String source) {
    URI uri;
    try {
      uri = URI.create(address.contains("://") ? address : "http://" + address);
    } catch (IllegalArgumentException e) {
      throw unusable(source);
    }
    if (!"http".equalsIgnoreCase(uri.getScheme())
        || uri.getHost() == null
        || uri.getPort() < 1
        || uri.getPort() > 65535
        || uri.getUserInfo() != null) {
      throw unusable(source);
    }
    return new Proxy(
        Proxy.Type.HTTP, InetSocketAddress.createUnresolved(uri.getHost(), uri.getPort()));
  }

  private static IllegalArgumentException unusable(String source) {
    return new IllegalArgumentException(
        source + " must be http://host:port, without user name and password");
  }

  @Override
  public List<Proxy> select(URI uri) {
    String host = uri.getHost();
    boolean isDirect =
        host == null
            || !plainHttp && !"https".equalsIgnoreCase(uri.getScheme())
            || isDirect(host.toLowerCase(Locale.ROOT));
    return List.of(isDirect ? Proxy.NO_PROXY : proxy);
  }

  private boolean isDirect(String host) {
    if (host.equals("localhost") || host.equals("127.0.0.1") || host.equals("[::1]")) {
      return true;
    }
    for (String entry : direct) {
      String suffix = entry.startsWith(".") ? entry : "." + entry;
      if (entry.equals("*") || host.equals(suffix.substring(1)) || host.endsWith(suffix)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException e) {
    // The client throws the exception to its caller, who reports it.
  }
}
