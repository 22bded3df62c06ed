// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import dev.tip.sink.Change;
import dev.tip.sink.Holdings;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.SinkInfo;
import dev.tip.sink.StoredIndicator;
import dev.tip.sink.WriteResult;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A sink that remembers which indicators are new before it stores them. */
final class HuntingSink implements IndicatorSink {
  private final IndicatorSink sink;
  private final Set<String> feeds;
  private final RetroHunt hunt;

  HuntingSink(IndicatorSink sink, Set<String> feeds, RetroHunt hunt) {
    this.sink = sink;
    this.feeds = Set.copyOf(feeds);
    this.hunt = hunt;
  }

  @Override
  public SinkInfo info() {
    return sink.info();
  }

  /** One that is not stored all the same is on its feed's list, and hunted for twice at worst. */
  @Override
  public WriteResult write(List<Change> batch) throws IOException, InterruptedException {
    for (Change change : batch) {
      if (change instanceof Change.Upsert upsert
          && upsert.cause() == Change.Cause.NEW
          && feeds.contains(upsert.feed().id())) {
        hunt.add(upsert);
      }
    }
    hunt.flush();
    return sink.write(batch);
  }

  @Override
  public Optional<Stream<StoredIndicator>> active(String feedId)
      throws IOException, InterruptedException {
    return sink.active(feedId);
  }

  @Override
  public Optional<Holdings> holdings(String feedId) throws IOException, InterruptedException {
    return sink.holdings(feedId);
  }

  @Override
  public void close() throws IOException {
    sink.close();
  }
}
