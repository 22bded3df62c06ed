// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

/** A user account by name, in the letter case of the feed. */
public final class UserAccount extends CyberObservable {
  static final int MAX = 1024;

  private final String value;

  UserAccount(String value) {
    super(Type.USER_ACCOUNT);
    this.value = value;
  }

  @Override
  public String value() {
    return value;
  }
}
