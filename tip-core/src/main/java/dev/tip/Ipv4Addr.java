// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip;

/** An IPv4 address or network. */
public final class Ipv4Addr extends CyberObservable {
  private final IpNetwork network;

  Ipv4Addr(IpNetwork network) {
    super(Type.IPV4_ADDR);
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
