// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A web server on the loopback address that answers as scripted, and misbehaves as scripted: it
 * cuts bodies, resets connections, drips, lies about lengths, stops in the middle until the test
 * lets it go on.
 *
 * <p>Every path has replies of its own, given in their order; the last one is repeated. A path
 * without replies is answered with status 404. Every connection serves one request. What was asked
 * is recorded. Thread-safe.
 *
 * <p>Without certificate it speaks plain http: a feed under test has to be allowed that. A client
 * that is told to use it as a proxy for plain http asks for paths that are whole addresses. Closing
 * it ends all connections and threads.
 */
public final class FeedOrigin implements Closeable {
  private static final byte[] LOOPBACK = {127, 0, 0, 1};
  private static final int MAX_HEAD_BYTES = 64 * 1024;
  private static final int POLL_MILLIS = 10;

  private final ServerSocket server;
  private final String scheme;
  private final Thread acceptor;
  private final Map<String, Deque<Reply>> replies = new HashMap<>();
  private final List<Request> requests = new ArrayList<>();
  private final Set<Socket> sockets = new HashSet<>();
  private final List<Thread> threads = new ArrayList<>();
  private int disconnects;
  private boolean closed;

  private FeedOrigin(ServerSocket server, String scheme) {
    this.server = server;
    this.scheme = scheme;
    this.acceptor = new Thread(this::accept, "feed-origin");
    acceptor.setDaemon(true);
  }

  /** Starts an origin with plain http on a free port of 127.0.0.1. */
  public static FeedOrigin start() {
    try {
      return start(new ServerSocket(), "http");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts an origin with https on a free port of 127.0.0.1.
   *
   * @param context has the key and certificate of the origin
   */
  public static FeedOrigin start(SSLContext context) {
    try {
      return start(context.getServerSocketFactory().createServerSocket(), "https");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FeedOrigin start(ServerSocket server, String scheme) throws IOException {
    server.bind(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), 0));
    FeedOrigin origin = new FeedOrigin(server, scheme);
    origin.acceptor.start();
    return origin;
  }

  /**
   * Returns an address of this origin.
   *
   * @param path starts with a slash
   */
  public URI uri(String path) {
    return URI.create(scheme + "://127.0.0.1:" + server.getLocalPort() + path);
  }

  /**
   * Scripts the replies of a path, instead of those it had.
   *
   * @param path path and query
   * @param first the first reply
   * @param more the following ones; the last is repeated
   */
  public FeedOrigin on(String path, Reply first, Reply... more) {
    Deque<Reply> queue = new ArrayDeque<>();
    queue.add(first);
    queue.addAll(List.of(more));
    synchronized (this) {
      replies.put(path, queue);
    }
    return this;
  }

  /**
   * Serves the files of a folder, not of folders in it, under their names.
   *
   * @throws IOException if they cannot be read
   */
  public FeedOrigin folder(Path folder) throws IOException {
    List<Path> files;
    try (var listed = Files.list(folder)) {
      files = listed.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      on("/" + file.getFileName(), Reply.ok(Files.readAllBytes(file)));
    }
    return this;
  }

  /** Returns what has been asked so far, in the order of arrival. */
  public synchronized List<Request> requests() {
    return List.copyOf(requests);
  }

  /**
   * Waits until at least so many requests have arrived.
   *
   * @throws AssertionError if they have not in time
   * @throws InterruptedException if interrupted
   */
  public synchronized void awaitRequests(int count, Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (requests.size() < count) {
      waitUntil(deadline, "request " + count + " did not arrive");
    }
  }

  /**
   * Waits until at least so many clients have left before their reply was whole; that is noticed
   * while a reply {@linkplain Reply#hold is held}.
   *
   * @throws AssertionError if they have not in time
   * @throws InterruptedException if interrupted
   */
  public synchronized void awaitDisconnects(int count, Duration patience)
      throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (disconnects < count) {
      waitUntil(deadline, "disconnect " + count + " did not happen");
    }
  }

  @SuppressWarnings("WaitNotInLoop") // The callers loop, each over its own condition.
  private void waitUntil(long deadline, String failure) throws InterruptedException {
    long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    if (millis <= 0) {
      throw new AssertionError(failure);
    }
    wait(millis);
  }

  private void accept() {
    while (true) {
      try {
        Socket socket = server.accept();
        Thread thread = new Thread(() -> serve(socket), "feed-origin-connection");
        thread.setDaemon(true);
        synchronized (this) {
          if (closed) {
            socket.close();
            return;
          }
          sockets.add(socket);
          threads.removeIf(t -> !t.isAlive() && t.getState() == Thread.State.TERMINATED);
          threads.add(thread);
          thread.start();
        }
      } catch (IOException e) {
        // The socket was closed: that is how it ends.
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      Request request = read(in);
      if (request != null) {
        reply(request).send(request, socket, in, this);
      }
    } catch (IOException e) {
      // The client has gone, or the origin is being closed.
      disconnected();
    } finally {
      synchronized (this) {
        sockets.remove(socket);
      }
    }
  }

  private synchronized Reply reply(Request request) {
    requests.add(request);
    notifyAll();
    Deque<Reply> queue = replies.get(request.path());
    if (queue == null) {
      return Reply.status(404);
    }
    return queue.size() > 1 ? queue.remove() : queue.element();
  }

  private synchronized void disconnected() {
    disconnects++;
    notifyAll();
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private static @Nullable Request read(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int newlines = 0;
    while (newlines < 2) {
      int c = in.read();
      if (c < 0 || head.size() > MAX_HEAD_BYTES) {
        return null;
      }
      head.write(c);
      newlines = c == '\n' ? newlines + 1 : c == '\r' ? newlines : 0;
    }
    String[] lines = head.toString(StandardCharsets.ISO_8859_1).split("\r?\n", -1);
    String[] start = lines[0].split(" ", -1);
    Map<String, String> headers = new LinkedHashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        headers.put(
            lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
            lines[i].substring(colon + 1).strip());
      }
    }
    return start.length < 2 ? null : new Request(start[0], start[1], headers, body(in, headers));
  }

  private static String body(InputStream in, Map<String, String> headers) throws IOException {
    String length = headers.getOrDefault("content-length", "0");
    int wanted = length.matches("[0-9]{1,5}") ? Integer.parseInt(length) : 0;
    return new String(in.readNBytes(wanted), StandardCharsets.UTF_8);
  }

  /** Ends all connections and threads; a second call does nothing. */
  @Override
  public void close() {
    List<Socket> openSockets;
    List<Thread> openThreads;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      openSockets = List.copyOf(sockets);
      openThreads = new ArrayList<>(threads);
      notifyAll();
    }
    openThreads.add(acceptor);
    try {
      server.close();
      for (Socket socket : openSockets) {
        socket.close();
      }
      for (Thread thread : openThreads) {
        thread.join(TimeUnit.SECONDS.toMillis(20));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * A request as it came.
   *
   * @param method for example {@code GET}
   * @param path path and query
   * @param headers the headers by name in lower case
   * @param body what was posted, of at most 99999 bytes; empty if nothing was
   */
  public record Request(String method, String path, Map<String, String> headers, String body) {
    /** Keeps the headers as they are now. */
    public Request {
      headers = Map.copyOf(headers);
    }

    /** Returns a header, whatever the case of its name. */
    public Optional<String> header(String name) {
      return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
    }
  }

  /** A point at which a reply stops until the test lets it go on. Thread-safe. */
  public static final class Gate {
    private final CountDownLatch opened = new CountDownLatch(1);
    private final CountDownLatch reached = new CountDownLatch(1);

    /** Makes a closed gate. */
    public Gate() {}

    /** Lets replies go on that wait here or will. */
    public void open() {
      opened.countDown();
    }

    /**
     * Waits until a reply has sent everything before the gate.
     *
     * @throws AssertionError if none has in time
     * @throws InterruptedException if interrupted
     */
    public void awaitReached(Duration patience) throws InterruptedException {
      if (!reached.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("no reply came to the gate");
      }
    }
  }

  /** What a path answers. Immutable; the methods return changed copies. */
  public static final class Reply {
    private enum Framing {
      LENGTH,
      CHUNKS,
      CLOSE,
      NONE
    }

    private enum End {
      WHOLE,
      CUT,
      RESET
    }

    private static final int NEVER = Integer.MAX_VALUE;

    private int status = 200;
    private Map<String, String> headers = Map.of();
    private byte[] body = {};
    private Framing framing = Framing.LENGTH;
    private End end = End.WHOLE;
    private int sent;
    private @Nullable Gate gate;
    private int gateAt = NEVER;
    private Duration dripPause = Duration.ZERO;
    private int dripFrom = NEVER;
    private boolean conditional;

    private Reply() {}

    private Reply(Reply from) {
      status = from.status;
      headers = from.headers;
      body = from.body;
      framing = from.framing;
      end = from.end;
      sent = from.sent;
      gate = from.gate;
      gateAt = from.gateAt;
      dripPause = from.dripPause;
      dripFrom = from.dripFrom;
      conditional = from.conditional;
    }

    /** Returns status 200 with these bytes. */
    public static Reply ok(byte[] body) {
      Reply reply = new Reply();
      reply.body = body.clone();
      return reply;
    }

    /** Returns status 200 with this text in UTF-8. */
    public static Reply ok(String body) {
      return ok(body.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns a status with a short text. */
    public static Reply status(int status) {
      Reply reply = ok(status == 204 || status == 304 ? "" : "status " + status + "\n");
      reply.status = status;
      return reply;
    }

    /** Returns a redirect. */
    public static Reply redirect(int status, String location) {
      return status(status).header("Location", location);
    }

    /** Returns bytes that are sent instead of a response; then the connection ends. */
    public static Reply raw(byte[] bytes) {
      Reply reply = ok(bytes);
      reply.framing = Framing.NONE;
      return reply;
    }

    /** Sets a header; {@code Content-Length} may lie. */
    public Reply header(String name, String value) {
      Reply changed = new Reply(this);
      changed.headers = new LinkedHashMap<>(headers);
      changed.headers.put(Objects.requireNonNull(name), Objects.requireNonNull(value));
      return changed;
    }

    /** Packs the body with gzip, and says so. */
    public Reply gzip() {
      return undeclaredGzip().header("Content-Encoding", "gzip");
    }

    /** Packs the body with gzip and keeps it a secret. */
    public Reply undeclaredGzip() {
      Reply changed = new Reply(this);
      changed.body = packed(body);
      return changed;
    }

    /** Sends the body in chunks instead of saying how long it is. */
    public Reply chunked() {
      Reply changed = new Reply(this);
      changed.framing = Framing.CHUNKS;
      return changed;
    }

    /** Says nothing about the body's length: it ends with the connection. */
    public Reply closeDelimited() {
      Reply changed = new Reply(this);
      changed.framing = Framing.CLOSE;
      return changed;
    }

    /** Ends the connection after so many bytes of the body, although more were announced. */
    public Reply cut(int bytes) {
      Reply changed = new Reply(this);
      changed.end = End.CUT;
      changed.sent = bytes;
      return changed;
    }

    /** Resets the connection after so many bytes of the body. */
    public Reply reset(int bytes) {
      Reply changed = cut(bytes);
      changed.end = End.RESET;
      return changed;
    }

    /**
     * Stops after so many bytes of the body until the gate is opened, the client leaves or the
     * origin is closed.
     *
     * @param bytes how many; -1 stops before the status
     */
    public Reply hold(int bytes, Gate at) {
      Reply changed = new Reply(this);
      changed.gate = at;
      changed.gateAt = bytes;
      return changed;
    }

    /**
     * Sends byte by byte with a pause before each, from so many bytes of the body on.
     *
     * @param from how many come at once; -1 drips the head too
     * @param pause at least a millisecond
     */
    public Reply drip(int from, Duration pause) {
      Reply changed = new Reply(this);
      changed.dripFrom = from;
      changed.dripPause = pause;
      return changed;
    }

    /** Answers 304 to a request that has the validators of this reply. */
    public Reply conditional() {
      Reply changed = new Reply(this);
      changed.conditional = true;
      return changed;
    }

    private static byte[] packed(byte[] bytes) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (OutputStream gzip = new GZIPOutputStream(out)) {
        gzip.write(bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return out.toByteArray();
    }

    private void send(Request request, Socket socket, InputStream in, FeedOrigin origin)
        throws IOException {
      if (conditional && isUnchanged(request)) {
        status(304).send(request, socket, in, origin);
        return;
      }
      OutputStream out = new BufferedOutputStream(socket.getOutputStream());
      int length = end == End.WHOLE ? body.length : Math.min(sent, body.length);
      int held = Math.min(gateAt, length);
      if (gate != null && gateAt < 0) {
        hold(gate, socket, in, origin);
      }
      byte[] head = head().getBytes(StandardCharsets.ISO_8859_1);
      for (int i = 0; i < head.length; i++) {
        if (dripFrom < 0) {
          pause(out, socket, in);
        }
        out.write(head[i]);
      }
      write(0, held, out, socket, in);
      if (gate != null && gateAt >= 0) {
        out.flush();
        hold(gate, socket, in, origin);
      }
      write(Math.max(0, held), length, out, socket, in);
      if (end == End.WHOLE && framing == Framing.CHUNKS) {
        out.write("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      }
      out.flush();
      if (end == End.RESET) {
        socket.setSoLinger(true, 0);
      }
    }

    private boolean isUnchanged(Request request) {
      Optional<String> etag = request.header("If-None-Match");
      if (etag.isPresent()) {
        return etag.get().equals(headers.get("ETag"));
      }
      return request
          .header("If-Modified-Since")
          .map(v -> v.equals(headers.get("Last-Modified")))
          .orElse(false);
    }

    private String head() {
      if (framing == Framing.NONE) {
        return "";
      }
      StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " As scripted\r\n");
      headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
      if (framing == Framing.CHUNKS) {
        head.append("Transfer-Encoding: chunked\r\n");
      } else if (framing == Framing.LENGTH
          && status != 304
          && status != 204
          && !headers.containsKey("Content-Length")) {
        head.append("Content-Length: " + body.length + "\r\n");
      }
      return head.append("Connection: close\r\n\r\n").toString();
    }

    private void write(int from, int to, OutputStream out, Socket socket, InputStream in)
        throws IOException {
      int dripped = Math.max(from, Math.min(dripFrom, to));
      writePiece(from, dripped, out);
      for (int i = dripped; i < to; i++) {
        pause(out, socket, in);
        writePiece(i, i + 1, out);
      }
    }

    private void writePiece(int from, int to, OutputStream out) throws IOException {
      if (from >= to) {
        return;
      }
      if (framing == Framing.CHUNKS) {
        out.write((Integer.toHexString(to - from) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      }
      out.write(body, from, to - from);
      if (framing == Framing.CHUNKS) {
        out.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
      }
    }

    private void pause(OutputStream out, Socket socket, InputStream in) throws IOException {
      out.flush();
      awaitLeaving(socket, in, (int) Math.max(1, dripPause.toMillis()));
    }

    private static void hold(Gate gate, Socket socket, InputStream in, FeedOrigin origin)
        throws IOException {
      gate.reached.countDown();
      while (gate.opened.getCount() > 0 && !origin.isClosed()) {
        awaitLeaving(socket, in, POLL_MILLIS);
      }
    }

    /** Reads meanwhile: that is how a client is seen to leave. */
    private static void awaitLeaving(Socket socket, InputStream in, int millis) throws IOException {
      socket.setSoTimeout(millis);
      try {
        if (in.read() < 0) {
          throw new IOException("the client has left");
        }
      } catch (SocketTimeoutException e) {
        // Still there.
      }
    }
  }
}
