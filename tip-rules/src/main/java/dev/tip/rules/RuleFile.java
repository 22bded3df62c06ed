// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.toml.TomlFactory;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A rule as somebody wrote it: well-formed, but not checked. {@link RuleLint} says what is wrong
 * with it, {@link #toRule} makes a rule of it. Immutable and thread-safe.
 *
 * <p>Files of elastic/detection-rules (TOML) hold one, exports of Kibana (NDJSON) one a line. What
 * else an export holds (exception lists, connectors, the line of counts) is passed over.
 */
public final class RuleFile {
  /** The size of a file that Kibana imports at most, in bytes. */
  public static final int MAX_BYTES = RuleJson.MAX_IMPORT_BYTES;

  private static final StreamReadConstraints LIMITS =
      StreamReadConstraints.builder().maxNestingDepth(100).maxDocumentLength(MAX_BYTES).build();

  private static final ObjectMapper TOML =
      new TomlMapper(TomlFactory.builder().streamReadConstraints(LIMITS).build());

  private final String name;
  private final int line;
  private final ObjectNode content;
  private final boolean ofKibana;

  private RuleFile(String name, int line, ObjectNode content, boolean ofKibana) {
    this.name = name;
    this.line = line;
    this.content = content;
    this.ofKibana = ofKibana;
  }

  /** Returns the file of a rule, as {@link ThreatMatchRule#toToml} would write it. */
  public static RuleFile of(ThreatMatchRule rule) {
    return of(rule.fileName(), RuleDocument.file(rule));
  }

  /** Returns a file of detection-rules that is a tree already. */
  static RuleFile of(String name, ObjectNode content) {
    return new RuleFile(name, 1, content, false);
  }

  /**
   * Reads a file: NDJSON if its name ends in {@code .ndjson}, else TOML.
   *
   * @return its rules, in order; none if it is an export without rules
   * @throws RuleFileException if it is not what its name says, or larger than {@link #MAX_BYTES}
   * @throws IOException if it cannot be read
   */
  public static List<RuleFile> read(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    }
    if (bytes.length > MAX_BYTES) {
      throw tooLarge(name);
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new RuleFileException(name + " is no text in UTF-8", e);
    }
    return name.toLowerCase(Locale.ROOT).endsWith(".ndjson")
        ? ndjson(name, text)
        : List.of(toml(name, text));
  }

  /**
   * Reads a file of elastic/detection-rules.
   *
   * @param name what the file is called, for messages and as {@link #name}
   * @throws RuleFileException if it is no TOML, or larger than {@link #MAX_BYTES}
   */
  public static RuleFile toml(String name, String text) throws RuleFileException {
    JsonNode content = tree(name, text);
    if (!content.isObject()) {
      throw new RuleFileException(name + " holds no tables", null);
    }
    return new RuleFile(name, 1, (ObjectNode) content, false);
  }

  /**
   * Reads rules as Kibana exports and imports them: a JSON object a line.
   *
   * @param name what the file is called, for messages and as {@link #name}
   * @return its rules, in order; none if it is an export without rules
   * @throws RuleFileException if a line is no JSON object, or all are larger than {@link
   *     #MAX_BYTES}
   */
  public static List<RuleFile> ndjson(String name, String text) throws RuleFileException {
    List<RuleFile> rules = new ArrayList<>();
    int number = 0;
    for (int start = 0; start < text.length(); ) {
      int end = text.indexOf('\n', start);
      end = end < 0 ? text.length() : end;
      String line = text.substring(start, end);
      start = end + 1;
      number++;
      if (line.isBlank()) {
        continue;
      }
      if (end > MAX_BYTES) {
        throw tooLarge(name);
      }
      ObjectNode content;
      try {
        content = RuleJson.read(line.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new RuleFileException(name + " line " + number + ' ' + e.getMessage(), e);
      }
      if (!isOther(content)) {
        rules.add(new RuleFile(name, number, withoutNulls(content), true));
      }
    }
    return List.copyOf(rules);
  }

  /** Returns whether a line of an export is something else than a rule. */
  private static boolean isOther(JsonNode line) {
    return line.has("exported_count")
        || line.path("type").asText().equals("action")
        || !line.has("rule_id") && (line.has("list_id") || line.has("connector_type_id"));
  }

  private static ObjectNode withoutNulls(ObjectNode object) {
    List<String> nulls = new ArrayList<>();
    object.properties().stream()
        .filter(p -> p.getValue().isNull())
        .forEach(p -> nulls.add(p.getKey()));
    object.remove(nulls);
    return object;
  }

  private static JsonNode tree(String name, String text) throws RuleFileException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MAX_BYTES) {
      throw tooLarge(name);
    }
    try {
      return TOML.readTree(new ByteArrayInputStream(bytes));
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw new RuleFileException(
          name
              + (at == null ? "" : " line " + at.getLineNr())
              + " is no TOML: "
              + RuleFinding.excerpt(e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new RuleFileException(name + ": " + RuleFinding.excerpt(e.toString()), e);
    }
  }

  private static RuleFileException tooLarge(String name) {
    return new RuleFileException(name + " is larger than " + MAX_BYTES + " bytes", null);
  }

  /** Returns what the file is called. */
  public String name() {
    return name;
  }

  /** Returns the line on which the rule begins, 1 for the first. */
  public int line() {
    return line;
  }

  /** Returns the id of the rule, empty if it says none. */
  public String ruleId() {
    return rule().path("rule_id").asText();
  }

  /** Returns the name of the rule, empty if it says none. */
  public String ruleName() {
    return rule().path("name").asText();
  }

  /**
   * Returns the rule, so that it can be previewed, or written in the other form. Line breaks of the
   * layout go, as detection-rules removes them: a description is one paragraph, queries begin and
   * end with no white space. What only Kibana decides, such as versions, goes as well. The key of a
   * rule of Kibana is made of its name.
   *
   * @param day when it was written and last changed, where the file does not say
   * @throws IllegalArgumentException if {@link ThreatMatchRule.Builder#build} refuses it, or it has
   *     something that a {@link ThreatMatchRule} does not hold, such as filters on events; the
   *     message names the key
   */
  public ThreatMatchRule toRule(LocalDate day) {
    return RuleReader.read(this, day);
  }

  /** Returns whether it is a line of Kibana's and not a file of detection-rules. */
  boolean ofKibana() {
    return ofKibana;
  }

  /** Returns the whole: of Kibana the rule, else the tables of the file. Not to be changed. */
  ObjectNode content() {
    return content;
  }

  /** Returns the rule itself, missing if there is none. Not to be changed. */
  JsonNode rule() {
    return ofKibana ? content : content.path("rule");
  }

  /** Returns what detection-rules keeps about the rule, missing if there is none. */
  JsonNode metadata() {
    return ofKibana ? MissingNode.getInstance() : content.path("metadata");
  }

  @Override
  public String toString() {
    return ofKibana ? name + ':' + line : name;
  }
}
