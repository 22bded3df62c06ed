// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.format;

/** Values that were written so that nobody follows them by accident. */
public final class Refang {
  private static final String[][] SIGNS = {
    {"[.]", "."}, {"(.)", "."}, {"{.}", "."}, {"[dot]", "."}, {"(dot)", "."}, {"\\.", "."},
    {"[:]", ":"}, {"[://]", "://"}, {"[/]", "/"}, {"[@]", "@"}, {"(@)", "@"}, {"[at]", "@"},
    {"(at)", "@"}, {"[.", "."}, {".]", "."},
  };
  private static final String[][] SCHEMES = {
    {"hxxps", "https"}, {"hxxp", "http"}, {"h**ps", "https"}, {"h**p", "http"}, {"fxp", "ftp"},
  };

  private Refang() {}

  /** Returns the text without what makes it harmless: {@code hxxp}, {@code [.]} and their kin. */
  public static String refang(String text) {
    String plain = text;
    for (String[] pair : SIGNS) {
      plain = plain.replace(pair[0], pair[1]);
    }
    for (String[] pair : SCHEMES) {
      if (plain.regionMatches(true, 0, pair[0], 0, pair[0].length())
          && plain.startsWith(":", pair[0].length())) {
        return pair[1] + plain.substring(pair[0].length());
      }
    }
    return plain;
  }
}
