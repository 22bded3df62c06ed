// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import dev.tip.CyberObservable;
import dev.tip.File;
import dev.tip.HashAlgorithm;
import dev.tip.Indicator;
import dev.tip.IpNetwork;
import dev.tip.Ipv4Addr;
import dev.tip.Ipv6Addr;
import dev.tip.X509Certificate;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Observables that are looked for in ledgers: those whose key is one of a few, and files and
 * certificates by hashes that are not in the key. Immutable.
 */
final class StateSearch {
  private final List<Key> keys;
  private final List<Hash> hashes = new ArrayList<>();

  /** The last type of which a record may be an answer although its key is another, or -1. */
  private int lastHashType = -1;

  /** The key of records that are an answer. */
  private static final class Key {
    private final byte[] bytes;
    private final SyncState.Match match;

    Key(CyberObservable observable, SyncState.Match match) {
      ByteWriter out = new ByteWriter(64);
      IndicatorCodec.encodeKey(observable, out);
      this.bytes = Arrays.copyOf(out.data(), out.length());
      this.match = match;
    }

    int compareTo(Ledger.Reader at) {
      return Arrays.compareUnsigned(bytes, 0, bytes.length, at.data(), at.keyStart(), at.keyEnd());
    }
  }

  /** A hash that records of a type may have beside their key. */
  private static final class Hash {
    private final int type;
    private final HashAlgorithm algorithm;
    private final String digest;
    private final byte[] bytes;

    Hash(CyberObservable.Type type, HashAlgorithm algorithm, String digest) {
      this.type = type.ordinal();
      this.algorithm = algorithm;
      this.digest = digest;
      this.bytes = digest.getBytes(StandardCharsets.UTF_8);
    }
  }

  StateSearch(Collection<? extends CyberObservable> observables) {
    Map<CyberObservable, SyncState.Match> wanted = new HashMap<>();
    for (CyberObservable observable : observables) {
      wanted.put(observable, SyncState.Match.EXACT);
      IpNetwork network =
          observable instanceof Ipv4Addr a
              ? a.network()
              : observable instanceof Ipv6Addr a ? a.network() : null;
      for (int prefix = 0; network != null && prefix < network.prefixLength(); prefix++) {
        wanted.putIfAbsent(around(network, prefix), SyncState.Match.NETWORK);
      }
      hashes(observable)
          .forEach(
              (algorithm, digest) -> {
                Hash hash = new Hash(observable.type(), algorithm, digest);
                hashes.add(hash);
                lastHashType = Math.max(lastHashType, hash.type);
              });
    }
    List<Key> all = new ArrayList<>();
    wanted.forEach((observable, match) -> all.add(new Key(observable, match)));
    all.sort((a, b) -> Arrays.compareUnsigned(a.bytes, b.bytes));
    keys = List.copyOf(all);
  }

  private static CyberObservable around(IpNetwork network, int prefix) {
    String text = network.toString();
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    return CyberObservable.ip(IpNetwork.parseMasked(address + '/' + prefix));
  }

  private static Map<HashAlgorithm, String> hashes(CyberObservable observable) {
    return observable instanceof File file
        ? file.hashes()
        : observable instanceof X509Certificate certificate ? certificate.hashes() : Map.of();
  }

  /**
   * Returns the first key that is not before a record's.
   *
   * @param next what this returned for the record before, at first 0
   */
  int skip(int next, Ledger.Reader at) {
    int i = next;
    while (i < keys.size() && keys.get(i).compareTo(at) < 0) {
      i++;
    }
    return i;
  }

  /** Returns whether neither the record nor one behind it can be an answer. */
  boolean isOver(int next, Ledger.Reader at) {
    return next == keys.size() && type(at) > lastHashType;
  }

  /** Returns why a record is an answer, or null if it is none. */
  SyncState.@Nullable Match match(int next, Ledger.Reader at, IndicatorCodec codec)
      throws CorruptRecordException {
    if (next < keys.size() && keys.get(next).compareTo(at) == 0) {
      return keys.get(next).match;
    }
    for (Hash hash : hashes) {
      // Decoding all files of a large ledger would take minutes; most lack these bytes.
      if (type(at) == hash.type
          && contains(at.data(), at.propertiesStart(), at.end(), hash.bytes)
          && hash.digest.equals(hashes(decode(codec, at).observable()).get(hash.algorithm))) {
        return SyncState.Match.HASH;
      }
    }
    return null;
  }

  static Indicator decode(IndicatorCodec codec, Ledger.Reader at) throws CorruptRecordException {
    return codec.decode(at.data(), at.keyStart(), at.keyEnd(), at.propertiesStart(), at.end());
  }

  private static int type(Ledger.Reader at) {
    return at.data()[at.keyStart()];
  }

  private static boolean contains(byte[] data, int from, int to, byte[] part) {
    for (int i = from; i <= to - part.length; i++) {
      if (data[i] == part[0] && Arrays.equals(data, i, i + part.length, part, 0, part.length)) {
        return true;
      }
    }
    return false;
  }
}
