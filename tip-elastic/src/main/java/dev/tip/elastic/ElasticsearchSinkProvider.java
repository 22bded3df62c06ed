// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.rest_client.RestClientTransport;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.IndicatorSinkProvider;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.http.Header;
import org.apache.http.HttpHost;
import org.apache.http.message.BasicHeader;
import org.elasticsearch.client.RestClient;
import org.elasticsearch.client.RestClientBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Creates sinks of the kind {@code elasticsearch}, each with a client of its own.
 *
 * <p>Settings:
 *
 * <ul>
 *   <li>{@code url}: where the server is, {@code https://host:port}; required; without user and
 *       password
 *   <li>{@code api-key}: the API key, what the server gave under {@code encoded}; default: none
 *   <li>{@code ca-file}: PEM file with the certificates to trust instead of those of the Java
 *       runtime
 *   <li>{@code index-base}: the alias to write to; default: {@value
 *       ElasticsearchSink#DEFAULT_INDEX_BASE}
 *   <li>{@code deadline}: how long a batch is tried, ISO 8601; default: {@code PT2M}
 *   <li>{@code install}: {@code true} to set up template, index and aliases first, or to bring them
 *       up to date, with {@link ElasticsearchAdmin}; needs a key that may do so. Default: {@code
 *       false}, and then an index that is not set up is a {@link dev.tip.sink.SinkException} of
 *       kind {@code CONFIG}: nothing ever comes to be by a write
 *   <li>{@code redistributes}: {@code true} if the index is open to others than its owner; default:
 *       {@code false}
 * </ul>
 */
public final class ElasticsearchSinkProvider implements IndicatorSinkProvider {
  private static final Set<String> SETTINGS =
      Set.of("url", "api-key", "ca-file", "index-base", "deadline", "install", "redistributes");

  /** Creates the provider. */
  public ElasticsearchSinkProvider() {}

  @Override
  public String name() {
    return "elasticsearch";
  }

  @Override
  public IndicatorSink create(Map<String, String> settings) throws IOException {
    for (String name : settings.keySet()) {
      if (!SETTINGS.contains(name)) {
        throw new IllegalArgumentException(
            "sink elasticsearch has no setting " + name + "; it has " + new TreeSet<>(SETTINGS));
      }
    }
    HttpHost host = host(settings.get("url"));
    Duration deadline = deadline(settings.getOrDefault("deadline", "PT2M"));
    boolean install = flag(settings, "install");
    boolean redistributes = flag(settings, "redistributes");
    String indexBase =
        IndexNames.require(
            settings.getOrDefault("index-base", ElasticsearchSink.DEFAULT_INDEX_BASE));
    RestClient rest = rest(host, settings, deadline);
    try {
      RestClientTransport transport = new RestClientTransport(rest, new JacksonJsonpMapper());
      ElasticsearchClient client = new ElasticsearchClient(transport);
      if (install) {
        ElasticsearchAdmin.builder(client).indexBase(indexBase).build().install();
      }
      return ElasticsearchSink.builder(client)
          .indexBase(indexBase)
          .deadline(deadline)
          .redistributes(redistributes)
          .owned(transport)
          .build();
    } catch (IOException | RuntimeException e) {
      rest.close();
      throw e;
    }
  }

  private static RestClient rest(HttpHost host, Map<String, String> settings, Duration deadline)
      throws IOException {
    RestClientBuilder builder = RestClient.builder(host);
    String apiKey = settings.get("api-key");
    if (apiKey != null) {
      if (apiKey.isEmpty() || !apiKey.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
        throw new IllegalArgumentException(
            "setting api-key must be the key as the server gave it under \"encoded\"");
      }
      builder.setDefaultHeaders(
          new Header[] {new BasicHeader("Authorization", "ApiKey " + apiKey)});
    }
    String caFile = settings.get("ca-file");
    @Nullable SSLContext tls = caFile == null ? null : trusting(caFile);
    builder.setHttpClientConfigCallback(http -> tls == null ? http : http.setSSLContext(tls));
    builder.setRequestConfigCallback(
        config ->
            // A redirect would take the key to another host.
            config
                .setRedirectsEnabled(false)
                .setConnectTimeout((int) Math.min(10_000, deadline.toMillis()))
                .setSocketTimeout((int) Math.min(60_000, deadline.toMillis())));
    return builder.build();
  }

  private static HttpHost host(@Nullable String url) {
    if (url == null) {
      throw new IllegalArgumentException("sink elasticsearch needs the setting url");
    }
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      // Neither message nor cause repeat the URL: it may hold a password.
      throw new IllegalArgumentException("setting url is no URL");
    }
    String scheme = uri.getScheme();
    boolean http = "http".equals(scheme) || "https".equals(scheme);
    if (!http || uri.getHost() == null || uri.getUserInfo() != null) {
      throw new IllegalArgumentException(
          "setting url must be like https://host:9200, without user and password");
    }
    boolean noPath = uri.getPath() == null || uri.getPath().isEmpty() || uri.getPath().equals("/");
    if (!noPath || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException("setting url must have nothing behind host and port");
    }
    int port = uri.getPort() >= 0 ? uri.getPort() : "https".equals(scheme) ? 443 : 9200;
    return new HttpHost(uri.getHost(), port, scheme);
  }

  private static Duration deadline(String text) {
    try {
      Duration deadline = Duration.parse(text);
      if (!deadline.isNegative() && !deadline.isZero()) {
        return deadline;
      }
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "setting deadline must be an ISO 8601 duration like PT2M: " + text, e);
    }
    throw new IllegalArgumentException("setting deadline must be positive: " + text);
  }

  private static boolean flag(Map<String, String> settings, String name) {
    String value = settings.getOrDefault(name, "false");
    if (!value.equals("true") && !value.equals("false")) {
      throw new IllegalArgumentException("setting " + name + " must be true or false: " + value);
    }
    return value.equals("true");
  }

  private static SSLContext trusting(String caFile) throws IOException {
    try (InputStream in = Files.newInputStream(Path.of(caFile))) {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      int count = 0;
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        trusted.setCertificateEntry("ca-" + count++, certificate);
      }
      if (count == 0) {
        throw new IOException("no certificate in " + caFile);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("setting ca-file is no path: " + caFile, e);
    } catch (GeneralSecurityException e) {
      throw new IOException("setting ca-file cannot be read as PEM certificates: " + caFile, e);
    }
  }
}
