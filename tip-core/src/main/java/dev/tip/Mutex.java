// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

/** A mutex by exact name. */
public final class Mutex extends CyberObservable {
  static final int MAX = 1024;

  private final String value;

  Mutex(String value) {
    super(Type.MUTEX);
    this.value = value;
  }

  @Override
  public String value() {
    return value;
  }
}
