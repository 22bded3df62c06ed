// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What lines that are no records start with. */
final class Comments {
  private Comments() {}

  /**
   * Returns signs as bytes.
   *
   * @throws IllegalArgumentException if a sign is empty
   */
  static byte[][] signs(String first, String... more) {
    byte[][] signs = new byte[1 + more.length][];
    for (int i = 0; i < signs.length; i++) {
      String sign = i == 0 ? first : more[i - 1];
      if (sign.isEmpty()) {
        throw new IllegalArgumentException("an empty comment sign makes every line a comment");
      }
      signs[i] = sign.getBytes(StandardCharsets.UTF_8);
    }
    return signs;
  }

  static List<String> list(String first, String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    all.add(0, first);
    return List.copyOf(all);
  }

  /** Returns whether a line starts with one of the signs. */
  static boolean isOne(byte[][] signs, byte[] line, int start, int end) {
    for (byte[] sign : signs) {
      if (end - start >= sign.length
          && Arrays.equals(sign, 0, sign.length, line, start, start + sign.length)) {
        return true;
      }
    }
    return false;
  }
}
