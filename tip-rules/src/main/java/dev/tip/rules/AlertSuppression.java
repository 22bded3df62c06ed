// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One alert in place of several that have the same values in some fields. Immutable.
 *
 * <p>It needs a Platinum licence; below that Kibana runs the rule as if it were not there, without
 * saying so.
 *
 * @see <a
 *     href="https://www.elastic.co/docs/solutions/security/detect-and-alert/suppress-detection-alerts">Suppress
 *     detection alerts</a>
 */
public final class AlertSuppression {
  private final List<String> fields;
  private final @Nullable Duration window;
  private final boolean missingSuppressed;

  private AlertSuppression(
      List<String> fields, @Nullable Duration window, boolean missingSuppressed) {
    this.fields = List.copyOf(fields);
    this.window = window;
    this.missingSuppressed = missingSuppressed;
    fields.forEach(field -> RuleChecks.fieldName("alert_suppression.group_by", field));
    RuleChecks.distinct("alert_suppression.group_by", fields);
    if (fields.isEmpty() || fields.size() > 3) {
      throw RuleChecks.invalid("alert_suppression.group_by", "must be one to three fields");
    }
  }

  /**
   * Returns one alert a run for events that have the same values; each event that lacks one of the
   * fields keeps an alert of its own.
   *
   * @param fields one to three fields of the event
   * @throws IllegalArgumentException if they are none, more than three, or no field names
   */
  public static AlertSuppression by(String... fields) {
    return new AlertSuppression(List.of(fields), null, false);
  }

  /**
   * Returns the same over several runs.
   *
   * @param window how long alerts are one; whole seconds
   * @throws IllegalArgumentException if it is shorter than a second or has parts of one
   */
  public AlertSuppression over(Duration window) {
    if (window.toSeconds() < 1 || !window.equals(Duration.ofSeconds(window.toSeconds()))) {
      throw RuleChecks.invalid("alert_suppression.duration", "must be whole seconds: " + window);
    }
    return new AlertSuppression(fields, window, missingSuppressed);
  }

  /** Returns the same, events that lack a field being one alert as well. */
  public AlertSuppression withMissingFields() {
    return new AlertSuppression(fields, window, true);
  }

  /** Returns the fields whose values are the same, one to three. */
  public List<String> fields() {
    return fields;
  }

  /** Returns how long alerts are one; nothing if they are for one run of the rule. */
  public Optional<Duration> window() {
    return Optional.ofNullable(window);
  }

  ObjectNode toNode() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    if (window != null) {
      long seconds = window.toSeconds();
      boolean hours = seconds % 3600 == 0;
      boolean minutes = seconds % 60 == 0;
      node.putObject("duration")
          .put("unit", hours ? "h" : minutes ? "m" : "s")
          .put("value", hours ? seconds / 3600 : minutes ? seconds / 60 : seconds);
    }
    ArrayNode by = node.putArray("group_by");
    fields.forEach(by::add);
    node.put("missing_fields_strategy", missingSuppressed ? "suppress" : "doNotSuppress");
    return node;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof AlertSuppression other && toNode().equals(other.toNode());
  }

  @Override
  public int hashCode() {
    return Objects.hash(fields, window, missingSuppressed);
  }

  @Override
  public String toString() {
    return toNode().toString();
  }
}
