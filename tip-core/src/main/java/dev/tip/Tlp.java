// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

/**
 * A marking of the Traffic Light Protocol 2.0, in ascending order of restriction.
 *
 * @see <a href="https://www.first.org/tlp/">FIRST, Traffic Light Protocol</a>
 */
public enum Tlp {
  /** May be shared without restriction. */
  CLEAR("CLEAR"),
  /** May be shared within the community. */
  GREEN("GREEN"),
  /** May be shared within the organisation and its clients. */
  AMBER("AMBER"),
  /** May be shared within the organisation only. */
  AMBER_STRICT("AMBER+STRICT"),
  /** For the named recipients only. */
  RED("RED");

  private final String ecsValue;

  Tlp(String ecsValue) {
    this.ecsValue = ecsValue;
  }

  /** Returns the value that ECS expects in {@code threat.indicator.marking.tlp}. */
  public String ecsValue() {
    return ecsValue;
  }
}
