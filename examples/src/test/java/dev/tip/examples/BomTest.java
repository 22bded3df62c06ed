// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The bill of versions that users import. */
class BomTest {
  private static List<String> all(Path pom, String pattern) throws Exception {
    return Pattern.compile(pattern)
        .matcher(Files.readString(pom))
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  @Test
  void everyPublishedModuleIsInTheBom() throws Exception {
    List<String> modules = all(Path.of("..", "pom.xml"), "<module>(tip-[a-z]+)</module>");
    List<String> versioned =
        all(
            Path.of("..", "tip-bom", "pom.xml"),
            "<artifactId>(tip-[a-z]+)</artifactId>\\s*<version>\\$");

    assertThat(modules).contains("tip-core");
    assertThat(versioned)
        .containsExactlyInAnyOrderElementsOf(
            modules.stream().filter(module -> !module.equals("tip-bom")).toList());
  }

  /** Importing a BOM with a parent would force the parent's own versions on users. */
  @Test
  void bomHasNoParentAndTheVersionOfTheRest() throws Exception {
    Path bom = Path.of("..", "tip-bom", "pom.xml");
    String version =
        "<groupId>dev.tip</groupId>\\s*<artifactId>tip-[a-z]+</artifactId>\\s*<version>([^$<]+)<";

    assertThat(Files.readString(bom)).doesNotContain("<parent>");
    assertThat(all(bom, version)).isEqualTo(all(Path.of("..", "pom.xml"), version)).hasSize(1);
  }
}
