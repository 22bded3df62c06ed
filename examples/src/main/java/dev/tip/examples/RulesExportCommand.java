// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.rules.RuleFile;
import dev.tip.rules.ThreatMatchRule;
import dev.tip.rules.ThreatMatchRules;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes rules in one file for Kibana's import. */
@Command(
    name = "export",
    description = {
      "Writes rules into one file that Kibana imports under Rules: those of tip, or those of rule"
          + " files.",
      "Exception lists that the rules name have to be in the space already."
    },
    mixinStandardHelpOptions = true)
final class RulesExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--ndjson",
      paramLabel = "FILE",
      required = true,
      description = "File to write, which must end in .ndjson for Kibana to take it.")
  private Path ndjson;

  @Mixin private RuleSetOptions options = new RuleSetOptions();

  @Parameters(
      paramLabel = "FILE",
      arity = "0..*",
      description = "Rule files (.toml, .ndjson) in place of the rules of tip.")
  private List<Path> files = List.of();

  @Override
  public Integer call() throws IOException {
    if (!ndjson.toString().endsWith(".ndjson")) {
      throw new ParameterException(
          spec.commandLine(), "--ndjson: Kibana takes no file whose name does not end in .ndjson");
    }
    List<ThreatMatchRule> rules = files.isEmpty() ? options.rules() : read(files);
    Files.writeString(ndjson, ThreatMatchRules.toNdjson(rules));
    PrintWriter out = spec.commandLine().getOut();
    out.println(rules.size() + " rules in " + ndjson);
    out.flush();
    return Tip.OK;
  }

  /**
   * Reads rule files.
   *
   * @throws IllegalArgumentException if one is no rule of ours or is there twice; the message names
   *     the file
   */
  static List<ThreatMatchRule> read(List<Path> files) throws IOException {
    LocalDate today = LocalDate.now(ZoneOffset.UTC);
    List<ThreatMatchRule> rules = new ArrayList<>();
    Set<String> ids = new TreeSet<>();
    for (Path file : files) {
      for (RuleFile rule : RuleFile.read(file)) {
        try {
          rules.add(rule.toRule(today));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              rule + ": " + e.getMessage() + "; tip rules lint says more", e);
        }
        if (!ids.add(rule.ruleId())) {
          throw new IllegalArgumentException(rule + ": rule_id is there twice: " + rule.ruleId());
        }
      }
    }
    return rules;
  }
}
