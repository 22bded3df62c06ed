// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.rules.HuntRule;
import dev.tip.rules.RuleFile;
import dev.tip.rules.RuleFileException;
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
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Writes the rules that alert on the indicators. */
@Command(
    name = "rules",
    description = "Writes the Elastic Security rules that alert on the indicators.",
    mixinStandardHelpOptions = true,
    subcommands = {
      RulesLintCommand.class,
      RulesPreviewCommand.class,
      RulesExportCommand.class,
      RulesUploadCommand.class
    })
final class RulesCommand implements Callable<Integer> {
  /** The file for Kibana's rule import, which wants this ending. */
  static final String IMPORT = "rules.ndjson";

  @Spec private CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Required. Folder for one TOML file a rule, and for "
              + IMPORT
              + ", which Kibana imports under Rules. Created if it is not there.")
  private @Nullable Path out;

  @Mixin private RuleSetOptions options = new RuleSetOptions();

  @Override
  public Integer call() throws IOException {
    // Not required by the parser, which would want it for the subcommands as well.
    if (out == null) {
      throw new ParameterException(
          spec.commandLine(), "Missing required option: '--out=DIR', or a subcommand");
    }
    List<ThreatMatchRule> rules = options.rules();
    write(rules, out);
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("RULE", "SEVERITY", "ENABLED", "EVENTS", "FILE"));
    for (ThreatMatchRule rule : rules) {
      rows.add(
          List.of(
              rule.name(),
              rule.severity().value(),
              rule.enabled() ? "yes" : "no",
              String.join(",", rule.index()),
              rule.fileName()));
    }
    PrintWriter to = spec.commandLine().getOut();
    to.print(TextTable.of(rows));
    to.println(rules.size() + " rules in " + out + ", all of them in " + out.resolve(IMPORT));
    to.flush();
    return Tip.OK;
  }

  /** Writes the rules into a folder as of today. */
  static void write(List<ThreatMatchRule> rules, Path folder) throws IOException {
    write(rules, folder, LocalDate.now(ZoneOffset.UTC));
  }

  /**
   * Writes the rules into a folder. A file that is there already is written anew where the rule
   * says something else, with the day of the change; otherwise it stays as it is.
   */
  static void write(List<ThreatMatchRule> rules, Path folder, LocalDate today) throws IOException {
    Files.createDirectories(folder);
    for (ThreatMatchRule rule : rules) {
      Path file = folder.resolve(rule.fileName());
      Files.writeString(file, successor(rule, file, today).toToml());
    }
    Files.writeString(folder.resolve(IMPORT), ThreatMatchRules.toNdjson(rules));
    // Apart, because it is of another type, which the readers of indicator match rules refuse.
    HuntRule hunt = HuntRule.standard();
    Path apart = Files.createDirectories(folder.resolve("hunt"));
    Files.writeString(apart.resolve(hunt.fileName()), hunt.toToml());
    Files.writeString(apart.resolve("hunt.ndjson"), hunt.toJson() + '\n');
  }

  private static ThreatMatchRule successor(ThreatMatchRule rule, Path file, LocalDate today)
      throws IOException {
    if (!Files.exists(file)) {
      return rule;
    }
    try {
      return rule.following(RuleFile.read(file).get(0), today);
    } catch (RuleFileException e) {
      // What is there is no rule, and has no dates to keep.
      return rule;
    }
  }
}
