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
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What could not be used of a feed's last list, and what one sink did not take of the feed, one
 * JSON object a line. Bounded, as a publisher decides how much of it there is; the last line then
 * says how many are left out. Everything but ASCII is escaped, so that a terminal can show the
 * files.
 *
 * <p>There are two files, because they have different lives: that of the records is replaced when
 * another list was read to its end, whichever sink it was for; that of the changes when the sink
 * was handed something. Either is gone if there is nothing to say.
 */
final class DeadLetters {
  /** The most letters of a file. */
  static final int MAX_LETTERS = 1000;

  private static final int MAX_TEXT = 1024;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .build();

  private final @Nullable Path state;
  private final String feedId;
  private final Instant time;
  private final Letters records;
  private Letters changes = new Letters(null);
  private boolean listEnded;

  private DeadLetters(@Nullable Path state, String feedId, Instant time) {
    this.state = state;
    this.feedId = feedId;
    this.time = time;
    this.records = new Letters(state == null ? null : recordsFile(state, feedId));
  }

  /**
   * Returns the letters of a feed's run.
   *
   * @param state the folder of states, or null to keep none
   */
  static DeadLetters of(@Nullable Path state, String feedId, Instant time) {
    return new DeadLetters(state, feedId, time);
  }

  /** Returns where the records of a feed are that could not be used. */
  static Path recordsFile(Path state, String feedId) {
    // No id has a full stop, so that no other name is like it.
    return folder(state).resolve(feedId + ".records.ndjson");
  }

  /**
   * Returns where the changes are that a sink did not take.
   *
   * @param name a feed's id, a hyphen and a {@link FeedMemory#sinkKey}
   */
  static Path changesFile(Path state, String name) {
    return folder(state).resolve(name + ".changes.ndjson");
  }

  private static Path folder(Path state) {
    return state.resolve("quarantine");
  }

  /** Says which sink the changes are for; until then none are kept. */
  void sink(String identity) {
    if (state != null) {
      changes = new Letters(changesFile(state, feedId + '-' + FeedMemory.sinkKey(identity)));
    }
  }

  /** Adds a record that could not be used. */
  void add(FeedEntry.Rejected rejected) throws IOException {
    OutputStream to = records.next();
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
    OutputStream to = changes.next();
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

  /** Says that the list was read to its end, whether it is believed or not. */
  void listEnded() {
    listEnded = true;
  }

  /**
   * Puts the letters in place of older ones, where there was anything to be wrong with; else the
   * old ones stay.
   *
   * @param sinkWasAsked whether the sink was handed something
   */
  void close(boolean sinkWasAsked) throws IOException {
    try {
      records.close(listEnded);
    } finally {
      changes.close(sinkWasAsked);
    }
  }

  /** The letters of one file. */
  private final class Letters {
    private final @Nullable Path file;
    private @Nullable OutputStream out;
    private long letters;

    /** Creates it with null for letters that are not kept. */
    Letters(@Nullable Path file) {
      this.file = file;
    }

    /** Returns where the next letter goes, or null if there is no room or none are kept. */
    @Nullable OutputStream next() throws IOException {
      if (file == null || ++letters > MAX_LETTERS) {
        return null;
      }
      OutputStream to = out;
      if (to == null) {
        Files.createDirectories(file.getParent());
        to = Files.newOutputStream(part(file));
        out = to;
      }
      return to;
    }

    private static Path part(Path file) {
      return file.resolveSibling(file.getFileName() + ".part");
    }

    void close(boolean replace) throws IOException {
      OutputStream to = out;
      if (file == null) {
        return;
      }
      if (to == null) {
        if (replace) {
          Files.deleteIfExists(file);
        }
        return;
      }
      try {
        try (to) {
          if (replace && letters > MAX_LETTERS) {
            try (JsonGenerator json = begin(to, "more")) {
              json.writeNumberField("count", letters - MAX_LETTERS);
            }
            to.write('\n');
          }
        }
        if (replace) {
          Files.move(part(file), file, StandardCopyOption.REPLACE_EXISTING);
        }
      } finally {
        // What could not be written whole would keep a full disk full.
        Files.deleteIfExists(part(file));
      }
    }
  }
}
