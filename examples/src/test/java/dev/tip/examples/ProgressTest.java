// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tip.CyberObservable;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedException;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedOutcome;
import dev.tip.feed.FetchContext;
import dev.tip.feed.FetchResult;
import dev.tip.feed.FetchState;
import dev.tip.feed.Terms;
import dev.tip.feed.Usage;
import dev.tip.sink.IndicatorSink;
import dev.tip.sync.FeedReport;
import dev.tip.sync.FeedSync;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final StringWriter text = new StringWriter();
  private final PrintWriter out = new PrintWriter(text);
  private long now;

  @Test
  void withoutATerminalThereAreNoEscapes() throws Exception {
    Progress progress = new Progress.Plain(out, () -> now);
    progress.feedStarted("a");
    progress.progress("a", 5000);
    progress.feedFinished(report("a"));
    assertThat(text.toString()).startsWith("a: GONE, 0 records, ").hasLineCount(1);
  }

  @Test
  void longFeedSaysEveryTenSecondsHowFarItIs() {
    Progress progress = new Progress.Plain(out, () -> now);
    progress.feedStarted("a");
    for (int second = 0; second <= 21; second++) {
      now = TimeUnit.SECONDS.toNanos(second);
      progress.progress("a", second * 100L);
    }
    assertThat(text.toString().lines())
        .containsExactly("a: 1000 records read", "a: 2000 records read");
  }

  @Test
  void terminalShowsALineForEachFeedAtWorkAndDrawsOverIt() throws Exception {
    Progress progress = new Progress.Live(out, 80, () -> now);
    progress.feedStarted("a");
    progress.feedStarted("b");
    text.getBuffer().setLength(0);
    now = TimeUnit.SECONDS.toNanos(1);
    progress.settled("b", 2000);
    assertThat(text.toString())
        .isEqualTo("\u001b[2A\u001b[Ja: fetching\nb: 2000 changes settled\n");
    text.getBuffer().setLength(0);
    progress.feedFinished(report("a"));
    assertThat(text.toString())
        .startsWith("\u001b[2A\u001b[Ja: GONE")
        .endsWith("\nb: 2000 changes settled\n");
  }

  @Test
  void terminalIsNotDrawnMoreThanTenTimesASecond() {
    Progress progress = new Progress.Live(out, 80, () -> now);
    progress.feedStarted("a");
    text.getBuffer().setLength(0);
    for (int i = 0; i < 1000; i++) {
      now = TimeUnit.MILLISECONDS.toNanos(i);
      progress.progress("a", i);
    }
    assertThat(text.toString().lines().count()).isLessThanOrEqualTo(10);
  }

  @Test
  void lineIsCutSoThatItDoesNotWrap() {
    Progress progress = new Progress.Live(out, 40, () -> now);
    progress.feedStarted("a".repeat(60));
    assertThat(text.toString()).isEqualTo("a".repeat(39) + "\n");
  }

  @Test
  void onlyATerminalOfSomeWidthGetsMovingLines() {
    assertThat(Progress.on(out, columns("120"))).isInstanceOf(Progress.Live.class);
    assertThat(Progress.on(out, columns("0"))).isInstanceOf(Progress.Plain.class);
    assertThat(Progress.on(out, columns("wide"))).isInstanceOf(Progress.Plain.class);
    assertThat(Progress.on(out, new Properties())).isInstanceOf(Progress.Plain.class);
  }

  private static Properties columns(String value) {
    Properties properties = new Properties();
    properties.setProperty(Progress.COLUMNS, value);
    return properties;
  }

  private static FeedReport report(String id) throws IOException, InterruptedException {
    URI page = URI.create("https://feed.example/");
    FeedInfo info =
        FeedInfo.builder(id)
            .provider("Example")
            .reference(page)
            .role(FeedInfo.Role.C2)
            .coverage(FeedInfo.Coverage.SNAPSHOT)
            .types(CyberObservable.Type.DOMAIN_NAME)
            .terms(new Terms("free to use", page, true, true, null))
            .build();
    Feed gone =
        new Feed() {
          @Override
          public FeedInfo info() {
            return info;
          }

          @Override
          public FetchResult fetch(FetchContext context, @Nullable FetchState last)
              throws IOException {
            throw FeedException.of(id, FeedOutcome.GONE, "it is gone", null);
          }
        };
    try (IndicatorSink sink = new OwnSink()) {
      return FeedSync.builder()
          .sink(sink)
          .context(FetchContext.builder(Usage.COMMERCIAL).build())
          .build()
          .run(List.of(gone))
          .feeds()
          .get(0);
    }
  }
}
