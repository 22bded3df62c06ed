// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import java.io.InterruptedIOException;

/**
 * The thread was interrupted while it waited for the server, and stays so. The time-outs of the
 * client are of the superclass as well, so it has a type of its own.
 */
final class InterruptedCallException extends InterruptedIOException {
  private static final long serialVersionUID = 1L;

  /** Creates it, and interrupts the thread again. */
  InterruptedCallException(InterruptedException cause) {
    super("interrupted while waiting for Elasticsearch");
    initCause(cause);
    Thread.currentThread().interrupt();
  }

  /** Returns what a method throws that declares it; the thread is no longer interrupted. */
  InterruptedException asInterrupt() {
    @SuppressWarnings("unused")
    boolean was = Thread.interrupted();
    InterruptedException interrupt = new InterruptedException(getMessage());
    interrupt.initCause(this);
    return interrupt;
  }
}
