// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.catalog.DescribedFeeds;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.Feeds;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

  @Option(
      names = "--feeds-file",
      paramLabel = "FILE",
      description =
          "JSON file, or folder of them, that describes feeds to add to the built-in ones; may be"
              + " repeated. tip feeds check FILE tries it.")
  private List<Path> described = List.of();

  /**
   * Returns the feeds by id, as they are with the changes.
   *
   * @throws ParameterException if the file cannot be used
   */
  Map<String, Feed> byId() {
    return Feeds.installed(settings());
  }

  private FeedSettings settings() {
    FeedSettings.Builder settings = FeedSettings.builder();
    for (Path file : described) {
      try {
        settings.provider(DescribedFeeds.read(file));
      } catch (IOException e) {
        throw usageError("--feeds-file: ", e);
      }
    }
    if (overrides != null) {
      try (InputStream in = Files.newInputStream(overrides)) {
        settings.overrides(in);
      } catch (FileSystemException e) {
        throw usageError("--overrides: ", e);
      } catch (IOException e) {
        throw usageError("--overrides: " + overrides + ", ", e);
      }
    }
    return settings.build();
  }

  private ParameterException usageError(String where, IOException e) {
    return new ParameterException(spec.commandLine(), where + Tip.sentence(e));
  }
}
