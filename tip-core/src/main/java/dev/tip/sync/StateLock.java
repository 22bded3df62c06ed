// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a folder of states to one run at a time, of this process and of others. */
final class StateLock {
  private static final Logger LOG = LoggerFactory.getLogger(FeedSync.class);

  /** The folders that runs of this process have: a lock of the system is one of the process. */
  private static final Set<Path> TAKEN = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private StateLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Takes the folder, which is made if it is absent.
   *
   * @return the lock, or null if another run has it
   */
  static @Nullable StateLock take(Path state) throws IOException {
    Path folder = Files.createDirectories(state).toRealPath();
    // Before the file is opened: closing it a second time would end the lock of the first.
    if (!TAKEN.add(folder)) {
      return null;
    }
    StateLock lock = null;
    try {
      FileChannel channel =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        if (channel.tryLock() != null) {
          lock = new StateLock(folder, channel);
        }
        return lock;
      } finally {
        if (lock == null) {
          channel.close();
        }
      }
    } finally {
      if (lock == null) {
        TAKEN.remove(folder);
      }
    }
  }

  /** Gives the folder back. */
  void release() {
    try {
      channel.close();
    } catch (IOException e) {
      // The run is through; the system ends the lock with the process at the latest.
      LOG.warn("the lock of {} could not be closed", folder, e);
    } finally {
      TAKEN.remove(folder);
    }
  }
}
