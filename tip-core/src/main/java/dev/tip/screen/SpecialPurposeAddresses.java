// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.screen;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import dev.tip.IpNetwork;
import dev.tip.Ipv4Addr;
import dev.tip.Ipv6Addr;
import dev.tip.Url;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@link Screen#specialPurpose()} does. */
final class SpecialPurposeAddresses implements Screen {
  static final SpecialPurposeAddresses INSTANCE = new SpecialPurposeAddresses();

  private static final String REASON = "special-purpose-address";

  private static final List<IpNetwork> IPV4 =
      networks(
          "0.0.0.0/8",
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.0.0.0/24",
          "192.168.0.0/16",
          "198.18.0.0/15",
          "224.0.0.0/4",
          "240.0.0.0/4");

  private static final List<IpNetwork> IPV6 =
      networks(
          "::/127",
          "64:ff9b:1::/48",
          "100::/64",
          "2001:2::/48",
          "5f00::/16",
          "fc00::/7",
          "fe80::/10",
          "fec0::/10",
          "ff00::/8");

  private SpecialPurposeAddresses() {}

  private static List<IpNetwork> networks(String... texts) {
    return List.of(texts).stream().map(IpNetwork::parse).toList();
  }

  @Override
  public @Nullable String check(Indicator indicator) {
    IpNetwork network = network(indicator.observable());
    if (network == null) {
      return null;
    }
    for (IpNetwork special : network.isIpv4() ? IPV4 : IPV6) {
      if (special.contains(network) || network.contains(special)) {
        return REASON;
      }
    }
    return null;
  }

  private static @Nullable IpNetwork network(CyberObservable observable) {
    if (observable instanceof Ipv4Addr address) {
      return address.network();
    }
    if (observable instanceof Ipv6Addr address) {
      return address.network();
    }
    return observable instanceof Url url ? url.hostAddress() : null;
  }
}
