// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package embedder;

import dev.tip.Confidence;
import dev.tip.CyberObservable;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.HttpFeed;
import dev.tip.feed.Terms;
import dev.tip.format.Lines;
import dev.tip.testkit.FeedContract;
import java.net.URI;
import java.util.List;
import java.util.stream.IntStream;

/** The contract, extended by somebody outside of the kit. */
class NamesContract extends FeedContract {
  private static final URI PAGE = URI.create("https://feed.example/about");
  private static final FeedInfo INFO =
      FeedInfo.builder("embedder-names")
          .provider("Embedder")
          .reference(PAGE)
          .role(FeedInfo.Role.C2)
          .coverage(FeedInfo.Coverage.SNAPSHOT)
          .confidence(Confidence.MEDIUM)
          .types(CyberObservable.Type.DOMAIN_NAME)
          .terms(new Terms("free to use", PAGE, true, true, null))
          .build();

  @Override
  protected Feed feedAt(URI address) {
    return HttpFeed.builder(INFO)
        .location(address.toString())
        .plainHttp()
        .parser(
            Lines.of(
                line -> line.indicator(CyberObservable.domainName(line.value().toString()))))
        .build();
  }

  @Override
  protected List<String> goodRecords() {
    return IntStream.range(0, 12).mapToObj(i -> "host" + i + ".example").toList();
  }

  @Override
  protected String badRecord() {
    return "no name at all";
  }
}
