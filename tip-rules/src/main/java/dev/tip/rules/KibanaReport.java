// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import java.util.List;
import java.util.Objects;

/** What became of a {@link KibanaPlan}. Rules are named by {@code rule_id}. Immutable. */
public final class KibanaReport {
  private final List<String> created;
  private final List<String> updated;
  private final List<String> enabled;
  private final List<String> removed;
  private final List<Failure> failures;
  private final List<String> warnings;

  KibanaReport(
      List<String> created,
      List<String> updated,
      List<String> enabled,
      List<String> removed,
      List<Failure> failures,
      List<String> warnings) {
    this.created = List.copyOf(created);
    this.updated = List.copyOf(updated);
    this.enabled = List.copyOf(enabled);
    this.removed = List.copyOf(removed);
    this.failures = List.copyOf(failures);
    this.warnings = List.copyOf(warnings);
  }

  /** Returns the rules that were not there and are now. */
  public List<String> created() {
    return created;
  }

  /** Returns the rules that say now what they should. */
  public List<String> updated() {
    return updated;
  }

  /** Returns the rules that were enabled. */
  public List<String> enabled() {
    return enabled;
  }

  /** Returns the orphans that were removed. */
  public List<String> removed() {
    return removed;
  }

  /** Returns what Kibana did not do; empty if all went well. */
  public List<Failure> failures() {
    return failures;
  }

  /** Returns sentences about what was done but looks odd. */
  public List<String> warnings() {
    return warnings;
  }

  @Override
  public String toString() {
    return "%d created, %d updated, %d enabled, %d removed, %d failed"
        .formatted(created.size(), updated.size(), enabled.size(), removed.size(), failures.size());
  }

  /** Something that Kibana did not do. Immutable. */
  public static final class Failure {
    private final String ruleId;
    private final int status;
    private final String message;

    Failure(String ruleId, int status, String message) {
      this.ruleId = Objects.requireNonNull(ruleId);
      this.status = status;
      this.message = Objects.requireNonNull(message);
    }

    /** Returns {@code rule_id} of the rule, or nothing where Kibana does not say which it is. */
    public String ruleId() {
      return ruleId;
    }

    /** Returns the status that Kibana gives for this rule, as of HTTP; 0 where it gives none. */
    public int status() {
      return status;
    }

    /** Returns why, on one line: Kibana's words, cut and without control characters. */
    public String message() {
      return message;
    }

    @Override
    public String toString() {
      return ruleId + ": " + message + (status == 0 ? "" : " (status " + status + ")");
    }
  }
}
