// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.sync.FeedReport;
import dev.tip.sync.SyncReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * A file that a monitor looks at: when it last ran, when each feed was last well, and how it is. It
 * is replaced as a whole, so it is never seen half written.
 */
final class HealthFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;

  HealthFile(Path file) {
    this.file = file;
  }

  /** Writes how a run ended; what a feed was before that is not in it stays. */
  void write(SyncReport report) throws IOException {
    ObjectNode health = last();
    String time = report.started().toString();
    health.put("lastRun", time);
    if (report.isHealthy()) {
      health.put("lastSuccess", time);
    }
    health.put("healthy", report.isHealthy());
    health.put("summary", report.summary());
    ObjectNode feeds = health.withObjectProperty("feeds");
    for (FeedReport feed : report.feeds()) {
      ObjectNode entry = feeds.withObjectProperty(feed.feedId());
      entry.put("outcome", feed.outcome().name());
      entry.put("healthy", feed.isHealthy());
      if (feed.isHealthy()) {
        entry.put("lastSuccess", time);
      }
      if (feed.records() > 0) {
        entry.put("records", feed.records());
      }
      @Nullable String message = feed.message().orElse(null);
      if (message == null) {
        entry.remove("message");
      } else {
        entry.put("message", message);
      }
    }
    replace(health);
  }

  /** Writes that a run could not begin. */
  void write(String time, String failure) throws IOException {
    ObjectNode health = last();
    health.put("lastRun", time);
    health.put("healthy", false);
    health.put("summary", failure);
    replace(health);
  }

  private ObjectNode last() throws IOException {
    try {
      JsonNode last = JSON.readTree(Files.readAllBytes(file));
      return last instanceof ObjectNode object ? object : JSON.createObjectNode();
    } catch (NoSuchFileException | JsonProcessingException e) {
      return JSON.createObjectNode();
    }
  }

  private void replace(ObjectNode health) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.write(part, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(health));
    Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
