// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedServerTest {
  @Test
  @Timeout(20)
  void serverThatEndedBeforeItAnsweredIsNotWaitedForAndItsLogIsShown(@TempDir Path run)
      throws Exception {
    Files.writeString(run.resolve("log"), "no space left on device");
    Files.createFile(run.resolve("ended"));
    Properties properties = new Properties();
    properties.setProperty(EmbeddedServer.RUN, run.toString());

    assertThatIOException()
        .isThrownBy(() -> EmbeddedServer.start(properties))
        .withMessageContaining("no space left on device");
  }
}
