// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.feed.FeedEntry.Declared;
import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/** What lists say of their time, which may be anything. */
class ListTimeProperties {
  private static final Instant NOW = Fakes.NOW;

  private static ListTime of(String key, String value) {
    ListTime time = new ListTime();
    time.add(new Declared(key, value), NOW);
    return time;
  }

  @Property
  void whatIsNoTimeSaysNothing(@ForAll String text) {
    ListTime time = of(Declared.UPDATED, text);

    assertThat(time.stated()).isEqualTo(ListTime.UNKNOWN);
    assertThat(time.isBefore(NOW.toEpochMilli())).isFalse();
  }

  @Property
  void anyTimeIsBetweenTheEpochAndNowOrUnknown(
      @ForAll @LongRange(min = -31557014167219200L, max = 31556889864403199L) long second) {
    long stated = of(Declared.MODIFIED, Instant.ofEpochSecond(second).toString()).stated();

    assertThat(stated)
        .isEqualTo(
            second < 0
                ? ListTime.UNKNOWN
                : second < NOW.getEpochSecond() ? second * 1000 : NOW.toEpochMilli());
  }

  @Property
  void olderIsMoreThanFiveMinutesAndTheListsOwnWordGoesBeforeItsServers(
      @ForAll @LongRange(min = 0, max = 10_000) long seconds) {
    ListTime time = of(Declared.MODIFIED, NOW.minusSeconds(9_999_999).toString());
    time.add(new Declared(Declared.UPDATED, NOW.minusSeconds(seconds).toString()), NOW);
    time.add(new Declared(Declared.UPDATED, NOW.minusSeconds(20_000).toString()), NOW);

    assertThat(time.isBefore(NOW.toEpochMilli())).isEqualTo(seconds > 300);
    assertThat(time.isBefore(ListTime.UNKNOWN)).isFalse();
  }
}
