// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.tip.Indicator;
import dev.tip.feed.FeedEntry;
import dev.tip.sink.Change;
import dev.tip.sink.WriteResult;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What could not be used of a feed's last list, and what the sink did not take of it, one JSON
 * object a line. Bounded, as a publisher decides how much of it there is; the last line then says
 * how many are left out. Everything but ASCII is escaped, so that a terminal can show the file.
 *
 * <p>The file is replaced when the feed's run is over, and gone if there is nothing to say.
 */
final class DeadLetters {
  /** The most letters of a feed. */
  static final int MAX_LETTERS = 1000;

  private static final int MAX_TEXT = 1024;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .build();

  private final @Nullable Path file;
  private final Instant time;
  private @Nullable OutputStream out;
  private long letters;

  private DeadLetters(@Nullable Path file, Instant time) {
    this.file = file;
    this.time = time;
  }

  /**
   * Returns the letters of a feed's run.
   *
   * @param state the folder of states, or null to keep none
   */
  static DeadLetters of(@Nullable Path state, String feedId, Instant time) {
    return new DeadLetters(
        state == null ? null : state.resolve("quarantine").resolve(feedId + ".ndjson"), time);
  }

  /** Adds a record that could not be used. */
  void add(FeedEntry.Rejected rejected) throws IOException {
    OutputStream to = next();
    if (to != null) {
      try (JsonGenerator json = begin(to, rejected.reason())) {
        json.writeNumberField("position", rejected.position());
        json.writeStringField("text", cut(rejected.text()));
      }
      to.write('\n');
    }
  }

  /** Adds a change that the sink did not take. */
  void add(Change change, WriteResult.Outcome outcome) throws IOException {
    OutputStream to = next();
    if (to != null) {
      String reason = outcome.reason();
      try (JsonGenerator json = begin(to, reason == null ? "unknown" : reason)) {
        json.writeStringField("outcome", outcome.status().name());
        json.writeStringField("id", change.id());
        Indicator indicator =
            change instanceof Change.Upsert upsert
                ? upsert.indicator()
                : ((Change.Withdraw) change).lastKnown().orElse(null);
        if (indicator != null) {
          json.writeStringField("type", indicator.observable().type().stixName());
          json.writeStringField("value", cut(indicator.observable().value()));
        }
        String detail = outcome.detail();
        if (detail != null) {
          json.writeStringField("detail", cut(detail));
        }
      }
      to.write('\n');
    }
  }

  private JsonGenerator begin(OutputStream to, String reason) throws IOException {
    JsonGenerator json = JSON.createGenerator(to);
    json.writeStartObject();
    json.writeStringField("time", time.toString());
    json.writeStringField("reason", cut(reason));
    return json;
  }

  private static String cut(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
  }

  /** Returns where the next letter goes, or null if there is no room or none are kept. */
  private @Nullable OutputStream next() throws IOException {
    if (file == null || ++letters > MAX_LETTERS) {
      return null;
    }
    OutputStream to = out;
    if (to == null) {
      Files.createDirectories(file.getParent());
      to = new BufferedOutputStream(Files.newOutputStream(part(file)));
      out = to;
    }
    return to;
  }

  private static Path part(Path file) {
    return file.resolveSibling(file.getFileName() + ".part");
  }

  /**
   * Puts the letters in place of those of the run before.
   *
   * @param replace whether there was anything to be wrong with; else the old ones stay
   */
  void close(boolean replace) throws IOException {
    OutputStream to = out;
    if (file == null || !replace) {
      return;
    }
    if (to == null) {
      Files.deleteIfExists(file);
      return;
    }
    try {
      try (to) {
        if (letters > MAX_LETTERS) {
          try (JsonGenerator json = begin(to, "more")) {
            json.writeNumberField("count", letters - MAX_LETTERS);
          }
          to.write('\n');
        }
      }
      Files.move(part(file), file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      // What could not be written whole would keep a full disk full.
      Files.deleteIfExists(part(file));
    }
  }
}
