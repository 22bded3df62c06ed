// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.sync.FeedReport;
import dev.tip.sync.SyncListener;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Shows how a sync goes on. */
abstract class Progress implements SyncListener {
  /** How wide the terminal is; not set if there is none. The launcher knows. */
  static final String COLUMNS = "tip.terminal.columns";

  private static final int MIN_COLUMNS = 40;

  /**
   * Returns what suits the place: on a terminal a line a feed that changes, otherwise plain lines,
   * so that logs stay readable.
   */
  static Progress on(PrintWriter out, Properties properties) {
    String columns = properties.getProperty(COLUMNS, "");
    int width = columns.matches("[0-9]{1,4}") ? Integer.parseInt(columns) : 0;
    return width < MIN_COLUMNS
        ? new Plain(out, System::nanoTime)
        : new Live(out, width, System::nanoTime);
  }

  private static String finished(FeedReport feed) {
    return String.format(
        Locale.ROOT,
        "%s, %d records, %.1f s",
        feed,
        feed.records(),
        feed.duration().toMillis() / 1000.0);
  }

  /** A line when a feed is done, and every ten seconds one for a feed that takes longer. */
  static final class Plain extends Progress {
    private static final long PERIOD = TimeUnit.SECONDS.toNanos(10);

    private final PrintWriter out;
    private final LongSupplier nanoTime;
    private final Map<String, Long> due = new HashMap<>();

    Plain(PrintWriter out, LongSupplier nanoTime) {
      this.out = out;
      this.nanoTime = nanoTime;
    }

    @Override
    public synchronized void feedStarted(String feedId) {
      due.put(feedId, nanoTime.getAsLong() + PERIOD);
    }

    @Override
    public void progress(String feedId, long records) {
      tell(feedId, records, "records read");
    }

    @Override
    public void settled(String feedId, long changes) {
      tell(feedId, changes, "changes settled");
    }

    private synchronized void tell(String feedId, long count, String what) {
      long now = nanoTime.getAsLong();
      Long next = due.get(feedId);
      if (next != null && now - next >= 0) {
        due.put(feedId, now + PERIOD);
        out.println(feedId + ": " + count + " " + what);
        out.flush();
      }
    }

    @Override
    public synchronized void feedFinished(FeedReport feed) {
      due.remove(feed.feedId());
      out.println(finished(feed));
      out.flush();
    }
  }

  /** The feeds at work below those that are done, drawn again ten times a second at most. */
  static final class Live extends Progress {
    private static final long PERIOD = TimeUnit.MILLISECONDS.toNanos(100);
    private static final String CLEAR_BELOW = "\u001b[J";

    private final PrintWriter out;
    private final int columns;
    private final LongSupplier nanoTime;
    private final Map<String, String> atWork = new LinkedHashMap<>();
    private int drawn;
    private long due;

    Live(PrintWriter out, int columns, LongSupplier nanoTime) {
      this.out = out;
      this.columns = columns;
      this.nanoTime = nanoTime;
      this.due = nanoTime.getAsLong();
    }

    @Override
    public synchronized void feedStarted(String feedId) {
      atWork.put(feedId, "fetching");
      draw("");
    }

    @Override
    public void progress(String feedId, long records) {
      change(feedId, records + " records read");
    }

    @Override
    public void settled(String feedId, long changes) {
      change(feedId, changes + " changes settled");
    }

    private synchronized void change(String feedId, String what) {
      atWork.put(feedId, what);
      if (nanoTime.getAsLong() - due >= 0) {
        draw("");
      }
    }

    @Override
    public synchronized void feedFinished(FeedReport feed) {
      atWork.remove(feed.feedId());
      draw(fit(finished(feed)) + '\n');
    }

    private void draw(String above) {
      StringBuilder text = new StringBuilder();
      if (drawn > 0) {
        text.append(String.format(Locale.ROOT, "\u001b[%dA", drawn)).append(CLEAR_BELOW);
      }
      text.append(above);
      atWork.forEach((id, what) -> text.append(fit(id + ": " + what)).append('\n'));
      out.print(text);
      out.flush();
      drawn = atWork.size();
      due = nanoTime.getAsLong() + PERIOD;
    }

    /** A line that wraps would be two, and moving up by one would not meet its beginning. */
    private String fit(String line) {
      return line.length() < columns ? line : line.substring(0, columns - 1);
    }
  }
}
