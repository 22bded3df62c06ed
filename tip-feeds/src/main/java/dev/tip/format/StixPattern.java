// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A STIX pattern, as far as it was read: what stands in {@code indicator.pattern}.
 *
 * <p>Its {@code toString} writes it so that {@link StixPatternReader} reads the same back.
 *
 * @see <a href="https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html#_e8slinrhxcc9">STIX
 *     2.1 §9</a>
 */
sealed interface StixPattern {

  /** How observations are combined; in the order in which they bind, tightest first. */
  enum Combination {
    AND,
    OR,
    FOLLOWEDBY
  }

  /** An observation: one thing that a sensor sees. */
  record Observation(Comparison comparison) implements StixPattern {
    @Override
    public String toString() {
      return "[" + comparison + "]";
    }
  }

  /** Two or more observations. */
  record Observations(Combination by, List<StixPattern> parts) implements StixPattern {
    @Override
    public String toString() {
      return parts.stream()
          .map(p -> p instanceof Observations ? "(" + p + ")" : p.toString())
          .collect(Collectors.joining(" " + by + " "));
    }
  }

  /** Observations within limits of time or number. */
  record Qualified(StixPattern pattern, Qualifier qualifier) implements StixPattern {
    @Override
    public String toString() {
      String inner = pattern instanceof Observations ? "(" + pattern + ")" : pattern.toString();
      return inner + " " + qualifier;
    }
  }

  /** What qualifies observations; the operands are as written. */
  sealed interface Qualifier {
    /** All of it within so many seconds. */
    record Within(String seconds) implements Qualifier {
      @Override
      public String toString() {
        return "WITHIN " + seconds + " SECONDS";
      }
    }

    /** As often as this. */
    record Repeats(String times) implements Qualifier {
      @Override
      public String toString() {
        return "REPEATS " + times + " TIMES";
      }
    }

    /** Between two times. */
    record StartStop(String start, String stop) implements Qualifier {
      @Override
      public String toString() {
        return "START t'" + start + "' STOP t'" + stop + "'";
      }
    }
  }

  /** What is compared within an observation. */
  sealed interface Comparison {

    /** One property against one constant, or a set of them. */
    record Test(ObjectPath path, boolean negated, Operator operator, List<Constant> constants)
        implements Comparison {
      @Override
      public String toString() {
        String operand =
            operator == Operator.IN
                ? constants.stream()
                    .map(Constant::toString)
                    .collect(Collectors.joining(", ", "(", ")"))
                : constants.get(0).toString();
        return path + (negated ? " NOT " : " ") + operator.sign() + " " + operand;
      }
    }

    /** Whether there is such a property. */
    record Exists(ObjectPath path, boolean negated) implements Comparison {
      @Override
      public String toString() {
        return (negated ? "NOT EXISTS " : "EXISTS ") + path;
      }
    }

    /** Two or more comparisons, all of which or one of which has to hold. */
    record Combined(boolean all, List<Comparison> parts) implements Comparison {
      @Override
      public String toString() {
        return parts.stream()
            .map(p -> p instanceof Combined ? "(" + p + ")" : p.toString())
            .collect(Collectors.joining(all ? " AND " : " OR "));
      }
    }
  }

  /** How a property is compared. */
  enum Operator {
    EQUAL("="),
    NOT_EQUAL("!="),
    GREATER(">"),
    LESS("<"),
    NOT_LESS(">="),
    NOT_GREATER("<="),
    IN("IN"),
    LIKE("LIKE"),
    MATCHES("MATCHES"),
    ISSUBSET("ISSUBSET"),
    ISSUPERSET("ISSUPERSET");

    private final String sign;

    Operator(String sign) {
      this.sign = sign;
    }

    String sign() {
      return sign;
    }

    /** Returns the operator in kebab case, for reasons. */
    String reason() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * A constant.
   *
   * @param text a string without its escapes; anything else as written, without quotes and sign of
   *     kind
   */
  record Constant(Kind kind, String text) {
    /** The kinds of constants. */
    enum Kind {
      STRING,
      NUMBER,
      BOOLEAN,
      TIMESTAMP,
      HEX,
      BINARY
    }

    @Override
    public String toString() {
      return switch (kind) {
        case STRING -> quoted(text);
        case NUMBER, BOOLEAN -> text;
        case TIMESTAMP -> "t'" + text + "'";
        case HEX -> "h'" + text + "'";
        case BINARY -> "b'" + text + "'";
      };
    }

    private static String quoted(String text) {
      return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
  }

  /**
   * Which property of which object.
   *
   * @param type the type of the object, for example {@code ipv4-addr}
   * @param steps from the object to the property; an element of a list is {@code [0]} or {@code
   *     [*]}
   */
  record ObjectPath(String type, List<Step> steps) {
    @Override
    public String toString() {
      StringBuilder out = new StringBuilder(type).append(':');
      for (int i = 0; i < steps.size(); i++) {
        Step step = steps.get(i);
        if (step.isIndex()) {
          out.append('[').append(step.text()).append(']');
        } else {
          out.append(i == 0 ? "" : ".")
              .append(isPlain(step.text()) ? step.text() : Constant.quoted(step.text()));
        }
      }
      return out.toString();
    }

    private static boolean isPlain(String name) {
      for (int i = 0; i < name.length(); i++) {
        char c = name.charAt(i);
        boolean letter = c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
        if (!letter && !(i > 0 && c >= '0' && c <= '9')) {
          return false;
        }
      }
      return !name.isEmpty() && !StixPatternReader.isKeyword(name);
    }

    /** Returns the names with dots between, without the places in lists. */
    String property() {
      return steps.stream()
          .filter(s -> !s.isIndex())
          .map(Step::text)
          .collect(Collectors.joining("."));
    }
  }

  /** A step of a path: a name, or a place in a list. */
  record Step(String text, boolean isIndex) {}
}
