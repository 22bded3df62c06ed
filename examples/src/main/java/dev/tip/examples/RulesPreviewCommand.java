// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.elastic.RulePreview;
import dev.tip.elastic.RulePreviewException;
import dev.tip.elastic.RulePreviewResult;
import dev.tip.elastic.RulePreviewResult.Alert;
import dev.tip.rules.ThreatMatchRule;
import dev.tip.rules.ThreatMatchRules;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Shows what rules would alert on. */
@Command(
    name = "preview",
    description = {
      "Runs rules against Elasticsearch as Kibana would, and shows the alerts they would create."
          + " Nothing is written.",
      "Needs the privileges read and view_index_metadata on events and indicators."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all rules ran",
      "1:Elasticsearch did not run some rules",
      "2:the command line cannot be used",
      "3:Elasticsearch cannot be reached or refuses it"
    })
final class RulesPreviewCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ServerOptions server = new ServerOptions();

  @Mixin private RuleOptions options = new RuleOptions();

  @Option(
      names = "--from",
      paramLabel = "TIME",
      converter = Since.class,
      description =
          "Events since when, such as now-30d; they go by the rule's timestamp field. Default: what"
              + " one run of each rule looks at.")
  private @Nullable Duration from;

  @Option(
      names = "--rule",
      paramLabel = "RULE",
      split = ",",
      description =
          "Rules to run, by file name without ending (threat_list_ may be left out) or rule_id."
              + " Default: all, those that are disabled too.")
  private List<String> names = List.of();

  @Option(
      names = "--alerts",
      paramLabel = "N",
      description = "Alerts of each rule to show. Default: ${DEFAULT-VALUE}.",
      defaultValue = "10")
  private int shown;

  @Option(names = "--json", description = "One JSON object a rule, with all alerts.")
  private boolean json;

  @Parameters(
      paramLabel = "FILE",
      arity = "0..*",
      description = "Rule files (.toml, .ndjson) in place of the rules of tip.")
  private List<Path> files = List.of();

  private final List<List<String>> rows = new ArrayList<>();
  private final List<List<String>> alerts = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /** How long before now: {@code now-30d}. */
  static final class Since implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      if (!text.startsWith("now-")) {
        throw new TypeConversionException("must be like now-30d; not " + text);
      }
      return new TimeSpan().convert(text.substring("now-".length()));
    }
  }

  @Override
  public Integer call() throws IOException {
    List<ThreatMatchRule> rules = chosen();
    rows.add(
        List.of("RULE", "ALERTS", "EVENTS", "INDICATORS", "DIRECTION", "PATH", "SEARCHES", "MS"));
    alerts.add(List.of("RULE", "TIME", "EVENT", "FIELD", "VALUE", "LIST"));
    PrintWriter out = spec.commandLine().getOut();
    boolean allRan = true;
    try (ServerConnection connection = server.connect()) {
      RulePreview.Builder preview = RulePreview.builder(connection.client());
      if (from != null) {
        Instant now = Instant.now();
        preview.timeRange(now.minus(from), now);
      }
      for (ThreatMatchRule rule : rules) {
        allRan &= run(preview.build(), rule, out);
      }
    }
    if (!json) {
      out.print(TextTable.of(rows));
      if (alerts.size() > 1) {
        out.println();
        out.print(TextTable.of(alerts));
      }
      notes.forEach(out::println);
    }
    out.flush();
    return allRan ? Tip.OK : Tip.SOME_FAILED;
  }

  private List<ThreatMatchRule> chosen() throws IOException {
    List<ThreatMatchRule> all =
        files.isEmpty()
            ? ThreatMatchRules.standard(options.with(server.indexBase()))
            : RulesExportCommand.read(files);
    for (String name : names) {
      if (all.stream().noneMatch(rule -> RuleOptions.isNamed(rule, name))) {
        throw new ParameterException(spec.commandLine(), "--rule: no rule " + name);
      }
    }
    return names.isEmpty()
        ? all
        : all.stream()
            .filter(rule -> names.stream().anyMatch(name -> RuleOptions.isNamed(rule, name)))
            .toList();
  }

  /** Returns whether the rule ran; what no rule can get over is thrown. */
  private boolean run(RulePreview preview, ThreatMatchRule rule, PrintWriter out)
      throws IOException {
    RulePreviewResult result;
    try {
      result = preview.run(rule);
    } catch (RulePreviewException e) {
      if (e.kind() != RulePreviewException.Kind.REFUSED
          && e.kind() != RulePreviewException.Kind.NO_INDEX) {
        throw e;
      }
      spec.commandLine().getErr().println("tip: " + rule + ": " + TextTable.shown(Tip.sentence(e)));
      spec.commandLine().getErr().flush();
      return false;
    }
    if (json) {
      out.println(TextTable.JSON.writeValueAsString(node(result)));
    } else {
      add(result);
    }
    return true;
  }

  private static String paths(RulePreviewResult result) {
    return result.rule().threatMapping().stream()
        .map(group -> word(result.path(group)))
        .collect(Collectors.toCollection(TreeSet::new))
        .stream()
        .collect(Collectors.joining(","));
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private void add(RulePreviewResult result) throws JsonProcessingException {
    String key = result.rule().key();
    rows.add(
        List.of(
            key,
            result.alerts().size() + (result.isTruncated() ? " or more" : ""),
            Long.toString(result.eventCount()),
            Long.toString(result.indicatorCount()),
            word(result.direction()),
            paths(result),
            Integer.toString(result.searches()),
            Long.toString(result.took().toMillis())));
    for (Alert alert : result.alerts().subList(0, Math.min(shown, result.alerts().size()))) {
      RulePreviewResult.Match match = alert.matches().isEmpty() ? null : alert.matches().get(0);
      alerts.add(
          List.of(
              key,
              TextTable.time(alert.timestamp()),
              TextTable.shown(alert.index() + '/' + alert.id()),
              match == null ? "-" : match.field(),
              match == null ? "-" : TextTable.shown(match.atomic()),
              match == null ? "-" : TextTable.shown(match.feedName().orElse("-"))));
    }
    if (result.alerts().size() > shown) {
      notes.add(
          key + ": " + (result.alerts().size() - shown) + " more alerts; --alerts shows them");
    }
    for (String warning : result.warnings()) {
      notes.add(key + ": " + TextTable.shown(warning));
    }
  }

  private static ObjectNode node(RulePreviewResult result) throws JsonProcessingException {
    ObjectNode node = TextTable.JSON.createObjectNode();
    node.put("rule", result.rule().key()).put("rule_id", result.rule().ruleId());
    node.put("from", result.from().toString()).put("to", result.to().toString());
    node.put("events", result.eventCount()).put("indicators", result.indicatorCount());
    node.put("direction", word(result.direction())).put("path", paths(result));
    node.put("searches", result.searches()).put("millis", result.took().toMillis());
    node.put("truncated", result.isTruncated());
    ArrayNode warnings = node.putArray("warnings");
    result.warnings().forEach(warnings::add);
    ArrayNode array = node.putArray("alerts");
    for (Alert alert : result.alerts()) {
      ObjectNode one = array.addObject();
      one.put("index", alert.index()).put("id", alert.id());
      alert.timestamp().ifPresent(time -> one.put("@timestamp", time.toString()));
      ArrayNode enrichments = one.putArray("threat.enrichments");
      for (RulePreviewResult.Match match : alert.matches()) {
        enrichments.add(TextTable.JSON.readTree(match.toJson()));
      }
    }
    return node;
  }
}
