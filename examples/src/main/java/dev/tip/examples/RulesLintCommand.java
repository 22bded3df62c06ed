// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.rules.RuleFile;
import dev.tip.rules.RuleFileException;
import dev.tip.rules.RuleFinding;
import dev.tip.rules.RuleLint;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks for what is wrong with rules. */
@Command(
    name = "lint",
    description = {
      "Looks at indicator match rules of anybody: what Kibana or detection-rules does not take, what"
          + " can never fire, what floods. No server is asked.",
      "The codes are explained in docs/rules.md."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:no rule is refused; there may be warnings",
      "1:a rule is refused, or a file cannot be read; with --strict also if there are warnings",
      "2:the command line cannot be used"
    })
final class RulesLintCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description =
          "Files of detection-rules (.toml) or of Kibana (.ndjson), or folders with such files.")
  private List<Path> files;

  @Option(names = "--strict", description = "Fail on warnings as well.")
  private boolean strict;

  @Option(names = "--json", description = "One JSON object a rule instead of a table.")
  private boolean json;

  private final List<List<String>> rows = new ArrayList<>();
  private final Set<RuleFinding.Code> codes = new LinkedHashSet<>();
  private int rules;
  private int refused;
  private int warned;
  private int unreadable;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    rows.add(List.of("RULE", "CODE", "EFFECT", "WHERE", "WHAT"));
    for (Path file : expanded()) {
      try {
        for (RuleFile rule : RuleFile.read(file)) {
          look(rule, out);
        }
      } catch (RuleFileException e) {
        unreadable++;
        spec.commandLine().getErr().println("tip: " + e.getMessage());
      }
    }
    if (!json) {
      print(out);
    }
    out.flush();
    spec.commandLine().getErr().flush();
    boolean bad = refused + unreadable > 0 || strict && warned > 0;
    return bad ? Tip.SOME_FAILED : Tip.OK;
  }

  /** Returns the files, with those in a folder in its place. */
  private List<Path> expanded() throws IOException {
    List<Path> all = new ArrayList<>();
    for (Path file : files) {
      if (!Files.isDirectory(file)) {
        all.add(file);
        continue;
      }
      try (Stream<Path> inside = Files.list(file)) {
        inside
            .filter(f -> f.toString().endsWith(".toml") || f.toString().endsWith(".ndjson"))
            .sorted()
            .forEach(all::add);
      }
    }
    return all;
  }

  private void look(RuleFile rule, PrintWriter out) throws JsonProcessingException {
    rules++;
    List<RuleFinding> findings = RuleLint.check(rule);
    boolean refuses =
        findings.stream().anyMatch(f -> f.code().effect() == RuleFinding.Effect.REFUSES);
    refused += refuses ? 1 : 0;
    warned += refuses || findings.isEmpty() ? 0 : 1;
    if (json) {
      ObjectNode node = TextTable.JSON.createObjectNode();
      node.put("file", rule.name()).put("line", rule.line());
      node.put("rule_id", rule.ruleId()).put("name", rule.ruleName());
      ArrayNode array = node.putArray("findings");
      for (RuleFinding finding : findings) {
        array
            .addObject()
            .put("code", finding.code().value())
            .put("effect", word(finding))
            .put("field", finding.field())
            .put("sentence", finding.sentence())
            .put("fix", finding.fix());
      }
      out.println(TextTable.JSON.writeValueAsString(node));
      return;
    }
    for (RuleFinding finding : findings) {
      codes.add(finding.code());
      rows.add(
          List.of(
              TextTable.shown(rule.toString()),
              finding.code().value(),
              word(finding),
              TextTable.shown(finding.field()),
              TextTable.shown(finding.sentence())));
    }
  }

  private static String word(RuleFinding finding) {
    return finding.code().effect().name().toLowerCase(Locale.ROOT);
  }

  private void print(PrintWriter out) {
    if (rows.size() > 1) {
      out.print(TextTable.of(rows));
      out.println();
      codes.forEach(code -> out.println(code.value() + ": " + code.fix()));
      out.println();
    }
    out.println(
        "%d rules, %d refused, %d with warnings alone%s"
            .formatted(
                rules,
                refused,
                warned,
                unreadable == 0 ? "" : ", " + unreadable + " files unreadable"));
  }
}
