// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import dev.tip.sink.Change;
import dev.tip.sink.IndicatorSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** The good sink keeps every rule. With another sink in it, this is how saboteurs are tried. */
class MemorySinkContractTest extends IndicatorSinkContract {
  private final MemorySink.Target target = new MemorySink.Target();
  Function<MemorySink.Target, IndicatorSink> sinks = MemorySink::new;
  Set<Ability> abilities = EnumSet.allOf(Ability.class);
  Duration patience = super.patience();

  @Override
  protected IndicatorSink open() {
    return sinks.apply(target);
  }

  @Override
  protected List<Stored> stored(Set<String> ids) {
    synchronized (target) {
      List<Stored> out = new ArrayList<>();
      for (Change change : target.held.values()) {
        if (ids.contains(change.id())) {
          out.add(new Stored(change.id(), change.generation(), change instanceof Change.Upsert));
        }
      }
      return out;
    }
  }

  @Override
  protected Set<Ability> abilities() {
    return abilities;
  }

  @Override
  protected Duration patience() {
    return patience;
  }

  @Override
  protected void refuse(String id) {
    target.refused.add(id);
  }

  @Override
  protected void down(boolean down) {
    target.set(down, false);
  }

  @Override
  protected void stall(boolean stalled) {
    target.set(false, stalled);
  }
}
