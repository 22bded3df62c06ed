// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a set of rules and the rules that are installed in a space of Kibana have to do with each
 * other. Immutable.
 */
public final class KibanaPlan {
  private final String target;
  private final List<Entry> entries;
  private final Map<String, ObjectNode> wanted;
  private final Map<String, ObjectNode> installed;
  private final Set<String> others;

  /**
   * @param target names the Kibana and the space
   * @param wanted the rules to be there, by rule id
   * @param installed the indicator match rules that are there, and the others, by rule id
   * @param others ids of rules that are no indicator match rules
   */
  KibanaPlan(
      String target,
      List<Entry> entries,
      Map<String, ObjectNode> wanted,
      Map<String, ObjectNode> installed,
      Set<String> others) {
    this.target = target;
    this.entries = List.copyOf(entries);
    this.wanted = Map.copyOf(wanted);
    this.installed = Map.copyOf(installed);
    this.others = Set.copyOf(others);
  }

  /** Returns an entry a rule: those of the set in its order, and behind them the orphans. */
  public List<Entry> entries() {
    return entries;
  }

  String target() {
    return target;
  }

  Map<String, ObjectNode> wanted() {
    return wanted;
  }

  Map<String, ObjectNode> installed() {
    return installed;
  }

  Set<String> others() {
    return others;
  }

  /** What is to be done about a rule. */
  public enum Action {
    /** It is not there yet. */
    CREATE,
    /** It is there and says something else. */
    UPDATE,
    /** It is there and says the same. */
    UNCHANGED,
    /** It is there, was made by tip for the same indicators, and is no longer in the set. */
    ORPHAN,
    /** It is not there, and a prebuilt rule of Elastic's that is enabled does the same. */
    LEFT_OUT
  }

  /** One rule of a plan. Immutable. */
  public static final class Entry {
    private final Action action;
    private final String ruleId;
    private final String name;
    private final @Nullable Boolean enabled;
    private final Set<String> differences;
    private final List<String> notes;

    Entry(
        Action action,
        String ruleId,
        String name,
        @Nullable Boolean enabled,
        Set<String> differences,
        List<String> notes) {
      this.action = Objects.requireNonNull(action);
      this.ruleId = ruleId;
      this.name = name;
      this.enabled = enabled;
      this.differences = Collections.unmodifiableSet(differences);
      this.notes = List.copyOf(notes);
    }

    /** Returns what is to be done. */
    public Action action() {
      return action;
    }

    /** Returns {@code rule_id}: it is the same in every space. */
    public String ruleId() {
      return ruleId;
    }

    /** Returns the name; that of an orphan is as somebody wrote it in Kibana. */
    public String name() {
      return name;
    }

    /** Returns whether the installed rule is enabled; empty if none is installed. */
    public Optional<Boolean> enabled() {
      return Optional.ofNullable(enabled);
    }

    /** Returns the keys, sorted, in which the installed rule says something else. */
    public Set<String> differences() {
      return differences;
    }

    /** Returns sentences about prebuilt rules of Elastic's that do the same. */
    public List<String> notes() {
      return notes;
    }

    @Override
    public String toString() {
      return action + " " + ruleId;
    }
  }
}
