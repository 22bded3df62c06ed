// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

/** An IPv6 address or network. */
public final class Ipv6Addr extends CyberObservable {
  private final IpNetwork network;

  Ipv6Addr(IpNetwork network) {
    super(Type.IPV6_ADDR);
    this.network = network;
  }

  /** Returns the address or network. */
  public IpNetwork network() {
    return network;
  }

  @Override
  public String value() {
    return network.toString();
  }
}
