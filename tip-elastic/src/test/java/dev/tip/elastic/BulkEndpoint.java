// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * An HTTP server on loopback that answers as a test says, down to the bytes: it cuts answers,
 * resets connections and keeps silent.
 */
final class BulkEndpoint implements AutoCloseable {
  /** What is done with a request. Called from many threads. */
  interface Behaviour {
    Reply reply(Request request) throws IOException;
  }

  /**
   * A request.
   *
   * @param path with the query
   * @param headers by name in lower case
   */
  record Request(String method, String path, Map<String, String> headers, byte[] body) {
    boolean isBulk() {
      return path.contains("/_bulk");
    }
  }

  /** What becomes of an answer on its way. */
  enum Ending {
    /** It arrives. */
    WHOLE,
    /** The connection is reset in the middle of the body. */
    CUT,
    /** The connection is reset before the first byte. */
    RESET,
    /** Nothing is sent, and the connection stays open until the client closes it. */
    SILENT,
    /** Half of the body is sent, and the connection stays open until the client closes it. */
    HALF
  }

  /** An answer. */
  record Reply(int status, Map<String, String> headers, byte[] body, Ending ending) {
    static Reply json(int status, String body) {
      return json(status, body.getBytes(StandardCharsets.UTF_8));
    }

    static Reply json(int status, byte[] body) {
      return new Reply(
          status,
          Map.of(
              "X-Elastic-Product",
              "Elasticsearch",
              "Content-Type",
              "application/vnd.elasticsearch+json;compatible-with=8"),
          body,
          Ending.WHOLE);
    }

    /** An error of Elasticsearch that concerns the whole request. */
    static Reply error(int status, String type) {
      return json(
          status,
          "{\"error\":{\"root_cause\":[],\"type\":\""
              + type
              + "\",\"reason\":\"on request\"},\"status\":"
              + status
              + '}');
    }

    /** A page of something that is not Elasticsearch. */
    static Reply page(int status) {
      return new Reply(
          status,
          Map.of("Content-Type", "text/html"),
          "<html><body>a proxy</body></html>".getBytes(StandardCharsets.UTF_8),
          Ending.WHOLE);
    }

    Reply header(String name, String value) {
      Map<String, String> all = new TreeMap<>(headers);
      all.put(name, value);
      return new Reply(status, all, body, ending);
    }

    Reply ending(Ending ending) {
      return new Reply(status, headers, body, ending);
    }
  }

  private final ServerSocket server;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final Semaphore abandoned = new Semaphore(0);
  private volatile Behaviour behaviour;
  private volatile boolean down;

  BulkEndpoint(Behaviour behaviour) throws IOException {
    this.behaviour = behaviour;
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  void behaviour(Behaviour behaviour) {
    this.behaviour = behaviour;
  }

  /** Refuses to answer anybody, or no longer does: every connection is reset. */
  void down(boolean down) throws IOException {
    this.down = down;
    if (down) {
      resetAll();
    }
  }

  /** Waits until a client closes a connection while its answer is held back; false if none does. */
  boolean isAbandoned() throws InterruptedException {
    return abandoned.tryAcquire(20, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws IOException {
    server.close();
    resetAll();
  }

  private void resetAll() throws IOException {
    for (Socket connection : connections) {
      reset(connection);
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "bulk-endpoint");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket connection = server.accept();
        connection.setTcpNoDelay(true);
        connections.add(connection);
        start(() -> serve(connection));
      } catch (IOException e) {
        // Closed, which is how it ends.
        return;
      }
    }
  }

  private void serve(Socket connection) {
    try (connection;
        InputStream in = new BufferedInputStream(connection.getInputStream())) {
      boolean open = true;
      while (open && !down) {
        Request request = read(in);
        open = request != null && !down && send(behaviour.reply(request), connection, in);
      }
      if (down) {
        reset(connection);
      }
    } catch (IOException e) {
      // The client went away, or the endpoint is closed: both are part of the tests.
      connections.remove(connection);
    }
    connections.remove(connection);
  }

  /** Sends an answer; returns whether the connection can take another request. */
  private boolean send(Reply reply, Socket connection, InputStream in) throws IOException {
    if (reply.ending() == Ending.RESET) {
      reset(connection);
      return false;
    }
    OutputStream out = connection.getOutputStream();
    if (reply.ending() != Ending.SILENT) {
      StringBuilder head = new StringBuilder("HTTP/1.1 " + reply.status() + " x\r\n");
      reply.headers().forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
      head.append("Content-Length: " + reply.body().length + "\r\n\r\n");
      int length = reply.ending() == Ending.WHOLE ? reply.body().length : reply.body().length / 2;
      out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
      out.write(reply.body(), 0, length);
      out.flush();
    }
    if (reply.ending() == Ending.CUT) {
      // In order, so that what was sent arrives.
      connection.close();
      return false;
    }
    if (reply.ending() != Ending.WHOLE) {
      if (in.read() < 0) {
        abandoned.release();
      }
      return false;
    }
    return true;
  }

  private static void reset(Socket connection) throws IOException {
    try {
      connection.setSoLinger(true, 0);
    } catch (SocketException e) {
      // Its own thread was faster; nothing else is wrong with the option.
      if (!connection.isClosed()) {
        throw e;
      }
    }
    connection.close();
  }

  private static Request read(InputStream in) throws IOException {
    String first = line(in);
    if (first.isEmpty()) {
      return null;
    }
    String[] parts = first.split(" ", 3);
    Map<String, String> headers = new TreeMap<>();
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      int colon = header.indexOf(':');
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).trim());
    }
    return new Request(parts[0], parts[1], headers, body(in, headers));
  }

  private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
    if (!headers.containsKey("transfer-encoding")) {
      return exactly(in, Integer.parseInt(headers.getOrDefault("content-length", "0")));
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = chunkSize(in); size > 0; size = chunkSize(in)) {
      body.write(exactly(in, size));
      line(in);
    }
    line(in);
    return body.toByteArray();
  }

  private static int chunkSize(InputStream in) throws IOException {
    String size = line(in);
    if (size.isEmpty()) {
      throw new EOFException("the client went away");
    }
    return Integer.parseInt(size, 16);
  }

  private static byte[] exactly(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the client went away");
    }
    return bytes;
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      line.append((char) c);
    }
    return line.toString().strip();
  }
}
