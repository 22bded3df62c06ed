// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElasticsearchNodeTest {
  @Test
  void aMissingZipIsNamedWithWhatToDo(@TempDir Path temp) {
    assertThatThrownBy(() -> ElasticsearchNode.start(temp.resolve("none.zip")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none.zip")
        .hasMessageContaining("let Maven resolve");
  }

  @Test
  void aHeapTooSmallForTheServerIsRefused(@TempDir Path temp) {
    ElasticsearchNode.Builder builder = ElasticsearchNode.builder(temp.resolve("none.zip"));
    assertThatThrownBy(() -> builder.heapMegabytes(127))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void unknownArgumentsAreAnsweredWithTheUsage() {
    assertThatThrownBy(() -> ElasticsearchNode.main(new String[] {"serve", "--zap", "x"}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--handoff FILE");
  }
}
