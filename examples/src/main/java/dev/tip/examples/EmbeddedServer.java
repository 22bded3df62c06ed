// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.testkit.ElasticsearchNode;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/**
 * An Elasticsearch that lives as long as the command. The launcher has one on the way already while
 * it builds; without the launcher it is started here, from a zip that is on this machine. Nothing
 * is downloaded.
 */
final class EmbeddedServer implements Closeable {
  /** Folder where the server that the launcher started says how it can be reached. */
  static final String RUN = "tip.elasticsearch.run";

  /** The server's zip, and the jars of its KQL module, separated as in a class path. */
  static final String ZIP = "tip.elasticsearch.zip";

  static final String KQL = "tip.elasticsearch.kql";

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final long POLL_MILLIS = 50;

  private final String url;
  private final Closeable resource;

  private EmbeddedServer(String url, Closeable resource) {
    this.url = url;
    this.resource = resource;
  }

  /**
   * Deletes, when this process ends, what the launcher left behind for it: also where the command
   * never asks for the server, because its arguments are wrong.
   */
  static void tidyAtExit(Properties properties) {
    String run = properties.getProperty(RUN);
    if (run != null) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> tidy(Path.of(run))));
    }
  }

  private static void tidy(Path run) {
    try (Stream<Path> files = Files.walk(run)) {
      // What is in a folder before the folder.
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.err.println("tip: left behind: " + run + " (" + e.getMessage() + ')');
    }
  }

  /**
   * Returns a server that answers.
   *
   * @param properties where it comes from; as system properties
   * @throws IOException if it does not start; the message holds the end of its log
   * @throws IllegalArgumentException if the properties do not say where it comes from
   */
  static EmbeddedServer start(Properties properties) throws IOException, InterruptedException {
    String run = properties.getProperty(RUN);
    if (run != null) {
      return await(Path.of(run));
    }
    String zip = properties.getProperty(ZIP);
    if (zip == null) {
      throw new IllegalArgumentException(
          "no Elasticsearch to embed: use the launcher ./tip, or say with -D"
              + ZIP
              + "=FILE where the zip of the server is");
    }
    List<Path> kql =
        Stream.of(properties.getProperty(KQL, "").split(File.pathSeparator, -1))
            .filter(jar -> !jar.isEmpty())
            .map(Path::of)
            .toList();
    ElasticsearchNode node = ElasticsearchNode.builder(Path.of(zip)).kql(kql).start();
    return new EmbeddedServer(node.url(), node::close);
  }

  private static EmbeddedServer await(Path run) throws IOException, InterruptedException {
    Path handoff = run.resolve("server");
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!Files.exists(handoff)) {
      if (Files.exists(run.resolve("ended")) || System.nanoTime() - deadline > 0) {
        throw new IOException("Elasticsearch did not start:\n" + log(run));
      }
      Thread.sleep(POLL_MILLIS);
    }
    Properties server = new Properties();
    try (InputStream in = Files.newInputStream(handoff)) {
      server.load(in);
    }
    return new EmbeddedServer(server.getProperty("url"), () -> {});
  }

  private static String log(Path run) throws IOException {
    try {
      return Files.readString(run.resolve("log"));
    } catch (NoSuchFileException e) {
      return "(no log)";
    }
  }

  /** The address of its HTTP interface. */
  String url() {
    return url;
  }

  /** Makes what was stored visible to searches at once, and not within a second. */
  private void refresh() throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/_refresh"))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding());
  }

  /**
   * Says how to query the server, and waits until the process ends or the thread is interrupted.
   */
  void keep(PrintWriter out) throws IOException, InterruptedException {
    refresh();
    out.println("Elasticsearch runs at " + url + " until Ctrl-C. For example:");
    out.println("  curl '" + url + "/elastic-tip/_search?pretty&size=3'");
    out.println("  curl '" + url + "/logs-ti_*/_count?pretty'");
    out.flush();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the server; one that the launcher started ends with this process. */
  @Override
  public void close() throws IOException {
    resource.close();
  }
}
