// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.sink.StoredIndicator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

class SinkIdsProperties {
  private static final long GENERATION = 1000;
  private static final Instant LAST = Instant.parse("9999-12-31T00:00:00Z");

  private static String id(Random random) {
    byte[] digest = new byte[20];
    random.nextBytes(digest);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
  }

  private static Instant time(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> Instant.MAX;
      case 1 -> Instant.MIN;
      case 2 -> Instant.parse("9999-12-31T23:59:59Z");
      default -> Instant.ofEpochMilli(random.nextInt(1_000_000_000));
    };
  }

  @Property(tries = 60)
  void eachIdKeepsItsTimeAndItsGeneration(
      @ForAll long seed, @ForAll @IntRange(max = 5000) int count) {
    Random random = new Random(seed);
    Map<String, StoredIndicator> stored = new HashMap<>();
    for (int i = 0; i < count; i++) {
      String id = id(random);
      Instant added = random.nextInt(5) == 0 ? null : time(random);
      stored.put(id, new StoredIndicator(id, 998 + random.nextInt(5), added));
    }
    List<StoredIndicator> all = new ArrayList<>(stored.values());
    all.add(new StoredIndicator("somebody else's", 1, null));
    Collections.shuffle(all, random);

    SinkIds ids = SinkIds.of(all.stream(), GENERATION);

    long other = 500_000_000;
    assertThat(ids.foreign()).isEqualTo(1);
    for (StoredIndicator one : stored.values()) {
      assertThat(ids.added(one.id(), other)).isEqualTo(Math.min(other, millis(one.added(), other)));
      assertThat(ids.isOrphan(one.id())).isTrue();
      if (random.nextBoolean()) {
        assertThat(ids.isAsRemembered(one.id())).isEqualTo(one.generation() <= GENERATION);
        assertThat(ids.isOrphan(one.id())).isFalse();
      }
    }
    String absent = id(random);
    ids.end(absent, Ledger.Task.WITHDRAW_REVOKED);
    for (StoredIndicator one : stored.values()) {
      Ledger.Task how = random.nextBoolean() ? Ledger.Task.NONE : Ledger.Task.WITHDRAW_SCREENED;
      if (how != Ledger.Task.NONE) {
        ids.end(one.id(), how);
      }
      assertThat(ids.end(one.id())).isEqualTo(how);
    }
    assertThat(ids.end(absent)).isEqualTo(Ledger.Task.NONE);
    assertThat(ids.know(absent)).isFalse();
    assertThat(ids.isAsRemembered(absent)).isFalse();
    assertThat(ids.isOrphan(absent)).isFalse();
    assertThat(ids.added(absent, other)).isEqualTo(other);
    assertThat(ids.isOrphan("somebody else's")).isFalse();
  }

  /** What is no time that an indicator can have been stored at says nothing. */
  private static long millis(@Nullable Instant at, long other) {
    if (at == null || at.isBefore(Instant.EPOCH) || at.isAfter(LAST)) {
      return other;
    }
    return at.toEpochMilli();
  }
}
