// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HuntFolderTest {
  @TempDir Path folder;

  @Test
  void aFileCutAtAnyByteCostsNothingButItsLastLine() throws Exception {
    String whole = "{\"tip\":{\"feed\":{\"name\":\"café\"}}}\n";
    byte[] last = "{\"tip\":{\"feed\":{\"name\":\"naïve €\"}}}".getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve("000000000001.todo");
    for (int length = 0; length < last.length; length++) {
      Files.writeString(file, whole);
      Files.write(file, Arrays.copyOf(last, length), StandardOpenOption.APPEND);
      try (HuntFolder opened = HuntFolder.open(folder)) {
        assertThat(opened.pending()).as("%d bytes", length).isEqualTo(length == 0 ? 1 : 2);
        try (BufferedReader reader = opened.read(String.valueOf(opened.first()))) {
          JsonNode document = HuntFolder.document(reader.readLine());
          assertThat(document).isNotNull();
          assertThat(document.at("/tip/feed/name").asText()).isEqualTo("café");
          String rest = reader.readLine();
          assertThat(rest == null ? null : HuntFolder.document(rest)).isNull();
        }
      }
    }
  }
}
