// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import dev.tip.CyberObservable;
import dev.tip.File;
import dev.tip.HashAlgorithm;
import dev.tip.InvalidIndicatorException;
import dev.tip.IpNetwork;
import dev.tip.Software.Fingerprint;
import dev.tip.format.Refang;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Text as people paste it from reports and chats, and what it can mean. */
final class PastedValue {
  private static final String AROUND = "\"'`<>,;";

  private PastedValue() {}

  /** Returns what the text can mean, with and without the signs that make it harmless. */
  static List<CyberObservable> meanings(String text) {
    String bare = bare(text);
    Set<CyberObservable> meanings = new LinkedHashSet<>();
    add(bare, meanings);
    add(Refang.refang(bare), meanings);
    return List.copyOf(meanings);
  }

  private static String bare(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isAround(text.charAt(start))) {
      start++;
    }
    while (end > start && isAround(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isAround(char c) {
    return Character.isWhitespace(c) || AROUND.indexOf(c) >= 0;
  }

  private static void add(String text, Set<CyberObservable> to) {
    if (attempt(to, () -> CyberObservable.ip(IpNetwork.parseMasked(text)))
        || attempt(to, () -> CyberObservable.ip(withoutPort(text)))
        || text.contains("://") && attempt(to, () -> CyberObservable.url(text))) {
      return;
    }
    boolean digest = attempt(to, () -> CyberObservable.file(text));
    digest |= attempt(to, () -> CyberObservable.x509Certificate(text));
    attempt(to, () -> CyberObservable.file(HashAlgorithm.IMPHASH, text));
    for (Fingerprint kind : Fingerprint.values()) {
      digest |= attempt(to, () -> CyberObservable.software(kind, text));
    }
    if (digest) {
      return;
    }
    for (CyberObservable.Type type : CyberObservable.Type.values()) {
      attempt(to, () -> CyberObservable.parse(type, text));
    }
    attempt(to, () -> CyberObservable.domainName(text));
    attempt(to, () -> CyberObservable.emailAddr(text));
    attempt(to, () -> CyberObservable.autonomousSystem(text));
    attempt(to, () -> CyberObservable.macAddr(text));
    attempt(to, () -> CyberObservable.windowsRegistryKey(text, null));
    attempt(to, () -> CyberObservable.fileName(text));
    attempt(to, () -> File.builder().path(text).build());
    attempt(to, () -> CyberObservable.file(HashAlgorithm.TLSH, text));
    attempt(to, () -> CyberObservable.file(HashAlgorithm.SSDEEP, text));
    if (text.indexOf('/') > 0) {
      attempt(to, () -> CyberObservable.url("http://" + text));
      attempt(to, () -> CyberObservable.url("https://" + text));
    }
  }

  /** {@code 192.0.2.1:80}, {@code [2001:db8::1]:80} and {@code [2001:db8::1]} name an address. */
  private static String withoutPort(String text) {
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      return end < 0 ? text : text.substring(1, end);
    }
    int colon = text.indexOf(':');
    return colon < 0 || colon != text.lastIndexOf(':') ? text : text.substring(0, colon);
  }

  private static boolean attempt(
      Set<CyberObservable> to, Supplier<? extends CyberObservable> meaning) {
    try {
      to.add(meaning.get());
      return true;
    } catch (InvalidIndicatorException e) {
      // That is not what it means.
      return false;
    }
  }
}
