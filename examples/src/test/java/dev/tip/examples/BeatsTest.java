// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BeatsTest {
  private static final Path BEATS =
      Path.of(Files.exists(Path.of("beats")) ? "beats" : "examples/beats");

  @ParameterizedTest
  @ValueSource(strings = {"linux", "windows", "macos"})
  void auditbeatHashesWhatFeedsListBelowEachFolder(String system) throws IOException {
    assertThat(Files.readString(BEATS.resolve(system).resolve("auditbeat.yml")))
        .contains("hash_types: [md5, sha1, sha256, sha512]")
        .contains("recursive: true")
        .contains("pipeline: tip-events");
  }

  @ParameterizedTest
  @ValueSource(strings = {"linux", "windows", "macos"})
  void packetbeatReportsFlowsNamesAndCertificates(String system) throws IOException {
    assertThat(Files.readString(BEATS.resolve(system).resolve("packetbeat.yml")))
        .contains("packetbeat.flows:", "type: dns", "type: http", "fingerprints: [sha1]")
        .contains("pipeline: tip-events");
  }

  @Test
  void pipelineSetsTheTimeOfArrivalFirstAndLosesNoEvent() throws IOException {
    JsonNode pipeline =
        new ObjectMapper().readTree(BEATS.resolve("tip-events.pipeline.json").toFile());
    assertThat(pipeline.at("/processors/0/set/field").textValue()).isEqualTo("event.ingested");
    assertThat(pipeline.at("/on_failure")).isNotEmpty();
  }
}
