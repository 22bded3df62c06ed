// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class RulesCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  private int tip(String... args) {
    CommandLine line = Tip.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return line.execute(args);
  }

  @Test
  void everyRuleIsATomlFileALineForKibanaAndARowOfTheTable() throws IOException {
    Path rules = folder.resolve("new/rules");
    assertThat(tip("rules", "--out", rules.toString())).isEqualTo(Tip.OK);

    List<String> files;
    try (Stream<Path> listed = Files.list(rules)) {
      files = listed.map(p -> p.getFileName().toString()).filter(n -> n.endsWith(".toml")).toList();
    }
    List<String> names = new ArrayList<>();
    for (String line : Files.readAllLines(rules.resolve("rules.ndjson"))) {
      JsonNode rule = new ObjectMapper().readTree(line);
      assertThat(rule.path("type").asText()).isEqualTo("threat_match");
      names.add(rule.path("name").asText());
    }
    assertThat(files).isNotEmpty().hasSameSizeAs(names);
    assertThat(out.toString()).contains(files).contains(names);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--threat-index", "--index-base"})
  void anotherIndexIsTheOneTheRulesRead(String option) throws IOException {
    assertThat(tip("rules", "--out", folder.toString(), option, "logs-ti_tip.other"))
        .isEqualTo(Tip.OK);
    for (String line : Files.readAllLines(folder.resolve("rules.ndjson"))) {
      assertThat(new ObjectMapper().readTree(line).path("threat_index"))
          .extracting(JsonNode::asText)
          .containsExactly("logs-ti_tip.other");
    }
  }

  @Test
  void fileInPlaceOfTheFolderIsSaidInASentence() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(tip("rules", "--out", file.toString())).isNotEqualTo(Tip.OK);
    assertThat(err.toString()).contains(file + " is there already, and is no folder");
  }

  @Test
  void folderIsRequired() {
    assertThat(tip("rules")).isEqualTo(Tip.USAGE);
  }
}
