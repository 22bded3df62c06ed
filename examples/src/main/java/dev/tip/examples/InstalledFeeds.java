// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.feed.Feed;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.Feeds;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The installed feeds, and the option of every command that has to know what was changed. */
final class InstalledFeeds {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--overrides",
      paramLabel = "FILE",
      description =
          "JSON file that changes feeds: {\"ID\": {\"url\", \"interval\", \"timeToLive\","
              + " \"confidence\"}, …}.")
  private @Nullable Path overrides;

  /**
   * Returns the feeds by id, as they are with the changes.
   *
   * @throws ParameterException if the file cannot be used
   */
  Map<String, Feed> byId() {
    return Feeds.installed(settings());
  }

  private FeedSettings settings() {
    if (overrides == null) {
      return FeedSettings.defaults();
    }
    try (InputStream in = Files.newInputStream(overrides)) {
      return FeedSettings.builder().overrides(in).build();
    } catch (FileSystemException e) {
      throw usageError(Tip.sentence(e));
    } catch (IOException e) {
      throw usageError(overrides + ", " + e.getMessage());
    }
  }

  private ParameterException usageError(String message) {
    return new ParameterException(spec.commandLine(), "--overrides: " + message);
  }
}
