// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.elastic;

/** Names of aliases and indices that need no escape in a path and are no pattern. */
final class IndexNames {
  private static final int MAX = 200;

  private IndexNames() {}

  static String require(String name) {
    boolean good = !name.isEmpty() && name.length() <= MAX && isStart(name.charAt(0));
    for (int i = 0; good && i < name.length(); i++) {
      char c = name.charAt(i);
      good = isStart(c) || c == '-' || c == '_' || c == '.';
    }
    if (!good) {
      throw new IllegalArgumentException(
          "an index name has lower-case letters, digits, hyphens, dots and underscores, and starts"
              + " with a letter or digit: "
              + Escaped.of(name));
    }
    return name;
  }

  private static boolean isStart(char c) {
    return c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
  }
}
