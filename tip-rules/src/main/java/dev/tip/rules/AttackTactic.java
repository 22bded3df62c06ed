// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.rules;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A tactic of MITRE ATT&amp;CK and the techniques of it that a rule finds. Immutable.
 *
 * @see <a href="https://attack.mitre.org/">MITRE ATT&amp;CK</a>
 */
public final class AttackTactic {
  static final String FRAMEWORK = "MITRE ATT&CK";
  private static final String SITE = "https://attack.mitre.org/";

  private final String id;
  private final String name;
  private final List<Technique> techniques;

  private AttackTactic(String id, String name, List<Technique> techniques) {
    this.id = id;
    this.name = RuleChecks.line("threat.tactic.name", name);
    this.techniques = List.copyOf(techniques);
    if (!isId(id, "TA", 4)) {
      throw RuleChecks.invalid("threat.tactic.id", "must be like TA0011: " + id);
    }
  }

  /**
   * Returns a tactic without techniques.
   *
   * @param id for example {@code TA0011}
   * @param name for example {@code Command and Control}
   * @throws IllegalArgumentException if the id is not of that form or the name is blank
   */
  public static AttackTactic of(String id, String name) {
    return new AttackTactic(id, name, List.of());
  }

  /**
   * Returns the tactic with one technique more.
   *
   * @param technique for example {@code T1573}
   * @param title for example {@code Encrypted Channel}
   * @throws IllegalArgumentException if the id is not of that form or the title is blank
   */
  public AttackTactic technique(String technique, String title) {
    if (!isId(technique, "T", 4)) {
      throw RuleChecks.invalid("threat.technique.id", "must be like T1573: " + technique);
    }
    List<Technique> all = new ArrayList<>(techniques);
    all.add(new Technique(technique, RuleChecks.line("threat.technique.name", title), List.of()));
    return new AttackTactic(id, name, all);
  }

  /**
   * Returns the tactic with a part of its last technique.
   *
   * @param technique for example {@code T1071.001}
   * @param title for example {@code Web Protocols}
   * @throws IllegalArgumentException if it is no part of the last technique, or the title is blank
   */
  public AttackTactic subtechnique(String technique, String title) {
    int last = techniques.size() - 1;
    if (last < 0 || !isId(technique, techniques.get(last).id + '.', 3)) {
      throw RuleChecks.invalid(
          "threat.technique.subtechnique.id", "must be part of the technique: " + technique);
    }
    Technique whole = techniques.get(last);
    List<Technique> parts = new ArrayList<>(whole.parts);
    parts.add(
        new Technique(
            technique, RuleChecks.line("threat.technique.subtechnique.name", title), List.of()));
    List<Technique> all = new ArrayList<>(techniques);
    all.set(last, new Technique(whole.id, whole.title, List.copyOf(parts)));
    return new AttackTactic(id, name, all);
  }

  /** Returns the id, for example {@code TA0011}. */
  public String id() {
    return id;
  }

  /** Returns the name, for example {@code Command and Control}. */
  public String name() {
    return name;
  }

  private static boolean isId(String id, String prefix, int digits) {
    return id.startsWith(prefix)
        && id.length() == prefix.length() + digits
        && id.substring(prefix.length()).chars().allMatch(c -> c >= '0' && c <= '9');
  }

  ObjectNode toNode() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("framework", FRAMEWORK);
    node.set("tactic", named(id, name, "tactics/"));
    techniques(node, "technique", techniques);
    return node;
  }

  private static void techniques(ObjectNode node, String key, List<Technique> techniques) {
    if (!techniques.isEmpty()) {
      ArrayNode array = node.putArray(key);
      for (Technique technique : techniques) {
        ObjectNode one = named(technique.id, technique.title, "techniques/");
        techniques(one, "subtechnique", technique.parts);
        array.add(one);
      }
    }
  }

  private static ObjectNode named(String id, String name, String folder) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", id)
        .put("name", name)
        .put("reference", SITE + folder + id.replace('.', '/') + '/');
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof AttackTactic other && toNode().equals(other.toNode());
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, name, techniques);
  }

  @Override
  public String toString() {
    return id + ' ' + name;
  }

  private record Technique(String id, String title, List<Technique> parts) {}
}
