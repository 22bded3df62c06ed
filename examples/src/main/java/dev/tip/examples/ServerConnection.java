// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.rest_client.RestClientTransport;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.apache.http.Header;
import org.apache.http.HttpHost;
import org.apache.http.message.BasicHeader;
import org.elasticsearch.client.RestClient;
import org.jspecify.annotations.Nullable;

/** A connection to an Elasticsearch, on the network that the options describe. */
final class ServerConnection implements Closeable {
  private static final int CONNECT_MILLIS = 10_000;
  private static final int ANSWER_MILLIS = 60_000;

  private final RestClient rest;
  private final RestClientTransport transport;

  private ServerConnection(RestClient rest) {
    this.rest = rest;
    this.transport = new RestClientTransport(rest, new JacksonJsonpMapper());
  }

  /** Connects to a server on the loopback address, without credentials. */
  static ServerConnection local(String url) {
    return open(url, null, new NetworkOptions(), Map.of());
  }

  /**
   * Prepares the connection; nothing is sent yet.
   *
   * @param apiKey the encoded API key, or null for none
   * @throws IllegalArgumentException if the URL or an option cannot be used; the message does not
   *     repeat the URL, because it may hold a password
   */
  static ServerConnection open(
      String url,
      @Nullable String apiKey,
      NetworkOptions network,
      Map<String, String> environment) {
    URI uri = address(url);
    boolean https = uri.getScheme().equals("https");
    int port = uri.getPort() >= 0 ? uri.getPort() : https ? 443 : 9200;
    HttpHost proxy = proxy(network.proxySelector(environment), uri);
    SSLContext tls = network.tls();
    return new ServerConnection(
        RestClient.builder(new HttpHost(uri.getHost(), port, uri.getScheme()))
            .setDefaultHeaders(
                apiKey == null
                    ? new Header[0]
                    : new Header[] {new BasicHeader("Authorization", "ApiKey " + apiKey)})
            .setHttpClientConfigCallback(
                http -> (tls == null ? http : http.setSSLContext(tls)).setProxy(proxy))
            .setRequestConfigCallback(
                request ->
                    // A redirect would take the key to another host.
                    request
                        .setRedirectsEnabled(false)
                        .setConnectTimeout(CONNECT_MILLIS)
                        .setSocketTimeout(ANSWER_MILLIS))
            .build());
  }

  private static URI address(String url) {
    String wanted =
        "the URL of Elasticsearch must be like https://host:9200, without user, password"
            + " and path";
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(wanted);
    }
    boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
    boolean noPath = uri.getRawPath() == null || uri.getRawPath().matches("/?");
    boolean nothingBehind = noPath && uri.getRawQuery() == null && uri.getRawFragment() == null;
    if (!http || uri.getHost() == null || uri.getRawUserInfo() != null || !nothingBehind) {
      throw new IllegalArgumentException(wanted);
    }
    return uri;
  }

  private static @Nullable HttpHost proxy(@Nullable ProxySelector selector, URI uri) {
    if (selector == null) {
      return null;
    }
    Proxy proxy = selector.select(uri).get(0);
    return proxy.address() instanceof InetSocketAddress address
        ? new HttpHost(address.getHostString(), address.getPort())
        : null;
  }

  ElasticsearchClient client() {
    return new ElasticsearchClient(transport);
  }

  RestClient rest() {
    return rest;
  }

  @Override
  public void close() throws IOException {
    transport.close();
  }
}
