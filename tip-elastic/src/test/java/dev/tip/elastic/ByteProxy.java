// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Passes bytes between a client and a server on loopback, in good weather and in bad. */
final class ByteProxy implements AutoCloseable {
  /** What the next connections suffer. */
  enum Weather {
    GOOD,
    /** Reset when this much of what the client says has been passed on. */
    CUTS_REQUESTS,
    /** Reset before the client gets anything of what the server says. */
    CUTS_ANSWERS,
    /** A small piece at a time, with a wait before each. */
    SLOW
  }

  private static final int REQUEST_BYTES = 40_000;
  private static final int PIECE = 8192;
  private static final int WAIT_MILLIS = 20;

  private final ServerSocket door;
  private final URI server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger left = new AtomicInteger();
  private final AtomicInteger cuts = new AtomicInteger();
  private volatile Weather weather = Weather.GOOD;

  ByteProxy(String server) throws IOException {
    this.server = URI.create(server);
    this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + door.getLocalPort();
  }

  /**
   * Sets the weather of the connections that are made from now on, and ends those that are.
   *
   * @param connections how many of them are cut before it is good again
   */
  void weather(Weather weather, int connections) throws IOException {
    this.left.set(connections);
    this.weather = weather;
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  /** Returns how many connections were cut. */
  int cuts() {
    return cuts.get();
  }

  @Override
  public void close() throws IOException {
    door.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "byte-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!door.isClosed()) {
      try {
        Socket client = door.accept();
        Socket behind = new Socket(InetAddress.getLoopbackAddress(), server.getPort());
        sockets.add(client);
        sockets.add(behind);
        start(() -> pass(client, behind, Weather.CUTS_REQUESTS, REQUEST_BYTES));
        start(() -> pass(behind, client, Weather.CUTS_ANSWERS, 0));
      } catch (IOException e) {
        // Closed, which is how it ends; a server that is down ends it too, and its test fails.
        return;
      }
    }
  }

  /** Passes bytes one way until one side ends it, or the weather does. */
  private void pass(Socket from, Socket to, Weather cut, int after) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] piece = new byte[PIECE];
      long passed = 0;
      for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
        if (weather == cut && passed + n > after && left.getAndDecrement() > 0) {
          cuts.incrementAndGet();
          from.setSoLinger(true, 0);
          to.setSoLinger(true, 0);
          return;
        }
        if (weather == Weather.SLOW) {
          Thread.sleep(WAIT_MILLIS);
        }
        out.write(piece, 0, n);
        passed += n;
      }
    } catch (IOException e) {
      // One of the sides went away, which ends both.
      sockets.remove(from);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sockets.remove(from);
    sockets.remove(to);
  }
}
