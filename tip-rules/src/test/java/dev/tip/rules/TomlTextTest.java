// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;

class TomlTextTest {
  /** What the formatter does to each shape of value, in one file that needs no other project. */
  @Test
  void theGoldenPairIsReproduced() throws Exception {
    ObjectNode file = new ObjectMapper().readValue(resource("golden.json"), ObjectNode.class);
    assertThat(TomlText.of(file)).isEqualTo(resource("golden.toml"));
  }

  private static String resource(String name) throws Exception {
    try (InputStream in = TomlTextTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void theFormattersOwnOutputIsReproduced() throws Exception {
    Path samples = Path.of("../../shared/data/elastic/sample-rules");
    assumeTrue(Files.isDirectory(samples), "the samples are not part of the project");
    ObjectNode file =
        new ObjectMapper()
            .readValue(Files.readString(samples.resolve("rule.json")), ObjectNode.class);
    assertThat(TomlText.of(file))
        .isEqualTo(Files.readString(samples.resolve("rule.formatted.toml")));
  }

  @Test
  void sectionsComeInOrderAndEmptyOnesAreLeftOut() {
    ObjectNode file = node();
    file.putObject("rule").put("b", 2).put("a", true);
    file.putObject("transform");
    file.putObject("metadata").put("maturity", "production");
    assertThat(TomlText.of(file))
        .isEqualTo("[metadata]\nmaturity = \"production\"\n\n[rule]\na = true\nb = 2\n");
  }

  @Test
  void queriesComeAfterTheOtherKeysAndBeforeTables() {
    ObjectNode rule = node();
    rule.put("query", " a:1 ").put("threat_query", "b:2").put("z", 1);
    rule.putArray("t").addObject().put("k", 1);
    assertThat(ofRule(rule))
        .isEqualTo(
            """
            [rule]
            z = 1

            query = '''
            a:1
            '''



            threat_query = '''
            b:2
            '''


            [[rule.t]]
            k = 1


            """);
  }

  @Test
  void longTextIsWrapped() {
    String word = "0123456789";
    String text = String.join(" ", Collections.nCopies(12, word));
    assertThat(ofRule(node().put("description", text)))
        .isEqualTo(
            "[rule]\ndescription = \"\"\"\n"
                + text.substring(0, 120)
                + "\n"
                + text.substring(121)
                + "\n\"\"\"\n");
  }

  @Test
  void aWordLongerThanTheLineStaysWhole() {
    String word = "x".repeat(130);
    assertThat(ofRule(node().put("description", "a " + word + " b")))
        .isEqualTo("[rule]\ndescription = \"\"\"\na\n" + word + "\nb\n\"\"\"\n");
  }

  @Test
  void listsBreakAtAHundredColumns() {
    ObjectNode rule = node();
    rule.putArray("tags").add("x".repeat(47)).add("y".repeat(47));
    assertThat(ofRule(rule)).doesNotContain("[\n");
    rule.putArray("tags").add("x".repeat(47)).add("y".repeat(48));
    assertThat(ofRule(rule))
        .isEqualTo(
            "[rule]\ntags = [\n    \"%s\",\n    \"%s\",\n]\n"
                .formatted("x".repeat(47), "y".repeat(48)));
  }

  @Test
  void quotesInMarkdownOfOneLineNeedNoEscape() {
    assertThat(ofRule(node().put("note", "say \"x\""))).isEqualTo("[rule]\nnote = 'say \"x\"'\n");
  }

  @Test
  void charactersOutsideAsciiAreEscapedAsTomlKnowsThem() {
    assertThat(ofRule(node().put("name", "\u00e9\ud83d\ude00\u0001\u007f")))
        .isEqualTo("[rule]\nname = \"\\u00e9\\U0001f600\\u0001\\u007f\"\n");
  }

  @Test
  void threeQuotesCannotEndAText() {
    assertThat(ofRule(node().put("note", "a\n\"\"\"\nevil = 1")))
        .isEqualTo("[rule]\nnote = \"\"\"a\n\"\"\\\"\nevil = 1\"\"\"\n");
    assertThat(ofRule(node().put("query", "a:'''\nevil = 1")))
        .isEqualTo("[rule]\n\nquery = \"\"\"\na:'''\nevil = 1\n\"\"\"\n");
  }

  private static ObjectNode node() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static String ofRule(ObjectNode rule) {
    ObjectNode file = node();
    file.set("rule", rule);
    return TomlText.of(file);
  }
}
