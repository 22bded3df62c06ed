// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sink;

import java.util.List;

/** A sink that writes NDJSON. */
public final class NdjsonSink implements IndicatorSink {
  private NdjsonSink() {}

  @Override
  public SinkInfo info() {
    throw new UnsupportedOperationException("pending");
  }

  @Override
  public WriteResult write(List<Change> batch) {
    throw new UnsupportedOperationException("pending");
  }

  @Override
  public void close() {}
}
