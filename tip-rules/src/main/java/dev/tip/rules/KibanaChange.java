// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tip.rules.KibanaException.Problem;
import dev.tip.rules.KibanaPlan.Action;
import dev.tip.rules.KibanaPlan.Entry;
import dev.tip.rules.KibanaReport.Failure;
import dev.tip.rules.KibanaRules.Changes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** A plan being carried out, once. For one thread. */
final class KibanaChange {
  /** How often rules that were imported are looked for, a second apart. */
  private static final int LOOKS = 5;

  private final KibanaApi kibana;
  private final KibanaPlan plan;
  private final Changes changes;
  private final List<Failure> failures = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  KibanaChange(KibanaApi kibana, KibanaPlan plan, Changes changes) {
    this.kibana = kibana;
    this.plan = plan;
    this.changes = changes;
  }

  KibanaReport run(int maxFileRules) throws KibanaException, InterruptedException {
    refuseIfChanged(kibana.installed());
    Map<String, ObjectNode> create = new LinkedHashMap<>();
    Map<String, ObjectNode> update = new LinkedHashMap<>();
    for (Entry entry : plan.entries()) {
      String id = entry.ruleId();
      ObjectNode wanted = plan.wanted().get(id);
      ObjectNode there = plan.installed().get(id);
      if (wanted == null || !changes.isChanged(entry)) {
        continue;
      }
      if (there == null) {
        create.put(id, wanted.deepCopy().put("enabled", false));
      } else {
        update.put(id, RuleJson.merged(wanted, there));
      }
    }
    List<Failure> refused = new ArrayList<>();
    refused.addAll(kibana.importRules(List.copyOf(create.values()), false, maxFileRules));
    refused.addAll(kibana.importRules(List.copyOf(update.values()), true, maxFileRules));

    Map<String, ObjectNode> imported = new LinkedHashMap<>(create);
    imported.putAll(update);
    Map<String, ObjectNode> now = look(imported.keySet(), refused);
    Set<String> good = good(imported, now, refused);
    List<String> enabled =
        kibana.bulk("enable", ids(now, entry -> isToEnable(entry, now)), failures);
    List<String> removed =
        changes.removesOrphans()
            ? kibana.bulk("delete", ids(now, entry -> entry.action() == Action.ORPHAN), failures)
            : List.of();
    return new KibanaReport(
        create.keySet().stream().filter(good::contains).toList(),
        update.keySet().stream().filter(good::contains).toList(),
        enabled,
        removed,
        failures,
        warnings);
  }

  private void refuseIfChanged(Map<String, ObjectNode> now) throws KibanaException {
    for (Entry entry : plan.entries()) {
      ObjectNode then = plan.installed().get(entry.ruleId());
      ObjectNode there = now.get(entry.ruleId());
      boolean same =
          then == null
              ? there == null
              : there != null && RuleJson.normalised(then).equals(RuleJson.normalised(there));
      if (!same && changes.isChanged(entry)) {
        throw new KibanaException(
            Problem.CHANGED,
            "rule %s was changed since the plan was made; nothing was done, plan again"
                .formatted(entry.ruleId()),
            null);
      }
    }
  }

  /** What is installed, once that can be seen which was imported. */
  private Map<String, ObjectNode> look(Set<String> imported, List<Failure> refused)
      throws KibanaException, InterruptedException {
    Set<String> expected = new HashSet<>(imported);
    refused.forEach(failure -> expected.remove(failure.ruleId()));
    Map<String, ObjectNode> now = kibana.installed();
    for (int i = 1; i < LOOKS && !now.keySet().containsAll(expected); i++) {
      kibana.await(Duration.ofSeconds(1));
      now = kibana.installed();
    }
    return now;
  }

  /** Holds what was imported against what is there; returns the rules that are as they should. */
  private Set<String> good(
      Map<String, ObjectNode> imported, Map<String, ObjectNode> now, List<Failure> refused) {
    Map<String, List<Failure>> reasons = new LinkedHashMap<>();
    for (Failure failure : refused) {
      reasons.computeIfAbsent(failure.ruleId(), id -> new ArrayList<>()).add(failure);
    }
    Set<String> good = new HashSet<>();
    for (Map.Entry<String, ObjectNode> rule : imported.entrySet()) {
      String id = rule.getKey();
      ObjectNode there = now.get(id);
      List<Failure> why = reasons.getOrDefault(id, List.of());
      reasons.remove(id);
      Set<String> differences =
          there == null ? Set.of() : RuleJson.differences(rule.getValue(), there);
      if (there == null && why.isEmpty()) {
        failures.add(new Failure(id, 0, "Kibana took the rule, and it is not there"));
      } else if (why.isEmpty()) {
        good.add(id);
        if (!differences.isEmpty()) {
          warnings.add(
              "rule %s is there, and Kibana keeps it otherwise than it was sent: %s"
                  .formatted(id, differences));
        }
      } else if (there != null
          && differences.isEmpty()
          && why.stream().allMatch(failure -> failure.status() == 409)) {
        // Somebody else was faster with the same rule, or an answer was lost.
        good.add(id);
      } else {
        failures.addAll(why);
      }
    }
    reasons.values().forEach(failures::addAll);
    return good;
  }

  /** A rule that could not be updated is left as it is in every respect. */
  private boolean isToEnable(Entry entry, Map<String, ObjectNode> now) {
    String id = entry.ruleId();
    ObjectNode rule = now.get(id);
    return changes.enables(id)
        && plan.wanted().containsKey(id)
        && rule != null
        && !rule.path("enabled").asBoolean()
        && failures.stream().noneMatch(failure -> failure.ruleId().equals(id));
  }

  /** Returns {@code rule_id} by {@code id} of the installed rules that are meant. */
  private Map<String, String> ids(Map<String, ObjectNode> now, Predicate<Entry> meant) {
    Map<String, String> ids = new LinkedHashMap<>();
    for (Entry entry : plan.entries()) {
      ObjectNode rule = now.get(entry.ruleId());
      if (rule != null && meant.test(entry)) {
        ids.put(rule.path("id").asText(), entry.ruleId());
      }
    }
    return ids;
  }
}
