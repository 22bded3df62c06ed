// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

/** A host name in lower-case A-labels without trailing dot. */
public final class DomainName extends CyberObservable {
  private final String value;

  DomainName(String value) {
    super(Type.DOMAIN_NAME);
    this.value = value;
  }

  @Override
  public String value() {
    return value;
  }
}
