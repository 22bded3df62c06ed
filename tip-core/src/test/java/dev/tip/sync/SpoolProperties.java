// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable;
import dev.tip.Indicator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class SpoolProperties {
  private static Path folder = Path.of("");

  @BeforeContainer
  static void makeFolder() throws Exception {
    folder = Files.createTempDirectory("spool");
  }

  @AfterContainer
  static void deleteFolder() throws Exception {
    Files.delete(folder);
  }

  @Provide
  Arbitrary<List<Indicator>> lists() {
    // Few observables and many statements, so that repeats meet within runs and across them.
    return Samples.observables()
        .list()
        .ofMinSize(1)
        .ofMaxSize(12)
        .flatMap(o -> Arbitraries.of(o).flatMap(Samples::statements).list().ofMaxSize(40));
  }

  /** Texts that share long beginnings and begin each other. */
  @Provide
  Arbitrary<List<Indicator>> lookAlikes() {
    Arbitrary<String> names =
        Arbitraries.of("http://", "a", "aaaaaaa", "\u00e9", "\ud83d\ude00", "b", "\uffee", "!")
            .list()
            .ofMinSize(1)
            .ofMaxSize(6)
            .map(parts -> String.join("", parts));
    return names
        .map(name -> Indicator.builder(CyberObservable.mutex(name), Samples.FEED).build())
        .list()
        .ofMaxSize(200);
  }

  @Property(tries = 100)
  void sortedAndMergedLikeATreeMap(
      @ForAll("lists") List<Indicator> list, @ForAll @IntRange(min = 16, max = 4000) int buffer)
      throws Exception {
    assertLikeATreeMap(list, buffer);
  }

  @Property(tries = 500)
  void keysThatLookAlikeAreSorted(
      @ForAll("lookAlikes") List<Indicator> list,
      @ForAll @IntRange(min = 16, max = 20_000) int buffer)
      throws Exception {
    assertLikeATreeMap(list, buffer);
  }

  private static void assertLikeATreeMap(List<Indicator> list, int buffer) throws Exception {
    TreeMap<CyberObservable, Indicator> oracle =
        new TreeMap<>(
            Comparator.comparing(CyberObservable::type)
                .thenComparing(
                    o -> o.value().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned));
    for (Indicator indicator : list) {
      oracle.merge(indicator.observable(), indicator, Indicator::merge);
    }

    List<Indicator> sorted = new ArrayList<>();
    long repeated;
    try (Spool spool = new Spool(Samples.FEED, folder, buffer)) {
      for (Indicator indicator : list) {
        spool.add(indicator);
      }
      Merge merge = spool.sorted();
      while (merge.next()) {
        sorted.add(merge.indicator());
      }
      repeated = spool.repeated() + merge.repeated();
    }

    assertThat(sorted).containsExactlyElementsOf(oracle.values());
    assertThat(repeated).isEqualTo(list.size() - sorted.size());
    assertThat(folder).isEmptyDirectory();
  }
}
