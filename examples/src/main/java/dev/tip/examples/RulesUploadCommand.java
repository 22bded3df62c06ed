// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.tip.rules.DetectionRule;
import dev.tip.rules.HuntRule;
import dev.tip.rules.KibanaPlan;
import dev.tip.rules.KibanaPlan.Action;
import dev.tip.rules.KibanaPlan.Entry;
import dev.tip.rules.KibanaReport;
import dev.tip.rules.KibanaRules;
import dev.tip.rules.KibanaRules.Changes;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Brings the rules into Kibana. */
@Command(
    name = "upload",
    description = {
      "Shows what the rules would change in a space of Kibana, and changes it: rules that are not"
          + " there are created, disabled.",
      "Whether an installed rule is enabled, its actions and its exceptions stay as they are. The"
          + " rules run with the privileges of the API key."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all done, or all shown",
      "1:Kibana did not take some rules",
      "2:the command line cannot be used",
      "3:Kibana cannot be reached or refuses it"
    })
final class RulesUploadCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--kibana",
      paramLabel = "URL",
      required = true,
      description = "Address of Kibana, with its base path if it has one.")
  private URI kibana;

  @Option(
      names = "--space",
      paramLabel = "ID",
      description = "Id of the space. Default: ${DEFAULT-VALUE}.",
      defaultValue = "default")
  private String space;

  @Option(
      names = "--api-key-env",
      paramLabel = "NAME",
      description = "Environment variable that holds the API key.")
  private @Nullable String apiKeyVariable;

  @Mixin private RuleSetOptions options = new RuleSetOptions();

  @Option(
      names = "--enable",
      paramLabel = "RULE",
      split = ",",
      description =
          "Rules to enable, by file name without ending (threat_list_ may be left out) or rule_id.")
  private List<String> enable = List.of();

  @Option(
      names = "--enable-all",
      description = "Enable all rules but those of low severity, which are enabled by name only.")
  private boolean enableAll;

  @Option(
      names = "--overwrite",
      description = "Update installed rules that say something else. Default: they are left.")
  private boolean overwrite;

  @Option(
      names = "--remove-orphans",
      description =
          "Remove rules that tip made for the same indicators and that are no longer in the set."
              + " Default: they are left.")
  private boolean removeOrphans;

  @Option(names = "--dry-run", description = "Show what would be done, and change nothing.")
  private boolean dryRun;

  @Mixin private NetworkOptions network = new NetworkOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<DetectionRule> rules = new ArrayList<>(options.all());
    rules.add(HuntRule.standard());
    Changes changes = changes(rules);
    KibanaRules.Builder builder =
        KibanaRules.builder(kibana, network.client(System.getenv())).space(space);
    if (apiKeyVariable != null) {
      builder.apiKey(ServerOptions.apiKey(spec, apiKeyVariable));
    }
    KibanaRules target = builder.build();
    KibanaPlan plan = target.plan(rules, options.profile());
    print(plan, rules);
    if (dryRun) {
      return Tip.OK;
    }
    return print(target.apply(plan, changes), names(rules));
  }

  private Changes changes(List<DetectionRule> rules) {
    Set<String> ids = new LinkedHashSet<>();
    if (enableAll) {
      rules.stream().filter(DetectionRule::enabled).map(DetectionRule::ruleId).forEach(ids::add);
    }
    for (String name : enable) {
      List<String> named =
          rules.stream()
              .filter(rule -> RuleOptions.isNamed(rule, name.strip()))
              .map(DetectionRule::ruleId)
              .toList();
      if (named.isEmpty()) {
        throw new ParameterException(
            spec.commandLine(), "--enable: no rule " + name + "; --dry-run lists them");
      }
      ids.addAll(named);
    }
    Changes changes = Changes.create().enable(ids);
    changes = overwrite ? changes.update() : changes;
    return removeOrphans ? changes.removeOrphans() : changes;
  }

  private static Map<String, String> names(List<DetectionRule> rules) {
    Map<String, String> names = new LinkedHashMap<>();
    rules.forEach(rule -> names.put(rule.ruleId(), RuleOptions.shortName(rule)));
    return names;
  }

  private void print(KibanaPlan plan, List<DetectionRule> rules) throws JsonProcessingException {
    Map<String, String> names = names(rules);
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("PLAN", "RULE", "ENABLED", "DIFFERS IN"));
    Map<Action, Integer> counts = new LinkedHashMap<>();
    List<String> notes = new ArrayList<>();
    for (Entry entry : plan.entries()) {
      String known = names.get(entry.ruleId());
      String name = known != null ? known : TextTable.shown(entry.name());
      counts.merge(entry.action(), 1, Integer::sum);
      entry.notes().forEach(note -> notes.add(name + ": " + note));
      rows.add(
          List.of(
              word(entry.action()),
              name,
              entry.enabled().map(on -> on ? "yes" : "no").orElse("-"),
              entry.differences().isEmpty() ? "-" : String.join(",", entry.differences())));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(TextTable.of(rows));
    notes.forEach(out::println);
    List<String> sums = new ArrayList<>();
    counts.forEach((action, count) -> sums.add(count + " " + word(action)));
    out.println(String.join(", ", sums));
    hint(out, counts.containsKey(Action.UPDATE) && !overwrite, "--overwrite updates rules");
    hint(out, counts.containsKey(Action.ORPHAN) && !removeOrphans, "--remove-orphans removes them");
    out.flush();
  }

  private static void hint(PrintWriter out, boolean shown, String hint) {
    if (shown) {
      out.println(hint);
    }
  }

  private static String word(Action action) {
    return action.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private int print(KibanaReport report, Map<String, String> names) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(report);
    report.warnings().forEach(out::println);
    out.flush();
    PrintWriter err = spec.commandLine().getErr();
    for (KibanaReport.Failure failure : report.failures()) {
      err.println("tip: " + names.getOrDefault(failure.ruleId(), "rule") + " " + failure);
    }
    err.flush();
    return report.failures().isEmpty() ? Tip.OK : Tip.SOME_FAILED;
  }
}
