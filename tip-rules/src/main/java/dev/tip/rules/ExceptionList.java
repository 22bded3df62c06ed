// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;

/**
 * A list of exceptions in Kibana that a rule uses: events that its items describe raise no alert.
 * Immutable.
 */
public final class ExceptionList {
  private final String id;
  private final String listId;
  private final String type;
  private final String namespaceType;

  private ExceptionList(String id, String listId, String type, String namespaceType) {
    this.id = RuleChecks.line("exceptions_list.id", id);
    this.listId = RuleChecks.line("exceptions_list.list_id", listId);
    this.type = RuleChecks.line("exceptions_list.type", type);
    this.namespaceType = namespaceType;
    if (!namespaceType.equals("single") && !namespaceType.equals("agnostic")) {
      throw RuleChecks.invalid("exceptions_list.namespace_type", "must be single or agnostic");
    }
  }

  /**
   * Returns a list of exceptions for rules, in the space of the rule.
   *
   * @param id the id that Kibana gave it
   * @param listId the id that people gave it
   * @throws IllegalArgumentException if one is blank or has a line break
   */
  public static ExceptionList of(String id, String listId) {
    return new ExceptionList(id, listId, "detection", "single");
  }

  static ExceptionList of(String id, String listId, String type, String namespaceType) {
    return new ExceptionList(id, listId, type, namespaceType);
  }

  /** Returns the id that Kibana gave it. */
  public String id() {
    return id;
  }

  /** Returns the id that people gave it. */
  public String listId() {
    return listId;
  }

  ObjectNode toNode() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", id)
        .put("list_id", listId)
        .put("type", type)
        .put("namespace_type", namespaceType);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof ExceptionList other && toNode().equals(other.toNode());
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, listId, type, namespaceType);
  }

  @Override
  public String toString() {
    return listId;
  }
}
