// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import java.util.Arrays;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;

class IndicatorCodecProperties {
  private final IndicatorCodec codec = new IndicatorCodec(Samples.FEED);

  @Provide
  Arbitrary<Indicator> indicators() {
    return Samples.indicators();
  }

  @Provide
  Arbitrary<CyberObservable> observables() {
    return Samples.observables();
  }

  @Property
  void decodeGivesBackWhatWasEncoded(@ForAll("indicators") Indicator indicator) throws Exception {
    Statistics.label("type")
        .collect(indicator.observable().type())
        .coverage(
            c -> {
              for (CyberObservable.Type type : CyberObservable.Type.values()) {
                c.check(type).count(n -> n > 0);
              }
            });
    ByteWriter out = new ByteWriter(1);
    int keyEnd = encode(indicator, out);

    Indicator decoded = codec.decode(out.data(), 0, keyEnd, out.length());

    assertThat(decoded).isEqualTo(indicator);
    assertThat(decoded.id()).isEqualTo(indicator.id());
  }

  @Property
  void keysAreEqualExactlyWhenObservablesAre(
      @ForAll("observables") CyberObservable a, @ForAll("observables") CyberObservable b) {
    assertThat(Arrays.equals(key(a), key(b))).isEqualTo(a.equals(b));
    assertThat(key(CyberObservable.parse(a.type(), a.value()))).isEqualTo(key(a));
  }

  @Property
  void changedBytesAreAnIndicatorOrCorrupt(
      @ForAll("indicators") Indicator indicator,
      @ForAll @IntRange(max = 10_000) int where,
      @ForAll byte value) {
    ByteWriter out = new ByteWriter(1);
    int keyEnd = encode(indicator, out);
    byte[] data = Arrays.copyOf(out.data(), out.length());
    data[where % data.length] = value;

    assertThat(decodes(data, keyEnd)).isIn(true, false);
  }

  @Property
  void cutRecordsAreCorrupt(
      @ForAll("indicators") Indicator indicator, @ForAll @IntRange(min = 1, max = 10_000) int cut) {
    ByteWriter out = new ByteWriter(1);
    int keyEnd = encode(indicator, out);
    int properties = out.length() - keyEnd;

    byte[] data = Arrays.copyOf(out.data(), out.length() - 1 - cut % properties);

    assertThat(decodes(data, keyEnd)).isFalse();
  }

  @Property
  void noiseIsCorruptOrAnIndicator(@ForAll byte[] noise, @ForAll @IntRange(max = 100) int key) {
    assertThat(decodes(noise, Math.min(key, noise.length))).isIn(true, false);
  }

  /** Fails with anything but the one documented exception. */
  private boolean decodes(byte[] data, int keyEnd) {
    try {
      codec.decode(data, 0, keyEnd, data.length);
      return true;
    } catch (CorruptRecordException e) {
      return false;
    }
  }

  private static int encode(Indicator indicator, ByteWriter out) {
    IndicatorCodec.encodeKey(indicator.observable(), out);
    int keyEnd = out.length();
    IndicatorCodec.encodeProperties(indicator, out);
    return keyEnd;
  }

  private static byte[] key(CyberObservable observable) {
    ByteWriter out = new ByteWriter(1);
    IndicatorCodec.encodeKey(observable, out);
    return Arrays.copyOf(out.data(), out.length());
  }
}
