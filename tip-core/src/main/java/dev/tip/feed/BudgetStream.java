// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.feed;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A stream that counts against a budget and fails the same way for ever: a reader that swallows an
 * error meets it again.
 */
final class BudgetStream extends FilterInputStream {
  private final ByteBudget budget;
  private @Nullable IOException failure;

  BudgetStream(InputStream in, ByteBudget budget) {
    super(in);
    this.budget = budget;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (failure != null) {
      throw failure;
    }
    try {
      int n = in.read(bytes, offset, length);
      if (n > 0) {
        budget.spend(n);
      }
      return n;
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  @Override
  public long skip(long n) throws IOException {
    byte[] bytes = new byte[(int) Math.max(1, Math.min(n, 8192))];
    return n <= 0 ? 0 : Math.max(0, read(bytes, 0, (int) Math.min(n, bytes.length)));
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  /** Returns how reading failed. */
  @Nullable IOException failure() {
    return failure;
  }
}
