// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package embedder;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.tip.elastic.ElasticsearchSink;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.Feeds;
import dev.tip.rules.ThreatMatchRules;
import dev.tip.sink.IndicatorSinkProvider;
import java.io.PrintWriter;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Says what of tip it can reach. */
final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.out.println("module " + ElasticsearchSink.class.getModule().getName());
    System.out.println("feeds " + Feeds.installed(FeedSettings.defaults()).size());
    TreeSet<String> sinks = new TreeSet<>();
    ServiceLoader.load(IndicatorSinkProvider.class).forEach(sink -> sinks.add(sink.name()));
    System.out.println("sinks " + sinks);
    System.out.println(
        "rules " + ThreatMatchRules.standard(ThreatMatchRules.Options.defaults()).size());

    SummaryGeneratingListener contract = new SummaryGeneratingListener();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(NamesContract.class))
                .build(),
            contract);
    contract.getSummary().printFailuresTo(new PrintWriter(System.out, true));
    System.out.println(
        "contract "
            + contract.getSummary().getTestsSucceededCount()
            + " of "
            + contract.getSummary().getTestsFoundCount());
  }
}
