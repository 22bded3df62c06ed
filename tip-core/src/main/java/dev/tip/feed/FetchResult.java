// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.IOException;
import java.util.Objects;

/** What a fetch gives: entries, or the word that there are none newer. Close it. */
public sealed interface FetchResult extends AutoCloseable {

  /** Returns what to hand to the next fetch, once everything read is stored. */
  FetchState state();

  /** Returns what the fetch has cost so far; while entries are read, it grows. */
  Transfer transfer();

  @Override
  void close() throws IOException;

  /**
   * The feed answered that nothing changed. That is not an empty list.
   *
   * @param state what to hand to the next fetch
   * @param transfer what asking has cost
   */
  record NotModified(FetchState state, Transfer transfer) implements FetchResult {
    /** Checks that all is there. */
    public NotModified {
      Objects.requireNonNull(state, "state");
      Objects.requireNonNull(transfer, "transfer");
    }

    /** For a feed that does not count its cost. */
    public NotModified(FetchState state) {
      this(state, Transfer.NONE);
    }

    @Override
    public void close() {}
  }

  /**
   * The feed's entries.
   *
   * @param reader the entries; read them to the end before you believe in them
   * @param state what to hand to the next fetch, unless a {@link FeedEntry.Checkpoint} gives
   *     another
   */
  record Modified(FeedReader reader, FetchState state) implements FetchResult {
    /** Checks that all is there. */
    public Modified {
      Objects.requireNonNull(reader, "reader");
      Objects.requireNonNull(state, "state");
    }

    @Override
    public Transfer transfer() {
      return reader.transfer();
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
