// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tip.CyberObservable;
import dev.tip.File;
import dev.tip.Indicator;
import dev.tip.Url;
import dev.tip.feed.FeedEntry;
import dev.tip.feed.FeedEntry.Declared;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.Usage;
import dev.tip.testkit.FeedOrigin;
import dev.tip.testkit.FeedOrigin.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reads the list of each spec over HTTP and compares every property of every record. */
class FeedSpecTest {

  static Stream<FeedSpec> specs() {
    return FeedSpec.all().stream();
  }

  @Test
  void everyFeedOfTheCatalogueHasSpec() {
    Set<String> specified = specs().map(FeedSpec::feed).collect(Collectors.toSet());

    assertThat(specified)
        .containsExactlyInAnyOrderElementsOf(Catalogue.ENTRIES.stream().map(Entry::id).toList());
  }

  static Stream<FeedSpec> lists() {
    return specs().filter(spec -> spec.outcome() == null);
  }

  static Stream<FeedSpec> outcomes() {
    return specs().filter(spec -> spec.outcome() != null);
  }

  @ParameterizedTest
  @MethodSource("outcomes")
  void nothingIsRequestedOfFeedWithAnOutcome(FeedSpec spec) {
    try (FeedOrigin origin = FeedOrigin.start()) {
      assertThatThrownBy(() -> read(spec, origin))
          .isInstanceOfSatisfying(
              FeedException.class, e -> assertThat(e.outcome().name()).isEqualTo(spec.outcome()));
      assertThat(origin.requests()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("lists")
  void everyRecordIsReadAsSpecified(FeedSpec spec) throws Exception {
    List<FeedSpec.Record> records = spec.records();
    long rejected = records.stream().filter(record -> record.rejected() != null).count();

    Read read;
    try (FeedOrigin origin = FeedOrigin.start()) {
      read = read(spec, origin);
    }

    int next = 0;
    for (FeedSpec.Record expected : records) {
      List<Object> wanted = new ArrayList<>();
      if (expected.rejected() != null) {
        wanted.add(new Rejection(expected.input(), expected.rejected()));
      } else {
        expected
            .indicators()
            .forEach(one -> wanted.add(withDefault(one, spec.means().get("confidence"))));
      }
      int end = Math.min(next + wanted.size(), read.records.size());
      assertThat(read.records.subList(next, end))
          .as("%s (%s)", expected.input(), expected.why())
          .isEqualTo(wanted);
      next = end;
    }
    assertThat(read.records).hasSize(next);
    assertThat(read.declared).isEqualTo(spec.declared());
    // A list of odd records only is not healthy, and must say so.
    assertThat(read.clause).isEqualTo(10 * rejected > records.size() ? "rejected-share" : null);
  }

  @ParameterizedTest
  @MethodSource("specs")
  void theListMeansWhatIsSpecified(FeedSpec spec) {
    FeedInfo info = entry(spec).info();

    assertThat(
            Map.of(
                "role", word(info.role()),
                "tlp", info.tlp().name(),
                "confidence", info.confidence().ecsValue()))
        .isEqualTo(spec.means());
  }

  private static Map<String, Object> withDefault(Map<String, Object> indicator, Object confidence) {
    Map<String, Object> all = new TreeMap<>(indicator);
    all.putIfAbsent("confidence", confidence);
    return all;
  }

  private record Rejection(String text, String reason) {}

  /**
   * What was read.
   *
   * @param records of each record the properties of its indicator, or a {@link Rejection}
   * @param declared what the list states about itself
   * @param clause the clause that was broken at the end, or null
   */
  private record Read(
      List<Object> records, Map<String, Object> declared, @Nullable String clause) {}

  private static Read read(FeedSpec spec, FeedOrigin origin)
      throws IOException, InterruptedException {
    Entry entry = entry(spec);
    List<Object> records = new ArrayList<>();
    Map<String, Object> declared = new TreeMap<>();
    String clause = null;
    origin.on(OriginClient.path(entry.location()), Reply.ok(spec.body()));
    boolean needsKey = entry.info().auth() == FeedInfo.Auth.KEY;
    FetchContext context =
        FetchContext.builder(Usage.NON_COMMERCIAL)
            .httpClient(new OriginClient(origin))
            .secrets(name -> needsKey ? Optional.of("5ecret") : Optional.empty())
            .build();
    try (FetchResult result = entry.feed(null).fetch(context, null)) {
      for (FeedEntry found : ((FetchResult.Modified) result).reader()) {
        if (found instanceof FeedEntry.Accepted accepted) {
          records.add(properties(accepted.indicator()));
        } else if (found instanceof FeedEntry.Rejected bad) {
          records.add(new Rejection(bad.text(), bad.reason()));
        } else if (found instanceof Declared statement) {
          declare(statement, declared);
        }
      }
    } catch (UncheckedIOException e) {
      clause = e.getCause() instanceof FeedException broken ? broken.clause().orElse(null) : null;
      if (clause == null) {
        throw e;
      }
    }
    return new Read(records, declared, clause);
  }

  private static void declare(Declared statement, Map<String, Object> declared) {
    switch (statement.key()) {
      case Declared.RECORDS -> declared.put("records", Long.valueOf(statement.value()));
      case Declared.UPDATED -> declared.put("updated", Instant.parse(statement.value()));
      default -> assertThat(statement.key()).isEqualTo(Declared.MEMBER);
    }
  }

  private static Map<String, Object> properties(Indicator indicator) {
    Map<String, Object> all = new TreeMap<>();
    CyberObservable observable = indicator.observable();
    all.put("type", observable.type().stixName());
    all.put("value", observable.value());
    if (observable instanceof Url url && !url.original().equals(url.value())) {
      all.put("original", url.original());
    }
    if (observable instanceof File file) {
      file.hashes().forEach((algorithm, digest) -> putIfOther(all, algorithm.ecsName(), digest));
      putIfPresent(all, "name", Optional.ofNullable(file.name()));
      putIfPresent(all, "mime-type", Optional.ofNullable(file.mimeType()));
    }
    all.put("confidence", indicator.confidence().ecsValue());
    putIfPresent(all, "first-seen", indicator.firstSeen());
    putIfPresent(all, "last-seen", indicator.lastSeen());
    putIfPresent(all, "modified-at", indicator.modifiedAt());
    putIfPresent(all, "valid-until", indicator.validUntil());
    putIfPresent(all, "family", indicator.software());
    putIfPresent(all, "description", indicator.description());
    putIfPresent(all, "reporter", indicator.provider());
    putIfPresent(all, "country", indicator.country());
    putIfAny(all, "ports", indicator.ports().stream().map(Integer::longValue).toList());
    putIfAny(all, "tags", indicator.tags());
    putIfAny(all, "references", indicator.references());
    putIfAny(all, "ids", indicator.externalIds());
    return all;
  }

  private static void putIfOther(Map<String, Object> all, String name, String digest) {
    if (!digest.equals(all.get("value"))) {
      all.put(name, digest);
    }
  }

  private static void putIfPresent(Map<String, Object> all, String name, Optional<?> value) {
    value.ifPresent(v -> all.put(name, v));
  }

  private static void putIfAny(Map<String, Object> all, String name, List<?> values) {
    if (!values.isEmpty()) {
      all.put(name, values);
    }
  }

  private static Entry entry(FeedSpec spec) {
    return Catalogue.ENTRIES.stream()
        .filter(entry -> entry.id().equals(spec.feed()))
        .findFirst()
        .orElseThrow();
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
