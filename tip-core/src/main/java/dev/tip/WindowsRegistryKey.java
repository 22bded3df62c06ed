// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

import org.jspecify.annotations.Nullable;

/**
 * A registry key or value.
 *
 * <p>The value is {@code HIVE\key}, and with a value name {@code HIVE\key\\name}: a key has no
 * empty component, so the first double backslash ends it.
 */
public final class WindowsRegistryKey extends CyberObservable {
  private static final int MAX_KEY = 4096;
  private static final int MAX_VALUE_NAME = 4096;
  private static final String[] HIVES = {
    "HKEY_LOCAL_MACHINE", "HKLM",
    "HKEY_CURRENT_USER", "HKCU",
    "HKEY_USERS", "HKU",
    "HKEY_CLASSES_ROOT", "HKCR",
    "HKEY_CURRENT_CONFIG", "HKCC",
  };

  private final String hive;
  private final String key;
  private final @Nullable String valueName;

  private WindowsRegistryKey(String hive, String key, @Nullable String valueName) {
    super(Type.WINDOWS_REGISTRY_KEY);
    this.hive = hive;
    this.key = key;
    this.valueName = valueName;
  }

  private static String longHive(String name) {
    for (int i = 0; i < HIVES.length; i++) {
      if (HIVES[i].equalsIgnoreCase(name)) {
        return HIVES[i & ~1];
      }
    }
    throw new InvalidIndicatorException("registry-hive", name);
  }

  private static String canonicalKey(String text) {
    String key = PlainText.require(text, MAX_KEY);
    if (key.endsWith("\\")) {
      key = PlainText.require(key.substring(0, key.length() - 1), MAX_KEY);
    }
    if (key.startsWith("\\") || key.endsWith("\\") || key.contains("\\\\")) {
      throw new InvalidIndicatorException("registry-key-empty-component", text);
    }
    return key;
  }

  static WindowsRegistryKey of(CharSequence text, @Nullable CharSequence valueName) {
    String whole = PlainText.require(text, MAX_KEY + 32);
    int slash = whole.indexOf('\\');
    if (slash < 0) {
      throw new InvalidIndicatorException("registry-key-missing", text);
    }
    String name = null;
    if (valueName != null && !isBlank(valueName)) {
      name = PlainText.require(valueName, MAX_VALUE_NAME);
    }
    return new WindowsRegistryKey(
        longHive(whole.substring(0, slash)), canonicalKey(whole.substring(slash + 1)), name);
  }

  private static boolean isBlank(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      if (!PlainText.isBlank(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  static WindowsRegistryKey parseValue(String value) {
    int end = value.indexOf("\\\\");
    return end < 0 ? of(value, null) : of(value.substring(0, end), value.substring(end + 2));
  }

  /** Returns the long name of the hive, for example {@code HKEY_LOCAL_MACHINE}. */
  public String hive() {
    return hive;
  }

  /** Returns the path below the hive, in the letter case of the feed. */
  public String key() {
    return key;
  }

  /** Returns the name of the value, or null for the key. */
  public @Nullable String valueName() {
    return valueName;
  }

  @Override
  public String value() {
    String path = hive + '\\' + key;
    return valueName == null ? path : path + "\\\\" + valueName;
  }
}
