// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.feed.Usage;
import dev.tip.format.ListFormat;
import dev.tip.format.Mapping;
import dev.tip.sink.Change;
import dev.tip.sink.IndicatorSink;
import dev.tip.sink.SinkInfo;
import dev.tip.sink.WriteResult;
import dev.tip.sync.FeedReport;
import dev.tip.sync.FeedSync;
import dev.tip.testkit.FeedOrigin;
import dev.tip.testkit.FeedOrigin.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What has happened to lists, done to the list of every row: it ends in a broken contract that
 * names its clause, and nothing of it reaches a sink.
 */
class ContractMutationTest {
  private static final List<FeedSpec> SPECS = FeedSpec.all();
  private static final String LFS =
      "version https://git-lfs.github.com/spec/v1\noid sha256:"
          + "0".repeat(64)
          + "\nsize 386154255\n";

  /** What comes in place of the list, whatever the row. */
  enum Instead {
    PAGE("<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body></body></html>"),
    CHALLENGE("<html><script>document.cookie='a=b';location.reload()</script></html>"),
    SUSPENDED("SERVICE SUSPENDED\n"),
    CONNECTION("Could not connect: \n"),
    POINTER(LFS),
    NOTHING("");

    private final String body;

    Instead(String body) {
      this.body = body;
    }
  }

  static Stream<FeedSpec> lists() {
    Set<String> retired =
        Catalogue.ENTRIES.stream()
            .filter(entry -> entry.info().status() == FeedInfo.Status.RETIRED)
            .map(Entry::id)
            .collect(Collectors.toSet());
    Set<String> seen = new TreeSet<>();
    return SPECS.stream()
        .filter(spec -> spec.outcome() == null && !retired.contains(spec.feed()))
        .filter(spec -> !good(spec).isEmpty() && seen.add(spec.feed()));
  }

  static Stream<Arguments> instead() {
    return lists().flatMap(s -> Stream.of(Instead.values()).map(i -> Arguments.of(s, i)));
  }

  private static List<FeedSpec.Record> good(FeedSpec spec) {
    return spec.records().stream().filter(record -> record.rejected() == null).toList();
  }

  private static Entry row(FeedSpec spec) {
    return Catalogue.ENTRIES.stream()
        .filter(entry -> entry.id().equals(spec.feed()))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("lists")
  void listOfGoodRecordsIsPublished(FeedSpec spec) throws Exception {
    Run run = run(spec, Reply.ok(spec.body(good(spec))));

    assertThat(run.report.outcome()).as(run.report.toString()).isEqualTo(FeedOutcome.PUBLISHED);
    assertThat(run.ids).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("instead")
  void whatComesInPlaceOfTheListBreaksTheContract(FeedSpec spec, Instead instead) throws Exception {
    assertBroken(run(spec, Reply.ok(instead.body)));
  }

  @ParameterizedTest
  @MethodSource("lists")
  void bannerWithoutTheListGivesNothing(FeedSpec spec) throws Exception {
    assertNothing(spec, run(spec, Reply.ok(spec.before())));
  }

  @ParameterizedTest
  @MethodSource("lists")
  void emptiedListGivesNothing(FeedSpec spec) throws Exception {
    assertNothing(spec, run(spec, Reply.ok(spec.body(List.of()))));
  }

  @ParameterizedTest
  @MethodSource("lists")
  void halfOfTheListGivesNothing(FeedSpec spec) throws Exception {
    byte[] body = spec.body(good(spec));

    Run run = run(spec, Reply.ok(body).cut(body.length / 2));

    assertThat(run.report.outcome())
        .isNotIn(FeedOutcome.PUBLISHED, FeedOutcome.HELD, FeedOutcome.UNCHANGED);
    assertThat(run.ids).isEmpty();
  }

  /** The insertions at URLhaus and ThreatFox. A table that is read by its header may read on. */
  @ParameterizedTest
  @MethodSource("lists")
  void insertedColumnMovesNoValue(FeedSpec spec) throws Exception {
    ListFormat table = table(spec);
    char separator = table.options().getOrDefault("separator", ",").toString().charAt(0);
    List<?> columns = (List<?>) table.options().get("columns");

    assertSameOrBroken(
        spec,
        line -> {
          boolean comment = line.startsWith("#");
          boolean header =
              columns.size() > 1
                  && line.contains(columns.get(0) + "")
                  && line.contains(columns.get(1) + "");
          int at = line.indexOf(separator);
          return at < 0 || comment && !header
              ? line
              : line.substring(0, at) + separator + "new" + line.substring(at);
        });
  }

  /** The header at Feodo Tracker, which was a comment until then. */
  @ParameterizedTest
  @MethodSource("lists")
  void headerThatIsNoCommentAnyMoreIsNoRecord(FeedSpec spec) throws Exception {
    ListFormat table = table(spec);
    assumeTrue("comment".equals(table.options().get("header")), "its header is no comment");
    List<?> columns = (List<?>) table.options().get("columns");

    assertSameOrBroken(
        spec,
        line ->
            line.startsWith("#") && line.contains(columns.get(1).toString())
                ? line.replaceFirst("^[# ]+", "")
                : line);
  }

  @ParameterizedTest
  @MethodSource("lists")
  void renamedFieldBreaksTheContract(FeedSpec spec) throws Exception {
    ListFormat format = row(spec).parser() instanceof ListFormat f ? f : null;
    assumeTrue(format != null && format.type().startsWith("json"), "no JSON");
    String value = (String) format.mapping().orElseThrow().properties().get("value");
    String field = Mapping.fields(value).iterator().next();

    assertBroken(run(spec, Reply.ok(text(spec).replace('"' + field + '"', "\"renamed\""))));
  }

  private static ListFormat table(FeedSpec spec) {
    ListFormat format = row(spec).parser() instanceof ListFormat f ? f : null;
    assumeTrue(format != null && format.type().equals("delimited"), "no table");
    return format;
  }

  private static String text(FeedSpec spec) {
    byte[] body = spec.body(good(spec));
    assumeTrue(body[0] != 'P' || body[1] != 'K', "an archive");
    return new String(body, StandardCharsets.UTF_8);
  }

  private static void assertSameOrBroken(FeedSpec spec, UnaryOperator<String> change)
      throws Exception {
    String list = text(spec);
    String changed = Stream.of(list.split("(?<=\n)")).map(change).collect(Collectors.joining());
    assertThat(changed).isNotEqualTo(list);

    Run run = run(spec, Reply.ok(changed));

    if (run.report.outcome() == FeedOutcome.PUBLISHED) {
      assertThat(run.ids).isEqualTo(run(spec, Reply.ok(list)).ids);
    } else {
      assertBroken(run);
    }
  }

  private static void assertBroken(Run run) {
    assertThat(run.report.outcome())
        .as(run.report.toString())
        .isEqualTo(FeedOutcome.CONTRACT_BROKEN);
    assertThat(run.report.clause()).isPresent();
    assertThat(run.ids).isEmpty();
  }

  /** A list that may be empty is one; nothing is published of it either way. */
  private static void assertNothing(FeedSpec spec, Run run) {
    assertThat(run.ids).isEmpty();
    if (!row(spec).info().contract().mayBeEmpty()) {
      assertBroken(run);
    }
  }

  private record Run(FeedReport report, Set<String> ids) {}

  private static Run run(FeedSpec spec, Reply reply) throws Exception {
    Entry row = row(spec);
    Set<String> ids = new TreeSet<>();
    IndicatorSink sink =
        new IndicatorSink() {
          @Override
          public SinkInfo info() {
            return new SinkInfo("test", false, false);
          }

          @Override
          public WriteResult write(List<Change> batch) {
            batch.forEach(change -> ids.add(change.id()));
            List<WriteResult.Outcome> outcomes = new ArrayList<>();
            batch.forEach(change -> outcomes.add(WriteResult.Outcome.WRITTEN));
            return new WriteResult(outcomes);
          }

          @Override
          public void close() {}
        };
    boolean needsKey = row.info().auth() == FeedInfo.Auth.KEY;
    try (FeedOrigin origin = FeedOrigin.start()) {
      origin.on(OriginClient.path(row.location()), reply);
      FetchContext context =
          FetchContext.builder(Usage.NON_COMMERCIAL)
              .httpClient(new OriginClient(origin))
              .secrets(name -> needsKey ? Optional.of("5ecret") : Optional.empty())
              .build();
      return new Run(
          FeedSync.builder()
              .sink(sink)
              .context(context)
              .build()
              .run(List.of(row.feed(null)))
              .feeds()
              .get(0),
          ids);
    }
  }
}
