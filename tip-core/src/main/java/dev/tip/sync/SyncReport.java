// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import dev.tip.feed.FeedOutcome;
import dev.tip.sink.Holdings;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a sync did. Immutable. */
public final class SyncReport {
  private static final String[] COLUMNS = {
    "feed",
    "outcome",
    "records",
    "rejected",
    "repeated",
    "screened",
    "added",
    "changed",
    "refreshed",
    "unchanged",
    "withdrawn",
    "failed",
    "stored",
    "seconds"
  };

  private static final int STORED = COLUMNS.length - 2;
  private static final String NOT_TOLD = "-";

  private final Instant started;
  private final Duration duration;
  private final boolean dryRun;
  private final List<FeedReport> feeds;

  SyncReport(Instant started, Duration duration, boolean dryRun, List<FeedReport> feeds) {
    this.started = started;
    this.duration = duration;
    this.dryRun = dryRun;
    this.feeds = List.copyOf(feeds);
  }

  /** Returns when it started. */
  public Instant started() {
    return started;
  }

  /** Returns how long it took. */
  public Duration duration() {
    return duration;
  }

  /** Returns whether nothing was written because only the counts were wanted. */
  public boolean isDryRun() {
    return dryRun;
  }

  /** Returns the reports of the feeds, in the order they were given. */
  public List<FeedReport> feeds() {
    return feeds;
  }

  /** Returns whether no one needs to act on any feed. */
  public boolean isHealthy() {
    return !anyFailed();
  }

  /** Returns whether someone needs to act on some feed. */
  public boolean anyFailed() {
    return feeds.stream().anyMatch(f -> !f.isHealthy());
  }

  /** Returns whether the sink took nothing at all and that was the sink's fault. */
  public boolean nothingStored() {
    return feeds.stream().anyMatch(f -> f.outcome() == FeedOutcome.SINK_FAILED)
        && feeds.stream().allMatch(f -> f.stored() == 0);
  }

  /** Returns the report in one line, for a log. */
  public String summary() {
    long[] sums = new long[5];
    for (FeedReport f : feeds) {
      sums[0] += f.added() + f.changed() + f.refreshed();
      sums[1] += f.unchanged();
      sums[2] += f.withdrawn() + f.expired();
      sums[3] += f.failed();
      sums[4] += f.isHealthy() ? 0 : 1;
    }
    String unhealthy =
        feeds.stream()
            .filter(f -> !f.isHealthy())
            .map(f -> f.feedId() + "=" + f.status())
            .collect(Collectors.joining(","));
    return "feeds="
        + feeds.size()
        + " unhealthy="
        + sums[4]
        + " written="
        + sums[0]
        + " unchanged="
        + sums[1]
        + " withdrawn="
        + sums[2]
        + " failed="
        + sums[3]
        + " seconds="
        + seconds(duration)
        + (unhealthy.isEmpty() ? "" : " " + unhealthy);
  }

  /**
   * Returns a table of plain text: a head, a line a feed, a line of sums if there are several, and
   * the messages of the feeds that ended badly. What the sink said that it holds is under {@code
   * stored}. Lines end with a line feed.
   */
  public String toTable() {
    List<String[]> rows = new ArrayList<>();
    rows.add(COLUMNS);
    long[] sums = new long[COLUMNS.length];
    for (FeedReport f : feeds) {
      long[] numbers = {
        0,
        0,
        f.records(),
        f.rejected(),
        f.repeated(),
        f.screened(),
        f.added(),
        f.changed(),
        f.refreshed(),
        f.unchanged(),
        f.withdrawn() + f.expired(),
        f.failed()
      };
      String[] row = new String[COLUMNS.length];
      row[0] = f.feedId();
      row[1] = f.status();
      for (int i = 2; i < numbers.length; i++) {
        row[i] = Long.toString(numbers[i]);
        sums[i] += numbers[i];
      }
      row[STORED] = f.holdings().map(h -> Long.toString(h.active())).orElse(NOT_TOLD);
      sums[STORED] += f.holdings().map(Holdings::active).orElse(0L);
      row[COLUMNS.length - 1] = seconds(f.duration());
      rows.add(row);
    }
    if (feeds.size() > 1) {
      String[] row = new String[COLUMNS.length];
      row[0] = "all";
      row[1] = "";
      for (int i = 2; i < COLUMNS.length - 1; i++) {
        row[i] = Long.toString(sums[i]);
      }
      if (feeds.stream().allMatch(f -> f.holdings().isEmpty())) {
        row[STORED] = NOT_TOLD;
      }
      row[COLUMNS.length - 1] = seconds(duration);
      rows.add(row);
    }
    StringBuilder out = new StringBuilder();
    appendAligned(rows, out);
    for (FeedReport f : feeds) {
      f.message().ifPresent(m -> out.append(named(f.feedId(), m)).append('\n'));
    }
    return out.toString();
  }

  /** A message says itself whose it is if it comes from a {@link dev.tip.feed.FeedException}. */
  private static String named(String feedId, String message) {
    return message.startsWith(feedId + ": ") ? message : feedId + ": " + message;
  }

  private static void appendAligned(List<String[]> rows, StringBuilder out) {
    int[] widths = new int[COLUMNS.length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        String padding = " ".repeat(widths[i] - row[i].length());
        out.append(i == 0 ? "" : "  ");
        out.append(i < 2 ? row[i] + padding : padding + row[i]);
      }
      out.append('\n');
    }
  }

  private static String seconds(Duration duration) {
    long tenths = (duration.toMillis() + 50) / 100;
    return tenths / 10 + "." + tenths % 10;
  }

  /**
   * Writes the report as one JSON object with a member {@code feeds}, and a line feed.
   *
   * @param out flushed, not closed
   */
  public void toJson(OutputStream out) throws IOException {
    JsonFactory factory =
        JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();
    try (JsonGenerator json = factory.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("started", started.toString());
      json.writeNumberField("seconds", duration.toMillis() / 1000.0);
      json.writeBooleanField("dryRun", dryRun);
      json.writeBooleanField("healthy", isHealthy());
      json.writeArrayFieldStart("feeds");
      for (FeedReport f : feeds) {
        f.writeTo(json);
      }
      json.writeEndArray();
      json.writeEndObject();
      json.writeRaw('\n');
    }
    out.flush();
  }
}
