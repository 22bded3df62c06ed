// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.Mirror;
import dev.tip.feed.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Writes the rows of the catalogue as descriptions, reads these, and compares what both make of the
 * same lists: one mechanism reads both.
 */
class DescribedCatalogueTest {
  /** What has logic of its own; a row that is here and could be data fails too. */
  private static final Set<String> CODE = Set.of("abusech-sslbl", "eset-malware-ioc");

  private static final List<FeedSpec> SPECS = FeedSpec.all();

  @TempDir private Path temp;

  static Stream<String> described() {
    return Catalogue.ENTRIES.stream().map(Entry::id).filter(id -> !CODE.contains(id));
  }

  private static Entry row(String id) {
    return Catalogue.ENTRIES.stream().filter(e -> e.id().equals(id)).findFirst().orElseThrow();
  }

  private static Entry reread(Entry row) throws IOException {
    String json = DescribedFeeds.json(row.description().orElseThrow());
    List<Entry> read = DescriptionReader.read(json.getBytes(StandardCharsets.UTF_8));
    assertThat(read).hasSize(1);
    return read.get(0);
  }

  @Test
  void rowsAreDataUnlessTheyAreListedHere() {
    Set<String> code =
        Catalogue.ENTRIES.stream()
            .filter(entry -> entry.description().isEmpty())
            .map(Entry::id)
            .collect(Collectors.toSet());

    assertThat(code).isEqualTo(CODE);
  }

  @ParameterizedTest
  @MethodSource("described")
  void descriptionSaysAllThatTheRowSays(String id) throws IOException {
    Entry row = row(id);

    Map<String, Object> again = reread(row).description().orElseThrow();

    assertThat(again).isEqualTo(row.description().orElseThrow());
    assertThat(List.copyOf(again.keySet()))
        .isEqualTo(List.copyOf(row.description().orElseThrow().keySet()));
  }

  @ParameterizedTest
  @MethodSource("described")
  void describedFeedReadsTheListOfItsSpecLikeTheBuiltInOne(String id) throws Exception {
    Entry row = row(id);
    Entry described = reread(row);

    for (FeedSpec spec : SPECS) {
      if (spec.feed().equals(id) && spec.outcome() == null) {
        Path list = Files.write(temp.resolve(id), spec.body());

        assertThat(read(described, list)).as(spec.toString()).isEqualTo(read(row, list));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("described")
  void describedFeedReadsPublishedListsLikeTheBuiltInOne(String id) throws Exception {
    Path folder = PublishedListsTest.find();
    assumeTrue(folder != null, "no published lists beside the project");
    Entry row = row(id);
    assumeTrue(row.info().status() != FeedInfo.Status.RETIRED, "not read");
    Path list =
        Mirror.open(folder.resolve("mirror.tsv")).file(URI.create(row.location())).orElse(null);
    assumeTrue(list != null, "no list of this feed");

    List<Object> described = read(reread(row), list);

    assertThat(described).hasSizeGreaterThan(1).isEqualTo(read(row, list));
  }

  /** Returns the entries, and at the end what was broken. */
  private static List<Object> read(Entry entry, Path list) throws Exception {
    FetchContext context =
        FetchContext.builder(Usage.NON_COMMERCIAL)
            .mirror(Mirror.of(URI.create(entry.location()), list))
            .build();
    List<Object> found = new ArrayList<>();
    try (FetchResult result = entry.feed(null).fetch(context, null)) {
      for (FeedEntry one : ((FetchResult.Modified) result).reader()) {
        found.add(one);
      }
    } catch (FeedException e) {
      found.add(e.getMessage());
    } catch (UncheckedIOException e) {
      found.add(String.valueOf(e.getMessage()));
    }
    return found;
  }
}
